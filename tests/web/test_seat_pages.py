"""Seats on the pages: how many are left, what a party sees of others, what a host moves and cancels."""

import pytest

from gateway.booking.model import details
from gateway.store import bookings
from tests.web.site import hidden, text
from tests.web.test_booking_pages import TYPED, form, parts

PATH = "/alice/workshop"
NAMES = ("Ines Falk", "Ben Okoro", "Cem Aydin")


def set_kind(office, **more):
    kind = {"title": "Workshop", "length": 60, "seats": 4, "show_seats": True, **more}
    office.db.write_now(bookings.put_event_type, office.alice.id, "workshop", kind)


@pytest.fixture
def kind(office):
    set_kind(office)


async def three(client):
    found = []
    for name in NAMES:
        typed = {**TYPED, "name": name, "email": f"{name.split()[0].lower()}@example.net"}
        answer = await client.post(PATH, data={**await form(client, path=PATH), **typed}, allow_redirects=False)
        assert answer.status == 303, await answer.text()
        path, query = parts(answer.headers["Location"])
        found.append((path, query["token"]))
    return found


async def test_the_page_tells_how_many_seats_are_left(client, kind):
    await three(client)

    for view in ("", "week", "list"):
        html = await text(await client.get(PATH, params={"date": "2026-11-24", "zone": "Europe/Berlin", "view": view}))
        assert "<small>1 seat left</small>" in html
        assert "<small>4 seats left</small>" in html
    assert "1 seat left" in await text(await client.get(PATH, params={"start": "2026-11-24T09:00:00Z"}))
    german = await text(await client.get(PATH, params={"date": "2026-11-24", "lang": "de"}))
    assert "noch 1 Platz<" in german


async def test_nothing_is_told_unless_it_is_to_be(client, office):
    set_kind(office, show_seats=False)
    [first, *_] = await three(client)

    assert "left" not in (await text(await client.get(PATH, params={"date": "2026-11-24"}))).replace("-left", "")
    html = await text(await client.get(first[0], params={"token": first[1]}))
    assert "Ines Falk" in html
    assert "Okoro" not in html
    ics = await text(await client.get(f"{first[0]}/invite.ics", params={"token": first[1]}))
    assert "ben@" not in ics
    assert "cem@" not in ics


async def test_names_alone_are_shown_where_the_event_type_says_so(client, office):
    set_kind(office, show_attendees=True)
    [first, *_] = await three(client)

    assert "sees the names" in await text(await client.get(PATH, params={"start": "2026-11-24T09:00:00Z"}))
    html = await text(await client.get(first[0], params={"token": first[1]}))
    assert "With you" in html
    assert "Ben Okoro" in html
    assert "ben@" not in html


async def test_a_host_sees_moves_and_cancels_all(client, office, kind):
    [(path, _), *_] = await three(client)
    token = office.desk.sealer.open(details(office.rows()[0]).host_token.encode())
    html = await text(await client.get(path, params={"token": token}))
    assert "cem@example.net" in html

    start = "2026-11-25T12:00:00Z"
    question = await text(await client.get(path, params={"token": token, "move": "1", "start": start}))
    assert "It moves for everybody" in question
    await text(await client.post(path, data=hidden(question)))
    assert len({row.start for row in office.rows()}) == 1

    question = await text(await client.get(path, params={"token": token, "cancel": "1"}))
    assert "For all 2 others too" in question
    await text(await client.post(path, data={**hidden(question), "whole": "yes"}))
    assert [row.status for row in office.rows()] == ["cancelled"] * 3


async def test_an_invitee_is_not_asked_about_others(client, office, kind):
    [(path, token), *_] = await three(client)
    question = await text(await client.get(path, params={"token": token, "cancel": "1"}))
    assert "whole" not in question
    await text(await client.post(path, data={**hidden(question), "whole": "yes"}))
    assert sorted(row.status for row in office.rows()) == ["accepted", "accepted", "cancelled"]
