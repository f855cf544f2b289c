"""Calendars, lists of calendars, settings, colours and free/busy of the simulated Google."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from gateway.demo.google import checks, series, views
from gateway.demo.google.calls import Call
from gateway.demo.google.problems import ApiProblem, invalid, not_found, required
from gateway.demo.google.state import ROLES, Calendar, Event
from gateway.demo.google.times import instant, written, zone

MAX_SPAN: Final = timedelta(days=90)
MAX_CALENDARS: Final = 50


def calendar_list(call: Call) -> dict[str, Any]:
    lowest = ROLES.index(call.query.get("minAccessRole", "none"))
    entries = [
        views.entry(call.person, entry, call.state.calendars[entry.calendar])
        for entry in call.state.lists.get(call.person, ())
        if entry.calendar in call.state.calendars and (not entry.hidden or call.query.get("showHidden"))
    ]
    shown = [entry for entry in entries if ROLES.index(entry["accessRole"]) >= max(lowest, 1)]
    begin = _offset(call.query.get("pageToken", "0"))
    size = min(call.query.get("maxResults", 100), 250, *([call.page_limit] if call.page_limit else []))
    out = {"kind": "calendar#calendarList", "etag": '"p1"', "items": shown[begin : begin + size]}
    last = begin + size >= len(shown)
    return out | ({"nextSyncToken": str(call.state.revision)} if last else {"nextPageToken": str(begin + size)})


def _offset(token: str) -> int:
    if not token.isdecimal():
        raise invalid("Invalid page token value.", "pageToken")
    return int(token)


def calendar_entry(call: Call) -> dict[str, Any]:
    calendar, _ = call.calendar()
    return views.entry(call.person, call.state.entry(call.person, calendar.id), calendar)


def calendar(call: Call) -> dict[str, Any]:
    return views.calendar(call.calendar()[0])


def colors(call: Call) -> dict[str, Any]:
    pairs = {name: {"background": "#a4bdfc", "foreground": "#1d1d1d"} for name in checks.COLORS}
    return {"kind": "calendar#colors", "updated": call.stamp(), "calendar": pairs, "event": pairs}


def settings(call: Call) -> dict[str, Any]:
    rows = [_setting(name, value) for name, value in _settings(call).items()]
    return {"kind": "calendar#settings", "etag": '"p1"', "items": rows, "nextSyncToken": "1"}


def setting(call: Call) -> dict[str, Any]:
    name = call.path["setting"]
    if name not in _settings(call):
        raise not_found()
    return _setting(name, _settings(call)[name])


def _settings(call: Call) -> dict[str, str]:
    return {
        "timezone": call.state.people[call.person].zone,
        "locale": "de",
        "weekStart": "1",
        "format24HourTime": "true",
    }


def _setting(name: str, value: str) -> dict[str, str]:
    return {"kind": "calendar#setting", "etag": '"1"', "id": name, "value": value}


def free_busy(call: Call) -> dict[str, Any]:
    body = call.body
    for name in ("timeMin", "timeMax"):
        if not body.get(name):
            raise required(name)
    begin, end = (_aware(body[name], name) for name in ("timeMin", "timeMax"))
    if begin >= end:
        raise ApiProblem(400, "timeRangeEmpty", "The specified time range is empty.", domain="calendar")
    if end - begin > MAX_SPAN:
        raise ApiProblem(400, "timeRangeTooLong", "The requested time range is too long.", domain="calendar")
    where = zone(body.get("timeZone") or "UTC", "timeZone")
    names = [row.get("id") or "" for row in body.get("items") or ()]
    found = {
        name: _busy(call, name, begin, end, where) if number < MAX_CALENDARS else _failed("tooManyCalendarsRequested")
        for number, name in enumerate(names)
    }
    return {"kind": "calendar#freeBusy", "timeMin": body["timeMin"], "timeMax": body["timeMax"], "calendars": found}


def _aware(text: str, name: str) -> datetime:
    value = datetime.fromisoformat(text)
    if value.tzinfo is None:
        raise ApiProblem(400, "badRequest", "Bad Request", location=name)
    return value.astimezone(UTC)


def _failed(reason: str) -> dict[str, Any]:
    return {"errors": [{"domain": "global", "reason": reason}], "busy": []}


def _busy(call: Call, name: str, begin: datetime, end: datetime, where: ZoneInfo) -> dict[str, Any]:
    try:
        calendar, _ = call.state.calendar(call.person, name)
    except ApiProblem:
        return _failed("notFound")
    merged: list[tuple[datetime, datetime]] = []
    for start, stop in sorted(_blocks(calendar, begin, end)):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(stop, merged[-1][1]))
        else:
            merged.append((start, stop))
    return {"busy": [{"start": written(start, where), "end": written(stop, where)} for start, stop in merged]}


def _blocks(calendar: Calendar, begin: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    own = ZoneInfo(calendar.zone)
    single: list[Event] = []
    for event in calendar.events.values():
        if series.is_series(event) and event["status"] != "cancelled":
            single += series.expanded(calendar, event, begin, end)
        elif event.get("recurringEventId", "") not in calendar.events:
            single.append(event)
    spans = [(instant(e["start"], own), instant(e["end"], own)) for e in single if _blocking(calendar, e)]
    return [(max(start, begin), min(stop, end)) for start, stop in spans if start < end and stop > begin]


def _blocking(calendar: Calendar, event: Event) -> bool:
    if event["status"] == "cancelled" or event.get("transparency") == "transparent":
        return False
    if event.get("eventType") in {"workingLocation", "birthday"}:
        return False
    rows = event.get("attendees") or ()
    return not any(row["email"] == calendar.id and row["responseStatus"] == "declined" for row in rows)
