"""Secret links: made, followed, used up, over, revoked."""

import asyncio

import pytest

from gateway.accounts.people import add_team
from gateway.booking.book import book
from gateway.booking.links import LinkWish, make, path
from gateway.errors import BackendUnavailable, LinkOver, NotFound, RefusedByProvider
from gateway.store import bookings, links, principals, teams
from tests.booking.office import NOW, at, wish
from tests.web.site import hidden, sign_in, text
from tests.web.test_booking_pages import TEN, TYPED
from tests.web.test_options import PATH, offer

__all__ = ["offer"]


async def made(office, **more):
    return path(office.desk, await make(office.desk, office.alice, LinkWish("optional", **more)))


async def send(client, link, **more):
    page = await text(await client.get(link, params={"start": TEN, "zone": "Europe/Berlin"}))
    return await client.post(link, data={**hidden(page), **TYPED, **more}, allow_redirects=False)


async def test_it_leads_to_the_usual_page_and_is_good_once(client, office, offer):
    offer(links_only=True)
    assert (await client.get(PATH)).status == 404
    assert "Optional" not in await text(await client.get("/alice"))
    assert (await client.post(PATH, data={**TYPED, "start": TEN})).status == 404
    link = await made(office, name="Jo <Doe>", email="jo@example.com", note="Hi")
    assert f"{link}?" in await text(await client.get(link))
    page = await text(await client.get(link, params={"start": TEN}))
    assert ('value="Jo &lt;Doe&gt;"' in page, 'value="jo@example.com"' in page, ">Hi<" in page) == (True, True, True)
    assert (await send(client, link)).status == 303

    over = await text(await client.get(link), 410)
    assert "This link is over" in over
    german = await client.get(link, headers={"Accept-Language": "de"})
    assert "Dieser Link gilt nicht mehr" in await text(german, 410)
    assert len(office.rows()) == 1


async def test_the_same_form_again_leads_to_the_same_booking(client, office, offer):
    offer()
    link = await made(office)
    data = {**hidden(await text(await client.get(link, params={"start": TEN}))), **TYPED}
    answers = [await client.post(link, data=data, allow_redirects=False) for _ in range(2)]
    assert [one.status for one in answers] == [303, 303]
    assert len({one.headers["Location"] for one in answers}) == 1


async def test_twenty_at_once_are_one(office, offer):
    offer()
    secret = (await made(office)).removeprefix("/link/")
    starts = [f"2026-11-{day} {clock:02}:00" for day in (24, 25) for clock in range(9, 17) if clock != 12][:20]
    wishes = [wish(start, email=f"a{n}@example.org", link=secret) for n, start in enumerate((starts * 2)[:20])]
    told = await asyncio.gather(
        *(book(office.desk, "alice", "optional", one) for one in wishes), return_exceptions=True
    )
    assert sum(not isinstance(one, Exception) for one in told) == 1
    assert any(isinstance(one, LinkOver) for one in told)
    assert len(office.rows()) == 1


async def test_several_uses_and_a_day_until_which_it_is_good(client, office, offer):
    offer()
    link = await made(office, uses=2, expires=NOW + 3600)
    assert (await send(client, link)).status == 303
    office.now = NOW + 3599
    page = await text(await client.get(link, params={"start": "2026-11-24T10:00:00Z"}))
    office.now = NOW + 3600
    assert (await client.get(link)).status == 410
    assert (await client.post(link, data={**hidden(page), **TYPED})).status == 410
    assert len(office.rows()) == 1


async def test_a_booking_that_comes_to_nothing_gives_the_use_back(office, offer):
    shelf = office.connect()
    offer()
    secret = (await made(office)).removeprefix("/link/")
    shelf.faults = [RefusedByProvider("no")]
    with pytest.raises(BackendUnavailable):
        await book(office.desk, "alice", "optional", wish(link=secret))
    assert [one.used for one in office.db.read_now(links.of_user, office.alice.id)] == [0]


async def test_it_is_good_for_its_own_event_type_alone(office, offer):
    offer()
    secret = (await made(office)).removeprefix("/link/")
    with pytest.raises(LinkOver):
        await book(office.desk, "alice", "check-in", wish(link=secret))
    offer(links_only=True)
    with pytest.raises(NotFound):
        await book(office.desk, "alice", "optional", wish())


async def test_made_shown_and_revoked_on_its_page(client, office, offer):
    offer()
    await sign_in(client)
    page = await text(await client.get("/app/links"))
    data = {**hidden(page), "event_type": "optional", "label": "For <Jo>", "uses": "1", "expires": "2026-11-30"}
    for wrong, field in (
        ({"uses": "0"}, "uses"),
        ({"expires": "2026-11-20"}, "expires"),
        ({"event_type": "x"}, "event_type"),
        ({"label": "a\x07"}, "label"),
    ):
        assert f'id="e-{field}"' in await text(await client.post("/app/links", data={**data, **wrong}), 422)
    page = await text(await client.post("/app/links", data=data))
    [row] = office.db.read_now(links.of_user, office.alice.id)
    assert (row.label, row.expires) == ("For <Jo>", at("2026-12-01 00:00"))
    link = path(office.desk, row)
    assert ("For &lt;Jo&gt;" in page, link in page, "Good for 1 booking" in page) == (True, True, True)
    assert row.secret not in page
    assert (await client.get(link)).status == 200
    await text(await client.post(f"/app/links/{row.id}", data=hidden(page)))
    assert (await client.get(link)).status == 404


async def test_one_to_what_a_team_offers_by_links_alone(client, office):
    """Who makes it is in the team; whoever has it books with whose turn it is."""

    def fill(conn):
        bob = principals.by_name(conn, "bob")
        team = add_team(
            conn,
            "sales",
            "sales@example.com",
            displayname="Sales",
            members=[office.alice.id, bob.id],
            zone="UTC",
            now=NOW,
        )
        teams.put(conn, team, office.alice.id, teams.ADMIN)
        bookings.put_event_type(conn, team, "demo", {"title": "Demo", "mode": "round_robin", "links_only": True})

    office.db.write_now(fill)
    await sign_in(client)
    page = await text(await client.get("/app/links"))
    assert '<option value="sales/demo">Demo · Sales</option>' in page
    data = {**hidden(page), "event_type": "sales/demo", "uses": "1"}
    page = await text(await client.post("/app/links", data=data))
    [row] = office.db.read_now(links.of_user, office.person("sales").id)
    link = path(office.desk, row)
    assert link in page
    assert "<strong>Demo · Sales</strong>" in page
    assert (await client.post("/app/links", data={**data, "event_type": "legal/demo"})).status == 404
    assert "With one of the team" in await text(await client.get(link))
    assert (await send(client, link)).status == 303
    assert (await client.get(link)).status == 410
    await text(await client.post(f"/app/links/{row.id}", data=hidden(page)))
    assert office.db.read_now(links.of_user, office.person("sales").id) == []


async def test_there_is_no_such_link(client):
    assert (await client.get("/link/abc")).status == 404
    assert (await client.post("/link/abc", data=TYPED)).status == 404
