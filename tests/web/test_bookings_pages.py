"""What hosts see of their bookings and do with them."""

import csv
import io
import re
from html import unescape

import pytest

from gateway.booking.book import book
from gateway.booking.model import details
from gateway.ical.objects import read_lenient
from gateway.store import bookings, taken
from gateway.store.database import Connection
from gateway.store.schema import MEMBERSHIPS
from tests.booking.office import at, wish
from tests.booking.team import Team
from tests.web.site import hidden, sign_in, text

DIGITS = str.maketrans("", "", "- :")


@pytest.fixture
def team(office):
    return Team(office)


async def made(office, slug="one-on-one", host="alice", **more):
    return await book(office.desk, host, slug, wish(**more))


def titles(html):
    return re.findall(r'aria-label="Open: ([^"]+)"', html)


async def act(client, row, what, **fields):
    html = await text(await client.get(f"/app/bookings/{row.uid}"))
    return await client.post(
        f"/app/bookings/{row.uid}", data={"csrf": hidden(html)["csrf"], "do": what, **fields}, allow_redirects=False
    )


def lead(conn: Connection, person: int) -> None:
    conn.execute(MEMBERSHIPS.update().where(MEMBERSHIPS.c.user_id == person).values(role="admin"))


async def test_bookings_are_on_their_tabs_and_found(client, office):
    await made(office)
    ended = await made(office, start="2026-11-25 10:00", name="Zoe Park", email="zoe@example.org")
    await sign_in(client)
    assert len(titles(await text(await client.get("/app/bookings")))) == 2
    await text(await act(client, ended.row, "cancel", reason="Ill"), 303)
    assert len(titles(await text(await client.get("/app/bookings")))) == 1
    html = await text(await client.get("/app/bookings", params={"tab": "cancelled"}))
    assert ("Zoe Park" in html, "“Ill”" in html) == (True, True)
    for query, count in (("muller", 1), ("zoe", 0), ("gesprach", 1), ("%", 0)):
        html = await text(await client.get("/app/bookings", params={"q": query}))
        assert len(titles(html)) == count, query
    html = await text(await client.get("/app/bookings", params={"tab": "<x>", "after": "1", "type": "-1", "team": "x"}))
    assert len(titles(html)) == 1


async def test_long_lists_go_on_behind_the_last_one(client, office):
    starts = [f"2026-11-{day} {9 + at_ // 4:02}:{at_ % 4 * 15:02}" for day in (24, 25) for at_ in range(26)]
    for start in starts:
        await made(office, "check-in", start=start, email=f"n{start.translate(DIGITS)}@example.org")
    await sign_in(client)
    seen, path, pages = [], "/app/bookings", 0
    while path:
        html, pages = await text(await client.get(path)), pages + 1
        seen += re.findall(r"n(\d+)@example", html)
        [path] = [unescape(one) for one in re.findall(r'href="([^"]+)" rel="nofollow next"', html)] or [""]
    assert (seen, pages) == ([start.translate(DIGITS) for start in starts], 2)


