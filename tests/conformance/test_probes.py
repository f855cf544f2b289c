"""Objects that servers are known to get wrong: busy time and expanded instances of the week of 9 June 2025.

Asked through HTTP, once within the indexed horizon and once long after it, when every answer is expanded on demand.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestServer

from gateway.config import Settings
from gateway.ical.value import format_utc, parse_duration
from gateway.store.database import Database
from tests.dav.conftest import MERGED, PREFIXES, Client, db, filled
from tests.dav.site import make_app

__all__ = ["db", "filled"]  # its fixtures

RANGE = '<C:time-range start="20250609T000000Z" end="20250616T000000Z"/>'
EXPAND = '<C:expand start="20250609T000000Z" end="20250616T000000Z"/>'
QUERY = (
    f"<D:prop><C:calendar-data>{EXPAND}</C:calendar-data></D:prop><C:filter>"
    f'<C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT">{RANGE}</C:comp-filter></C:comp-filter></C:filter>'
)
CLOCKS = {"within the horizon": 1_748_736_000.0, "beyond it": 1_795_262_400.0}  # 2025-06-01, 2026-11-21 12:00 UTC
BERLIN = """\
BEGIN:VTIMEZONE
TZID:Europe/Berlin
BEGIN:STANDARD
DTSTART:19701025T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:19700329T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
END:DAYLIGHT
END:VTIMEZONE"""


@dataclass(frozen=True)
class Probe:
    """given: objects, each a list of VEVENTs' lines. busy: FREEBUSY lines. found: (DTSTART, DTEND) of each instance."""

    given: list[list[str]]
    busy: list[str]
    found: list[tuple[str, str]]
    zone: str = ""


def hours(day: int, start: str, end: str) -> tuple[str, str]:
    return f"202506{day:02}T{start}00Z", f"202506{day:02}T{end}00Z"


def busy(day: int, start: str, end: str, kind: str = "") -> str:
    return f"FREEBUSY{f';FBTYPE={kind}' if kind else ''}:{'/'.join(hours(day, start, end))}"


NINE = "DTSTART:20250610T090000Z\nDTEND:20250610T100000Z"
WEEKLY = "DTSTART:20250603T090000Z\nDTEND:20250603T100000Z\nRRULE:FREQ=WEEKLY;COUNT=6"
GUEST = "ORGANIZER:mailto:boss@elsewhere.example\nATTENDEE;PARTSTAT={}:mailto:alice@example.com"


def moved(recurrence: str, start: str, end: str, *more: str) -> str:
    return "\n".join([f"RECURRENCE-ID{recurrence}", f"DTSTART:{start}", f"DTEND:{end}", *more])


