"""What a time zone data distribution service tells (RFC 7808): the zones of the IANA database, and their changes."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Final
from zoneinfo import TZPATH, ZoneInfo

from gateway.ical.text import component, prop, serialise
from gateway.ical.zones.made import Change, changes_of, vtimezone
from gateway.ical.zones.names import iana

PRODID: Final = "-//Gateway//Calendar//EN"
FIRST: Final = int(datetime(1900, 1, 1, tzinfo=UTC).timestamp())
LAST: Final = int(datetime(2100, 1, 1, tzinfo=UTC).timestamp())
"""Bounds of what is told of changes."""


@dataclass(frozen=True, slots=True)
class Database:
    """version: such as 2026a. aliases: zone -> its other names, both in order."""

    version: str
    aliases: Mapping[str, Sequence[str]]


@cache
def database() -> Database:
    lines = _source().splitlines()
    aliases: dict[str, list[str]] = {line.split()[1]: [] for line in lines if line.startswith("Z ")}
    for line in lines:
        if line.startswith("L "):
            _, zone, name = line.split()
            aliases.setdefault(zone, []).append(name)
    return Database(lines[0].split()[-1], {zone: sorted(names) for zone, names in sorted(aliases.items())})


def _source() -> str:
    """Of the system, whose zones are read before those of the package; not every system has it."""
    for folder in TZPATH:
        path = Path(folder) / "tzdata.zi"
        if path.is_file():
            return path.read_text(encoding="utf-8")
    return files("tzdata.zoneinfo").joinpath("tzdata.zi").read_text(encoding="utf-8")


def known(name: str) -> bool:
    """Whether it is the very name of a zone."""
    return iana(name) == name


@lru_cache(maxsize=64)
def described(name: str) -> str:
    """A VCALENDAR with the VTIMEZONE of the zone, from 1969 on. name: `known`."""
    head = [prop("VERSION", "2.0"), prop("PRODID", PRODID)]
    return serialise(component("VCALENDAR", head, [vtimezone(name, 0)]))


@lru_cache(maxsize=32)
def _all_changes(name: str) -> list[Change]:
    return changes_of(ZoneInfo(name), FIRST, LAST)


def observances(name: str, start: int, end: int) -> list[Change]:
    """What the clock shows at `start`, as if it had changed to it then, and its changes until `end`.

    name: `known`. start, end: epoch seconds, clipped to FIRST and LAST.
    """
    start, end = max(start, FIRST), min(end, LAST)
    offset = datetime.fromtimestamp(start, ZoneInfo(name))
    now = offset.utcoffset() or UTC.utcoffset(None)
    found = _all_changes(name)
    later = found[bisect_right([one.at for one in found], start) :]
    return [Change(start, now, now, offset.tzname() or ""), *(one for one in later if one.at < end)]
