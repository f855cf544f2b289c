"""What makes a text one calendar object that may be stored (RFC 4791 4.1, RFC 5545 3.6)."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from gateway.errors import (
    InvalidCalendarData,
    InvalidCalendarObject,
    TooManyAttendees,
    TooManyInstances,
    UnsupportedComponent,
)
from gateway.ical.rules.rule import parse_rule
from gateway.ical.text import Component, Property
from gateway.ical.times import Reading
from gateway.ical.value import parse_datetime, parse_duration, parse_period

STORABLE: Final = frozenset({"VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY"})
KNOWN: Final = STORABLE | {"VAVAILABILITY", "VALARM", "VPOLL"}
ONCE: Final = frozenset(
    {
        "UID",
        "DTSTAMP",
        "DTSTART",
        "DTEND",
        "DUE",
        "DURATION",
        "RECURRENCE-ID",
        "ORGANIZER",
        "SEQUENCE",
        "STATUS",
        "TRANSP",
    }
)
MOMENTS: Final = ("DTSTART", "DTEND", "DUE", "RECURRENCE-ID")
STAMPS: Final = ("DTSTAMP", "CREATED", "LAST-MODIFIED", "COMPLETED")
MAX_UID: Final = 1_000
MAX_NAMED: Final = 20_000
"""Most instances that one object may name: overrides, RDATEs and EXDATEs together."""
MAX_ATTENDEES: Final = 1_000
"""Most attendees of one component."""


def check(calendar: Component, most: int = MAX_NAMED) -> list[Component]:
    """The components of the object, master first. most: instances it may name. PRODID may be missing.

    Raises: InvalidCalendarData, InvalidCalendarObject, UnsupportedComponent, TooManyInstances, TooManyAttendees.
    """
    if calendar.text("VERSION") != "2.0":
        raise InvalidCalendarData("VERSION must be 2.0")
    if calendar.first("METHOD") is not None:
        raise InvalidCalendarObject("a stored object has no METHOD")
    components = [one for one in calendar.components if one.name != "VTIMEZONE" and not one.name.startswith("X-")]
    if not components:
        raise InvalidCalendarObject("no event, task or journal entry")
    kinds = {one.name for one in components}
    if not kinds <= STORABLE:
        raise UnsupportedComponent(f"{', '.join(sorted(kinds - STORABLE))[:80]} cannot be stored")
    if len(kinds) > 1:
        raise InvalidCalendarObject("components of more than one kind")
    _check_amount(components, min(most, MAX_NAMED))
    for one in components:
        _check_lines(one)
    _check_identity(components)
    return sorted(components, key=lambda one: one.first("RECURRENCE-ID") is not None)


def _check_amount(components: Sequence[Component], most: int) -> None:
    """Before any of it is looked at."""
    named = len(components)
    if named <= most:
        lines = (line for one in components for line in one.properties if line.name in {"RDATE", "EXDATE"})
        named += sum(line.value.count(",") + 1 for line in lines)
    if named > most:
        raise TooManyInstances(f"more than {most} instances are named one by one")


def _check_lines(component: Component) -> None:
    counts = Counter(line.name for line in component.properties)
    for name in ONCE:
        if counts[name] > 1:
            raise InvalidCalendarData(f"{component.name} with {counts[name]} {name}")
    if not counts["UID"]:
        raise InvalidCalendarObject(f"{component.name} without UID")
    if counts["ATTENDEE"] > MAX_ATTENDEES:
        raise TooManyAttendees(f"more than {MAX_ATTENDEES} attendees")
    if component.name == "VEVENT" and not counts["DTSTART"]:
        raise InvalidCalendarData("VEVENT without DTSTART")
    if counts["DURATION"] and not counts["DTSTART"]:
        raise InvalidCalendarData("DURATION needs DTSTART")


def _check_identity(components: Sequence[Component]) -> None:
    uids = {one.text("UID").strip() for one in components}
    if len(uids) > 1:
        raise InvalidCalendarObject("more than one UID")
    uid = uids.pop()
    if not uid or len(uid) > MAX_UID:
        raise InvalidCalendarObject("UID is empty or too long")
    marks = [line.value if (line := one.first("RECURRENCE-ID")) else "" for one in components]
    if len(set(marks)) < len(marks):
        raise InvalidCalendarObject("two components for the same instance")


def check_times(components: Sequence[Component], reading: Reading) -> None:
    """Everything recurrences and busy time are made of can be read.

    An end that makes no sense with its start is no reason to refuse an object: it counts as none (times.read_timing).

    Raises: InvalidCalendarData.
    """
    for component in components:
        for name in MOMENTS:
            if (line := component.first(name)) is not None:
                reading.moment(line)
        if (line := component.first("DURATION")) is not None:
            parse_duration(line.value)
        for line in component.properties:
            _check_value(line, reading)


def _check_value(line: Property, reading: Reading) -> None:
    if line.name in {"RRULE", "EXRULE"}:
        parse_rule(line.value)
    elif line.name in {"RDATE", "EXDATE"}:
        for value in line.value.split(","):
            if "/" in value and line.name == "RDATE":
                parse_period(value)
            else:
                reading.value(line, value)
    elif line.name in STAMPS and parse_datetime(line.value).tzinfo is None and line.name != "COMPLETED":
        raise InvalidCalendarData(f"{line.name} must be in UTC")
