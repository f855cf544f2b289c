"""The rules of slots once more: slow, minute by minute, each as one reads it."""

from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from gateway.booking.slots import Asked, Between, BookableDays, Host, Mode, Per, Rolling
from gateway.freebusy.availability import WorkingHours
from gateway.model import FbType


@lru_cache(maxsize=2_000_000)
def local(minute: int, zone: str) -> tuple[date, int]:
    at = datetime.fromtimestamp(minute * 60, ZoneInfo(zone))
    return at.date(), at.hour * 60 + at.minute


def works(hours: WorkingHours, minute: int) -> bool:
    zone = hours.zone
    for travel in reversed(hours.travel):
        if travel.first <= local(minute, travel.zone)[0] <= travel.last:
            zone = travel.zone
    day, clock = local(minute, zone)
    if any(away.first <= day <= away.last for away in hours.away):
        return False
    if any(window.start <= clock < window.until for window in windows(hours, day)):
        return True
    night_before = day - timedelta(days=1)
    if any(override.date == day for override in hours.overrides) or day in hours.holidays:
        return False
    return any(clock + 1440 < window.until for window in windows(hours, night_before))


@lru_cache(maxsize=64)
def working_minutes(hours: WorkingHours, low: int, high: int) -> frozenset[int]:
    return frozenset(minute for minute in range(low, high) if works(hours, minute))


def windows(hours: WorkingHours, day: date):
    if any(away.first <= day <= away.last for away in hours.away):
        return ()
    own = [override for override in hours.overrides if override.date == day]
    if own:
        return [window for override in own for window in override.windows]
    return () if day in hours.holidays else hours.weekly[day.weekday()]


def counts(asked: Asked, taken) -> bool:
    if taken.key in asked.without:
        return False
    if taken.expires is not None and taken.expires <= asked.now:
        return False
    return asked.rules.pending_blocks or not taken.pending


def blocks(asked: Asked, host: Host, joined=frozenset()):
    for start, end, fbtype in host.busy:
        if fbtype != FbType.FREE:
            yield start, end
    for taken in host.taken:
        if counts(asked, taken) and taken.key not in joined:
            yield (
                taken.start if taken.blocked_from is None else taken.blocked_from,
                taken.end if taken.blocked_until is None else taken.blocked_until,
            )


