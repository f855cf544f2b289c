"""getSchedule of the simulated Graph."""

from datetime import datetime, timedelta

from gateway.demo.microsoft.call import Call
from gateway.demo.microsoft.checks import check_names
from gateway.demo.microsoft.events import overlapping, times_of
from gateway.demo.microsoft.faults import Json, access_denied, bad_request
from gateway.demo.microsoft.mailbox import Event
from gateway.demo.microsoft.times import instant, shown

DIGITS = {"free": "0", "tentative": "1", "busy": "2", "oof": "3", "workingElsewhere": "4"}
STRENGTH = "04123"
WORKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")
MOST = 1000
NAMES = frozenset({"schedules", "startTime", "endTime", "availabilityViewInterval"})


def items(call: Call, address: str, begin: datetime, end: datetime) -> list[Json]:
    """What lies in the default calendar; subjects only for the mailbox's own user."""
    boxes = call.boxes
    calendar = boxes.calendar(address, None)
    events = [event for event in boxes.events.values() if event.calendar == calendar.id and event.series is None]
    found = []
    for row in overlapping(boxes, events, begin, end):
        event = row if isinstance(row, Event) else row.exception or row.master
        whole = boxes.whole(event)
        first, last = times_of(row)
        private = whole.get("sensitivity") in {"private", "personal"}
        item: Json = {
            "status": whole.get("showAs", "busy"),
            "start": shown(first, call.view.zone),
            "end": shown(last, call.view.zone),
            "isPrivate": private,
            "isRecurring": not isinstance(row, Event),
        }
        if address == call.address:
            item["subject"] = whole.get("subject", "")
        found.append(item)
    return found


def availability(rows: list[Json], begin: datetime, end: datetime, minutes: int) -> str:
    """One digit for each slot from the request's own start; the strongest kind in a slot wins."""
    view, at = "", begin
    while at < end:
        until = min(at + timedelta(minutes=minutes), end)
        kinds = [
            DIGITS.get(row["status"], "2") for row in rows if instant(row["start"]) < until and instant(row["end"]) > at
        ]
        view += max(kinds, key=STRENGTH.index, default="0")
        at += timedelta(minutes=minutes)
    return view


def failed(name: str, code: str, message: str) -> Json:
    return {"scheduleId": name, "error": {"responseCode": code, "message": message}}


def one(call: Call, name: str, begin: datetime, end: datetime, minutes: int) -> Json:
    """The answer for one mailbox; one nobody knows is an error inside the answer."""
    person = call.boxes.people.get(name.lower())
    if person is None or person.address.rpartition("@")[2] != call.address.rpartition("@")[2]:
        message = f"Unable to resolve e-mail address {name} to an Active Directory object."
        return failed(name, "ErrorMailRecipientNotFound", message)
    if person.closed and person.address != call.address:
        return failed(name, "ErrorNoFreeBusyAccess", "The caller does not have access to free/busy data.")
    rows = items(call, person.address, begin, end)
    if len(rows) > MOST:
        return failed(name, "5006", "The result set contains too many calendar entries.")
    return {
        "scheduleId": name,
        "availabilityView": availability(rows, begin, end, minutes),
        "scheduleItems": rows,
        "workingHours": {
            "daysOfWeek": list(WORKDAYS),
            "startTime": "08:00:00.0000000",
            "endTime": "17:00:00.0000000",
            "timeZone": {"name": person.zone},
        },
    }


def get_schedule(call: Call) -> Json:
    check_names(call.body, NAMES, "getSchedule")
    if not call.boxes.people[call.address].work:
        raise access_denied()
    names = call.body.get("schedules") or []
    minutes = call.body.get("availabilityViewInterval", 30)
    begin, end = instant(call.body.get("startTime") or {}), instant(call.body.get("endTime") or {})
    if not names or len(names) > 20:
        raise bad_request("Between 1 and 20 schedules can be asked for.", "ErrorInvalidParameter")
    if not isinstance(minutes, int) or not 5 <= minutes <= 1440 or end <= begin:
        raise bad_request("The interval or the time range is invalid.", "ErrorInvalidParameter")
    if end - begin > timedelta(days=62):
        raise bad_request("The requested time duration is too big.", "ErrorTimeIntervalTooBig")
    return {"value": [one(call, name, begin, end, minutes) for name in names]}
