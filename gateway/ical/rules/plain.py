"""Recurrence rules that plain arithmetic answers: nearly all that people make.

Each function gives what `walk` would give; a test holds them to it.
"""

from calendar import monthrange
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial

from gateway.ical.rules.rule import Rule
from gateway.ical.rules.steps import Steps

UNITS = {
    "SECONDLY": timedelta(seconds=1),
    "MINUTELY": timedelta(minutes=1),
    "HOURLY": timedelta(hours=1),
    "DAILY": timedelta(days=1),
    "WEEKLY": timedelta(weeks=1),
}
WEEK = timedelta(weeks=1)
BATCH = 100
FAR = 4_000_000
"""An interval of that many days is longer than the calendar."""


def plain_starts(rule: Rule, start: datetime, lo: datetime, end: datetime, steps: Steps) -> Iterator[datetime] | None:
    """Starts in [lo, end] (naive, in order), UNTIL not looked at; None if the rule is not that simple."""
    if rule.by_set_pos or rule.by_year_day or rule.by_week_no or rule.by_hour or rule.by_minute or rule.by_second:
        return None
    if rule.freq in {"MONTHLY", "YEARLY"}:
        day_of = _day_of(rule, start)
        return None if day_of is None else _monthly(rule, start, lo, end, steps, day_of)
    if rule.by_month or rule.by_month_day:
        return None
    if not rule.by_day or (rule.freq == "WEEKLY" and rule.by_day == ((0, start.weekday()),)):
        return _steady(rule, start, lo, end, steps)
    return _weekly(rule, start, lo, end, steps) if rule.freq == "WEEKLY" else None


def _steady(rule: Rule, start: datetime, lo: datetime, end: datetime, steps: Steps) -> Iterator[datetime]:
    """One start each so many seconds, days or weeks."""
    step = UNITS[rule.freq] * min(rule.interval, FAR * (86_400 if rule.freq == "SECONDLY" else 1))
    first = max(0, -((start - lo) // step))
    last = (end - start) // step
    if rule.count is not None:
        last = min(last, rule.count - 1)
    for begin in range(first, last + 1, BATCH):
        stop = min(begin + BATCH, last + 1)
        steps.take(stop - begin)
        for number in range(begin, stop):
            yield start + number * step


def _weekly(rule: Rule, start: datetime, lo: datetime, end: datetime, steps: Steps) -> Iterator[datetime]:
    """Several weekdays of each so many weeks."""
    days = [timedelta(days=day) for day in sorted((day - rule.week_start) % 7 for _, day in rule.by_day)]
    into = timedelta(days=(start.weekday() - rule.week_start) % 7)
    skipped = sum(day < into for day in days)  # weekdays of the first week before the start
    step = WEEK * min(rule.interval, FAR // 7)
    monday = start - into
    number = max(0, (lo - monday) // step)
    left = None if rule.count is None else rule.count + skipped - number * len(days)
    while left is None or left > 0:
        if (end - monday) // step < number:
            return
        week = monday + number * step
        for day in days[:left]:
            steps.take()
            when = week + day
            if when > end:
                return
            if when >= lo and when >= start:
                yield when
        number += 1
        left = None if left is None else left - len(days)


def _monthly(
    rule: Rule, start: datetime, lo: datetime, end: datetime, steps: Steps, day_of: Callable[[int, int], int]
) -> Iterator[datetime]:
    """At most one start in each so many months or years. day_of: 0 where the month has none."""
    step = rule.interval * (12 if rule.freq == "YEARLY" else 1)
    month = start.year * 12 + (rule.by_month[0] if rule.by_month else start.month) - 1
    left = -1 if rule.count is None else rule.count
    if left < 0:
        month += max(0, (lo.year * 12 + lo.month - 1 - month) // step) * step
    last = end.year * 12 + end.month - 1
    while month <= last and left:
        steps.take()
        day = day_of(month // 12, month % 12 + 1)
        when = start.replace(year=month // 12, month=month % 12 + 1, day=day) if day else None
        month += step
        if when is not None and when >= start:
            left -= 1
            if when > end:
                return
            if when >= lo:
                yield when


def _day_of(rule: Rule, start: datetime) -> Callable[[int, int], int] | None:
    """The day of month the rule means, as a function of year and month; None if it can mean several."""
    in_one_month = len(rule.by_month) == 1 if rule.freq == "YEARLY" else not rule.by_month
    if not rule.by_day and not rule.by_month_day:
        return partial(_by_number, start.day) if in_one_month or not rule.by_month else None
    if not in_one_month or (rule.by_day and rule.by_month_day):
        return None
    if len(rule.by_month_day) == 1:
        return partial(_by_number, rule.by_month_day[0])
    if len(rule.by_day) == 1 and rule.by_day[0][0]:
        return partial(_by_weekday, *rule.by_day[0])
    return None


def _by_number(number: int, year: int, month: int) -> int:
    if 0 < number <= 28:
        return number
    length = monthrange(year, month)[1]
    day = number if number > 0 else length + 1 + number
    return day if 0 < day <= length else 0


def _by_weekday(number: int, weekday: int, year: int, month: int) -> int:
    first, length = monthrange(year, month)
    day = 1 + (weekday - first) % 7 + 7 * (number - 1)
    if number < 0:
        last = (first + length - 1) % 7
        day = length - (last - weekday) % 7 + 7 * (number + 1)
    return day if 0 < day <= length else 0
