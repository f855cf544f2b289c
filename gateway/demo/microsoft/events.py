"""Events of the simulated Graph: list, read, create, change, delete, respond."""

import hashlib
import json
import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from urllib.parse import quote

from gateway.demo.microsoft.call import Call, page
from gateway.demo.microsoft.checks import check_body, check_names, check_times, unknown
from gateway.demo.microsoft.faults import GraphFault, Json, access_denied, bad_request
from gateway.demo.microsoft.letters import itip, own_row
from gateway.demo.microsoft.mailbox import Calendar, Event, Mail, Mailboxes, Occurrence
from gateway.demo.microsoft.meetings import met
from gateway.demo.microsoft.render import event_json, occurrence_json, selected, wishes_of
from gateway.demo.microsoft.times import instant, local, query_time

MAX_VIEW = timedelta(days=1825)
BY_PROPERTY = re.compile(
    r"singleValueExtendedProperties/any\(ep: *ep/id eq '((?:[^']|'')*)' and ep/value (?:eq '((?:[^']|'')*)'|ne null)\)",
    re.IGNORECASE,
)
BY_TIME = re.compile(r"lastModifiedDateTime ge (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?Z")
RESPONSES = {"accept": "accepted", "decline": "declined", "tentativelyAccept": "tentativelyAccepted"}


def make_event(boxes: Mailboxes, calendar: Calendar, body: Json) -> Event:
    """A new event of the calendar's owner; nothing is checked and nobody is told."""
    key = boxes.next()
    return Event(
        key,
        calendar.mailbox,
        calendar.id,
        body,
        uid=f"040000008200E00074C5B7101A82E00800000000{key:024X}{key:032X}",
        created=boxes.now(),
        modified=boxes.now(),
        organizer={"emailAddress": {"name": calendar.owner_name, "address": calendar.owner}},
    )


def keep(boxes: Mailboxes, event: Event, body: Json) -> Json:
    """Takes what is no part of the body itself out of it: extended properties, the meeting's link."""
    for extended in body.pop("singleValueExtendedProperties", []):
        event.extended[extended["id"]] = extended["value"]
    if "location" in body:
        body["locations"] = [body["location"]] if body["location"].get("displayName") else []
    elif "locations" in body:
        body["location"] = (body["locations"] or [{"displayName": ""}])[0]
    return met(boxes, event, body)


def addresses(rows: Sequence[Json]) -> list[str]:
    return [row["emailAddress"]["address"] for row in rows]


def send(call: Call, event: Event, kind: str, comment: str = "", to: Sequence[str] | None = None) -> None:
    """to: None: everybody invited."""
    whole = call.boxes.whole(event)
    rows = whole.get("attendees") or ()
    for address in addresses(rows) if to is None else to:
        told = rows if address in addresses(rows) else [{"emailAddress": {"address": address}}]
        text = itip(call.boxes, event, kind, told)
        call.boxes.mails.append(Mail(kind, call.address, address, whole.get("subject") or "", comment, text))


def tell_of_change(call: Call, event: Event, body: Json, before: Sequence[Json]) -> None:
    """before: who was invited. Where only the guests changed, only those who changed are told; notes of applications
    are nobody's business.
    """
    if event.response != "organizer" or not body.keys() - {"singleValueExtendedProperties"}:
        return
    was, now = addresses(before), addresses(call.boxes.whole(event).get("attendees") or ())
    alone = body.keys() <= {"attendees", "singleValueExtendedProperties"}
    send(call, event, "request", to=[one for one in now if not alone or one not in was])
    send(call, event, "cancel", to=[one for one in was if one not in now])


def list_calendar(call: Call) -> list[Event]:
    calendar = call.boxes.calendar(call.address, call.path.get("calendar"))
    rows = call.boxes.events.values()
    return [event for event in rows if event.calendar == calendar.id and event.series is None]


def wanted(text: str) -> Callable[[Event], bool]:
    """The two kinds of $filter that are understood here. Raises: GraphFault 400."""
    prop, when = BY_PROPERTY.fullmatch(text), BY_TIME.fullmatch(text)
    if prop:
        name = prop[1].replace("''", "'")
        value = None if prop[2] is None else prop[2].replace("''", "'")
        return lambda event: name in event.extended and value in {None, event.extended[name]}
    if when:
        since = when[1]
        return lambda event: event.modified >= since
    raise bad_request(f"Invalid filter clause: '{text}'.", "BadRequest")


