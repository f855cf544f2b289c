"""The stretch of time a question needs, and what of it is free: for one host, for all, on the grid."""

from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from gateway.booking.slots.bits import every, next_in, ones, repeat, run, union
from gateway.booking.slots.series import days_after
from gateway.booking.slots.values import Asked, BookableDays, Host, Taken
from gateway.freebusy.availability import working
from gateway.freebusy.availability.clocks import local_date, midnight, spans
from gateway.freebusy.merge import Busy
from gateway.model import FbType


@dataclass(frozen=True, slots=True)
class Frame:
    """Minutes of the epoch in [base, end); starts are looked for in [first, last).

    base: a Monday's midnight in the event's zone, at least a week before `first`, so that every free range begins
    inside or has lasted a whole week. mondays: that one and those after it, counted from base. grid: clock times on
    the grain. even: they are a grain of elapsed time apart throughout, whatever the clock does.
    """

    base: int
    end: int
    first: int
    last: int
    mondays: tuple[int, ...]
    grid: int
    even: bool

    @property
    def size(self) -> int:
        return self.end - self.base


def frame(asked: Asked, start: int, end: int) -> Frame:
    """The frame for starts in [start, end), epoch seconds."""
    rules, zone = asked.rules, asked.event_zone
    first, last = -(-start // 60), -(-end // 60)
    if isinstance(rules.window, BookableDays):
        first = min(first, -(-asked.now // 60))
    if rules.first_slot_only:
        first = min(first, midnight(local_date(first, asked.zone), asked.zone))
    monday = local_date(first, zone)
    monday = date.fromordinal(monday.toordinal() - monday.weekday() - 7)
    base = midnight(monday, zone)
    stop = max(last, first) + rules.length + rules.offset + rules.pace
    if rules.series:
        days = days_after(local_date(first, zone), local_date(max(first, last), zone), rules.series)
        stop += (days + 1) * 1440
    even = len({span.offset % rules.grain for span in spans(zone, base, stop)}) == 1
    grid = _grid(rules.grain, zone, base, stop)
    return Frame(base, stop, first, last, _mondays(monday, zone, base, stop), grid, even)


def _mondays(monday: date, zone: str, base: int, end: int) -> tuple[int, ...]:
    found: list[int] = []
    while (minute := midnight(monday, zone)) < end:
        found.append(minute - base)
        monday = date.fromordinal(monday.toordinal() + 7)
    return tuple(found)


def _grid(grain: int, zone: str, base: int, end: int) -> int:
    bits = 0
    for span in spans(zone, base, end):
        bits |= every(span.end - span.start, grain, -(span.start + span.offset) % grain) << (span.start - base)
    return bits


def blocked(taken: Taken) -> tuple[int, int]:
    """[start, end) in epoch seconds, with the booking's own buffers."""
    start = taken.start if taken.blocked_from is None else taken.blocked_from
    return start, taken.end if taken.blocked_until is None else taken.blocked_until


def blocks(asked: Asked, host: Host) -> list[Busy]:
    """Busy time, bookings and holds with their buffers, in order."""
    found = sorted(host.busy)
    if host.taken:
        found += [(*blocked(taken), FbType.BUSY) for taken in host.taken if asked.counts(taken)]
        found.sort()
    return found


def free(asked: Asked, at: Frame, host: Host) -> int:
    """Minutes of the frame that are working time and that no busy time, widened by the buffers, touches."""
    if host.unread:
        return 0
    opens, shuts = (at.base + asked.rules.after) * 60, (at.base - asked.rules.before) * 60
    return working(host.hours, at.base, at.end) & ~union(blocks(asked, host), at.size, opens, shuts)


def starts(asked: Asked, at: Frame, bits: int) -> int:
    """The starts on the grid of each maximal free range.

    A range that has lasted from one Monday's midnight to the next begins anew there, so that the grid of somebody
    who is always free does not hang on where the search began.
    """
    rules = asked.rules
    if rules.pace == rules.grain and at.even and not rules.offset:
        return run(bits, rules.length) & at.grid
    begins = bits & ~(bits << 1)
    restarts = _restarts(at, bits)
    # minutes up to which a start of the same range lies `step` minutes back
    follows = run(bits, rules.pace + rules.length) << rules.pace
    for monday in restarts:
        begins |= 1 << monday
        follows &= ~ones(monday, monday + rules.pace)
    firsts = next_in(begins, at.grid, bits)
    firsts = (firsts & run(bits, rules.offset + rules.length)) << rules.offset
    return repeat(firsts, rules.pace, follows)


def _restarts(at: Frame, bits: int) -> list[int]:
    found = []
    for before, monday in pairwise(at.mondays):
        week = ones(before, monday + 1)
        if bits & week == week:
            found.append(monday)
    return found
