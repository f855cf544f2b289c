"""Graph's events -> one iCalendar object. Pure; the same events always give the same text."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from gateway.backends.outlook.recurrence import rule_of
from gateway.backends.outlook.values import (
    BOOKING_PROPERTY,
    BUSY_STATUS,
    CLASSES,
    MIRROR_PROPERTY,
    PARTSTATS,
    QUIET_PROPERTY,
    ROLES,
    UID_PROPERTY,
    Json,
    Place,
    extended,
    instant,
    known_zone,
    plain_text,
    stamp,
    whole_date,
)
from gateway.ical.blocks import MARK
from gateway.ical.recurrence import format_rule
from gateway.ical.text import Component, Property, component, parse, prop, serialise, text_prop, texts_prop
from gateway.ical.value import format_date, format_local, format_utc
from gateway.ical.zones import vtimezone

PRODID = "-//gateway//Outlook//EN"
UTC_NAMES = frozenset({"UTC", "Etc/UTC"})


@dataclass(frozen=True, slots=True)
class Whole:
    """An event with all that belongs to it.

    exceptions, cancelled: of a series; cancelled are the local dates of deleted occurrences.
    instances: the occurrences of a series in a zone that has no name, as its rule cannot be given then.
    """

    event: Json
    exceptions: Sequence[Json] = ()
    cancelled: Sequence[date] = ()
    instances: Sequence[Json] = ()

    @property
    def id(self) -> str:
        return str(self.event["id"])

    @property
    def etag(self) -> str:
        """Changes with the event, any of its exceptions, and the deletion of an occurrence."""
        parts = [self.event["@odata.etag"], *sorted(f"{row['id']} {row['@odata.etag']}" for row in self.exceptions)]
        parts += [day.isoformat() for day in self.cancelled]
        return hashlib.blake2b("\n".join(parts).encode(), digest_size=16).hexdigest()


def whole_of(event: Json, instances: Sequence[Json] = ()) -> Whole:
    """event: with exceptionOccurrences and cancelledOccurrences (`OID.<id>.<date>`) where it is a series."""
    exceptions = sorted(
        event.get("exceptionOccurrences") or (), key=lambda row: (row.get("originalStart") or "", row["id"])
    )
    dates = sorted(date.fromisoformat(name.rpartition(".")[2]) for name in event.get("cancelledOccurrences") or ())
    return Whole(event, exceptions, dates, instances)


def series_zone_name(event: Json) -> str:
    """The zone an event's clock times follow: the recurrence's own before that of the start."""
    bounds = (event.get("recurrence") or {}).get("range") or {}
    return str(bounds.get("recurrenceTimeZone") or event.get("originalStartTimeZone") or "")


def nameless_series(event: Json) -> bool:
    """Whether the series is in a zone nobody can name, so that only its occurrences tell when it is."""
    return bool(event.get("recurrence")) and not event.get("isAllDay") and known_zone(series_zone_name(event)) is None


def uid_of(event: Json) -> str:
    """The client's own where one made the event; else the one that is the same for the whole series everywhere."""
    return extended(event, UID_PROPERTY) or str(event.get("uid") or event.get("iCalUId") or event["id"])


@dataclass(frozen=True, slots=True)
class Clock:
    """How the times of one object are written. zone: of the series or event; None: UTC. mailbox: for dates."""

    zone: ZoneInfo | None
    mailbox: ZoneInfo

    @classmethod
    def of(cls, event: Json, place: Place) -> "Clock":
        zone = known_zone(series_zone_name(event))
        return cls(None if zone is None or zone.key in UTC_NAMES else zone, ZoneInfo(place.zone))

    def of_end(self, event: Json) -> "Clock":
        """That of the end, which is another where a single event is a journey."""
        zone = known_zone(event.get("originalEndTimeZone"))
        if zone is None or event.get("isAllDay") or event.get("recurrence") or event.get("seriesMasterId"):
            return self
        return Clock(None if zone.key in UTC_NAMES else zone, self.mailbox)

    def line(self, name: str, when: datetime | date) -> Property:
        if not isinstance(when, datetime):
            return prop(name, format_date(when), {"VALUE": "DATE"})
        if self.zone is None:
            return prop(name, format_utc(when))
        return prop(name, format_local(when.astimezone(self.zone)), {"TZID": self.zone.key})

    def of_value(self, event: Json, name: str) -> datetime | date:
        return whole_date(event[name], self.mailbox) if event.get("isAllDay") else instant(event[name])


