"""What the many spellings of a time zone's name mean."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone, tzinfo
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, available_timezones

from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from gateway.ical.value import from_epoch

FIXED = re.compile(r"(?:UTC|GMT|Z)?([+-])(\d{1,2})(?::?([0-5]\d))?", re.I)
WINDOWS_UTC = "UTC"
UTC_NAMES = frozenset({"UTC", "UCT", "GMT", "Zulu", "Universal"})
USUAL = (
    "W. Europe Standard Time",
    "GMT Standard Time",
    "FLE Standard Time",
    "Eastern Standard Time",
    "Central Standard Time",
    "Mountain Standard Time",
    "Pacific Standard Time",
    "China Standard Time",
    "AUS Eastern Standard Time",
)
"""Preferred where several Windows zones have the same clock."""
PROBES = tuple(range(1_735_689_600, 1_830_297_600, 86_400 * 9))
"""Instants from 2025 to 2027 at which zones are compared."""


@cache
def _by_lower() -> Mapping[str, str]:
    return {name.lower(): name for name in available_timezones() if name not in {"localtime", "Factory"}}


@cache
def _windows_by_lower() -> Mapping[str, str]:
    return {name.lower(): zone for name, zone in WINDOWS_TO_OLSON.items()}


@lru_cache(maxsize=2048)
def iana(name: str) -> str | None:
    """The IANA name meant by an IANA or Windows name in one of its spellings; None if it is neither.

    Letter case, blanks and quotes around do not matter; "/freeassociation.sourceforge.net/Europe/Berlin",
    "/mozilla.org/20070129_1/Europe/Berlin" and "tzone://Microsoft/Utc" are known.
    """
    plain = name.strip().strip('"').strip()
    low = plain.lower().replace(" ", "_")
    known = _by_lower()
    if low in known:
        return known[low]
    windows_name = _windows_by_lower().get(plain.lower())
    if windows_name is not None:
        return windows_name
    parts = low.replace("//", "/").split("/")
    for count in (3, 2, 1):
        tail = "/".join(parts[-count:])
        if len(parts) > count and tail in known:
            return known[tail]
    if plain.lower().startswith("tzone://microsoft/"):
        return iana(plain[len("tzone://microsoft/") :])
    return None


@lru_cache(maxsize=1024)
def iana_zone(name: str) -> tzinfo | None:
    """The zone an IANA or Windows name stands for."""
    found = iana(name)
    return None if found is None else ZoneInfo(found)


@lru_cache(maxsize=1024)
def fixed_zone(name: str) -> tzinfo | None:
    """The zone of a fixed offset such as "GMT+0200" or "UTC-5"."""
    fixed = FIXED.fullmatch(name.strip())
    if fixed is None or int(fixed[2]) > 14:
        return None
    offset = timedelta(hours=int(fixed[2]), minutes=int(fixed[3] or 0))
    return timezone(-offset if fixed[1] == "-" else offset)


@lru_cache(maxsize=1024)
def windows(iana_name: str) -> str:
    """The Windows name of an IANA zone: CLDR's where it has one, else that of a zone with the same clock.

    "UTC" where nothing fits.
    """
    canonical = iana(iana_name)
    if canonical is None or canonical.rpartition("/")[2] in UTC_NAMES:
        return WINDOWS_UTC
    for name, zone in WINDOWS_TO_OLSON.items():
        if zone == canonical:
            return name
    clock, region = _clock(canonical), canonical.partition("/")[0]
    alike = [(name, zone) for name, zone in WINDOWS_TO_OLSON.items() if _clock(zone) == clock]
    alike.sort(key=lambda pair: (pair[1].partition("/")[0] != region, pair[0] not in USUAL))
    return alike[0][0] if alike else WINDOWS_UTC


def alike(zone: tzinfo) -> str:
    """The Windows name of a zone with the same clock, "" if there is none; for those only a VTIMEZONE describes."""
    clock = _clock_of(zone)
    if not any(clock):
        return WINDOWS_UTC
    found = [name for name, olson in WINDOWS_TO_OLSON.items() if _clock(olson) == clock]
    return min(found, key=lambda name: name not in USUAL, default="")


@lru_cache(maxsize=1024)
def _clock(name: str) -> tuple[timedelta | None, ...]:
    return _clock_of(ZoneInfo(name))


def _clock_of(zone: tzinfo) -> tuple[timedelta | None, ...]:
    return tuple(zone.utcoffset(_local(at, zone)) for at in PROBES)


def _local(at: int, zone: tzinfo) -> datetime:
    return from_epoch(at).astimezone(zone)
