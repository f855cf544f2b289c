"""Graph's JSON of calendars and events."""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from gateway.demo.microsoft.checks import READ_ONLY, WRITABLE
from gateway.demo.microsoft.faults import Json, bad_request
from gateway.demo.microsoft.mailbox import Calendar, Event, Mailboxes, Occurrence, event_id
from gateway.demo.microsoft.times import CUSTOM_ZONE, NEVER, dated, instant, local, midnight, shown, stamp, zone_named

EXTENDED = re.compile(r"singleValueExtendedProperties\(\$filter=(.*)\)")
EXTENDED_ID = re.compile(r"id eq '((?:[^']|'')*)'")
NO_ANSWER: Json = {"response": "none", "time": NEVER}
DEFAULTS: Json = {
    "subject": "",
    "isAllDay": False,
    "attendees": [],
    "categories": [],
    "showAs": "busy",
    "sensitivity": "normal",
    "importance": "normal",
    "isReminderOn": True,
    "reminderMinutesBeforeStart": 15,
    "recurrence": None,
    "responseRequested": True,
    "allowNewTimeProposals": True,
    "hideAttendees": False,
}


@dataclass(frozen=True, slots=True)
class View:
    """How a reply is to look: what the Prefer headers asked for.

    zone: name to answer times in. key: the preferences in one text, for rounds that must not change them.
    """

    immutable: bool
    zone: str
    plain: bool
    page: int | None
    key: str


def read_prefer(headers: list[str]) -> View:
    """Raises: GraphFault 400 for a zone nobody knows."""
    wishes: dict[str, str] = {}
    for header in headers:
        for wish in header.split(","):
            name, _, value = wish.strip().partition("=")
            wishes[name.lower()] = value.strip('"')
    zone = wishes.get("outlook.timezone", "UTC")
    zone_named(zone)
    size = wishes.get("odata.maxpagesize")
    return View(
        immutable=wishes.get("idtype") == "ImmutableId",
        zone=zone,
        plain=wishes.get("outlook.body-content-type") == "text",
        page=int(size) if size and size.isdigit() and int(size) > 0 else None,
        key="; ".join(f"{name}={value}" for name, value in sorted(wishes.items())),
    )


def calendar_json(row: Calendar, *, teams: bool = True) -> Json:
    return {
        "id": row.id,
        "name": row.name,
        "color": row.color,
        "hexColor": row.hex_color,
        "isDefaultCalendar": row.default,
        "canShare": row.owner == row.mailbox,
        "canViewPrivateItems": row.owner == row.mailbox,
        "canEdit": row.editable,
        "isRemovable": not row.default,
        "changeKey": "DemoChangeKey==",
        "allowedOnlineMeetingProviders": ["teamsForBusiness"] if teams else [],
        "defaultOnlineMeetingProvider": "teamsForBusiness" if teams else "unknown",
        "owner": {"name": row.owner_name, "address": row.owner},
    }


def etag(event: Event) -> str:
    return f'W/"{event.key}.{event.version}"'


def as_text(content: str) -> str:
    """Links keep their addresses."""
    content = re.sub(r'<a href="([^"]*)">([^<]*)</a>', r"\2&lt;\1&gt;", content)
    return html.unescape(re.sub(r"<[^>]+>", "", re.sub(r"<br */?>|</p>|</div>", "\n", content))).strip("\n")


def body_json(body: Json | None, view: View) -> Json:
    """The reply's body is HTML unless text was asked for, however it was written."""
    content = str((body or {}).get("content") or "")
    written = str((body or {}).get("contentType") or "text").lower()
    if view.plain:
        return {"contentType": "text", "content": content if written == "text" else as_text(content)}
    if written == "text":
        content = html.escape(content, quote=False).replace("\n", "<br>\n")
        return {"contentType": "html", "content": f"<html><body>{content}</body></html>" if content else ""}
    return {"contentType": "html", "content": content}


def type_of(event: Event) -> str:
    if event.series is not None:
        return "exception"
    return "seriesMaster" if event.body.get("recurrence") else "singleInstance"


def time_json(whole: Json, name: str, view: View) -> Json:
    """All-day times are midnight in the reply's zone, whatever that is."""
    if whole.get("isAllDay"):
        return dated(midnight(local(whole[name]).date()), view.zone)
    return shown(instant(whole[name]), view.zone)


def written_zones(event: Event, whole: Json) -> Json:
    return {
        "originalStartTimeZone": CUSTOM_ZONE if event.custom_zone else whole["start"]["timeZone"],
        "originalEndTimeZone": CUSTOM_ZONE if event.custom_zone else whole["end"]["timeZone"],
    }


def uid_of(event: Event, day: str) -> str:
    """iCalUId is another for each occurrence of a series; uid is one for all."""
    if not day or not event.uid.startswith("040000008200E00074C5B7101A82E008"):
        return event.uid
    number = f"{int(day[:4]):04X}{int(day[5:7]):02X}{int(day[8:]):02X}"
    return event.uid[:32] + number + event.uid[40:]


