"""Messages and changes that a person asks for by a button: answers, proposals, delegation, questions."""

from datetime import UTC
from typing import Final

from gateway.errors import InvalidCalendarObject
from gateway.ical.objects import ParsedObject
from gateway.ical.text import Component, Property, component, prop, serialise, text_prop
from gateway.ical.times import Form
from gateway.ical.value import format_date, format_local, format_utc, parse_when
from gateway.ical.zones import utc_to_local
from gateway.scheduling.itip.lines import (
    address,
    attendee,
    bare,
    change,
    organizer_of,
    with_list,
    with_parameter,
)
from gateway.scheduling.itip.message import append, message, put, shared
from gateway.scheduling.itip.model import Method, News, Outgoing
from gateway.scheduling.itip.parts import MASTER, RECURRENCE, Parts, fresh

ENDS: Final = {"VEVENT": "DTEND", "VTODO": "DUE"}


def answer(obj: ParsedObject, attendee_: str, partstat: str, *, rid: str = "", comment: str = "") -> str:
    """The attendee's copy with their answer, to be given to attendee_changes.

    rid: of the only instance that is answered, as in ical.recurrence.Instance; without it, all they are invited to.
    Raises: InvalidCalendarObject if they are not invited, or there is no such instance.
    """
    parts = Parts(fresh(obj))
    found = False
    for one in _meant(parts, rid):
        if attendee(one, {attendee_}) is None:
            continue
        found = True
        change(one, "ATTENDEE", lambda line: _answered(line, attendee_, partstat))
        if comment:
            append(one, text_prop("COMMENT", comment))
    if not found:
        raise InvalidCalendarObject(f"{attendee_} is not invited")
    return serialise(parts.obj.calendar)


def delegate(obj: ParsedObject, attendee_: str, to: str, *, name: str = "") -> str:
    """The attendee's copy with somebody else in their stead, to be given to attendee_changes (RFC 5546 3.2.2.3)."""
    parts = Parts(fresh(obj))
    for one in parts.keyed.values():
        mine = attendee(one, {attendee_})
        if mine is None:
            continue
        sent = with_list(with_parameter(mine, "PARTSTAT", "DELEGATED"), "DELEGATED-TO", [f"mailto:{to}"])
        one.properties[one.properties.index(mine)] = sent
        if attendee(one, {to}) is None:
            params = {"CN": name} if name else {}
            params |= {"PARTSTAT": "NEEDS-ACTION", "RSVP": "TRUE", "DELEGATED-FROM": mine.value}
            append(one, prop("ATTENDEE", f"mailto:{to}", params))
    return serialise(parts.obj.calendar)


def counter(
    obj: ParsedObject, attendee_: str, *, start: int, end: int, stamp: int, rid: str = "", comment: str = ""
) -> Outgoing:
    """An attendee's proposal of another time (RFC 5546 3.2.7). start, end: epoch seconds; rid: as for answer.

    They say "perhaps", as Outlook and Google write: Thunderbird takes what stands there for their answer.
    """
    parts = Parts(fresh(obj))
    made = []
    for one in _meant(parts, rid)[:1]:
        part = shared(one, Method.COUNTER)
        change(part, "ATTENDEE", lambda line: _answered(line, attendee_, "TENTATIVE"))
        _move(parts, part, start, end)
        put(part, prop("DTSTAMP", format_utc(stamp)))
        if comment:
            append(part, text_prop("COMMENT", comment))
        made.append(part)
    text = message(parts.obj, Method.COUNTER, made)
    return Outgoing(Method.COUNTER, attendee_, _organizer(parts), text, News.PROPOSAL)


def decline_counter(proposal: ParsedObject, attendee_: str, *, stamp: int, comment: str = "") -> Outgoing:
    """The organizer's no to a proposal of that attendee (RFC 5546 3.2.8)."""
    parts = Parts(fresh(proposal))
    made = []
    for one in parts.keyed.values():
        part = shared(one, Method.DECLINECOUNTER)
        part.properties[:] = [line for line in part.properties if line.name != "COMMENT"]
        put(part, prop("DTSTAMP", format_utc(stamp)))
        if comment:
            append(part, text_prop("COMMENT", comment))
        append(part, prop("REQUEST-STATUS", "3.1;Counter proposal declined"))
        made.append(part)
    text = message(parts.obj, Method.DECLINECOUNTER, made)
    return Outgoing(Method.DECLINECOUNTER, _organizer(parts), attendee_, text, News.PROPOSAL_DECLINED)


