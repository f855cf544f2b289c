"""Google's events -> iCalendar. The same events always give the same text."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from gateway.backends.google import alarms, kinds, links, people, words
from gateway.backends.google.source import BOOKING, COLORS, FLOATING, MIRROR, Event, Source, own_properties, zone_name
from gateway.errors import InvalidCalendarData
from gateway.ical.blocks import MARK
from gateway.ical.text import Component, Property, component, prop, serialise, text_prop
from gateway.ical.text.tree import LAST
from gateway.ical.value import format_local, format_utc, parse_datetime
from gateway.ical.zones import local_to_utc, vtimezone

PRODID: Final = "-//gateway//Google//EN"


def from_events(master: Event | None, exceptions: Sequence[Event], source: Source) -> str:
    """One object: a single event or series, and the exceptions of the series. Cancelled ones become EXDATE.

    master: None for somebody invited to single dates of a series only.
    """
    ordered = sorted(exceptions, key=lambda event: key(event["originalStartTime"]))
    live = [event for event in ordered if event.get("status") != "cancelled"]
    components: list[Component] = []
    if master is not None:
        timed = "dateTime" in master["start"]
        keys = [key(event["originalStartTime"]) for event in ordered if event.get("status") == "cancelled"]
        cancelled = [each for each in keys if ("T" in each) == timed]
        components.append(_vevent(master, None, source, cancelled))
        live = [event for event in live if not _as_its_series(event, master, source)]
    components += [_vevent(event, master, source) for event in live]
    head = [prop("VERSION", "2.0"), prop("PRODID", PRODID), prop("CALSCALE", "GREGORIAN")]
    return serialise(component("VCALENDAR", head, [*_timezones(components), *components]))


def key(time: Mapping[str, str]) -> str:
    """What tells the instances of a series apart: the start in UTC, or the date."""
    if "dateTime" not in time:
        return time["date"].replace("-", "")
    return format_utc(datetime.fromisoformat(time["dateTime"]))


def _timezones(components: Sequence[Component]) -> list[Component]:
    """A VTIMEZONE for each zone named, good from the first time it is used for."""
    first: dict[str, int] = {}
    for line in (line for each in components for line in each.properties):
        name = line.param("TZID")
        if name:
            at = local_to_utc(parse_datetime(line.value[:15]), ZoneInfo(name))
            first[name] = min(at, first.get(name, at))
    zones = [vtimezone(name, around) for name, around in sorted(first.items())]
    for zone in zones:
        zone.at = LAST
    return zones


def _vevent(event: Event, master: Event | None, source: Source, cancelled: Sequence[str] = ()) -> Component:
    event, master = _afloat(event, source), None if master is None else _afloat(master, source)
    lines = [
        text_prop("UID", event.get("iCalUID") or (master or {}).get("iCalUID") or event["id"]),
        prop("DTSTAMP", _stamp(event.get("updated") or event.get("created") or "1970-01-01T00:00:00Z")),
    ]
    for name, held in (("CREATED", "created"), ("LAST-MODIFIED", "updated")):
        if event.get(held):
            lines.append(prop(name, _stamp(event[held])))
    lines.append(prop("SEQUENCE", str(event.get("sequence", 0))))
    if "originalStartTime" in event:
        lines.append(_recurrence_id(event, master, source))
    lines += _span(event, source)
    lines += _recurrence(event, source, cancelled)
    lines += _content(event, source)
    return component("VEVENT", lines, alarms.told(event, source))


def _afloat(event: Event, source: Source) -> Event:
    """Times of an event that a client gave no zone, as long as it is in the calendar's: marked to be told without one.

    Times are mappings of text, so the mark is an empty zone beside the name that Google gave.
    """
    own = zone_name(source.zone)
    if FLOATING not in own_properties(event) or zone_name(event["start"].get("timeZone") or own) != own:
        return event
    names = {"start", "end", "originalStartTime"} & event.keys()
    return event | {name: {**event[name], FLOATING: "yes"} for name in names}


def _stamp(text: str) -> str:
    return format_utc(datetime.fromisoformat(text))


def _when(name: str, time: Mapping[str, str], source: Source) -> Property:
    if "dateTime" not in time:
        return prop(name, time["date"].replace("-", ""), {"VALUE": "DATE"})
    moment, zone = datetime.fromisoformat(time["dateTime"]), zone_name(time.get("timeZone") or source.zone)
    return _at(name, moment, zone, floating=FLOATING in time)


def _span(event: Event, source: Source) -> Iterator[Property]:
    """DTSTART and DTEND, the latter only where it is later (RFC 5545 3.8.2.2)."""
    start, end = event["start"], event["end"]
    yield _when("DTSTART", start, source)
    if key(start) != key(end):
        yield _when("DTEND", end, source)


def _at(name: str, moment: datetime, zone: str, *, floating: bool) -> Property:
    """In the event's own zone; in UTC where local time would be ambiguous (second run of a doubled hour)."""
    local = moment.astimezone(ZoneInfo(zone))
    if floating:
        return prop(name, format_local(local))
    if zone == "UTC" or local.fold:
        return prop(name, format_utc(moment))
    return prop(name, format_local(local), {"TZID": zone})


