"""Events of the simulated Google: get, insert, import, update, patch, delete."""

import hashlib
from base64 import b32hexencode
from collections.abc import Mapping
from typing import Any, Final

from gateway.demo.google import attachments, checks, conferences, copies, series, views
from gateway.demo.google.calls import Call
from gateway.demo.google.problems import deleted, duplicate, invalid, not_found, organizer_only, required
from gateway.demo.google.state import Calendar, Event, State
from gateway.demo.google.times import accepted

FIXED: Final = (
    "id",
    "iCalUID",
    "created",
    "creator",
    "organizer",
    "recurringEventId",
    "originalStartTime",
    "eventType",
)
SERVER_SET: Final = ("kind", "etag", "htmlLink", "updated", "hangoutLink", "locked", *FIXED[:-1])
SHAPE: Final = ("start", "end", "recurrence")


def held(calendar: Calendar, event_id: str) -> Event:
    """The event or, for the id of an instance without an exception, the instance as its series gives it."""
    if event_id in calendar.events:
        return calendar.events[event_id]
    master_id, _, key = event_id.rpartition("_")
    master = calendar.events.get(master_id)
    found = series.instance(master, key) if master and series.is_series(master) else None
    if found is None:
        raise not_found()
    return found


def get(call: Call) -> Event:
    calendar, role = call.calendar()
    event = held(calendar, call.path["eventId"])
    conferences.finish(event)
    return views.event(calendar, role, event)


def insert(call: Call) -> Event:
    calendar, role = call.writable_calendar()
    body = call.body
    if body.get("id") and body.get("iCalUID"):
        raise invalid("Only one of id and iCalUID may be given.", "event.iCalUID")
    if body.get("id"):
        checks.identifier(body["id"])
    if body.get("eventType") == "fromGmail" and not call.inside:
        raise invalid("Events of this type cannot be created.", "event.eventType")
    event_id = body.get("id") or new_id(call.state, calendar)
    uid = body.get("iCalUID") or f"{event_id}@google.com"
    if event_id in calendar.events or _with_uid(calendar, uid):
        raise duplicate()
    event = _settled(call, calendar, merged({}, _writable(attachments.taken(call, body, {}))), None)
    person = {"email": calendar.id, "displayName": calendar.summary}
    event |= {"id": event_id, "iCalUID": uid, "organizer": person, "creator": {"email": call.person}}
    return _keep(call, calendar, role, event, None)


def import_(call: Call) -> Event:
    """Takes an event with its own UID and organizer, and sends no mail. Again with the same UID: replaces it."""
    calendar, role = call.writable_calendar()
    body = call.body
    if not body.get("iCalUID"):
        raise required("event.iCalUID")
    if body.get("eventType", "default") != "default":
        raise invalid("Only default events can be imported.", "event.eventType")
    old = _with_uid(calendar, body["iCalUID"])
    event = _settled(call, calendar, merged({}, _writable(attachments.taken(call, body, {}))), None)
    person = body.get("organizer") or {"email": calendar.id, "displayName": calendar.summary}
    event |= {
        "id": old["id"] if old else new_id(call.state, calendar),
        "iCalUID": body["iCalUID"],
        "organizer": {name: value for name, value in person.items() if name in {"email", "displayName"}},
        "creator": {"email": call.person},
        "_revision": call.state.next_revision(),
    }
    calendar.events[event["id"]] = event
    return views.event(calendar, role, event)


def update(call: Call) -> Event:
    """PUT: what the body leaves out is erased."""
    calendar, role = call.writable_calendar()
    old = held(calendar, call.path["eventId"])
    call.check_match(old)
    for name in ("start", "end"):
        if name not in call.body:
            raise required(name, f"Missing {name} time.")
    fields = merged({}, _writable(_answered(calendar, old, attachments.taken(call, call.body, old))))
    fields["conferenceData"] = fields.get("conferenceData") or old.get("conferenceData")
    return _change(call, calendar, role, old, fields)


