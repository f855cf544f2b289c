"""Reminders, both ways. Only whole minutes before the start, shown or mailed, have a place at Google."""

from collections.abc import Iterator
from typing import Final

from gateway.backends.google.source import ACTIONS, Event, Source
from gateway.errors import InvalidCalendarData
from gateway.ical.text import Component, component, prop, text_prop
from gateway.ical.value import parse_duration

METHODS: Final = {action: method for method, action in ACTIONS.items()}
MAX_REMINDERS, MAX_MINUTES = 5, 40_320


def told(event: Event, source: Source) -> Iterator[Component]:
    held = event.get("reminders") or {}
    rows = source.reminders if held.get("useDefault") else held.get("overrides") or ()
    text = event.get("summary") or "Reminder"
    for method, minutes in sorted((row.get("method", ""), row.get("minutes", 0)) for row in rows):
        if method not in ACTIONS:
            continue
        lines = [prop("ACTION", ACTIONS[method]), prop("TRIGGER", trigger(minutes)), text_prop("DESCRIPTION", text)]
        if method == "email":
            lines.append(text_prop("SUMMARY", text))
            lines += [prop("ATTENDEE", f"mailto:{source.address}")] if source.address else []
        yield component("VALARM", lines)


def trigger(minutes: int) -> str:
    if minutes == 0:
        return "PT0S"
    if minutes % 1440 == 0:
        return f"-P{minutes // 1440}D"
    return f"-PT{minutes // 60}H" if minutes % 60 == 0 else f"-PT{minutes}M"


def reminders(component: Component, source: Source) -> Event:
    """The calendar's own where the alarms are just those; else at most five."""
    rows = {row for alarm in component.children("VALARM") for row in _reminder(alarm)}
    defaults = {(row.get("method"), row.get("minutes")) for row in source.reminders}
    if rows and rows == defaults:
        return {"useDefault": True}
    overrides = [{"method": method, "minutes": minutes} for method, minutes in sorted(rows)]
    return {"useDefault": False, "overrides": overrides[:MAX_REMINDERS]}


def _reminder(alarm: Component) -> Iterator[tuple[str, int]]:
    line = alarm.first("TRIGGER")
    method = METHODS.get(alarm.text("ACTION").upper())
    if line is None or method is None or (line.param("VALUE") or "DURATION").upper() != "DURATION":
        return
    try:
        before = -int(parse_duration(line.value).timedelta.total_seconds())
    except InvalidCalendarData:
        return
    if (line.param("RELATED") or "START").upper() == "START" and 0 <= before <= MAX_MINUTES * 60 and before % 60 == 0:
        yield method, before // 60
