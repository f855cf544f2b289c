"""Minutes of working time; the rules themselves stand in the tests of slots."""

from datetime import UTC, date, datetime

import pytest

from gateway.freebusy.availability import Away, Travel, Window, WorkingHours, clock, closed, runs, week, working
from gateway.freebusy.availability.minutes import is_away

OFFICE = WorkingHours("Europe/Berlin", week(range(5), (Window(540, 1020),)))


def utc(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def test_a_day_of_office_hours():
    start = utc("2026-06-10T00:00") // 60

    assert list(runs(working(OFFICE, start, start + 1440), 0)) == [(7 * 60, 15 * 60)]


def test_closed_time_is_what_is_left_cut_to_the_second():
    assert closed(OFFICE, utc("2026-06-10T06:30:20"), utc("2026-06-10T15:30:40")) == [
        (utc("2026-06-10T06:30:20"), utc("2026-06-10T07:00")),
        (utc("2026-06-10T15:00"), utc("2026-06-10T15:30:40")),
    ]


def test_the_first_of_two_travels_counts_and_the_dates_are_the_travelled_zones():
    hours = WorkingHours(
        "Europe/Berlin",
        week(range(7), (Window(540, 600),)),
        travel=(
            Travel(date(2026, 6, 10), date(2026, 6, 10), "Asia/Tokyo"),
            Travel(date(2026, 6, 9), date(2026, 6, 11), "America/New_York"),
        ),
    )
    start = utc("2026-06-09T00:00")
    found = [
        (utc_minute * 60 - start) // 3600
        for utc_minute, _ in runs(working(hours, start // 60, start // 60 + 4 * 1440), start // 60)
    ]

    # 9 June 09:00 in New York; 10 June 09:00 in Tokyo; 11 June in New York; 12 June is Berlin's again
    assert found == [13, 24, 61, 79]


def test_away_follows_the_clock_of_the_travel():
    hours = WorkingHours(
        "Europe/Berlin",
        away=(Away(date(2026, 6, 10), date(2026, 6, 10)),),
        travel=(Travel(date(2026, 6, 9), date(2026, 6, 12), "Asia/Tokyo"),),
    )

    assert is_away(hours, utc("2026-06-09T15:00") // 60)
    assert not is_away(hours, utc("2026-06-10T15:00") // 60)


@pytest.mark.parametrize(("text", "minutes"), [("00:00", 0), ("9:30", 570), ("24:00", 1440)])
def test_clock(text, minutes):
    assert clock(text) == minutes


@pytest.mark.parametrize("text", ["24:01", "12:60", "noon", "12", "1:2", "-1:00", ""])
def test_no_clock_time(text):
    with pytest.raises(ValueError, match="not a time of day"):
        clock(text)


def test_hours_that_make_no_sense_are_refused():
    with pytest.raises(ValueError, match="no window"):
        Window(1440, 1440)
    with pytest.raises(ValueError, match="seven days"):
        WorkingHours("UTC", ((),))
    with pytest.raises(KeyError):
        WorkingHours("Europe/Atlantis")


def test_a_window_that_ends_when_it_starts_is_a_whole_day():
    start = utc("2026-06-10T00:00") // 60
    hours = WorkingHours("UTC", week([2], (Window(540, 540),)))

    assert list(runs(working(hours, start, start + 2880), 0)) == [(540, 1980)]
