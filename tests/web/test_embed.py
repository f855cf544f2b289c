"""Whom pages let show them inside their own."""

import re

import pytest

from gateway.booking.model import read_event_type
from gateway.store import bookings
from tests.web.site import hidden, text
from tests.web.test_booking_pages import PAGE, TEN, TYPED, parts


def ancestors(answer):
    return re.search("frame-ancestors ([^;]*)", answer.headers["Content-Security-Policy"])[1]


@pytest.mark.parametrize(
    ("origins", "allowed"),
    [
        (["*"], "*"),
        (["https://shop.example", "https://*.shop.example"], "'self' https://shop.example https://*.shop.example"),
        ([], "'none'"),
    ],
)
async def test_event_types_list_them(client, office, origins, allowed):
    office.db.write_now(bookings.put_event_type, office.alice.id, "talk", {"title": "Talk", "embed": origins})
    for query in ({}, {"start": TEN}, {"choose": "zone"}, {"view": "week"}):
        assert ancestors(await client.get("/alice/talk", params={"embed": "1", **query})) == allowed
        assert ancestors(await client.get("/alice/talk", params=query)) == "'none'"


async def test_nothing_else_is_shown_inside_others(client):
    for path in ("/", "/alice", "/app/login", "/nobody", "/booking/x"):
        assert ancestors(await client.get(path, params={"embed": "1"}, allow_redirects=False)) == "'none'"


async def test_the_way_through_stays_inside(client):
    inside = {"embed": "1", "theme": "dark"}
    page = await text(await client.get(PAGE, params={"start": TEN, **inside}))
    assert '<html lang="en" data-theme="dark">' in page
    [action] = re.findall(r'action="([^"]+)"', page)
    wrong = await client.post(action.replace("&amp;", "&"), data={**hidden(page), "name": ""})
    assert (wrong.status, ancestors(wrong)) == (422, "*")
    client.session.cookie_jar.clear()  # as if they were blocked
    again = await text(wrong, 422)
    assert hidden(again)["visitor"] == hidden(page)["visitor"]
    answer = await client.post(action.replace("&amp;", "&"), data={**hidden(again), **TYPED}, allow_redirects=False)
    path, query = parts(answer.headers["Location"])
    assert (query["embed"], query["theme"]) == ("1", "dark")
    booked = await client.get(path, params=query)
    assert ancestors(booked) == "*"
    assert 'data-booked="accepted"' in await text(booked)


@pytest.mark.parametrize("origin", ["https://x.example; script-src *", "x.example", "https://x.example/path", "'self'"])
async def test_what_is_no_origin_is_refused(origin):
    with pytest.raises(ValueError, match="embed"):
        read_event_type({"title": "Talk", "embed": [origin]})


async def test_the_script_is_small_and_kept(client):
    answer = await client.get("/embed.js")
    assert len(await answer.read()) <= 2048
    assert (answer.content_type, answer.headers["Cache-Control"]) == ("text/javascript", "public, max-age=3600")


async def test_pages_say_what_they_are_to_those_who_link_them(client, office):
    page = await text(await client.get(PAGE))
    base = office.settings.server.base_url
    assert f'<link rel="canonical" href="{base}{PAGE}">' in page
    assert '<meta property="og:title" content="One-on-one · Alice Hartmann">' in page
    assert '<meta name="description" content="Half an hour.">' in page
    assert "noindex" not in page
    for path in ("/alice/never", f"{PAGE}?start={TEN}", f"{PAGE}?choose=zone"):
        assert '<meta name="robots" content="noindex">' in await text(await client.get(path))
