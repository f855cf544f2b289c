"""Time zones to choose from, named in the visitor's language."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale
from babel.core import get_global
from babel.dates import get_timezone_location, get_timezone_name

from gateway.web.language import Language

LONGEST_NAME: Final = 64
UTC_NAME: Final = "UTC"


@dataclass(frozen=True, slots=True)
class Choice:
    """zone: IANA name. offset: minutes east of UTC, now."""

    zone: str
    place: str
    country: str
    name: str
    offset: int
    clock: str

    @property
    def words(self) -> str:
        """What a search looks in, folded."""
        return folded(f"{self.zone} {self.place} {self.country} {self.name}".replace("_", " "))

    @property
    def from_utc(self) -> str:
        hours, minutes = divmod(abs(self.offset), 60)
        return f"UTC{'-' if self.offset < 0 else '+'}{hours}" + (f":{minutes:02}" if minutes else "")


def folded(text: str) -> str:
    """Lower case without accents, so that Zurich finds Zürich."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in plain if not unicodedata.combining(sign))


@cache
def names() -> frozenset[str]:
    return frozenset(available_timezones())


def known(name: str) -> str | None:
    """The IANA name, if it is one; browsers may send old ones, which are kept."""
    return name if len(name) <= LONGEST_NAME and name in names() else None


def _territories() -> dict[str, str]:
    table: dict[str, str] = dict(get_global("zone_territories"))
    return {zone: territory for zone, territory in table.items() if zone in names() and territory != "ZZ"}


@cache
def _listed(locale: str) -> tuple[tuple[str, str, str, str], ...]:
    """(zone, place, country, name) of every zone that belongs to a country; and UTC."""
    spoken = Locale.parse(locale)
    rows = [
        (
            zone,
            get_timezone_location(zone, locale=spoken, return_city=True),
            str(spoken.territories.get(territory, "")),
            get_timezone_name(zone, locale=spoken),
        )
        for zone, territory in _territories().items()
    ]
    return (*rows, (UTC_NAME, UTC_NAME, "", ""))


def place(zone: str, spoken: Language) -> str:
    """Its city, as the visitor says it."""
    return UTC_NAME if zone == UTC_NAME else get_timezone_location(zone, locale=spoken.locale, return_city=True)


def choices(spoken: Language, now: datetime, search: str = "") -> Sequence[Choice]:
    """By place. search: words that must all be found in a zone's names."""
    wanted = folded(search[:100]).replace("/", " ").split()
    found = []
    for zone, city, country, name in _listed(spoken.code):
        local = now.astimezone(ZoneInfo(zone))
        offset = local.utcoffset()
        minutes = 0 if offset is None else int(offset.total_seconds() // 60)
        choice = Choice(zone, city, country, name, minutes, spoken.clock(local))
        if all(word in choice.words.replace("/", " ") for word in wanted):
            found.append(choice)
    return sorted(found, key=lambda choice: (folded(choice.place), choice.zone))
