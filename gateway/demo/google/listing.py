"""events.list and events.instances of the simulated Google: filters, pages and sync tokens."""

import hashlib
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from gateway.demo.google import series, times, views
from gateway.demo.google.calls import Call
from gateway.demo.google.problems import ApiProblem, deleted, full_sync_required, invalid
from gateway.demo.google.schema import SYSTEM_PARAMETERS
from gateway.demo.google.state import Calendar, Event
from gateway.demo.google.writes import held

NO_SYNC_TOKEN: Final = ("iCalUID", "orderBy", "privateExtendedProperty", "q", "sharedExtendedProperty", "updatedMin")
NOT_WITH_SYNC_TOKEN: Final = (*NO_SYNC_TOKEN, "timeMin", "timeMax")
NOT_COMPARED: Final = ("pageToken", "syncToken", "maxResults", "timeMin", "timeMax", *SYSTEM_PARAMETERS)
DEFAULT_PAGE, MAX_PAGE = 250, 2_500
AHEAD: Final = timedelta(days=731)
TOMBSTONES_KEPT: Final = timedelta(days=28)


@dataclass(frozen=True, slots=True)
class Span:
    """What a list covers: revisions in (since, upto]; since None is a full list."""

    since: int | None
    upto: int
    cursor: list[Any] | None = None


def events(call: Call) -> dict[str, Any]:
    calendar, role = call.calendar()
    query = call.query
    _check_combinations(call)
    span = _span(call, calendar)
    where = times.zone(query["timeZone"], "timeZone") if "timeZone" in query else ZoneInfo(calendar.zone)
    rows = sorted(((_sort_key(call, event, where), event) for event in _chosen(call, calendar, span)), key=_first)
    items, cursor = _page(call, rows, span)
    out = _head(call, calendar, role) | {"items": [views.in_list(calendar, role, event, where) for event in items]}
    if cursor is not None:
        out["nextPageToken"] = _pack(["page", _list_name(call, calendar), span.since, span.upto, cursor])
    elif not any(name in query for name in NO_SYNC_TOKEN):
        out["nextSyncToken"] = _pack(["sync", calendar.id, _digest(call), calendar.generation, span.upto])
    return out


def instances(call: Call) -> dict[str, Any]:
    calendar, role = call.calendar()
    query = call.query
    master = held(calendar, call.path["eventId"])
    if master["status"] == "cancelled":
        raise deleted()
    if not series.is_series(master):
        raise invalid("The event is not a recurring event.", "eventId")
    where = times.zone(query["timeZone"], "timeZone") if "timeZone" in query else ZoneInfo(calendar.zone)
    found = [e for e in _instances(call, calendar, master) if e["status"] != "cancelled" or query.get("showDeleted")]
    if "originalStart" in query:
        found = [e for e in found if times.key(e["originalStartTime"]) == _original(query["originalStart"])]
    span = _span(call, calendar)
    rows = [([times.instant(e["start"], where).isoformat(), e["id"]], e) for e in found]
    items, cursor = _page(call, sorted(rows, key=_first), span)
    out = _head(call, calendar, role) | {"items": [views.in_list(calendar, role, event, where) for event in items]}
    if cursor is not None:
        out["nextPageToken"] = _pack(["page", _list_name(call, calendar), None, span.upto, cursor])
    return out


def _instances(call: Call, calendar: Calendar, master: Event) -> list[Event]:
    """Without bounds: all exceptions, and what the rule gives until some time ahead."""
    begin, end = _bounds(call, master)
    found = series.expanded(calendar, master, begin, end)
    if "timeMin" in call.query or "timeMax" in call.query:
        return found
    known = {event["id"] for event in found}
    return found + [e for e in series.exceptions(calendar, master["id"]) if e["id"] not in known]


def _original(text: str) -> str:
    return times.key({"dateTime": text} if "T" in text else {"date": text})


