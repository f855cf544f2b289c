"""What a page edits and what VAVAILABILITY says are one: no minute is lost, and nothing a page has no place for."""

from dataclasses import replace
from datetime import date, timedelta

import icalendar
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gateway.freebusy.availability import (
    EMPTY,
    Absence,
    Note,
    Override,
    Sheet,
    Travel,
    WorkingHours,
    edited,
    hours_of,
    read_availability,
    read_sheet,
    with_holidays,
    without_holidays,
    write_availability,
)
from gateway.ical.text import parse, serialise
from tests.freebusy.availability.test_text import (
    ALL_DAY,
    BERLIN,
    MONDAY,
    NINE_TO_FIVE,
    STAMP,
    WEEKDAYS,
    availability,
    available,
    calendar,
    dates,
    minutes,
    some_windows,
    windows,
)

TUESDAY, SATURDAY = MONDAY + timedelta(days=1), MONDAY + timedelta(days=5)
ZONES = ["UTC", BERLIN, "Asia/Kolkata", "America/New_York"]
APPLE = calendar(
    *availability("PRIORITY:0", "X-APPLE-NOTE:kept", *WEEKDAYS),
    *availability("PRIORITY:1", f"DTSTART;TZID={BERLIN}:20260610T120000", "DURATION:PT2H", "SUMMARY:Dentist"),
)


@st.composite
def sheets(draw):
    some = {"unique_by": lambda one: one.date, "max_size": 3}
    spans = st.tuples(dates, st.integers(0, 3))
    away = spans.map(lambda pair: Absence(pair[0], pair[0] + timedelta(days=pair[1]), "Leave", shown=True))
    trip = draw(st.lists(st.tuples(spans, st.sampled_from(["Asia/Tokyo", "America/Lima"])), max_size=1))
    return Sheet(
        draw(st.sampled_from(ZONES)),
        tuple(draw(st.lists(some_windows, min_size=7, max_size=7))),
        tuple(sorted(draw(st.lists(st.builds(Override, dates, some_windows), **some)))),
        tuple(sorted(draw(st.lists(away, max_size=2)))),
        tuple(Travel(first, first + timedelta(days=days), zone) for (first, days), zone in trip),
    )


NEVER_THERE = Sheet(
    "UTC",
    absences=(Absence(MONDAY, TUESDAY, "Leave", shown=True), Absence(TUESDAY, TUESDAY, "Leave", shown=True)),
    travel=(Travel(MONDAY, MONDAY, "Asia/Tokyo"),),
)


@settings(max_examples=150, deadline=None)
@given(sheets())
@example(NEVER_THERE)
def test_a_sheet_comes_back_with_every_minute(sheet):
    text = edited(EMPTY, BERLIN, sheet, STAMP)
    again = read_sheet(text, "Asia/Kolkata")

    assert hex(minutes(again.hours)) == hex(minutes(sheet.hours))
    assert hex(minutes(read_availability(text, "Asia/Kolkata"))) == hex(minutes(sheet.hours))
    assert again.notes == ()
    assert edited(text, "Asia/Kolkata", again, STAMP + 1) == text


@settings(max_examples=100, deadline=None)
@given(sheets(), sheets())
def test_an_edit_says_what_the_new_sheet_says(old, new):
    text = edited(edited(EMPTY, BERLIN, old, STAMP), BERLIN, new, STAMP + 1)

    assert hex(minutes(hours_of(text, BERLIN))) == hex(minutes(new.hours))
    assert hex(minutes(read_availability(text, BERLIN))) == hex(minutes(new.hours))


def sheet_of(text):
    return read_sheet(text, BERLIN)


def test_the_words_of_an_absence_stand_in_the_text():
    absences = (Absence(TUESDAY, SATURDAY, "Wandern; Alpen", True, "bob"), Absence(MONDAY, MONDAY, "secret"))
    sheet = Sheet(BERLIN, NINE_TO_FIVE, absences=tuple(sorted(absences)))
    text = edited(EMPTY, BERLIN, sheet, STAMP)

    assert sheet_of(text) == sheet
    parts = [one for one in icalendar.Calendar.from_ical(text).subcomponents if "SUMMARY" in one]
    assert {(str(one["SUMMARY"]), str(one["CLASS"])) for one in parts} == {
        ("Wandern; Alpen", "PUBLIC"),
        ("secret", "PRIVATE"),
    }


def test_a_reason_is_shown_only_where_its_writer_said_so():
    away = availability("PRIORITY:1", "DTSTART:20260609T220000Z", "DTEND:20260611T220000Z", "SUMMARY:Doctor")
    sheet = sheet_of(calendar(*availability(*WEEKDAYS), *away))

    assert sheet.absences == (Absence(date(2026, 6, 10), date(2026, 6, 11), "Doctor"),)


def test_a_closed_date_is_no_absence():
    sheet = Sheet(BERLIN, NINE_TO_FIVE, (Override(TUESDAY),))

    assert sheet_of(edited(EMPTY, BERLIN, sheet, STAMP)) == sheet


