"""What the simulated Google refuses in the body of an event."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from gateway.demo.google import series
from gateway.demo.google.problems import ApiProblem, invalid, required
from gateway.demo.google.state import Calendar, Event
from gateway.demo.google.times import check_range

CHOICES: Final = {
    "status": ("confirmed", "tentative", "cancelled"),
    "transparency": ("opaque", "transparent"),
    "visibility": ("default", "public", "private", "confidential"),
    "eventType": ("default", "birthday", "focusTime", "fromGmail", "outOfOffice", "workingLocation"),
}
RESPONSES: Final = ("needsAction", "declined", "tentative", "accepted")
COLORS: Final = tuple(str(number) for number in range(1, 12))
MAX_ATTACHMENTS, MAX_REMINDERS, MAX_MINUTES = 25, 5, 40_320
MAX_PROPERTIES, MAX_KEY, MAX_VALUE = 300, 44, 1_024
MAX_ATTENDEES: Final = 200
DECLINES: Final = ("declineNone", "declineAllConflictingInvitations", "declineOnlyNewConflictingInvitations")
PERSONAL: Final = frozenset(("colorId", "reminders", "extendedProperties"))
CHANGEABLE: Final[Mapping[str, frozenset[str]]] = {
    "fromGmail": PERSONAL | {"visibility", "transparency", "status"},
    "birthday": PERSONAL | {"summary", "start", "end"},
}
UNTOUCHED: Final = ("sequence", "updated", "created")


def identifier(text: str) -> None:
    if not re.fullmatch(r"[a-v0-9]{5,1024}", text):
        raise invalid("Invalid resource id value.", "resource.id")


def event(given: Event, calendar: Calendar) -> None:
    """All that can be said of one event by itself. Times are in their stored form already."""
    check_range(given["start"], given["end"])
    for name, choices in CHOICES.items():
        if given.get(name, choices[0]) not in choices:
            raise invalid(f"Invalid value for {name}: {given[name]}", f"event.{name}")
    if given.get("colorId") and given["colorId"] not in COLORS:
        raise invalid("Invalid color ID.", "event.colorId")
    if len(given.get("attachments") or ()) > MAX_ATTACHMENTS:
        raise invalid("Too many attachments.", "event.attachments")
    _attendees(given.get("attendees") or ())
    _reminders(given.get("reminders") or {})
    _properties(given.get("extendedProperties") or {})
    _recurrence(given)
    _source(given.get("source") or {})
    _event_type(given, calendar)


def _attendees(attendees: Sequence[Mapping[str, Any]]) -> None:
    if len(attendees) > MAX_ATTENDEES:
        raise invalid("Too many attendees.", "event.attendees")
    for attendee in attendees:
        address = attendee.get("email") or ""
        if not address:
            raise required("event.attendees.email", "Missing attendee email.")
        if not re.fullmatch(r"[^@\s<>]+@[^@\s<>]+", address):
            raise invalid("Invalid attendee email.", "event.attendees.email")
        if attendee.get("responseStatus", "needsAction") not in RESPONSES:
            raise invalid("Invalid attendee response status.", "event.attendees.responseStatus")


def _reminders(reminders: Mapping[str, Any]) -> None:
    overrides = reminders.get("overrides") or ()
    if overrides and reminders.get("useDefault"):
        raise ApiProblem(
            400,
            "cannotUseDefaultRemindersAndSpecifyOverride",
            "Cannot specify both default reminders and overrides at the same time.",
            domain="calendar",
        )
    if len(overrides) > MAX_REMINDERS:
        raise invalid("Too many override reminders.", "event.reminders.overrides")
    for row in overrides:
        if row.get("method") not in {"popup", "email"}:
            raise invalid("Invalid reminder method.", "event.reminders.overrides.method")
        if not 0 <= row.get("minutes", -1) <= MAX_MINUTES:
            raise invalid("Invalid reminder minutes.", "event.reminders.overrides.minutes")


def _properties(properties: Mapping[str, Any]) -> None:
    rows = [row for part in ("private", "shared") for row in (properties.get(part) or {}).items()]
    if len(rows) > MAX_PROPERTIES:
        raise invalid("Too many extended properties.", "event.extendedProperties")
    for key, value in rows:
        if len(key) > MAX_KEY or len(value) > MAX_VALUE:
            raise invalid("The extended property is too long.", "event.extendedProperties")


def _source(source: Mapping[str, Any]) -> None:
    if source and urlsplit(source.get("url") or "").scheme not in {"http", "https"}:
        raise invalid("Invalid source URL.", "event.source.url")


def _recurrence(given: Event) -> None:
    lines = given.get("recurrence") or []
    if not lines:
        return
    if given.get("recurringEventId"):
        raise invalid("An instance cannot recur by itself.", "event.recurrence")
    if not all(_line(line, "date" in given["start"]) for line in lines) or not series.usable(given):
        raise invalid("Invalid recurrence rule.", "event.recurrence")


def _line(line: str, all_day: bool) -> bool:
    found = re.fullmatch(r"(RRULE|EXRULE|RDATE|EXDATE)((?:;[A-Z-]+=[^:;]+)*):(\S+)", line)
    if found is None:
        return False
    name, parameters, value = found.groups()
    if name in {"RDATE", "EXDATE"}:
        return "PERIOD" not in parameters and re.fullmatch(r"\d{8}(T\d{6}Z?)?(,\d{8}(T\d{6}Z?)?)*", value) is not None
    parts = dict(part.partition("=")[::2] for part in value.split(";"))
    until = parts.get("UNTIL", "")
    if parameters != "" or "FREQ" not in parts or ("COUNT" in parts and until):
        return False
    return not until or bool(re.fullmatch(r"\d{8}" if all_day else r"\d{8}(T\d{6}Z)?", until))


def _event_type(given: Event, calendar: Calendar) -> None:
    kind = given.get("eventType", "default")
    if kind in {"outOfOffice", "focusTime"}:
        _away(kind, given, calendar)
    if kind == "workingLocation":
        if given.get("transparency") != "transparent" or given.get("visibility") != "public":
            raise invalid("A working location event must be public and transparent.", "event.eventType")
        if not given.get("workingLocationProperties"):
            raise required("event.workingLocationProperties")
        if given.get("attendees"):
            raise invalid("A working location event has no attendees.", "event.attendees")
    if kind == "birthday":
        _birthday(given)


def _away(kind: str, given: Event, calendar: Calendar) -> None:
    if "date" in given["start"] or "@group." in calendar.id:
        raise invalid(f"A {kind} event must be timed and on the primary calendar.", "event.eventType")
    if given.get("transparency", "opaque") != "opaque":
        raise invalid(f"A {kind} event blocks time.", "event.transparency")
    if given.get("attendees"):
        raise invalid(f"A {kind} event has no attendees.", "event.attendees")
    mode = (given.get(f"{kind}Properties") or {}).get("autoDeclineMode", DECLINES[0])
    if mode not in DECLINES:
        raise invalid("Invalid auto decline mode.", f"event.{kind}Properties.autoDeclineMode")


def _birthday(given: Event) -> None:
    if "date" not in given["start"]:
        raise invalid("A birthday event must be all-day.", "event.eventType")
    if given.get("transparency") != "transparent" or given.get("visibility") != "private":
        raise invalid("A birthday event must be private and transparent.", "event.eventType")
    if len(given.get("recurrence") or ()) != 1 or "FREQ=YEARLY" not in given["recurrence"][0]:
        raise invalid("A birthday event repeats every year.", "event.recurrence")
    if given.get("attendees") or given.get("attachments"):
        raise invalid("A birthday event has neither attendees nor attachments.", "event.eventType")


def change(old: Event, new: Event) -> None:
    """What may be changed of events of a special type."""
    kind = old.get("eventType", "default")
    if kind not in CHANGEABLE:
        return
    names = {name for name in (*old.keys(), *new.keys()) if not name.startswith("_") and name not in UNTOUCHED}
    changed = {name for name in names if (old.get(name) or None) != (new.get(name) or None)}
    if changed - CHANGEABLE[kind]:
        field = min(changed - CHANGEABLE[kind])
        raise invalid(f"The {field} of a {kind} event cannot be changed.", f"event.{field}")
