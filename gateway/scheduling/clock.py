"""Dates and times as CLDR writes them, for one reader: their language, their zone."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_interval, format_skeleton, get_timezone_name

LANGUAGES: Final = ("en", "de", "es", "fr")
"""That our mails are written in; whoever reads another one gets the first."""


def spoken(name: str) -> str:
    """The locale that a reader with this one gets mail in: theirs where we speak its language."""
    return name if locale_of(name).language in LANGUAGES else LANGUAGES[0]


def code(name: str) -> str:
    """The language of that mail."""
    return locale_of(spoken(name)).language


def locale_of(name: str) -> Locale:
    """English where the locale is none that CLDR knows."""
    try:
        return Locale.parse(name.replace("-", "_"))
    except (ValueError, UnknownLocaleError):
        return Locale("en")


def local(instant: int, zone: str) -> datetime:
    """instant: epoch seconds; zone: IANA name, UTC where it is none."""
    try:
        tz: ZoneInfo | None = ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        tz = None
    return datetime.fromtimestamp(instant, tz or UTC)


def span(start: int, end: int, zone: str, language: str) -> str:
    """ "Friday, November 27, 2026, 10:00 – 10:30 AM", with both dates where there are two. The zone is not named."""
    begin, finish, locale = local(start, zone), local(end, zone), locale_of(language)
    if begin.date() != (finish - timedelta(seconds=1)).date():
        both = [short(one, zone, language) for one in (start, end)]
        return str(locale.interval_formats[None]).format(*both)
    hours = "hm" if "a" in locale.time_formats["short"].pattern else "Hm"
    first, last = (one.replace(tzinfo=None) for one in (begin, finish))
    return f"{format_date(begin.date(), 'full', locale=locale)}, {format_interval(first, last, hours, locale=locale)}"


def short(start: int, zone: str, language: str) -> str:
    """A date and time for a subject line."""
    locale = locale_of(language)
    hours = "hm" if "a" in locale.time_formats["short"].pattern else "Hm"
    begin = local(start, zone)
    day, clock = (format_skeleton(name, begin.replace(tzinfo=None), locale=locale) for name in ("yMMMEd", hours))
    return f"{day}, {clock}"


def zone_name(start: int, zone: str, language: str) -> str:
    """ "Central European Standard Time (Europe/Berlin)"."""
    name = get_timezone_name(local(start, zone), "long", locale=locale_of(language))
    return f"{name} ({zone})" if name != zone else zone


def days(first: date, last: date, language: str) -> str:
    """Whole days, both of them included: "Friday, November 27, 2026"."""
    locale = locale_of(language)
    if first == last:
        return str(format_date(first, "full", locale=locale))
    return str(locale.interval_formats[None]).format(
        *(format_date(one, "full", locale=locale) for one in (first, last))
    )


def short_day(day: date, language: str) -> str:
    """A date for a subject line."""
    return format_skeleton("yMMMEd", datetime.combine(day, time()), locale=locale_of(language))
