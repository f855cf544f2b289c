"""Graph's recurrence <-> RRULE, exactly or not at all.

Outlook moves the 29th to 31st to the last day of shorter months where RFC 5545 leaves such months out, so these days
are written as "the last of 28, 29, 30" and "the last day", and only these forms are taken back.
"""

import calendar
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any, Final

from gateway.errors import RefusedByProvider
from gateway.ical.recurrence import Rule

Json = dict[str, Any]

DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
INDEXES: Final = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": -1}
NAMES: Final = {number: name for name, number in INDEXES.items()}
DEFAULT_FIRST_DAY: Final = "sunday"
LAST_OF_DAY: Final = time(23, 59, 59)
WEEKS: Final = {
    **{tuple(range(first, first + 7)): number for number, first in enumerate((1, 8, 15, 22), start=1)},
    tuple(range(-7, 0)): -1,
}
"""Days of the month that hold each weekday once, and which of its kind that then is."""


def refused(reason: str) -> RefusedByProvider:
    return RefusedByProvider(f"Outlook cannot hold this recurrence: {reason}")


def month_length(year: int, month: int) -> int:
    return calendar.monthrange(year, month)[1]


def rule_of(recurrence: Json, zone: tzinfo | None) -> Rule:
    """zone: of the series, for the end of its last day; None: all-day, whose UNTIL is a date."""
    pattern = recurrence["pattern"]
    kind = pattern["type"]
    days = tuple((0, DAYS.index(day)) for day in pattern.get("daysOfWeek") or ())
    first_day = pattern.get("firstDayOfWeek") or DEFAULT_FIRST_DAY
    month_days: tuple[int, ...] = ()
    position: tuple[int, ...] = ()
    if kind.startswith("absolute"):
        month_days, position = clamped_days(pattern["dayOfMonth"], pattern["month"] if kind == "absoluteYearly" else 0)
    if kind.startswith("relative"):
        position = (INDEXES[pattern.get("index") or "first"],)
    count, until = ends_of(recurrence["range"], zone)
    return Rule(
        freq={"daily": "DAILY", "weekly": "WEEKLY"}.get(kind, "YEARLY" if kind.endswith("Yearly") else "MONTHLY"),
        interval=pattern.get("interval") or 1,
        count=count,
        until=until,
        week_start=DAYS.index(first_day) if kind == "weekly" else 0,
        by_day=tuple(sorted(days)) if kind == "weekly" or kind.startswith("relative") else (),
        by_month_day=month_days,
        by_month=(pattern["month"],) if kind.endswith("Yearly") else (),
        by_set_pos=position,
    )


