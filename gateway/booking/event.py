"""The calendar object of a booking."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from gateway.booking.occurrences import Times, arrange, clock, each, is_regular, once, rule_lines, set_reply
from gateway.booking.repeats import Plan
from gateway.booking.seen import seen
from gateway.freebusy.publish import PRODID
from gateway.ical.objects import read_lenient
from gateway.ical.text import Component, Property, component, parse, prop, replace, serialise, text_prop
from gateway.ical.zones import vtimezone
from gateway.scheduling.itip import address

MARK: Final = "X-GATEWAY-BOOKING"
PARTY: Final = "• "
ANSWER: Final = "◦ "
"""What lines of a list of parties begin with."""


@dataclass(frozen=True, slots=True)
class Person:
    """answer: their PARTSTAT, as a host."""

    name: str
    email: str
    answer: str = "ACCEPTED"


@dataclass(frozen=True, slots=True)
class Meeting:
    """start, end, created, changed: epoch seconds. host: whose copy it is; others: further hosts.

    tentative: it waits for a host's answer. private: what is stored tells nobody else what it is. reply: the invitee's
    PARTSTAT, who accepted by booking. guests: further people with theirs; gone: addresses of those who come no more.

    zone: IANA name its clock times are written in. url: "" or a web address. plan: the dates of a series, of which
    start and end are the first one's by the rule. shared: by parties, who are invitee and guests here; the description
    lists them.
    """

    uid: str
    sequence: int
    start: int
    end: int
    zone: str
    title: str
    description: str
    location: str
    host: Person
    invitee: Person
    created: int
    changed: int
    url: str = ""
    others: tuple[Person, ...] = ()
    tentative: bool = False
    private: bool = False
    reply: str = "ACCEPTED"
    guests: tuple[tuple[Person, str], ...] = ()
    gone: tuple[str, ...] = ()
    plan: Plan | None = None
    shared: bool = False

    @property
    def agent(self) -> str:
        """Parties are invited to bookings of their own: no provider may show them this event, and who else comes."""
        return "NONE" if self.shared else "CLIENT"

    @property
    def status(self) -> str:
        return "TENTATIVE" if self.tentative else "CONFIRMED"


def utc(instant: int) -> str:
    return datetime.fromtimestamp(instant, UTC).strftime("%Y%m%dT%H%M%SZ")


def _attendee(person: Person, answer: str, agent: str = "CLIENT") -> Property:
    """SCHEDULE-AGENT: no CalDAV server it is stored at may invite as well (RFC 6638 7.1)."""
    asks = {"RSVP": "TRUE"} if answer == "NEEDS-ACTION" else {}
    name = {"CN": person.name} if person.name else {}
    params = {**name, "CUTYPE": "INDIVIDUAL", "ROLE": "REQ-PARTICIPANT", "PARTSTAT": answer, **asks}
    return prop("ATTENDEE", f"mailto:{person.email}", {**params, "SCHEDULE-AGENT": agent})


def event(meeting: Meeting, *, asking: bool = False, only: Collection[int] = ()) -> str:
    """A VCALENDAR without METHOD.

    asking: as invitations say it, whose reader has yet to answer. only: RECURRENCE-IDs of the dates of a series that
    are spoken of, none: the whole.
    """
    parts = (
        _dates(meeting, only) if meeting.plan is not None else [_Part(once(meeting.start, meeting.end, meeting.zone))]
    )
    made = [component("VEVENT", _lines(meeting, part, asking=asking)) for part in parts]
    named = any(line.param("TZID") for one in made for line in one.properties)
    zones = [vtimezone(meeting.zone, meeting.start)] if named else []
    head = [prop("VERSION", "2.0"), prop("PRODID", PRODID), prop("CALSCALE", "GREGORIAN")]
    return serialise(component("VCALENDAR", head, [*zones, *made]))


@dataclass(frozen=True, slots=True)
class _Part:
    """What one VEVENT says of when it is. reply: to that date alone."""

    times: Times
    more: tuple[Property, ...] = ()
    reply: str = ""


def _dates(meeting: Meeting, only: Collection[int]) -> list[_Part]:
    plan = meeting.plan
    if plan is None:
        return []
    first = plan.bare.turns[0]
    found = [] if only else [_Part(each(first.start, first.end, plan.zone), tuple(rule_lines(plan)))]
    for one in plan.turns:
        if one.at in only if only else not one.gone and not is_regular(plan, one):
            mark = clock("RECURRENCE-ID", one.at, plan.zone)
            found.append(_Part(once(one.start, one.end, plan.zone), (mark,), one.reply))
    return found


def _lines(meeting: Meeting, part: _Part, *, asking: bool) -> Iterable[Property]:
    return [
        text_prop("UID", meeting.uid),
        prop("DTSTAMP", utc(meeting.changed)),
        prop("CREATED", utc(meeting.created)),
        prop("LAST-MODIFIED", utc(meeting.changed)),
        prop("SEQUENCE", str(meeting.sequence)),
        *(line for _, line in part.times if line is not None),
        *part.more,
        text_prop("SUMMARY", meeting.title),
        *([text_prop("DESCRIPTION", meeting.description)] if meeting.description else []),
        *([text_prop("LOCATION", meeting.location)] if meeting.location else []),
        *([prop("URL", meeting.url)] if meeting.url else []),
        prop("STATUS", meeting.status),
        prop("TRANSP", "OPAQUE"),
        *([prop("CLASS", "PRIVATE")] if meeting.private and not asking else []),
        prop("ORGANIZER", f"mailto:{meeting.host.email}", {"CN": meeting.host.name, "SCHEDULE-AGENT": "CLIENT"}),
        *(_attendee(host, host.answer) for host in (meeting.host, *meeting.others)),
        _attendee(meeting.invitee, "NEEDS-ACTION" if asking else part.reply or meeting.reply, meeting.agent),
        *(_attendee(guest, reply, meeting.agent) for guest, reply in meeting.guests),
        text_prop(MARK, meeting.uid),
    ]


def moved(text: str, meeting: Meeting) -> str:
    """The object as its host's calendar has it, at the meeting's time; all else they wrote into it is kept.

    So is the way they wrote the time down, where it is that time already.
    """
    obj = read_lenient(text)
    known, calendar = seen(text, meeting.zone), obj.calendar
    last = meeting.sequence if known is None else max(meeting.sequence, known.sequence)
    stands = known is not None and meeting.plan is None and known.time == (meeting.start, meeting.end)
    _attend(calendar, meeting, anew=not stands)
    if meeting.plan is not None:
        if not arrange(obj, meeting.plan, meeting.invitee.email, meeting.reply):
            return event(meeting)
    elif not stands:
        for found in calendar.children("VEVENT"):
            for name, new in once(meeting.start, meeting.end, meeting.zone):
                replace(found, name, new)
    for found in calendar.children("VEVENT"):
        for name, line in (
            ("STATUS", prop("STATUS", meeting.status)),
            ("SEQUENCE", prop("SEQUENCE", str(last))),
            ("DTSTAMP", prop("DTSTAMP", utc(meeting.changed))),
            ("LAST-MODIFIED", prop("LAST-MODIFIED", utc(meeting.changed))),
        ):
            replace(found, name, line)
    if meeting.shared:
        _enroll(calendar, meeting.description)
    if not stands:
        _name_zone(calendar, meeting)
    return serialise(calendar)


def _name_zone(calendar: Component, meeting: Meeting) -> None:
    """Describes the zone, where times are written in it and nothing does yet."""
    named = {given.text("TZID") for given in calendar.children("VTIMEZONE")}
    used = (line.param("TZID") for found in calendar.children("VEVENT") for line in found.properties)
    if meeting.zone not in named and meeting.zone in used:
        calendar.components.insert(0, vtimezone(meeting.zone, meeting.start))


def replied(text: str, who: str, partstat: str) -> str:
    """The object with that attendee's answer; the very text where it has that already, or names no such attendee."""
    calendar = parse(text, lenient=True)
    return serialise(calendar) if _reply(calendar, who, partstat) else text