def object_text(whole: Whole, place: Place) -> str:
    clock = Clock.of(whole.event, place)
    master = vevent(whole, whole.event, place, clock)
    overrides = [vevent(whole, row, place, clock) for row in whole.exceptions]
    start = clock.of_value(whole.event, "start")
    named = {line.param("TZID") for one in (master, *overrides) for line in one.properties if ";TZID=" in line.raw}
    around = int(start.timestamp()) if isinstance(start, datetime) else 0
    zones = [vtimezone(tzid, around) for tzid in sorted(filter(None, named))]
    head = [prop("VERSION", "2.0"), prop("PRODID", PRODID), prop("CALSCALE", "GREGORIAN")]
    return serialise(component("VCALENDAR", head, [*zones, master, *overrides]))


def vevent(whole: Whole, event: Json, place: Place, clock: Clock) -> Component:
    lines = [
        prop("UID", uid_of(whole.event)),
        prop("DTSTAMP", format_utc(stamp(event["lastModifiedDateTime"]))),
        prop("CREATED", format_utc(stamp(event["createdDateTime"]))),
        prop("LAST-MODIFIED", format_utc(stamp(event["lastModifiedDateTime"]))),
        *times(whole, event, clock),
        *words(event),
        *state(event),
        *people(event, place),
        *(kept_people(event) if event is whole.event else ()),
    ]
    join = ((event.get("onlineMeeting") or {}).get("joinUrl") or "").strip()
    if join:
        lines += [
            prop("CONFERENCE", join, {"VALUE": "URI", "FEATURE": ("AUDIO", "VIDEO")}),
            prop("URL", join),
        ]
    own = (("X-GATEWAY-BOOKING", BOOKING_PROPERTY), (MARK, MIRROR_PROPERTY))
    lines += [prop(name, value) for name, held in own if (value := extended(whole.event, held))]
    lines.append(text_prop("X-GATEWAY-CALENDAR", place.calendar))
    return component("VEVENT", lines, alarms(event))


def times(whole: Whole, event: Json, clock: Clock) -> Iterator[Property]:
    """DTEND is left out where it would equal DTSTART."""
    start, end = clock.of_value(event, "start"), clock.of_value(event, "end")
    if event is not whole.event:
        yield clock.line("RECURRENCE-ID", original(whole.event, event, clock))
    yield clock.line("DTSTART", start)
    if end > start:
        yield clock.of_end(event).line("DTEND", end)
    if event is whole.event and event.get("recurrence"):
        yield from series(whole, clock, start)


def original(master: Json, exception: Json, clock: Clock) -> datetime | date:
    """The start an exception was moved from, told by originalStart or by the date in occurrenceId."""
    day = str(exception.get("occurrenceId") or "").rpartition(".")[2]
    if master.get("isAllDay"):
        return date.fromisoformat(day) if day else whole_date({"dateTime": exception["originalStart"]}, clock.mailbox)
    if exception.get("originalStart"):
        return stamp(exception["originalStart"])
    return at_clock_of(master, date.fromisoformat(day), clock)


def at_clock_of(master: Json, day: date, clock: Clock) -> datetime | date:
    """The occurrence of that local date, at the series' time of day."""
    start = clock.of_value(master, "start")
    if not isinstance(start, datetime):
        return day
    zone = clock.zone or UTC
    return datetime.combine(day, start.astimezone(zone).time(), zone).astimezone(UTC)


def series(whole: Whole, clock: Clock, start: datetime | date) -> Iterator[Property]:
    """The rule and the dates left out; for a series in a zone without name, the dates there are."""
    if nameless_series(whole.event):
        moved = {original(whole.event, row, clock) for row in whole.exceptions}
        dates = {instant(row["start"]) for row in whole.instances if row.get("type") != "exception"}
        for when in sorted({*dates, *(row for row in moved if isinstance(row, datetime))} - {start}):
            yield prop("RDATE", format_utc(when))
        if isinstance(start, datetime) and whole.event["recurrence"]["range"]["startDate"] in map(str, whole.cancelled):
            yield prop("EXDATE", format_utc(start))  # DTSTART is a date of its own (RFC 5545 3.8.5.3)
        return
    zone = None if not isinstance(start, datetime) else clock.zone or UTC
    yield prop("RRULE", format_rule(rule_of(whole.event["recurrence"], zone)))
    for day in whole.cancelled:
        yield clock.line("EXDATE", at_clock_of(whole.event, day, clock))


