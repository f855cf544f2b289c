"""The form keeps its time: with JavaScript as it opens, without as soon as it is sent."""

import pytest

from gateway.web.keys import LIMITS
from tests.web.site import hidden, make_site, text
from tests.web.test_booking_pages import PAGE, TEN, TYPED, form


@pytest.fixture
async def other(aiohttp_client, office, outside):
    """Another visitor's browser."""
    return await aiohttp_client(make_site(office, outside))


async def place(client, start=TEN):
    return await client.post(f"{PAGE}/hold", data={"start": start, "zone": "UTC"})


async def test_what_one_holds_the_other_does_not_see(client, other):
    answer = await place(client)
    cookie = answer.cookies["hold"]
    assert (answer.status, cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (204, True, "Lax", "300")
    assert (await place(other)).status == 409
    assert "Somebody was faster" in await text(await other.get(PAGE, params={"start": TEN}))
    assert "data-hold" in await text(await client.get(PAGE, params={"start": TEN}))
    refused = await other.post(PAGE, data={**await form(other, "2026-11-24T10:00:00Z"), **TYPED, "start": TEN})
    assert refused.status == 409


async def test_whoever_holds_it_books_it(client, office):
    await place(client)
    answer = await client.post(PAGE, data={**await form(client), **TYPED}, allow_redirects=False)
    assert (answer.status, len(office.rows())) == (303, 1)


async def test_a_form_with_a_mistake_keeps_its_time(client, other):
    fields, theirs = await form(client), await form(other)
    await text(await client.post(PAGE, data={**fields, **TYPED, "email": "joerg"}), 422)
    assert (await other.post(PAGE, data={**theirs, **TYPED})).status == 409
    html = await text(await client.post(PAGE, data={**fields, **TYPED, "email": "joerg"}), 422)
    assert hidden(html)["start"] == TEN


async def test_a_mistake_in_a_form_whose_time_is_held_meanwhile(client, other):
    fields = await form(client)
    await place(other)
    html = await text(await client.post(PAGE, data={**fields, **TYPED, "email": "joerg"}), 409)
    assert "Somebody was faster" in html
    assert "J\u00f6rg M\u00fcller" in html


async def test_one_network_cannot_hold_a_whole_calendar(client):
    limits = client.app[LIMITS].held
    for _ in range(limits.burst):
        limits.take("127.0.0.1")
    answer = await place(client)
    assert (answer.status, "hold" in answer.cookies) == (204, False)


async def test_other_sites_cannot_hold(client):
    answer = await client.post(f"{PAGE}/hold", data={"start": TEN}, headers={"Origin": "https://evil.example"})
    assert answer.status == 403
    assert (await client.post(f"{PAGE}/hold", data={"start": "soon"})).status == 204
