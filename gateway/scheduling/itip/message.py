"""iTIP messages (RFC 5546) as text: what of an object others may see, and the methods that are made by hand."""

from collections.abc import Collection, Iterable, Mapping
from typing import Final

from gateway.errors import InvalidCalendarData, InvalidCalendarObject
from gateway.ical.objects import ParsedObject, read_lenient, tzids
from gateway.ical.text import Component, Property, component, parameter, prop, serialise, text_prop
from gateway.ical.value import format_utc
from gateway.ical.zones import iana, vtimezone
from gateway.scheduling.itip.lines import OWN, address, bare, change, remade, with_parameter, written
from gateway.scheduling.itip.lines import deputy as deputy_of
from gateway.scheduling.itip.model import Method

PRODID: Final = "-//gateway//calendar gateway//EN"
NEEDED: Final = ("UID", "DTSTAMP", "DTSTART", "ORGANIZER")
REPLIED: Final = ("UID", "RECURRENCE-ID", "SEQUENCE", "DTSTART", "DTEND", "DUE", "DURATION", "SUMMARY", "ORGANIZER")
KEPT: Final = frozenset({"CN", "CUTYPE", "ROLE", "SENT-BY", "MEMBER", "DELEGATED-TO", "DELEGATED-FROM", "EMAIL"})
"""Parameters of an attendee's own line that go into their answer, beside PARTSTAT."""
OF_ATTENDEE: Final = frozenset({Method.REPLY, Method.COUNTER, Method.REFRESH})
SUCCESS: Final = "2.0;Success"


def request(obj: ParsedObject, *, sent_by: str = "") -> str:
    """An invitation, or the new state of one; every component of the object.

    sent_by: the address the mail comes from; named as the organizer's deputy where it is not the organizer's own, so
    that clients who compare the two find the sender in the event.
    Raises: InvalidCalendarObject if nobody is invited, or what every client needs is missing.
    """
    made = [_complete(one, Method.REQUEST, sent_by) for one in obj.components]
    if not any(one.first("ATTENDEE") for one in made):
        raise InvalidCalendarObject("an invitation needs somebody who is invited")
    return message(obj, Method.REQUEST, made)


def cancel(obj: ParsedObject, *, stamp: int, sequence: int, sent_by: str = "", only: Collection[str] = ()) -> str:
    """The end of an event for those who were invited.

    stamp: epoch seconds. sequence: higher than that of every earlier message. only: lower-case addresses, where not
    all are uninvited but these; the event itself then goes on.
    """
    made = []
    for one in obj.components:
        part = _complete(one, Method.CANCEL, sent_by)
        if only:
            part.properties = [line for line in part.properties if line.name != "ATTENDEE" or address(line) in only]
        put(part, prop("DTSTAMP", format_utc(stamp)))
        put(part, prop("SEQUENCE", str(sequence)))
        if not only:
            put(part, prop("STATUS", "CANCELLED"))
        made.append(part)
    return message(obj, Method.CANCEL, made)


def reply(obj: ParsedObject, attendee: str, partstat: str, *, stamp: int, comment: str = "") -> str:
    """An attendee's answer to the organizer, about every component they are invited to.

    attendee: lower-case address; partstat: ACCEPTED, DECLINED, TENTATIVE …; stamp: epoch seconds.
    Raises: InvalidCalendarObject if they are not invited.
    """
    made = []
    for one in obj.components:
        own = next((line for line in one.all("ATTENDEE") if address(line) == attendee), None)
        if own is not None:
            more = [text_prop("COMMENT", comment)] if comment else []
            made.append(replying(one, own, partstat, stamp=stamp, more=more))
    if not made:
        raise InvalidCalendarObject(f"{attendee} is not invited")
    return message(obj, Method.REPLY, made)


def publish(obj: ParsedObject) -> str:
    """For anybody to add to their calendar; nobody is invited and nobody answers."""
    return message(obj, Method.PUBLISH, [shared(one, Method.PUBLISH) for one in obj.components])


def replying(given: Component, own: Property, partstat: str, *, stamp: int, more: Iterable[Property] = ()) -> Component:
    """What a REPLY says of one component. own: the line of who answers. more: COMMENT, the delegate's ATTENDEE …"""
    params = {name: values for name, values in own.params.items() if name in KEPT}
    lines = [bare(line) for line in given.properties if line.name in REPLIED]
    lines += [
        prop("DTSTAMP", format_utc(stamp)),
        prop("ATTENDEE", own.value, {**params, "PARTSTAT": partstat}),
        *more,
        prop("REQUEST-STATUS", SUCCESS),
    ]
    return component(given.name, lines)


