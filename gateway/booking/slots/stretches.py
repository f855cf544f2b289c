"""A whole day explained: every minute is a start that is offered, or has its reasons."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from gateway.booking.slots.frame import blocked
from gateway.booking.slots.reasons import Cause, Reason, closing
from gateway.booking.slots.search import slots
from gateway.booking.slots.values import Asked, Host
from gateway.freebusy.availability import runs, working
from gateway.freebusy.availability.clocks import local_date, midnight, spans


@dataclass(frozen=True, slots=True)
class Stretch:
    """Starts in [start, end), epoch seconds in whole minutes, that have the same reasons; (): they are offered."""

    start: int
    end: int
    reasons: tuple[Reason, ...]


def stretches(asked: Asked, start: int, end: int) -> list[Stretch]:
    """[start, end) without a gap; for each whole minute the reasons are those of `why`.

    The hosts' busy and taken time must be known for all of `reach(asked, start, end)`.
    """
    first, last = -(-start // 60), -(-end // 60)
    edges = sorted(edge for edge in {first, *_edges(asked, first, last)} if first <= edge < last)
    known = [closing(asked, edge * 60) for edge in edges]
    rest = _Rest(asked, start, end)
    found: list[Stretch] = []
    for minute in range(first, last):
        reasons = rest.of(minute * 60, known[bisect_right(edges, minute) - 1])
        if found and found[-1].reasons == reasons:
            found[-1] = replace(found[-1], end=minute * 60 + 60)
        else:
            found.append(Stretch(minute * 60, minute * 60 + 60, reasons))
    return found


class _Rest:
    """What hangs on the other starts that are offered."""

    def __init__(self, asked: Asked, start: int, end: int) -> None:
        every = replace(asked, rules=replace(asked.rules, first_slot_only=False))
        unbounded = replace(every, rules=replace(every.rules, window=None))
        self._offered, self._each_day, self._ever = (
            frozenset(slots(one, start, end)) for one in (asked, every, unbounded)
        )

    def of(self, start: int, known: tuple[Reason, ...]) -> tuple[Reason, ...]:
        if start in self._offered:
            return ()
        if known:
            return known
        if start in self._each_day:
            return (Reason(Cause.FIRST_ONLY),)
        return (Reason(Cause.WINDOW if start in self._ever else Cause.GRID),)


def _edges(asked: Asked, first: int, last: int) -> Iterator[int]:
    """Minutes at which what `closing` says may change."""
    if asked.rules.series:  # what closes its later dates moves with the clocks
        yield from range(first, last)
        return
    now, notice = asked.now, asked.rules.notice
    yield from (-(-now // 60), -(-now // 60) + notice)
    yield from _midnights(asked.event_zone, first, last)
    yield from _midnights(asked.zone, first, last)
    for host in asked.hosts:
        yield from _of_hours(asked, host, first, last)
        for low, high, _ in host.busy:
            yield from _of_span(asked, low, high)
        for taken in host.taken:
            yield from _of_span(asked, *blocked(taken))
            yield from _of_span(asked, taken.start, taken.end)
            yield from (taken.start // 60, taken.start // 60 + 1)


def _of_hours(asked: Asked, host: Host, first: int, last: int) -> Iterator[int]:
    """Where a booking of that length begins or ends to fit, or touches another date."""
    length = asked.rules.length
    turns = [edge for run in runs(working(host.hours, first, last + length), first) for edge in run]
    for zone in {host.hours.zone, *(one.zone for one in host.hours.travel)}:
        turns += _midnights(zone, first, last + length)
    for turn in turns:
        yield from (turn, turn - length, turn - length + 1)


def _of_span(asked: Asked, low: int, high: int) -> Iterator[int]:
    """Where a booking, with its buffers and without, begins or ends to touch [low, high), epoch seconds."""
    rules = asked.rules
    yield from (low // 60 - rules.length + 1, low // 60 - rules.length - rules.after + 1)
    yield from (-(-high // 60), -(-high // 60) + rules.before)


def _midnights(zone: str, first: int, last: int) -> Iterator[int]:
    """With the minutes at which the clock is put forward or back."""
    yield from (span.start for span in spans(zone, first, last))
    day = local_date(first, zone)
    while (minute := midnight(day, zone)) < last:
        yield minute
        day = date.fromordinal(day.toordinal() + 1)
