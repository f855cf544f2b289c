"""Calendars shown separately, and the inbox: everything that is asked of the merged calendar is asked of them."""

from collections.abc import Callable

import pytest

from gateway.model import RemoteCalendar
from gateway.store import accounts, collections, principals
from gateway.store.database import Connection, Database
from gateway.sync import inbox, separate
from gateway.sync.context import Sync
from tests.dav.conftest import MERGED, NOW, Client, event
from tests.dav.site import backend_for

HOME = "/dav/calendars/alice/"
WORK = "/dav/calendars/alice/work/"
INBOX = "/dav/calendars/alice/inbox/"
READING = "/dav/calendars/alice/reading/"
MESSAGE = event("meeting").replace("VERSION:2.0", "VERSION:2.0\r\nMETHOD:REQUEST")


def _show(conn: Connection) -> None:
    """Two calendars of alice's are shown separately: Work, which is not merged, and Reading, which takes no changes."""
    alice = principals.by_name(conn, "alice")
    assert alice is not None
    [personal] = accounts.calendars(conn, alice.id)
    for name, writable in (("Work", True), ("Reading", False)):
        remote = RemoteCalendar(id=name, displayname=name, color="#aa0000", writable=writable, merged=False)
        calendar = accounts.add_calendar(conn, alice.id, personal.account_id, remote)
        separate.set_separate(conn, alice.id, calendar, True, NOW)


@pytest.fixture
def shown(db: Database) -> Database:
    db.write_now(_show)
    return db


@pytest.fixture
def deliver(db: Database, settings) -> Callable[[str], str]:
    def add(text: str) -> str:
        def do(conn: Connection) -> str:
            alice = principals.by_name(conn, "alice")
            assert alice is not None
            return inbox.add(conn, Sync(db, settings, backend_for, lambda: NOW), alice.id, text)

        return str(db.write_now(do))

    return add


async def put(ask: Client, path: str, text: str, **headers: str):
    return await ask("PUT", path, text, Content_Type="text/calendar", **headers)


async def test_the_home_lists_them_between_the_merged_calendar_and_the_boxes(shown, ask):
    answer = await ask.propfind(HOME, "D:displayname", "D:resourcetype", "A:calendar-color", depth="1")
    assert answer.hrefs == [HOME, MERGED, WORK, READING, INBOX, f"{HOME}outbox/"]
    assert answer.value(WORK, "D:displayname") == "Work"
    assert answer.value(WORK, "A:calendar-color") == "#aa0000"
    assert [one.tag for one in answer.props(WORK)["200"]["D:resourcetype"]] == [
        "{DAV:}collection",
        "{urn:ietf:params:xml:ns:caldav}calendar",
    ]


async def test_an_object_put_there_is_there_and_nowhere_else(shown, ask):
    made = await put(ask, f"{WORK}a.ics", event("a"))
    assert made.status == 201
    got = await ask("GET", f"{WORK}a.ics")
    assert (got.status, got.headers["etag"], got.text) == (200, made.headers["etag"], event("a"))
    assert (await ask("GET", f"{MERGED}a.ics")).status == 404
    assert (await put(ask, f"{MERGED}a.ics", event("a"))).status == 201
    assert (await ask("DELETE", f"{WORK}a.ics", If_Match=made.headers["etag"])).status == 204
    assert (await ask("GET", f"{WORK}a.ics")).status == 404
    assert (await ask("GET", f"{MERGED}a.ics")).status == 200


async def test_a_second_object_with_the_uid_is_refused_and_named(shown, ask):
    await put(ask, f"{WORK}a.ics", event("a"))
    answer = await put(ask, f"{WORK}b.ics", event("a"))
    assert answer.status == 403
    assert answer.condition == "C:no-uid-conflict"
    assert f"{WORK}a.ics" in answer.text


async def test_one_that_takes_no_changes_says_so(shown, ask):
    answer = await put(ask, f"{READING}a.ics", event("a"))
    assert (answer.status, answer.condition) == (403, "D:need-privileges")
    told = await ask.propfind(READING, "D:current-user-privilege-set")
    assert "write" not in told.text


async def test_where_there_is_no_calendar_nothing_is_put_or_found(shown, ask):
    assert (await put(ask, f"{HOME}nowhere/a.ics", event("a"))).status == 409
    assert (await put(ask, "/dav/calendars/bob/nowhere/a.ics", event("a"))).status == 403
    assert (await ask.propfind(f"{HOME}nowhere/", "D:displayname")).status == 404
    assert (await ask.propfind("/dav/calendars/alice/work/", "D:displayname", user="bob")).status == 403


async def test_its_token_and_ctag_are_its_own(shown, ask):
    before = await ask.propfind(HOME, "D:sync-token", "CS:getctag", depth="1")
    token = before.value(WORK, "D:sync-token")
    await put(ask, f"{WORK}a.ics", event("a"))
    after = await ask.propfind(HOME, "D:sync-token", "CS:getctag", depth="1")
    assert before.value(MERGED, "CS:getctag") == after.value(MERGED, "CS:getctag")
    assert before.value(WORK, "CS:getctag") != after.value(WORK, "CS:getctag")

    changed = await ask.report(WORK, "D:sync-collection", f"<D:sync-token>{token}</D:sync-token><D:prop/>")
    assert changed.hrefs == [f"{WORK}a.ics"]
    wrong = await ask.report(MERGED, "D:sync-collection", f"<D:sync-token>{token}</D:sync-token><D:prop/>")
    assert wrong.condition == "D:valid-sync-token"


