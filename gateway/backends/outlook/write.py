"""When an event is: iCalendar -> the times and recurrences Graph takes. Pure."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from gateway.backends.outlook.recurrence import recurrence_of, refused
from gateway.backends.outlook.values import Json, Place
from gateway.errors import RefusedByProvider
from gateway.ical.objects import ParsedObject
from gateway.ical.recurrence import parse_rule
from gateway.ical.text import Component, Property
from gateway.ical.value import parse_duration, parse_when
from gateway.ical.zones import alike, iana, windows


@dataclass(frozen=True, slots=True)
class Times:
    """Naive local times with the zone they are in; zone_name is what Graph calls it.

    all_day: both are midnights, the end exclusive. recurrence: Graph's, None for a single event. end_zone: where a
    single event ends in another one, with its name.
    """

    start: datetime
    end: datetime
    zone: tzinfo
    zone_name: str
    all_day: bool
    recurrence: Json | None = None
    end_zone: tuple[tzinfo, str] | None = None

    @property
    def body(self) -> Json:
        end, name = self.end, self.zone_name
        if self.end_zone is not None:
            end, name = in_zone(self.end, self.zone, self.end_zone[0]), self.end_zone[1]
        return {
            "start": {"dateTime": self.start.isoformat(timespec="seconds"), "timeZone": self.zone_name},
            "end": {"dateTime": end.isoformat(timespec="seconds"), "timeZone": name},
            "isAllDay": self.all_day,
        }

    @property
    def whole(self) -> Json:
        return {**self.body, "recurrence": self.recurrence}

    @property
    def moments(self) -> tuple[bool, datetime, datetime]:
        start, end = (when.replace(tzinfo=UTC if self.all_day else self.zone) for when in (self.start, self.end))
        return self.all_day, start.astimezone(UTC), end.astimezone(UTC)

    def on(self, day: date) -> "Times":
        """Those of the plain occurrence on that date, or at that instant where dates are named so."""
        if isinstance(day, datetime):
            start = day.astimezone(self.zone).replace(tzinfo=None)
        else:
            start = datetime.combine(day, self.start.time())
        return Times(start, start + (self.end - self.start), self.zone, self.zone_name, self.all_day)

    def seen_in(self, other: "Times") -> "Times":
        """The same times in another's zone."""
        if self.all_day:
            return Times(self.start, self.end, other.zone, other.zone_name, all_day=True)
        start, end = (in_zone(when, self.zone, other.zone) for when in (self.start, self.end))
        return Times(start, end, other.zone, other.zone_name, all_day=False)


def in_zone(when: datetime, zone: tzinfo, target: tzinfo) -> datetime:
    """Naive local time of one zone in that of another."""
    return when.replace(tzinfo=zone).astimezone(target).replace(tzinfo=None)


def zone_of(line: Property, obj: ParsedObject, place: Place) -> tuple[tzinfo, str]:
    """The zone of a time, or of the first of several, and Graph's name for it, "" where it has none.

    Floating times are in the mailbox's.
    """
    when = parse_when(line.value.partition(",")[0])
    tzid = line.param("TZID")
    if isinstance(when, datetime) and when.tzinfo is not None:
        return UTC, "UTC"
    name = place.zone if tzid is None or tzid not in obj.zones else iana(tzid)
    zone = obj.zones[str(tzid)] if name is None else ZoneInfo(name)
    return zone, graph_name(zone, name, when)


def graph_name(zone: tzinfo, name: str | None, when: datetime | date) -> str:
    """What Graph calls a zone: its Windows name, else that of one whose clock is the same; "" if there is none.

    name: IANA's; None for a zone that only the object itself describes. when: local; the clocks must agree then, too.
    """
    found = alike(zone) if name is None else windows(name)
    known = iana(found) if found and (found != "UTC" or alike(zone) == "UTC") else None
    if known is None or not isinstance(when, datetime):
        return found if known else ""
    return found if when.replace(tzinfo=zone).utcoffset() == when.replace(tzinfo=ZoneInfo(known)).utcoffset() else ""


