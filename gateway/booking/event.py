"""The calendar object of a booking."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from gateway.freebusy.publish import PRODID
from gateway.ical.text import Property, component, parse, prop, replace, serialise, text_prop
from gateway.ical.zones import vtimezone

MARK: Final = "X-GATEWAY-BOOKING"


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Meeting:
    """start, end, created, changed: epoch seconds. host: whose copy it is; others: further hosts.

    tentative: it waits for a host's answer. private: what is stored tells nobody else what it is.

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
    params = {"CN": person.name, "CUTYPE": "INDIVIDUAL", "ROLE": "REQ-PARTICIPANT", "PARTSTAT": answer, **asks}
    return prop("ATTENDEE", f"mailto:{person.email}", {**params, "SCHEDULE-AGENT": "CLIENT"})


def event(meeting: Meeting, *, asking: bool = False) -> str:
    """A VCALENDAR without METHOD.

    asking: as invitations say it, whose reader has yet to answer; as it is stored, the invitee accepted by booking.
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
        *(_attendee(host, "ACCEPTED") for host in (meeting.host, *meeting.others)),
        _attendee(meeting.invitee, "NEEDS-ACTION" if asking else "ACCEPTED"),
        text_prop(MARK, meeting.uid),
    ]
    zones = [] if zone == "UTC" else [vtimezone(zone, meeting.start)]
    head = [prop("VERSION", "2.0"), prop("PRODID", PRODID), prop("CALSCALE", "GREGORIAN")]
    return serialise(component("VCALENDAR", head, [*zones, component("VEVENT", lines)]))


def moved(text: str, meeting: Meeting) -> str:
    """The object as its host's calendar has it, at the meeting's time; all else they wrote into it is kept."""
    calendar, zone = parse(text, lenient=True), _zone(meeting)
    for found in calendar.children("VEVENT"):
        for name, new in (
            ("DTSTART", _clock("DTSTART", meeting.start, zone)),
            ("DURATION", None),
            ("DTEND", _clock("DTEND", meeting.end, zone)),
            ("STATUS", prop("STATUS", meeting.status)),
            ("SEQUENCE", prop("SEQUENCE", str(meeting.sequence))),
            ("DTSTAMP", prop("DTSTAMP", utc(meeting.changed))),
            ("LAST-MODIFIED", prop("LAST-MODIFIED", utc(meeting.changed))),
        ):
            replace(found, name, new)
    known = {given.text("TZID") for given in calendar.children("VTIMEZONE")}
    if zone != "UTC" and zone not in known:
        calendar.components.insert(0, vtimezone(zone, meeting.start))
    return serialise(calendar)
