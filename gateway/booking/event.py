"""The calendar object of a booking."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from gateway.booking.seen import seen
from gateway.freebusy.publish import PRODID
from gateway.ical.text import Component, Property, component, parse, prop, replace, serialise, text_prop, with_param
from gateway.ical.zones import vtimezone
from gateway.scheduling import itip

MARK: Final = "X-GATEWAY-BOOKING"


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

    zone: IANA name its clock times are written in. url: "" or a web address.
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

    @property
    def status(self) -> str:
        return "TENTATIVE" if self.tentative else "CONFIRMED"


def utc(instant: int) -> str:
    return datetime.fromtimestamp(instant, UTC).strftime("%Y%m%dT%H%M%SZ")


def _clock(name: str, instant: int, zone: str) -> Property:
    if zone == "UTC":
        return prop(name, utc(instant))
    local = datetime.fromtimestamp(instant, ZoneInfo(zone))
    return prop(name, local.strftime("%Y%m%dT%H%M%S"), {"TZID": zone})


def _zone(meeting: Meeting) -> str:
    """The meeting's zone, or UTC where its clock shows one of the times twice and this is the second."""
    zone = ZoneInfo(meeting.zone)
    twice = any(datetime.fromtimestamp(instant, zone).fold for instant in (meeting.start, meeting.end))
    return "UTC" if twice else meeting.zone


def _attendee(person: Person, answer: str) -> Property:
    """SCHEDULE-AGENT=CLIENT: no CalDAV server it is stored at may invite as well (RFC 6638 7.1)."""
    asks = {"RSVP": "TRUE"} if answer == "NEEDS-ACTION" else {}
    name = {"CN": person.name} if person.name else {}
    params = {**name, "CUTYPE": "INDIVIDUAL", "ROLE": "REQ-PARTICIPANT", "PARTSTAT": answer, **asks}
    return prop("ATTENDEE", f"mailto:{person.email}", {**params, "SCHEDULE-AGENT": "CLIENT"})


def event(meeting: Meeting, *, asking: bool = False) -> str:
    """A VCALENDAR without METHOD.

    asking: as invitations say it, whose reader has yet to answer.
    """
    zone = _zone(meeting)
    lines = [
        text_prop("UID", meeting.uid),
        prop("DTSTAMP", utc(meeting.changed)),
        prop("CREATED", utc(meeting.created)),
        prop("LAST-MODIFIED", utc(meeting.changed)),
        prop("SEQUENCE", str(meeting.sequence)),
        _clock("DTSTART", meeting.start, zone),
        _clock("DTEND", meeting.end, zone),
        text_prop("SUMMARY", meeting.title),
        *([text_prop("DESCRIPTION", meeting.description)] if meeting.description else []),
        *([text_prop("LOCATION", meeting.location)] if meeting.location else []),
        *([prop("URL", meeting.url)] if meeting.url else []),
        prop("STATUS", meeting.status),
        prop("TRANSP", "OPAQUE"),
        *([prop("CLASS", "PRIVATE")] if meeting.private and not asking else []),
        prop("ORGANIZER", f"mailto:{meeting.host.email}", {"CN": meeting.host.name, "SCHEDULE-AGENT": "CLIENT"}),
        *(_attendee(host, host.answer) for host in (meeting.host, *meeting.others)),
        _attendee(meeting.invitee, "NEEDS-ACTION" if asking else meeting.reply),
        *(_attendee(guest, reply) for guest, reply in meeting.guests),
        text_prop(MARK, meeting.uid),
    ]
    zones = [] if zone == "UTC" else [vtimezone(zone, meeting.start)]
    head = [prop("VERSION", "2.0"), prop("PRODID", PRODID), prop("CALSCALE", "GREGORIAN")]
    return serialise(component("VCALENDAR", head, [*zones, component("VEVENT", lines)]))


def moved(text: str, meeting: Meeting) -> str:
    """The object as its host's calendar has it, at the meeting's time; all else they wrote into it is kept.

    So is the way they wrote the time down, where it is that time already.
    """
    calendar, zone = parse(text, lenient=True), _zone(meeting)
    known = seen(text, meeting.zone)
    stands = known is not None and known.time == (meeting.start, meeting.end)
    times: list[tuple[str, Property | None]] = [
        ("DTSTART", _clock("DTSTART", meeting.start, zone)),
        ("DURATION", None),
        ("DTEND", _clock("DTEND", meeting.end, zone)),
    ]
    last = meeting.sequence if known is None else max(meeting.sequence, known.sequence)
    for found in calendar.children("VEVENT"):
        for name, new in (
            *([] if stands else times),
            ("STATUS", prop("STATUS", meeting.status)),
            ("SEQUENCE", prop("SEQUENCE", str(last))),
            ("DTSTAMP", prop("DTSTAMP", utc(meeting.changed))),
            ("LAST-MODIFIED", prop("LAST-MODIFIED", utc(meeting.changed))),
        ):
            replace(found, name, new)
    _attend(calendar, meeting, anew=not stands)
    named = {given.text("TZID") for given in calendar.children("VTIMEZONE")}
    if not stands and zone != "UTC" and zone not in named:
        calendar.components.insert(0, vtimezone(zone, meeting.start))
    return serialise(calendar)


def replied(text: str, who: str, partstat: str) -> str:
    """The object with that attendee's answer; the very text where it has that already, or names no such attendee."""
    calendar = parse(text, lenient=True)
    return serialise(calendar) if _reply(calendar, who, partstat) else text


def handed(text: str, old: str, meeting: Meeting) -> str:
    """The object with the hosts as they are now, where it named another one. old: address of who was one."""
    calendar = parse(text, lenient=True)
    for found in calendar.children("VEVENT"):
        named = {itip.address(line) for line in found.all("ATTENDEE")}
        new = [one for one in (meeting.host, *meeting.others) if one.email.lower() not in named]
        kept = [line for line in found.properties if line.name != "ATTENDEE" or itip.address(line) != old.lower()]
        found.properties[:] = [*kept, *(_attendee(one, "ACCEPTED") for one in new)]
    return serialise(calendar)


def placed(text: str, place: str) -> str:
    """The object at another place; "": at none."""
    calendar = parse(text, lenient=True)
    for found in calendar.children("VEVENT"):
        replace(found, "LOCATION", text_prop("LOCATION", place) if place else None)
    return serialise(calendar)


def _attend(calendar: Component, meeting: Meeting, *, anew: bool) -> None:
    """Whom the host invited besides stays. anew: what was answered so far is over."""
    _reply(calendar, meeting.invitee.email, meeting.reply)
    for found in calendar.children("VEVENT"):
        gone = {one.lower() for one in meeting.gone}
        found.properties = [one for one in found.properties if one.name != "ATTENDEE" or itip.address(one) not in gone]
        known = {itip.address(one) for one in found.all("ATTENDEE")}
        found.properties += [_attendee(*one) for one in meeting.guests if one[0].email.lower() not in known]
    for guest, reply in meeting.guests:
        if anew or reply != "NEEDS-ACTION":
            _reply(calendar, guest.email, reply)


def _reply(calendar: Component, who: str, partstat: str) -> bool:
    """Whether it said something else."""
    changed = False
    for found in calendar.children("VEVENT"):
        for at, line in enumerate(found.properties):
            theirs = line.name == "ATTENDEE" and itip.address(line) == who.lower()
            if theirs and (line.param("PARTSTAT") or "").upper() != partstat:
                found.properties[at] = with_param(line, "PARTSTAT", partstat)
                changed = True
    return changed