def free_minutes(asked: Asked, crew, low: int, high: int, joined=frozenset()) -> set[int]:
    found = set(range(low, high))
    for host in crew:
        found &= working_minutes(host.hours, low, high)
        for start, end in blocks(asked, host, joined):
            if start < end:
                first = (start - asked.rules.after * 60) // 60
                last = -((-end - asked.rules.before * 60) // 60)
                found -= set(range(max(first, low), min(last, high)))
    return found


def grid(asked: Asked, minutes: set[int]) -> set[int]:
    """Walks each free range from its start; one that lasts from Monday to Monday is cut there."""
    rules = asked.rules
    found = set()
    cuts = {minute for minute in minutes if minute - 1 not in minutes}
    whole = [
        m
        for m in sorted(minutes)
        if local(m, asked.event_zone)[1] == 0 and local(m, asked.event_zone)[0].weekday() == 0
    ]
    for before, monday in pairwise(whole):
        if all(minute in minutes for minute in range(before, monday + 1)):
            cuts.add(monday)
    for begin in cuts:
        at = begin
        while local(at, asked.event_zone)[1] % rules.grain:
            at += 1
        if any(minute not in minutes for minute in range(begin, at + 1)):
            continue
        at += rules.offset
        while all(minute in minutes for minute in range(begin, at + rules.length)):
            if any(begin < cut <= at for cut in cuts):
                break
            found.add(at)
            at += rules.pace
    return found


def period(per: Per, minute: int, zone: str):
    day = local(minute, zone)[0]
    return {Per.DAY: day, Per.WEEK: day.isocalendar()[:2], Per.MONTH: (day.year, day.month), Per.YEAR: day.year}[per]


def limits_allow(asked: Asked, crew, starts) -> bool:
    zone = asked.event_zone
    for limit in asked.rules.limits:
        for group in [[host] for host in crew] if limit.each_host else [asked.hosts]:
            own = {t.key: t for h in group for t in h.taken if t.own and t.expires is None and counts(asked, t)}
            for start in starts:
                name = period(limit.per, start, zone)
                there = [t for t in own.values() if period(limit.per, t.start // 60, zone) == name]
                more = [other for other in starts if period(limit.per, other, zone) == name]
                minutes = sum(-(-(t.end - t.start) // 60) for t in there) + len(more) * asked.rules.length
                if limit.count is not None and len(there) + len(more) > limit.count:
                    return False
                if limit.minutes is not None and minutes > limit.minutes:
                    return False
    return True


def series(asked: Asked, start: int) -> list[int]:
    """Weekly and daily series only."""
    plan = asked.rules.series
    if plan is None:
        return [start]
    zone = ZoneInfo(asked.event_zone)
    first = datetime.fromtimestamp(start * 60, zone)
    days = plan.every * (7 if plan.per is Per.WEEK else 1)
    later = [first.replace(fold=0) + timedelta(days=days * k) for k in range(1, plan.count)]
    return [start, *(int(at.timestamp()) // 60 for at in later)]


def joinable(asked: Asked, crew, start: int, low: int, high: int) -> bool:
    length = asked.rules.length
    parts = [
        {
            t.key: t
            for t in host.taken
            if t.own and counts(asked, t) and (t.start, t.end) == (start * 60, (start + length) * 60)
        }
        for host in crew
    ]
    everything = {key: taken for part in parts for key, taken in part.items()}
    if not all(parts) or sum(taken.seats for taken in everything.values()) >= asked.rules.seats:
        return False
    return set(range(start, start + length)) <= free_minutes(asked, crew, start, start + length, frozenset(everything))


def crews(asked: Asked):
    fixed = [host for host in asked.hosts if host.fixed]
    if asked.rules.mode is Mode.SINGLE:
        return [asked.hosts[:1]]
    if asked.rules.mode is Mode.COLLECTIVE or len(fixed) == len(asked.hosts):
        return [asked.hosts]
    return [[*fixed, host] for host in asked.hosts if not host.fixed]


def in_window(asked: Asked, start: int) -> bool:
    rules = asked.rules
    if start * 60 < asked.now + rules.notice * 60:
        return False
    if isinstance(rules.window, Rolling):
        last = local(asked.now // 60, asked.zone)[0]
        left = rules.window.days
        while left:
            last += timedelta(days=1)
            left -= 0 if rules.window.business and last.weekday() >= 5 else 1
        return local(start, asked.zone)[0] <= last
    if isinstance(rules.window, Between):
        return rules.window.first <= local(start, asked.event_zone)[0] <= rules.window.last
    return True


def slow_slots(asked: Asked, start: int, end: int) -> list[int]:
    rules = asked.rules
    low, high = -(-start // 60), -(-end // 60)
    from_ = min(low, asked.now // 60) - 1500 if isinstance(rules.window, BookableDays) or rules.first_slot_only else low
    base, stop = from_ - 16 * 1440, high + rules.length + rules.offset + rules.pace
    found = set()
    for crew in crews(asked):
        minutes = free_minutes(asked, crew, base, stop)
        for at in sorted(grid(asked, minutes)):
            if not from_ <= at < high or not in_window(asked, at):
                continue
            dates = series(asked, at)
            later = all(
                set(range(day, day + rules.length)) == free_minutes(asked, crew, day, day + rules.length)
                for day in dates[1:]
            )
            if later and limits_allow(asked, crew, dates):
                found.add(at)
        if rules.seats > 1:
            own = {taken.start for host in crew for taken in host.taken if taken.start % 60 == 0}
            found |= {
                s // 60
                for s in own
                if from_ <= s // 60 < high and in_window(asked, s // 60) and joinable(asked, crew, s // 60, base, stop)
            }
    ordered = sorted(found)
    if isinstance(rules.window, BookableDays):
        days = sorted({local(at, asked.zone)[0] for at in ordered})[: rules.window.days]
        ordered = [at for at in ordered if local(at, asked.zone)[0] in days]
    if rules.first_slot_only:
        ordered = [
            at
            for k, at in enumerate(ordered)
            if k == 0 or local(at, asked.zone)[0] != local(ordered[k - 1], asked.zone)[0]
        ]
    return [at * 60 for at in ordered if start <= at * 60 < end]