def _recurrence_id(event: Event, master: Event | None, source: Source) -> Property:
    """In the form of the series' DTSTART, as RFC 5545 3.8.4.4 asks."""
    original = event["originalStartTime"]
    first = (master or {}).get("start", {})
    zone = first.get("timeZone") or original.get("timeZone")
    mark = {FLOATING: "yes"} if FLOATING in first else {}
    kept = original if master is None else {name: original[name] for name in original.keys() - {FLOATING}}
    return _when("RECURRENCE-ID", {**kept, **({"timeZone": zone} if zone else {}), **mark}, source)


def _recurrence(event: Event, source: Source, cancelled: Sequence[str]) -> Iterator[Property]:
    """RRULE as given but for UNTIL; dates one a line, in order, in the form of DTSTART."""
    start = event["start"]
    dates: dict[str, set[str]] = {"RDATE": set(), "EXDATE": set(cancelled)}
    for line in sorted(event.get("recurrence") or ()):
        head, _, value = line.partition(":")
        name, *parameters = head.split(";")
        if name.upper() in dates:
            zone = next((p.partition("=")[2] for p in parameters if p.upper().startswith("TZID=")), "")
            dates[name.upper()].update(_date_key(each, zone, start, source) for each in value.split(",") if each)
        else:
            yield prop(name, rule(value, start, source.zone))
    for name, keys in dates.items():
        for each in sorted(keys - {""}):
            yield _keyed(name, each, start, source)


def rule(value: str, start: Mapping[str, str], zone: str) -> str:
    """An RRULE whose UNTIL has the form RFC 5545 wants: a date for all-day series, without zone for floating ones,
    else UTC.
    """
    parts = [part for part in value.upper().split(";") if part]
    return ";".join(_until(part, start, zone) if part.startswith("UNTIL=") else part for part in parts)


def _until(part: str, start: Mapping[str, str], zone: str) -> str:
    until = part.removeprefix("UNTIL=")
    if "dateTime" not in start:
        return f"UNTIL={until[:8]}"
    if until.endswith("Z") and FLOATING in start:
        moment = _naive(until[:-1])
        own = ZoneInfo(zone_name(start.get("timeZone") or zone))
        return part if moment is None else f"UNTIL={format_local(moment.replace(tzinfo=UTC).astimezone(own))}"
    if until.endswith("Z"):
        return part
    naive = _naive(until if "T" in until else until + "T235959")
    if naive is None:
        return part
    return f"UNTIL={format_utc(local_to_utc(naive, ZoneInfo(zone_name(start.get('timeZone') or zone))))}"


def _naive(clock: str) -> datetime | None:
    try:
        return parse_datetime(clock)
    except InvalidCalendarData:
        return None


def _date_key(value: str, zone: str, start: Mapping[str, str], source: Source) -> str:
    """The key of an RDATE or EXDATE value as Google holds it; "" for one that cannot be read."""
    if "dateTime" not in start:
        return value[:8] if _naive(value[:8] + "T000000") else ""
    if value.endswith("Z"):
        return value if _naive(value[:-1]) else ""
    own = zone_name(start.get("timeZone") or source.zone)
    if "T" not in value:
        clock = datetime.fromisoformat(start["dateTime"]).astimezone(ZoneInfo(own))
        value = f"{value}T{clock:%H%M%S}"
    naive = _naive(value)
    return "" if naive is None else format_utc(local_to_utc(naive, ZoneInfo(zone_name(zone) if zone else own)))


def _keyed(name: str, wanted: str, start: Mapping[str, str], source: Source) -> Property:
    if "T" not in wanted:
        return prop(name, wanted, {"VALUE": "DATE"})
    moment = datetime.strptime(wanted, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    return _at(name, moment, zone_name(start.get("timeZone") or source.zone), floating=FLOATING in start)


def _content(event: Event, source: Source) -> list[Property]:
    """All that says nothing about time."""
    summary = event.get("summary", "" if "organizer" in event else "Busy")
    lines = [text_prop("SUMMARY", summary)] if summary else []
    lines += words.told(event.get("description") or "")
    lines += [*kinds.place_line(event), *kinds.told(event)]
    if event.get("colorId") in COLORS:
        lines.append(prop("COLOR", COLORS[event["colorId"]]))
    lines += [*people.told(event), *links.told(event)]
    ours = own_properties(event)
    kept = (("X-GATEWAY-BOOKING", ours.get(BOOKING)), (MARK, ours.get(MIRROR)))
    lines += [text_prop(name, value) for name, value in kept if value]
    lines.append(text_prop("X-GATEWAY-CALENDAR", source.name))
    return lines


def _as_its_series(event: Event, master: Event, source: Source) -> bool:
    """Whether an exception says nothing that the series does not: Google keeps those that were put back."""
    if key(event["start"]) != key(event["originalStartTime"]) or _length(event) != _length(master):
        return False
    if ("dateTime" in event["start"]) != ("dateTime" in master["start"]):
        return False
    return _outline(event, source) == _outline(master, source)


def _outline(event: Event, source: Source) -> list[str]:
    rows = [line.raw for alarm in alarms.told(event, source) for line in alarm.properties]
    return [line.raw for line in _content(event, source)] + rows


def _length(event: Event) -> timedelta:
    start, end = event["start"], event["end"]
    if "dateTime" in start:
        return datetime.fromisoformat(end["dateTime"]) - datetime.fromisoformat(start["dateTime"])
    return date.fromisoformat(end["date"]) - date.fromisoformat(start["date"])
