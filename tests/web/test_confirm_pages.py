"""Asking for a time, and the host's answer by a link in a mail."""

import pytest

from gateway.booking.model import details
from gateway.store import bookings
from tests.booking.office import at
from tests.web.site import hidden, sign_in, text
from tests.web.test_booking_pages import TYPED, form, parts

PATH = "/alice/asked"


@pytest.fixture
async def asked(client, office):
    """(path, host's token, invitee's page after asking)"""
    office.db.write_now(bookings.put_event_type, office.alice.id, "asked", {"title": "Asked", "confirmation": {}})
    answer = await client.post(PATH, data={**await form(client, path=PATH), **TYPED}, allow_redirects=False)
    path, query = parts(answer.headers["Location"])
    [row] = office.rows()
    token = office.desk.sealer.open(details(row).host_token.encode())
    return path, token, await text(await client.get(path, params=query)), query["token"]


async def test_the_form_says_that_it_asks(client, office, asked):
    html = await text(await client.get(PATH, params={"start": "2026-11-25T09:00:00Z"}))
    assert "Ask for this time" in html
    assert "Your request is on its way" in asked[2]
    assert "Confirm" not in asked[2]
    assert (await client.get(f"{asked[0]}/invite.ics", params={"token": asked[3]})).status == 404


async def test_a_link_shows_and_only_a_form_acts(client, office, asked):
    path, token, _, _ = asked
    question = await text(await client.get(path, params={"token": token, "confirm": "1"}))
    assert "Confirm this appointment?" in question
    assert [row.status for row in office.rows()] == ["pending"]

    html = await text(await client.post(path, data=hidden(question)))
    assert "This appointment is confirmed" in html
    assert [row.status for row in office.rows()] == ["accepted"]


async def test_declining_with_a_reason(client, office, asked):
    path, token, _, theirs = asked
    question = await text(await client.get(path, params={"token": token, "decline": "1", "lang": "de"}))
    assert "Diesen Termin ablehnen?" in question
    await text(await client.post(path, data={**hidden(question), "reason": "Urlaub"}))
    [row] = office.rows()
    assert (row.status, details(row).reason) == ("declined", "Urlaub")
    assert "Dieser Termin ist abgelehnt" in await text(await client.get(path, params={"token": theirs}))


async def test_an_invitees_link_cannot_confirm(client, office, asked):
    path, _, _, theirs = asked
    html = await text(await client.get(path, params={"token": theirs, "confirm": "1"}))
    assert "Confirm the appointment" not in html
    await text(await client.post(path, data={"token": theirs, "do": "confirm"}), 404)
    assert [row.status for row in office.rows()] == ["pending"]


async def test_the_host_finds_it_when_signed_in(client, asked):
    await sign_in(client)
    html = await text(await client.get("/app", params={"lang": "en"}))
    assert "Waits for your answer" in html
    assert asked[1] in html


async def test_a_host_who_moves_it_agrees(client, office, asked):
    path, token, _, _ = asked
    data = {"token": token, "do": "move", "start": "2026-11-25T09:00:00Z", "zone": "Europe/Berlin"}
    await text(await client.post(path, data=data))
    assert [(row.status, row.start) for row in office.rows()] == [("accepted", at("2026-11-25 10:00"))]
