"""Why a time cannot be booked."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from zoneinfo import ZoneInfo

from gateway.booking.slots import series
from gateway.booking.slots.frame import blocked
from gateway.booking.slots.limits import tallies
from gateway.booking.slots.search import available, crews, is_bookable, partly_filled, rolling_end
from gateway.booking.slots.values import Asked, Between, Host, Limit, Mode, Rolling, Taken
from gateway.freebusy.availability import working
from gateway.freebusy.availability.clocks import local_date, midnight
from gateway.freebusy.availability.minutes import is_away, is_holiday
from gateway.model import FbType


class Cause(StrEnum):
    PAST = "past"
    NOTICE = "notice"
    WINDOW = "window"
    LIMIT = "limit"
    HOURS = "hours"
    AWAY = "away"
    HOLIDAY = "holiday"
    BUSY = "busy"
    BUFFER = "buffer"
    BOOKED = "booked"
    PENDING = "pending"
    HELD = "held"
    FULL = "full"
    SERIES = "series"
    FIRST_ONLY = "first_only"
    GRID = "grid"
    NOBODY = "nobody"
    STALE = "stale"  # a host's calendars have not been read for too long


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that closes a time.

    host: whom it concerns, "": everybody. start, end: of what stands in the way, epoch seconds; 0, 0 where there is
    no such time. fbtype: of busy time. limit: the one that is reached.
    """

    cause: Cause
    host: str = ""
    start: int = 0
    end: int = 0
    fbtype: FbType = FbType.FREE
    limit: Limit | None = None


def why(asked: Asked, start: int) -> tuple[Reason, ...]:
    """Everything that closes `start` (epoch seconds), what concerns all first; () if it can be booked.

    In a round robin the rotating hosts are spoken of only if none of them is able.
    """
    if is_bookable(asked, start):
        return ()
    if start % 60:
        return (Reason(Cause.GRID if asked.hosts else Cause.NOBODY),)
    return closing(asked, start) or (_rest(asked, start),)


def closing(asked: Asked, start: int) -> tuple[Reason, ...]:
    """What closes a whole minute by itself: all but what hangs on the other starts that are offered."""
    if not asked.hosts:
        return (Reason(Cause.NOBODY),)
    return (*_event(asked, start), *_hosts(asked, start))


def _event(asked: Asked, start: int) -> Iterator[Reason]:
    rules = asked.rules
    if start < asked.now:
        yield Reason(Cause.PAST)
    elif start < asked.now + rules.notice * 60:
        yield Reason(Cause.NOTICE, start=asked.now, end=asked.now + rules.notice * 60)
    if isinstance(rules.window, Rolling):
        after = midnight(rolling_end(local_date(asked.now // 60, asked.zone), rules.window), asked.zone) * 60
        if start >= after:
            yield Reason(Cause.WINDOW, end=after)
    elif isinstance(rules.window, Between):
        day = local_date(start // 60, asked.event_zone)
        if not rules.window.first <= day <= rules.window.last:
            yield Reason(Cause.WINDOW)
    for tally in tallies(asked, asked.hosts, each_host=False):
        if not tally.allows([start // 60]):
            yield Reason(Cause.LIMIT, limit=tally.limit)


def _hosts(asked: Asked, start: int) -> Iterator[Reason]:
    rotating = asked.rules.mode is Mode.ROUND_ROBIN and available(asked, start)
    group = [host for crew in crews(asked) for host in crew]
    for host in dict.fromkeys(group):
        if rotating and not host.fixed:
            continue
        yield from _host(asked, host, start)


def _host(asked: Asked, host: Host, start: int) -> Iterator[Reason]:
    end = start + asked.rules.length * 60
    minute, length = start // 60, asked.rules.length
    if host.unread:
        yield Reason(Cause.STALE, host.name)
    if working(host.hours, minute, minute + length) != (1 << length) - 1:
        yield Reason(_outside(host, minute, length), host.name)
    yield from _busy(asked, host, start, end)
    yield from _taken(asked, host, start, end)
    for tally in tallies(asked, [host], each_host=True):
        if not tally.allows([minute]):
            yield Reason(Cause.LIMIT, host.name, limit=tally.limit)
    if asked.rules.series:
        yield from _series(asked, host, minute)


def _outside(host: Host, minute: int, length: int) -> Cause:
    ends = (minute, minute + length - 1)
    if any(is_away(host.hours, end) for end in ends):
        return Cause.AWAY
    return Cause.HOLIDAY if any(is_holiday(host.hours, end) for end in ends) else Cause.HOURS


def _touches(asked: Asked, block: tuple[int, int], start: int, end: int) -> bool:
    """Whether it overlaps [start - before, end + after)."""
    rules = asked.rules
    return block[0] < block[1] and block[0] < end + rules.after * 60 and start - rules.before * 60 < block[1]


def _busy(asked: Asked, host: Host, start: int, end: int) -> Iterator[Reason]:
    for first, last, fbtype in sorted(host.busy):
        if fbtype != FbType.FREE and _touches(asked, (first, last), start, end):
            cause = Cause.BUSY if first < end and start < last else Cause.BUFFER
            yield Reason(cause, host.name, first, last, FbType(fbtype))


def _taken(asked: Asked, host: Host, start: int, end: int) -> Iterator[Reason]:
    joined: frozenset[str] = frozenset()
    if asked.rules.seats > 1:
        joined = joined.union(*(partly_filled(asked, crew).get(start, ()) for crew in crews(asked) if host in crew))
    for taken in sorted(host.taken, key=lambda taken: taken.start):
        if asked.counts(taken) and taken.key not in joined and _touches(asked, blocked(taken), start, end):
            yield Reason(_kind(asked, taken, start, end), host.name, taken.start, taken.end)


def _kind(asked: Asked, taken: Taken, start: int, end: int) -> Cause:
    if not (taken.start < end and start < taken.end):
        return Cause.BUFFER
    if taken.expires is not None:
        return Cause.HELD
    if taken.own and asked.rules.seats > 1 and taken.start == start:
        return Cause.FULL
    return Cause.PENDING if taken.pending else Cause.BOOKED


def _series(asked: Asked, host: Host, minute: int) -> Iterator[Reason]:
    plan = asked.rules.series
    if plan is None:
        return
    days = series.starts(minute, plan, ZoneInfo(asked.event_zone))
    alone = replace(asked, rules=replace(asked.rules, series=None, limits=()))
    for day in days[1:]:
        if any(_host(alone, host, day * 60)):
            yield Reason(Cause.SERIES, host.name, day * 60, (day + asked.rules.length) * 60)
    for tally in (*tallies(asked, asked.hosts, each_host=False), *tallies(asked, [host], each_host=True)):
        if tally.allows(days[:1]) and not tally.allows(days):
            yield Reason(Cause.SERIES, host.name, limit=tally.limit)


def _rest(asked: Asked, start: int) -> Reason:
    """What is left once nothing else closes the time."""
    rules = replace(asked.rules, first_slot_only=False)
    if is_bookable(replace(asked, rules=rules), start):
        return Reason(Cause.FIRST_ONLY)
    if is_bookable(replace(asked, rules=replace(rules, window=None)), start):
        return Reason(Cause.WINDOW)
    return Reason(Cause.GRID)
