"""Small changes to the text of an object; whatever is not meant stays byte for byte."""

from hashlib import blake2b
from typing import Final

from gateway.ical.objects import ParsedObject, read_lenient
from gateway.ical.objects.parsed import KINDS
from gateway.ical.text import Component, Property, prop, replace, serialise, text_prop

MARK: Final = "X-GATEWAY-CALENDAR"
CONFLICT: Final = {"de": "Konflikt: ", "en": "Conflict: ", "es": "Conflicto: ", "fr": "Conflit\u202f: "}
ENDS: Final = ("DTEND", "DUE")


def shaped(text: str, *, calendar_name: str = "", uid: str = "") -> tuple[ParsedObject, str]:
    """The object and its text, told which calendar it is in and under which UID we know it ("": as it is).

    Raises: InvalidCalendarData, InvalidCalendarObject.
    """
    obj = read_lenient(text)
    changed = False
    for component in _members(obj.calendar):
        if calendar_name and component.text(MARK) != calendar_name:
            replace(component, MARK, text_prop(MARK, calendar_name))
            changed = True
        if uid and component.text("UID") != uid:
            replace(component, "UID", prop("UID", uid))
            changed = True
    if not changed:
        return obj, text
    text = serialise(obj.calendar)
    return (read_lenient(text) if uid else obj), text


def corrected(obj: ParsedObject, text: str, calendar_name: str, *others: str) -> str:
    """Where the text names a calendar at all, the one that it is in. others: what else that may be called."""
    if all(one.text(MARK) in {"", calendar_name, *others} for one in _members(obj.calendar)):
        return text
    ours = read_lenient(text)
    for component in _members(ours.calendar):
        if component.text(MARK):
            replace(component, MARK, text_prop(MARK, calendar_name))
    return serialise(ours.calendar)


def one_end(obj: ParsedObject, text: str) -> str:
    """The text, its components with an end or a length: where they have both the end stays, which is what counts.

    Thunderbird writes so what is changed of one date, if the series has a length (tests/dav/test_clients_habits.py).
    Source: RFC 5545 3.6.1, which allows one of the two.
    """
    if not any(_has_both(one) for one in obj.components):
        return text
    ours = read_lenient(text)
    for component in _members(ours.calendar):
        if _has_both(component):
            replace(component, "DURATION", None)
    return serialise(ours.calendar)


def _has_both(component: Component) -> bool:
    return component.first("DURATION") is not None and any(component.first(name) is not None for name in ENDS)


def unmarked(text: str) -> str:
    """Without the name of its calendar, as a provider gets it."""
    if MARK not in text.upper():
        return text
    obj = read_lenient(text)
    for component in _members(obj.calendar):
        replace(component, MARK, None)
    return serialise(obj.calendar)


def conflict_uid(uid: str, etag: str) -> str:
    """The same for the same loser, so that no conflict leaves two copies."""
    return f"conflict-{blake2b(f'{uid} {etag}'.encode(), digest_size=16).hexdigest()}"


def conflict_copy(text: str, uid: str, locale: str) -> str:
    """The object under a UID of its own, its summary saying what it is; nobody is invited by it."""
    obj = read_lenient(text)
    prefix = CONFLICT.get(locale[:2], CONFLICT["en"])
    for component in _members(obj.calendar):
        replace(component, "UID", prop("UID", uid))
        replace(component, MARK, None)
        replace(component, "SUMMARY", text_prop("SUMMARY", prefix + component.text("SUMMARY")))
        component.properties = [_silenced(line) for line in component.properties]
    return serialise(obj.calendar)


def _silenced(line: Property) -> Property:
    if line.name not in {"ATTENDEE", "ORGANIZER"}:
        return line
    params = {name: values[0] for name, values in line.params.items() if values}
    return prop(line.name, line.value, {**params, "SCHEDULE-AGENT": "NONE"})


def _members(calendar: Component) -> list[Component]:
    return [one for one in calendar.components if one.name in KINDS]
