"""Alice's Google account: the work calendar, the team's, and public holidays."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from gateway.demo.google.simulator import GoogleSimulator
from gateway.demo.google.state import Calendar
from gateway.demo.seed.week import ZONE, Week

ALICE: Final = "alice@example.com"
DORA: Final = "dora@example.com"
CAROL: Final = "carol.lindner@mail.example"
FAMILY: Final = "familie@group.calendar.example.com"
CLUB: Final = "chor@import.calendar.example.com"
TEAM: Final = "sales-team@group.calendar.example.com"
HOLIDAYS: Final = "de.german#holiday@group.v.calendar.example.com"
SYSTEM: Final = "system@calendar.example.com"
STEERING_UID: Final = "steering-committee-0042@client.example"
Body = dict[str, Any]


def fill(google: GoogleSimulator, week: Week) -> None:
    google.add_person(ALICE, "Alice Weber", ZONE)
    google.state.lists[SYSTEM] = []  # owns the holidays, and nobody signs in as that
    google.add_calendar(ALICE, TEAM, "Team Sales", zone=ZONE, selected=True)
    google.add_calendar(SYSTEM, HOLIDAYS, "Feiertage in Deutschland", zone=ZONE)
    google.share(HOLIDAYS, ALICE, "reader", selected=True)
    google.state.entry(ALICE, ALICE).selected = True
    google.add_person(DORA, "Dora Lang", ZONE)  # works at the same place, and has no account at the gateway
    google.show_times(DORA, "example.com")
    google.add_event(DORA, _timed(week, 1, "10:00", "12:00", "Inventur"))
    google.add_event(DORA, _timed(week, 2, "13:30", "14:30", "Zahnarzt"))
    _carol(google, week)
    _standup(google, week)
    _meetings(google, week)
    _invitations(google, week)
    _away(google, week)
    _shared(google, week)


def _carol(google: GoogleSimulator, week: Week) -> None:
    """An account that is not connected yet, for whoever tries that."""
    google.add_person(CAROL, "Carol Lindner", ZONE)
    google.state.entry(CAROL, CAROL).color = "#4986e7"
    google.add_calendar(CAROL, FAMILY, "Familie", zone=ZONE, color="#16a765")
    google.share(HOLIDAYS, CAROL, "reader", color="#9a9cff")
    google.state.calendars[CLUB] = Calendar(CLUB, "Chorproben", ZONE, {SYSTEM: "owner"})
    google.share(CLUB, CAROL, "reader", color="#f83a22")
    google.add_event(CAROL, _timed(week, 1, "14:00", "15:00", "Kundentermin Nordwind"))
    google.add_event(CAROL, _timed(week, 3, "11:00", "12:00", "Angebot durchgehen"))
    google.add_event(FAMILY, _timed(week, 2, "17:00", "18:00", "Elternabend"))
    google.add_event(CLUB, _timed(week, 3, "19:30", "21:30", "Chorprobe"))


def _timed(week: Week, day: int, start: str, end: str, summary: str, **more: Any) -> Body:
    return {
        "summary": summary,
        "start": {"dateTime": week.at(day, start).isoformat(), "timeZone": ZONE},
        "end": {"dateTime": week.at(day, end).isoformat(), "timeZone": ZONE},
        **more,
    }


def _days(week: Week, first: int, after: int, summary: str, **more: Any) -> Body:
    """after: the first day that no longer belongs to it."""
    return {
        "summary": summary,
        "start": {"date": week.day(first).isoformat()},
        "end": {"date": week.day(after).isoformat()},
        **more,
    }


def _guests(*people: tuple[str, str, str]) -> Sequence[Mapping[str, str]]:
    return [{"displayName": name, "email": email, "responseStatus": response} for name, email, response in people]


def _standup(google: GoogleSimulator, week: Week) -> None:
    """Every working day since half a year ago, so across a change of clocks; one moved, one cancelled."""
    first = -26 * 7
    made = google.add_event(
        ALICE, _timed(week, first, "09:15", "09:30", "Stand-up", recurrence=["RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"])
    )
    utc = google.state.calendars[ALICE]
    moved, cancelled = week.at(2, "09:15"), week.at(3, "09:15")
    google.change_event(
        ALICE,
        instance_id(made["id"], moved, utc.zone),
        {
            "start": {"dateTime": week.at(2, "10:00").isoformat(), "timeZone": ZONE},
            "end": {"dateTime": week.at(2, "10:15").isoformat(), "timeZone": ZONE},
        },
    )
    google.delete_event(ALICE, instance_id(made["id"], cancelled, utc.zone))


def _meetings(google: GoogleSimulator, week: Week) -> None:
    customer = _guests(("Alice Weber", ALICE, "accepted"), ("Jana Müller", "jana.mueller@nordwind.example", "accepted"))
    google.add_event(
        ALICE,
        _timed(
            week, 1, "14:00", "15:30", "Kundentermin Nordwind", attendees=customer,
            location="Hafenstraße 12, 20359 Hamburg", description="Angebot besprechen, Muster mitbringen.",
        ),
    )  # fmt: skip
    google.add_event(ALICE, _timed(week, 0, "15:00", "17:00", "Konzentriert arbeiten", eventType="focusTime"))
    google.add_event(ALICE, _timed(week, 3, "08:00", "09:00", "Arzttermin", visibility="private"))
    google.add_event(
        ALICE,
        _timed(week, -13 * 7 + 1, "16:00", "17:00", "Quartalszahlen", recurrence=["RRULE:FREQ=MONTHLY;BYDAY=2TU"]),
    )
    google.add_event(
        ALICE,
        {
            "summary": "Flug FRA - JFK",
            "start": {"dateTime": week.at(21, "10:40").isoformat(), "timeZone": ZONE},
            "end": {"dateTime": week.at(21, "13:20").isoformat(), "timeZone": "America/New_York"},
        },
    )


def _invitations(google: GoogleSimulator, week: Week) -> None:
    """One accepted here and unanswered on the other account, one declined, one not answered yet."""
    invited = (
        (STEERING_UID, 2, "13:00", "14:00", "Steering Committee Atlas", "accepted"),
        ("lunch-and-learn-7@example.com", 3, "12:00", "13:00", "Lunch & Learn", "declined"),
        ("nordwind-angebot-3@nordwind.example", 4, "11:00", "12:00", "Abstimmung Angebot Nordwind", "needsAction"),
    )
    for uid, day, start, end, summary, response in invited:
        body = _timed(week, day, start, end, summary, iCalUID=uid)
        body["organizer"] = {"email": "office@client.example", "displayName": "Office"}
        body["attendees"] = _guests(("Alice Weber", ALICE, response), ("Office", "office@client.example", "accepted"))
        google.receive_event(ALICE, body)


def _away(google: GoogleSimulator, week: Week) -> None:
    google.add_event(ALICE, _timed(week, 4, "15:00", "18:00", "Abwesend", eventType="outOfOffice"))
    google.add_event(
        ALICE,
        _days(
            week, 0, 1, "Homeoffice", eventType="workingLocation", visibility="public", transparency="transparent",
            workingLocationProperties={"type": "homeOffice", "homeOffice": {}},
        ),
    )  # fmt: skip
    google.add_event(ALICE, _days(week, 15, 18, "Messe Hannover", location="Messegelände, Hannover"))


def _shared(google: GoogleSimulator, week: Week) -> None:
    google.add_event(
        TEAM, _timed(week, -8 * 7, "11:00", "11:30", "Forecast", recurrence=["RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO"])
    )
    google.add_event(HOLIDAYS, _days(week, 9, 10, "Feiertag (Beispiel)", transparency="transparent"))


def instance_id(master: str, local: datetime, zone: str) -> str:
    """Google's id of one date of a series."""
    utc = local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    return f"{master}_{utc:%Y%m%dT%H%M%SZ}"
