"""Busy time of others at Microsoft (getSchedule): https://learn.microsoft.com/en-us/graph/api/calendar-getschedule

It knows the default calendar of each person only, and answers for each mailbox apart.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from gateway.backends.base import BusyTime, Unanswered
from gateway.backends.outlook.graph import PREFER, Graph, Json
from gateway.backends.spans import portions, put_together, spans
from gateway.model import FbType, Period

LONGEST: Final = timedelta(days=62)
SHORTEST: Final = timedelta(hours=6)
"""What is not halved any more."""
MOST: Final = 20
INTERVAL: Final = 15
"""Minutes of a digit of availabilityView, which stands in where single items are not shown."""
UTC_PREFER: Final = f'{PREFER}, outlook.timezone="UTC"'
KINDS: Final[Mapping[str, FbType]] = {
    "busy": FbType.BUSY,
    "oof": FbType.UNAVAILABLE,
    "tentative": FbType.TENTATIVE,
    "unknown": FbType.BUSY,
    "free": FbType.FREE,
    "workingElsewhere": FbType.FREE,
}
DIGITS: Final[Mapping[str, FbType]] = {
    "0": FbType.FREE,
    "1": FbType.TENTATIVE,
    "2": FbType.BUSY,
    "3": FbType.UNAVAILABLE,
    "4": FbType.FREE,
}
TOO_MANY: Final = "5006"
"""More than 1,000 entries in the time asked for: it is asked for in halves."""
NOBODY: Final = frozenset({"ErrorMailRecipientNotFound", "ErrorInvalidSmtpAddress", "ErrorNonExistentMailbox"})
CLOSED: Final = frozenset({"ErrorNoFreeBusyAccess", "ErrorAccessDenied"})


async def ask(graph: Graph, addresses: Sequence[str], start: datetime, end: datetime) -> dict[str, BusyTime]:
    """Raises: what Graph.call raises."""
    found: dict[str, BusyTime] = {}
    for names in portions(list(dict.fromkeys(addresses)), MOST):
        parts = [await _span(graph, names, *span) for span in spans(start, end, LONGEST)]
        found |= {name: put_together([part[name] for part in parts]) for name in names}
    return found


async def of_calendar(graph: Graph, calendar: str, start: datetime, end: datetime) -> list[Period]:
    """What blocks in one of the account's own calendars. Raises: what Graph.call raises."""
    query = {
        "startDateTime": f"{start.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "endDateTime": f"{end.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "$select": "start,end,showAs,isCancelled,isAllDay,responseStatus",
    }
    url = graph.mine("calendars", calendar, "calendarView", query=query)
    found = []
    async for answer in graph.pages(url, prefer=UTC_PREFER):
        found += [period for row in answer.get("value") or () if (period := read_event(row)) is not None]
    return found


def read_event(row: Mapping[str, Any]) -> Period | None:
    """A row of calendarView, in UTC; None: it takes no time."""
    kind = KINDS.get(str(row.get("showAs")), FbType.BUSY)
    declined = (row.get("responseStatus") or {}).get("response") == "declined"
    if kind == FbType.FREE or row.get("isCancelled") or declined:
        return None
    return Period(_instant(row["start"]), _instant(row["end"]), kind)


async def _span(graph: Graph, names: Sequence[str], start: datetime, end: datetime) -> dict[str, BusyTime]:
    body: Json = {
        "schedules": list(names),
        "startTime": _time(start),
        "endTime": _time(end),
        "availabilityViewInterval": INTERVAL,
    }
    url = graph.mine("calendar", "getSchedule")
    answer = await graph.call("POST", url, body=body, prefer=UTC_PREFER)
    rows = {str(row.get("scheduleId") or "").lower(): row for row in answer.get("value") or ()}
    told = {name: read(rows.get(name.lower()), start, end) for name in names}
    crowded = [name for name in names if TOO_MANY in _code(rows.get(name.lower()))]
    if crowded and end - start > SHORTEST:
        middle = start + (end - start) / 2
        halves = [await _span(graph, crowded, *half) for half in ((start, middle), (middle, end))]
        told |= {name: put_together([half[name] for half in halves]) for name in crowded}
    return told


def _time(instant: datetime) -> Json:
    return {"dateTime": f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%S}", "timeZone": "UTC"}


def _code(row: Mapping[str, Any] | None) -> str:
    return str(((row or {}).get("error") or {}).get("responseCode") or "")


def read(row: Mapping[str, Any] | None, start: datetime, end: datetime) -> BusyTime:
    """One mailbox's answer; its times are UTC. start, end: what was asked for, where the view's digits begin."""
    if row is None:
        return Unanswered.FAILED
    if row.get("error"):
        code = _code(row)
        return Unanswered.NOBODY if code in NOBODY else Unanswered.CLOSED if code in CLOSED else Unanswered.FAILED
    items = row.get("scheduleItems")
    if items is None:
        return from_view(str(row.get("availabilityView") or ""), start, end)
    kinds = [(one, KINDS.get(str(one.get("status")), FbType.BUSY)) for one in items]
    return [Period(_instant(one["start"]), _instant(one["end"]), kind) for one, kind in kinds if kind != FbType.FREE]


def from_view(view: str, start: datetime, end: datetime) -> BusyTime:
    """The digits as periods; FAILED if there are none at all."""
    step = timedelta(minutes=INTERVAL)
    kinds = [(start + number * step, DIGITS.get(digit, FbType.BUSY)) for number, digit in enumerate(view)]
    busy = [Period(at, min(at + step, end), kind) for at, kind in kinds if kind != FbType.FREE]
    return busy if view else Unanswered.FAILED


def _instant(value: Mapping[str, str]) -> datetime:
    return datetime.fromisoformat(value["dateTime"][:26]).replace(tzinfo=UTC)
