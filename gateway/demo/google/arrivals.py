"""What a mail from elsewhere does at the simulated Google: invitations are put into the calendar, answers noted."""

from datetime import UTC, date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from gateway.demo.google import copies, series, writes
from gateway.demo.google.state import Calendar, Event, State, stamp
from gateway.demo.google.times import key, written
from gateway.ical.objects import ParsedObject, read_lenient
from gateway.ical.text import Component, Property, unfold
from gateway.ical.value import parse_when
from gateway.ical.zones import iana
from gateway.scheduling import itip

ANSWERS: Final = {"ACCEPTED": "accepted", "DECLINED": "declined", "TENTATIVE": "tentative"}
SPAN: Final = ("start", "end", "recurrence")


def arrive(state: State, to: str, text: str, now: datetime) -> bool:
    """Whether anything follows from it. to: of somebody with a calendar here."""
    obj, home = read_lenient(text), state.calendars[to]
    method = obj.calendar.text("METHOD").upper()
    steps = {"REQUEST": _invited, "CANCEL": _cancelled, "REPLY": _answered, "COUNTER": _answered}
    if method not in steps:
        return False
    done = [steps[method](state, home, obj, one, now) for one in obj.components]
    return any(done)


def _held(home: Calendar, obj: ParsedObject, one: Component) -> Event | None:
    """The event, or the date of a series that the component is about."""
    found = [event for event in home.events.values() if event["iCalUID"] == obj.uid]
    master = next((event for event in found if "recurringEventId" not in event), None)
    line = one.first("RECURRENCE-ID")
    if line is None or master is None:
        return master
    wanted = key(_time(line, obj, home))
    dates = [event for event in found if "recurringEventId" in event]
    there = next((event for event in dates if key(event["originalStartTime"]) == wanted), None)
    return there or series.instance(master, wanted)


def _invited(state: State, home: Calendar, obj: ParsedObject, one: Component, now: datetime) -> bool:
    old = _held(home, obj, one)
    if old is not None and copies.is_organizer(home, old):
        return False
    fields = _fields(obj, one, home)
    if old is not None and all(fields.get(name) == old.get(name) for name in SPAN):
        kept = {row["email"]: row["responseStatus"] for row in old.get("attendees") or ()}
        for row in fields["attendees"]:
            if row["email"] == home.id:
                row["responseStatus"] = kept.get(home.id, "needsAction")
    new = {"created": stamp(now), "creator": {"email": home.id}, "_private": {}, "reminders": {"useDefault": True}}
    identity = {"id": old["id"] if old else writes.new_id(state, home), "iCalUID": obj.uid}
    event = {**new, **_without_words(old), **fields, **identity, "updated": stamp(now)}
    home.events[event["id"]] = {**event, "status": "confirmed", "_revision": state.next_revision()}
    _drop_dates(state, home, obj, one, event)
    return True


def _without_words(old: Event | None) -> Event:
    """What an update leaves as it is."""
    return {name: value for name, value in (old or {}).items() if name not in {"summary", "description", "location"}}


def _drop_dates(state: State, home: Calendar, obj: ParsedObject, one: Component, event: Event) -> None:
    """Dates of a series that are gone are exceptions here."""
    for line in one.all("EXDATE"):
        for value in line.value.split(","):
            only = _clock(value, line, obj, home)
            gone = series.instance(event, key(only))
            if gone is not None:
                copies.cancel(state, home, gone)


def _cancelled(state: State, home: Calendar, obj: ParsedObject, one: Component, now: datetime) -> bool:
    old = _held(home, obj, one)
    if old is None or old["status"] == "cancelled" or copies.is_organizer(home, old):
        return False
    copies.cancel(state, home, {**old, "updated": stamp(now)})
    return True


def _answered(state: State, home: Calendar, obj: ParsedObject, one: Component, now: datetime) -> bool:
    """Whoever proposes another time has said perhaps, for now."""
    old = _held(home, obj, one)
    if old is None or old["status"] == "cancelled" or not copies.is_organizer(home, old):
        return False
    said = {itip.address(line): (line.param("PARTSTAT") or "").upper() for line in one.all("ATTENDEE")}
    proposes = obj.calendar.text("METHOD").upper() == "COUNTER"
    rows = []
    for row in old.get("attendees") or ():
        answer = "tentative" if proposes else ANSWERS.get(said.get(row["email"].lower(), ""), "")
        mine = answer if row["email"].lower() in said else ""
        rows.append({**row, "responseStatus": mine} if mine else row)
    if rows == list(old.get("attendees") or ()):
        return False
    changed = {**old, "attendees": rows, "updated": stamp(now), "_revision": state.next_revision()}
    home.events[old["id"]] = changed
    copies.spread(state, home, changed, old)
    return True


def _fields(obj: ParsedObject, one: Component, home: Calendar) -> Event:
    start = one.first("DTSTART")
    end = one.first("DTEND") or start
    if start is None or end is None:
        raise ValueError("an event without a start")
    words = (("summary", "SUMMARY"), ("description", "DESCRIPTION"), ("location", "LOCATION"))
    fields: Event = {name: one.text(held) for name, held in words if one.text(held)}
    fields["start"], fields["end"] = (_time(line, obj, home) for line in (start, end))
    rules = [unfold(line.raw).strip() for line in one.all("RRULE")]
    if rules:
        fields["recurrence"] = rules
    organizer = one.first("ORGANIZER")
    if organizer is not None:
        fields["organizer"] = _named(organizer)
    fields["attendees"] = [
        {**_named(line), "responseStatus": ANSWERS.get((line.param("PARTSTAT") or "").upper(), "needsAction")}
        for line in one.all("ATTENDEE")
    ]
    fields["sequence"] = itip.sequence(one)
    if one.text("TRANSP").upper() == "TRANSPARENT":
        fields["transparency"] = "transparent"
    return fields


def _named(line: Property) -> dict[str, str]:
    name = line.param("CN")
    return {"email": itip.address(line), **({"displayName": name} if name else {})}


def _time(line: Property, obj: ParsedObject, home: Calendar) -> dict[str, str]:
    return _clock(line.value, line, obj, home)


def _clock(value: str, line: Property, obj: ParsedObject, home: Calendar) -> dict[str, str]:
    """As Google holds a time: a date, or an instant with its zone."""
    when: date = parse_when(value)
    if not isinstance(when, datetime):
        return {"date": when.isoformat()}
    tzid = line.param("TZID") or ""
    name = iana(tzid) or (home.zone if when.tzinfo is None else "UTC")
    zone = obj.zones.get(tzid) or ZoneInfo(name)
    aware = when if when.tzinfo else when.replace(tzinfo=zone)
    return {"dateTime": written(aware.astimezone(UTC), ZoneInfo(name)), "timeZone": name}
