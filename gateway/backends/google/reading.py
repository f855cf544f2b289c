"""Google's events -> iCalendar. The same events always give the same text."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser
from typing import Any, Final
from zoneinfo import ZoneInfo

from gateway.backends.google.source import ACTIONS, BOOKING, CLASSES, COLORS, PARTSTATS, Event, Source, zone_name
from gateway.errors import InvalidCalendarData
from gateway.ical.text import Component, Property, component, prop, serialise, text_prop
from gateway.ical.text.tree import LAST
from gateway.ical.value import format_local, format_utc, parse_datetime
from gateway.ical.zones import local_to_utc, vtimezone

PRODID: Final = "-//gateway//Google//EN"
FREE_TYPES: Final = ("workingLocation", "birthday")
FEATURES: Final = {"video": "VIDEO", "phone": "PHONE", "sip": "AUDIO"}
TAGS: Final = ("<br", "<p>", "<p ", "<b>", "<i>", "<u>", "<a ", "<ul", "<ol", "<li", "<div", "<span", "<html-blob")


def from_events(master: Event | None, exceptions: Sequence[Event], source: Source) -> str:
    """One object: a single event or series, and the exceptions of the series. Cancelled ones become EXDATE.

    master: None for somebody invited to single dates of a series only.
    """
    ordered = sorted(exceptions, key=lambda event: key(event["originalStartTime"]))
    live = [event for event in ordered if event.get("status") != "cancelled"]
    components: list[Component] = []
    if master is not None:
        cancelled = [key(event["originalStartTime"]) for event in ordered if event.get("status") == "cancelled"]
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
    lines += [_when("DTSTART", event["start"], source), _when("DTEND", event["end"], source)]
    lines += _recurrence(event, source, cancelled)
    lines += _content(event, source)
    return component("VEVENT", lines, _alarms(event, source))


def _stamp(text: str) -> str:
    return format_utc(datetime.fromisoformat(text))


def _when(name: str, time: Mapping[str, str], source: Source) -> Property:
    if "dateTime" not in time:
        return prop(name, time["date"].replace("-", ""), {"VALUE": "DATE"})
    return _at(name, datetime.fromisoformat(time["dateTime"]), zone_name(time.get("timeZone") or source.zone))


def _at(name: str, moment: datetime, zone: str) -> Property:
    """In the event's own zone; in UTC where local time would be ambiguous (second run of a doubled hour)."""
    local = moment.astimezone(ZoneInfo(zone))
    if zone == "UTC" or local.fold:
        return prop(name, format_utc(moment))
    return prop(name, format_local(local), {"TZID": zone})


def _recurrence_id(event: Event, master: Event | None, source: Source) -> Property:
    """In the form of the series' DTSTART, as RFC 5545 3.8.4.4 asks."""
    original = event["originalStartTime"]
    zone = (master or {}).get("start", {}).get("timeZone") or original.get("timeZone")
    return _when("RECURRENCE-ID", {**original, **({"timeZone": zone} if zone else {})}, source)


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
    """An RRULE whose UNTIL has the form RFC 5545 wants: a date for all-day series, else UTC."""
    parts = [part for part in value.upper().split(";") if part]
    return ";".join(_until(part, start, zone) if part.startswith("UNTIL=") else part for part in parts)


def _until(part: str, start: Mapping[str, str], zone: str) -> str:
    until = part.removeprefix("UNTIL=")
    if "dateTime" not in start:
        return f"UNTIL={until[:8]}"
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
    return _at(name, moment, zone_name(start.get("timeZone") or source.zone))


def _content(event: Event, source: Source) -> list[Property]:
    """All that says nothing about time."""
    lines: list[Property] = []
    summary = event.get("summary", "" if "organizer" in event else "Busy")
    for name, text in (("SUMMARY", summary), ("DESCRIPTION", plain(event.get("description") or ""))):
        if text:
            lines.append(text_prop(name, text))
    if event.get("location"):
        lines.append(text_prop("LOCATION", event["location"]))
    lines.append(prop("STATUS", "TENTATIVE" if event.get("status") == "tentative" else "CONFIRMED"))
    free = event.get("transparency") == "transparent" or event.get("eventType") in FREE_TYPES
    lines.append(prop("TRANSP", "TRANSPARENT" if free else "OPAQUE"))
    if event.get("visibility") in CLASSES:
        lines.append(prop("CLASS", CLASSES[event["visibility"]]))
    if event.get("eventType") == "outOfOffice":
        lines.append(prop("X-MICROSOFT-CDO-BUSYSTATUS", "OOF"))
    if event.get("colorId") in COLORS:
        lines.append(prop("COLOR", COLORS[event["colorId"]]))
    lines += _people(event)
    lines += _links(event)
    booking = ((event.get("extendedProperties") or {}).get("private") or {}).get(BOOKING)
    if booking:
        lines.append(text_prop("X-GATEWAY-BOOKING", booking))
    lines.append(text_prop("X-GATEWAY-CALENDAR", source.name))
    return lines


