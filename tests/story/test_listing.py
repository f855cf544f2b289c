"""A client that knows the server's address, a name and a password finds all of Alice's calendars as one."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import caldav
import pytest

from tests.story.stage import BERLIN, Stage, running_stage

WORK, TEAM, OUTLOOK, HERE = "Alice Weber", "Team Sales", "Calendar", None
SEATTLE = ZoneInfo("America/Los_Angeles")

# Day of the week, begin, end (clock times in Berlin; none: all day), title, calendar.
WEEK = (
    (0, "", "", "Homeoffice", WORK),
    (0, "09:15", "09:30", "Stand-up", WORK),
    (0, "11:00", "11:30", "Forecast", TEAM),
    (0, "15:00", "17:00", "Konzentriert arbeiten", WORK),
    (0, "18:30", "20:00", "Yoga", HERE),
    (1, "09:15", "09:30", "Stand-up", WORK),
    (1, "10:00", "11:30", "Sprint Planning", OUTLOOK),
    (1, "14:00", "15:30", "Kundentermin Nordwind", WORK),
    (2, "10:00", "10:15", "Stand-up", WORK),  # moved
    (2, "13:00", "14:00", "Steering Committee Atlas", WORK),  # on both accounts, shown once
    # Thursday's stand-up is cancelled.
    (3, "08:00", "09:00", "Arzttermin", WORK),
    (3, "12:00", "13:00", "Lunch & Learn", WORK),
    (4, "09:15", "09:30", "Stand-up", WORK),
    (4, "11:00", "12:00", "Abstimmung Angebot Nordwind", WORK),
    (4, "15:00", "18:00", "Abwesend", WORK),
    (5, "", "", "Oma Geburtstag", HERE),
)
"""Beside these, on Thursday at 7 in Seattle: Status Call Seattle, in Outlook."""

Entry = tuple[datetime | date, datetime | date, str, str | None]


def instant(day: date, clock: str, zone: ZoneInfo = BERLIN) -> datetime:
    return datetime.combine(day, time.fromisoformat(clock), zone).astimezone(UTC)


def expected(monday: date) -> list[Entry]:
    rows: list[Entry] = []
    for offset, begin, end, title, calendar in WEEK:
        day = monday + timedelta(days=offset)
        if begin:
            rows.append((instant(day, begin), instant(day, end), title, calendar))
        else:
            rows.append((day, day + timedelta(days=1), title, calendar))
    thursday = monday + timedelta(days=3)
    call = instant(thursday, "07:00", SEATTLE), instant(thursday, "07:30", SEATTLE)
    return sorted([*rows, (*call, "Status Call Seattle", OUTLOOK)], key=str)


def listed(calendar: caldav.Calendar, start: datetime, end: datetime, *, expand: bool = True) -> list[Entry]:
    found = calendar.search(start=start, end=end, event=True, expand=expand)
    return sorted((entry(one.icalendar_component) for one in found), key=str)


def entry(component: object) -> Entry:
    mark = component.get("X-GATEWAY-CALENDAR")
    start, end = (component.decoded(name) for name in ("DTSTART", "DTEND"))
    if isinstance(start, datetime):
        start, end = start.astimezone(UTC), end.astimezone(UTC)
    return start, end, str(component["SUMMARY"]), None if mark is None else str(mark)


def week_from(monday: date) -> tuple[datetime, datetime]:
    return tuple(datetime.combine(monday + timedelta(days=days), time(), BERLIN) for days in (0, 7))


@pytest.fixture(scope="module")
def merged(stage: Stage) -> Iterator[caldav.Calendar]:
    with stage.merged() as found:
        yield found


def test_the_bare_address_leads_to_the_principal_and_the_merged_calendar(stage):
    with stage.client() as client:
        principal = client.principal()
        [calendar] = principal.get_calendars()

        assert str(principal.url) == f"{stage.base}/dav/principals/alice/"
        assert str(calendar.url) == f"{stage.base}/dav/calendars/alice/merged/"
        assert set(calendar.get_supported_components()) >= {"VEVENT", "VTODO"}


def test_the_week_has_all_three_sources_each_event_at_its_instant_and_once(merged):
    assert listed(merged, *week_from(date(2026, 10, 26))) == expected(date(2026, 10, 26))


@pytest.mark.parametrize(
    ("now", "monday"),
    [
        pytest.param("2026-03-29T00:30", date(2026, 3, 30), id="the night clocks go forward, a Sunday"),
        pytest.param("2027-01-02T23:59", date(2027, 1, 4), id="a Saturday at the turn of the year"),
        pytest.param("2028-02-29T12:00", date(2028, 2, 28), id="a leap day"),
    ],
)
def test_the_week_is_right_on_odd_days(tmp_path, now, monday):
    at = datetime.fromisoformat(now).replace(tzinfo=BERLIN).astimezone(UTC)
    with running_stage(tmp_path, at) as odd, odd.merged() as merged:
        assert listed(merged, *week_from(monday)) == expected(monday)


def test_the_weeks_after_have_what_was_moved_cancelled_and_lasts_for_days(merged):
    """From Monday, 2 November, for four weeks; series that come every week are left out."""
    start, end = datetime(2026, 11, 2, tzinfo=BERLIN), datetime(2026, 11, 30, tzinfo=BERLIN)
    usual = {"Stand-up", "Yoga", "Forecast", "Sprint Planning"}

    rows = [row for row in listed(merged, start, end) if row[2] not in usual]

    assert rows == sorted(
        [
            (instant(date(2026, 11, 3), "07:30", UTC), instant(date(2026, 11, 3), "08:15", UTC), "Zahnarzt", HERE),
            (
                instant(date(2026, 11, 3), "08:00", UTC),
                instant(date(2026, 11, 3), "16:00", UTC),
                "Am Standort Kiel",
                OUTLOOK,
            ),
            (
                instant(date(2026, 11, 4), "08:00", UTC),
                instant(date(2026, 11, 4), "10:00", UTC),
                "Workshop Anforderungen",
                OUTLOOK,
            ),
            (date(2026, 11, 2), date(2026, 11, 7), "Sprint 14", "Projekt Atlas"),
            # Seattle has changed its clocks too by now; the call of the 5th is cancelled.
            (
                instant(date(2026, 11, 10), "15:00", UTC),
                instant(date(2026, 11, 10), "16:00", UTC),
                "Quartalszahlen",
                WORK,
            ),
            (
                instant(date(2026, 11, 13), "16:00", UTC),
                instant(date(2026, 11, 13), "16:30", UTC),
                "Status Call Seattle",
                OUTLOOK,
            ),
            (date(2026, 11, 10), date(2026, 11, 13), "Messe Hannover", WORK),
            (
                instant(date(2026, 11, 16), "09:40", UTC),
                instant(date(2026, 11, 16), "18:20", UTC),
                "Flug FRA - JFK",
                WORK,
            ),
            (
                instant(date(2026, 11, 19), "15:00", UTC),
                instant(date(2026, 11, 19), "15:30", UTC),
                "Status Call Seattle",
                OUTLOOK,
            ),
            (
                instant(date(2026, 11, 26), "15:00", UTC),
                instant(date(2026, 11, 26), "15:30", UTC),
                "Status Call Seattle",
                OUTLOOK,
            ),
            (date(2026, 11, 23), date(2026, 11, 28), "Urlaub", OUTLOOK),
        ],
        key=str,
    )
