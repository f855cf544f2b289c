"""Dates, times, durations."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import InvalidCalendarData
from gateway.ical.value import (
    Duration,
    format_date,
    format_local,
    format_offset,
    format_utc,
    parse_date,
    parse_datetime,
    parse_duration,
    parse_offset,
    parse_period,
    parse_when,
)

years = {"min_value": datetime(2, 1, 1), "max_value": datetime(9998, 12, 31)}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("20250609", date(2025, 6, 9)),
        ("20250609T070000", datetime(2025, 6, 9, 7)),
        ("20250609T070000Z", datetime(2025, 6, 9, 7, tzinfo=UTC)),
        ("20161231T235960Z", datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_when(text: str, value: date) -> None:
    assert parse_when(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2025",
        "20250230",
        "20250609T25",
        "20250609T250000",
        "20250609 070000",
        "2025-06-09",
        "+0250609",
        "٢٠٢٥٠٦٠٩",
        "20250609T070000+0200",
        "00000101",
        "00010101T000000Z",
        "99991231",
    ],
)
def test_no_date(text: str) -> None:
    with pytest.raises(InvalidCalendarData):
        parse_when(text)


@given(st.datetimes(**years))
def test_times_come_back(when: datetime) -> None:
    second = when.replace(microsecond=0)
    aware = second.replace(tzinfo=UTC)

    assert parse_datetime(format_local(second)) == second
    assert parse_datetime(format_utc(aware)) == aware
    assert format_utc(int(aware.timestamp())) == format_utc(aware)
    assert parse_date(format_date(second)) == second.date()


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("PT0S", Duration(0, 0)),
        ("P1W", Duration(7, 0)),
        ("P1DT2H3M4S", Duration(1, 7384)),
        ("-PT15M", Duration(0, -900)),
        ("+P2D", Duration(2, 0)),
        ("PT90M", Duration(0, 5400)),
        ("P1DT", Duration(1, 0)),
    ],
)
def test_duration(text: str, duration: Duration) -> None:
    assert parse_duration(text) == duration


@pytest.mark.parametrize("text", ["", "P", "PT", "1D", "P1H", "P-1D", "P1W2D", "PT1.5H", "P999999999W", "P9999999W"])
def test_no_duration(text: str) -> None:
    with pytest.raises(InvalidCalendarData):
        parse_duration(text)


def test_period() -> None:
    start = datetime(2025, 6, 9, 7, tzinfo=UTC)
    assert parse_period("20250609T070000Z/20250609T080000Z") == (start, datetime(2025, 6, 9, 8, tzinfo=UTC))
    assert parse_period("20250609T070000Z/PT1H") == (start, Duration(0, 3600))
    with pytest.raises(InvalidCalendarData):
        parse_period("20250609T070000Z")


@pytest.mark.parametrize(("text", "seconds"), [("+0100", 3600), ("-0330", -12600), ("+003628", 2188), ("+0000", 0)])
def test_offset(text: str, seconds: int) -> None:
    assert parse_offset(text) == timedelta(seconds=seconds)
    assert format_offset(timedelta(seconds=seconds)) == text


@pytest.mark.parametrize("text", ["", "0100", "+1", "+2500", "+0160", "+5744"])
def test_no_offset(text: str) -> None:
    with pytest.raises(InvalidCalendarData):
        parse_offset(text)
