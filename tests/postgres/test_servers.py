"""Two servers on one database: what people and their programs see, and what many at once may do to one thing."""

import asyncio
from collections import Counter
from xml.etree import ElementTree

import pytest

from gateway.store import bookings, members, principals
from tests.dav.test_freebusy import request
from tests.whole import MERGED, Reply, Whole, event

Wholes = tuple[Whole, Whole]
FREEBUSY = "/dav/calendars/bob/outbox/"
SLOT = {"start": "2026-11-25T09:00:00Z", "zone": "Europe/Berlin", "place": ""}
TYPE = {"title": "Check-in", "length": 30}


def hrefs(reply: Reply) -> dict[str, bool]:
    """Name -> whether it is there."""
    assert reply.status == 207
    return {
        (one.findtext("{DAV:}href") or "").removeprefix(MERGED): "404" not in (one.findtext("{DAV:}status") or "")
        for one in ElementTree.fromstring(reply.body).findall("{DAV:}response")
    }


async def sync(whole: Whole, token: str = "") -> tuple[dict[str, bool], str]:
    inner = f"<D:sync-token>{token}</D:sync-token><D:prop><D:getetag/></D:prop>"
    reply = await whole.report("D:sync-collection", inner)
    return hrefs(reply), ElementTree.fromstring(reply.body).findtext("{DAV:}sync-token") or ""


async def receptive(whole: Whole) -> int:
    """Alice can be booked; her id."""
    alice = await whole.parts.db.read(principals.by_name, "alice")
    await whole.parts.db.write(bookings.put_event_type, alice.id, "check-in", TYPE)
    return alice.id


def form(number: int) -> dict[str, str]:
    who = {"name": f"Guest {number}", "email": f"guest{number}@example.org", "key": f"{number:032}"}
    return {**SLOT, **who}


async def test_a_day_with_one_server_and_the_other(wholes: Wholes) -> None:
    one, other = wholes
    reply, cookie = await one.sign_in("alice")
    assert reply.status == 303
    assert (await other("GET", "/app", user=None, Cookie=cookie)).status == 200
    before = (await sync(other))[1]

    assert (await one.put("a.ics", event("a"))).status == 201
    found, token = await sync(other, before)
    assert found == {"a.ics": True}
    span = '<C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT">{}</C:comp-filter></C:comp-filter>'
    range_ = '<C:time-range start="20261124T093000Z" end="20261124T094500Z"/>'
    inner = f"<D:prop><C:calendar-data/></D:prop><C:filter>{span.format(range_)}</C:filter>"
    listed = await other.report("C:calendar-query", inner)
    assert hrefs(listed) == {"a.ics": True}
    assert "UID:a" in listed.text

    asked = request("mailto:alice@example.com", organizer="mailto:bob@example.com")
    answer = await other("POST", FREEBUSY, asked, user="bob", Content_Type="text/calendar")
    assert "FREEBUSY:20261124T090000Z/20261124T100000Z" in answer.text

    await receptive(one)
    page = await other("GET", f"/alice/check-in?start={SLOT['start']}", user=None)
    assert page.status == 200
    assert f'value="{SLOT["start"]}"' in page.text
    booked = await other.form("/alice/check-in", **form(1))
    assert booked.status == 303
    assert (await one("GET", booked.headers["location"], user=None)).status == 200
    assert (await one.form("/alice/check-in", **form(2))).status == 409
    found, _ = await sync(one, token)
    assert list(found.values()) == [True]
    times = await one.report("C:free-busy-query", '<C:time-range start="20261125T000000Z" end="20261126T000000Z"/>')
    assert "FREEBUSY:20261125T090000Z/20261125T093000Z" in times.text


async def test_one_of_forty_makes_the_object(wholes: Wholes) -> None:
    puts = (
        wholes[number % 2].put("a.ics", event("a", f"LOCATION:{number}"), If_None_Match="*") for number in range(40)
    )
    replies = await asyncio.gather(*puts)
    assert Counter(reply.status for reply in replies) == {201: 1, 412: 39}
    winner = [reply.status for reply in replies].index(201)
    assert f"LOCATION:{winner}\r\n" in (await wholes[0]("GET", f"{MERGED}a.ics")).text


