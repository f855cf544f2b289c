"""What a component says, whichever way it is spelled."""

from collections import Counter
from collections.abc import Hashable, Mapping
from datetime import UTC, datetime, tzinfo
from typing import Final

from gateway.errors import InvalidCalendarData
from gateway.ical.objects import ParsedObject
from gateway.ical.objects.parsed import KINDS
from gateway.ical.text import Component, Property, split_escaped, unescape
from gateway.ical.value import parse_duration, parse_when
from gateway.ical.zones import local_to_utc

# Says how, not what: differs from copy to copy of the same event.
NOISE: Final = frozenset({"DTSTAMP", "LAST-MODIFIED", "CREATED", "SEQUENCE", "X-GATEWAY-CALENDAR"})
TIMES: Final = frozenset({"DTSTART", "DTEND", "DUE", "RECURRENCE-ID", "EXDATE", "RDATE"})
TEXTS: Final = frozenset({"SUMMARY", "DESCRIPTION", "LOCATION", "COMMENT", "CONTACT", "X-ALT-DESC"})
# The answers that every provider knows; others come back as none.
ANSWERS: Final = frozenset({"ACCEPTED", "DECLINED", "TENTATIVE"})
OPTIONAL: Final = frozenset({"OPT-PARTICIPANT", "NON-PARTICIPANT"})
# Not saying it says the same (RFC 5545 3.8.1.3, 3.8.1.9, 3.8.1.11, 3.8.2.7).
DEFAULTS: Final = {"TRANSP": "OPAQUE", "STATUS": "CONFIRMED", "PRIORITY": "0", "CLASS": "PUBLIC"}

Key = tuple[str, Hashable]
Meaning = dict[str, Hashable]


def key_of(component: Component, zones: Mapping[str, tzinfo], floating: tzinfo | None = None) -> Key:
    """Which component of its object it is. floating: the zone of times that name none; None: they stay apart."""
    rid = component.first("RECURRENCE-ID")
    return component.name, "" if rid is None else _times(rid, zones, floating)


def instants(component: Component, zones: Mapping[str, tzinfo], floating: tzinfo) -> tuple[Hashable, ...]:
    """Epoch seconds of its RECURRENCE-ID, or the date as written."""
    rid = component.first("RECURRENCE-ID")
    return () if rid is None else tuple(when for when, _ in _times(rid, zones, floating))


def by_key(obj: ParsedObject) -> dict[Key, Component]:
    return {key_of(one, obj.zones): one for one in obj.calendar.components if one.name in KINDS}


def meaning(component: Component, zones: Mapping[str, tzinfo]) -> Meaning:
    """By property name; components inside under their own names."""
    found: dict[str, Counter[Hashable]] = {}
    for line in component.properties:
        if line.name in NOISE or DEFAULTS.get(line.name) == line.value.upper():
            continue
        found.setdefault(line.name, Counter()).update(_values(line, zones))
    for child in component.components:
        inner = frozenset(meaning(child, zones).items())
        found.setdefault(f"BEGIN:{child.name}", Counter()).update([inner])
    return {name: frozenset(values.items()) for name, values in found.items()}


def end_of(component: Component, zones: Mapping[str, tzinfo]) -> int | None:
    """Epoch seconds of DTEND, or of DTSTART and DURATION; None where they do not say, or say a date."""
    end, start, duration = (component.first(name) for name in ("DTEND", "DTSTART", "DURATION"))
    try:
        if end is not None:
            return _instant(end.value, _zone(end, zones))
        if start is None or duration is None:
            return None
        begins, lasts = _instant(start.value, _zone(start, zones)), parse_duration(duration.value)
    except InvalidCalendarData:
        return None
    return None if begins is None else begins + lasts.days * 86_400 + lasts.seconds


def _values(line: Property, zones: Mapping[str, tzinfo]) -> list[Hashable]:
    name, value = line.name, line.value
    if name in TIMES:
        return list(_times(line, zones))
    if name in {"RRULE", "EXRULE"}:
        return [frozenset(part for part in value.upper().split(";") if part not in {"", "INTERVAL=1"})]
    if name in TEXTS:
        return ["\n".join(row.rstrip() for row in unescape(value).strip().splitlines())]
    if name == "CATEGORIES":
        return list(split_escaped(value, ","))
    if name == "ORGANIZER":
        return [value.lower()]
    if name == "ATTENDEE":
        return [guest(line)]
    if name in {"DURATION", "TRIGGER"} and line.param("VALUE") != "DATE-TIME":
        return [_duration(value)]
    params = tuple(sorted((key, given) for key, given in line.params.items()))
    return [(value, params)]


def guest(line: Property) -> tuple[str, str, bool, str, str]:
    """What an ATTENDEE says: who, what answer, whether they need not come, how many they bring, and their comment."""
    answer = (line.param("PARTSTAT") or "").upper()
    room = (line.param("CUTYPE") or "").upper() in {"RESOURCE", "ROOM"}
    return (
        line.value.lower(),
        answer if answer in ANSWERS else "NEEDS-ACTION",
        (line.param("ROLE") or "").upper() in OPTIONAL and not room,
        (line.param("X-NUM-GUESTS") or "").lstrip("0"),
        line.param("X-RESPONSE-COMMENT") or "",
    )


def _duration(value: str) -> Hashable:
    try:
        return parse_duration(value)
    except InvalidCalendarData:
        return value


def _times(
    line: Property, zones: Mapping[str, tzinfo], floating: tzinfo | None = None
) -> tuple[tuple[Hashable, str], ...]:
    """An instant where the zone is known, with the zone as it decides what a rule makes of it."""
    zone = _zone(line, zones) or floating
    named = str(zone) if line.name == "DTSTART" and zone is not None else ""
    return tuple((_time(value, zone), named) for value in line.value.split(","))


def _zone(line: Property, zones: Mapping[str, tzinfo]) -> tzinfo | None:
    tzid = line.param("TZID")
    return None if tzid is None else zones.get(tzid)


def _time(value: str, zone: tzinfo | None) -> Hashable:
    try:
        seconds = _instant(value, zone)
    except InvalidCalendarData:
        return value
    return value if seconds is None else seconds


def _instant(value: str, zone: tzinfo | None) -> int | None:
    when = parse_when(value)
    if not isinstance(when, datetime):
        return None
    if when.tzinfo is not None:
        return int(when.astimezone(UTC).timestamp())
    return None if zone is None else local_to_utc(when, zone)
