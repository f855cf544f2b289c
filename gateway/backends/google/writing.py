"""iCalendar -> Google's events, and what has to be sent to turn one into another."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any, Final
from zoneinfo import ZoneInfo

from gateway.backends.google import alarms, kinds, links, people, words
from gateway.backends.google.reading import rule
from gateway.backends.google.source import BOOKING, COLORS, FLOATING, MIRROR, Event, Source, zone_name
from gateway.errors import RefusedByProvider, UnsupportedComponent
from gateway.ical.blocks import MARK
from gateway.ical.objects import ParsedObject
from gateway.ical.recurrence import instances
from gateway.ical.text import Component, Property
from gateway.ical.value import (
    Duration,
    format_date,
    format_local,
    format_utc,
    from_epoch,
    parse_date,
    parse_duration,
    parse_when,
)
from gateway.ical.zones import iana, local_to_utc

COLOR_IDS: Final = {name: number for number, name in COLORS.items()}
SHAPE: Final = ("start", "end", "recurrence")
PLAIN: Final = (
    "summary",
    "location",
    *SHAPE,
    "status",
    "transparency",
    "visibility",
    "colorId",
    "reminders",
    "source",
    "extendedProperties",
)
"""Fields that say the same if they are equal."""


@dataclass(frozen=True, slots=True)
class Bodies:
    """One object as Google's events.

    master: None for single dates of somebody else's series. exceptions: by key of the original start.
    exdates: keys of the dates left out. organizer: {} or email and displayName. sequence: of the master.
    quiet: the client sends its own messages (SCHEDULE-AGENT), or this is a booking, whose mail is ours.
    kind: the eventType asked for, "" if none; present: it is said to be no absence. conference: the wish for one.
    """

    uid: str
    master: Event | None
    exceptions: Mapping[str, Event] = field(default_factory=dict)
    exdates: frozenset[str] = frozenset()
    organizer: Mapping[str, str] = field(default_factory=dict)
    sequence: int = 0
    quiet: bool = False
    kind: str = ""
    present: bool = False
    conference: str = ""


def to_events(obj: ParsedObject, source: Source) -> Bodies:
    """What of the object Google can hold, in full; "" and [] where there is nothing.

    Raises: UnsupportedComponent, RefusedByProvider for what Google cannot express.
    """
    if obj.kind != "VEVENT":
        raise UnsupportedComponent(f"Google calendars hold events only, no {obj.kind}")
    master = obj.master
    first = obj.components[0]
    exceptions: dict[str, Event] = {}
    exdates = set(_exdates(master, obj, source)) if master else set()
    for override in obj.components[1:] if master else obj.components:
        wanted = _override_key(override, master, obj, source)
        if override.text("STATUS").upper() == "CANCELLED":
            exdates.add(wanted)
        else:
            exceptions[wanted] = _body(override, obj, source)
    return Bodies(
        uid=obj.uid,
        master=_body(master, obj, source) if master else None,
        exceptions=exceptions,
        exdates=frozenset(exdates - exceptions.keys()),
        organizer=people.organizer(first),
        sequence=_number(first.text("SEQUENCE")),
        quiet=first.first("X-GATEWAY-BOOKING") is not None or people.by_client(first),
        kind=kinds.event_type(first),
        present=kinds.says_present(first),
        conference=links.wish(first),
    )


def changed(held: Event, wanted: Event) -> Event:
    """The fields of a PATCH that turns one body into the other; None erases."""
    out = {name: _replacing(name, wanted[name]) for name in PLAIN if held[name] != wanted[name]}
    description = words.rewritten(held, wanted)
    if description is not None:
        out["description"] = description or None
    if people.differ(held["attendees"], wanted["attendees"]):
        out["attendees"] = wanted["attendees"] or None
    files = links.taken(wanted["attachments"], held["attachments"])
    if files != held["attachments"]:
        out["attachments"] = files or None
    return out


def whole(body: Event) -> Event:
    """All fields of a single date, for a PATCH; None erases what the series says there."""
    out = {name: _replacing(name, body[name]) for name in PLAIN if name != "recurrence"}
    out |= {name: body[name] or None for name in ("attendees", "attachments")}
    return out | {"description": words.stored(body["description"], body["html"]) or None}


def inserted(body: Event) -> Event:
    """A body without what is empty, and as Google takes it."""
    out = {name: body[name] for name in PLAIN} | {
        "description": words.stored(body["description"], body["html"]),
        "attendees": body["attendees"],
        "attachments": links.taken(body["attachments"], ()),
    }
    if out["source"]:
        out["source"] = _replacing("source", out["source"])
    return {name: value for name, value in out.items() if value not in ("", [], {}, None)}


def _replacing(name: str, value: Any) -> Any:
    if name in {"start", "end"}:
        return {"date": None, "dateTime": None, "timeZone": None} | value
    if name == "extendedProperties":
        return {"private": dict.fromkeys((BOOKING, FLOATING, MIRROR)) | value.get("private", {})}
    if name == "source" and value:
        return value | {"title": value["url"]}
    return None if value in ("", [], {}) else value


def reshaped(patch: Event) -> bool:
    """Whether a patch gives a series another time or rule, which discards its exceptions."""
    return any(name in patch for name in SHAPE)


def with_exdates(lines: Sequence[str], exdates: frozenset[str], start: Mapping[str, str]) -> list[str]:
    """The lines of a series with its left-out dates; nothing where there is no series."""
    return [] if not lines else [*lines, *_dates("EXDATE", sorted(exdates), start)]


def _body(component: Component, obj: ParsedObject, source: Source) -> Event:
    """description is plain text here, html the same as HTML, conference the wish for one: see `changed`."""
    if component.text("STATUS").upper() == "CANCELLED":
        raise RefusedByProvider("Google cannot hold a cancelled event: delete it instead")
    start, end = _times(component, obj, source)
    own = {
        BOOKING: component.text("X-GATEWAY-BOOKING"),
        FLOATING: _floating(component, obj),
        MIRROR: component.text(MARK),
    }
    return {
        "summary": component.text("SUMMARY"),
        "description": component.text("DESCRIPTION"),
        "html": words.html_of(component),
        "location": component.text("LOCATION"),
        "start": start,
        "end": end,
        "recurrence": list(_recurrence(component, start, obj, source)),
        "status": kinds.status(component),
        "transparency": kinds.transparency(component),
        "visibility": kinds.visibility(component),
        "colorId": COLOR_IDS.get(component.text("COLOR").lower(), ""),
        "attendees": list(people.guests(component)),
        "reminders": alarms.reminders(component, source),
        "source": links.page(component),
        "attachments": links.files(component),
        "extendedProperties": {"private": {name: value for name, value in own.items() if value}}
        if any(own.values())
        else {},
    }


def _floating(component: Component, obj: ParsedObject) -> str:
    line = component.first("DTSTART")
    return "yes" if line is not None and _is_floating(line, obj) else ""


def _is_floating(line: Property, obj: ParsedObject) -> bool:
    tzid = line.param("TZID")
    return len(line.value) == 15 and (tzid is None or tzid not in obj.zones)


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def _times(component: Component, obj: ParsedObject, source: Source) -> tuple[dict[str, str], dict[str, str]]:
    begin = component.first("DTSTART")
    if begin is None:
        raise RefusedByProvider("Google needs a start for every event")
    repeats = component.first("RRULE") is not None or component.first("RDATE") is not None
    start = _time(begin, obj, source, repeats=repeats)
    finish = component.first("DTEND")
    if finish is not None:
        end = _time(finish, obj, source, repeats=repeats)
    else:
        line = component.first("DURATION")
        end = _after(start, parse_duration(line.value) if line else Duration(0, 0))
    if "date" in start and "date" in end and end["date"] <= start["date"]:
        end = {"date": (date.fromisoformat(start["date"]) + timedelta(days=1)).isoformat()}
    return start, end


def _time(line: Property, obj: ParsedObject, source: Source, *, repeats: bool) -> dict[str, str]:
    """Local time and IANA zone. A zone Google does not know will do for a single event: its instant is sent."""
    value = parse_when(line.value)
    if not isinstance(value, datetime):
        return {"date": value.isoformat()}
    if value.tzinfo is not None:
        return {"dateTime": value.strftime("%Y-%m-%dT%H:%M:%SZ"), "timeZone": "UTC"}
    tzid = line.param("TZID")
    if tzid is None or tzid not in obj.zones:
        return _clock(value, zone_name(source.zone))
    if iana(tzid) is not None:
        return _clock(value, zone_name(tzid))
    if repeats:
        raise RefusedByProvider(f"Google does not know the time zone {tzid}, so it cannot repeat an event in it")
    instant = from_epoch(local_to_utc(value, obj.zones[tzid]))
    return {"dateTime": instant.strftime("%Y-%m-%dT%H:%M:%SZ"), "timeZone": "UTC"}


def _after(start: Mapping[str, str], length: Duration) -> dict[str, str]:
    """Days are counted on the calendar, the rest on the clock (RFC 5545 3.3.6)."""
    if "date" in start:
        days = length.days + length.seconds // 86_400
        return {"date": (date.fromisoformat(start["date"]) + timedelta(days=days)).isoformat()}
    zone = ZoneInfo(start["timeZone"])
    naive = datetime.fromisoformat(start["dateTime"]).replace(tzinfo=None) + timedelta(days=length.days)
    if length.seconds:
        moment = from_epoch(local_to_utc(naive, zone) + length.seconds)
        naive = moment.astimezone(zone).replace(tzinfo=None)
    if start["dateTime"].endswith("Z"):
        return {"dateTime": naive.isoformat() + "Z", "timeZone": "UTC"}
    return _clock(naive, start["timeZone"])


def _clock(value: datetime, zone: str) -> dict[str, str]:
    """A time that a clock change leaves out is the one that clocks show then."""
    shown = from_epoch(local_to_utc(value, ZoneInfo(zone))).astimezone(ZoneInfo(zone))
    return {"dateTime": shown.replace(tzinfo=None).isoformat(), "timeZone": zone}


def _recurrence(component: Component, start: Mapping[str, str], obj: ParsedObject, source: Source) -> Iterator[str]:
    rules = component.all("RRULE")
    if len(rules) > 1:
        raise RefusedByProvider("Google takes one repeat rule per event; this one has several")
    for line in rules:
        yield "RRULE:" + rule(line.value, start, source.zone)
    for line in component.all("EXRULE"):
        yield "EXRULE:" + rule(line.value, start, source.zone)
    dates = component.all("RDATE")
    if any((line.param("VALUE") or "").upper() == "PERIOD" for line in dates):
        raise RefusedByProvider("Google cannot repeat an event with another length (RDATE;VALUE=PERIOD)")
    keys = {each for line in dates for each in _keys(line, "date" in start, obj, source)}
    yield from _dates("RDATE", sorted(keys), start)


def _dates(name: str, keys: Sequence[str], start: Mapping[str, str]) -> Iterator[str]:
    """One line for all, in the form of the start."""
    if not keys:
        return
    if "date" in start:
        yield f"{name};VALUE=DATE:{','.join(keys)}"
    elif start["timeZone"] == "UTC":
        yield f"{name}:{','.join(keys)}"
    else:
        zone = ZoneInfo(start["timeZone"])
        moments = (datetime.strptime(each, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC) for each in keys)
        yield f"{name};TZID={start['timeZone']}:{','.join(format_local(each.astimezone(zone)) for each in moments)}"


def _exdates(master: Component, obj: ParsedObject, source: Source) -> Iterator[str]:
    begin = master.first("DTSTART")
    all_day = begin is not None and len(begin.value) == 8
    for line in master.all("EXDATE"):
        yield from _keys(line, all_day, obj, source)


def _keys(line: Property, all_day: bool, obj: ParsedObject, source: Source) -> Iterator[str]:
    """Of those values that have the form of the series; others mean none of its dates."""
    zone = _zone(line, obj, source)
    for value in line.value.split(","):
        when = parse_when(value)
        if not isinstance(when, datetime):
            if all_day:
                yield format_date(when)
        elif all_day:
            yield format_date(when)
        else:
            yield format_utc(when if when.tzinfo else local_to_utc(when, zone))


def _zone(line: Property, obj: ParsedObject, source: Source) -> tzinfo:
    return obj.zones.get(line.param("TZID") or "") or ZoneInfo(zone_name(source.zone))


def _override_key(override: Component, master: Component | None, obj: ParsedObject, source: Source) -> str:
    line = override.first("RECURRENCE-ID")
    if line is None:
        raise RefusedByProvider("Google takes one series per event; this one has several")
    if line.param("RANGE"):
        raise RefusedByProvider("Google cannot change this and all following dates inside one event: split the series")
    begin = (master or override).first("DTSTART")
    all_day = begin is not None and len(begin.value) == 8
    if len(line.value) == 8 and not all_day and begin is not None:
        clock = parse_when(begin.value)
        day = parse_date(line.value)
        if isinstance(clock, datetime):
            naive = datetime.combine(day, clock.time())
            return format_utc(local_to_utc(naive, UTC if clock.tzinfo else _zone(begin, obj, source)))
    return next(_keys(line, all_day, obj, source))


def series_date(master: Event, wanted: str) -> Event:
    """The body that a series gives to the date with that key."""
    start, end = _series_times(master, wanted)
    return {**master, "start": start, "end": end, "recurrence": []}


def _series_times(master: Event, wanted: str) -> tuple[dict[str, str], dict[str, str]]:
    """As long on the clock as its first date."""
    start, end = master["start"], master["end"]
    if "date" in start:
        length = date.fromisoformat(end["date"]) - date.fromisoformat(start["date"])
        day = parse_date(wanted)
        return {"date": day.isoformat()}, {"date": (day + length).isoformat()}
    lasts = _instant(end) - _instant(start)
    begin = datetime.strptime(wanted, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    return _local(begin, start["timeZone"]), _local(begin + timedelta(seconds=lasts), end["timeZone"])


def has_date(obj: ParsedObject, wanted: str, source: Source) -> bool:
    """Whether the series has the date with that key, as far as its rule goes."""
    zone = ZoneInfo(zone_name(source.zone))
    moment = parse_when(wanted)
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, datetime.min.time())
    begin = int(moment.timestamp()) if moment.tzinfo else local_to_utc(moment, zone)
    return any(each.start == begin for each in instances(obj, begin, begin + 1, zone))


def _instant(time: Mapping[str, str]) -> int:
    return local_to_utc(datetime.fromisoformat(time["dateTime"]).replace(tzinfo=None), ZoneInfo(time["timeZone"]))


def _local(moment: datetime, zone: str) -> dict[str, str]:
    if zone == "UTC":
        return {"dateTime": moment.strftime("%Y-%m-%dT%H:%M:%SZ"), "timeZone": zone}
    return {"dateTime": moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None).isoformat(), "timeZone": zone}