def moment(value: str, zone: tzinfo, target: tzinfo) -> datetime:
    """The naive local time in `target`; of a date, its midnight."""
    when = parse_when(value)
    if not isinstance(when, datetime):
        return datetime.combine(when, time())
    return (when if when.tzinfo else when.replace(tzinfo=zone)).astimezone(target).replace(tzinfo=None)


def times_of(component: Component, obj: ParsedObject, place: Place) -> Times:
    """Raises: RefusedByProvider for a component without start, or a rule Outlook cannot hold."""
    line = component.first("DTSTART")
    if line is None:
        raise RefusedByProvider("Outlook takes only events with a start")
    all_day = len(line.value) == 8
    zone, name = zone_of(line, obj, place)
    rule = component.first("RRULE")
    if not name and rule is not None and not all_day:
        raise refused(f"its time zone {line.param('TZID')} has no name Outlook knows")
    target: tzinfo = zone if name else UTC
    start = moment(line.value, zone, target)
    end = end_of(component, start, obj, place, target, all_day=all_day)
    if any(component.first(kind) for kind in ("RDATE", "EXRULE")) or len(component.all("RRULE")) > 1:
        raise refused("it has more than one rule, or dates beside its rule")
    if rule is None:
        elsewhere = None if all_day else end_zone(component, obj, place, name or "UTC")
        return Times(start, end, target, name or "UTC", all_day, None, elsewhere)
    recurrence = recurrence_of(parse_rule(rule.value), start, target, name)
    return Times(start, end, target, name, all_day, recurrence)


def end_zone(component: Component, obj: ParsedObject, place: Place, start: str) -> tuple[tzinfo, str] | None:
    """The zone of DTEND where it has another name than that of the start, which is that of a journey."""
    line = component.first("DTEND")
    if line is None:
        return None
    zone, name = zone_of(line, obj, place)
    return (zone, name) if name not in {"", start} else None


def end_of(
    component: Component, start: datetime, obj: ParsedObject, place: Place, target: tzinfo, *, all_day: bool
) -> datetime:
    """RFC 5545 3.6.1: DTEND, else DURATION, else a day for dates and no time at all for times."""
    line, lasting = component.first("DTEND"), component.first("DURATION")
    if line is not None:
        zone, _ = zone_of(line, obj, place)
        end = moment(line.value, zone, target)
    elif lasting is not None:
        length = parse_duration(lasting.value)
        exact = (start + timedelta(days=length.days)).replace(tzinfo=target).astimezone(UTC)
        end = (exact + timedelta(seconds=length.seconds)).astimezone(target).replace(tzinfo=None)
    else:
        end = start
    return max(end, start + timedelta(days=1)) if all_day else max(end, start)


def day_of(line: Property, obj: ParsedObject, place: Place, dates: Times, *, by_instant: bool = False) -> date:
    """The local date, in the series' zone, that a RECURRENCE-ID names; by_instant: the instant itself.

    Raises: RefusedByProvider.
    """
    if line.param("RANGE"):
        raise refused("a change of this and all future dates in one step")
    zone, _ = zone_of(line, obj, place)
    return named_date(line.value, zone, dates, by_instant=by_instant)


def named_date(value: str, zone: tzinfo, dates: Times, *, by_instant: bool) -> date:
    when = moment(value, zone, dates.zone)
    return when.replace(tzinfo=dates.zone).astimezone(UTC) if by_instant else when.date()


def dates_in(
    component: Component, kind: str, obj: ParsedObject, place: Place, dates: Times, *, by_instant: bool = False
) -> set[date]:
    """Those that the EXDATEs or RDATEs of the component name."""
    found: set[date] = set()
    for line in component.all(kind):
        zone, _ = zone_of(line, obj, place)
        found |= {named_date(value, zone, dates, by_instant=by_instant) for value in line.value.split(",")}
    return found


def transaction_of(*names: str, attempt: int = 0) -> str:
    """Stable for what it is made of, so that a POST sent twice makes one event."""
    return hashlib.blake2b("\n".join([*names, str(attempt)]).encode(), digest_size=16).hexdigest()