def _bounds(call: Call, master: Event) -> tuple[datetime, datetime]:
    first = times.instant(master["start"], UTC) - timedelta(days=1)
    begin = datetime.fromisoformat(call.query["timeMin"]) if "timeMin" in call.query else first
    end = datetime.fromisoformat(call.query["timeMax"]) if "timeMax" in call.query else max(first, call.now) + AHEAD
    return begin, end


def _check_combinations(call: Call) -> None:
    query = call.query
    if "syncToken" in query:
        for name in NOT_WITH_SYNC_TOKEN:
            if name in query:
                raise invalid(f"Sync token cannot be used with {name}.", name)
        if query.get("showDeleted") is False:
            raise invalid("Sync token cannot be used with showDeleted=false.", "showDeleted")
    if query.get("orderBy") == "startTime" and not query.get("singleEvents"):
        raise invalid("The requested ordering is not available for the particular query.", "orderBy")
    bounds = [datetime.fromisoformat(query[name]) for name in ("timeMin", "timeMax") if name in query]
    if len(bounds) == 2 and bounds[0] >= bounds[1]:
        raise ApiProblem(
            400, "timeRangeEmpty", "The specified time range is empty.", domain="calendar", location="timeMax"
        )
    if "updatedMin" in query and datetime.fromisoformat(query["updatedMin"]) < call.now - TOMBSTONES_KEPT:
        raise ApiProblem(
            410,
            "updatedMinTooLongAgo",
            "The requested minimum modification time lies too far in the past.",
            domain="calendar",
            location="updatedMin",
        )


def _span(call: Call, calendar: Calendar) -> Span:
    if "pageToken" in call.query:
        kind, name, since, upto, cursor = _unpack(call.query["pageToken"], 5, "pageToken")
        if (kind, name) != ("page", _list_name(call, calendar)):
            raise invalid("Invalid page token value.", "pageToken")
        return Span(since, upto, cursor)
    if "syncToken" not in call.query:
        return Span(None, call.state.revision)
    kind, name, digest, generation, since = _unpack(call.query["syncToken"], 5, "syncToken")
    if (kind, name) != ("sync", calendar.id):
        raise invalid("Invalid sync token value.", "syncToken")
    if generation != calendar.generation:
        raise full_sync_required()
    if digest != _digest(call):
        raise invalid("The query differs from the one the sync token was given for.", "syncToken")
    return Span(since, call.state.revision)


def _list_name(call: Call, calendar: Calendar) -> list[Any]:
    """What a page is of; one that Google has forgotten has no more pages."""
    return [calendar.id, calendar.generation, _digest(call)]


def _digest(call: Call) -> str:
    compared = sorted((name, value) for name, value in call.query.items() if name not in NOT_COMPARED)
    return hashlib.blake2b(json.dumps(compared).encode(), digest_size=6).hexdigest()


def _pack(parts: list[Any]) -> str:
    return urlsafe_b64encode(json.dumps(parts, separators=(",", ":")).encode()).decode().rstrip("=")


