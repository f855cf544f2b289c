"""Starts of a recurrence rule in naive local time, never looking further than the asked window.

The rules of plain arithmetic are answered by `plain`; the others by dateutil, whose search has no bound of its
own: it is set to begin just before the window and stopped just after it.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import groupby, product
from typing import Literal

from dateutil import rrule as dateutil

from gateway.errors import TooManyInstances
from gateway.ical.rules.plain import FAR, plain_starts
from gateway.ical.rules.rule import Numbers, Rule
from gateway.ical.rules.steps import Steps

FREQ: Mapping[str, Literal[0, 1, 2, 3]] = {
    "YEARLY": dateutil.YEARLY,
    "MONTHLY": dateutil.MONTHLY,
    "WEEKLY": dateutil.WEEKLY,
    "DAILY": dateutil.DAILY,
}
PERIODS = {"HOURLY": 3600, "MINUTELY": 60, "SECONDLY": 1}
TWO_YEARS = 800
"""More days than a rule can look at before and after its window within the years the window begins and ends in."""


def rule_starts(
    rule: Rule, start: datetime, lo: datetime, hi: datetime, until: datetime | None, steps: Steps
) -> Iterator[datetime]:
    """Starts that match the rule in [lo, hi], in order; `start` itself only if it matches.

    All times naive and of one zone. until: the rule's UNTIL in that zone's clock, included.
    Raises: TooManyInstances when the budget is spent.
    """
    end = hi if until is None or hi < until else until
    if end < start:
        return iter(())
    found = plain_starts(rule, start, lo, end, steps)
    if found is not None:
        return found
    if rule.freq in PERIODS:
        return _counted(rule, _by_clock(rule, start, lo, end, steps), start, lo, end, steps)
    return _counted(rule, _by_date(rule, start, lo, end, steps), start, lo, end, steps)


def _counted(
    rule: Rule, found: Iterable[datetime], start: datetime, lo: datetime, end: datetime, steps: Steps
) -> Iterator[datetime]:
    """Of ordered starts those from `start` on, COUNT of them at most, in [lo, end]."""
    left = -1 if rule.count is None else rule.count
    for when in found:
        if when > end or not left:
            return
        if when >= start:
            steps.take()
            left -= 1
            if when >= lo:
                yield when


class _Passed(Exception):
    """The search has left the window behind without a match."""


class _Watched(tuple[int, ...]):
    """Numbers that count how often dateutil asks whether a day is among them: once for every day it looks at."""

    left: int

    def __contains__(self, number: object) -> bool:
        self.left -= 1
        if self.left < 0:
            raise _Passed
        return tuple.__contains__(self, number)


class _Watching(dateutil.rrule):
    """dateutil's rule that raises _Passed after looking at so many days."""

    _bymonth: Collection[int] | None
    _byweekday: Collection[int] | None

    def __init__(self, rule: Rule, start: datetime, days: int) -> None:
        super().__init__(
            FREQ[rule.freq],
            dtstart=start,
            interval=min(rule.interval, FAR),
            wkst=rule.week_start,
            bysetpos=rule.by_set_pos or None,
            bymonth=rule.by_month or None,
            bymonthday=rule.by_month_day or None,
            byyearday=rule.by_year_day or None,
            byweekno=rule.by_week_no or None,
            byweekday=[dateutil.weekday(day, number or None) for number, day in rule.by_day] or None,
            byhour=rule.by_hour or None,
            byminute=rule.by_minute or None,
            bysecond=sorted({min(second, 59) for second in rule.by_second}) or None,
        )
        of_the_year = rule.freq == "YEARLY" and not rule.by_month and any(number for number, _ in rule.by_day)
        if of_the_year:  # dateutil would take months for the ranges that numbered weekdays are counted in
            plain_days = {day for number, day in rule.by_day if not number}
            self.watched = self._byweekday = _Watched(plain_days or range(7))
        else:
            self.watched = self._bymonth = _Watched(rule.by_month or self._bymonth or range(1, 13))
        self.watched.left = days


