"""A law: whatever a client writes comes back from Google as it went, for what Google holds and what it does not.

LAW_EXAMPLES=1000 in the environment looks longer.
"""

import asyncio
import os
from datetime import UTC, datetime, timedelta

from aiohttp import ClientSession
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.demo.google import GoogleSimulator
from gateway.errors import RefusedByProvider
from gateway.ical.objects import read, read_lenient
from gateway.model import CalendarObject
from gateway.sync.meaning import by_key, meaning
from gateway.sync.rejoin import overlay, rejoin, same
from tests.fakes.google import ALICE, BOB, running_google
from tests.fakes.google_account import SignedIn

FIRST = datetime(2026, 10, 12, tzinfo=UTC)
ZONES = ("Europe/Berlin", "America/New_York", "Asia/Kathmandu", "W. Europe Standard Time")
WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1, max_size=20)
MARKUP = st.sampled_from(("<b>", "&amp;", "<br>", "a < b", "\n", "\n\n", " ", "<span>", "x"))
TEXTS = st.one_of(WORDS, st.lists(st.one_of(WORDS, MARKUP), min_size=1, max_size=5).map("".join))


def escaped(text: str) -> str:
    for plain, safe in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        text = text.replace(plain, safe)
    return text


def text_lines(name):
    return TEXTS.map(lambda text: [f"{name}:{escaped(text)}"])


def one_of(*lines):
    return st.sampled_from([[line] for line in lines])


def guest(answer, role, number):
    """What sort of guest it is stays for life: Google takes that on adding only."""
    rest = {7: ";CUTYPE=GROUP", 8: ";CUTYPE=ROOM", 9: ";CUTYPE=RESOURCE"}.get(number, "")
    return f"ATTENDEE;PARTSTAT={answer};ROLE={role}{rest};X-KEPT=1:mailto:guest{number}@other.example"


GUESTS = st.lists(
    st.builds(
        guest,
        st.sampled_from(("NEEDS-ACTION", "ACCEPTED", "DECLINED", "TENTATIVE", "DELEGATED")),
        st.sampled_from(("CHAIR", "REQ-PARTICIPANT", "OPT-PARTICIPANT", "NON-PARTICIPANT")),
        st.integers(1, 9),
    ),
    max_size=3,
    unique_by=lambda line: line.rpartition(":")[2],
)
MEETING = st.builds(
    lambda guests, urn: [
        f"ORGANIZER;CN=Alice:mailto:{ALICE}",
        f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{ALICE}",
        *guests,
        *urn,
    ],
    GUESTS,
    one_of("ATTENDEE;CUTYPE=UNKNOWN:urn:uuid:17", "COMMENT:by phone"),
)
ALARM = st.builds(
    lambda action, trigger: ["BEGIN:VALARM", f"ACTION:{action}", trigger, "DESCRIPTION:Now", "X-KEPT:1", "END:VALARM"],
    st.sampled_from(("DISPLAY", "AUDIO", "EMAIL", "X-SHAKE")),
    st.one_of(
        st.integers(0, 50_000).map(lambda minutes: f"TRIGGER:-PT{minutes}M"),
        st.sampled_from(("TRIGGER;RELATED=END:PT5M", "TRIGGER;VALUE=DATE-TIME:20261012T070000Z", "TRIGGER:PT30S")),
    ),
)
PARTS = (
    text_lines("SUMMARY"),
    text_lines("DESCRIPTION"),
    text_lines("LOCATION"),
    one_of("CLASS:PUBLIC", "CLASS:PRIVATE", "CLASS:CONFIDENTIAL"),
    one_of("TRANSP:OPAQUE", "TRANSP:TRANSPARENT", "X-MICROSOFT-CDO-BUSYSTATUS:FREE", "X-MICROSOFT-CDO-BUSYSTATUS:OOF"),
    one_of("STATUS:TENTATIVE", "STATUS:CONFIRMED"),
    one_of("COLOR:crimson", "COLOR:rebeccapurple"),
    one_of("CATEGORIES:Work,Travel"),
    one_of("PRIORITY:1", "GEO:52.5;13.4"),
    one_of("URL:https://example.com/a?b=c", "URL:mailto:desk@example.com"),
    one_of('X-NOTE;X-P="a;b":kept', "RELATED-TO;RELTYPE=PARENT:other@example.com"),
    one_of("X-APPLE-STRUCTURED-LOCATION;VALUE=URI;X-TITLE=Office:geo:52.5,13.4", "RESOURCES:Beamer"),
    one_of("X-ALT-DESC;FMTTYPE=text/html:<p>Hello</p>", "IMAGE;VALUE=URI:https://example.com/i.png"),
    one_of("CONFERENCE;VALUE=URI;FEATURE=VIDEO:https://video.example/room", "CONTACT:Front desk"),
    st.lists(
        st.sampled_from(
            (
                "ATTACH;FMTTYPE=application/pdf;FILENAME=Plan:https://drive.google.com/open?id=1",
                "ATTACH:https://files.example/2",
                "ATTACH;ENCODING=BASE64;VALUE=BINARY;FMTTYPE=text/plain:aGVsbG8=",
            )
        ),
        unique=True,
        min_size=1,
    ),
    MEETING,
    st.integers(0, 9).map(lambda number: [f"SEQUENCE:{number}"]),
)


