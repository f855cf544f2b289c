"""The dates of a Graph recurrence, as Outlook finds them: days past a month's end are its last day."""

import calendar
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import islice, takewhile

from gateway.demo.microsoft.faults import Json, bad_request

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
INDEXES = ("first", "second", "third", "fourth", "last")
REQUIRED = {
    "daily": (),
    "weekly": ("daysOfWeek",),
    "absoluteMonthly": ("dayOfMonth",),
    "relativeMonthly": ("daysOfWeek",),
    "absoluteYearly": ("dayOfMonth", "month"),
    "relativeYearly": ("daysOfWeek", "month"),
}
LAST_YEAR = 4000


def months(start: date, step: int) -> Iterator[tuple[int, int]]:
    """(year, month) from that of start, `step` months apart."""
    count = start.year * 12 + start.month - 1
    while count // 12 < LAST_YEAR:
        yield count // 12, count % 12 + 1
        count += step


def clamped(year: int, month: int, day: int) -> date:
    return date(year, month, min(day, calendar.monthrange(year, month)[1]))


def nth(year: int, month: int, days: frozenset[int], index: str) -> date:
    inside = [date(year, month, day) for day in range(1, calendar.monthrange(year, month)[1] + 1)]
    matching = [day for day in inside if day.weekday() in days]
    return matching[-1] if index == "last" else matching[INDEXES.index(index)]


def weekly(start: date, interval: int, days: frozenset[int], first: int) -> Iterator[date]:
    week = start - timedelta(days=(start.weekday() - first) % 7)
    while week.year < LAST_YEAR:
        yield from (day for day in (week + timedelta(days=n) for n in range(7)) if day.weekday() in days)
        week += timedelta(weeks=interval)


def daily(start: date, interval: int) -> Iterator[date]:
    while start.year < LAST_YEAR:
        yield start
        start += timedelta(days=interval)


def unbounded(pattern: Json, start: date) -> Iterator[date]:
    kind = str(pattern["type"])
    interval = int(pattern["interval"])
    days = frozenset(DAYS.index(day) for day in pattern.get("daysOfWeek") or ())
    if kind == "daily":
        return daily(start, interval)
    if kind == "weekly":
        return weekly(start, interval, days, DAYS.index(pattern.get("firstDayOfWeek") or "sunday"))
    first, step = start, interval
    if kind.endswith("Yearly"):
        first, step = start.replace(day=1, month=int(pattern["month"])), 12 * interval
    if kind.startswith("absolute"):
        return (clamped(year, month, int(pattern["dayOfMonth"])) for year, month in months(first, step))
    index = pattern.get("index") or "first"
    return (nth(year, month, days, index) for year, month in months(first, step))


def dates(recurrence: Json) -> Iterator[date]:
    """Every date of the series in order; endless where its range is."""
    bounds = recurrence["range"]
    start = date.fromisoformat(bounds["startDate"])
    found = (day for day in unbounded(recurrence["pattern"], start) if day >= start)
    if bounds["type"] == "endDate":
        last = date.fromisoformat(bounds["endDate"])
        return takewhile(lambda day: day <= last, found)
    if bounds["type"] == "numbered":
        return islice(found, int(bounds["numberOfOccurrences"]))
    return found


def checked(recurrence: Json, start: date, zone: str) -> Json:
    """The recurrence as Graph would give it back: unused fields zero, defaults filled in.

    Raises: GraphFault 400 for a missing or impossible part.
    """
    pattern, bounds = recurrence.get("pattern") or {}, recurrence.get("range") or {}
    kind = pattern.get("type")
    if kind not in REQUIRED or not isinstance(pattern.get("interval"), int) or pattern["interval"] < 1:
        raise bad_request("The recurrence pattern needs a type and an interval.", "ErrorInvalidRecurrence")
    missing = [name for name in REQUIRED[kind] if not pattern.get(name)]
    if missing:
        raise bad_request(f"The recurrence pattern '{kind}' needs '{missing[0]}'.", "ErrorInvalidRecurrence")
    if any(day not in DAYS for day in pattern.get("daysOfWeek") or ()):
        raise bad_request("Unknown day of week.", "ErrorInvalidRecurrence")
    if kind.startswith("relative") and (pattern.get("index") or "first") not in INDEXES:
        raise bad_request("Unknown index.", "ErrorInvalidRecurrence")
    needed = {"endDate": "endDate", "numbered": "numberOfOccurrences", "noEnd": "startDate"}.get(
        str(bounds.get("type"))
    )
    if needed is None or not bounds.get(needed):
        raise bad_request("The recurrence range lacks a part its type needs.", "ErrorInvalidRecurrence")
    if bounds.get("startDate") != start.isoformat():
        raise bad_request("The start date of the range is not that of the event.", "ErrorInvalidRecurrence")
    whole: Json = {
        "pattern": {
            "type": kind,
            "interval": pattern["interval"],
            "month": pattern.get("month") or 0,
            "dayOfMonth": pattern.get("dayOfMonth") or 0,
            "daysOfWeek": list(pattern.get("daysOfWeek") or ()),
            "firstDayOfWeek": pattern.get("firstDayOfWeek") or "sunday",
            "index": pattern.get("index") or "first",
        },
        "range": {
            "type": bounds["type"],
            "startDate": bounds["startDate"],
            "endDate": bounds.get("endDate") if bounds["type"] == "endDate" else "0001-01-01",
            "recurrenceTimeZone": bounds.get("recurrenceTimeZone") or zone,
            "numberOfOccurrences": bounds.get("numberOfOccurrences") if bounds["type"] == "numbered" else 0,
        },
    }
    if next(dates(whole), None) != start:
        raise bad_request("The event does not start on a date of its own pattern.", "ErrorInvalidRecurrence")
    return whole
