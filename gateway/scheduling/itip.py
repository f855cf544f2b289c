"""iTIP messages (RFC 5546) made of calendar objects: what is sent to whom, as text."""

import re
from collections.abc import Collection, Iterable
from enum import StrEnum
from typing import Final

from gateway.errors import InvalidCalendarObject
from gateway.ical.objects import ParsedObject
from gateway.ical.text import (
    Component,
    Property,
    component,
    fold,
    parameter,
    prop,
    serialise,
    text_prop,
    unfold,
)
from gateway.ical.value import format_utc

PRODID: Final = "-//gateway//calendar gateway//EN"
NEEDED: Final = ("UID", "DTSTAMP", "DTSTART", "ORGANIZER")
OURS: Final = ("SCHEDULE-AGENT", "SCHEDULE-STATUS", "SCHEDULE-FORCE-SEND")
REPLIED: Final = ("UID", "RECURRENCE-ID", "SEQUENCE", "DTSTART", "DTEND", "DURATION", "SUMMARY", "ORGANIZER")
PARAMETER: Final = re.compile(r';([A-Za-z0-9-]+)=(?:"[^"]*"|[^";])*')


class Method(StrEnum):
    REQUEST = "REQUEST"
    CANCEL = "CANCEL"
    REPLY = "REPLY"
    PUBLISH = "PUBLISH"


def request(obj: ParsedObject, *, sent_by: str = "") -> str:
    """An invitation, or the new state of one; every component of the object.

    sent_by: the address the mail comes from; named as the organizer's deputy where it is not the organizer's own, so
    that clients who compare the two find the sender in the event.
    Raises: InvalidCalendarObject if nobody is invited, or what every client needs is missing.
    """
    made = [_shared(one, Method.REQUEST, sent_by) for one in obj.components]
    if not any(one.first("ATTENDEE") for one in made):
        raise InvalidCalendarObject("an invitation needs somebody who is invited")
    return _message(obj, Method.REQUEST, made)


def cancel(obj: ParsedObject, *, stamp: int, sequence: int, sent_by: str = "", only: Collection[str] = ()) -> str:
    """The end of an event for those who were invited.

    stamp: epoch seconds. sequence: higher than that of every earlier message. only: lower-case addresses, where not
    all are uninvited but these; the event itself then goes on.
    """
    made = []
    for one in obj.components:
        part = _shared(one, Method.CANCEL, sent_by)
        if only:
            part.properties = [line for line in part.properties if line.name != "ATTENDEE" or address(line) in only]
        _set(part, prop("DTSTAMP", format_utc(stamp)))
        _set(part, prop("SEQUENCE", str(sequence)))
        if not only:
            _set(part, prop("STATUS", "CANCELLED"))
        made.append(part)
    return _message(obj, Method.CANCEL, made)


def reply(obj: ParsedObject, attendee: str, partstat: str, *, stamp: int, comment: str = "") -> str:
    """An attendee's answer to the organizer, about every component they are invited to.

    attendee: lower-case address; partstat: ACCEPTED, DECLINED, TENTATIVE …; stamp: epoch seconds.
    Raises: InvalidCalendarObject if they are not invited.
    """
    made = []
    for one in obj.components:
        own = next((line for line in one.all("ATTENDEE") if address(line) == attendee), None)
        if own is None:
            continue
        params = {name: values[0] for name, values in own.params.items() if name in {"CN", "CUTYPE", "ROLE", "SENT-BY"}}
        kept = [_bare(line) for line in one.properties if line.name in REPLIED]
        lines = [
            *kept,
            prop("DTSTAMP", format_utc(stamp)),
            prop("ATTENDEE", own.value, {**params, "PARTSTAT": partstat}),
        ]
        lines.append(prop("REQUEST-STATUS", "2.0;Success"))
        if comment:
            lines.append(text_prop("COMMENT", comment))
        made.append(component(one.name, lines))
    if not made:
        raise InvalidCalendarObject(f"{attendee} is not invited")
    return _message(obj, Method.REPLY, made)


def publish(obj: ParsedObject) -> str:
    """For anybody to add to their calendar; nobody is invited and nobody answers."""
    return _message(obj, Method.PUBLISH, [_shared(one, Method.PUBLISH, "") for one in obj.components])


def address(line: Property) -> str:
    """The calendar address of an ORGANIZER or ATTENDEE: lower case, without mailto:."""
    value = line.value.strip()
    return (value[7:] if value[:7].lower() == "mailto:" else value).lower()


def _message(obj: ParsedObject, method: Method, components: Iterable[Component]) -> str:
    head = [prop("PRODID", PRODID), prop("VERSION", "2.0"), prop("CALSCALE", "GREGORIAN"), prop("METHOD", method)]
    zones = [_copy(zone) for zone in obj.calendar.children("VTIMEZONE")]
    return serialise(component("VCALENDAR", head, [*zones, *components]))


def _copy(given: Component) -> Component:
    """The same lines, to be put anywhere."""
    return component(given.name, given.own().properties, given.components)


def _shared(given: Component, method: Method, sent_by: str) -> Component:
    """A component as others may see it: without alarms, our own marks and notes about delivery."""
    for name in NEEDED:
        if given.first(name) is None and method is not Method.PUBLISH:
            raise InvalidCalendarObject(f"a message needs {name}")
    lines = [_bare(line) for line in given.properties if _is_shared(line, method)]
    made = component(given.name, lines, [_copy(part) for part in given.components if part.name != "VALARM"])
    organizer = made.first("ORGANIZER")
    if sent_by and organizer is not None and address(organizer) != sent_by.lower():
        deputy = f";SENT-BY={parameter(f'mailto:{sent_by}')}"
        _set(made, _line(organizer, [*(part for name, part in _parameters(organizer) if name != "SENT-BY"), deputy]))
    if made.first("SEQUENCE") is None:
        made.properties.append(prop("SEQUENCE", "0"))
    if made.first("STATUS") is None and given.name == "VEVENT":
        made.properties.append(prop("STATUS", "CONFIRMED"))
    return made


def _is_shared(line: Property, method: Method) -> bool:
    if line.name == "ATTENDEE":
        return method is not Method.PUBLISH
    return not line.name.startswith("X-GATEWAY-") and line.name != "REQUEST-STATUS"


def _bare(line: Property) -> Property:
    """Without the parameters that are between a client and its server (RFC 6638 7)."""
    if line.name not in {"ATTENDEE", "ORGANIZER"} or "SCHEDULE-" not in line.raw.upper():
        return line
    return _line(line, [part for name, part in _parameters(line) if name not in OURS])


def _parameters(line: Property) -> list[tuple[str, str]]:
    """(upper-case name, text from the semicolon on) of each parameter, as written."""
    text = unfold(line.raw).rstrip("\r\n")
    return [(found[1].upper(), found[0]) for found in PARAMETER.finditer(text[: -len(line.value) - 1])]


def _line(line: Property, parameters: Iterable[str]) -> Property:
    """The property with other parameters and the very same value."""
    head = line.name + "".join(parameters)
    return Property(line.name, line.value, fold(f"{head}:{line.value}"), head)


def _set(target: Component, new: Property) -> None:
    found = [line.name for line in target.properties]
    if new.name in found:
        target.properties[found.index(new.name)] = new
    else:
        target.properties.append(new)
