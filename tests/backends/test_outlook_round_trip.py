"""Law: nothing a CalDAV client wrote is lost on its way to the strict simulator and back; refusal is the only way out.

GATEWAY_ROUND_TRIPS: how many objects are tried.
"""

import asyncio
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.backends.outlook import OutlookBackend
from gateway.errors import RefusedByProvider
from gateway.ical.objects import read, read_lenient
from gateway.ical.recurrence import instances
from gateway.ical.text import Component, escape
from gateway.model import CalendarObject
from gateway.sync.meaning import key_of
from gateway.sync.rejoin import overlay, rejoin
from tests.fakes.microsoft import ALICE, World, ics, running_microsoft

EXAMPLES = int(os.environ.get("GATEWAY_ROUND_TRIPS", "40"))
BERLIN = ZoneInfo("Europe/Berlin")
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
WORDS = st.text(alphabet="ab cäß,;:\\\"'€😀<&", max_size=12).map(lambda text: " ".join(text.split()))
LINES = st.lists(WORDS, max_size=4).map("\n".join)
NUMBERS = count()
EXTRA = (
    "X-NOTE;X-P=1:kept beside",
    "ATTACH;FMTTYPE=application/pdf:https://files.example/a.pdf",
    "GEO:52.5;13.4",
    "URL:https://x.example/a?b=c",
    "COMMENT:a remark",
    "CONTACT:Somebody",
    "RELATED-TO:other@client",
    "SEQUENCE:4",
    "IMAGE;VALUE=URI;DISPLAY=BADGE:https://x.example/i.png",
    "CONFERENCE;VALUE=URI;FEATURE=PHONE:tel:+1-555-0100",
    "X-ALT-DESC;FMTTYPE=text/html:<p>something else</p>",
    "X-MOZ-SEND-INVITATIONS:FALSE",
)
ALARMS = (
    ("ACTION:DISPLAY", "DESCRIPTION:x", "TRIGGER:-PT15M"),
    ("ACTION:AUDIO", "TRIGGER:-PT90S", "REPEAT:2", "DURATION:PT5M"),
    ("ACTION:DISPLAY", "DESCRIPTION:y", "TRIGGER;RELATED=END:PT0S"),
    ("ACTION:DISPLAY", "DESCRIPTION:z", "TRIGGER;VALUE=DATE-TIME:20261120T080000Z"),
    ("ACTION:EMAIL", "DESCRIPTION:m", "SUMMARY:m", "ATTENDEE:mailto:me@x.example", "TRIGGER:-P1D"),
)
PEOPLE = (
    "ATTENDEE;CN=Bob;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:bob@example.com",
    'ATTENDEE;ROLE=OPT-PARTICIPANT;MEMBER="mailto:all@example.com":mailto:carol@example.com',
    "ATTENDEE;CUTYPE=ROOM;ROLE=NON-PARTICIPANT;CN=\"Room; 1\":mailto:room1@example.com",
    "ATTENDEE;SCHEDULE-AGENT=CLIENT:mailto:dan@example.net",
    f"ATTENDEE;ROLE=CHAIR;PARTSTAT=ACCEPTED:mailto:{ALICE}",
)  # fmt: skip
WILD_RULES = ("FREQ=HOURLY;COUNT=3", "FREQ=MONTHLY;BYMONTHDAY=1,15", "FREQ=YEARLY;BYWEEKNO=20", "FREQ=DAILY;BYHOUR=9")


@dataclass(frozen=True)
class Form:
    """One way to write times: what stands before the value, and the zone it is in."""

    params: str
    zone: ZoneInfo | None
    utc: bool = False

    def line(self, name: str, local: datetime) -> str:
        if self.params == ";VALUE=DATE":
            return f"{name}{self.params}:{local:%Y%m%d}"
        return f"{name}{self.params}:{local:%Y%m%dT%H%M%S}{'Z' if self.utc else ''}"


FORMS = (
    Form(";TZID=Europe/Berlin", BERLIN),
    Form(";TZID=Europe/Vienna", ZoneInfo("Europe/Vienna")),
    Form(";TZID=America/New_York", ZoneInfo("America/New_York")),
    Form("", ZoneInfo("UTC"), utc=True),
    Form("", None),
    Form(";VALUE=DATE", None),
)


