"""What a calendar holds of a booking, whoever wrote it there."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from gateway.errors import GatewayError
from gateway.ical.objects import ParsedObject, read_lenient
from gateway.ical.recurrence import MAX_TIME, MIN_TIME, Instance, instances
from gateway.ical.text import Component
from gateway.scheduling import itip

HIGHEST: Final = 1 << 30
"""A SEQUENCE above that is nobody's count of changes."""


@dataclass(frozen=True, slots=True)
class Seen:
    """time: (start, end) in epoch seconds, None: no single one, as it is all-day, repeats or cannot be read.

    cancelled: it is there as one that was called off. replies: PARTSTAT by address, lower case.
    """

    time: tuple[int, int] | None
    cancelled: bool
    place: str
    sequence: int
    replies: Mapping[str, str]


def seen(text: str, zone: str) -> Seen | None:
    """zone: of the calendar's owner, for times without one. None where the text is no event."""
    try:
        return seen_in(read_lenient(text), zone)
    except GatewayError:
        return None


def seen_in(obj: ParsedObject, zone: str) -> Seen | None:
    one = obj.components[0]
    if one.name != "VEVENT":
        return None
    return Seen(
        time=_time(obj, zone),
        cancelled=one.text("STATUS").strip().upper() == "CANCELLED",
        place=one_space(one.text("LOCATION")),
        sequence=max(map(_sequence, obj.components)),
        replies={itip.address(line): (line.param("PARTSTAT") or "").upper() for line in one.all("ATTENDEE")},
    )


def proposed(obj: ParsedObject, zone: str) -> tuple[int, int] | None:
    """(start, end) in epoch seconds of an event that takes place once, or of one date of a series; None: of neither."""
    repeats = any(obj.components[0].first(name) is not None for name in ("RRULE", "RDATE"))
    found = None if repeats else _once(obj, zone)
    return None if found is None else (found.start, found.end)


def one_space(text: str) -> str:
    """For comparing: providers break lines anew."""
    return " ".join(text.split())


def _time(obj: ParsedObject, zone: str) -> tuple[int, int] | None:
    found = _once(obj, zone)
    return None if found is None or found.rid else (found.start, found.end)


def _once(obj: ParsedObject, zone: str) -> Instance | None:
    start = obj.components[0].first("DTSTART")
    if len(obj.components) != 1 or start is None or "T" not in start.value.upper():
        return None
    try:
        found = instances(obj, MIN_TIME, MAX_TIME, ZoneInfo(zone), 2)
    except GatewayError:
        return None
    return found[0] if len(found) == 1 and found[0].start < found[0].end else None


def _sequence(one: Component) -> int:
    given = one.text("SEQUENCE").strip()
    return min(int(given), HIGHEST) if given.isdecimal() and len(given) < 12 else 0
