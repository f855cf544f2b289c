"""iCalendar -> Google's events, and what has to be sent to turn one into another."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any, Final
from zoneinfo import ZoneInfo

from gateway.backends.google.reading import rule
from gateway.backends.google.source import ACTIONS, BOOKING, CLASSES, COLORS, PARTSTATS, Event, Source, zone_name
from gateway.errors import InvalidCalendarData, RefusedByProvider, UnsupportedComponent
from gateway.ical.objects import ParsedObject
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

ANSWERS: Final = {partstat: status for status, partstat in PARTSTATS.items()}
VISIBILITIES: Final = {name: visibility for visibility, name in CLASSES.items()}
METHODS: Final = {action: method for method, action in ACTIONS.items()}
COLOR_IDS: Final = {name: number for number, name in COLORS.items()}
MAX_REMINDERS, MAX_MINUTES = 5, 40_320
SHAPE: Final = ("start", "end", "recurrence")


@dataclass(frozen=True, slots=True)
class Bodies:
    """One object as Google's events.

    master: None for single dates of somebody else's series. exceptions: by key of the original start.
    exdates: keys of the dates left out. organizer: {} or email and displayName. sequence: of the master.
    quiet: the client sends its own messages (SCHEDULE-AGENT), or this is a booking, whose mail is ours.
    """

    uid: str
    master: Event | None
    exceptions: Mapping[str, Event] = field(default_factory=dict)
    exdates: frozenset[str] = frozenset()
    organizer: Mapping[str, str] = field(default_factory=dict)
    sequence: int = 0
    quiet: bool = False
    away: bool = False


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
        organizer=_organizer(first),
        sequence=_number(first.text("SEQUENCE")),
        quiet=first.first("X-GATEWAY-BOOKING") is not None or _by_client(first),
        away=first.text("X-MICROSOFT-CDO-BUSYSTATUS").upper() == "OOF",
    )


def changed(held: Event, wanted: Event) -> Event:
    """The fields of a PATCH that turns one body into the other; None erases."""
    out: Event = {}
    for name, value in wanted.items():
        if held.get(name) != value:
            out[name] = _replacing(name, value)
    return out


def inserted(body: Event) -> Event:
    """A body without what is empty."""
    return {name: value for name, value in body.items() if value not in ("", [], {}, None)}


def _replacing(name: str, value: Any) -> Any:
    if name in {"start", "end"}:
        return {"date": None, "dateTime": None, "timeZone": None} | value
    if name == "extendedProperties":
        return {"private": {BOOKING: value.get("private", {}).get(BOOKING)}}
    return None if value in ("", [], {}) else value


def reshaped(patch: Event) -> bool:
    """Whether a patch gives a series another time or rule, which discards its exceptions."""
    return any(name in patch for name in SHAPE)


def with_exdates(lines: Sequence[str], exdates: frozenset[str], start: Mapping[str, str]) -> list[str]:
    """The lines of a series with its left-out dates; nothing where there is no series."""
    return [] if not lines else [*lines, *_dates("EXDATE", sorted(exdates), start)]


def guests(wanted: Sequence[Event], held: Sequence[Event]) -> list[Event]:
    """The list to send, since an array is replaced whole: what iCalendar does not know of a guest is kept."""
    known = {row.get("email", "").lower(): row for row in held}
    fixed = {"self", "organizer"}
    return [
        {name: value for name, value in known.get(row["email"].lower(), {}).items() if name not in fixed} | row
        for row in wanted
    ]


def _body(component: Component, obj: ParsedObject, source: Source) -> Event:
    if component.text("STATUS").upper() == "CANCELLED":
        raise RefusedByProvider("Google cannot hold a cancelled event: delete it instead")
    start, end = _times(component, obj, source)
    booking = component.text("X-GATEWAY-BOOKING")
    return {
        "summary": component.text("SUMMARY"),
        "description": component.text("DESCRIPTION"),
        "location": component.text("LOCATION"),
        "start": start,
        "end": end,
        "recurrence": list(_recurrence(component, start, obj, source)),
        "status": "tentative" if component.text("STATUS").upper() == "TENTATIVE" else "confirmed",
        "transparency": "transparent" if component.text("TRANSP").upper() == "TRANSPARENT" else "opaque",
        "visibility": VISIBILITIES.get(component.text("CLASS").upper(), "default"),
        "colorId": COLOR_IDS.get(component.text("COLOR").lower(), ""),
        "attendees": sorted(_attendees(component), key=lambda row: str(row["email"])),
        "reminders": _reminders(component, source),
        "extendedProperties": {"private": {BOOKING: booking}} if booking else {},
    }


def _organizer(component: Component) -> dict[str, str]:
    line = component.first("ORGANIZER")
    address = _address(line) if line else ""
    if line is None or not address:
        return {}
    name = line.param("CN")
    return {"email": address} | ({"displayName": name} if name else {})


def _address(line: Property) -> str:
    """An e-mail address, "" where the value is none; EMAIL= wins over an opaque URI."""
    scheme, _, rest = line.value.partition(":")
    address = rest if scheme.lower() == "mailto" else line.param("EMAIL") or ""
    return address.strip().lower() if "@" in address else ""


def _by_client(component: Component) -> bool:
    """The client mails the guests itself; Thunderbird says so in a property of its own."""
    if component.text("X-MOZ-SEND-INVITATIONS").upper() == "TRUE":
        return True
    agents = [line.param("SCHEDULE-AGENT") or "SERVER" for line in component.all("ATTENDEE")]
    return bool(agents) and any(agent.upper() != "SERVER" for agent in agents)


def _attendees(component: Component) -> Iterator[Event]:
    for line in component.all("ATTENDEE"):
        address = _address(line)
        if not address:
            continue
        row: Event = {
            "email": address,
            "responseStatus": ANSWERS.get((line.param("PARTSTAT") or "").upper(), "needsAction"),
            "optional": (line.param("ROLE") or "").upper() in {"OPT-PARTICIPANT", "NON-PARTICIPANT"},
        }
        name = line.param("CN")
        if name:
            row["displayName"] = name
        if (line.param("CUTYPE") or "").upper() in {"RESOURCE", "ROOM"}:
            row["resource"] = True
        yield row


def _reminders(component: Component, source: Source) -> Event:
    rows = {row for alarm in component.children("VALARM") for row in _reminder(alarm)}
    defaults = {(row.get("method"), row.get("minutes")) for row in source.reminders}
    if rows and rows == defaults:
        return {"useDefault": True}
    overrides = [{"method": method, "minutes": minutes} for method, minutes in sorted(rows)]
    return {"useDefault": False, "overrides": overrides[:MAX_REMINDERS]}


def _reminder(alarm: Component) -> Iterator[tuple[str, int]]:
    """Whole minutes before the start; other alarms have no place at Google."""
    line = alarm.first("TRIGGER")
    method = METHODS.get(alarm.text("ACTION").upper())
    if line is None or method is None or (line.param("VALUE") or "DURATION").upper() != "DURATION":
        return
    try:
        before = -int(parse_duration(line.value).timedelta.total_seconds())
    except InvalidCalendarData:
        return
    if (line.param("RELATED") or "START").upper() == "START" and 0 <= before <= MAX_MINUTES * 60 and before % 60 == 0:
        yield method, before // 60


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
        return {"dateTime": value.isoformat(), "timeZone": zone_name(source.zone)}
    if iana(tzid) is not None:
        return {"dateTime": value.isoformat(), "timeZone": zone_name(tzid)}
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
    suffix = "Z" if start["dateTime"].endswith("Z") else ""
    return {"dateTime": naive.isoformat() + suffix, "timeZone": start["timeZone"]}


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


def series_times(master: Event, wanted: str) -> tuple[dict[str, str], dict[str, str]]:
    """Start and end that a series gives to the date with that key: as long on the clock as its first."""
    start, end = master["start"], master["end"]
    if "date" in start:
        length = date.fromisoformat(end["date"]) - date.fromisoformat(start["date"])
        day = parse_date(wanted)
        return {"date": day.isoformat()}, {"date": (day + length).isoformat()}
    lasts = _instant(end) - _instant(start)
    begin = datetime.strptime(wanted, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    return _local(begin, start["timeZone"]), _local(begin + timedelta(seconds=lasts), end["timeZone"])


def _instant(time: Mapping[str, str]) -> int:
    return local_to_utc(datetime.fromisoformat(time["dateTime"]).replace(tzinfo=None), ZoneInfo(time["timeZone"]))


def _local(moment: datetime, zone: str) -> dict[str, str]:
    if zone == "UTC":
        return {"dateTime": moment.strftime("%Y-%m-%dT%H:%M:%SZ"), "timeZone": zone}
    return {"dateTime": moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None).isoformat(), "timeZone": zone}