def _unpack(token: str, length: int, name: str) -> list[Any]:
    try:
        parts = json.loads(urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    except ValueError as error:
        raise invalid(f"Invalid {name} value.", name) from error
    if not isinstance(parts, list) or len(parts) != length:
        raise invalid(f"Invalid {name} value.", name)
    return parts


def _chosen(call: Call, calendar: Calendar, span: Span) -> Iterator[Event]:
    for event in _unfolded(call, calendar, span):
        if _alive(call, calendar, span, event) and _matches(call, calendar, event):
            yield event


def _unfolded(call: Call, calendar: Calendar, span: Span) -> Iterable[Event]:
    """Masters and exceptions or, with singleEvents, instances instead of masters."""
    for event in list(calendar.events.values()):
        if event["_revision"] > span.upto or (span.since is not None and event["_revision"] <= span.since):
            continue
        if not call.query.get("singleEvents") or not _is_live_series(event):
            master = calendar.events.get(event.get("recurringEventId", ""))
            folded = call.query.get("singleEvents") and span.since is None and master and _is_live_series(master)
            if not folded:
                yield event
        else:
            yield from series.expanded(calendar, event, *_bounds(call, event))


def _is_live_series(event: Event) -> bool:
    return series.is_series(event) and event["status"] != "cancelled"


def _alive(call: Call, calendar: Calendar, span: Span, event: Event) -> bool:
    if event["status"] != "cancelled" or span.since is not None or call.query.get("showDeleted"):
        return True
    if "updatedMin" in call.query:
        return True
    master = calendar.events.get(event.get("recurringEventId", ""))
    return master is not None and master["status"] != "cancelled" and not call.query.get("singleEvents")


def _matches(call: Call, calendar: Calendar, event: Event) -> bool:
    query = call.query
    if "iCalUID" in query and not _has_uid(event, query["iCalUID"]):
        return False
    if "eventTypes" in query and event.get("eventType", "default") not in query["eventTypes"]:
        return False
    if "updatedMin" in query and event["updated"] < query["updatedMin"]:
        return False
    if "q" in query and query["q"].lower() not in _words(event):
        return False
    private, shared = event.get("_private") or {}, event.get("extendedProperties", {}).get("shared") or {}
    for name, held_by in (("privateExtendedProperty", private), ("sharedExtendedProperty", shared)):
        for pair in query.get(name, ()):
            key, _, value = pair.partition("=")
            if held_by.get(key) != value:
                return False
    return _in_range(call, calendar, event)


def _has_uid(event: Event, uid: str) -> bool:
    """Of cancelled exceptions only id, series and original start are sure to be there, so their UID is not searched."""
    return bool(event["iCalUID"] == uid) and not ("recurringEventId" in event and event["status"] == "cancelled")


def _words(event: Event) -> str:
    texts = [event.get(name, "") for name in ("summary", "description", "location")]
    texts += [row.get("displayName", "") + " " + row["email"] for row in event.get("attendees", ())]
    return " ".join(texts).lower()


def _in_range(call: Call, calendar: Calendar, event: Event) -> bool:
    """timeMin bounds the end, timeMax the start; a series is in if one of its instances is."""
    query = call.query
    if "timeMin" not in query and "timeMax" not in query:
        return True
    if _is_live_series(event):
        return bool(series.expanded(calendar, event, *_bounds(call, event)))
    where = ZoneInfo(calendar.zone)
    late = "timeMin" not in query or times.instant(event["end"], where) > datetime.fromisoformat(query["timeMin"])
    early = "timeMax" not in query or times.instant(event["start"], where) < datetime.fromisoformat(query["timeMax"])
    return late and early


def _sort_key(call: Call, event: Event, where: ZoneInfo) -> list[Any]:
    order = call.query.get("orderBy", "")
    if order == "startTime":
        return [times.instant(event["start"], where).isoformat(), event["id"]]
    if order == "updated":
        return [event["updated"], event["id"]]
    return [event["_revision"], event["id"]]


def _first(row: tuple[list[Any], Event]) -> list[Any]:
    return row[0]


def _page(call: Call, rows: list[tuple[list[Any], Event]], span: Span) -> tuple[list[Event], list[Any] | None]:
    """The items of this page and, if there is a next one, where it begins.

    A page limit stands for Google's liberty: the first page is empty then, the others are short.
    """
    size = min(call.query.get("maxResults", DEFAULT_PAGE), MAX_PAGE)
    if call.page_limit is not None:
        if "pageToken" not in call.query:
            return [], []
        size = min(size, call.page_limit)
    rest = [row for row in rows if span.cursor is None or row[0] > span.cursor]
    cursor = rest[size - 1][0] if len(rest) > size else None
    return [event for _, event in rest[:size]], cursor


def _head(call: Call, calendar: Calendar, role: str) -> dict[str, Any]:
    entries = [entry for entry in call.state.lists.get(call.person, ()) if entry.calendar == calendar.id]
    return {
        "kind": "calendar#events",
        "etag": f'"p{call.state.revision}"',
        "summary": calendar.summary,
        "description": calendar.description,
        "updated": call.stamp(),
        "timeZone": calendar.zone,
        "accessRole": role,
        "defaultReminders": entries[0].reminders if entries else [],
    }