def _by_date(rule: Rule, start: datetime, lo: datetime, end: datetime, steps: Steps) -> Iterator[datetime]:
    """Starts by dateutil, from the period `lo` is in (from the very first one where COUNT has to be counted)."""
    full = _possible(_filled(rule, start))
    if rule.by_day and not full.by_day:
        return
    begin = start if rule.count is not None or lo <= start else max(start, _jump(full, start, lo))
    days = (end - begin).days + TWO_YEARS
    allowed = min(days, max(steps.left, 0))
    found = _Watching(full, begin, allowed)
    try:
        yield from found
    except ValueError:  # dateutil has walked past the year 9999
        return
    except _Passed:
        if allowed < days:
            raise TooManyInstances("a recurrence rule takes too long to follow") from None
    finally:
        steps.left -= (allowed - found.watched.left) // 4


def _possible(rule: Rule) -> Rule:
    """Without weekdays that no month has so many of: dateutil fails when it looks for them at the end of a year."""
    if rule.freq == "MONTHLY" or rule.by_month:
        return replace(rule, by_day=tuple(day for day in rule.by_day if abs(day[0]) <= 5))
    return rule


def _filled(rule: Rule, start: datetime) -> Rule:
    """The rule with the parts that RFC 5545 takes from its start written out."""
    if rule.by_day or rule.by_month_day or rule.by_year_day or rule.by_week_no:
        return rule
    if rule.freq == "WEEKLY":
        return replace(rule, by_day=((0, start.weekday()),))
    if rule.freq == "MONTHLY":
        return replace(rule, by_month_day=(start.day,))
    if rule.freq == "YEARLY":
        return replace(rule, by_month=rule.by_month or (start.month,), by_month_day=(start.day,))
    return rule


def _jump(rule: Rule, start: datetime, lo: datetime) -> datetime:
    """Start of the last period of the rule that begins at or before `lo`, at the time of day of `start`."""
    step = rule.interval
    if rule.freq == "YEARLY":
        return start.replace(year=start.year + (lo.year - start.year) // step * step, month=1, day=1)
    if rule.freq == "MONTHLY":
        months = (lo.year - start.year) * 12 + lo.month - start.month
        year, month = divmod(start.year * 12 + start.month - 1 + months // step * step, 12)
        return start.replace(year=year, month=month + 1, day=1)
    if rule.freq == "WEEKLY":
        first = start.toordinal() - (start.weekday() - rule.week_start) % 7
        step *= 7
    else:
        first = start.toordinal()
    day = date.fromordinal(first + (lo.toordinal() - first) // step * step)
    return datetime.combine(day, start.time())


def _by_clock(rule: Rule, start: datetime, lo: datetime, end: datetime, steps: Steps) -> Iterator[datetime]:
    """Starts of an hourly, minutely or secondly rule: the days by dateutil, the times by arithmetic."""
    period = PERIODS[rule.freq]
    clock = _clock(rule, start)
    midnight = datetime.combine(start.date(), time())
    begin = midnight if rule.count is not None else max(midnight, datetime.combine(lo.date(), time()))
    for day in _days(rule, midnight, begin, end, steps):
        steps.take(1 + len(clock) // 4)
        ahead = int((day - midnight).total_seconds()) // period - (start - midnight).seconds // period
        times = [second for second in clock if (ahead + second // period) % rule.interval == 0]
        for second in _chosen(rule.by_set_pos, times, period):
            yield day + timedelta(seconds=second)


def _days(rule: Rule, midnight: datetime, begin: datetime, end: datetime, steps: Steps) -> Iterator[datetime]:
    days = Rule(
        "DAILY",
        by_month=rule.by_month,
        by_day=rule.by_day,
        by_month_day=rule.by_month_day,
        by_year_day=rule.by_year_day,
    )
    return rule_starts(days, midnight, begin, end, None, steps)


def _clock(rule: Rule, start: datetime) -> list[int]:
    """Seconds of the day that the BY parts allow."""
    hours = rule.by_hour or range(24)
    minutes = rule.by_minute or ((start.minute,) if rule.freq == "HOURLY" else range(60))
    seconds = rule.by_second or ((start.second,) if rule.freq != "SECONDLY" else range(60))
    return [hour * 3600 + minute * 60 + min(second, 59) for hour, minute, second in product(hours, minutes, seconds)]


def _chosen(positions: Numbers, times: list[int], period: int) -> Iterable[int]:
    """BYSETPOS within each hour, minute or second."""
    if not positions:
        return times
    chosen = []
    for _, group in groupby(times, key=lambda second: second // period):
        held = list(group)
        chosen += sorted({held[at - (at > 0)] for at in positions if -len(held) <= at - (at > 0) < len(held)})
    return chosen