def handed(text: str, old: str, meeting: Meeting) -> str:
    """The object with the hosts as they are now, where it named another one. old: address of who was one."""
    calendar = parse(text, lenient=True)
    for found in calendar.children("VEVENT"):
        named = {address(line) for line in found.all("ATTENDEE")}
        new = [one for one in (meeting.host, *meeting.others) if one.email.lower() not in named]
        kept = [line for line in found.properties if line.name != "ATTENDEE" or address(line) != old.lower()]
        found.properties[:] = [*kept, *(_attendee(one, "ACCEPTED") for one in new)]
    return serialise(calendar)


def answered(text: str, meeting: Meeting) -> str:
    """The series with the invitee's answers to its dates."""
    obj = read_lenient(text)
    if meeting.plan is not None:
        arrange(obj, meeting.plan, meeting.invitee.email, meeting.reply)
    return serialise(obj.calendar)


def placed(text: str, place: str) -> str:
    """The object at another place; "": at none."""
    calendar = parse(text, lenient=True)
    for found in calendar.children("VEVENT"):
        replace(found, "LOCATION", text_prop("LOCATION", place) if place else None)
    return serialise(calendar)


def _attend(calendar: Component, meeting: Meeting, *, anew: bool) -> None:
    """Whom the host invited besides stays. anew: what was answered so far is over."""
    _reply(calendar, meeting.invitee.email, meeting.reply)
    wanted = (*(((meeting.invitee, meeting.reply),) if meeting.shared else ()), *meeting.guests)
    for found in calendar.children("VEVENT"):
        gone = {one.lower() for one in meeting.gone}
        found.properties = [one for one in found.properties if one.name != "ATTENDEE" or address(one) not in gone]
        known = {address(one) for one in found.all("ATTENDEE")}
        found.properties += [
            _attendee(person, reply, meeting.agent) for person, reply in wanted if person.email.lower() not in known
        ]
    for guest, reply in meeting.guests:
        if anew or reply != "NEEDS-ACTION":
            _reply(calendar, guest.email, reply)


def _enroll(calendar: Component, roll: str) -> None:
    """Instead of an earlier list of the parties; what the host wrote beside it stays beneath."""
    for found in calendar.children("VEVENT"):
        kept = [line for line in found.text("DESCRIPTION").splitlines() if not line.startswith((PARTY, ANSWER))]
        text = "\n".join([*roll.splitlines(), *kept]).strip()
        replace(found, "DESCRIPTION", text_prop("DESCRIPTION", text) if text else None)


def _reply(calendar: Component, who: str, partstat: str) -> bool:
    """Whether it said something else."""
    changed = [set_reply(found, who, partstat) for found in calendar.children("VEVENT")]
    return any(changed)
