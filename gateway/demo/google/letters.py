"""What the simulated Google writes to an event's people, as iCalendar in a mail."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from gateway.demo import letters
from gateway.demo.google import series
from gateway.demo.google.state import Calendar, Event
from gateway.demo.google.times import key
from gateway.demo.seed.week import ZONE
from gateway.ical.objects import read_lenient
from gateway.ical.text import Component, Property, component, prop, text_prop
from gateway.ical.value import format_local, format_utc
from gateway.scheduling import clock
from gateway.scheduling.imip.facts import facts

PARTSTATS: Final = {"accepted": "ACCEPTED", "declined": "DECLINED", "tentative": "TENTATIVE"}
SPOKEN: Final = {"accepted": "Accepted", "declined": "Declined", "tentative": "Tentatively Accepted"}


def itip(calendar: Calendar, event: Event, method: str, guests: Sequence[Event]) -> str:
    """Of a series also the dates that are otherwise, or gone."""
    exceptions = series.exceptions(calendar, event["id"]) if series.is_series(event) and method == "REQUEST" else []
    live = [each for each in exceptions if each["status"] != "cancelled"]
    gone = [each["originalStartTime"] for each in exceptions if each["status"] == "cancelled"]
    made = [_vevent(event, method, guests, gone)]
    made += [_vevent(each, method, each.get("attendees") or (), ()) for each in live]
    return letters.message(letters.GOOGLE, method, made)


def _vevent(event: Event, method: str, guests: Sequence[Event], gone: Sequence[Any]) -> Component:
    repeats = series.is_series(event) or "recurringEventId" in event
    organizer = event["organizer"]
    lines = [_when(name, event[given], repeats) for name, given in (("DTSTART", "start"), ("DTEND", "end"))]
    for line in event.get("recurrence") or ():
        head, _, value = line.partition(":")
        name, *params = head.split(";")
        lines.append(prop(name, value, dict(each.split("=", 1) for each in params)))
    zone = {name: event["start"][name] for name in ("timeZone",) if name in event["start"]}
    lines += [_when("EXDATE", {**each, **zone}, repeats) for each in gone]
    if "originalStartTime" in event:
        lines.append(_when("RECURRENCE-ID", event["originalStartTime"], repeats))
    lines += [
        prop("DTSTAMP", _stamp(event["updated"])),
        letters.person("ORGANIZER", organizer.get("email", ""), organizer.get("displayName", "")),
        text_prop("UID", event["iCalUID"]),
        *(_attendee(row, method) for row in guests),
        prop("CREATED", _stamp(event["created"])),
        prop("LAST-MODIFIED", _stamp(event["updated"])),
        *(text_prop(name, event[held]) for name, held in WORDS if event.get(held)),
        prop("SEQUENCE", str(int(event.get("sequence") or 0) + (method == "CANCEL"))),
        prop("STATUS", "CANCELLED" if method == "CANCEL" else str(event["status"]).upper()),
        prop("TRANSP", str(event.get("transparency") or "opaque").upper()),
    ]
    return component("VEVENT", lines)


WORDS: Final = (("SUMMARY", "summary"), ("DESCRIPTION", "description"), ("LOCATION", "location"))


def _attendee(row: Event, method: str) -> Property:
    asked = {"RSVP": "TRUE"} if method == "REQUEST" else {}
    return letters.person(
        "ATTENDEE", row["email"], row.get("displayName", ""), CUTYPE="INDIVIDUAL",
        ROLE="OPT-PARTICIPANT" if row.get("optional") else "REQ-PARTICIPANT",
        PARTSTAT=PARTSTATS.get(row["responseStatus"], "NEEDS-ACTION"), **asked,
    )  # fmt: skip


def _when(name: str, time: Any, repeats: bool) -> Property:
    """Single events in UTC, series on the clock of their zone."""
    if "date" in time:
        return prop(name, time["date"].replace("-", ""), {"VALUE": "DATE"})
    zone = time.get("timeZone") or "UTC"
    if not repeats or zone == "UTC":
        return prop(name, key(time))
    return prop(name, format_local(datetime.fromisoformat(time["dateTime"]).astimezone(ZoneInfo(zone))), {"TZID": zone})


def _stamp(text: str) -> str:
    return format_utc(datetime.fromisoformat(text).astimezone(UTC))


def heading(text: str, to: str, word: str) -> str:
    """The subject. word: such as Invitation."""
    said = facts(read_lenient(text), "UTC")[0]
    zone = said.zone if said.zone != "UTC" else ZONE
    at = "" if said.start is None else f" @ {clock.short(said.start, zone, 'en')}"
    return f"{word}: {said.title or '(No title)'}{at} ({to})"
