"""A person's busy time from the index: kinds, zones, copies of one meeting, and series past the horizon."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from gateway.freebusy.busy import busy_seconds, stale
from gateway.ical.index import index
from gateway.ical.objects import read
from gateway.model import FbType, RemoteCalendar
from gateway.store import accounts, members, objects, principals
from gateway.store.database import Connection, Database
from gateway.store.migrate import migrate
from gateway.store.objects import Remote

ALICE = 1
FIRST, SECOND, QUIET = 1, 2, 3
DAY = datetime(2026, 6, 10, tzinfo=UTC)  # a Wednesday; Berlin is two hours ahead
HORIZON = (int(datetime(2026, 1, 1, tzinfo=UTC).timestamp()), int(datetime(2027, 1, 1, tzinfo=UTC).timestamp()))


def fill(conn: Connection) -> None:
    principals.add(conn, name="alice", email="alice@example.com", zone="Europe/Berlin", created=0)
    account = accounts.add(conn, ALICE, "local", "Here", {}, None, 0)
    for name, busy in (("First", True), ("Second", True), ("Quiet", False)):
        accounts.add_calendar(conn, ALICE, account, RemoteCalendar(id=name, displayname=name, busy=busy))


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    url = f"sqlite:///{tmp_path}/busy.sqlite"
    migrate(url)
    database = Database(url)
    database.write_now(fill)
    yield database
    database.close()


def put(db: Database, lines: str, *, uid: str = "u", calendar: int = FIRST) -> None:
    """lines: those of the VEVENT, apart by blanks."""
    body = "\r\n".join(["BEGIN:VEVENT", f"UID:{uid}", "DTSTAMP:20260101T000000Z", *lines.split(), "END:VEVENT"])
    text = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//t//EN\r\n{body}\r\nEND:VCALENDAR\r\n"

    def store(conn: Connection) -> None:
        indexed = index(read(text), text, {"alice@example.com"}, ZoneInfo("Europe/Berlin"), *HORIZON)
        objects.put(conn, ALICE, calendar, f"{uid}.ics", text, indexed, Remote(), 0)
        members.refresh(conn, ALICE, [uid])

    db.write_now(store)


def hours(
    db: Database, *, day: datetime = DAY, days: int = 1, without: str | None = None
) -> list[tuple[float, float, str]]:
    """(start, end) in UTC hours of the day."""

    def ask(conn: Connection) -> list[tuple[int, int, int]]:
        start = int(day.timestamp())
        return busy_seconds(conn, principals.by_id(conn, ALICE), start, start + days * 86_400, without=without)

    base = day.timestamp()
    return [((a - base) / 3600, (b - base) / 3600, FbType(kind).token) for a, b, kind in db.read_now(ask)]


NINE = "DTSTART:20260610T090000Z DTEND:20260610T100000Z"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param(NINE, [(9, 10, "BUSY")], id="an event blocks"),
        pytest.param(f"{NINE} TRANSP:TRANSPARENT", [], id="a transparent one does not"),
        pytest.param(f"{NINE} STATUS:CANCELLED", [], id="a cancelled one does not"),
        pytest.param(f"{NINE} STATUS:TENTATIVE", [(9, 10, "BUSY-TENTATIVE")], id="tentative"),
        pytest.param(f"{NINE} X-MICROSOFT-CDO-BUSYSTATUS:OOF", [(9, 10, "BUSY-UNAVAILABLE")], id="out of office"),
        pytest.param(f"{NINE} X-MICROSOFT-CDO-BUSYSTATUS:WORKINGELSEWHERE", [], id="working elsewhere"),
        pytest.param(f"{NINE} ATTENDEE;PARTSTAT=DECLINED:mailto:Alice@example.com", [], id="declined by its owner"),
        pytest.param(
            f"{NINE} ORGANIZER:mailto:b@x.example ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:alice@example.com",
            [(9, 10, "BUSY-TENTATIVE")],
            id="not answered yet",
        ),
        pytest.param(f"{NINE} ATTENDEE;PARTSTAT=DECLINED:mailto:bob@example.com", [(9, 10, "BUSY")], id="by another"),
        pytest.param("DTSTART:20260610T090000Z", [], id="no length is no time"),
        pytest.param("DTSTART;VALUE=DATE:20260610", [(0, 22, "BUSY")], id="a day is a day of its owner's zone"),
        pytest.param("DTSTART:20260610T090000 DURATION:PT1H", [(7, 8, "BUSY")], id="floating is in its owner's zone"),
    ],
)
def test_what_blocks(db: Database, lines: str, expected: list[tuple[float, float, str]]) -> None:
    put(db, lines)
    assert hours(db) == expected


def test_the_same_meeting_on_two_accounts_counts_once(db: Database) -> None:
    put(db, NINE, calendar=FIRST)
    put(db, NINE, calendar=SECOND)
    assert hours(db) == [(9, 10, "BUSY")]


def test_declined_on_one_account_and_accepted_on_the_other_blocks(db: Database) -> None:
    put(db, f"{NINE} ATTENDEE;PARTSTAT=DECLINED:mailto:alice@example.com", calendar=FIRST)
    put(db, f"{NINE} ATTENDEE;PARTSTAT=ACCEPTED:mailto:alice@example.com", calendar=SECOND)
    assert hours(db) == [(9, 10, "BUSY")]


def test_a_calendar_that_does_not_count_blocks_nothing(db: Database) -> None:
    put(db, NINE, calendar=QUIET)
    assert hours(db) == []


def test_tentative_time_may_be_left_out(db: Database) -> None:
    put(db, f"{NINE} STATUS:TENTATIVE")
    db.write_now(accounts.change_calendar, FIRST, tentative_busy=False)
    assert hours(db) == []


def test_an_object_may_be_left_out_of_its_own_moving(db: Database) -> None:
    put(db, NINE, uid="mine")
    put(db, "DTSTART:20260610T120000Z DTEND:20260610T130000Z", uid="other")
    assert hours(db, without="mine") == [(12, 13, "BUSY")]


ENDLESS = "DTSTART:20260101T090000Z DTEND:20260101T100000Z RRULE:FREQ=DAILY"
FAR = datetime(2031, 6, 10, tzinfo=UTC)


def test_an_endless_series_blocks_past_the_horizon_too(db: Database) -> None:
    put(db, ENDLESS)
    assert hours(db, day=FAR, days=2) == [(9, 10, "BUSY"), (33, 34, "BUSY")]


def test_past_the_horizon_an_object_may_be_left_out_as_well(db: Database) -> None:
    put(db, ENDLESS)
    assert hours(db, day=FAR, without="u") == []


def test_past_the_horizon_quiet_calendars_stay_quiet(db: Database) -> None:
    put(db, ENDLESS, calendar=QUIET)
    assert hours(db, day=FAR) == []


def test_a_source_not_read_for_long_is_named(db: Database) -> None:
    def connect(conn: Connection) -> None:
        account = accounts.add(conn, ALICE, "feed", "Club", {}, None, 0)
        accounts.add_calendar(conn, ALICE, account, RemoteCalendar(id="f", displayname="Games", busy=True))
        accounts.change(conn, account, synced=1_000)

    db.write_now(connect)
    person = db.read_now(principals.by_id, ALICE)
    assert db.read_now(stale, person, 4_600, 3_600) == []
    assert db.read_now(stale, person, 4_601, 3_600) == ["Games"]
