"""Five colleagues over eight weeks, in the midst of which clocks change, asked as Thunderbird and Apple ask."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from xml.etree import ElementTree

import pytest

from gateway.accounts.passwords import hash_password
from gateway.accounts.people import add_person
from gateway.demo.feed import FeedServer
from gateway.demo.seed.here import text_of
from gateway.demo.seed.people import PASSWORD
from gateway.ical.objects import combine
from gateway.store import accounts, principals
from gateway.store.database import Connection
from gateway.sync.calendars import set_busy
from tests.story.stage import BERLIN, Stage
from tests.story.test_freebusy import Busy, periods, utc
from tests.story.test_sources import connected

T, B, U = "BUSY-TENTATIVE", "BUSY", "BUSY-UNAVAILABLE"
MONDAY = date(2026, 10, 5)
START, END = datetime(2026, 10, 5, tzinfo=BERLIN), datetime(2026, 11, 30, tzinfo=BERLIN)
"""Weeks 0 to 7. Clocks go back in Berlin on the Sunday of week 2, in America on that of week 3, the demo's week."""
SPACES = {"C": "urn:ietf:params:xml:ns:caldav", "D": "DAV:"}
OUTBOX = "/dav/calendars/alice/outbox/"

MO, TU, WE, TH, FR, SA, SU = range(7)
EVERY = range(8)
Row = tuple[Sequence[int], int, str, str, str]
"""Weeks, day of the week, from, to as clocks in Berlin show it, kind."""

WEEKS: dict[str, tuple[Row, ...]] = {
    "alice": (  # Google, Outlook and a calendar here
        *((range(3), day, "09:15", "09:30", B) for day in (MO, TU, WE, TH, FR)),  # Stand-up
        ((0, 1, 2, 3, 4, 5), MO, "18:30", "20:00", B),  # Yoga
        ((1, 3, 5), MO, "11:00", "11:30", B),  # Forecast
        ((0, 1, 2), TH, "16:00", "16:30", B),  # Status Call at 7 in Seattle
        ((1, 3), TU, "10:00", "11:30", B),  # Sprint Planning
        ((1,), TU, "16:00", "17:00", B),  # Quartalszahlen
        ((3,), MO, "09:15", "09:30", B),
        ((3,), MO, "15:00", "17:00", B),
        ((3,), TU, "09:15", "09:30", B),
        ((3,), TU, "14:00", "15:30", B),
        ((3,), WE, "10:00", "10:15", B),  # Stand-up, moved; on Thursday it is cancelled
        ((3,), WE, "13:00", "14:00", B),
        ((3,), TH, "08:00", "09:00", B),
        ((3,), TH, "15:00", "15:30", B),  # Seattle is still on summer time
        ((3,), FR, "09:15", "09:30", B),
        ((3,), FR, "11:00", "12:00", T),
        ((3,), FR, "15:00", "18:00", U),
        ((4, 5, 6), MO, "09:15", "09:30", B),
        ((4,), TU, "08:30", "09:30", B),  # Zahnarzt, and the stand-up right after
        ((4,), WE, "09:00", "09:15", T),  # Workshop, tentative, with the stand-up in it; no Status Call this week
        ((4,), WE, "09:15", "09:30", B),
        ((4,), WE, "09:30", "11:00", T),
        ((4,), TH, "09:15", "09:30", B),
        ((4, 5, 6), FR, "09:15", "09:30", B),
        ((5,), TU, "00:00", "24:00", B),  # Messe Hannover, three days, and all else on them
        ((5,), WE, "00:00", "24:00", B),
        ((5,), TH, "00:00", "24:00", B),
        ((5,), FR, "17:00", "17:30", B),  # Status Call, moved from Thursday
        ((6,), MO, "10:40", "20:00", B),  # a flight that lands at 13:20 in New York, and Yoga before it does
        *(((6,), day, "09:15", "09:30", B) for day in (TU, WE, TH)),
        ((6,), TH, "16:00", "16:30", B),  # both on winter time
        *(((7,), day, "00:00", "24:00", U) for day in (MO, TU, WE, TH, FR)),  # Urlaub, over all else
    ),
    "bob": (  # Outlook
        (EVERY, WE, "11:00", "12:00", B),
        ((3,), MO, "13:00", "16:00", B),
        ((3,), TU, "09:00", "10:00", T),
        ((3,), TH, "14:00", "15:00", B),
        ((3,), FR, "00:00", "24:00", U),
    ),
    "carol": (  # a calendar here; her feed does not count
        *((EVERY, day, "15:30", "16:00", B) for day in (MO, TU, WE)),
        *(((0, 1, 2, 3, 5, 6, 7), day, "15:30", "16:00", B) for day in (TH, FR)),
        ((3,), WE, "10:00", "11:30", B),
        ((3,), TH, "07:00", "07:45", B),
        ((4,), TH, "00:00", "24:00", B),
        ((4,), FR, "00:00", "24:00", B),
    ),
    "emil": (  # a calendar here
        ((0, 1, 2), TU, "15:00", "16:00", B),  # at 9 in New York
        ((3,), TU, "14:00", "15:00", B),  # where clocks have not changed yet
        ((4, 6, 7), TU, "15:00", "16:00", B),  # one is left out
        ((0, 1, 2), FR, "08:00", "08:30", B),  # at 6 UTC
        ((3, 4, 5, 6, 7), FR, "07:00", "07:30", B),
        ((2,), SA, "23:00", "24:00", B),  # the night of 25 hours
        ((2,), SU, "00:00", "05:00", B),
    ),
    "frieda": (  # a feed that counts
        (EVERY, MO, "12:00", "13:00", B),  # floating, so in her zone
        ((3, 5), TH, "00:00", "24:00", T),
    ),
}


