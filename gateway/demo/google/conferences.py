"""Conferences of the simulated Google."""

import hashlib

from gateway.demo.google.calls import Call
from gateway.demo.google.problems import invalid, required
from gateway.demo.google.state import Calendar, Event


def settle(call: Call, calendar: Calendar, event: Event, old: Event | None) -> None:
    """Without conferenceDataVersion=1 whatever the body says of a conference is ignored."""
    before = (old or {}).get("conferenceData")
    wanted = event.pop("conferenceData", None) if call.query.get("conferenceDataVersion") == 1 else before
    event.pop("conferenceData", None)
    event.pop("hangoutLink", None)
    if not wanted:
        return
    asked = wanted.get("createRequest")
    again = ((before or {}).get("createRequest") or {}).get("requestId")
    if asked and asked.get("requestId") == again:
        wanted = before or wanted
    elif asked and not wanted.get("entryPoints"):
        wanted = _made(call, calendar, asked)
    event["conferenceData"] = wanted
    _show(event)


def _made(call: Call, calendar: Calendar, asked: Event) -> Event:
    if not asked.get("requestId"):
        raise required("event.conferenceData.createRequest.requestId")
    kind = (asked.get("conferenceSolutionKey") or {}).get("type", "hangoutsMeet")
    if kind != "hangoutsMeet" or not calendar.meets:
        raise invalid("Invalid conference type value.", "event.conferenceData.createRequest.conferenceSolutionKey")
    if call.state.slow_conferences:
        return {"createRequest": {**asked, "status": {"statusCode": "pending"}}}
    return _conference(asked)


def _conference(asked: Event) -> Event:
    code = hashlib.blake2b(asked["requestId"].encode(), digest_size=5).hexdigest()
    uri = f"https://meet.google.com/{code[:3]}-{code[3:7]}-{code[7:]}"
    return {
        "createRequest": {**asked, "status": {"statusCode": "success"}},
        "entryPoints": [{"entryPointType": "video", "uri": uri, "label": uri.removeprefix("https://")}],
        "conferenceSolution": {"key": {"type": "hangoutsMeet"}, "name": "Google Meet"},
        "conferenceId": uri.rpartition("/")[2],
    }


def finish(event: Event) -> None:
    """What was pending is there when the event is read again."""
    asked = (event.get("conferenceData") or {}).get("createRequest") or {}
    if (asked.get("status") or {}).get("statusCode") == "pending":
        event["conferenceData"] = _conference(asked)
        _show(event)


def _show(event: Event) -> None:
    points = event["conferenceData"].get("entryPoints", ())
    links = [row["uri"] for row in points if row.get("entryPointType") == "video"]
    if links:
        event["hangoutLink"] = links[0]