def _people(event: Event) -> Iterator[Property]:
    """Nobody for an event of one's own without guests: an ORGANIZER would make a meeting of it."""
    guests = [row for row in event.get("attendees") or () if row.get("email")]
    organizer = event.get("organizer") or {}
    if organizer.get("email") and (guests or not organizer.get("self")):
        yield prop("ORGANIZER", f"mailto:{organizer['email']}", _name(organizer))
    for row in guests:
        answer = PARTSTATS.get(row.get("responseStatus", ""), "NEEDS-ACTION")
        params = _name(row)
        if row.get("resource"):
            params["CUTYPE"] = "RESOURCE"
        params["ROLE"] = "OPT-PARTICIPANT" if row.get("optional") else "REQ-PARTICIPANT"
        params["PARTSTAT"] = answer
        if answer == "NEEDS-ACTION":
            params["RSVP"] = "TRUE"
        yield prop("ATTENDEE", f"mailto:{row['email']}", params)


def _name(person: Mapping[str, Any]) -> dict[str, str]:
    return {"CN": person["displayName"]} if person.get("displayName") else {}


def _links(event: Event) -> Iterator[Property]:
    points = (event.get("conferenceData") or {}).get("entryPoints") or []
    links = [row for row in points if row.get("uri") and row.get("entryPointType") in FEATURES]
    if not links and event.get("hangoutLink"):
        links = [{"entryPointType": "video", "uri": event["hangoutLink"]}]
    url = next((row["uri"] for row in links if row["entryPointType"] == "video"), "")
    url = url or (event.get("source") or {}).get("url", "")
    if url:
        yield prop("URL", url)
    for row in links:
        params = {"VALUE": "URI", "FEATURE": FEATURES[row["entryPointType"]]}
        yield prop("CONFERENCE", row["uri"], params | ({"LABEL": row["label"]} if row.get("label") else {}))
    for row in event.get("attachments") or ():
        if row.get("fileUrl"):
            params = {"FMTTYPE": row["mimeType"]} if row.get("mimeType") else {}
            yield prop("ATTACH", row["fileUrl"], params | ({"FILENAME": row["title"]} if row.get("title") else {}))


def _alarms(event: Event, source: Source) -> Iterator[Component]:
    held = event.get("reminders") or {}
    rows = source.reminders if held.get("useDefault") else held.get("overrides") or ()
    text = event.get("summary") or "Reminder"
    for method, minutes in sorted((row.get("method", ""), row.get("minutes", 0)) for row in rows):
        if method not in ACTIONS:
            continue
        lines = [prop("ACTION", ACTIONS[method]), prop("TRIGGER", trigger(minutes)), text_prop("DESCRIPTION", text)]
        if method == "email":
            lines.append(text_prop("SUMMARY", text))
            lines += [prop("ATTENDEE", f"mailto:{source.address}")] if source.address else []
        yield component("VALARM", lines)


def trigger(minutes: int) -> str:
    if minutes == 0:
        return "PT0S"
    if minutes % 1440 == 0:
        return f"-P{minutes // 1440}D"
    return f"-PT{minutes // 60}H" if minutes % 60 == 0 else f"-PT{minutes}M"


def _as_its_series(event: Event, master: Event, source: Source) -> bool:
    """Whether an exception says nothing that the series does not: Google keeps those that were put back."""
    if key(event["start"]) != key(event["originalStartTime"]) or _length(event) != _length(master):
        return False
    if ("dateTime" in event["start"]) != ("dateTime" in master["start"]):
        return False
    return _outline(event, source) == _outline(master, source)


def _outline(event: Event, source: Source) -> list[str]:
    alarms = [line.raw for alarm in _alarms(event, source) for line in alarm.properties]
    return [line.raw for line in _content(event, source)] + alarms


def _length(event: Event) -> timedelta:
    start, end = event["start"], event["end"]
    if "dateTime" in start:
        return datetime.fromisoformat(end["dateTime"]) - datetime.fromisoformat(start["dateTime"])
    return date.fromisoformat(end["date"]) - date.fromisoformat(start["date"])


def plain(text: str) -> str:
    """A description without the HTML that Google's own pages put into it."""
    if not any(tag in text.lower() for tag in TAGS):
        return text
    reader = _Text()
    reader.feed(text)
    reader.close()
    lines = "\n".join(line.rstrip() for line in "".join(reader.parts).strip().split("\n"))
    return re.sub(r"\n{3,}", "\n\n", lines)


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.link = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"br", "p", "div"}:
            self.parts.append("\n")
        elif tag == "li":
            self.parts.append("\n- ")
        elif tag == "a":
            self.link = dict(attrs).get("href") or ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self.link and self.parts and self.parts[-1] != self.link:
            self.parts.append(f" <{self.link}>")
        elif tag in {"p", "ul", "ol"}:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        self.parts.append(data)
