"""RRULE text <-> values (RFC 5545 3.3.10, RFC 7529 left out)."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Final

from gateway.errors import InvalidCalendarData
from gateway.ical.value import format_date, format_local, format_utc, parse_when

FREQUENCIES: Final = ("SECONDLY", "MINUTELY", "HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY")
WEEKDAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
WEEKDAY = re.compile(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)")
NUMBER = re.compile(r"[+-]?\d{1,3}")
COUNTED = re.compile(r"\d{1,15}")

LIMITS: Final = {
    "BYSECOND": (0, 60),
    "BYMINUTE": (0, 59),
    "BYHOUR": (0, 23),
    "BYMONTHDAY": (-31, 31),
    "BYYEARDAY": (-366, 366),
    "BYWEEKNO": (-53, 53),
    "BYMONTH": (1, 12),
    "BYSETPOS": (-366, 366),
}
"""Least and most of each part; where the least is negative, 0 is no value."""

NAMES: Final = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY", *LIMITS})

GREGORIAN: Final = {"RSCALE": "GREGORIAN", "SKIP": "OMIT"}
"""Parts of RFC 7529 with the values that change nothing; other calendars are not known here."""

Numbers = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """One recurrence rule.

    until: a date, an aware UTC time or a naive local one, as written.
    by_day: (0 for every, else the n-th of month or year from either end, weekday with Monday 0).
    """

    freq: str
    interval: int = 1
    count: int | None = None
    until: datetime | date | None = None
    week_start: int = 0
    by_second: Numbers = ()
    by_minute: Numbers = ()
    by_hour: Numbers = ()
    by_day: tuple[tuple[int, int], ...] = ()
    by_month_day: Numbers = ()
    by_year_day: Numbers = ()
    by_week_no: Numbers = ()
    by_month: Numbers = ()
    by_set_pos: Numbers = ()

    @property
    def endless(self) -> bool:
        return self.count is None and self.until is None


@lru_cache(maxsize=4096)
def parse_rule(value: str) -> Rule:
    """The rule, checked.

    Raises: InvalidCalendarData for anything RFC 5545 forbids: no FREQ, INTERVAL=0, UNTIL with COUNT, a part twice
    or out of range, numbers before weekdays where they mean nothing.
    """
    rule = _rule(_parts(value))
    _check(rule)
    return rule


@lru_cache(maxsize=4096)
def lenient_rule(value: str) -> Rule:
    """The rule of a text that others wrote: slips that leave no doubt about its meaning are passed over.

    Of a part written twice the first counts; unknown parts, a COUNT that is no positive number and numbers before
    weekdays of a weekly rule are left out; COUNT and UNTIL together both hold.
    Raises: InvalidCalendarData.
    """
    parts: dict[str, str] = {}
    for part in value.replace("\\", "").split(";"):
        name, _, text = part.partition("=")
        name, text = name.strip().upper(), text.replace(" ", "").upper()
        if name in GREGORIAN and text != GREGORIAN[name]:
            raise InvalidCalendarData(f"{name}={text[:20]} is not known here")
        if name in NAMES and text and not (name == "COUNT" and not text.lstrip("0").isdigit()):
            parts.setdefault(name, text)
    if parts.get("FREQ") == "WEEKLY" and "BYDAY" in parts:
        parts["BYDAY"] = re.sub(r"[+-]?\d", "", parts["BYDAY"])
    return _rule(parts)


def _parts(value: str) -> dict[str, str]:
    parts: dict[str, str] = {}
    for part in value.strip().rstrip(";").split(";"):
        name, equals, text = part.partition("=")
        name = name.strip().upper()
        if not equals or name in parts:
            raise InvalidCalendarData(f"not a recurrence rule: {value[:60]}")
        if name not in NAMES:
            if name.startswith("X-") or GREGORIAN.get(name) == text.strip().upper():
                continue
            raise InvalidCalendarData(f"unknown part of a recurrence rule: {name[:20]}")
        parts[name] = text.strip().upper()
    return parts


def _rule(parts: dict[str, str]) -> Rule:
    return Rule(
        freq=_one_of("FREQ", parts.get("FREQ", ""), FREQUENCIES),
        interval=_positive("INTERVAL", parts.get("INTERVAL", "1")),
        count=_positive("COUNT", parts["COUNT"]) if "COUNT" in parts else None,
        until=parse_when(parts["UNTIL"]) if "UNTIL" in parts else None,
        week_start=WEEKDAYS.index(_one_of("WKST", parts.get("WKST", "MO"), WEEKDAYS)),
        by_day=_weekdays(parts["BYDAY"]) if "BYDAY" in parts else (),
        by_second=_numbers("BYSECOND", parts),
        by_minute=_numbers("BYMINUTE", parts),
        by_hour=_numbers("BYHOUR", parts),
        by_month_day=_numbers("BYMONTHDAY", parts),
        by_year_day=_numbers("BYYEARDAY", parts),
        by_week_no=_numbers("BYWEEKNO", parts),
        by_month=_numbers("BYMONTH", parts),
        by_set_pos=_numbers("BYSETPOS", parts),
    )


def _one_of(name: str, text: str, allowed: tuple[str, ...]) -> str:
    if text not in allowed:
        raise InvalidCalendarData(f"{name} of a recurrence rule is {text[:20] or 'missing'}")
    return text


def _positive(name: str, text: str) -> int:
    number = int(text) if COUNTED.fullmatch(text) else 0
    if number < 1:
        raise InvalidCalendarData(f"{name} of a recurrence rule must be positive, not {text[:20]}")
    return number


def _numbers(name: str, parts: dict[str, str]) -> Numbers:
    if name not in parts:
        return ()
    least, most = LIMITS[name]
    numbers = set()
    for text in parts[name].split(","):
        number = int(text) if NUMBER.fullmatch(text.strip()) else most + 1
        if not least <= number <= most or (least < 0 and number == 0):
            raise InvalidCalendarData(f"{name} of a recurrence rule cannot be {text[:20]}")
        numbers.add(number)
    return tuple(sorted(numbers))


def _weekdays(value: str) -> tuple[tuple[int, int], ...]:
    days = set()
    for text in value.split(","):
        found = WEEKDAY.fullmatch(text.strip())
        number = int(found[1] or 0) if found else 99
        if found is None or abs(number) > 53 or (found[1] is not None and number == 0):
            raise InvalidCalendarData(f"BYDAY of a recurrence rule cannot be {text[:20]}")
        days.add((number, WEEKDAYS.index(found[2])))
    return tuple(sorted(days))


def _check(rule: Rule) -> None:
    if rule.count is not None and rule.until is not None:
        raise InvalidCalendarData("a recurrence rule has COUNT or UNTIL, not both")
    numbered = any(number for number, _ in rule.by_day)
    if numbered and (rule.freq not in {"MONTHLY", "YEARLY"} or rule.by_week_no):
        raise InvalidCalendarData("numbers before weekdays need a monthly or yearly rule without BYWEEKNO")
    if rule.by_week_no and rule.freq != "YEARLY":
        raise InvalidCalendarData("BYWEEKNO needs a yearly rule")
    if rule.by_year_day and rule.freq in {"DAILY", "WEEKLY", "MONTHLY"}:
        raise InvalidCalendarData(f"BYYEARDAY is not for a {rule.freq.lower()} rule")
    if rule.by_month_day and rule.freq == "WEEKLY":
        raise InvalidCalendarData("BYMONTHDAY is not for a weekly rule")


def format_rule(rule: Rule) -> str:
    """RRULE text; parse_rule gives the same rule back."""
    parts = [f"FREQ={rule.freq}"]
    if rule.until is not None:
        parts.append("UNTIL=" + format_until(rule.until))
    if rule.count is not None:
        parts.append(f"COUNT={rule.count}")
    if rule.interval != 1:
        parts.append(f"INTERVAL={rule.interval}")
    for name, numbers in _lists(rule):
        parts.append(f"{name}={','.join(map(str, numbers))}")
    if rule.by_day:
        parts.append("BYDAY=" + ",".join(f"{number or ''}{WEEKDAYS[day]}" for number, day in rule.by_day))
    if rule.week_start:
        parts.append(f"WKST={WEEKDAYS[rule.week_start]}")
    return ";".join(parts)


def _lists(rule: Rule) -> list[tuple[str, Numbers]]:
    lists = [
        ("BYSECOND", rule.by_second),
        ("BYMINUTE", rule.by_minute),
        ("BYHOUR", rule.by_hour),
        ("BYMONTHDAY", rule.by_month_day),
        ("BYYEARDAY", rule.by_year_day),
        ("BYWEEKNO", rule.by_week_no),
        ("BYMONTH", rule.by_month),
        ("BYSETPOS", rule.by_set_pos),
    ]
    return [(name, numbers) for name, numbers in lists if numbers]


def format_until(until: datetime | date) -> str:
    if not isinstance(until, datetime):
        return format_date(until)
    return format_local(until) if until.tzinfo is None else format_utc(until.astimezone(UTC))
