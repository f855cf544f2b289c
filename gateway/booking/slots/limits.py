"""Limits by day, week, month and year: the whole period closes once another booking would be too much."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from gateway.booking.slots.bits import ones
from gateway.booking.slots.values import Asked, Host, Limit, Per, Taken
from gateway.freebusy.availability.clocks import local_date, midnight


def first_day(day: date, per: Per) -> date:
    """The date its day, week, month or year begins with."""
    if per is Per.WEEK:
        return date.fromordinal(day.toordinal() - day.weekday())
    if per is Per.MONTH:
        return day.replace(day=1)
    return day.replace(month=1, day=1) if per is Per.YEAR else day


def next_first_day(first: date, per: Per) -> date:
    """The date the period after the one that begins with `first` begins with."""
    length = {Per.DAY: 1, Per.WEEK: 7, Per.MONTH: 31, Per.YEAR: 366}[per]
    return first_day(date.fromordinal(first.toordinal() + length), per)


@dataclass(frozen=True, slots=True)
class Tally:
    """One limit with what counts towards it: bookings and minutes by the first date of their period."""

    limit: Limit
    zone: str
    length: int
    counts: Counter[date] = field(default_factory=Counter)
    minutes: Counter[date] = field(default_factory=Counter)

    def room(self, first: date, more: int) -> bool:
        """Whether `more` further bookings fit into the period."""
        limit = self.limit
        if limit.count is not None and self.counts[first] + more > limit.count:
            return False
        return limit.minutes is None or self.minutes[first] + more * self.length <= limit.minutes

    def period(self, minute: int) -> date:
        return first_day(local_date(minute, self.zone), self.limit.per)

    def allows(self, starts: Iterable[int]) -> bool:
        """Whether all of these (minutes of the epoch) can be booked together."""
        wanted = Counter(self.period(start) for start in starts)
        return all(self.room(first, more) for first, more in wanted.items())

    def closed(self, base: int, end: int) -> int:
        """Minutes in [base, end) with which no further booking may begin, counted from base."""
        if not self.room(date.min, 1):
            return ones(0, end - base)
        bits = 0
        for first in self.counts:
            if not self.room(first, 1):
                after = next_first_day(first, self.limit.per)
                bits |= ones(midnight(first, self.zone) - base, min(midnight(after, self.zone), end) - base)
        return bits


def _tally(asked: Asked, limit: Limit, bookings: Iterable[Taken]) -> Tally:
    tally = Tally(limit, asked.event_zone, asked.rules.length)
    for taken in bookings:
        first = tally.period(taken.start // 60)
        tally.counts[first] += 1
        tally.minutes[first] += -(-(taken.end - taken.start) // 60)
    return tally


def tallies(asked: Asked, hosts: Sequence[Host], *, each_host: bool) -> list[Tally]:
    """The limits of the event (each_host false; all hosts given), or those of one host (true; that host given)."""
    limits = [limit for limit in asked.rules.limits if limit.each_host is each_host]
    return [_tally(asked, limit, asked.booked(hosts)) for limit in limits]
