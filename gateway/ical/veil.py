"""What is private, for those who may know only that somebody has no time."""

import re
from typing import Final

from gateway.ical.objects import read_lenient
from gateway.ical.text import Component, component, serialise, text_prop

SPACE: Final = re.compile(r"\s+")
MAYBE: Final = re.compile(r"CLASS[:;]", re.IGNORECASE)
WHEN: Final = frozenset(
    {
        *("UID", "DTSTAMP", "SEQUENCE", "RECURRENCE-ID", "DTSTART", "DTEND", "DUE", "DURATION"),
        *("RRULE", "RDATE", "EXDATE", "TRANSP", "STATUS", "CLASS", "X-MICROSOFT-CDO-BUSYSTATUS"),
    }
)


def veiled(text: str, summary: str) -> str:
    """The object with nothing but its times, if any part of it is private (RFC 5545 3.8.1.3); else as it is.

    A class that nobody here knows is private, as the RFC has it. summary: what is said instead of what it is.
    Raises: InvalidCalendarData for what cannot be read.
    """
    if not MAYBE.search(SPACE.sub("", text)):  # however its lines are folded
        return text
    calendar = read_lenient(text).calendar
    parts = [one for one in calendar.components if one.name != "VTIMEZONE"]
    if not any(_is_private(one) for one in parts):
        return text
    zones = [one for one in calendar.components if one.name == "VTIMEZONE"]
    head = [line for line in calendar.properties if line.name in {"VERSION", "PRODID", "CALSCALE"}]
    return serialise(component("VCALENDAR", head, [*zones, *(_bare(one, summary) for one in parts)]))


def _is_private(part: Component) -> bool:
    return any(line.value.strip().upper() not in {"", "PUBLIC"} for line in part.all("CLASS"))


def _bare(part: Component, summary: str) -> Component:
    lines = [line for line in part.properties if line.name in WHEN]
    return component(part.name, [*lines, text_prop("SUMMARY", summary)])