@st.composite
def said(draw: st.DrawFn, *, people: bool) -> list[str]:
    """The lines that say anything but when."""
    lines = [f"SUMMARY:{escape(draw(WORDS))}"] if draw(st.booleans()) else []
    optional = {
        "DESCRIPTION": LINES.map(escape),
        "LOCATION": WORDS.map(escape),
        "CATEGORIES": st.lists(WORDS.filter(bool).map(escape), min_size=1, max_size=3).map(",".join),
        "TRANSP": st.sampled_from(["OPAQUE", "TRANSPARENT"]),
        "STATUS": st.sampled_from(["CONFIRMED", "TENTATIVE"]),
        "CLASS": st.sampled_from(["PUBLIC", "PRIVATE", "CONFIDENTIAL", "X-SECRET"]),
        "PRIORITY": st.integers(0, 9).map(str),
        "X-MICROSOFT-CDO-BUSYSTATUS": st.sampled_from(["FREE", "TENTATIVE", "BUSY", "OOF", "WORKINGELSEWHERE"]),
    }
    for name, values in optional.items():
        if draw(st.booleans()):
            lines.append(f"{name}:{draw(values)}")
    lines += draw(st.lists(st.sampled_from(EXTRA), unique=True, max_size=4))
    if people and draw(st.booleans()):
        lines += [f"ORGANIZER;CN=Alice:mailto:{ALICE}", *draw(st.lists(st.sampled_from(PEOPLE), unique=True))]
    for alarm in draw(st.lists(st.sampled_from(ALARMS), unique=True, max_size=3)):
        lines += ["BEGIN:VALARM", *alarm, "END:VALARM"]
    return lines


def rules_for(start: datetime) -> list[str]:
    """Rules that Outlook follows exactly, of a series that begins then."""
    day, nth = WEEKDAYS[start.weekday()], (start.day - 1) // 7 + 1
    rules = ["FREQ=DAILY", "FREQ=DAILY;INTERVAL=3", f"FREQ=WEEKLY;INTERVAL=2;BYDAY={day};WKST=SU", "FREQ=WEEKLY"]
    rules += [f"FREQ=WEEKLY;BYDAY={','.join({day: 0, 'FR': 0, 'SU': 0})}", f"FREQ=DAILY;BYDAY={day}"]
    if nth <= 4:
        rules += [f"FREQ=MONTHLY;BYDAY={nth}{day}", f"FREQ=YEARLY;BYMONTH={start.month};BYDAY={day};BYSETPOS={nth}"]
    if start.day <= 28:
        rules += ["FREQ=MONTHLY", "FREQ=YEARLY", f"FREQ=YEARLY;BYMONTH={start.month},{(start.month + 5) % 12 + 1}"]
    return rules


@st.composite
def times(draw: st.DrawFn) -> tuple[Form, datetime, list[str], bool]:
    """How they are written, the start, the lines, and whether it is a series."""
    form = draw(st.sampled_from(FORMS))
    start = datetime(2026, 11, 23) + timedelta(days=draw(st.integers(0, 120)))  # noqa: DTZ001 - local
    all_day, series = form.params == ";VALUE=DATE", draw(st.booleans())
    if not all_day:
        start += timedelta(minutes=30 * draw(st.integers(0, 40)))
    length = timedelta(days=draw(st.integers(1, 3))) if all_day else timedelta(minutes=draw(st.integers(0, 300)))
    lines = [form.line("DTSTART", start)]
    ending = draw(st.sampled_from(["end", "duration", "none", "elsewhere"]))
    if ending == "elsewhere" and not all_day and form.zone and not series:
        other = draw(st.sampled_from(FORMS[:4]))
        end = (start.replace(tzinfo=form.zone) + length).astimezone(other.zone).replace(tzinfo=None)
        lines.append(other.line("DTEND", end))
    elif ending in {"end", "elsewhere"} and length:
        lines.append(form.line("DTEND", start + length))
    elif ending == "duration" and length:
        lines.append(f"DURATION:P{length.days}D" if all_day else f"DURATION:PT{length // timedelta(minutes=1)}M")
    if series:
        rule = draw(st.sampled_from([*rules_for(start), *rules_for(start), *WILD_RULES]))
        wild = rule in WILD_RULES
        end = "" if wild or all_day else draw(st.sampled_from(["", ";COUNT=8", ";UNTIL=20270901T000000Z"]))
        lines.append(f"RRULE:{rule}{end if form.zone or 'UNTIL' not in end else ''}")
    return form, start, lines, series