@st.composite
def content(draw):
    """Lines that say nothing about time, alarms last."""
    lines = [line for part in PARTS if draw(st.booleans()) for line in draw(part)]
    alarms = draw(st.lists(ALARM, max_size=2))
    return lines, [line for alarm in alarms for line in alarm]


class Times:
    """form: a zone, "UTC", "floating" or "date"."""

    def __init__(self, form, hour):
        self.form, self.hour = form, hour

    def value(self, day, later=0):
        moment = FIRST + timedelta(days=day, hours=0 if self.form == "date" else self.hour)
        if self.form == "date":
            return f"{moment + timedelta(days=later):%Y%m%d}"
        return f"{moment + timedelta(hours=later):%Y%m%dT%H%M%S}{'Z' if self.form == 'UTC' else ''}"

    def line(self, name, day, later=0):
        params = {"UTC": "", "floating": "", "date": ";VALUE=DATE"}.get(self.form, f";TZID={self.form}")
        return f"{name}{params}:{self.value(day, later)}"

    def until(self, day):
        return (
            self.value(day)
            if self.form in {"date", "floating", "UTC"}
            else f"{FIRST + timedelta(days=day):%Y%m%dT235959Z}"
        )


def event(times, day, draw, *more, later=0):
    lines, alarms = draw(content())
    units = "D" if times.form == "date" else "H"
    length = f"DURATION:P{'T' if units == 'H' else ''}2{units}"
    end = draw(st.sampled_from([length, times.line("DTEND", day, later + 2)]))
    head = ["UID:law@example.com", "DTSTAMP:20261001T000000Z", times.line("DTSTART", day, later), end]
    return ["BEGIN:VEVENT", *head, *more, *lines, *alarms, "END:VEVENT"]


@st.composite
def objects(draw):
    times = Times(draw(st.sampled_from((*ZONES, "UTC", "floating", "date"))), draw(st.integers(6, 20)))
    if draw(st.booleans()):
        rows = event(times, 0, draw)
    else:
        rule = draw(st.sampled_from(("FREQ=DAILY;COUNT=9", f"FREQ=WEEKLY;BYDAY=MO,TH;WKST=SU;UNTIL={times.until(30)}")))
        gone, changed = draw(st.sampled_from(((), (3,), (3, 7)))), draw(st.sampled_from(((), (0,), (0, 7))))
        lines = [f"RRULE:{rule}", *(times.line("EXDATE", day) for day in gone if day not in changed)]
        lines += [times.line("RDATE", 40)] if draw(st.booleans()) else []
        rows = event(times, 0, draw, *lines)
        for day in changed:
            rows += event(times, day, draw, times.line("RECURRENCE-ID", day), later=draw(st.integers(0, 3)))
    return "\r\n".join(
        ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//client//EN", "X-WR-NOTE:kept", *rows, "END:VCALENDAR", ""]
    )


def lost(written: str, served: str) -> list[tuple[str, str]]:
    """What a client's text says and the other does not, as component and property."""
    one, other = read(written), read_lenient(served)
    there = {key: meaning(component, other.zones) for key, component in by_key(other).items()}
    return [
        (str(key), name)
        for key, component in by_key(one).items()
        for name, value in meaning(component, one.zones).items()
        if there.get(key, {}).get(name) != value and not _contains(there.get(key, {}).get(name), value)
    ]


def _contains(all_of_it, part):
    return all_of_it is not None and part <= all_of_it


async def there_and_back(text: str, again: str) -> None:
    async with running_google() as google, ClientSession() as http:
        alice = SignedIn(google, http)
        stored = await alice.backend.put(ALICE, CalendarObject("law.ics", text), None)
        served = overlay(text, stored.text)
        assert lost(text, served) == []

        [pulled], _ = await alice.everything()
        assert pulled == stored
        assert rejoin(served, stored.text, pulled.text) == served

        unchanged = await alice.backend.put(ALICE, CalendarObject(stored.href, served), stored.etag)
        assert same(unchanged.text, stored.text)
        assert unchanged.etag == stored.etag

        await edited(alice, google, stored, again)


async def edited(alice: SignedIn, google: GoogleSimulator, stored: CalendarObject, text: str) -> None:
    """Replaced by something else altogether: taken as a whole, or refused in words."""
    absent = "X-GATEWAY-EVENT-TYPE:outOfOffice" in stored.text
    try:
        after = await alice.backend.put(ALICE, CalendarObject(stored.href, text), stored.etag)
    except RefusedByProvider:
        [pulled], _ = await alice.everything()
        assert (pulled, absent) == (stored, True)
        return
    assert lost(text, overlay(text, after.text)) == []
    [pulled], _ = await alice.everything()
    assert pulled == after
    assert BOB not in {row["email"] for event in google.events(ALICE) for row in event.get("attendees", ())}


@settings(max_examples=int(os.environ.get("LAW_EXAMPLES", "20")), deadline=None)
@given(objects(), objects())
def test_nothing_that_a_client_wrote_is_lost(text, again):
    asyncio.run(there_and_back(text, again))
