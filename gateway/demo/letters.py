"""What the simulated clouds write to people: an event's mail, in the shape of the cloud that sends it."""

import html
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import Final

from gateway.demo.seed.week import ZONE
from gateway.ical.objects import ParsedObject, read_lenient
from gateway.ical.text import Component, Property, component, prop, serialise
from gateway.ical.value import epoch, parse_datetime
from gateway.ical.zones import vtimezone
from gateway.scheduling import clock
from gateway.scheduling.imip.facts import Facts, facts
from gateway.scheduling.mail import attach_calendar

GOOGLE: Final = "Google"
OUTLOOK: Final = "Outlook"
PRODIDS: Final = {
    GOOGLE: "-//Google Inc//Google Calendar 70.9054//EN",
    OUTLOOK: "Microsoft Exchange Server 2010",
}


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail of a cloud before it is one. cloud: GOOGLE or OUTLOOK. text: the iTIP message."""

    cloud: str
    name: str
    sender: str
    to: str
    subject: str
    text: str
    comment: str = ""


def cloud_of(text: str) -> str:
    """Which cloud wrote that iTIP message; "" for neither."""
    if not text:
        return ""
    prodid = read_lenient(text).calendar.text("PRODID")
    return next((cloud for cloud, name in PRODIDS.items() if name == prodid), "")


def message(cloud: str, method: str, components: list[Component]) -> str:
    """The text of an iTIP message, with the zones its times are in."""
    named: dict[str, int] = {}
    for line in (line for one in components for line in one.properties):
        zone = line.param("TZID")
        if zone:
            at = epoch(parse_datetime(line.value[:15]).replace(tzinfo=UTC))
            named[zone] = min(at, named.get(zone, at))
    zones = [vtimezone(zone, at) for zone, at in sorted(named.items())]
    head = [prop("PRODID", PRODIDS[cloud]), prop("VERSION", "2.0"), prop("CALSCALE", "GREGORIAN")]
    return serialise(component("VCALENDAR", [*head, prop("METHOD", method)], [*zones, *components]))


def person(kind: str, address: str, name: str, **params: str) -> Property:
    """ORGANIZER or ATTENDEE."""
    return prop(kind, f"mailto:{address}", {**({"CN": name} if name else {}), **params})


def compose(letter: Letter, number: int, now: datetime) -> EmailMessage:
    """number: of all mails the cloud sent."""
    made = EmailMessage(policy=SMTP)
    made["From"] = _mailbox(letter.name, letter.sender)
    made["To"] = _mailbox("", letter.to)
    made["Subject"] = letter.subject
    made["Date"] = now.astimezone(UTC)
    made["Message-ID"] = f"<{letter.cloud.lower()}-{number}-{now:%Y%m%d%H%M%S}@calendar.example.com>"
    obj = read_lenient(letter.text)
    lines = list(_words(letter, obj))
    made.set_content("\n".join(lines) + "\n", cte="quoted-printable")
    shown = "".join(f"<p>{html.escape(line)}</p>" for line in lines if line)
    page = f'<html lang="en"><head><title>{html.escape(letter.subject)}</title></head><body>{shown}</body></html>'
    made.add_alternative(page, subtype="html", cte="quoted-printable")
    if letter.cloud == GOOGLE:
        attach_calendar(made, letter.text)
    else:
        params = {"method": obj.calendar.text("METHOD")}
        made.add_alternative(letter.text, subtype="calendar", charset="utf-8", cte="base64", params=params)
    return made


def _mailbox(name: str, address: str) -> Address:
    local, _, domain = address.rpartition("@")
    return Address(name, local, domain)


def _words(letter: Letter, obj: ParsedObject) -> Iterator[str]:
    said = facts(obj, ZONE)[0]
    yield {"REQUEST": "You are invited.", "CANCEL": "This event has been cancelled."}.get(
        obj.calendar.text("METHOD"), f"{letter.name or letter.sender}: {letter.subject.partition(': ')[0].lower()}."
    )
    yield ""
    rows = (("What", said.title), ("When", when(said)), ("Where", said.where), ("Note", letter.comment))
    yield from (f"{name}: {value}" for name, value in rows if value)
    if said.note:
        yield from ("", said.note)


def when(said: Facts) -> str:
    """ "" where no time is told."""
    if said.start is None:
        return ""
    end = said.start if said.end is None else said.end
    if said.day:
        first, last = (clock.local(at, said.zone).date() for at in (said.start, max(said.start, end - 1)))
        return clock.days(first, last, "en")
    return f"{clock.span(said.start, end, said.zone, 'en')} ({said.zone})"
