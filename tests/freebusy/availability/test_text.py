"""VAVAILABILITY: what calendar apps write is understood, and what we write says the same minutes."""

from datetime import UTC, date, datetime, timedelta

import icalendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.errors import InvalidCalendarData
from gateway.freebusy.availability import (
    Away,
    Override,
    Travel,
    Window,
    WorkingHours,
    clock,
    read_availability,
    week,
    working,
    write_availability,
)

BERLIN = "Europe/Berlin"
STAMP = 1_780_000_000
MONDAY = date(2026, 6, 8)
NINE_TO_FIVE = week(range(5), (Window(540, 1020),))


def windows(text: str) -> tuple[Window, ...]:
    return tuple(Window(*map(clock, part.split("-"))) for part in text.split())


def minutes(hours: WorkingHours, first: date = MONDAY - timedelta(days=3), days: int = 24) -> int:
    start = int(datetime(first.year, first.month, first.day, tzinfo=UTC).timestamp()) // 60
    return working(hours, start, start + days * 1440)


def calendar(*lines: str) -> str:
    text = "\r\n".join(("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//y//EN", *lines, "END:VCALENDAR"))
    return text + "\r\n"


def available(start: str, end: str, *more: str, zone: str = BERLIN) -> tuple[str, ...]:
    times = (f"DTSTART;TZID={zone}:{start}", f"DTEND;TZID={zone}:{end}")
    return ("BEGIN:AVAILABLE", f"UID:{start}", "DTSTAMP:20260101T000000Z", *times, *more, "END:AVAILABLE")


def availability(*lines: str) -> tuple[str, ...]:
    return ("BEGIN:VAVAILABILITY", "UID:v", "DTSTAMP:20260101T000000Z", *lines, "END:VAVAILABILITY")


NINE_FIVE = ("20260105T090000", "20260105T170000")
ALL_DAY = windows("00:00-24:00")
OFFICE = WorkingHours(BERLIN, NINE_TO_FIVE)
WEEKDAYS = available(*NINE_FIVE, "RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(calendar(*availability(*WEEKDAYS)), OFFICE, id="a week, as the RFC's example"),
        pytest.param(
            calendar(
                *availability(
                    *available("20260105T090000", "20260105T120000", "RRULE:FREQ=WEEKLY"),
                    *available("20260106T130000", "20260106T170000", "RRULE:FREQ=WEEKLY;BYDAY=TU"),
                )
            ),
            WorkingHours(BERLIN, (windows("09:00-12:00"), windows("13:00-17:00"), (), (), (), (), ())),
            id="one for each day, as calendar apps write it",
        ),
        pytest.param(
            calendar(*availability(*available("20260105T220000", "20260106T020000", "RRULE:FREQ=DAILY"))),
            WorkingHours(BERLIN, (windows("22:00-02:00"),) * 7),
            id="over midnight",
        ),
        pytest.param(
            calendar(*availability(*available("20260105T200000", "20260107T060000", "RRULE:FREQ=WEEKLY;BYDAY=MO"))),
            WorkingHours(BERLIN, (windows("20:00-24:00"), ALL_DAY, windows("00:00-06:00"), (), (), (), ())),
            id="over two midnights",
        ),
        pytest.param(
            calendar(*availability(*available(*NINE_FIVE, "RRULE:FREQ=DAILY", zone="W. Europe Standard Time"))),
            WorkingHours(BERLIN, (windows("09:00-17:00"),) * 7),
            id="a Windows name",
        ),
        pytest.param(calendar(), WorkingHours("Asia/Kolkata", (ALL_DAY,) * 7), id="nothing said: always"),
        pytest.param(calendar(*availability()), WorkingHours("Asia/Kolkata"), id="nothing available: never"),
        pytest.param(
            calendar(
                *availability(*WEEKDAYS),
                *availability("PRIORITY:1", "DTSTART:20260609T220000Z", "DTEND:20260611T220000Z"),
            ),
            WorkingHours(BERLIN, NINE_TO_FIVE, away=(Away(date(2026, 6, 10), date(2026, 6, 11)),)),
            id="away, in UTC",
        ),
        pytest.param(
            calendar(
                *availability("PRIORITY:5", *WEEKDAYS),
                *availability("PRIORITY:9", *available("20260105T000000", "20260106T000000", "RRULE:FREQ=DAILY")),
            ),
            OFFICE,
            id="the stronger week counts",
        ),
        pytest.param(
            calendar(*availability(*WEEKDAYS, *available("20260613T100000", "20260613T120000"))),
            WorkingHours(BERLIN, NINE_TO_FIVE, (Override(date(2026, 6, 13), windows("10:00-12:00")),)),
            id="a single Saturday more",
        ),
        pytest.param(
            calendar(
                *availability(*WEEKDAYS),
                *availability("PRIORITY:1", f"DTSTART;TZID={BERLIN}:20260610T120000", "DURATION:PT2H"),
            ),
            WorkingHours(BERLIN, NINE_TO_FIVE, (Override(date(2026, 6, 10), windows("09:00-12:00 14:00-17:00")),)),
            id="out for two hours",
        ),
        pytest.param(
            calendar(
                *availability(*available("20260608T090000", "20260608T120000", "RRULE:FREQ=DAILY;INTERVAL=14;COUNT=2"))
            ),
            WorkingHours(
                BERLIN, overrides=tuple(Override(date(2026, 6, day), windows("09:00-12:00")) for day in (8, 22))
            ),
            id="a rule with an end becomes its dates",
        ),
    ],
)
def test_read(text, expected):
    assert read_availability(text, "Asia/Kolkata") == expected


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        pytest.param(availability(*available(*NINE_FIVE, "RRULE:FREQ=MONTHLY")), "cannot be kept", id="monthly"),
        pytest.param(availability(*available(*NINE_FIVE[::-1])), "end after it starts", id="backwards"),
        pytest.param(availability("PRIORITY:11"), "PRIORITY", id="priority"),
        pytest.param(availability("DTEND:20260105T090000Z"), "begin before", id="an end alone"),
        pytest.param(availability("DURATION:P1D"), "needs a DTSTART", id="a duration alone"),
        pytest.param(availability("BEGIN:AVAILABLE", "UID:x", "END:AVAILABLE"), "no DTSTART", id="no start"),
        pytest.param(availability("DTSTART:20260105T09"), "not a date-time", id="no time"),
        pytest.param(
            availability("DTSTART:19000101T000000Z", "DTEND:20990101T000000Z", *WEEKDAYS), "more than", id="a century"
        ),
        pytest.param(
            availability(*available("20260105T090000", "20260115T080000", "RRULE:FREQ=WEEKLY")),
            "more than a week",
            id="a long week",
        ),
    ],
)
def test_what_cannot_be_kept_is_refused(lines, reason):
    with pytest.raises(InvalidCalendarData, match=reason):
        read_availability(calendar(*lines), "UTC")


