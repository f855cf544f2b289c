"""Texts that once took a reader minutes, or led it astray: each is read in a moment, by clients' rules and feeds'."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest

from gateway.errors import GatewayError, InvalidCalendarData, TooManyInstances
from gateway.ical.expand import expand, limit_recurrences
from gateway.ical.index import index
from gateway.ical.objects import read, read_lenient
from gateway.ical.recurrence import instances
from gateway.ical.text import parse, serialise
from gateway.ical.times import LAST_END

BERLIN = ZoneInfo("Europe/Berlin")
START, END = 1_767_225_600, 1_767_225_600 + 1_400 * 86_400
MOMENTS = [
    (datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=7 * n)).strftime("%Y%m%dT%H%M%SZ") for n in range(30_000)
]
EVENT = ["BEGIN:VEVENT", "UID:u", "DTSTAMP:20260101T000000Z", "DTSTART:20260101T100000Z", "DTEND:20260101T110000Z"]


def calendar(*lines: str, event: tuple[str, ...] = (), before: str = "") -> str:
    """event: more lines of the event. lines: more after it."""
    head = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//tests//EN"]
    return before + "\r\n".join([*head, *EVENT, *event, "END:VEVENT", *lines, "END:VCALENDAR", ""])


def overrides(moments: list[str]) -> list[str]:
    """All of them moved to the same time."""
    return [
        line
        for moment in moments
        for line in (*EVENT[:3], f"RECURRENCE-ID:{moment}", "DTSTART:20260101T100000Z", "END:VEVENT")
    ]


BLANK = {
    "blank lines in an event": calendar(event=("\r\n" * 200_000,)),
    "blank lines before it all": calendar(before="\n" * 200_000),
    "blank lines after it all": calendar() + "\r\n" * 200_000,
    "lines of blanks": calendar(event=(" \r\n" * 100_000,)),
    "pairs of double quotes": calendar(event=("X-A;P=" + '"a",' * 400_000 + ":x",)),
    "colons between double quotes": calendar(event=("X-A;P=" + '":",' * 400_000 + ":x",)),
}


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in BLANK.items()])
def test_what_means_nothing_costs_little_and_is_kept(text: str) -> None:
    assert serialise(read(text).calendar) == text
    read_lenient(text)


JUNK = {
    "lines that are none": calendar(event=("no line",) * 300_000),
    "lines that are none, first": calendar(before="no line\r\n" * 300_000),
    "quotes that do not end": calendar(event=("X-A;P=" + '"a' * 400_001 + ":x",)),
}


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in JUNK.items()])
def test_what_is_no_text_is_refused_for_clients_and_kept_for_feeds(text: str) -> None:
    with pytest.raises(InvalidCalendarData):
        read(text)
    assert serialise(parse(text, lenient=True)) == text


NAMED = {
    "dates": calendar(event=("RDATE:" + ",".join(MOMENTS),)),
    "dates, a line each": calendar(event=tuple(f"RDATE:{one}" for one in MOMENTS)),
    "periods": calendar(event=("RDATE;VALUE=PERIOD:" + ",".join(f"{one}/PT5M" for one in MOMENTS),)),
    "exceptions": calendar(event=("RRULE:FREQ=DAILY", "EXDATE:" + ",".join(MOMENTS))),
    "overrides": calendar(*overrides(MOMENTS), event=("RRULE:FREQ=DAILY",)),
    "overrides of nothing": calendar(*overrides(MOMENTS)),
}


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in NAMED.items()])
def test_instances_named_by_the_ten_thousand_are_refused_of_anybody(text: str) -> None:
    with pytest.raises(TooManyInstances):
        read(text)
    lenient = read_lenient(text)
    with pytest.raises(TooManyInstances):
        index(lenient, text, set(), BERLIN, START, END)


def test_more_instances_at_one_time_than_are_kept_are_refused() -> None:
    text = calendar(*overrides(MOMENTS[:12_000]))
    obj = read(text)
    with pytest.raises(TooManyInstances):
        index(obj, text, set(), BERLIN, START, END)


def test_an_object_with_more_time_zones_than_are_remembered_is_read() -> None:
    zone = (
        "BEGIN:VTIMEZONE\r\nTZID:Zone {}\r\nBEGIN:STANDARD\r\nDTSTART:19000101T000000\r\nTZOFFSETFROM:+0100\r\n"
        "TZOFFSETTO:+0200\r\nEND:STANDARD\r\nEND:VTIMEZONE"
    )
    text = calendar(*(zone.format(number) for number in range(1_500)))
    assert serialise(read(text).calendar) == text


def test_a_folded_line_is_not_taken_for_a_time_zone() -> None:
    text = calendar("BEGIN:VTIMEZONE\r\n -LIKE\r\nEND:VTIMEZONE-LIKE")
    with pytest.raises(GatewayError):
        read(text)
    assert [one.name for one in parse(text, lenient=True).components] == ["VEVENT", "VTIMEZONE-LIKE"]


FAR = {
    "a length past the last year": calendar(event=("RRULE:FREQ=DAILY",)).replace("DTEND:2026", "DTEND:9998"),
    "a rule at the last year": calendar(event=("RRULE:FREQ=WEEKLY;INTERVAL=1000;BYDAY=MO,SU",)).replace(
        ":20260101T1", ":99981201T1"
    ),
    "the fifty-third Monday of each month": calendar(event=("RRULE:FREQ=MONTHLY;BYDAY=53MO",)),
    "an override that moves all that follow out of time": calendar(
        *(*EVENT[:3], "RECURRENCE-ID;RANGE=THISANDFUTURE:20260102T100000Z", "DTSTART:99901231T100000Z", "END:VEVENT"),
        event=("RRULE:FREQ=DAILY",),
    ),
    "a period past the last year": calendar(event=("RDATE;VALUE=PERIOD:99980101T000000Z/P99999D",)),
}
WINDOWS = [(START, END), (-62_100_000_000, 253_300_000_000), (253_000_000_000, 253_300_000_000)]


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in FAR.items()])
def test_times_at_the_end_of_time_are_given_or_refused(text: str, window: tuple[int, int]) -> None:
    obj = read(text)
    with suppress(TooManyInstances):
        for one in instances(obj, *window, BERLIN, 1_000):
            assert one.start <= one.end <= LAST_END
    for write in (partial(expand, limit=1_000), limit_recurrences):
        with suppress(TooManyInstances):
            parse(write(obj, *window, zone=BERLIN) or text)
    with suppress(TooManyInstances):
        index(obj, text, set(), BERLIN, *window)