PROBES = {
    "a cancelled event is not busy": Probe([[f"{NINE}\nSTATUS:CANCELLED"]], [], [hours(10, "0900", "1000")]),
    "tentative time ends where busy time begins": Probe(
        [[NINE], ["DTSTART:20250610T093000Z\nDTEND:20250610T103000Z\nSTATUS:TENTATIVE"]],
        [busy(10, "0900", "1000"), busy(10, "1000", "1030", "BUSY-TENTATIVE")],
        [hours(10, "0900", "1000"), hours(10, "0930", "1030")],
    ),
    "a Windows zone without its definition": Probe(
        [["DTSTART;TZID=W. Europe Standard Time:20250610T090000\nDTEND;TZID=W. Europe Standard Time:20250610T100000"]],
        [busy(10, "0700", "0800")],
        [hours(10, "0700", "0800")],
    ),
    "a series over a change of the clocks, its zone not defined": Probe(
        [["DTSTART;TZID=Europe/Berlin:20250107T090000\nDTEND;TZID=Europe/Berlin:20250107T100000\nRRULE:FREQ=WEEKLY"]],
        [busy(10, "0700", "0800")],
        [hours(10, "0700", "0800")],
    ),
    "the same with its zone defined, after the other": Probe(
        [
            ["DTSTART;TZID=Europe/Berlin:20250107T090000\nDTEND;TZID=Europe/Berlin:20250107T100000\nRRULE:FREQ=WEEKLY"],
            ["DTSTART;TZID=Europe/Berlin:20250108T090000\nDTEND;TZID=Europe/Berlin:20250108T100000\nRRULE:FREQ=WEEKLY"],
        ],
        [busy(10, "0700", "0800"), busy(11, "0700", "0800")],
        [hours(10, "0700", "0800"), hours(11, "0700", "0800")],
        zone=BERLIN,
    ),
    "an instance that was moved out of the week": Probe(
        [[WEEKLY, moved(":20250610T090000Z", "20250620T090000Z", "20250620T100000Z")]], [], []
    ),
    "an instance that was moved into the week": Probe(
        [[WEEKLY, moved(":20250617T090000Z", "20250612T090000Z", "20250612T100000Z")]],
        [busy(10, "0900", "1000"), busy(12, "0900", "1000")],
        [hours(10, "0900", "1000"), hours(12, "0900", "1000")],
    ),
    "a cancelled instance is not busy": Probe(
        [[WEEKLY, moved(":20250610T090000Z", "20250610T090000Z", "20250610T100000Z", "STATUS:CANCELLED")]],
        [],
        [hours(10, "0900", "1000")],
    ),
    "invited to one date of a series": Probe(
        [[moved(":20250610T090000Z", "20250610T090000Z", "20250610T100000Z")]],
        [busy(10, "0900", "1000")],
        [hours(10, "0900", "1000")],
    ),
    "invited to two dates of a series": Probe(
        [
            [
                moved(":20250610T090000Z", "20250610T090000Z", "20250610T100000Z"),
                moved(":20250611T090000Z", "20250611T090000Z", "20250611T100000Z"),
            ]
        ],
        [busy(10, "0900", "1000"), busy(11, "0900", "1000")],
        [hours(10, "0900", "1000"), hours(11, "0900", "1000")],
    ),
    "a further date with a length of its own": Probe(
        [[f"{NINE}\nRDATE;VALUE=PERIOD:20250611T090000Z/20250611T110000Z,20250612T090000Z/PT2H"]],
        [busy(10, "0900", "1000"), busy(11, "0900", "1100"), busy(12, "0900", "1100")],
        [hours(10, "0900", "1000"), hours(11, "0900", "1100"), hours(12, "0900", "1100")],
    ),
    "further dates without a rule": Probe(
        [[f"{NINE}\nRDATE:20250612T090000Z"]],
        [busy(10, "0900", "1000"), busy(12, "0900", "1000")],
        [hours(10, "0900", "1000"), hours(12, "0900", "1000")],
    ),
    "days that touch are one period": Probe(
        [["DTSTART:20250610T000000Z\nDURATION:P1D\nRRULE:FREQ=DAILY;COUNT=3"]],
        ["FREEBUSY:20250610T000000Z/20250613T000000Z"],
        [(f"202506{day}T000000Z", f"202506{day + 1}T000000Z") for day in (10, 11, 12)],
    ),
    "this and all following instances": Probe(
        [
            [
                "DTSTART:20250609T090000Z\nDTEND:20250609T100000Z\nRRULE:FREQ=DAILY;COUNT=4",
                moved(";RANGE=THISANDFUTURE:20250611T090000Z", "20250611T130000Z", "20250611T150000Z"),
            ]
        ],
        [busy(9, "0900", "1000"), busy(10, "0900", "1000"), busy(11, "1300", "1500"), busy(12, "1300", "1500")],
        [hours(9, "0900", "1000"), hours(10, "0900", "1000"), hours(11, "1300", "1500"), hours(12, "1300", "1500")],
    ),
    "out of office": Probe(
        [[f"{NINE}\nX-MICROSOFT-CDO-BUSYSTATUS:OOF"]],
        [busy(10, "0900", "1000", "BUSY-UNAVAILABLE")],
        [hours(10, "0900", "1000")],
    ),
    "declined by the owner": Probe([[f"{NINE}\n{GUEST.format('DECLINED')}"]], [], [hours(10, "0900", "1000")]),
    "periods come in order": Probe(
        [["DTSTART:20250612T090000Z\nDTEND:20250612T100000Z"], ["DTSTART:20250611T090000Z\nDURATION:PT1H"], [NINE]],
        [busy(day, "0900", "1000") for day in (10, 11, 12)],
        [hours(day, "0900", "1000") for day in (10, 11, 12)],
    ),
}


@pytest.fixture(params=CLOCKS.values(), ids=CLOCKS)
async def ask(db: Database, request: pytest.FixtureRequest) -> AsyncIterator[Client]:
    app = make_app(db, Settings(), lambda: request.param)
    async with TestServer(app) as server, ClientSession() as http:
        yield Client(http, server.make_url("/"))


async def store(ask: Client, probe: Probe) -> None:
    for number, events in enumerate(probe.given):
        blocks = [
            f"BEGIN:VEVENT\nUID:probe-{number}\nDTSTAMP:20250101T000000Z\n{one}\nSUMMARY:Probe\nEND:VEVENT"
            for one in events
        ]
        lines = ["BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//tests//EN", probe.zone, *blocks, "END:VCALENDAR\n"]
        text = "\n".join(filter(None, lines)).replace("\n", "\r\n")
        reply = await ask.put(f"probe-{number}.ics", text)
        assert reply.status == 201, reply.text


def periods(text: str) -> list[str]:
    """A line for each period, in the order they come; empty lists of free time would be lines, too."""
    lines = [line for line in text.replace("\r\n ", "").split("\r\n") if line.startswith("FREEBUSY")]
    return [f"{line.partition(':')[0]}:{one}" for line in lines for one in line.partition(":")[2].split(",")]


def instances(text: str) -> list[tuple[str, str]]:
    """(start, end) of each VEVENT; of an expansion, which is in UTC throughout."""
    found = []
    for block in text.split("BEGIN:VEVENT")[1:]:
        lines = dict(line.split(":", 1) for line in block.splitlines() if ":" in line)
        start = datetime.strptime(lines["DTSTART"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        end = lines.get("DTEND") or format_utc(start + parse_duration(lines["DURATION"]).timedelta)
        found.append((lines["DTSTART"], end))
    return found


@pytest.mark.parametrize("probe", PROBES.values(), ids=PROBES)
async def test_busy_time_and_instances_are_right(ask: Client, probe: Probe) -> None:
    await store(ask, probe)
    for path in (MERGED, "/dav/calendars/alice/"):
        reply = await ask.report(path, "C:free-busy-query", RANGE, Depth="1")
        assert reply.status == 200, reply.text
        assert periods(reply.text) == probe.busy
    reply = await ask.report(MERGED, "C:calendar-query", QUERY, Depth="1")
    assert reply.status == 207, reply.text
    texts = [one.text or "" for one in reply.xml.iter(f"{{{PREFIXES['C']}}}calendar-data")]
    assert sorted(pair for text in texts for pair in instances(text)) == probe.found