def message(obj: ParsedObject, method: Method, components: Iterable[Component]) -> str:
    """The components with the VTIMEZONEs they need, whether or not the object has them (RFC 7809 lets clients leave
    out what everybody knows; a mail must not).
    """
    parts = list(components)
    head = [prop("PRODID", PRODID), prop("VERSION", "2.0"), prop("CALSCALE", "GREGORIAN"), prop("METHOD", method)]
    return serialise(component("VCALENDAR", head, [*zones_for(obj, parts), *parts]))


def on_behalf(text: str, person: str, deputy: str, also: Collection[str] = ()) -> str:
    """The message with `deputy` as SENT-BY on the line of the person who speaks in it; theirs alone if they do so.

    also: other addresses of the deputy; a SENT-BY that names one of them stays as it was written.
    """
    if person == deputy:
        return text
    obj, known = read_lenient(text), {deputy, *also}
    name = "ATTENDEE" if obj.calendar.text("METHOD").strip().upper() in OF_ATTENDEE else "ORGANIZER"

    def named(line: Property) -> Property:
        if address(line) != person or deputy_of(line) in known:
            return line
        return with_parameter(line, "SENT-BY", f"mailto:{deputy}")

    for one in obj.components:
        change(one, name, named)
    return serialise(obj.calendar)


def zones_for(obj: ParsedObject, components: Iterable[Component]) -> list[Component]:
    """The VTIMEZONEs of the TZIDs that the components name: the object's own, else made."""
    named: set[str] = set().union(*(tzids(one) for one in components))
    given: Mapping[str, Component] = {zone.text("TZID"): zone for zone in obj.calendar.children("VTIMEZONE")}
    found = [copied(zone) for name, zone in given.items() if name in named]
    for name in sorted(named - given.keys()):
        if iana(name) is not None:
            try:
                found.append(vtimezone(name, 0))
            except InvalidCalendarData:
                continue
    return found


def copied(given: Component) -> Component:
    """The same lines, to be put anywhere and changed freely."""
    lines = given.own().properties
    made = component(given.name, lines, [copied(part) for part in given.components])
    for part, old in zip(made.components, given.components, strict=True):
        part.at = old.at
    return made


def shared(given: Component, method: Method, sent_by: str = "") -> Component:
    """A component as others may see it: without alarms, our own marks and notes about delivery."""
    lines = [bare(line) for line in given.properties if _is_shared(line, method)]
    made = component(given.name, lines, [copied(part) for part in given.components if part.name != "VALARM"])
    organizer = made.first("ORGANIZER")
    if sent_by and organizer is not None and address(organizer) != sent_by.lower():
        deputy = f";SENT-BY={parameter(f'mailto:{sent_by}')}"
        put(made, remade(organizer, [*(part for name, part in written(organizer) if name != "SENT-BY"), deputy]))
    if made.first("SEQUENCE") is None:
        made.properties.append(prop("SEQUENCE", "0"))
    if made.first("STATUS") is None and given.name == "VEVENT":
        made.properties.append(prop("STATUS", "CONFIRMED"))
    return made


def _complete(given: Component, method: Method, sent_by: str) -> Component:
    for name in NEEDED:
        if given.first(name) is None:
            raise InvalidCalendarObject(f"a message needs {name}")
    return shared(given, method, sent_by)


def _is_shared(line: Property, method: Method) -> bool:
    if line.name == "ATTENDEE":
        return method is not Method.PUBLISH
    return not line.name.startswith(OWN) and line.name not in {"REQUEST-STATUS", "ACKNOWLEDGED"}


def put(target: Component, new: Property) -> None:
    """In the place of the first such line, else before the alarms."""
    for number, line in enumerate(target.properties):
        if line.name == new.name:
            target.properties[number] = new
            return
    append(target, new)


def append(target: Component, *new: Property) -> None:
    """After the last line, before the alarms that stood after it."""
    for child in target.components:
        child.at = max(child.at, 1 << 40) if child.at >= len(target.properties) else child.at
    target.properties.extend(new)
