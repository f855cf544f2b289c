"""Outlook mailboxes: Alice's at her client's, and Bob's."""

from collections.abc import Sequence
from typing import Any, Final

from gateway.demo.microsoft import MicrosoftSimulator
from gateway.demo.seed.at_google import STEERING_UID
from gateway.demo.seed.week import WINDOWS_ZONE, Week

ALICE: Final = "alice.weber@client.example"
BOB: Final = "bob@example.com"
CAROL: Final = "carol.lindner@outlook.example"
PETRA: Final = "petra.kern@client.example"
PACIFIC: Final = "Pacific Standard Time"
Body = dict[str, Any]


def fill(microsoft: MicrosoftSimulator, week: Week) -> None:
    microsoft.add_person(ALICE, "Alice Weber")
    microsoft.add_person(BOB, "Bob Brandt")
    petra = microsoft.add_person(PETRA, "Petra Kern")
    microsoft.add_event(petra, _timed(week, 1, "09:00", "11:00", "Budget"))
    microsoft.add_event(petra, _timed(week, 4, "13:00", "17:00", "Reise", showAs="oof"))
    _alice(microsoft, week, _default(microsoft, ALICE))
    _bob(microsoft, week, _default(microsoft, BOB))
    _carol(microsoft, week)
    shared = microsoft.add_calendar(ALICE, "Projekt Atlas", owner=PETRA, editable=False)
    microsoft.add_event(shared, _days(week, 7, 12, "Sprint 14"))


def _carol(microsoft: MicrosoftSimulator, week: Week) -> None:
    """An account that is not connected yet, for whoever tries that."""
    calendar = microsoft.add_person(CAROL, "Carol Lindner")
    microsoft.add_calendar(CAROL, "Feiertage in Deutschland", editable=False)
    microsoft.add_calendar(CAROL, "Geburtstage", editable=False)
    microsoft.add_event(calendar, _timed(week, 2, "09:00", "10:00", "Abstimmung Lindner & Co"))
    microsoft.add_event(calendar, _timed(week, 4, "13:00", "13:30", "Rückruf Steuerbüro"))


def _default(microsoft: MicrosoftSimulator, address: str) -> str:
    return next(row.id for row in microsoft.boxes.calendars_of(address) if row.default)


def _timed(week: Week, day: int, start: str, end: str, subject: str, zone: str = WINDOWS_ZONE, **more: Any) -> Body:
    return {
        "subject": subject,
        "start": {"dateTime": week.at(day, start).isoformat(), "timeZone": zone},
        "end": {"dateTime": week.at(day, end).isoformat(), "timeZone": zone},
        **more,
    }


def _days(week: Week, first: int, after: int, subject: str, **more: Any) -> Body:
    return _timed(week, first, "00:00", "00:00", subject, **more) | {
        "isAllDay": True,
        "end": {"dateTime": week.at(after, "00:00").isoformat(), "timeZone": WINDOWS_ZONE},
    }


def _weekly(week: Week, first: int, days: Sequence[str], interval: int = 1, zone: str = WINDOWS_ZONE) -> Body:
    return {
        "pattern": {"type": "weekly", "interval": interval, "daysOfWeek": list(days), "firstDayOfWeek": "monday"},
        "range": {"type": "noEnd", "startDate": week.day(first).isoformat(), "recurrenceTimeZone": zone},
    }


def _alice(microsoft: MicrosoftSimulator, week: Week, calendar: str) -> None:
    planning = _weekly(week, -55, ["tuesday"], interval=2)
    microsoft.add_event(calendar, _timed(week, -55, "10:00", "11:30", "Sprint Planning", recurrence=planning))
    status = microsoft.add_event(
        calendar,
        _timed(
            week, -67, "07:00", "07:30", "Status Call Seattle", PACIFIC,
            recurrence=_weekly(week, -67, ["thursday"], zone=PACIFIC),
        ),
    )  # fmt: skip
    microsoft.delete(status, day=week.day(10))
    moved = _timed(week, 18, "08:00", "08:30", "", PACIFIC)
    microsoft.change(status, {"start": moved["start"], "end": moved["end"]}, day=week.day(17))
    microsoft.add_event(
        calendar,
        _timed(week, 2, "13:00", "14:00", "Steering Committee Atlas"),
        organizer=("Office", "office@client.example"),
        response="notResponded",
        uid=STEERING_UID,
    )
    microsoft.add_event(calendar, _timed(week, 9, "09:00", "11:00", "Workshop Anforderungen", showAs="tentative"))
    microsoft.add_event(calendar, _timed(week, 8, "09:00", "17:00", "Am Standort Kiel", showAs="workingElsewhere"))
    microsoft.add_event(calendar, _days(week, 28, 33, "Urlaub", showAs="oof", sensitivity="private"))


def _bob(microsoft: MicrosoftSimulator, week: Week, calendar: str) -> None:
    jour_fixe = _weekly(week, -90, ["wednesday"])
    microsoft.add_event(calendar, _timed(week, -89, "11:00", "12:00", "Jour fixe", recurrence=jour_fixe | {
        "range": jour_fixe["range"] | {"startDate": week.day(-89).isoformat()},
    }))  # fmt: skip
    microsoft.add_event(calendar, _timed(week, 0, "13:00", "16:00", "Schulung Datenschutz"))
    microsoft.add_event(calendar, _timed(week, 1, "09:00", "10:00", "Pipeline", showAs="tentative"))
    microsoft.add_event(calendar, _timed(week, 3, "14:00", "15:00", "Einstellungsgespräch", sensitivity="private"))
    microsoft.add_event(calendar, _days(week, 4, 5, "Brückentag", showAs="oof"))
    microsoft.add_event(calendar, _timed(week, 3, "17:00", "18:00", "Feierabendrunde", showAs="free"))
