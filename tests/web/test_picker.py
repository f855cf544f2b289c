from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.web.language import language
from gateway.web.picker import (
    Shown,
    instant_key,
    midnight,
    month_weeks,
    picker,
    read_date,
    read_instant,
    read_month,
)
from gateway.web.visitor import link

GERMAN, AMERICAN = language(["de"]), language(["en-US"])


def at(text, zone="Europe/Berlin"):
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp())


def address(**changes):
    return link("/alice/talk", {"zone": "Europe/Berlin"}, **changes)


def shown(*starts, **more):
    given = {
        "starts": [at(start) for start in starts],
        "zone": "Europe/Berlin",
        "month": date(2026, 12, 1),
        "asked": None,
        "today": date(2026, 11, 21),
        "last": date(2027, 1, 20),
        "further": None,
    }
    return picker(Shown(**{**given, **more}), GERMAN, address)


@pytest.mark.parametrize(("spoken", "first"), [(GERMAN, "Montag"), (AMERICAN, "Sunday")])
def test_the_week_begins_as_its_readers_expect(spoken, first):
    found = picker(Shown([], "UTC", date(2026, 11, 1), None, date(2026, 11, 21), None, None), spoken, address)
    assert found.weekdays[0][1] == first
    assert all(len(week) == 7 for week in found.weeks)


@given(st.dates(date(1990, 1, 1), date(2100, 12, 31)), st.integers(0, 6))
def test_a_month_has_each_day_once_under_its_weekday(day, first):
    month = day.replace(day=1)
    weeks = month_weeks(month, first)
    days = [cell for week in weeks for cell in week if cell is not None]
    assert days == [month + timedelta(days=offset) for offset in range(len(days))]
    assert days[-1] + timedelta(days=1) == (month + timedelta(days=32)).replace(day=1)
    assert all(
        cell is None or cell.weekday() == (first + place) % 7 for week in weeks for place, cell in enumerate(week)
    )


def test_the_first_free_day_is_open_and_the_month_unfolded():
    found = shown("2026-12-03 09:00", "2026-12-03 14:00", "2026-12-04 18:00")
    assert (found.chosen, found.folded) == (date(2026, 12, 3), False)
    assert [(part.name, [time.label for time in part.times]) for part in found.parts] == [
        ("Morning", ["09:00"]),
        ("Afternoon", ["14:00"]),
    ]


def test_a_chosen_day_folds_the_month_to_its_week():
    found = shown("2026-12-03 09:00", "2026-12-09 18:00", asked=date(2026, 12, 9))
    assert (found.folded, found.current_week) == (True, 1)
    assert [part.name for part in found.parts] == ["Evening"]


def test_links_name_day_and_instant():
    [time] = shown("2026-12-03 09:00").parts[0].times
    assert "start=2026-12-03T08%3A00%3A00Z" in time.link or "start=2026-12-03T08:00:00Z" in time.link
    assert "date=2026-12-03" in time.link


def test_the_way_back_ends_today_and_the_way_on_at_the_last_day():
    assert shown(month=date(2026, 11, 1)).earlier == ""
    assert "month=2026-11" in shown().earlier
    assert "month=2027-01" in shown().later
    assert shown(month=date(2027, 1, 1)).later == ""


def test_a_day_that_has_nothing_offers_the_next_one():
    found = shown("2026-12-03 09:00", asked=date(2026, 12, 5), further=at("2027-01-04 09:00"))
    assert (found.parts, found.next_free.date) == ((), date(2027, 1, 4))
    assert "month=2027-01" in found.next_free.link


def test_days_are_the_visitors():
    start = int(datetime(2026, 12, 3, 23, 30, tzinfo=UTC).timestamp())
    found = picker(
        Shown([start], "Asia/Tokyo", date(2026, 12, 1), None, date(2026, 11, 21), None, None), GERMAN, address
    )
    assert found.chosen == date(2026, 12, 4)


@given(st.integers(0, 4_000_000_000))
def test_instants_come_back(instant):
    assert read_instant(instant_key(instant)) == instant


@pytest.mark.parametrize("wrong", ["", "now", "2026-12-03T08:00:00", "2026-12-03", "99999-01-01T00:00:00Z"])
def test_what_is_no_instant(wrong):
    assert read_instant(wrong) is None


def test_dates_and_months():
    assert read_month("2026-12") == date(2026, 12, 1)
    assert [read_date(wrong) for wrong in ("2026-1-1", "20260101", "9999-01-01", "2026-02-30", "")] == [None] * 5
    assert [read_month(wrong) for wrong in ("2026-13", "x", "0001-01")] == [None] * 3


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Asia/Beirut", "America/Sao_Paulo", "Pacific/Apia"])
def test_midnight_is_the_beginning_of_the_date(zone):
    day = date(2018, 11, 4)
    assert datetime.fromtimestamp(midnight(day, zone), ZoneInfo(zone)).date() == day