def event_json(boxes: Mailboxes, event: Event, view: View) -> Json:
    """The event whole, as a GET without $select gives it."""
    whole = {**DEFAULTS, **boxes.whole(event)}
    master = boxes.events[event.series] if event.series is not None else event
    join_url = master.join_url
    answer: Json = {
        "@odata.etag": etag(event),
        "id": event_id(master, immutable=view.immutable, day=event.original),
        "createdDateTime": event.created,
        "lastModifiedDateTime": event.modified,
        "changeKey": f"{event.key}.{event.version}",
        "transactionId": event.transaction or None,
        "iCalUId": uid_of(event, event.original),
        "uid": event.uid,
        "hasAttachments": False,
        "isCancelled": event.is_cancelled,
        "isOrganizer": event.response == "organizer",
        "isDraft": False,
        "seriesMasterId": event_id(master, immutable=view.immutable) if event.series is not None else None,
        "type": type_of(event),
        "webLink": f"https://outlook.example.com/calendar/item/{quote(event_id(master, immutable=False), safe='')}",
        "onlineMeetingUrl": None,
        "isOnlineMeeting": bool(join_url),
        "onlineMeetingProvider": "teamsForBusiness" if join_url else "unknown",
        "onlineMeeting": {"joinUrl": join_url} if join_url else None,
        "responseStatus": {"response": event.response, "time": event.responded},
        "organizer": event.organizer,
        "occurrenceId": None,
        **{name: whole[name] for name in DEFAULTS},
        "attendees": [{"type": "required", "status": NO_ANSWER, **row} for row in whole["attendees"]],
        **written_zones(master, whole),
        "body": body_json(whole.get("body"), view),
        "bodyPreview": as_text(str((whole.get("body") or {}).get("content") or ""))[:255],
        "location": {"displayName": "", "locationType": "default", **(whole.get("location") or {})},
        "locations": whole.get("locations") or [],
        "start": time_json(whole, "start", view),
        "end": time_json(whole, "end", view),
    }
    if event.series is not None:
        plain = boxes.occurrence_of(master, datetime.fromisoformat(event.original).date(), None)
        original = midnight(plain.start.date()).replace(tzinfo=UTC) if whole["isAllDay"] else plain.start
        answer["originalStart"] = stamp(original)
        answer["occurrenceId"] = f"OID.{answer['seriesMasterId']}.{event.original}"
        answer["recurrence"] = None
    elif whole["recurrence"] and event.custom_zone:
        bounds = {**whole["recurrence"]["range"], "recurrenceTimeZone": CUSTOM_ZONE}
        answer["recurrence"] = {**whole["recurrence"], "range": bounds}
    return answer


def occurrence_times(found: Occurrence, view: View) -> Json:
    if not found.master.body.get("isAllDay"):
        return {"start": shown(found.start, view.zone), "end": shown(found.end, view.zone)}
    first = datetime.fromisoformat(found.day)
    length = local(found.master.body["end"]) - local(found.master.body["start"])
    return {"start": dated(first, view.zone), "end": dated(first + max(length, timedelta(days=1)), view.zone)}


def occurrence_json(boxes: Mailboxes, found: Occurrence, view: View, *, abridged: bool) -> Json:
    """One date of a series: an exception whole; a plain one whole, or with its times only as delta gives it."""
    if found.exception is not None:
        return event_json(boxes, found.exception, view)
    identity = {
        "id": event_id(found.master, immutable=view.immutable, day=found.day),
        "seriesMasterId": event_id(found.master, immutable=view.immutable),
        "type": "occurrence",
        **occurrence_times(found, view),
    }
    if abridged:
        return identity
    return {
        **event_json(boxes, found.master, view),
        **identity,
        "recurrence": None,
        "iCalUId": uid_of(found.master, found.day),
        "originalStart": stamp(found.start),
        "occurrenceId": f"OID.{identity['seriesMasterId']}.{found.day}",
    }


def wishes_of(query: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """The names of $select and the relations of $expand. Raises: GraphFault 400 for what Graph does not know here."""
    names = [name for name in query.get("$select", "").split(",") if name]
    strange = [name for name in names if name not in READ_ONLY and name not in WRITABLE]
    if strange:
        raise bad_request(
            f"Could not find a property named '{strange[0]}' on type 'microsoft.graph.event'.", "BadRequest"
        )
    relations = [wish for wish in re.split(r",(?![^(]*\))", query.get("$expand", "")) if wish]
    for wish in relations:
        if wish != "exceptionOccurrences" and not EXTENDED.fullmatch(wish):
            raise bad_request(f"Could not expand '{wish}'.", "BadRequest")
    return names, relations


def expanded(boxes: Mailboxes, event: Event, view: View, relations: list[str]) -> Json:
    """What $expand adds."""
    extra: Json = {}
    for wish in relations:
        match = EXTENDED.fullmatch(wish)
        if match:
            ids = [name.replace("''", "'") for name in EXTENDED_ID.findall(match[1])]
            rows = [{"id": name, "value": event.extended[name]} for name in ids if name in event.extended]
            extra.update({"singleValueExtendedProperties": rows} if rows else {})
        else:
            rows = [event_json(boxes, row, view) for _, row in sorted(boxes.exceptions(event).items())]
            extra["exceptionOccurrences"] = rows
    return extra


def selected(boxes: Mailboxes, event: Event, view: View, query: Mapping[str, str]) -> Json:
    """The event by $select and $expand; cancelledOccurrences only for those who name it."""
    names, relations = wishes_of(query)
    answer = event_json(boxes, event, view)
    if names:
        master = event_id(event, immutable=view.immutable)
        answer["cancelledOccurrences"] = [f"OID.{master}.{day}" for day in event.cancelled]
        answer = {name: value for name, value in answer.items() if name in {*names, "id", "@odata.etag"}}
    return {**answer, **expanded(boxes, event, view, relations)}
