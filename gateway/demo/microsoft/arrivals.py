"""What a mail from elsewhere does at the simulated Outlook: invitations are put into the calendar, answers noted."""

from datetime import UTC, datetime
from typing import Final

from gateway.backends.outlook.values import Place
from gateway.backends.outlook.write import Times, dates_in, times_of
from gateway.demo.microsoft.checks import check_times
from gateway.demo.microsoft.events import keep, make_event
from gateway.demo.microsoft.faults import GraphFault, Json
from gateway.demo.microsoft.mailbox import Event, Mailboxes
from gateway.demo.microsoft.times import NEVER, zone_named
from gateway.errors import RefusedByProvider
from gateway.ical.objects import ParsedObject, read_lenient
from gateway.ical.text import Component, Property
from gateway.ical.value import parse_when
from gateway.ical.zones import iana
from gateway.scheduling import itip

ANSWERS: Final = {"ACCEPTED": "accepted", "DECLINED": "declined", "TENTATIVE": "tentativelyAccepted"}
SHAPE: Final = ("start", "end", "recurrence", "isAllDay")


def arrive(boxes: Mailboxes, to: str, text: str) -> bool:
    """Whether anything follows from it. to: of somebody with a mailbox here."""
    obj = read_lenient(text)
    method = obj.calendar.text("METHOD").upper()
    steps = {"REQUEST": _invited, "CANCEL": _cancelled, "REPLY": _answered, "COUNTER": _answered}
    if method not in steps:
        return False
    try:
        done = [steps[method](boxes, to, obj, one) for one in obj.components]
    except GraphFault:  # about a date that the series does not have
        return False
    return any(done)


def _master(boxes: Mailboxes, to: str, uid: str) -> Event | None:
    rows = (event for event in boxes.events.values() if event.mailbox == to and event.series is None)
    return next((event for event in rows if event.uid == uid), None)


def _day(boxes: Mailboxes, master: Event, obj: ParsedObject, line: Property) -> str:
    """The date of the series that a RECURRENCE-ID names."""
    when = parse_when(line.value)
    if not isinstance(when, datetime):
        return when.isoformat()
    zone = obj.zones.get(line.param("TZID") or "") or zone_named(boxes.people[master.mailbox].zone)
    aware = when if when.tzinfo else when.replace(tzinfo=zone)
    return aware.astimezone(zone_named(master.body["start"]["timeZone"])).date().isoformat()


def _meant(boxes: Mailboxes, to: str, obj: ParsedObject, one: Component) -> Event | None:
    """The event, or the date of the series, which is not kept yet if it was like the others."""
    master, line = _master(boxes, to, obj.uid), one.first("RECURRENCE-ID")
    if master is None or line is None or not master.body.get("recurrence"):
        return master
    return boxes.exception_for(master, _day(boxes, master, obj, line))


def _keep(boxes: Mailboxes, event: Event) -> None:
    boxes.events[event.key] = event
    boxes.touched(event)
    if event.series is not None:
        boxes.touched(boxes.events[event.series], shown=False)


def _invited(boxes: Mailboxes, to: str, obj: ParsedObject, one: Component) -> bool:
    event = _meant(boxes, to, obj, one)
    if event is not None and event.response == "organizer":
        return False
    place = Place((to,), iana(boxes.people[to].zone) or "UTC", "")
    times = _times(obj, one, place)
    body = _body(one, times)
    check_times(body)
    if event is None:
        event = make_event(boxes, boxes.calendar(to, None), {})
        event.uid, event.response = obj.uid, ""
    if event.series is not None:
        del body["recurrence"]
    asked = event.response == "" or any(event.body.get(name) != body.get(name) for name in SHAPE if name in body)
    if event.response and event.series is None:
        boxes.reshape(event, {**event.body, **keep(boxes, event, body)})
    else:
        event.body = {**event.body, **keep(boxes, event, body)}
    if asked:
        event.response, event.responded, event.body["showAs"] = "notResponded", NEVER, "tentative"
    organizer = one.first("ORGANIZER")
    if organizer is not None:
        event.organizer = {"emailAddress": _email(organizer)}
    event.is_cancelled, event.sequence = False, itip.sequence(one)
    if event.series is None and times.recurrence:
        event.cancelled = sorted(day.isoformat() for day in dates_in(one, "EXDATE", obj, place, times))
    _keep(boxes, event)
    return True


def _times(obj: ParsedObject, one: Component, place: Place) -> Times:
    """Of a rule that Outlook cannot hold, the first date alone."""
    try:
        return times_of(one, obj, place)
    except RefusedByProvider:
        first = Component(one.name, one.begin, one.end)
        first.properties = [line for line in one.properties if line.name not in {"RRULE", "RDATE", "EXRULE"}]
        return times_of(first, obj, place)


def _body(one: Component, times: Times) -> Json:
    return {
        "subject": one.text("SUMMARY"),
        "body": {"contentType": "text", "content": one.text("DESCRIPTION")},
        "location": {"displayName": one.text("LOCATION")},
        "attendees": [_attendee(line) for line in one.all("ATTENDEE")],
        **times.whole,
    }


def _attendee(line: Property) -> Json:
    kind = "optional" if (line.param("ROLE") or "").upper() == "OPT-PARTICIPANT" else "required"
    return {"emailAddress": _email(line), "type": kind}


def _email(line: Property) -> Json:
    address = itip.address(line)
    return {"name": line.param("CN") or address, "address": address}


def _cancelled(boxes: Mailboxes, to: str, obj: ParsedObject, one: Component) -> bool:
    """The event stays, and says that it is called off, until its owner takes it out; a single date goes."""
    event = _meant(boxes, to, obj, one)
    if event is None or event.response == "organizer" or event.is_cancelled:
        return False
    if event.series is not None:
        boxes.cancel_occurrence(boxes.events[event.series], event.original)
        return True
    event.is_cancelled, event.sequence = True, itip.sequence(one)
    event.body["subject"], event.body["showAs"] = f"Canceled: {event.body.get('subject') or ''}", "free"
    boxes.touched(event)
    return True


def _answered(boxes: Mailboxes, to: str, obj: ParsedObject, one: Component) -> bool:
    """Whoever proposes another time has said perhaps, for now."""
    event = _meant(boxes, to, obj, one)
    if event is None or event.response != "organizer":
        return False
    proposes = obj.calendar.text("METHOD").upper() == "COUNTER"
    said = {itip.address(line): (line.param("PARTSTAT") or "").upper() for line in one.all("ATTENDEE")}
    now = f"{boxes.clock().astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    rows, changed = [], False
    for row in boxes.whole(event).get("attendees") or ():
        address = row["emailAddress"]["address"].lower()
        answer = "tentativelyAccepted" if proposes else ANSWERS.get(said.get(address, ""), "")
        if address in said and answer:
            changed = True
            rows.append({**row, "status": {"response": answer, "time": now}})
        else:
            rows.append(row)
    if changed:
        event.body = {**event.body, "attendees": rows}
        _keep(boxes, event)
    return changed