def list_events(call: Call) -> Json:
    """Masters and singles only, and nothing of single dates: that only a request for one master tells."""
    wishes_of(call.query)
    asked = call.query.get("$filter")
    chosen = wanted(asked) if asked else None
    events = [event for event in list_calendar(call) if chosen is None or chosen(event)]
    rows = [selected(call.boxes, event, call.view, call.query) for event in events]
    for row in rows:
        for name in ("exceptionOccurrences", "cancelledOccurrences"):
            row.pop(name, None)
    place = f"/calendars/{quote(call.path['calendar'], safe='')}" if "calendar" in call.path else ""
    return page(call, rows, f"{place}/events")


def read_event(call: Call) -> Json:
    event, day = call.target()
    if day and event.series is None:
        return occurrence_json(call.boxes, call.boxes.occurrence(event, day), call.view, abridged=False)
    return selected(call.boxes, event, call.view, call.query)


def posted_before(boxes: Mailboxes, address: str, transaction: str, digest: str) -> Event | None:
    """The event an earlier, identical POST made. Raises: GraphFault 409 if that one was not identical."""
    for event in boxes.events.values():
        if transaction and event.mailbox == address and event.transaction == transaction:
            if event.posted == digest:
                return event
            raise GraphFault(
                409, "ErrorDuplicateTransactionId", "Your request can't be completed: duplicate transactionId."
            )
    return None


def create_event(call: Call) -> Json:
    body = dict(check_body(call.body))
    calendar = call.boxes.calendar(call.address, call.path.get("calendar"))
    if not calendar.editable:
        raise access_denied()
    digest = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
    transaction = body.pop("transactionId", None) or ""
    there = posted_before(call.boxes, call.address, transaction, digest)
    if there is not None:
        return event_json(call.boxes, there, call.view)
    check_times(body)
    event = make_event(call.boxes, calendar, {})
    event.body = keep(call.boxes, event, body)
    event.transaction, event.posted = transaction, digest
    call.boxes.events[event.key] = event
    send(call, event, "request")
    return event_json(call.boxes, event, call.view)


def editable(call: Call) -> tuple[Event, str]:
    event, day = call.target()
    if not call.boxes.calendars[event.calendar].editable:
        raise access_denied()
    call.unchanged(event)
    return event, day


def change_exception(call: Call, event: Event, day: str, body: Json) -> Event:
    """event: the exception there is already, or the master."""
    boxes = call.boxes
    master = boxes.events[event.series] if event.series is not None else event
    if body.get("recurrence"):
        raise bad_request("An occurrence has no recurrence of its own.", "ErrorInvalidRecurrence")
    exception = boxes.exception_for(master, day)
    whole = {**boxes.whole(exception), **body}
    check_times(whole)
    if "start" in body:
        boxes.check_boundary(master, day, whole["start"])
    exception.body = {
        **exception.body,
        **keep(boxes, exception, dict(body)),
        **{name: whole[name] for name in ("start", "end")},
    }
    boxes.events[exception.key] = exception
    boxes.touched(exception)
    boxes.touched(master, shown=False)
    return exception


def change_whole(call: Call, event: Event, body: Json) -> Event:
    """A new time or pattern of a series discards its exceptions."""
    merged = {**event.body, **keep(call.boxes, event, dict(body))}
    if merged.get("recurrence") and "start" in body and "recurrence" not in body:
        bounds = {**merged["recurrence"]["range"], "startDate": local(body["start"]).date().isoformat()}
        merged["recurrence"] = {**merged["recurrence"], "range": bounds}
    check_times(merged)
    call.boxes.reshape(event, merged)
    call.boxes.touched(event)
    return event


def change_event(call: Call) -> Json:
    event, day = editable(call)
    body = check_body(call.body)
    if body.get("transactionId") not in {None, event.transaction}:
        raise bad_request("transactionId cannot be changed.", "ErrorInvalidPropertySet")
    body = {name: value for name, value in body.items() if name != "transactionId"}
    before = call.boxes.whole(event).get("attendees") or ()
    changed = change_exception(call, event, day, body) if day else change_whole(call, event, body)
    tell_of_change(call, changed, call.body, before)
    return event_json(call.boxes, changed, call.view)


def remove(call: Call, event: Event, day: str, comment: str = "") -> None:
    if event.response == "organizer":
        send(call, call.boxes.exception_for(event, day) if day and event.series is None else event, "cancel", comment)
    if day:
        master = call.boxes.events[event.series] if event.series is not None else event
        call.boxes.cancel_occurrence(master, day)
    else:
        call.boxes.remove(event)