def patch(call: Call) -> Event:
    """Objects are merged, arrays replaced whole, null erases."""
    calendar, role = call.writable_calendar()
    old = held(calendar, call.path["eventId"])
    call.check_match(old)
    body = _answered(calendar, old, attachments.taken(call, call.body, old))
    return _change(call, calendar, role, old, merged(_writable(_opened(old)), _writable(body)))


def delete(call: Call) -> None:
    calendar, _ = call.writable_calendar()
    old = held(calendar, call.path["eventId"])
    if old["status"] == "cancelled":
        raise deleted()
    call.check_match(old)
    if not copies.is_organizer(calendar, old) and calendar.id in copies.addresses(old):
        declined: Event = {"responseStatus": "declined"}
        copies.answer(call.state, calendar, old, declined, notify=call.updates() != "none")
    copies.cancel(call.state, calendar, {**old, "updated": call.stamp()})
    if copies.is_organizer(calendar, old):
        gone = {**old, "attendees": []}
        copies.spread(call.state, calendar, gone, old)
        copies.mail(call.state, calendar, gone, "CANCEL", call.updates(), old)


def new_id(state: State, calendar: Calendar) -> str:
    seed = f"{calendar.id} {state.next_serial()}".encode()
    return b32hexencode(hashlib.blake2b(seed, digest_size=16).digest()).decode().rstrip("=").lower()


def merged(old: Mapping[str, Any], new: Mapping[str, Any]) -> Event:
    out = dict(old)
    for name, value in new.items():
        if value is None:
            out.pop(name, None)
        elif isinstance(value, dict):
            out[name] = merged(out.get(name) or {}, value)
        elif isinstance(value, list):
            out[name] = [merged({}, item) if isinstance(item, dict) else item for item in value if item is not None]
        else:
            out[name] = value
    return out


def _with_uid(calendar: Calendar, uid: str) -> Event | None:
    found = (e for e in calendar.events.values() if e["iCalUID"] == uid and "recurringEventId" not in e)
    return next(found, None)


def _writable(body: Mapping[str, Any]) -> Event:
    return {name: value for name, value in body.items() if name not in SERVER_SET and not name.startswith("_")}


def _opened(stored: Event) -> Event:
    private = stored.get("_private")
    return {
        **stored,
        "extendedProperties": {**stored.get("extendedProperties", {}), **({"private": private} if private else {})},
    }


def _settled(call: Call, calendar: Calendar, fields: Event, old: Event | None) -> Event:
    """The fields checked and in the form they are kept in."""
    event = {name: value for name, value in fields.items() if value not in (None, [], {})}
    recurring = bool(event.get("recurrence"))
    for name in ("start", "end"):
        event[name] = accepted(event.get(name), name, calendar.zone, recurring=recurring)
    event.pop("attendeesOmitted", None)
    event.setdefault("status", "confirmed")
    event.setdefault("reminders", {"useDefault": True})
    event["attendees"] = [_guest(row) for row in event.get("attendees", ())]
    checks.event({**event, "recurringEventId": (old or {}).get("recurringEventId")}, calendar)
    event["sequence"] = _sequence(event, old)
    extended = dict(event.pop("extendedProperties", {}))
    event["_private"] = extended.pop("private", None) or {}
    event["extendedProperties"] = extended
    conferences.settle(call, calendar, event, old)
    return {"created": call.stamp()} | event | {"updated": call.stamp()}


def _guest(row: Mapping[str, Any]) -> Event:
    kept = {
        name: value for name, value in row.items() if name not in {"self", "organizer"} and value not in (None, False)
    }
    return {"responseStatus": "needsAction", **kept, "email": row.get("email") or ""}


def _sequence(event: Event, old: Event | None) -> int:
    given = int(event.get("sequence") or 0)
    if old is None:
        return given
    if "sequence" in event and given < old["sequence"]:
        raise invalid(
            "Invalid sequence value. The specified sequence number is below the current sequence number of the "
            "resource. Re-fetch the resource and use its sequence number on the following request.",
            "event.sequence",
        )
    moved = any(event.get(name) != old.get(name) for name in (*SHAPE, "status"))
    return max(given, int(old["sequence"]) + moved)


