"""Instances of the simulated Google's recurring events."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from gateway.demo.google.state import Calendar, Event
from gateway.demo.google.times import Time, instant, key, written
from gateway.errors import GatewayError
from gateway.ical.objects import read, read_lenient
from gateway.ical.recurrence import instances

LIMIT = 20_000


def is_series(event: Mapping[str, object]) -> bool:
    return bool(event.get("recurrence"))


def as_text(event: Event) -> str:
    """The bare rule of a series as iCalendar."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//simulated//EN", "BEGIN:VEVENT", "UID:x"]
    lines += ["DTSTAMP:20000101T000000Z", _line("DTSTART", event["start"]), _line("DTEND", event["end"])]
    lines += [*event["recurrence"], "END:VEVENT", "END:VCALENDAR", ""]
    return "\r\n".join(lines)


def _line(name: str, time: Time) -> str:
    if "date" in time:
        return f"{name};VALUE=DATE:{time['date'].replace('-', '')}"
    local = datetime.fromisoformat(time["dateTime"]).astimezone(ZoneInfo(time["timeZone"]))
    return f"{name};TZID={time['timeZone']}:{local:%Y%m%dT%H%M%S}"


def occurrences(master: Event, start: datetime, end: datetime) -> Iterator[tuple[str, Time, Time]]:
    """Those of the bare rule that overlap [start, end): key, start, end; exceptions are not looked at."""
    obj = read_lenient(as_text(master))
    found = instances(obj, int(start.timestamp()), int(end.timestamp()), UTC, LIMIT)
    for each in found:
        if "date" in master["start"]:
            first = datetime.fromtimestamp(each.start, UTC).date()
            last = first + _days(master)
            yield f"{first:%Y%m%d}", {"date": first.isoformat()}, {"date": last.isoformat()}
        else:
            begin = _time(each.start, master["start"]["timeZone"])
            yield key(begin), begin, _time(each.end, master["end"]["timeZone"])


def _days(master: Event) -> timedelta:
    return date.fromisoformat(master["end"]["date"]) - date.fromisoformat(master["start"]["date"])


def _time(epoch: int, zone: str) -> Time:
    return {"dateTime": written(datetime.fromtimestamp(epoch, UTC), ZoneInfo(zone)), "timeZone": zone}


def usable(event: Event) -> bool:
    """Whether the rule can be read and expanded at all."""
    begin = instant(event["start"], UTC)
    try:
        read(as_text(event))
        next(occurrences(event, begin, begin + timedelta(days=1)), None)
    except (GatewayError, ValueError):
        return False
    return True


def instance(master: Event, wanted: str) -> Event | None:
    """The instance with that key as the rule gives it; None if the rule has none."""
    form = "%Y%m%dT%H%M%SZ" if "T" in wanted else "%Y%m%d"
    try:
        begin = datetime.strptime(wanted, form).replace(tzinfo=UTC)
    except ValueError:
        return None
    for each, start, end in occurrences(master, begin, begin + timedelta(seconds=1)):
        if each == wanted:
            return as_instance(master, each, start, end)
    return None


def as_instance(master: Event, wanted: str, start: Time, end: Time) -> Event:
    event = {name: value for name, value in master.items() if name != "recurrence"}
    return event | {
        "id": f"{master['id']}_{wanted}",
        "recurringEventId": master["id"],
        "originalStartTime": start,
        "start": start,
        "end": end,
    }


def exceptions(calendar: Calendar, master: str) -> list[Event]:
    return [event for event in calendar.events.values() if event.get("recurringEventId") == master]


def expanded(calendar: Calendar, master: Event, start: datetime, end: datetime) -> list[Event]:
    """All instances overlapping [start, end): exceptions in place of what they replace, cancelled ones included."""
    where = ZoneInfo(calendar.zone)
    moved = {key(event["originalStartTime"]): event for event in exceptions(calendar, master["id"])}
    out = [as_instance(master, *each) for each in occurrences(master, start, end) if each[0] not in moved]
    out += [e for e in moved.values() if instant(e["start"], where) < end and instant(e["end"], where) > start]
    return sorted(out, key=lambda event: (instant(event["start"], where), event["id"]))
