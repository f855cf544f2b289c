"""What the store keeps of an object beside its text, worked out once when it comes in."""

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import tzinfo
from typing import Final, NamedTuple

from gateway.errors import InvalidCalendarData, TooManyInstances
from gateway.ical.blocks import mark_of
from gateway.ical.busy import address_of, fbtype, fbtype_of_token
from gateway.ical.objects import ParsedObject, etag_of
from gateway.ical.recurrence import MAX_TIME, MIN_TIME, Instance, Series
from gateway.ical.rules import STEPS, Steps
from gateway.ical.text import Component
from gateway.ical.times import Reading
from gateway.ical.value import Duration, parse_period
from gateway.model import FbType

COMPLETE: Final = 1_000
"""Most occurrences that are all kept; of a longer series only those of the asked window."""
MOST: Final = 10_000
"""Most occurrences kept of one object; the window is cut where more would fall into it."""
LEAST_SECONDS: Final = 366 * 86_400
"""A series too dense to fill this much time with MOST occurrences is refused."""


Window = tuple[int | None, int | None]


class Occurrence(NamedTuple):
    """One instance as time-range queries and busy time see it.

    start, end: the half-open range that stands for it in the tests of RFC 4791 9.9: for an event its own time (start
    == end where it has no length), for tasks and journal entries as their table has it; undated tasks reach from
    MIN_TIME to MAX_TIME.
    """

    start: int
    end: int
    fbtype: int
    rid: str
    component: int
    local: bool


@dataclass(frozen=True, slots=True)
class Indexed:
    """first, last: over all occurrences; last is None without an end.

    covered_from, covered_until: None, None where the occurrences are all there are; else the window they were cut to.
    local: some occurrence depends on the owner's zone.
    mirror: the mark of the mirror that made it, "" for what is no busy block; a block occurs at no time, as its time is
    that of events elsewhere.
    scheduled: it has an organizer, and somebody besides is invited; the owner is one or the other (RFC 6638 3.1).
    organizer, attendees: addresses, lower-case without mailto:; calendar_name: X-GATEWAY-CALENDAR; "" where there
    is none.
    """

    uid: str
    kind: str
    summary: str
    etag: str
    first: int
    last: int | None
    covered_from: int | None
    covered_until: int | None
    local: bool
    organizer: str
    attendees: tuple[str, ...]
    calendar_name: str
    occurrences: tuple[Occurrence, ...]
    mirror: str = ""
    scheduled: bool = False


@dataclass(slots=True)
class People:
    summary: str = ""
    organizer: str = ""
    calendar_name: str = ""


def index(obj: ParsedObject, text: str, addresses: Collection[str], zone: tzinfo, start: int, end: int) -> Indexed:
    """The rows of an object.

    text: the object as it is stored; its etag is made of it.
    addresses: the owner's, lower-case without mailto:. zone: the owner's.
    start, end: the window that long series are cut to.
    Raises: TooManyInstances.
    """
    series = Series(obj, zone)
    covered: Window = (None, None)
    mirror = mark_of(obj)
    rows: list[Occurrence] = []
    if obj.kind == "VFREEBUSY":
        rows = _freebusy_rows(obj, zone)
    elif not mirror:
        rows, covered = _rows(obj, series, addresses, start, end)
    first, last = _span(series, rows, covered)
    texts, attendees = _people(obj)
    return Indexed(
        uid=obj.uid,
        kind=obj.kind,
        summary=texts.summary,
        etag=etag_of(text),
        first=first,
        last=last,
        covered_from=covered[0],
        covered_until=covered[1],
        local=any(row.local for row in rows),
        organizer=texts.organizer,
        attendees=attendees,
        calendar_name=texts.calendar_name,
        occurrences=tuple(rows),
        mirror=mirror,
        scheduled=bool(texts.organizer) and _scheduled(texts.organizer, attendees, addresses),
    )


def _scheduled(organizer: str, attendees: Collection[str], addresses: Collection[str]) -> bool:
    mine = [one for one in attendees if one in addresses]
    return len(mine) < len(attendees) if organizer in addresses else bool(mine)


def _span(series: Series, rows: list[Occurrence], covered: Window) -> tuple[int, int | None]:
    if rows and covered == (None, None):
        return min(row.start for row in rows), max(row.end for row in rows)
    return series.span()


def _rows(
    obj: ParsedObject, series: Series, addresses: Collection[str], start: int, end: int
) -> tuple[list[Occurrence], Window]:
    found = _complete(series)
    covered: Window = (None, None)
    if found is None:
        series.steps = Steps(STEPS)
        found, until = series.first_of(start, end, MOST)
        if until < end and (not found or until - found[0][0].start < LEAST_SECONDS):
            raise TooManyInstances(f"more than {MOST} instances in less than a year")
        covered = (start, until)
    types = [int(fbtype(component, addresses)) for component in obj.components]
    return [
        Occurrence(begin, finish, types[one.component] if one.start < one.end else 0, one.rid, one.component, one.local)
        for one, (begin, finish) in found
    ], covered


def _complete(series: Series) -> list[tuple[Instance, tuple[int, int]]] | None:
    """All instances, or None if there are too many to keep."""
    if series.endless:
        return None
    series.steps = Steps(2 * COMPLETE)
    try:
        found, until = series.first_of(MIN_TIME, MAX_TIME, COMPLETE)
    except TooManyInstances:
        return None
    return found if until == MAX_TIME else None


def _freebusy_rows(obj: ParsedObject, zone: tzinfo) -> list[Occurrence]:
    """The periods of published busy time; and the time it speaks of, which is busy only where they say so."""
    reading = Reading(obj.zones, zone)
    rows = []
    for number, component in enumerate(obj.components):
        marks = [line for name in ("DTSTART", "DTEND") if (line := component.first(name)) is not None]
        if len(marks) == 2:
            with suppress(InvalidCalendarData):
                begin, until = (reading.moment(line).epoch for line in marks)
                rows.append(Occurrence(begin, max(begin, until + 1), int(FbType.FREE), "", number, local=False))
        for line in component.all("FREEBUSY"):
            kind = int(fbtype_of_token(line.param("FBTYPE") or "BUSY"))
            for value in line.value.split(","):
                try:
                    end = parse_period(value)[1]
                    begin = reading.value(line, value.partition("/")[0]).epoch
                    length = end.days * 86_400 + end.seconds if isinstance(end, Duration) else None
                    until = reading.value(line, value.partition("/")[2]).epoch if length is None else begin + length
                except InvalidCalendarData:
                    continue
                rows.append(Occurrence(begin, max(begin, until), kind, "", number, local=False))
    return sorted(rows)


def _people(obj: ParsedObject) -> tuple[People, tuple[str, ...]]:
    """Of the first component that has each; attendees of all of them."""
    texts = People()
    attendees: dict[str, None] = {}
    for component in obj.components:
        _read(component, texts, attendees)
    return texts, tuple(attendees)


def _read(component: Component, texts: People, attendees: dict[str, None]) -> None:
    for line in component.properties:
        if line.name == "ATTENDEE":
            attendees[address_of(line.value)] = None
        elif line.name == "SUMMARY":
            texts.summary = texts.summary or line.text
        elif line.name == "ORGANIZER":
            texts.organizer = texts.organizer or address_of(line.value)
        elif line.name == "X-GATEWAY-CALENDAR":
            texts.calendar_name = texts.calendar_name or line.text


__all__ = ["MAX_TIME", "MIN_TIME", "FbType", "Indexed", "Occurrence", "index"]