def clamped_days(day: int, month: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """BYMONTHDAY and BYSETPOS for Outlook's day of the month; month: 0 for every."""
    shortest = 28 if month in {0, 2} else month_length(2001, month)
    longest = month_length(2000, month) if month else 31
    if day >= longest > shortest or day > shortest == longest:
        day = longest
    if day <= shortest:
        return (day,), ()
    if day == 31:
        return (-1,), ()
    return tuple(range(28, day + 1)), (-1,)


def ends_of(bounds: Json, zone: tzinfo | None) -> tuple[int | None, datetime | date | None]:
    if bounds["type"] == "numbered":
        return bounds["numberOfOccurrences"], None
    if bounds["type"] != "endDate":
        return None, None
    last = date.fromisoformat(bounds["endDate"])
    if zone is None:
        return None, last
    return None, datetime.combine(last, LAST_OF_DAY, zone).astimezone(UTC)


def recurrence_of(rule: Rule, start: datetime, zone: tzinfo, zone_name: str) -> Json:
    """start: naive local time of the first occurrence in `zone`, which Graph calls `zone_name`.

    Raises: RefusedByProvider for every rule that Outlook would follow differently.
    """
    pattern = pattern_of(rule, start.date())
    if not starts_pattern(pattern, start.date()):
        raise refused("the event does not start on a date of its own rule")
    return {"pattern": pattern, "range": range_of(rule, start, zone, zone_name)}


def pattern_of(rule: Rule, start: date) -> Json:
    if rule.freq not in {"DAILY", "WEEKLY", "MONTHLY", "YEARLY"}:
        raise refused("it repeats more than once a day")
    if rule.by_hour or rule.by_minute or rule.by_second or rule.by_year_day or rule.by_week_no:
        raise refused("it names hours, days of the year or weeks of the year")
    rule = in_outlooks_words(rule, start)
    if rule.by_month and rule.freq != "YEARLY":
        raise refused("it keeps to certain months")
    return {"DAILY": daily, "WEEKLY": weekly, "MONTHLY": monthly, "YEARLY": yearly}[rule.freq](rule, start)


def in_outlooks_words(rule: Rule, start: date) -> Rule:
    """The same dates, said with one month or with months equally far apart, where they can be."""
    if rule.freq == "MONTHLY" and rule.interval == 1 and len(rule.by_month) == 1:
        return replace(rule, freq="YEARLY")
    if rule.freq == "YEARLY" and not rule.by_month and not rule.by_month_day and not rule.by_set_pos:
        numbers = [number for number, _ in rule.by_day]
        if len(numbers) == 1 and numbers[0] in NAMES:  # the first four of the year are in January, the last in December
            return replace(rule, by_month=(12 if numbers[0] < 0 else 1,))
    months = rule.by_month
    if rule.freq == "YEARLY" and not months and rule.by_month_day and not rule.by_day:
        months = tuple(range(1, 13))
    per_year = rule.freq == "YEARLY" and bool(rule.by_set_pos)
    step = months_apart(months, start.month)
    if step and rule.interval == 1 and rule.freq in {"YEARLY", "MONTHLY"} and not per_year:
        return replace(rule, freq="MONTHLY", interval=step, by_month=())
    return rule


def months_apart(months: tuple[int, ...], first: int) -> int:
    """How far the months of every year are from one another, if equally far; 0: they are not, or one is missing."""
    if len(months) < 2 or first not in months or 12 % len(months):
        return 0
    step = 12 // len(months)
    return step if {(month - first) % step for month in months} == {0} else 0


def daily(rule: Rule, start: date) -> Json:
    if rule.by_month_day or rule.by_set_pos:
        raise refused("a daily rule with days of the month")
    if not rule.by_day:
        return {"type": "daily", "interval": rule.interval}
    if rule.interval != 1:
        raise refused("every few days, but only on certain weekdays")
    return weekly(rule, start)


def weekly(rule: Rule, start: date) -> Json:
    if rule.by_set_pos:
        raise refused("a weekly rule with positions")
    days = sorted({day for _, day in rule.by_day}) or [start.weekday()]
    return {
        "type": "weekly",
        "interval": rule.interval,
        "daysOfWeek": [DAYS[day] for day in days],
        "firstDayOfWeek": DAYS[rule.week_start],
    }


def monthly(rule: Rule, start: date) -> Json:
    if rule.by_day:
        return {"type": "relativeMonthly", "interval": rule.interval, **relative(rule)}
    return {"type": "absoluteMonthly", "interval": rule.interval, "dayOfMonth": absolute(rule, start, 0)}


def yearly(rule: Rule, start: date) -> Json:
    if len(rule.by_month) > 1:
        raise refused("several months of the year")
    if not rule.by_month and (rule.by_day or rule.by_month_day):
        raise refused("a yearly rule with days but no month")
    month = rule.by_month[0] if rule.by_month else start.month
    if rule.by_day:
        return {"type": "relativeYearly", "interval": rule.interval, "month": month, **relative(rule)}
    day = absolute(rule, start, month)
    return {"type": "absoluteYearly", "interval": rule.interval, "month": month, "dayOfMonth": day}


def relative(rule: Rule) -> Json:
    """The n-th of some weekdays: 2TU, or TU with BYSETPOS=2, or MO,TU,WE,TH,FR with BYSETPOS=-1."""
    numbers = {number for number, _ in rule.by_day}
    if rule.by_month_day:
        week = WEEKS.get(tuple(sorted(rule.by_month_day)))
        if week is None or len(rule.by_day) > 1 or numbers != {0} or rule.by_set_pos:
            raise refused("weekdays together with days of the month")
        return {"daysOfWeek": [DAYS[rule.by_day[0][1]]], "index": NAMES[week]}
    if numbers != {0} and (len(rule.by_day) > 1 or rule.by_set_pos):
        raise refused("several numbered weekdays")
    positions = rule.by_set_pos if numbers == {0} else tuple(numbers)
    if len(positions) != 1 or positions[0] not in NAMES:
        raise refused("weekdays of a month other than the first, second, third, fourth or last")
    return {"daysOfWeek": [DAYS[day] for _, day in rule.by_day], "index": NAMES[positions[0]]}


def absolute(rule: Rule, start: date, month: int) -> int:
    """Outlook's day of the month; 31 is the last day of every month. month: 0 for every."""
    days, positions = rule.by_month_day or (start.day,), rule.by_set_pos
    if days == (-1,) and positions in {(), (1,), (-1,)}:
        return month_length(2000, month) if month else 31
    if positions == (-1,) and len(days) > 1 and days == tuple(range(28, days[-1] + 1)):
        return days[-1]
    if len(days) > 1 or positions not in {(), (1,), (-1,)} or days[0] < 1:
        raise refused("several days of the month, or days counted from its end")
    if days[0] > (month_length(2001, month) if month else 28):
        raise refused(f"months without a day {days[0]} would be left out; take the last day of the month instead")
    return days[0]


def starts_pattern(pattern: Json, start: date) -> bool:
    kind = pattern["type"]
    if kind == "daily":
        return True
    if kind == "weekly":
        return DAYS[start.weekday()] in pattern["daysOfWeek"]
    if pattern.get("month", start.month) != start.month:
        return False
    length = month_length(start.year, start.month)
    if kind.startswith("absolute"):
        return start.day == min(int(pattern["dayOfMonth"]), length)
    wanted = {DAYS.index(day) for day in pattern["daysOfWeek"]}
    matching = [day for day in range(1, length + 1) if start.replace(day=day).weekday() in wanted]
    place = INDEXES[pattern["index"]]
    return matching[place if place < 0 else place - 1] == start.day


def range_of(rule: Rule, start: datetime, zone: tzinfo, zone_name: str) -> Json:
    bounds: Json = {"type": "noEnd", "startDate": start.date().isoformat(), "recurrenceTimeZone": zone_name}
    if rule.count is not None:
        return {**bounds, "type": "numbered", "numberOfOccurrences": rule.count}
    if rule.until is None:
        return bounds
    last = last_date(rule.until, start, zone)
    if last < start.date():
        raise refused("it ends before it begins")
    return {**bounds, "type": "endDate", "endDate": last.isoformat()}


def last_date(until: datetime | date, start: datetime, zone: tzinfo) -> date:
    """The last local date an occurrence may be on; a time of day before that of the start leaves its own date out."""
    if not isinstance(until, datetime):
        return until
    clock = until if until.tzinfo is None else until.astimezone(zone).replace(tzinfo=None)
    return clock.date() if clock.time() >= start.time() else clock.date() - timedelta(days=1)
