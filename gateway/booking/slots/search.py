"""Which starts are bookable, and who could take them."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import chain
from zoneinfo import ZoneInfo

from gateway.booking.slots import series
from gateway.booking.slots.bits import ones, run
from gateway.booking.slots.frame import Frame, frame, free, starts
from gateway.booking.slots.limits import first_day, next_first_day, tallies
from gateway.booking.slots.values import Asked, Between, BookableDays, Host, Mode, Rolling, Taken
from gateway.freebusy.availability import runs
from gateway.freebusy.availability.clocks import local_date, midnight


def slots(asked: Asked, start: int, end: int) -> list[int]:
    """The bookable starts in [start, end), epoch seconds, in order.

    The hosts' busy and taken time must be known for all of `reach(asked, start, end)`.
    """
    if not asked.hosts or start >= end:
        return []
    at = frame(asked, start, end)
    found: Iterable[int] = _minutes(offered(asked, at), at.base)
    window = asked.rules.window
    if isinstance(window, BookableDays):
        found = _next_days(found, asked.zone, window.days)
    if asked.rules.first_slot_only:
        found = _first_of_days(found, asked.zone)
    return [minute * 60 for minute in found if start <= minute * 60 < end]


def is_bookable(asked: Asked, start: int) -> bool:
    """Whether a booking may begin at that very second."""
    return slots(asked, start, start + 1) == [start]


def available(asked: Asked, start: int) -> list[str]:
    """Names of the hosts one of whom is to be chosen for a round robin booking at `start`, in listed order.

    Other modes: all hosts, if all can. [] if nobody can. Says nothing of the grid, the notice or the window.
    """
    if not asked.hosts or start % 60:
        return []
    at = frame(asked, start, start + 1)
    bit = start // 60 - at.base
    able = [crew for crew in crews(asked) if (_fits(asked, at, crew) | _joins(asked, at, crew)) >> bit & 1]
    if asked.rules.mode is Mode.ROUND_ROBIN:
        return [crew[-1].name for crew in able if not crew[-1].fixed]
    return [host.name for crew in able for host in crew]


def reach(asked: Asked, start: int, end: int) -> tuple[int, int]:
    """The time, epoch seconds, over which the hosts' busy and taken time bears on starts in [start, end)."""
    at = frame(asked, start, end)
    rules, zone = asked.rules, asked.event_zone
    low, high = at.base - rules.after, at.end + rules.before
    for limit in rules.limits:
        low = min(low, midnight(first_day(local_date(at.first, zone), limit.per), zone))
        high = max(high, midnight(next_first_day(first_day(local_date(at.end, zone), limit.per), limit.per), zone))
    return low * 60, high * 60


def crews(asked: Asked) -> list[tuple[Host, ...]]:
    """The groups of hosts any one of which makes a booking; in a round robin the rotating host comes last.

    A round robin in which nobody rotates asks for all its fixed hosts.
    """
    if asked.rules.mode is Mode.SINGLE:
        return [asked.hosts[:1]]
    fixed = tuple(host for host in asked.hosts if host.fixed)
    if asked.rules.mode is Mode.COLLECTIVE or len(fixed) == len(asked.hosts):
        return [asked.hosts]
    return [(*fixed, host) for host in asked.hosts if not host.fixed]


def offered(asked: Asked, at: Frame) -> int:
    """Starts in the frame's [first, last) by every rule but the number of bookable days and first_slot_only."""
    inside = _inside(asked, at)
    open_ = inside
    for tally in tallies(asked, asked.hosts, each_host=False):
        open_ &= ~tally.closed(at.base, at.end)
    bits = 0
    known: dict[str, int] = {}
    for crew in crews(asked):
        common = _common(asked, at, crew, known)
        wanted = starts(asked, at, common) & open_ & ~_closed(asked, at, crew)
        if asked.rules.series:
            wanted = _whole_series(asked, at, crew, wanted, common)
        bits |= wanted
        bits |= _joins(asked, at, crew) & inside
    return bits


def _common(asked: Asked, at: Frame, crew: Sequence[Host], known: dict[str, int]) -> int:
    """Minutes at which the whole crew is free. known: what was found for fixed hosts, who are in every crew."""
    bits = -1
    for host in crew:
        if host.fixed and host.name in known:
            bits &= known[host.name]
            continue
        minutes = free(asked, at, host)
        if host.fixed:
            known[host.name] = minutes
        bits &= minutes
        if not bits:
            break
    return bits


