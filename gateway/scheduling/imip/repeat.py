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
from gateway.scheduling.clock import local, locale_of, spoken

WORKDAYS: Final = (0, 1, 2, 3, 4)


@dataclass(frozen=True, slots=True)
class Phrases:
    """each: by FREQ, for an interval of one; every: for longer ones, field n.

    ordinals: by the number in front of a weekday; on_nth: around the list of nth. weekday: one without number;
    on_days: around the list of those. number, first: a day of the month, and its first.
    months_first: whether the months stand before the days.
    """

    each: Mapping[str, str]
    every: Mapping[str, str]
    ordinals: Mapping[int, str]
    workdays: str
    weekday: str
    on_days: str
    number: str
    first: str
    on_day: str
    on_numbers: str
    last_day: str
    on_nth: str
    nth: str
    in_months: str
    until: str
    count: str
    often: str
    months_first: bool = False


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
        weekday="{day}",
        on_days="on {days}",
        number="{n}",
        first="1",
        on_day="on day {days}",
        on_numbers="on days {days}",
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
        weekday="{day}",
        on_days="am {days}",
        number="{n}.",
        first="1.",
        on_day="am {days}",
        on_numbers="am {days}",
        last_day="am letzten Tag des Monats",
        on_nth="am {days}",
        nth="{nth} {day}",
        in_months="im {months}",
        until="bis {day}",
        count="{n}-mal",
        often="mehrmals; Näheres steht in der Kalenderdatei",
    ),
    "es": Phrases(
        each={"DAILY": "cada día", "WEEKLY": "cada semana", "MONTHLY": "cada mes", "YEARLY": "cada año"},
        every={
            "DAILY": "cada {n} días",
            "WEEKLY": "cada {n} semanas",
            "MONTHLY": "cada {n} meses",
            "YEARLY": "cada {n} años",
        },
        ordinals={1: "primer", 2: "segundo", 3: "tercer", 4: "cuarto", 5: "quinto", -1: "último", -2: "penúltimo"},
        workdays="los días laborables (de lunes a viernes)",
        weekday="el {day}",
        on_days="{days}",
        number="{n}",
        first="1",
        on_day="el día {days}",
        on_numbers="los días {days}",
        last_day="el último día del mes",
        on_nth="{days}",
        nth="el {nth} {day}",
        in_months="en {months}",
        until="hasta el {day}",
        count="{n} veces",
        often="varias veces; los detalles están en el archivo de calendario",
        months_first=True,
    ),
    "fr": Phrases(
        each={"DAILY": "chaque jour", "WEEKLY": "chaque semaine", "MONTHLY": "chaque mois", "YEARLY": "chaque année"},
        every={
            "DAILY": "tous les {n} jours",
            "WEEKLY": "toutes les {n} semaines",
            "MONTHLY": "tous les {n} mois",
            "YEARLY": "tous les {n} ans",
        },
        ordinals={
            1: "premier",
            2: "deuxième",
            3: "troisième",
            4: "quatrième",
            5: "cinquième",
            -1: "dernier",
            -2: "avant-dernier",
        },
        workdays="les jours ouvrés (du lundi au vendredi)",
        weekday="le {day}",
        on_days="{days}",
        number="{n}",
        first="1er",
        on_day="le {days}",
        on_numbers="les {days}",
        last_day="le dernier jour du mois",
        on_nth="{days}",
        nth="le {nth} {day}",
        in_months="en {months}",
        until="jusqu’au {day}",
        count="{n} fois",
        often="plusieurs fois\u202f; les détails figurent dans le fichier de calendrier",
        months_first=True,
    ),
}


def repeats(value: str, zone: str, language: str) -> str:
    """An RRULE's value: "every week on Monday and Thursday, until December 18, 2026".

    zone: that the last day is told in. Rules that no sentence says well are named as such.
    """
    locale = locale_of(spoken(language))
    said = PHRASES[locale.language]
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
        listed = [said.first if day == 1 else said.number.format(n=day) for day in rule.by_month_day if day > 0]
        phrase = said.on_day if len(listed) == 1 else said.on_numbers
        parts.append(phrase.format(days=format_list(listed, locale=locale)))
    if rule.by_month:
        months = get_month_names("wide", "format", locale)
        names = [str(months[month]) for month in rule.by_month]
        months_said = said.in_months.format(months=format_list(names, locale=locale))
        return [f"{months_said},", *parts] if said.months_first and parts else [*parts, months_said]
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
        plain = said.weekday.format(day=names[day])
        listed.append(plain if nth is None else said.nth.format(nth=nth, day=names[day]))
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