def words(event: Json) -> Iterator[Property]:
    yield text_prop("SUMMARY", event.get("subject") or "")
    description = plain_text(event.get("body"))
    if description:
        yield text_prop("DESCRIPTION", description)
    location = place_of(event)
    if location:
        yield text_prop("LOCATION", location)
    if event.get("categories"):
        yield texts_prop("CATEGORIES", event["categories"])


def place_of(event: Json) -> str:
    """The name of the location; of several, which `location` may leave out, all names."""
    named = str((event.get("location") or {}).get("displayName") or "")
    rooms = [str(row.get("displayName") or "") for row in event.get("locations") or ()]
    return named or "; ".join(room for room in rooms if room)


def state(event: Json) -> Iterator[Property]:
    """What is so by default is left out."""
    shown = event.get("showAs") or "busy"
    if event.get("sensitivity") in CLASSES:
        yield prop("CLASS", CLASSES[event["sensitivity"]])
    if event.get("importance") in {"high", "low"}:
        yield prop("PRIORITY", "1" if event["importance"] == "high" else "9")
    if shown in {"free", "workingElsewhere"}:
        yield prop("TRANSP", "TRANSPARENT")
    if event.get("isCancelled"):
        yield prop("STATUS", "CANCELLED")
    elif shown == "tentative":
        yield prop("STATUS", "TENTATIVE")
    if shown in BUSY_STATUS:
        yield prop("X-MICROSOFT-CDO-BUSYSTATUS", BUSY_STATUS[shown])


def person(name: str, email: Json, params: dict[str, str]) -> Property:
    shown = {"CN": email["name"]} if email.get("name") and email["name"] != email.get("address") else {}
    return prop(name, f"mailto:{email['address']}", {**shown, **params})


def people(event: Json, place: Place) -> Iterator[Property]:
    """Nobody for an event of one's own without guests. On an invitation the account itself is an attendee."""
    organizer = (event.get("organizer") or {}).get("emailAddress") or {}
    guests = [row for row in event.get("attendees") or () if (row.get("emailAddress") or {}).get("address")]
    invited = not event.get("isOrganizer", True)
    if not organizer.get("address") or not (guests or invited):
        return
    yield person("ORGANIZER", organizer, {})
    own = (event.get("responseStatus") or {}).get("response")
    for row in guests:
        mine = row["emailAddress"]["address"].lower() in place.addresses
        if mine and not invited:
            continue
        yield attendee(row, own if mine else (row.get("status") or {}).get("response"), event)
        invited = invited and not mine
    if invited and place.addresses:
        yield attendee({"emailAddress": {"address": place.addresses[0]}}, own, event)


def kept_people(event: Json) -> Iterator[Property]:
    """Those that a client invited by itself, of whom Outlook does not know; whom it invites it knows better."""
    lines = extended(event, QUIET_PROPERTY)
    if ":" not in lines or event.get("attendees") or not event.get("isOrganizer", True):
        return
    text = "\r\n".join(["BEGIN:VCALENDAR", "BEGIN:VEVENT", *lines.split("\n"), "END:VEVENT", "END:VCALENDAR", ""])
    for line in parse(text, lenient=True).components[0].properties:
        if line.name in {"ORGANIZER", "ATTENDEE"}:
            yield prop(line.name, line.value, {name: values[0] for name, values in line.params.items() if values})


def attendee(row: Json, response: str | None, event: Json) -> Property:
    partstat = PARTSTATS.get(response or "", "NEEDS-ACTION")
    asked = {"RSVP": "TRUE"} if partstat == "NEEDS-ACTION" and event.get("responseRequested") else {}
    roles = ROLES.get(row.get("type") or "required", ROLES["required"])
    return person("ATTENDEE", row["emailAddress"], {**roles, "PARTSTAT": partstat, **asked})


def alarms(event: Json) -> list[Component]:
    if not event.get("isReminderOn"):
        return []
    before = timedelta(minutes=event.get("reminderMinutesBeforeStart") or 0)
    trigger = f"-PT{before // timedelta(minutes=1)}M" if before else "PT0S"
    lines = [prop("ACTION", "DISPLAY"), text_prop("DESCRIPTION", event.get("subject") or ""), prop("TRIGGER", trigger)]
    return [component("VALARM", lines)]
