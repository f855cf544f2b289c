"""What is written on the lines of people after a message was sent, or while a client was away."""

from collections.abc import Mapping

from gateway.ical.objects import ParsedObject, read_lenient
from gateway.ical.text import Property, serialise
from gateway.scheduling.itip.lines import address, attendees, bare, change, with_parameter, without
from gateway.scheduling.itip.parts import MASTER, Parts, fresh

STATUS = "SCHEDULE-STATUS"


def with_status(text: str, codes: Mapping[str, str]) -> str:
    """The object with SCHEDULE-STATUS on the ATTENDEE and ORGANIZER lines of these people (RFC 6638 7.3).

    codes: by address; "" takes it off. All else stays byte for byte. That of the organizer is on ORGANIZER alone.
    """
    if not codes:
        return text
    obj = read_lenient(text)

    def noted(line: Property) -> Property:
        code = codes.get(address(line))
        if code is None or code == line.param(STATUS):
            return line
        return with_parameter(line, STATUS, code) if code else without(line, {STATUS})

    def noted_unless_organizer(line: Property) -> Property:
        return line if address(line) == organizer else noted(line)

    for one in obj.components:
        line = one.first("ORGANIZER")
        organizer = "" if line is None else address(line)
        change(one, "ATTENDEE", noted_unless_organizer)
        change(one, "ORGANIZER", noted)
    return serialise(obj.calendar)


def with_answers(given: ParsedObject, stored: ParsedObject, me: frozenset[str]) -> str:
    """`given`, with the ATTENDEE lines of everybody but me as they are in `stored` (RFC 6638 3.2.10.1).

    For a PUT whose If-Schedule-Tag-Match holds: others may have answered since its client looked. Only people whom the
    client still invites are looked at.
    """
    new, old = Parts(fresh(given)), Parts(stored)
    for key, one in new.keyed.items():
        known = old.keyed.get(key) if key == MASTER else old.effective(key)
        if known is None:
            continue
        people = attendees(known)

        def answered(line: Property, people: Mapping[str, Property] = people) -> Property:
            who = address(line)
            if who in me or who not in people or bare(line).raw == bare(people[who]).raw:
                return line
            return people[who]

        change(one, "ATTENDEE", answered)
    return serialise(new.obj.calendar)