def delete_event(call: Call) -> None:
    event, day = editable(call)
    remove(call, event, day)


def cancel_event(call: Call) -> None:
    check_names(call.body or {}, frozenset({"comment", "Comment"}), "cancel")
    event, day = call.target()
    if event.response != "organizer":
        raise bad_request("You need to be an organizer to cancel a meeting.")
    remove(call, event, day, (call.body or {}).get("comment") or "")


def check_answer(action: str, body: Json, event: Json) -> None:
    """Raises: GraphFault 400. Who accepts proposes no other time; who proposes one has to tell it."""
    check_names(body, frozenset({"comment", "sendResponse", "proposedNewTime"}), action)
    proposed = body.get("proposedNewTime")
    if proposed is None:
        return
    if action == "accept":
        raise unknown("proposedNewTime", "accept")
    check_names(proposed, frozenset({"start", "end"}), "timeSlot")
    if not body.get("sendResponse", True) or not event.get("allowNewTimeProposals", True):
        raise bad_request("A new time can only be proposed in an answer that is sent, where proposals are allowed.")


def responder(action: str) -> Callable[[Call], None]:
    def respond(call: Call) -> None:
        body = call.body or {}
        event, day = call.target()
        check_answer(action, body, call.boxes.whole(event))
        if event.response == "organizer":
            raise bad_request("You can't respond to this meeting because you're the meeting organizer.")
        if day and event.series is None:
            event = call.boxes.exception_for(event, day)
            call.boxes.events[event.key] = event
        event.response, event.responded = RESPONSES[action], call.boxes.now()
        if body.get("sendResponse", True):
            to = event.organizer["emailAddress"]["address"]
            subject = call.boxes.whole(event).get("subject") or ""
            text = itip(call.boxes, event, action, [own_row(call.boxes, event)])
            call.boxes.mails.append(Mail(action, call.address, to, subject, body.get("comment") or "", text))
        if action == "decline":
            remove(call, event, day)
            return
        call.boxes.touched(event)
        event.body["showAs"] = "busy" if action == "accept" else "tentative"

    return respond


def times_of(found: Event | Occurrence) -> tuple[datetime, datetime]:
    if isinstance(found, Occurrence):
        return found.start, found.end
    return instant(found.body["start"]), instant(found.body["end"])


def overlapping(boxes: Mailboxes, events: Sequence[Event], begin: datetime, end: datetime) -> list[Event | Occurrence]:
    """Singles and occurrences that touch [begin, end), by start. Raises: GraphFault 400 for a window too wide."""
    if end < begin or end - begin > MAX_VIEW:
        raise bad_request("The requested time window must be between 0 and 1825 days.")
    found: list[Event | Occurrence] = []
    for event in events:
        rows = boxes.occurrences(event, end) if event.body.get("recurrence") else [event]
        for row in rows:
            first, last = times_of(row)
            if first < end and (last > begin or first == last == begin):
                found.append(row)
    return sorted(found, key=lambda row: times_of(row)[0])


def window(call: Call) -> tuple[datetime, datetime]:
    """startDateTime and endDateTime, whose names are read in any case. Raises: GraphFault 400 without them."""
    asked = {name.lower(): value for name, value in call.query.items()}
    begin, end = (query_time(asked.get(name), call.view.zone) for name in ("startdatetime", "enddatetime"))
    return begin, end


def calendar_view(call: Call) -> Json:
    rows = overlapping(call.boxes, list_calendar(call), *window(call))
    place = f"/calendars/{quote(call.path['calendar'], safe='')}" if "calendar" in call.path else ""
    return page(call, [shown_row(call, row) for row in rows], f"{place}/calendarView")


def shown_row(call: Call, row: Event | Occurrence) -> Json:
    if isinstance(row, Occurrence):
        return occurrence_json(call.boxes, row, call.view, abridged=False)
    return event_json(call.boxes, row, call.view)


def instances(call: Call) -> Json:
    event, day = call.target()
    if day or not event.body.get("recurrence"):
        raise bad_request("Only a series has instances.", "ErrorInvalidRequest")
    rows = overlapping(call.boxes, [event], *window(call))
    path = f"/events/{quote(call.path['event'], safe='')}/instances"
    return page(call, [shown_row(call, row) for row in rows], path)
