"""Meetings of the simulated Zoom, as strict as its reference says."""

import hashlib
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import available_timezones

from gateway.demo.zoom.problems import Problem, invalid, no_meeting
from gateway.demo.zoom.state import Json, State

INSTANT, SCHEDULED, NO_FIXED_TIME, FIXED_TIMES = 1, 2, 3, 8
TYPES: Final = (INSTANT, SCHEDULED, NO_FIXED_TIME, FIXED_TIMES)
FIELDS: Final = frozenset(
    (
        "agenda",
        "default_password",
        "duration",
        "password",
        "pre_schedule",
        "recurrence",
        "schedule_for",
        "settings",
        "start_time",
        "template_id",
        "timezone",
        "topic",
        "tracking_fields",
        "type",
    )
)
LONGEST: Final = {"topic": 200, "agenda": 2_000, "password": 10}
IN_LISTS: Final = ("uuid", "id", "host_id", "topic", "type", "timezone", "created_at", "join_url")
CUT: Final = 250
"""Characters of an agenda that lists show."""


def create(state: State, user: Json, body: Json, now: float, root: str) -> Json:
    wanted = {"topic": "Zoom Meeting", "type": SCHEDULED, "timezone": "UTC", **checked(body)}
    state.last += 1
    number = str(state.last)
    secret = hashlib.blake2b(number.encode(), digest_size=12).hexdigest()
    meeting: Json = {
        "id": state.last,
        "uuid": f"{secrets.token_urlsafe(16)}==",
        "host_id": user["id"],
        "host_email": user["email"],
        "status": "waiting",
        "created_at": instant(now),
        "join_url": f"https://zoom.example.com/j/{number}?pwd={secret}",
        "start_url": f"{root}/s/{number}?zak={secrets.token_urlsafe(24)}",
        "password": secret[:6],
        "pstn_password": str(int(secret[:6], 16)),
        "settings": {
            "join_before_host": False,
            "global_dial_in_numbers": [
                {"country": "DE", "country_name": "Germany", "number": "+49 69 5550 1000", "type": "toll"}
            ],
        },
        **_timed(wanted),
    }
    state.meetings[number] = meeting
    return meeting


def _timed(wanted: Json) -> Json:
    """Without a fixed time there is no start."""
    return {key: value for key, value in wanted.items() if wanted["type"] != NO_FIXED_TIME or key != "start_time"}


def change(state: State, number: str, body: Json) -> None:
    meeting = get(state, number)
    meeting.update(checked(body))


def get(state: State, number: str) -> Json:
    if number not in state.meetings:
        raise no_meeting(number)
    return state.meetings[number]


def delete(state: State, number: str) -> None:
    get(state, number)
    del state.meetings[number]


def listed(state: State, user: Json, query: Mapping[str, str]) -> Json:
    size = int(query.get("page_size", "30"))
    if not 1 <= size <= 300:
        raise invalid("page_size", "Page size must be between 1 and 300.")
    if query.get("type", "scheduled") not in {
        "scheduled",
        "live",
        "upcoming",
        "upcoming_meetings",
        "previous_meetings",
    }:
        raise invalid("type", "Invalid field.")
    mine = [one for one in state.meetings.values() if one["host_id"] == user["id"]]
    first = int(query.get("next_page_token") or 0)
    page = mine[first : first + size]
    rows = [
        {**{key: one[key] for key in IN_LISTS}, "agenda": one.get("agenda", "")[:CUT]}
        | {key: one[key] for key in ("start_time", "duration") if key in one}
        for one in page
    ]
    following = str(first + size) if first + size < len(mine) else ""
    return {"page_size": size, "total_records": len(mine), "next_page_token": following, "meetings": rows}


def checked(body: Json) -> Json:
    """Raises: Problem with the first field that is wrong."""
    for name, value in body.items():
        if name not in FIELDS:
            raise invalid(name, "Invalid field.")
        _check(name, value)
    if "start_time" in body:
        return {**body, "start_time": _start(str(body["start_time"]))}
    return dict(body)


def _check(name: str, value: Any) -> None:
    if name in LONGEST and (not isinstance(value, str) or len(value) > LONGEST[name]):
        raise invalid(name, f"{name} must be a text of at most {LONGEST[name]} characters.")
    if name == "type" and value not in TYPES:
        raise invalid(name, "Invalid field.")
    if name == "duration" and (not isinstance(value, int) or not 1 <= value <= 24 * 60):
        raise invalid(name, "Invalid field.")
    if name == "timezone" and value not in available_timezones():
        raise invalid(name, "Invalid time zone.")


def _start(text: str) -> str:
    """With Z it is GMT; without, it would be in the zone beside it."""
    try:
        given = datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError as error:
        raise invalid("start_time", "Invalid date format.") from error
    return instant(given.timestamp())


def instant(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def no_user(named: str) -> Problem:
    return Problem(404, 1001, f"User does not exist: {named}.")
