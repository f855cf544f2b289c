"""Recurrence rules in words; names of days and months, lists and dates come from CLDR."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from babel import Locale
from babel.dates import format_date, get_day_names, get_month_names
from babel.lists import format_list

from gateway.errors import InvalidCalendarData
from gateway.ical.rules.rule import Rule, lenient_rule
from gateway.scheduling.clock import local, locale_of

WORKDAYS: Final = (0, 1, 2, 3, 4)


@dataclass(frozen=True, slots=True)
class Phrases:
    """each: by FREQ, for an interval of one; every: for longer ones, field n.

    ordinals: by the number in front of a weekday.
    """

    each: Mapping[str, str]
    every: Mapping[str, str]
    ordinals: Mapping[int, str]
    workdays: str
    on_days: str
    on_day: str
    last_day: str
    on_nth: str
    nth: str
    in_months: str
    until: str
    count: str
    often: str


PHRASES: Final[Mapping[str, Phrases]] = {
    "en": Phrases(
        each={"DAILY": "every day", "WEEKLY": "every week", "MONTHLY": "every month", "YEARLY": "every year"},
        every={
            "DAILY": "every {n} days",
            "WEEKLY": "every {n} weeks",
            "MONTHLY": "every {n} months",
            "YEARLY": "every {n} years",
        },
        ordinals={1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth", -1: "last", -2: "last but one"},
        workdays="on working days (Monday to Friday)",
        on_days="on {days}",
        on_day="on day {days}",
        last_day="on the last day of the month",
        on_nth="on the {days}",
        nth="{nth} {day}",
        in_months="in {months}",
        until="until {day}",
        count="{n} times",
        often="several times; the calendar file has the details",
    ),
    "de": Phrases(
        each={"DAILY": "jeden Tag", "WEEKLY": "jede Woche", "MONTHLY": "jeden Monat", "YEARLY": "jedes Jahr"},
        every={
            "DAILY": "alle {n} Tage",
            "WEEKLY": "alle {n} Wochen",
            "MONTHLY": "alle {n} Monate",
            "YEARLY": "alle {n} Jahre",
        },
        ordinals={1: "ersten", 2: "zweiten", 3: "dritten", 4: "vierten", 5: "fünften", -1: "letzten", -2: "vorletzten"},
        workdays="an Werktagen (Montag bis Freitag)",
        on_days="am {days}",
        on_day="am {days}.",
        last_day="am letzten Tag des Monats",
        on_nth="am {days}",
        nth="{nth} {day}",
        in_months="im {months}",
        until="bis {day}",
        count="{n}-mal",
        often="mehrmals; Näheres steht in der Kalenderdatei",
    ),
}


def repeats(value: str, zone: str, language: str) -> str:
    """An RRULE's value: "every week on Monday and Thursday, until December 18, 2026".

    zone: that the last day is told in. Rules that no sentence says well are named as such.
    """
    locale = locale_of(language)
    said = PHRASES.get(locale.language, PHRASES["en"])
    if locale.language not in PHRASES:
        locale = Locale("en")
    try:
        rule = lenient_rule(value)
    except InvalidCalendarData:
        return said.often
    if rule.freq not in said.each or _is_odd(rule):
        return said.often
    often = said.each[rule.freq] if rule.interval == 1 else said.every[rule.freq].format(n=rule.interval)
    parts = [often, *_days(rule, said, locale)]
    if rule.freq in {"WEEKLY", "DAILY"} and rule.interval == 1 and len(parts) > 1 and parts[1] == said.workdays:
        parts = [said.workdays]
    text = " ".join(parts)
    ends = _end(rule, said, zone, locale)
    return f"{text}, {ends}" if ends else text


def _is_odd(rule: Rule) -> bool:
    """Whether it says more than weekdays, days of the month and months."""
    if rule.by_hour or rule.by_minute or rule.by_second or rule.by_year_day or rule.by_week_no:
        return True
    if rule.by_set_pos and (len(rule.by_set_pos) > 1 or len(rule.by_day) != 1 or rule.by_day[0][0]):
        return True
    return bool(rule.by_month_day and rule.by_day) or any(day < -1 for day in rule.by_month_day)


def _days(rule: Rule, said: Phrases, locale: Locale) -> list[str]:
    parts = []
    if rule.by_day:
        parts.append(_weekdays(rule, said, locale))
    elif rule.by_month_day == (-1,):
        parts.append(said.last_day)
    elif rule.by_month_day:
        listed = [str(day) for day in rule.by_month_day if day > 0]
        parts.append(said.on_day.format(days=format_list(listed, locale=locale)))
    if rule.by_month:
        months = get_month_names("wide", "format", locale)
        names = [str(months[month]) for month in rule.by_month]
        parts.append(said.in_months.format(months=format_list(names, locale=locale)))
    return parts


def _weekdays(rule: Rule, said: Phrases, locale: Locale) -> str:
    names = get_day_names("wide", "format", locale)
    weekdays = tuple(sorted(day for _, day in rule.by_day))
    [position] = rule.by_set_pos or (0,)
    if weekdays == WORKDAYS and not any(number for number, _ in rule.by_day):
        return said.workdays
    listed, counted = [], False
    for number, day in rule.by_day:
        nth = said.ordinals.get(number or position)
        counted |= nth is not None
        listed.append(str(names[day]) if nth is None else said.nth.format(nth=nth, day=names[day]))
    return (said.on_nth if counted else said.on_days).format(days=format_list(listed, locale=locale))


def _end(rule: Rule, said: Phrases, zone: str, locale: Locale) -> str:
    if rule.count is not None:
        return said.count.format(n=rule.count)
    if rule.until is None:
        return ""
    return said.until.format(day=format_date(_last_day(rule.until, zone), "long", locale=locale))


def _last_day(until: datetime | date, zone: str) -> date:
    if not isinstance(until, datetime):
        return until
    return until.date() if until.tzinfo is None else local(int(until.timestamp()), zone).date()
