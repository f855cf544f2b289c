"""A booking to make messages and mails of."""

from gateway.ical.objects import read
from gateway.ical.text import component, prop, serialise, text_prop
from gateway.ical.zones import vtimezone
from gateway.scheduling.itip import request
from gateway.scheduling.mail import Kind, Notice, Person

START = 1_795_773_600  # 2026-11-27 10:00 UTC, 11:00 in Berlin
NOW = 1_795_600_000
SENDER = "Calendar <calendar@gateway.example>"
ALICE = Person("Alice Example", "alice@example.com", "en", "Europe/Berlin")
BOB = Person("Bob Müller", "bob@example.org", "de", "America/New_York")


def event(
    title: str = "Consulting", note: str = "", place: str = "", host: str = "Alice Example", guest: str = "Bob Müller"
) -> str:
    """As the calendar keeps it."""
    lines = [
        prop("UID", "b-1"),
        prop("DTSTAMP", "20261125T090000Z"),
        prop("SEQUENCE", "0"),
        prop("DTSTART", "20261127T110000", {"TZID": "Europe/Berlin"}),
        prop("DTEND", "20261127T120000", {"TZID": "Europe/Berlin"}),
        text_prop("SUMMARY", title),
        text_prop("DESCRIPTION", note),
        text_prop("LOCATION", place),
        prop("ORGANIZER", "mailto:alice@example.com", {"CN": host, "SCHEDULE-AGENT": "CLIENT"}),
        prop("ATTENDEE", "mailto:alice@example.com", {"CN": host, "PARTSTAT": "ACCEPTED"}),
        prop(
            "ATTENDEE",
            "mailto:bob@example.org",
            {"CN": guest, "CUTYPE": "INDIVIDUAL", "ROLE": "REQ-PARTICIPANT", "PARTSTAT": "ACCEPTED", "RSVP": "TRUE"}
            | {"SCHEDULE-AGENT": "CLIENT", "SCHEDULE-STATUS": "1.1"},
        ),
        prop("X-GATEWAY-BOOKING", "b-1"),
    ]
    alarm = component("VALARM", [prop("ACTION", "DISPLAY"), prop("TRIGGER", "-PT15M"), prop("DESCRIPTION", "x")])
    head = [prop("VERSION", "2.0"), prop("PRODID", "-//gateway//test//EN")]
    return serialise(
        component("VCALENDAR", head, [vtimezone("Europe/Berlin", START), component("VEVENT", lines, [alarm])])
    )


def notice(kind: Kind = Kind.BOOKED, **more) -> Notice:
    known = {
        "uid": "b-1",
        "sequence": 0 if kind is Kind.BOOKED else 1,
        "title": "Consulting",
        "start": START,
        "end": START + 3600,
        "host": ALICE,
        "invitee": BOB,
        "ics": request(read(event()), sent_by="calendar@gateway.example"),
        "reschedule_url": "https://gateway.example/booking/b-1?token=abc&move=1",
        "cancel_url": "https://gateway.example/booking/b-1?token=abc&cancel=1",
        "wrong_url": "https://gateway.example/booking/b-1?token=abc&wrong=1",
    }
    return Notice(kind, **{**known, **more})