def test_what_a_sheet_has_no_place_for_is_noted():
    sheet = sheet_of(APPLE)

    assert sheet.notes == (Note(date(2026, 6, 10), date(2026, 6, 10), "Dentist"),)
    assert (sheet.weekly, sheet.overrides) == (NINE_TO_FIVE, ())
    assert hours_of(APPLE, BERLIN) == read_availability(APPLE, BERLIN)


def test_nothing_changed_is_nothing_written():
    assert edited(APPLE, BERLIN, sheet_of(APPLE), STAMP) == APPLE


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"weekly": (*NINE_TO_FIVE[:5], windows("10:00-12:00"), ())}, id="the week"),
        pytest.param({"zone": "America/New_York"}, id="the zone"),
        pytest.param({"weekly": ((),) * 7, "zone": "America/New_York"}, id="no week"),
        pytest.param({"overrides": (Override(TUESDAY, windows("22:00-02:00")),)}, id="a date"),
        pytest.param({"absences": (Absence(TUESDAY, SATURDAY, "x"),)}, id="an absence"),
        pytest.param({"travel": (Travel(TUESDAY, SATURDAY, "Asia/Tokyo"),)}, id="a travel"),
    ],
)
def test_an_edit_keeps_what_a_sheet_has_no_place_for(change):
    new = replace(sheet_of(APPLE), **change)
    text = edited(APPLE, BERLIN, new, STAMP)
    dentist = serialise(parse(APPLE).components[1])

    assert sheet_of(text) == new
    assert dentist in text
    assert "X-APPLE-NOTE:kept" in text


def test_a_week_that_grows_keeps_the_words_of_its_hours():
    told = available("20260105T090000", "20260105T170000", "RRULE:FREQ=WEEKLY;BYDAY=MO,TU", "SUMMARY:At the desk")
    text = calendar(*availability(*told))
    more = windows("09:00-17:00")
    new = replace(sheet_of(text), weekly=(more, more, more, (), (), (), ()))
    after = edited(text, BERLIN, new, STAMP)

    assert sheet_of(after) == new
    assert "SUMMARY:At the desk" in after
    assert after.count("BEGIN:AVAILABLE") == 2


def test_an_absence_that_is_prolonged_keeps_its_unknown_lines():
    away = availability("PRIORITY:1", "DTSTART:20260609T220000Z", "DTEND:20260611T220000Z", "X-TRIP:7")
    text = calendar(*availability(*WEEKDAYS), *away)
    new = replace(sheet_of(text), absences=(Absence(date(2026, 6, 10), date(2026, 6, 14), "More"),))

    assert "X-TRIP:7" in edited(text, BERLIN, new, STAMP)
    assert sheet_of(edited(text, BERLIN, new, STAMP)) == new


def test_a_text_without_a_week_gets_one_that_gives_way():
    text = calendar(*availability(f"DTSTART;TZID={BERLIN}:20260610T120000", "DURATION:PT2H"))
    new = replace(sheet_of(text), weekly=NINE_TO_FIVE)
    after = edited(text, BERLIN, new, STAMP)

    assert sheet_of(after) == new
    assert Override(date(2026, 6, 10), windows("09:00-12:00 14:00-17:00")) in hours_of(after, BERLIN).overrides


HOLIDAYS = {TUESDAY: "Dienstfest", MONDAY + timedelta(days=2): "Mittenwochenfest"}


@pytest.mark.parametrize(
    "given",
    [
        pytest.param(write_availability(WorkingHours(BERLIN, NINE_TO_FIVE), STAMP), id="ours"),
        pytest.param(write_availability(WorkingHours(BERLIN, (windows("20:00-03:00"),) * 7), STAMP), id="nights"),
        pytest.param(APPLE, id="a calendar app's"),
        pytest.param(calendar(*availability("PRIORITY:2", *WEEKDAYS)), id="of a strong week"),
    ],
)
def test_holidays_are_told_to_calendar_apps_and_not_taken_back_from_them(given):
    hours = replace(hours_of(given, BERLIN), holidays=frozenset(HOLIDAYS))
    told = with_holidays(given, hours, HOLIDAYS, STAMP)

    assert hex(minutes(read_availability(told, BERLIN))) == hex(minutes(hours))
    assert "SUMMARY:Dienstfest" in told
    assert minutes(hours_of(without_holidays(told), BERLIN)) == minutes(hours_of(given, BERLIN))
    assert without_holidays(given) == given


def test_own_hours_of_a_date_count_before_a_holiday():
    hours = WorkingHours(BERLIN, NINE_TO_FIVE, (Override(TUESDAY, ALL_DAY),), holidays=frozenset([TUESDAY]))
    plain = replace(hours, holidays=frozenset())

    assert minutes(hours) == minutes(plain)
    text = write_availability(hours, STAMP)
    assert with_holidays(text, hours, HOLIDAYS, STAMP) == text


def test_ages_are_noted_and_not_compared_day_by_day():
    age = availability("PRIORITY:1", "DTSTART:20260610T000000Z", "DTEND:20990611T000000Z", "SUMMARY:Retired")
    sheet = sheet_of(calendar(*availability(*WEEKDAYS), *age))

    assert [note.summary for note in sheet.notes] == ["Retired"]
