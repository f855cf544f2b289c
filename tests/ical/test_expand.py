"""Parts of recurring objects as text."""

from zoneinfo import ZoneInfo

import pytest

from gateway.errors import TooManyInstances
from gateway.ical.expand import expand, limit_recurrences
from gateway.ical.objects import read, read_lenient
from gateway.ical.recurrence import instances
from tests.ical import calendar, component, event, stamp

BERLIN = ZoneInfo("Europe/Berlin")
ALARM = ("BEGIN:VALARM", "TRIGGER:-PT15M", "END:VALARM")
ZONE = ["BEGIN:VTIMEZONE", "TZID:Europe/Berlin", "END:VTIMEZONE"]
SERIES = component(
    "VEVENT",
    "DTSTART;TZID=Europe/Berlin:20250609T090000",
    "DTEND;TZID=Europe/Berlin:20250609T100000",
    "RRULE:FREQ=DAILY",
    "EXDATE;TZID=Europe/Berlin:20250610T090000",
    "X-DUE;TZID=Europe/Berlin;X-P=1:20250601T120000",
    "SUMMARY:long \r\n folded",
    *ALARM,
)
MOVED = component(
    "VEVENT",
    "RECURRENCE-ID;TZID=Europe/Berlin:20250611T090000",
    "DTSTART;TZID=Europe/Berlin:20250620T120000",
    "DURATION:PT2H",
)


def made(*lines: str) -> list[str]:
    return component("VEVENT", "X-DUE;X-P=1:20250601T100000Z", "SUMMARY:long \r\n folded", *lines, *ALARM)


def test_expand() -> None:
    obj = read(calendar(*ZONE, *SERIES, *MOVED))

    assert expand(obj, stamp("20250609"), stamp("20250613"), BERLIN) == calendar(
        *made("DTSTART:20250609T070000Z", "DTEND:20250609T080000Z", "RECURRENCE-ID:20250609T070000Z"),
        *made("DTSTART:20250612T070000Z", "DTEND:20250612T080000Z", "RECURRENCE-ID:20250612T070000Z"),
    )
    moved = component("VEVENT", "DTSTART:20250620T100000Z", "DURATION:PT2H", "RECURRENCE-ID:20250611T070000Z")
    assert expand(obj, stamp("20250620T090000Z"), stamp("20250621"), BERLIN) == calendar(*moved)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param(
            ["DTSTART;TZID=Europe/Berlin:20250609T090000"],
            ["DTSTART:20250609T070000Z"],
            id="single: no RECURRENCE-ID, no end",
        ),
        pytest.param(
            ["DTSTART;VALUE=DATE:20250609", "DTEND;VALUE=DATE:20250610", "RRULE:FREQ=WEEKLY"],
            ["DTSTART;VALUE=DATE:20250609", "DTEND;VALUE=DATE:20250610", "RECURRENCE-ID;VALUE=DATE:20250609"],
            id="dates stay dates",
        ),
        pytest.param(
            ["DTSTART:20250609T090000", "DURATION:PT1H", "RRULE:FREQ=WEEKLY"],
            ["DTSTART:20250609T090000", "DURATION:PT1H", "RECURRENCE-ID:20250609T090000"],
            id="floating times stay floating",
        ),
        pytest.param(
            ["DTSTART:20250501T090000Z", "RDATE:20250610T090000Z"],
            ["DTSTART:20250610T090000Z", "RECURRENCE-ID:20250610T090000Z"],
            id="dates without a rule",
        ),
    ],
)
def test_expanded_times(lines: list[str], expected: list[str]) -> None:
    text = expand(read(event(*lines)), stamp("20250609"), stamp("20250612"), BERLIN)
    assert text == calendar(*component("VEVENT", *expected))


def test_expand_tasks() -> None:
    obj = read(calendar(*component("VTODO", "DUE:20250609T090000Z", "RRULE:FREQ=WEEKLY")))
    expected = component("VTODO", "DUE:20250616T090000Z", "RECURRENCE-ID:20250616T090000Z")
    assert expand(obj, stamp("20250616"), stamp("20250617"), BERLIN) == calendar(*expected)


def test_nothing_in_the_window_is_no_text() -> None:
    assert expand(read(calendar(*SERIES)), stamp("20200101"), stamp("20210101"), BERLIN) == ""


def test_more_than_the_limit_is_refused() -> None:
    with pytest.raises(TooManyInstances):
        expand(read(calendar(*SERIES)), stamp("20250609"), stamp("20260609"), BERLIN, limit=100)


def test_lines_end_as_they_should() -> None:
    obj = read(calendar(*SERIES).replace("\r\n", "\n"))
    text = expand(obj, stamp("20250609"), stamp("20250610"), BERLIN)
    assert text.count("\n") == text.count("\r\n") > 10


def test_what_is_expanded_reads_back_as_the_same_instances() -> None:
    obj = read(calendar(*SERIES, *MOVED))
    window = stamp("20250601"), stamp("20250701")

    again = read_lenient(expand(obj, *window, BERLIN))

    expected = [(one.start, one.end, one.rid) for one in instances(obj, *window, BERLIN)]
    assert [(one.start, one.end, one.rid) for one in instances(again, *window, BERLIN)] == expected


ONWARD = component(
    "VEVENT", "RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Europe/Berlin:20250630T090000", "DTSTART:20250630T100000Z"
)


@pytest.mark.parametrize(
    ("start", "end", "kept"),
    [
        pytest.param("20250620", "20250621", [MOVED], id="moved into"),
        pytest.param("20250611", "20250612", [MOVED], id="moved out of"),
        pytest.param("20250701", "20250702", [ONWARD], id="after a change of this and future ones"),
        pytest.param("20250613", "20250614", [], id="neither"),
    ],
)
def test_limit_recurrences(start: str, end: str, kept: list[list[str]]) -> None:
    obj = read(calendar(*ZONE, *SERIES, *MOVED, *ONWARD))
    expected = calendar(*ZONE, *SERIES, *(line for lines in kept for line in lines))
    assert limit_recurrences(obj, stamp(start), stamp(end), BERLIN) == expected
