"""What may be stored, what is made of the rest, and whole calendars."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import (
    DateOutOfRange,
    GatewayError,
    InvalidCalendarData,
    InvalidCalendarObject,
    TooManyAttendees,
    TooManyInstances,
    UnknownTimezone,
    UnsupportedComponent,
)
from gateway.ical.objects import combine, etag_of, href_of, read, read_lenient, split
from gateway.ical.text import parse
from tests.ical import HEAD, calendar, component, event

START = "DTSTART:20250609T070000Z"
GOOD = event(START)
ZONE = [
    "BEGIN:VTIMEZONE",
    "TZID:Custom",
    "BEGIN:STANDARD",
    "DTSTART:19700101T000000",
    "TZOFFSETFROM:+0100",
    "TZOFFSETTO:+0100",
    "END:STANDARD",
    "END:VTIMEZONE",
]
LATER = component("VEVENT", "RECURRENCE-ID:20250610T070000Z", "DTSTART:20250610T080000Z")


@pytest.mark.parametrize(
    ("text", "error"),
    [
        pytest.param(GOOD.replace("VERSION:2.0", "VERSION:1.0"), InvalidCalendarData, id="vCalendar 1.0"),
        pytest.param(calendar("METHOD:REQUEST", *component("VEVENT", START)), InvalidCalendarObject, id="METHOD"),
        pytest.param(calendar(), InvalidCalendarObject, id="empty"),
        pytest.param(calendar(*ZONE), InvalidCalendarObject, id="a zone alone"),
        pytest.param(calendar(*component("VAVAILABILITY")), UnsupportedComponent, id="VAVAILABILITY"),
        pytest.param(calendar(*component("VFOO")), UnsupportedComponent, id="a kind nobody knows"),
        pytest.param(calendar(*component("VEVENT", START), *component("VTODO")), InvalidCalendarObject, id="two kinds"),
        pytest.param(
            calendar(*component("VEVENT", START), *component("VEVENT", START, uid="two")),
            InvalidCalendarObject,
            id="two UIDs",
        ),
        pytest.param(calendar(*component("VEVENT", START) * 2), InvalidCalendarObject, id="two masters"),
        pytest.param(event(START, more=(LATER, LATER)), InvalidCalendarObject, id="two overrides of one instance"),
        pytest.param(GOOD.replace("UID:one\r\n", ""), InvalidCalendarObject, id="no UID"),
        pytest.param(GOOD.replace("UID:one", "UID: "), InvalidCalendarObject, id="empty UID"),
        pytest.param(GOOD.replace("UID:one", "UID:one\r\nUID:one"), InvalidCalendarData, id="UID twice"),
        pytest.param(event(START, START), InvalidCalendarData, id="DTSTART twice"),
        pytest.param(event(), InvalidCalendarData, id="no DTSTART"),
        pytest.param(
            GOOD.replace("DTSTAMP:20250101T000000Z", "DTSTAMP:20250101"), InvalidCalendarData, id="DTSTAMP a date"
        ),
        pytest.param(event("DTSTART:today"), InvalidCalendarData, id="DTSTART unreadable"),
        pytest.param(event("DTSTART:00010101T000000Z"), DateOutOfRange, id="year 1"),
        pytest.param(event("DTSTART:99991231T000000Z"), DateOutOfRange, id="year 9999"),
        pytest.param(event("DTSTART;TZID=Nowhere:20250609T070000"), UnknownTimezone, id="zone that nobody knows"),
        pytest.param(
            event(START, *(f"ATTENDEE:mailto:{number}@example.com" for number in range(1_001))),
            TooManyAttendees,
            id="too many attendees",
        ),
        pytest.param(event(START, "DURATION:1 hour"), InvalidCalendarData, id="DURATION unreadable"),
        pytest.param(event(START, "RRULE:FREQ=DAILY;INTERVAL=0"), InvalidCalendarData, id="INTERVAL=0"),
        pytest.param(
            event(START, "RRULE:FREQ=DAILY;COUNT=2;UNTIL=20260101"), InvalidCalendarData, id="COUNT and UNTIL"
        ),
        pytest.param(event(START, "EXDATE:never"), InvalidCalendarData, id="EXDATE unreadable"),
        pytest.param(event(START, "RDATE;VALUE=PERIOD:20250610/PT1H"), InvalidCalendarData, id="RDATE unreadable"),
        pytest.param(event(START, "RECURRENCE-ID:x"), InvalidCalendarData, id="RECURRENCE-ID unreadable"),
        pytest.param(
            calendar(*component("VTODO", "DURATION:PT1H")), InvalidCalendarData, id="task with DURATION alone"
        ),
    ],
)
def test_what_may_not_be_stored(text: str, error: type[GatewayError]) -> None:
    with pytest.raises(error) as refused:
        read(text)
    assert type(refused.value) is error


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(GOOD, id="an event"),
        pytest.param(event(START, "DTEND:20250609T070000Z"), id="no length"),
        pytest.param(GOOD.replace("DTSTAMP:20250101T000000Z\r\n", ""), id="no DTSTAMP, as scripts write it"),
        pytest.param(event("DTSTART;VALUE=DATE:20250609", "DTEND;VALUE=DATE:20250609"), id="a day that ends at once"),
        pytest.param(event(START, "DURATION:PT0S"), id="zero DURATION"),
        pytest.param(event(START, "DTEND:20250609T080000Z", "DURATION:PT1H"), id="DTEND and DURATION"),
        pytest.param(calendar(*LATER), id="override alone"),
        pytest.param(calendar(*component("VTODO")), id="undated task"),
        pytest.param(calendar(*component("VTODO", "DUE:20250609T070000Z", "RRULE:FREQ=DAILY")), id="task due daily"),
        pytest.param(calendar(*component("VJOURNAL")), id="undated journal entry"),
        pytest.param(calendar(*component("X-THING"), *component("VEVENT", START)), id="experimental component besides"),
        pytest.param(GOOD.replace("\r\n", "\n"), id="LF"),
        pytest.param(event("DTSTART;VALUE=DATE:16040229", "RRULE:FREQ=YEARLY"), id="birthday without year"),
    ],
)
def test_what_may_be_stored(text: str) -> None:
    assert read(text).uid == "one"


def test_the_master_comes_first() -> None:
    obj = read(calendar(*LATER, *component("VEVENT", START)))
    assert [one.first("RECURRENCE-ID") is None for one in obj.components] == [True, False]
    assert obj.master is obj.components[0]


def test_zones_are_found_by_the_names_in_the_text() -> None:
    text = calendar(
        *ZONE,
        *component(
            "VEVENT",
            "DTSTART;TZID=Custom:20250609T070000",
            "DTEND;TZID=Nowhere:20250609T080000",
            "X-A;TZID=Eastern Standard Time:20250609T070000",
        ),
    )
    assert set(read_lenient(text).zones) == {"Custom", "Eastern Standard Time"}


def test_only_times_need_a_zone_that_is_known() -> None:
    assert read(event(START, "X-A;TZID=Nowhere:20250609T070000")).zones == {}


def test_instances_named_one_by_one_are_counted() -> None:
    text = event(START, "RDATE:20250610T070000Z,20250611T070000Z", "EXDATE:20250611T070000Z")
    assert read(text, 4).uid == "one"
    with pytest.raises(TooManyInstances):
        read(text, 3)


@pytest.mark.parametrize(
    ("text", "uid", "count"),
    [
        pytest.param(GOOD.replace("DTSTAMP:20250101T000000Z\r\n", ""), "one", 1, id="no DTSTAMP"),
        pytest.param(calendar("METHOD:PUBLISH", *component("VEVENT", START)), "one", 1, id="METHOD"),
        pytest.param(calendar(*component("VEVENT", START) * 2), "one", 1, id="two masters"),
        pytest.param(calendar(*component("VEVENT", START), *component("VTODO")), "one", 1, id="two kinds of one UID"),
        pytest.param(event(START, more=(LATER, LATER)), "one", 2, id="two overrides of one instance"),
        pytest.param("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:one\r\nSUMMARY", "one", 1, id="cut off"),
        pytest.param(event("SEQUENCE:²", START, more=(LATER,)), "one", 2, id="a digit that is no number"),
    ],
)
def test_lenient_reading(text: str, uid: str, count: int) -> None:
    obj = read_lenient(text)
    assert (obj.uid, len(obj.components)) == (uid, count)


def test_of_several_masters_the_latest_counts() -> None:
    old, new = ["SUMMARY:old", "SEQUENCE:1", START], ["SUMMARY:new", "SEQUENCE:2", START]
    obj = read_lenient(calendar(*component("VEVENT", *new), *component("VEVENT", *old)))
    assert obj.components[0].text("SUMMARY") == "new"


@pytest.mark.parametrize("text", [calendar(), calendar(*ZONE)])
def test_nothing_to_show(text: str) -> None:
    with pytest.raises(InvalidCalendarObject):
        read_lenient(text)


def test_a_feed_is_taken_apart() -> None:
    feed = calendar(
        "METHOD:PUBLISH",
        "X-WR-CALNAME:Team",
        *ZONE,
        *component("VEVENT", "DTSTART;TZID=Custom:20250609T070000", "RRULE:FREQ=DAILY"),
        *component("VTODO", uid="two/three"),
        *LATER,
        "BEGIN:VEVENT",
        START,
        "END:VEVENT",
    ).replace("\r\n", "\n")

    first, second, third = split(feed)

    assert first.text == "".join(
        f"{line}\r\n"
        for line in (
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:-//Test//EN",
            *ZONE,
            *component("VEVENT", "DTSTART;TZID=Custom:20250609T070000", "RRULE:FREQ=DAILY"),
            *LATER,
            "END:VCALENDAR",
        )
    )
    assert (first.href, first.etag) == ("one.ics", etag_of(first.text))
    assert second.href.startswith("h-")
    assert "VTIMEZONE" not in second.text
    assert read_lenient(third.text).uid.endswith("@gateway")
    assert split(feed) == [first, second, third]


def test_a_feed_of_nothing() -> None:
    assert split(calendar()) == []
    with pytest.raises(InvalidCalendarData):
        split("<html>Sign in</html>")


@pytest.mark.parametrize("uid", ["a", "040000008200E00074C5B7101A82E008@x.example", "A_b-c.d"])
def test_harmless_uids_name_their_object(uid: str) -> None:
    assert href_of(uid) == f"{uid}.ics"


@given(st.text(min_size=1), st.text(min_size=1))
def test_names_are_safe_and_differ(one: str, other: str) -> None:
    name = href_of(one)
    assert name.removesuffix(".ics").replace("@", "").replace(".", "").replace("-", "").replace("_", "").isalnum()
    assert name.isascii()
    assert not name.startswith(".")
    assert (name == href_of(other)) == (one == other)


def test_objects_are_put_together_with_each_zone_once() -> None:
    timed = component("VEVENT", "DTSTART;TZID=Custom:20250609T070000")
    other = [line.replace("+0100", "+0300") for line in ZONE]

    whole = combine(
        [calendar(*ZONE, *timed), calendar(*ZONE, *timed), calendar(*other, *timed), calendar(*other, *timed)],
        "-//Us//EN",
        "Ann; all",
    )

    renamed = [line.replace("Custom", "Custom 2") for line in other]
    moved = [line.replace("Custom", "Custom 2") for line in timed]
    assert whole == "".join(
        f"{line}\r\n"
        for line in (
            *HEAD[:2],
            "PRODID:-//Us//EN",
            "NAME:Ann\\; all",
            "X-WR-CALNAME:Ann\\; all",
            *ZONE,
            *renamed,
            *timed,
            *timed,
            *moved,
            *moved,
            "END:VCALENDAR",
        )
    )
    assert len(parse(whole).components) == 6


def test_many_zones_of_one_object_are_not_all_worked_out() -> None:
    zones = [line.replace("Custom", f"Zone {number}") for number in range(100) for line in ZONE]
    lines = [f"RDATE;TZID=Zone {number}:20250609T070000" for number in range(100)]
    assert len(read(calendar(*zones, *component("VEVENT", START, *lines))).zones) == 20


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(event(START, "DTEND:20250609T060000Z"), id="before its start"),
        pytest.param(event(START, "DTEND;VALUE=DATE:20250610"), id="a date"),
        pytest.param(event(START, "DURATION:-PT1H"), id="a negative length"),
        pytest.param(event("DTSTART;VALUE=DATE:20250609", "DURATION:PT1H"), id="an hour of a day"),
        pytest.param(calendar(*component("VTODO", "RRULE:FREQ=DAILY")), id="a rule without a start"),
    ],
)
def test_an_end_that_makes_no_sense_is_no_reason_to_refuse(text):
    assert read(text).uid