@st.composite
def objects(draw: st.DrawFn) -> str:
    form, start, lines, series = draw(times())
    master = [*lines, *draw(said(people=True))]
    uid = f"trip-{next(NUMBERS)}@client"
    if not series:
        return ics(*master, uid=uid)
    zone = form.zone or BERLIN
    begin = int(start.replace(tzinfo=zone).timestamp())
    rows = instances(read_lenient(ics(*master)), begin - 86_400, begin + 70 * 86_400, BERLIN)[1:7]
    days = [datetime.fromtimestamp(row.start, zone).replace(tzinfo=None) for row in rows]
    left_out = draw(st.lists(st.sampled_from(days), unique=True, max_size=2)) if days else []
    master += [form.line("EXDATE", day) for day in left_out]
    overrides = []
    for day in draw(st.lists(st.sampled_from(days), unique=True, max_size=2)) if days else []:
        if day not in left_out:
            hours = 0 if form.params == ";VALUE=DATE" else draw(st.integers(-2, 2))
            moved = day + timedelta(hours=hours)
            times_of = [form.line("RECURRENCE-ID", day), form.line("DTSTART", moved)]
            times_of += ["DURATION:P1D" if form.params == ";VALUE=DATE" else "DURATION:PT45M"]
            state = draw(st.sampled_from(["", "", "STATUS:CANCELLED"]))
            words = [line for line in draw(said(people=False)) if not (state and line.startswith("STATUS"))]
            overrides.append((*times_of, *([state] if state else []), *words))
    return ics(*master, uid=uid, overrides=tuple(overrides))


@dataclass
class Running:
    loop: asyncio.AbstractEventLoop
    world: World
    backend: OutlookBackend

    def put(self, href: str, text: str, etag: str | None) -> CalendarObject:
        work = self.backend.put(self.world.calendar, CalendarObject(href, text), etag)
        return self.loop.run_until_complete(work)

    def writes(self) -> list[str]:
        return [seen.path for seen in self.world.microsoft.requests if seen.method != "GET"]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    loop = asyncio.new_event_loop()
    opened = running_microsoft(tmp_path_factory.mktemp("microsoft"))
    world = loop.run_until_complete(opened.__aenter__())
    yield Running(loop, world, world.backend())
    loop.run_until_complete(opened.__aexit__(None, None, None))
    loop.run_until_complete(loop.shutdown_default_executor())
    loop.close()


def lines_in(component: Component) -> set[str]:
    """Every line as it was written; of a guest without his answer, which the provider knows better."""
    own = {line.raw.replace("\r\n ", "").strip() for line in component.properties if line.name != "ATTENDEE"}
    people = {
        str((line.value.lower(), sorted((k, v) for k, v in line.params.items() if k != "PARTSTAT")))
        for line in component.properties
        if line.name == "ATTENDEE"
    }
    inner = {"|".join(sorted(lines_in(child))) for child in component.components}
    return own | people | inner


def lost(text: str, served: str) -> set[str]:
    mine, theirs = read_lenient(text), read_lenient(served)
    told = {key_of(one, theirs.zones, BERLIN): lines_in(one) for one in theirs.components}
    return {
        line
        for one in mine.components
        for line in lines_in(one) - told.get(key_of(one, mine.zones, BERLIN), set())
    }  # fmt: skip


def when(text: str) -> set[tuple[int, int]]:
    """What Outlook shows and the client means: floating times in the mailbox's zone, none of the cancelled."""
    obj = read_lenient(text)
    off = {index for index, one in enumerate(obj.components) if one.text("STATUS") == "CANCELLED"}
    begin, end = (int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) for year in (2026, 2028))
    return {(row.start, row.end) for row in instances(obj, begin, end, BERLIN) if row.component not in off}


def refused_rightly(text: str) -> bool:
    """A rule of another kind, or single dates that may not be where they are to go."""
    return any(rule in text for rule in WILD_RULES) or "RECURRENCE-ID" in text


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(objects(), objects())
def test_nothing_a_client_wrote_is_lost(running, text, other):
    read(text)
    try:
        made = running.put("new.ics", text, None)
    except RefusedByProvider:
        assert refused_rightly(text)
        return
    served = overlay(text, made.text)

    assert lost(text, served) == set()
    assert when(served) == when(made.text) == when(text)
    assert rejoin(served, made.text, made.text) == served
    running.world.microsoft.requests.clear()
    assert running.put(made.href, served, made.etag).text == made.text
    assert running.writes() == []

    edited = other.replace(read_lenient(other).uid, read_lenient(text).uid)
    try:
        now = running.put(made.href, edited, made.etag)
    except RefusedByProvider:
        return
    assert lost(edited, overlay(edited, now.text)) == set()
    assert when(now.text) == when(edited)