def _fits(asked: Asked, at: Frame, crew: Sequence[Host]) -> int:
    """Starts at which the crew could take a booking, on the grid or not."""
    common = _common(asked, at, crew, {})
    wanted = run(common, asked.rules.length) & ones(at.first - at.base, at.last - at.base)
    wanted &= ~_closed(asked, at, crew)
    return _whole_series(asked, at, crew, wanted, common) if asked.rules.series else wanted


def _inside(asked: Asked, at: Frame) -> int:
    """Minutes of [first, last) that notice and window leave."""
    low = max(at.first, -(-asked.now // 60) + asked.rules.notice)
    high = at.last
    window = asked.rules.window
    if isinstance(window, Rolling):
        high = min(high, midnight(rolling_end(local_date(asked.now // 60, asked.zone), window), asked.zone))
    elif isinstance(window, Between):
        zone = asked.event_zone
        low = max(low, midnight(window.first, zone))
        high = min(high, midnight(date.fromordinal(window.last.toordinal() + 1), zone))
    return ones(low - at.base, high - at.base)


def rolling_end(today: date, window: Rolling) -> date:
    """The first date that is not offered any more."""
    day = today.toordinal()
    left = window.days
    while left > 0:
        day += 1
        if not window.business or date.fromordinal(day).weekday() < 5:
            left -= 1
    return date.fromordinal(day + 1)


def _closed(asked: Asked, at: Frame, crew: Sequence[Host]) -> int:
    """Minutes at which a host of the crew has reached a limit of their own."""
    bits = 0
    for host in crew:
        for tally in tallies(asked, [host], each_host=True):
            bits |= tally.closed(at.base, at.end)
    return bits


def _whole_series(asked: Asked, at: Frame, crew: Sequence[Host], wanted: int, common: int) -> int:
    """Those starts of which every date of the series is free and within the limits."""
    plan = asked.rules.series
    if plan is None:
        return wanted
    zone = ZoneInfo(asked.event_zone)
    limits = tallies(asked, asked.hosts, each_host=False)
    limits += chain.from_iterable(tallies(asked, [host], each_host=True) for host in crew)
    fits = run(common, asked.rules.length).to_bytes(at.size // 8 + 1, "little")
    bits = 0
    for minute in _minutes(wanted, at.base):
        days = series.starts(minute, plan, zone)
        places = (day - at.base for day in days)
        if all(fits[place >> 3] >> (place & 7) & 1 for place in places) and all(t.allows(days) for t in limits):
            bits |= 1 << (minute - at.base)
    return bits


def partly_filled(asked: Asked, crew: Sequence[Host]) -> dict[int, frozenset[str]]:
    """Starts (epoch seconds) of bookings of the event type that have seats left, with the keys that share them.

    Only bookings that every host of the crew has a part in, and of the length that is asked for.
    """
    shares: dict[int, dict[str, Taken]] = {}
    hosts: dict[int, set[str]] = {}
    for host in crew:
        for taken in host.taken:
            if taken.own and asked.counts(taken) and taken.end - taken.start == asked.rules.length * 60:
                shares.setdefault(taken.start, {})[taken.key] = taken
                hosts.setdefault(taken.start, set()).add(host.name)
    return {
        start: frozenset(share)
        for start, share in shares.items()
        if sum(taken.seats for taken in share.values()) < asked.rules.seats and len(hosts[start]) == len(crew)
    }


def _joins(asked: Asked, at: Frame, crew: Sequence[Host]) -> int:
    """Starts of bookings with seats left, where the crew is free but for that booking.

    Off the grid too; limits do not close them, as another seat is no further booking.
    """
    if asked.rules.seats == 1:
        return 0
    bits = 0
    for start, keys in partly_filled(asked, crew).items():
        place = start // 60 - at.base
        if start % 60 or not at.first <= start // 60 < at.last:
            continue
        alone = Asked(asked.rules, asked.hosts, asked.now, asked.zone, asked.without | keys)
        common = _common(alone, at, crew, {})
        bits |= (run(common, asked.rules.length) >> place & 1) << place
    return bits


def _minutes(bits: int, base: int) -> Iterator[int]:
    for first, last in runs(bits, base):
        yield from range(first, last)


def _next_days(minutes: Iterable[int], zone: str, days: int) -> list[int]:
    """Those on the first so many dates that have any."""
    found: list[int] = []
    seen: set[date] = set()
    for minute in minutes:
        seen.add(local_date(minute, zone))
        if len(seen) > days:
            break
        found.append(minute)
    return found


def _first_of_days(minutes: Iterable[int], zone: str) -> list[int]:
    firsts: dict[date, int] = {}
    for minute in minutes:
        firsts.setdefault(local_date(minute, zone), minute)
    return list(firsts.values())