RANGE = '<C:time-range start="20261123T000000Z" end="20261125T000000Z"/>'
QUERY = f"""<D:prop><D:getetag/><C:calendar-data/></D:prop><C:filter><C:comp-filter name="VCALENDAR">
<C:comp-filter name="VEVENT">{RANGE}</C:comp-filter></C:comp-filter></C:filter>"""
EXPANDED = QUERY.replace(
    "<C:calendar-data/>", f"<C:calendar-data>{RANGE.replace('time-range', 'expand')}</C:calendar-data>"
)


async def test_every_report_answers_for_it_alone(shown, ask):
    daily = event("daily", "20261101T090000Z", "20261101T093000Z", "RRULE:FREQ=DAILY")
    await put(ask, f"{WORK}daily.ics", daily)
    await ask.put("other.ics", event("other"))

    assert (await ask.report(WORK, "C:calendar-query", QUERY, Depth="1")).hrefs == [f"{WORK}daily.ics"]
    expanded = await ask.report(WORK, "C:calendar-query", EXPANDED, Depth="1")
    assert expanded.text.count("BEGIN:VEVENT") == 2
    got = await ask.report(
        WORK,
        "C:calendar-multiget",
        f"<D:prop><D:getetag/></D:prop><D:href>{WORK}daily.ics</D:href><D:href>{MERGED}other.ics</D:href>",
    )
    assert got.statuses == {f"{MERGED}other.ics": "404 Not Found"}
    assert "200" in got.props(f"{WORK}daily.ics")
    free = await ask.report(WORK, "C:free-busy-query", RANGE)
    assert [line for line in free.text.replace("\r\n ", "").splitlines() if line.startswith("FREEBUSY")] == [
        "FREEBUSY:20261123T090000Z/20261123T093000Z,20261124T090000Z/20261124T093000Z"
    ]
    listed = await ask.propfind(WORK, "D:getetag", depth="1")
    assert listed.hrefs == [WORK, f"{WORK}daily.ics"]


async def test_a_multiget_of_the_home_reaches_into_each_of_them(shown, ask, deliver):
    await put(ask, f"{WORK}a.ics", event("a"))
    await ask.put("b.ics", event("b"))
    message = f"{INBOX}{deliver(MESSAGE)}"
    hrefs = [f"{WORK}a.ics", f"{MERGED}b.ics", message, f"{HOME}nowhere/c.ics", "/dav/calendars/bob/merged/d.ics"]
    got = await ask.report(
        HOME,
        "C:calendar-multiget",
        "<D:prop><D:getetag/></D:prop>" + "".join(f"<D:href>{href}</D:href>" for href in hrefs),
    )
    assert set(got.hrefs) == set(hrefs)
    assert set(got.statuses) == set(hrefs[3:])


async def test_messages_are_found_read_and_taken_out(shown, ask, deliver):
    first, second = deliver(MESSAGE), deliver(MESSAGE)
    token = (await ask.propfind(INBOX, "D:sync-token")).value(INBOX, "D:sync-token")

    listed = await ask.propfind(INBOX, "D:getetag", "D:getcontenttype", depth="1")
    assert set(listed.hrefs) == {INBOX, INBOX + first, INBOX + second}
    got = await ask("GET", INBOX + first)
    assert (got.status, got.text) == (200, MESSAGE)
    found = await ask.report(INBOX, "C:calendar-query", QUERY, Depth="1")
    assert set(found.hrefs) == {INBOX + first, INBOX + second}
    assert (await ask("PUT", INBOX + "new.ics", MESSAGE, Content_Type="text/calendar")).status == 405

    assert (await ask("DELETE", INBOX + first, If_Match='"other"')).status == 412
    assert (await ask("DELETE", INBOX + first)).status == 204
    assert (await ask("DELETE", INBOX + first)).status == 404
    changed = await ask.report(INBOX, "D:sync-collection", f"<D:sync-token>{token}</D:sync-token><D:prop/>")
    assert changed.statuses == {INBOX + first: "404 Not Found"}


async def test_messages_are_nobodys_busy_time(shown, ask, deliver):
    deliver(MESSAGE)
    for path in (HOME, MERGED):
        free = await ask.report(path, "C:free-busy-query", RANGE)
        assert "FREEBUSY:" not in free.text


async def test_an_inbox_is_its_owners(shown, ask, deliver):
    name = deliver(MESSAGE)
    assert (await ask("GET", INBOX + name, user="bob")).status == 403
    assert (await ask("DELETE", INBOX + name, user="bob")).status == 403


async def test_names_come_from_what_a_calendar_is_called_and_are_never_anothers(db: Database):
    def names(conn: Connection) -> list[str]:
        alice = principals.by_name(conn, "alice")
        assert alice is not None
        [personal] = accounts.calendars(conn, alice.id)
        for number, name in enumerate(("Merged", "Übung & Spaß", "übung-spass", "日本", "Inbox")):
            remote = RemoteCalendar(id=str(number), displayname=name)
            key = accounts.add_calendar(conn, alice.id, personal.account_id, remote)
            separate.set_separate(conn, alice.id, key, True, NOW)
        return [one.name for one in collections.shown(conn, alice.id)]

    assert db.write_now(names) == ["merged-2", "ubung-spass", "ubung-spass-2", "calendar", "inbox-2"]