def accept_counter(proposal: ParsedObject, current: ParsedObject) -> str:
    """The organizer's object as the attendee proposed it, to be given to organizer_changes.

    Only time, place and texts are taken; who is invited, and what they answered, is the organizer's.
    """
    sent, now = Parts(fresh(proposal)), Parts(fresh(current))
    for key, one in sent.keyed.items():
        known = now.keyed.get(key) if key == MASTER else now.effective(key)
        if known is None:
            raise InvalidCalendarObject("there is no such instance")
        put_times(known, one, whole=key == MASTER)
        for name in ("SUMMARY", "DESCRIPTION", "LOCATION"):
            line = one.first(name)
            if line is not None and line.text != known.text(name):
                put(known, line)
        if key not in now.keyed:
            now.store(key, known)
    for zone in sent.obj.calendar.children("VTIMEZONE"):
        if zone.text("TZID") not in now.obj.zones:
            zone.at = len(now.obj.calendar.properties)
            now.obj.calendar.components.insert(0, zone)
    return serialise(now.obj.calendar)


def refresh(obj: ParsedObject, attendee_: str, *, stamp: int, rid: str = "") -> Outgoing:
    """An attendee's question for the latest state (RFC 5546 3.2.6). obj: their copy, or the message they could not read
    without.
    """
    first = obj.components[0]
    organizer = organizer_of(obj.components)
    if organizer is None:
        raise InvalidCalendarObject("nobody to ask: no ORGANIZER")
    lines = [
        prop("UID", obj.uid),
        prop("DTSTAMP", format_utc(stamp)),
        bare(organizer),
        prop("ATTENDEE", f"mailto:{attendee_}"),
    ]
    if rid:
        lines.append(prop("RECURRENCE-ID", rid, {"VALUE": "DATE"} if len(rid) == 8 else {}))
    text = message(obj, Method.REFRESH, [component(first.name, lines)])
    return Outgoing(Method.REFRESH, attendee_, address(organizer), text, News.QUESTION)


def put_times(known: Component, one: Component, *, whole: bool) -> None:
    """The times of `one` in a component; of a series, how it recurs too where `one` says so."""
    names = {"DTSTART", "DTEND", "DUE", "DURATION"}
    if whole and any(line.name in RECURRENCE for line in one.properties):
        names |= RECURRENCE
    known.properties[:] = [line for line in known.properties if line.name not in names]
    append(known, *(line for line in one.properties if line.name in names))


def _meant(parts: Parts, rid: str) -> list[Component]:
    if not rid:
        return list(parts.keyed.values())
    when = parse_when(rid)
    key = parts.key(prop("RECURRENCE-ID", rid), rid)
    one = parts.effective(key) if key is not None else None
    if key is None or one is None:
        raise InvalidCalendarObject(f"there is no instance at {when}")
    if key not in parts.keyed:
        parts.store(key, one)
    return [one]


def _answered(line: Property, who: str, partstat: str) -> Property:
    return with_parameter(line, "PARTSTAT", partstat) if address(line) == who else line


def _organizer(parts: Parts) -> str:
    line = organizer_of(parts.keyed.values())
    if line is None:
        raise InvalidCalendarObject("an event without organizer")
    return address(line)


def _move(parts: Parts, one: Component, start: int, end: int) -> None:
    """Other times, written as the old ones were."""
    line = one.first("DTSTART") or one.first("DUE")
    moment = parts.moment(line) if line is not None else None
    if line is None or moment is None:
        raise InvalidCalendarObject("nothing to move without a start")
    params = {name: values for name, values in line.params.items() if name in {"TZID", "VALUE"}}
    one.properties[:] = [other for other in one.properties if other.name not in {"DURATION", *ENDS.values()}]
    zone = UTC if moment.form in {Form.DATE, Form.UTC} else moment.zone
    for name, at in (("DTSTART", start), (ENDS.get(one.name, "DTEND"), end)):
        local = utc_to_local(at, zone)
        value = format_date(local) if moment.form == Form.DATE else format_local(local)
        put(one, prop(name, value + ("Z" if moment.form == Form.UTC else ""), params))
