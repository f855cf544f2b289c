"""Public holidays of countries and their regions; the only part that opens the library of them.

A region is written as ISO 3166 does: "DE" for a country, "DE-BY" for a part of it.
"""

from collections.abc import Mapping
from datetime import date
from functools import cache, lru_cache
from typing import Final

import holidays

YEARS_AHEAD: Final = 11
ENGLISH: Final = "en_US"


@cache
def countries() -> Mapping[str, tuple[str, ...]]:
    """Two-letter codes, each with the codes of its parts."""
    return {code: tuple(parts) for code, parts in holidays.list_supported_countries().items() if len(code) == 2}


def known(region: str) -> bool:
    country, _, part = region.partition("-")
    return country in countries() and (not part or part in countries()[country])


@lru_cache(maxsize=64)
def names(region: str, first: int, last: int, language: str = "") -> Mapping[date, str]:
    """Date -> name of the public holidays of these years, both included.

    language: code of two letters, where the country's holidays have names in it, else English; "": the country's own.
    """
    country, _, part = region.partition("-")
    years, subdivision = range(first, last + 1), part or None
    given = holidays.country_holidays(country, subdiv=subdivision)
    spoken = _spoken(given.supported_languages, language) if language else given.default_language
    return dict(holidays.country_holidays(country, subdiv=subdivision, years=years, language=spoken).items())


def _spoken(offered: tuple[str, ...], language: str) -> str | None:
    own = (one for one in offered if one.partition("_")[0] == language)
    return next(own, ENGLISH if ENGLISH in offered else None)


@cache
def parts(country: str) -> Mapping[str, str]:
    """Code -> name of its parts, by name; the code itself where it has none."""
    given = holidays.country_holidays(country)
    aliases: Mapping[str, str] = getattr(given, "subdivisions_aliases", {})
    found = {code: code for code in countries()[country]}
    for name, code in aliases.items():
        if len(name) > len(found.get(code, name)) or found.get(code) == code:
            found[code] = name
    return dict(sorted(found.items(), key=lambda pair: pair[1]))


@lru_cache(maxsize=256)
def closed(region: str, year: int, kept_open: frozenset[str]) -> frozenset[date]:
    """The holidays from the year before to some years ahead, but for those of these names (as in the country)."""
    found = names(region, year - 1, year + YEARS_AHEAD)
    return frozenset(day for day, name in found.items() if name not in kept_open)