HOURS = {"alice", "bob", "carol"}
"""Who has told when they work: on weekdays from 9 to 17."""
STRENGTH = {"": 0, T: 1, B: 2, U: 3}
SLOT = timedelta(minutes=5)


def expected(name: str, leave: Sequence[Row] = ()) -> Busy:
    """The strongest of each five minutes."""
    begin = START.astimezone(UTC)
    starts = [begin + number * SLOT for number in range(int((END.astimezone(UTC) - begin) / SLOT))]
    kinds = [U if name in HOURS and not works(one.astimezone(BERLIN)) else "" for one in starts]
    for row in WEEKS[name]:
        for low, high, kind in taken(row) if row not in leave else ():
            for number in range(int((low - begin) / SLOT), int((high - begin) / SLOT)):
                kinds[number] = max(kinds[number], kind, key=STRENGTH.__getitem__)
    return joined([(start, start + SLOT, kind) for start, kind in zip(starts, kinds, strict=True) if kind])


def taken(row: Row) -> Busy:
    weeks, day, start, end, kind = row
    return [(at(week, day, start), at(week, day, end), kind) for week in weeks]


def works(shown: datetime) -> bool:
    return shown.weekday() <= FR and 9 <= shown.hour < 17


def at(week: int, day: int, clock: str) -> datetime:
    whole = clock == "24:00"
    shown = MONDAY + timedelta(days=7 * week + day + whole)
    return datetime.combine(shown, time.fromisoformat("00:00" if whole else clock), BERLIN).astimezone(UTC)


def joined(rows: Busy) -> Busy:
    """What goes on is one."""
    found: Busy = []
    for start, end, kind in rows:
        if found and found[-1][1:] == (start, kind):
            found[-1] = (found[-1][0], end, kind)
        else:
            found.append((start, end, kind))
    return found


def event(uid: str, *lines: str) -> str:
    return text_of([f"UID:{uid}@colleagues.example", "SUMMARY:Secret", *lines], zone=False)


EMIL = {
    "york": (
        "DTSTART;TZID=America/New_York:20261006T090000",
        *("DTEND;TZID=America/New_York:20261006T100000", "RRULE:FREQ=WEEKLY"),
        "EXDATE;TZID=America/New_York:20261110T090000",
    ),
    "utc": ("DTSTART:20261009T060000Z", "DURATION:PT30M", "RRULE:FREQ=WEEKLY;UNTIL=20261201T000000Z"),
    "night": ("DTSTART;TZID=Europe/Berlin:20261024T230000", "DTEND;TZID=Europe/Berlin:20261025T050000"),
    "free": ("DTSTART:20261020T100000Z", "DTEND:20261020T110000Z", "TRANSP:TRANSPARENT"),
}
FRIEDA = {
    "lunch": ("DTSTART:20261005T120000", "DTEND:20261005T130000", "RRULE:FREQ=WEEKLY;COUNT=8"),
    "maybe": ("DTSTART;VALUE=DATE:20261029", "RRULE:FREQ=WEEKLY;INTERVAL=2;COUNT=2", "STATUS:TENTATIVE"),
}


@pytest.fixture(scope="module")
def five(stage: Stage) -> Iterator[Stage]:
    """With two more in the team: one who has all here, one who subscribes to a feed and nothing else."""

    def join(conn: Connection) -> None:
        team, hashed = principals.by_name(conn, "sales"), hash_password(PASSWORD)
        assert team is not None
        for name in ("emil", "frieda"):
            person = add_person(
                conn, name, f"{name}@example.com", password=hashed, zone="Europe/Berlin", now=int(stage.clock())
            )
            principals.join_team(conn, team.id, person)

    stage.run(stage.parts.db.write(join))
    for name, lines in EMIL.items():
        path = f"/dav/calendars/emil/merged/{name}.ics"
        answer = stage.http("PUT", path, event(name, *lines), user="emil", Content_Type="text/calendar")
        assert answer.status_code == 201, answer.text
    feed = FeedServer(combine([event(name, *lines) for name, lines in FRIEDA.items()], "-//tests//EN", "Frieda"))
    stage.run(feed.start())
    frieda = stage.person("frieda").id
    key = stage.run(connected(stage, frieda, "feed", {}, feed.url))
    stage.pull()
    [calendar] = stage.read(accounts.account_calendars, key)

    def count(conn: Connection) -> None:
        set_busy(conn, frieda, calendar.id, True, stage.clock(), tentative=True)

    stage.run(stage.parts.db.write(count))
    yield stage
    stage.run(feed.stop())


