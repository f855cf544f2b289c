"""Schedules by name and the holidays of a region, as they count for free/busy and bookings."""

from datetime import UTC, date, datetime

import pytest

from gateway.freebusy import holidays, schedules
from gateway.freebusy.availability import (
    Absence,
    Sheet,
    Window,
    edited,
    read_availability,
    read_sheet,
    week,
    working,
    write_availability,
)
from gateway.freebusy.availability.write import EMPTY
from gateway.freebusy.schedules import Holidays
from gateway.store import schedules as rows
from tests.booking.office import NOW, at

CHRISTMAS, SAINT_STEPHEN = date(2026, 12, 25), date(2026, 12, 26)
EVENINGS = Sheet("Europe/Berlin", week(range(5), [Window(18 * 60, 21 * 60)]))


def evenings(office, **more):
    text = edited(EMPTY, "Europe/Berlin", EVENINGS, 1)
    return office.db.write_now(rows.add, office.alice.id, "Evenings", text, **more)


def test_who_set_none_works_the_usual_hours(office):
    assert office.db.read_now(schedules.hours, office.alice, NOW) == schedules.usual("Europe/Berlin")


def test_a_schedule_is_found_by_its_key_and_only_by_its_owner(office):
    office.db.write_now(rows.add, office.alice.id, "", schedules.fresh("Europe/Berlin", NOW))
    key = evenings(office)
    bob = office.db.read_now(rows.of_user, office.alice.id + 1)

    assert bob == []
    assert office.db.read_now(schedules.hours, office.alice, NOW, key) == EVENINGS.hours
    assert office.db.read_now(schedules.hours, office.alice, NOW) == schedules.usual("Europe/Berlin")
    assert office.db.read_now(rows.get, office.alice.id + 1, key) is None
    office.db.write_now(rows.make_standard, office.alice.id, key)
    assert [row.id == key for row in office.db.read_now(rows.of_user, office.alice.id)] == [True, False]
    office.db.write_now(rows.remove, office.alice.id, key)
    assert office.db.read_now(schedules.hours, office.alice, NOW, key) == schedules.usual("Europe/Berlin")


def test_holidays_close_their_dates_but_those_kept_open(office):
    chosen = Holidays("DE-BE", frozenset({"Zweiter Weihnachtstag"}))
    key = evenings(office, holidays=chosen.document)
    row = office.db.read_now(rows.get, office.alice.id, key)

    assert schedules.holidays_of(row) == chosen
    found = schedules.hours_in(row, "Europe/Berlin", NOW).holidays
    assert (CHRISTMAS in found, SAINT_STEPHEN in found) == (True, False)
    assert date(2036, 12, 25) in found


def test_a_region_that_is_known_no_more_closes_nothing(office):
    key = evenings(office, holidays={"region": "XX-YY"})

    assert schedules.holidays_of(office.db.read_now(rows.get, office.alice.id, key)) == Holidays()


def test_calendar_apps_are_told_holidays_by_name_and_sending_them_back_changes_nothing(office):
    key = evenings(office, holidays=Holidays("DE-BE").document)
    row = office.db.read_now(rows.get, office.alice.id, key)
    told = schedules.told(row, office.alice, NOW)

    assert "SUMMARY:Erster Weihnachtstag" in told
    office.db.write_now(schedules.write, office.alice.id, told)
    assert office.db.read_now(rows.get, office.alice.id, key) == row


def test_absences_are_those_that_touch_the_dates(office):
    absences = (Absence(CHRISTMAS, SAINT_STEPHEN, "Leave", True, "bob"), Absence(date(2027, 2, 1), date(2027, 2, 1)))
    text = edited(EMPTY, "Europe/Berlin", Sheet("Europe/Berlin", absences=absences), 1)
    office.db.write_now(rows.set_availability, office.alice.id, text)

    found = office.db.read_now(schedules.absences, office.alice, SAINT_STEPHEN, date(2027, 1, 31))
    assert found == [absences[0]]
    assert office.db.read_now(schedules.absences, office.alice, date(2027, 1, 1), date(2027, 1, 31)) == []


@pytest.mark.parametrize(
    ("region", "known"), [("DE", True), ("DE-BY", True), ("DE-XX", False), ("DEU", False), ("", False), ("de", False)]
)
def test_regions(region, known):
    assert holidays.known(region) is known


@pytest.mark.parametrize(
    ("language", "name"), [("de", "Neujahr"), ("en", "New Year's Day"), ("", "Neujahr"), ("xx", "New Year's Day")]
)
def test_holidays_have_names_people_can_read(language, name):
    assert holidays.names("DE-BY", 2026, 2026, language)[date(2026, 1, 1)] == name


def test_parts_of_a_country_have_names():
    assert holidays.parts("DE")["BY"] == "Bayern"
    assert next(iter(holidays.parts("DE"))) == "Augsburg"
    assert all(name for country in holidays.countries() for name in holidays.parts(country).values())


def test_what_a_new_schedule_begins_with():
    text = schedules.fresh("Asia/Tokyo", datetime(2026, 1, 1, tzinfo=UTC).timestamp())

    assert read_sheet(text, "UTC").hours == schedules.usual("Asia/Tokyo")
    assert write_availability(schedules.usual("Asia/Tokyo"), 1) != ""


@pytest.mark.parametrize(
    ("inside", "open_"),
    [
        pytest.param("", False, id="two hours off"),
        pytest.param(
            "BEGIN:AVAILABLE\r\nUID:o\r\nDTSTAMP:20260101T000000Z\r\nDTSTART;TZID=Europe/Berlin:20261225T060000\r\n"
            "DTEND;TZID=Europe/Berlin:20261225T070000\r\nEND:AVAILABLE\r\n",
            True,
            id="an hour more",
        ),
    ],
)
def test_a_calendar_app_opens_a_holiday_only_by_hours_that_are_new(office, inside, open_):
    week_ = schedules.fresh("Europe/Berlin", NOW)
    one = (
        "BEGIN:VAVAILABILITY\r\nUID:n\r\nDTSTAMP:20260101T000000Z\r\nPRIORITY:1\r\n"
        "DTSTART;TZID=Europe/Berlin:20261225T060000\r\nDTEND;TZID=Europe/Berlin:20261225T100000\r\n"
        f"{inside}END:VAVAILABILITY\r\n"
    )
    text = week_.replace("END:VCALENDAR", one + "END:VCALENDAR")
    office.db.write_now(rows.add, office.alice.id, "", text, holidays=Holidays("DE").document)
    hours = office.db.read_now(schedules.hours, office.alice, NOW)

    start = at("2026-12-25 00:00") // 60
    assert bool(working(hours, start, start + 1440)) is open_
    told = schedules.told(office.db.read_now(rows.standard, office.alice.id), office.alice, NOW)
    assert working(read_availability(told, "UTC"), start, start + 1440) == working(hours, start, start + 1440)