def test_what_is_written_is_read_back_as_it_was():
    hours = WorkingHours(
        BERLIN,
        (windows("09:00-12:00 13:00-17:00"), *((windows("09:00-17:00"),) * 4), (), ()),
        (Override(date(2026, 6, 13), windows("10:00-14:00")),),
        (Away(date(2026, 7, 1), date(2026, 7, 14)),),
        (Travel(date(2026, 6, 20), date(2026, 6, 25), "America/New_York"),),
    )

    assert read_availability(write_availability(hours, STAMP), "UTC") == hours


def test_what_is_written_is_calendar_text_others_can_read_and_stays_the_same():
    hours = WorkingHours(BERLIN, NINE_TO_FIVE, (Override(MONDAY),))
    text = write_availability(hours, STAMP)
    read = icalendar.Calendar.from_ical(text)

    assert text == write_availability(hours, STAMP)
    assert [part.name for part in read.subcomponents] == ["VTIMEZONE", "VAVAILABILITY", "VAVAILABILITY"]
    assert [str(part["PRIORITY"]) for part in read.subcomponents[1:]] == ["9", "5"]


quarters = st.integers(0, 95).map(lambda quarter: quarter * 15)
some_windows = st.lists(st.builds(Window, quarters, st.integers(0, 96).map(lambda q: q * 15)), max_size=3).map(tuple)
dates = st.integers(0, 14).map(lambda k: MONDAY + timedelta(days=k))


@st.composite
def working_hours(draw):
    zone = draw(st.sampled_from(["UTC", BERLIN, "Australia/Lord_Howe", "Asia/Kolkata"]))
    away = st.tuples(dates, st.integers(0, 3)).map(lambda pair: Away(pair[0], pair[0] + timedelta(days=pair[1])))
    return WorkingHours(
        zone,
        tuple(draw(st.lists(some_windows, min_size=7, max_size=7))),
        tuple(draw(st.lists(st.builds(Override, dates, some_windows), max_size=3, unique_by=lambda one: one.date))),
        tuple(draw(st.lists(away, max_size=2))),
    )


@settings(max_examples=150, deadline=None)
@given(working_hours())
def test_what_is_written_means_the_same_minutes(hours):
    again = read_availability(write_availability(hours, STAMP), "UTC")

    assert hex(minutes(again)) == hex(minutes(hours))
