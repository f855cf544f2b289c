"""How the simulated Google shows what it holds: whose copy it is and what the reader may see decide."""

from collections.abc import Mapping
from datetime import tzinfo
from typing import Any, Final
from zoneinfo import ZoneInfo

from gateway.demo.google.state import Calendar, Entry, Event
from gateway.demo.google.times import shown

TIMES_ONLY: tuple[str, ...] = (
    "id",
    "status",
    "start",
    "end",
    "recurrence",
    "recurringEventId",
    "originalStartTime",
    "iCalUID",
)
SEES_PRIVATE: Final = ("writer", "owner")


def etag(revision: int) -> str:
    """With its quotes, as the API writes it into the body."""
    return f'"{3_581_161_784_712_000 + 2_000 * revision}"'


def event(calendar: Calendar, role: str, stored: Event, where: tzinfo | None = None) -> Event:
    """The whole event for a reader with that role."""
    zone = where or ZoneInfo(calendar.zone)
    out: Event = {"kind": "calendar#event", "etag": etag(stored["_revision"])}
    out |= {name: value for name, value in stored.items() if not name.startswith("_") and value not in (None, [], {})}
    for name in ("start", "end", "originalStartTime"):
        if name in out:
            out[name] = shown(out[name], zone)
    if role == "freeBusyReader" or (role not in SEES_PRIVATE and _is_private(stored)):
        kept = {name: out[name] for name in TIMES_ONLY if name in out}
        return {"kind": out["kind"], "etag": out["etag"], **kept, "visibility": "private", "eventType": "default"}
    out.setdefault("eventType", "default")
    if stored.get("_private"):
        out["extendedProperties"] = {**out.get("extendedProperties", {}), "private": stored["_private"]}
    out["htmlLink"] = f"https://www.google.com/calendar/event?eid={stored['id']}"
    for name in ("creator", "organizer"):
        out[name] = _person(out[name], calendar)
    if "attendees" in out:
        out["attendees"] = [_attendee(row, stored, calendar) for row in out["attendees"]]
    if role not in SEES_PRIVATE:
        out.pop("reminders", None)
    return out


def in_list(calendar: Calendar, role: str, stored: Event, where: tzinfo | None = None) -> Event:
    """As lists show it: cancelled ones carry no more than is guaranteed."""
    if stored["status"] != "cancelled":
        return event(calendar, role, stored, where)
    out = {"kind": "calendar#event", "etag": etag(stored["_revision"]), "id": stored["id"], "status": "cancelled"}
    if "recurringEventId" in stored:
        zone = where or ZoneInfo(calendar.zone)
        out["recurringEventId"] = stored["recurringEventId"]
        out["originalStartTime"] = shown(stored["originalStartTime"], zone)
    return out


def _is_private(stored: Event) -> bool:
    return stored.get("visibility") in {"private", "confidential"}


def _person(person: Mapping[str, Any], calendar: Calendar) -> dict[str, Any]:
    return {**person, "self": True} if person.get("email") == calendar.id else dict(person)


def _attendee(row: Mapping[str, Any], stored: Event, calendar: Calendar) -> dict[str, Any]:
    out = dict(row)
    if row["email"] == stored["organizer"].get("email"):
        out["organizer"] = True
    if row["email"] == calendar.id:
        out["self"] = True
    return out


def entry(person: str, listed: Entry, calendar: Calendar) -> dict[str, Any]:
    """A calendar list entry; flags are present only when true."""
    out: dict[str, Any] = {
        "kind": "calendar#calendarListEntry",
        "etag": '"1600000000000000"',
        "id": calendar.id,
        "summary": calendar.summary,
        "timeZone": calendar.zone,
        "colorId": "15",
        "backgroundColor": listed.color,
        "foregroundColor": "#000000",
        "accessRole": calendar.access.get(person, "none"),
        "defaultReminders": listed.reminders,
        "conferenceProperties": {"allowedConferenceSolutionTypes": ["hangoutsMeet"] if calendar.meets else []},
    }
    optional: dict[str, Any] = {
        "description": calendar.description,
        "summaryOverride": listed.override,
        "selected": listed.selected,
        "hidden": listed.hidden,
        "primary": calendar.id == person,
    }
    return out | {name: value for name, value in optional.items() if value}


def calendar(found: Calendar) -> dict[str, Any]:
    out = {
        "kind": "calendar#calendar",
        "etag": '"1600000000000000"',
        "id": found.id,
        "summary": found.summary,
        "timeZone": found.zone,
        "conferenceProperties": {"allowedConferenceSolutionTypes": ["hangoutsMeet"]},
    }
    return out | ({"description": found.description} if found.description else {})