async def test_what_is_listed_comes_as_files(client, office):
    await made(office, name="=HYPERLINK(1)", email="h@example.org", note="@SUM(A1)\n+1")
    ended = await made(office, start="2026-11-25 10:00")
    await sign_in(client)
    answer = await client.get("/app/bookings.csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    raw = await answer.read()
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"))))
    assert rows[0][:3] == ["Begin", "End", "Status"]
    assert rows[1][:5] == ["2026-11-24 10:00", "2026-11-24 10:30", "Confirmed", "Gespräch", "'=HYPERLINK(1)"]
    assert rows[1][8] == "'@SUM(A1)\n+1"
    await text(await act(client, ended.row, "cancel"), 303)
    for tab, status in (("upcoming", "CONFIRMED"), ("cancelled", "CANCELLED")):
        answer = await text(await client.get("/app/bookings.ics", params={"tab": tab}))
        [one] = read_lenient(answer).components
        assert (one.text("STATUS"), answer.count("BEGIN:VEVENT")) == (status, 1)
    assert "BEGIN:VCALENDAR" in await text(await client.get("/app/bookings.ics", params={"tab": "past"}))


async def test_a_booking_is_shown_whole_and_escaped(client, office):
    booked = await made(office, "consulting", answers={"topic": "<i>CalDAV</i>"}, note="<b>bold</b>", place="+49 30 1")
    await sign_in(client)
    html = await text(await client.get(f"/app/bookings/{booked.row.uid}"))
    assert "<b>bold" not in html
    assert "<i>CalDAV" not in html
    for words in ("&lt;b&gt;bold&lt;/b&gt;", "&lt;i&gt;CalDAV", "Topic", "+49 30 1", "What happened", "Booked"):
        assert words in html
    assert booked.token not in html


async def test_nobody_came(client, office):
    booked = await made(office)
    await sign_in(client)
    assert (await act(client, booked.row, "no-show")).status == 422
    office.now = at("2026-11-24 10:20")
    await text(await act(client, booked.row, "no-show"), 303)
    row = office.db.read_now(bookings.by_uid, booked.row.uid)
    assert details(row).no_show
    html = await text(await client.get(f"/app/bookings/{row.uid}"))
    assert ("They came after all" in html, "Alice Hartmann" in html.partition("h-history")[2]) == (True, True)
    await text(await act(client, booked.row, "came"), 303)
    assert not details(office.db.read_now(bookings.by_uid, row.uid)).no_show


async def test_a_note_is_kept_and_a_bad_one_refused_at_its_field(client, office):
    booked = await made(office)
    await sign_in(client)
    await text(await act(client, booked.row, "note", note="Bring\r\nthe contract"), 303)
    row = office.db.read_now(bookings.by_uid, booked.row.uid)
    assert details(row).host_note == "Bring\nthe contract"
    html = await text(await act(client, booked.row, "note", note="bell \x07"), 422)
    assert 'aria-invalid="true"' in html
    html = await text(await client.get(f"/booking/{row.uid}", params={"token": booked.token}))
    assert "the contract" not in html


async def test_it_is_handed_over(client, office, team):
    booked = await made(office, "intro", "sales", start="2026-11-24 15:00")
    await sign_in(client)
    html = await text(await client.get(f"/app/bookings/{booked.row.uid}"))
    assert re.findall(r'name="new" value="(\w+)" required( checked)?', html) == [("bob", " checked"), ("carol", "")]
    answer = await act(client, booked.row, "reassign", old="alice", new="bob")
    assert (answer.status, answer.headers["Location"]) == (303, "/app/bookings")
    assert (await client.get(f"/app/bookings/{booked.row.uid}")).status == 404
    assert office.db.read_now(taken.hosts_of, booked.row.id) == [team.people["bob"].id]


async def test_who_leads_a_team_sees_its_bookings_and_nothing_else_of_its_people(client, office, team):
    ours = await made(office, "intro", "sales", start="2026-11-24 15:00")
    private = await made(office, start="2026-11-25 11:00")
    office.db.write_now(bookings.put_event_type, team.people["bob"].id, "own", {"title": "Own", "length": 15})
    bobs = await made(office, "own", "bob", start="2026-11-26 11:00")
    await sign_in(client)
    assert 'id="f-team"' not in await text(await client.get("/app/bookings"))
    office.db.write_now(lead, office.alice.id)
    html = await text(await client.get("/app/bookings", params={"team": "sales"}))
    assert len(titles(html)) == 1
    html = await text(await client.get("/app/bookings", params={"team": "sales", "host": "bob"}))
    assert titles(html) == []
    await text(await act(client, ours.row, "reassign", old="alice", new="bob"), 303)
    html = await text(await client.get("/app/bookings", params={"team": "sales", "host": "bob"}))
    assert len(titles(html)) == 1
    assert (await client.get(f"/app/bookings/{ours.row.uid}")).status == 200
    assert (await client.get(f"/app/bookings/{private.row.uid}")).status == 200
    assert (await client.get(f"/app/bookings/{bobs.row.uid}")).status == 404
