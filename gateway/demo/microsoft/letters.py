"""What the simulated Outlook writes to an event's people, as iCalendar in a mail."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Final

from gateway.backends.outlook.recurrence import rule_of
from gateway.demo import letters
from gateway.demo.microsoft.faults import Json
from gateway.demo.microsoft.mailbox import Event, Mailboxes
from gateway.demo.microsoft.render import as_text
from gateway.demo.microsoft.times import local, zone_named
from gateway.ical.recurrence import format_rule
from gateway.ical.text import Component, Property, component, prop, text_prop
from gateway.ical.value import format_date, format_local, format_utc

METHODS: Final = {"request": "REQUEST", "cancel": "CANCEL"}
PREFIXES: Final = {
    "cancel": "Canceled: ",
    "accept": "Accepted: ",
    "tentativelyAccept": "Tentative: ",
    "decline": "Declined: ",
}
PARTSTATS: Final = {"accepted": "ACCEPTED", "tentativelyAccepted": "TENTATIVE", "declined": "DECLINED"}
BUSY: Final = {"free": "TRANSPARENT"}


def own_row(boxes: Mailboxes, event: Event) -> Json:
    """Of the mailbox the event is in, with its answer."""
    person = boxes.people[event.mailbox]
    return {"emailAddress": {"name": person.name, "address": person.address}, "status": {"response": event.response}}


def itip(boxes: Mailboxes, event: Event, kind: str, guests: Sequence[Json]) -> str:
    """kind: as in Mail. Of a series also the dates that are otherwise, or gone."""
    method = METHODS.get(kind, "REPLY")
    made = [_vevent(boxes, event, method, guests)]
    if method == "REQUEST" and event.body.get("recurrence"):
        for _, row in sorted(boxes.exceptions(event).items()):
            made.append(_vevent(boxes, row, method, boxes.whole(row).get("attendees") or ()))
    return letters.message(letters.OUTLOOK, method, made)


def _vevent(boxes: Mailboxes, event: Event, method: str, guests: Sequence[Json]) -> Component:
    whole = boxes.whole(event)
    master = boxes.events[event.series] if event.series is not None else event
    organizer, stamp = event.organizer["emailAddress"], format_utc(boxes.clock().astimezone(UTC))
    body = whole.get("body") or {}
    content = str(body.get("content") or "")
    note = as_text(content) if str(body.get("contentType")).lower() == "html" else content
    place = str((whole.get("location") or {}).get("displayName") or "")
    lines = [
        letters.person("ORGANIZER", organizer["address"], organizer.get("name", "")),
        *(_attendee(row, method) for row in guests),
        *(text_prop(name, text) for name, text in (("DESCRIPTION", note), ("LOCATION", place)) if text),
        *(_series(event) if event.body.get("recurrence") else ()),
        *([_at("RECURRENCE-ID", boxes, master, event.original)] if event.series is not None else []),
        text_prop("UID", event.uid),
        text_prop("SUMMARY", whole.get("subject") or ""),
        _when("DTSTART", whole, whole["start"]),
        _when("DTEND", whole, whole["end"]),
        *(_at("EXDATE", boxes, master, day) for day in (event.cancelled if method == "REQUEST" else ())),
        prop("CLASS", "PRIVATE" if whole.get("sensitivity") in {"private", "personal"} else "PUBLIC"),
        prop("PRIORITY", "5"),
        prop("DTSTAMP", stamp),
        prop("TRANSP", BUSY.get(whole.get("showAs", "busy"), "OPAQUE")),
        prop("STATUS", "CANCELLED" if method == "CANCEL" else "CONFIRMED"),
        prop("SEQUENCE", str(_sequence(event, master, method))),
    ]
    return component("VEVENT", lines)


def _sequence(event: Event, master: Event, method: str) -> int:
    """Rises with every change here; an answer has that of what it answers."""
    if event.response != "organizer":
        return master.sequence
    return max(event.version, master.version) - (method != "CANCEL")


def _attendee(row: Json, method: str) -> Property:
    given = row["emailAddress"]
    answer = PARTSTATS.get((row.get("status") or {}).get("response", ""), "NEEDS-ACTION")
    role = "OPT-PARTICIPANT" if row.get("type") == "optional" else "REQ-PARTICIPANT"
    asked = {"RSVP": "TRUE"} if method == "REQUEST" else {}
    return letters.person("ATTENDEE", given["address"], given.get("name") or "", ROLE=role, PARTSTAT=answer, **asked)


def _when(name: str, whole: Json, time: Json) -> Property:
    return _line(name, local(time), time["timeZone"], all_day=bool(whole.get("isAllDay")))


def _line(name: str, when: datetime, zone: str, *, all_day: bool) -> Property:
    """when: local."""
    if all_day:
        return prop(name, format_date(when.date()), {"VALUE": "DATE"})
    if zone == "UTC":
        return prop(name, format_utc(when.replace(tzinfo=UTC)))
    return prop(name, format_local(when), {"TZID": zone})


def _at(name: str, boxes: Mailboxes, master: Event, day: str) -> Property:
    """The occurrence of that date as the series has it."""
    time = master.body["start"]
    plain = boxes.occurrence_of(master, date.fromisoformat(day), None).start
    when = plain.astimezone(zone_named(time["timeZone"])).replace(tzinfo=None)
    return _line(name, when, time["timeZone"], all_day=bool(master.body.get("isAllDay")))


def _series(event: Event) -> list[Property]:
    zone = None if event.body.get("isAllDay") else zone_named(event.body["start"]["timeZone"])
    return [prop("RRULE", format_rule(rule_of(event.body["recurrence"], zone)))]
