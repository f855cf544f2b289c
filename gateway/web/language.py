"""The words of the pages: which language a visitor reads, its catalogue, and dates the way it writes them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_interval, format_skeleton, format_time, get_time_format
from babel.lists import format_list
from babel.messages.pofile import read_po

LOCALES: Final = Path(__file__).with_name("locales")
NAMES: Final[Mapping[str, str]] = {"de": "Deutsch", "en": "English", "es": "Español", "fr": "Français"}
LANGUAGES: Final = NAMES
"""Of the pages for all."""
SIGNED_IN: Final[Mapping[str, str]] = {code: NAMES[code] for code in ("de", "en")}
"""Of those for people who are signed in."""
STANDARD: Final = "en"


def msg(message: str) -> str:
    """Marks a message that is translated where it is shown."""
    return message


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Message to translation; messages of two forms to (one, many). What is missing is shown as it is."""

    single: Mapping[str, str]
    plural: Mapping[str, tuple[str, str]]


@cache
def catalogue(code: str) -> Catalogue:
    with (LOCALES / code / "LC_MESSAGES" / "messages.po").open("rb") as file:
        entries = [entry for entry in read_po(file) if entry.id and not entry.fuzzy]
    single: dict[str, str] = {}
    plural: dict[str, tuple[str, str]] = {}
    for entry in entries:
        if isinstance(entry.id, str) and isinstance(entry.string, str) and entry.string:
            single[entry.id] = entry.string
        elif not isinstance(entry.id, str) and isinstance(entry.string, tuple) and all(entry.string):
            plural[entry.id[0]] = (entry.string[0], entry.string[1])
    return Catalogue(single, plural)


@dataclass(frozen=True, slots=True)
class Language:
    """code: of the catalogue; locale: with the visitor's region, for dates and clocks.

    hours: of the clock, 12 or 24; 0: as the locale has it.
    """

    code: str
    locale: Locale
    hours: int = 0

    def text(self, message: str, **values: object) -> str:
        found = catalogue(self.code).single.get(message, message)
        return found.format(**values) if values else found

    def plural(self, one: str, many: str, n: int, **values: object) -> str:
        """All our languages have two forms; French counts nothing as one."""
        forms = catalogue(self.code).plural.get(one, (one, many))
        return forms[n > 1 if self.code == "fr" else n != 1].format(n=n, **values)

    def of(self, words: Mapping[str, str]) -> str:
        """What a person wrote in several languages; theirs if ours is not among them."""
        return words.get(self.code) or words.get(STANDARD) or next(iter(words.values()), "")

    def several(self, names: Sequence[str]) -> str:
        """As a sentence has them: "A, B and C"."""
        return format_list(list(names), locale=self.locale)

    def either(self, names: Sequence[str]) -> str:
        """ "A, B or C"."""
        return format_list(list(names), "or", locale=self.locale)

    def clock(self, instant: datetime) -> str:
        return _clock(self.locale, self.hours, instant.hour, instant.minute)

    @property
    def first_weekday(self) -> int:
        """0 is Monday."""
        return int(self.locale.first_week_day)

    @property
    def clock_hours(self) -> int:
        """12 or 24."""
        return self.hours or (12 if "a" in str(get_time_format("short", self.locale).format) else 24)

    def day(self, day: date) -> str:
        """With weekday and year."""
        return _day(self.locale, day)

    def brief_day(self, day: date) -> str:
        return str(format_skeleton("MMMEd", _noon(day), locale=self.locale))

    def brief_day_of(self, instant: int, zone: str) -> str:
        """instant: epoch seconds; zone: IANA name."""
        return self.brief_day(datetime.fromtimestamp(instant, ZoneInfo(zone)).date())

    def day_in_short(self, day: date) -> str:
        return str(format_skeleton("MMMd", _noon(day), locale=self.locale))

    def day_of_month(self, day: date) -> str:
        return str(format_skeleton("MMMMd", _noon(day), locale=self.locale))

    def days(self, first: date, last: date) -> str:
        """Both included, with the year."""
        return str(format_interval(first, last, "yMMMd", locale=self.locale))

    def month(self, day: date) -> str:
        return str(format_skeleton("yMMMM", _noon(day), locale=self.locale))

    def weekday(self, day: date, width: str = "wide") -> str:
        """width: wide, abbreviated, short."""
        return str(self.locale.days["stand-alone"][width][day.weekday()])


def _noon(day: date) -> datetime:
    """Skeletons want a datetime; its zone is never shown."""
    return datetime(day.year, day.month, day.day, 12)  # noqa: DTZ001 - a date, whatever the zone


def language(wishes: Iterable[str], among: Collection[str] = LANGUAGES) -> Language:
    """The first of the visitor's wishes (tags such as de-AT) that we have."""
    for wish in wishes:
        code = wish.replace("_", "-").split("-")[0].lower()
        if code in among:
            return Language(code, _locale(wish, code))
    return Language(STANDARD, Locale(STANDARD))


def _locale(tag: str, code: str) -> Locale:
    try:
        return Locale.parse(tag.replace("_", "-"), sep="-")
    except (ValueError, UnknownLocaleError):
        return Locale(code)


def accepted(header: str) -> list[str]:
    """Tags of an Accept-Language header, best first; broken parts are passed over."""
    found: list[tuple[float, int, str]] = []
    for position, part in enumerate(header[:500].split(",")):
        tag, _, weight = part.strip().partition(";")
        quality = weight.strip().removeprefix("q=").strip()
        try:
            value = float(quality) if quality else 1.0
        except ValueError:
            continue
        if tag and value > 0:
            found.append((-value, position, tag.strip()))
    return [tag for _, _, tag in sorted(found)]


@lru_cache(maxsize=4096)
def _clock(locale: Locale, hours: int, hour: int, minute: int) -> str:
    """A page has the same few over and over. hours: as of Language."""
    instant = datetime(2000, 1, 1, hour, minute)  # noqa: DTZ001 - a clock's reading, whatever the zone
    if not hours:
        return format_time(instant, "short", locale=locale)
    return str(format_skeleton("hm" if hours == 12 else "Hm", instant, locale=locale))


@lru_cache(maxsize=4096)
def _day(locale: Locale, day: date) -> str:
    return format_date(day, "full", locale=locale)