def _answered(calendar: Calendar, old: Event, body: Event) -> Event:
    """With attendeesOmitted nothing of the guests counts but the own answer."""
    if not body.get("attendeesOmitted") or "attendees" not in body:
        return body
    mine: Event = next((row for row in body["attendees"] or () if row.get("email") == calendar.id), {})
    rows = [
        {**row, "responseStatus": mine["responseStatus"]} if row["email"] == calendar.id and mine else row
        for row in old.get("attendees") or ()
    ]
    return {**body, "attendees": rows}


def _change(call: Call, calendar: Calendar, role: str, old: Event, fields: Event) -> Event:
    event = _settled(call, calendar, fields, old) | {name: old[name] for name in FIXED if name in old}
    if fields.get("eventType", "default") != old.get("eventType", "default"):
        raise invalid("The event type cannot be changed.", "event.eventType")
    checks.change(old, event)
    if not copies.is_organizer(calendar, old):
        return _change_as_guest(call, calendar, role, old, event)
    shaped = series.is_series(old) and any(event.get(name) != old.get(name) for name in SHAPE)
    if shaped and not call.state.keeps_exceptions:
        copies.discard_exceptions(call.state, calendar, old)
    return _keep(call, calendar, role, event, old)


def _change_as_guest(call: Call, calendar: Calendar, role: str, old: Event, event: Event) -> Event:
    home = call.state.calendars.get(old["organizer"].get("email", ""))
    asked = _invited(old, event)
    if home is not None and (old.get("guestsCanModify") or asked):
        if not old.get("guestsCanModify") and _shared(event, calendar, asked) != _shared(old, calendar):
            raise organizer_only()
        original = held(home, old["id"])
        kept = {name: original[name] for name in copies.OWN if name in original}
        shared = {name: value for name, value in event.items() if name not in copies.OWN}
        _keep(call, home, role, {**shared, **kept}, original)
    elif _shared(event, calendar) != _shared(old, calendar):
        raise organizer_only()
    event["_revision"] = call.state.next_revision()
    calendar.events[event["id"]] = event
    mine = _own_row(event, calendar)
    if mine != _own_row(old, calendar):
        copies.answer(call.state, calendar, old, mine, notify=call.updates() != "none")
    return views.event(calendar, role, calendar.events[event["id"]])


def _invited(old: Event, event: Event) -> frozenset[str]:
    """Whom a guest adds, where guests may."""
    new = set(copies.addresses(event)) - set(copies.addresses(old))
    return frozenset(new) if old.get("guestsCanInviteOthers", True) else frozenset()


def _shared(event: Event, calendar: Calendar, asked: frozenset[str] = frozenset()) -> Event:
    """What only the organizer may change. asked: guests that do not count."""
    kept = {
        name: value
        for name, value in event.items()
        if name not in (*copies.OWN, "_revision", "updated", "created", "sequence") and value not in (None, [], {})
    }
    others = [row for row in event.get("attendees") or () if row["email"] not in {calendar.id, *asked}]
    kept["attendees"] = others
    return kept


def _own_row(event: Event, calendar: Calendar) -> Event:
    return next((row for row in event.get("attendees") or () if row["email"] == calendar.id), {})


def _keep(call: Call, calendar: Calendar, role: str, event: Event, old: Event | None) -> Event:
    """Stores an organizer's event, brings the guests' copies in line and tells them."""
    if event["status"] == "cancelled":
        copies.cancel(call.state, calendar, event)
        gone = {**event, "attendees": []}
        copies.spread(call.state, calendar, gone, event)
        copies.mail(call.state, calendar, gone, "CANCEL", call.updates(), event)
    else:
        event["_revision"] = call.state.next_revision()
        calendar.events[event["id"]] = event
        copies.spread(call.state, calendar, event, old)
        copies.mail(call.state, calendar, event, "REQUEST", call.updates(), old)
    return views.event(calendar, role, calendar.events[event["id"]])