@dataclass(frozen=True)
class Told:
    status: str
    text: str


def post(stage: Stage, lines: Sequence[str], recipients: str) -> dict[str, Told]:
    """By address, without mailto:."""
    answer = stage.http(
        "POST", OUTBOX, "\r\n".join([*lines, ""]), Content_Type="text/calendar; charset=utf-8",
        Originator="mailto:alice@example.com", Recipient=recipients,
    )  # fmt: skip
    assert answer.status_code == 200, answer.text
    assert "Secret" not in answer.text
    return {
        one.findtext("C:recipient/D:href", "", SPACES).removeprefix("mailto:"): Told(
            one.findtext("C:request-status", "", SPACES), one.findtext("C:calendar-data", "", SPACES)
        )
        for one in ElementTree.fromstring(answer.content).findall("C:response", SPACES)
    }


def as_thunderbird(stage: Stage, address: str) -> Told:
    """One person a request, with an ATTENDEE line that is folded."""
    lines = [
        *("BEGIN:VCALENDAR", "PRODID:-//Mozilla.org/NONSGML Mozilla Calendar V1.1//EN", "VERSION:2.0"),
        *("METHOD:REQUEST", "BEGIN:VFREEBUSY", "UID:5f1c2d3e-asked", "DTSTAMP:20261027T090000Z"),
        f"DTSTART:{utc(START)}",
        f"DTEND:{utc(END)}",
        "ORGANIZER:mailto:alice@example.com",
        "ATTENDEE;PARTSTAT=NEEDS-ACTION;ROLE=REQ-PARTICIPANT;CUTYPE=INDIVIDUAL:mail",
        f" to:{address}",
        *("END:VFREEBUSY", "END:VCALENDAR"),
    ]
    told = post(stage, lines, f"mailto:{address}")
    assert list(told) == [address]
    return told[address]


def as_apple(
    stage: Stage, addresses: Sequence[str], start: datetime, end: datetime, *, mask: str = ""
) -> dict[str, Told]:
    """All in one request, with the end before the start, and the event that is being edited left out."""
    everybody = "\\, ".join(addresses)
    lines = [
        *("BEGIN:VCALENDAR", "CALSCALE:GREGORIAN", "VERSION:2.0", "METHOD:REQUEST"),
        *("PRODID:-//Apple Inc.//macOS 14.5//EN", "BEGIN:VFREEBUSY", "UID:0D6A7E51-ASKED", f"DTEND:{utc(end)}"),
        *(f"ATTENDEE:mailto:{one}" for one in addresses),
        f"DTSTART:{utc(start)}",
        *((f"X-CALENDARSERVER-MASK-UID:{mask}",) if mask else ()),
        *("DTSTAMP:20261027T090000Z", "ORGANIZER:mailto:alice@example.com"),
        f"SUMMARY:Availability for {everybody}",
        *("END:VFREEBUSY", "END:VCALENDAR"),
    ]
    told = post(stage, lines, ", ".join(f"mailto:{one}" for one in addresses))
    assert list(told) == list(addresses)
    assert {one.status for one in told.values()} == {"2.0;Success"}
    return told


def mail(name: str) -> str:
    return f"{name}@example.com"


@pytest.mark.parametrize("name", WEEKS)
def test_thunderbird_asks_for_one_after_the_other(five: Stage, name: str) -> None:
    told = as_thunderbird(five, mail(name))
    assert told.status == "2.0;Success"
    assert f"DTSTART:{utc(START)}\r\nDTEND:{utc(END)}" in told.text  # the rest would be drawn as unknown
    assert periods(told.text) == expected(name)


def test_apple_asks_for_all_of_them_at_once(five: Stage) -> None:
    told = as_apple(five, [mail(name) for name in WEEKS], START, END)
    assert {name: periods(told[mail(name)].text) for name in WEEKS} == {name: expected(name) for name in WEEKS}


def test_apple_asks_day_by_day(five: Stage) -> None:
    """Also on the day of 25 hours."""
    found: dict[str, Busy] = {name: [] for name in WEEKS}
    for number in range((END - START).days):
        start, end = START + timedelta(days=number), START + timedelta(days=number + 1)
        for address, told in as_apple(five, [mail(name) for name in WEEKS], start, end).items():
            found[address.partition("@")[0]] += periods(told.text)
    assert {name: joined(rows) for name, rows in found.items()} == {name: expected(name) for name in WEEKS}


def test_the_event_that_is_being_edited_is_not_in_its_own_way(five: Stage) -> None:
    told = as_apple(five, [mail("alice"), mail("emil")], START, END, mask="york@colleagues.example")
    assert periods(told[mail("alice")].text) == expected("alice")
    assert periods(told[mail("emil")].text) == expected("emil", [row for row in WEEKS["emil"] if row[1] == TU])