@pytest.mark.parametrize("guests", [(), ("ORGANIZER:mailto:alice@example.com", "ATTENDEE:mailto:bob@example.com")])
async def test_one_of_forty_changes_what_they_all_have_read(wholes: Wholes, guests: tuple[str, ...]) -> None:
    await wholes[0].put("a.ics", event("a", *guests))
    etag = (await wholes[0]("GET", f"{MERGED}a.ics")).headers["etag"]
    puts = (
        wholes[number % 2].put("a.ics", event("a", f"LOCATION:{number}", *guests), If_Match=etag)
        for number in range(40)
    )
    statuses = [reply.status for reply in await asyncio.gather(*puts)]
    assert Counter(statuses) == {204: 1, 412: 39}
    assert f"LOCATION:{statuses.index(204)}\r\n" in (await wholes[0]("GET", f"{MERGED}a.ics")).text


async def test_all_of_forty_who_do_not_ask_are_answered_and_the_last_one_counts(wholes: Wholes) -> None:
    puts = (wholes[number % 2].put("a.ics", event("a", f"LOCATION:{number}")) for number in range(40))
    assert Counter(reply.status for reply in await asyncio.gather(*puts)) == {201: 1, 204: 39}
    alice = await wholes[0].parts.db.read(principals.by_name, "alice")
    rows, reached, _ = await wholes[0].parts.db.read(members.since, alice.merged, 0, 100)
    assert [(row.href, row.rev) for row in rows] == [("a.ics", 40)]
    assert reached == 40


async def test_whoever_syncs_meanwhile_misses_nothing(wholes: Wholes) -> None:
    """A token never stands for a change that is not to be seen yet."""
    held: set[str] = set()
    done = asyncio.Event()

    async def replica() -> None:
        token, last = "", False
        while not last:
            last = done.is_set()
            found, token = await sync(wholes[1], token)
            held.difference_update(found)
            held.update(name for name, there in found.items() if there)

    async def writer(number: int) -> None:
        for turn in range(3):
            whole = wholes[(number + turn) % 2]
            assert (await whole.put(f"{number}-{turn}.ics", event(f"{number}-{turn}"))).status == 201
        assert (await wholes[0]("DELETE", f"{MERGED}{number}-0.ics")).status == 204

    reading = asyncio.create_task(replica())
    await asyncio.gather(*(writer(number) for number in range(12)))
    done.set()
    await reading
    assert held == {f"{number}-{turn}.ics" for number in range(12) for turn in (1, 2)}


async def test_one_of_forty_gets_the_slot(wholes: Wholes) -> None:
    alice = await receptive(wholes[0])
    replies = await asyncio.gather(
        *(wholes[number % 2].form("/alice/check-in", **form(number)) for number in range(40))
    )
    assert Counter(reply.status for reply in replies) == {303: 1, 409: 39}
    [row] = await wholes[0].parts.db.read(bookings.of_user, alice)
    assert row.status == "accepted"
    assert len((await sync(wholes[1]))[0]) == 1


async def test_two_who_invite_each_other_at_once_have_all_their_meetings(wholes: Wholes) -> None:
    async def invite(whole: Whole, host: str, guest: str, number: int) -> int:
        people = (f"ORGANIZER:mailto:{host}@example.com", f"ATTENDEE:mailto:{host}@example.com",
                  f"ATTENDEE:mailto:{guest}@example.com")  # fmt: skip
        text = event(f"{host}-{number}", *people)
        path = f"/dav/calendars/{host}/merged/{host}-{number}.ics"
        return (await whole("PUT", path, text, user=host, Content_Type="text/calendar")).status

    sides = ((wholes[0], "alice", "bob"), (wholes[1], "bob", "alice"))
    statuses = await asyncio.gather(*(invite(*side, number) for number in range(10) for side in sides))
    assert statuses == [201] * 20
    uids = {f"{host}-{number}" for host in ("alice", "bob") for number in range(10)}
    for name in ("alice", "bob"):
        person = await wholes[0].parts.db.read(principals.by_name, name)
        texts = await wholes[0].parts.db.read(members.texts, person.merged)
        assert {row.text.partition("UID:")[2].partition("\r\n")[0] for row in texts} == uids


@pytest.mark.parametrize(
    "path", ["/dav/calendars/alice/merged/a%00.ics", "/a%00/check-in", "/freebusy/a%00", "/dav/%00/"]
)
async def test_a_path_with_nul_is_nothing_unforeseen(wholes: Wholes, path: str) -> None:
    assert (await wholes[0]("GET", path)).status in {400, 404}
