"""VTIMEZONE components for IANA zones, in the form that real clients read well."""

from bisect import bisect_right
from calendar import monthrange
from collections.abc import Sequence
from datetime import date, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from gateway.errors import InvalidCalendarData
from gateway.ical.rules.rule import WEEKDAYS, parse_rule
from gateway.ical.rules.steps import Steps
from gateway.ical.rules.walk import rule_starts
from gateway.ical.text import Component, component, parse, prop, serialise
from gateway.ical.text.tree import LAST
from gateway.ical.value import DAY, epoch, format_local, format_offset, from_epoch
from gateway.ical.zones.names import iana

PROBE = 7 * DAY
"""No zone keeps an offset for less than that."""
YEAR = 366 * DAY
AHEAD = 28
"""Years after which weekdays and dates of the Gregorian calendar meet again."""
SETTLED = 1_735_689_600
"""2025: what changed at will before it is listed change by change."""
LISTED = 12
"""Years listed change by change for a zone whose changes follow no rule."""


class Change(NamedTuple):
    at: int
    before: timedelta
    after: timedelta
    name: str

    @property
    def wall(self) -> datetime:
        """The clock reading at which it happens, as VTIMEZONE counts it: with the offset before."""
        return from_epoch(self.at).replace(tzinfo=None) + self.before


def vtimezone(zone: str, around: int) -> Component:
    """The zone's clock from the year before `around` (epoch seconds) on.

    Changes that go on by a rule are written as one STANDARD and one DAYLIGHT with an RRULE; what came before the
    rule, or follows none (Morocco), change by change.
    Raises: InvalidCalendarData if no such zone is known.
    """
    name = iana(zone)
    if name is None:
        raise InvalidCalendarData(f"no time zone {zone[:60]}")
    year = from_epoch(around).year
    read = parse(f"BEGIN:VCALENDAR\r\n{_text(zone, name, year)}END:VCALENDAR\r\n")
    made = read.components[0].own()
    made.at = LAST  # else it would stand before the properties of whatever it is put into
    return made


@lru_cache(maxsize=512)
def _text(tzid: str, name: str, year: int) -> str:
    zone = ZoneInfo(name)
    begin = epoch(datetime(year - 1, 1, 1, tzinfo=zone))
    settled = max(begin, SETTLED)
    changes = changes_of(zone, begin, settled + (AHEAD + 2) * YEAR)
    parts = _ruled(changes)
    if parts is None:
        soon = [change for change in changes if change.at < settled + LISTED * YEAR]
        parts = [_observance(change, "") for change in soon]
    if not any(part.first("RRULE") for part in parts[:1]):
        parts.insert(0, _observance(_beginning(zone, begin), ""))
    return serialise(component("VTIMEZONE", [prop("TZID", tzid), prop("X-LIC-LOCATION", name)], parts))


def changes_of(zone: tzinfo, begin: int, end: int) -> list[Change]:
    """Offset changes after `begin`, in order."""
    found = []
    previous = from_epoch(begin).astimezone(zone)
    for at in range(begin + PROBE, end, PROBE):
        here = from_epoch(at).astimezone(zone)
        if here.utcoffset() != previous.utcoffset():
            low, high = at - PROBE, at
            while high - low > 1:
                middle = (low + high) // 2
                same = from_epoch(middle).astimezone(zone).utcoffset() == previous.utcoffset()
                low, high = (middle, high) if same else (low, middle)
            found.append(Change(high, _offset(previous), _offset(here), here.tzname() or ""))
        previous = here
    return found


def _offset(when: datetime) -> timedelta:
    return when.utcoffset() or timedelta()


def _beginning(zone: tzinfo, begin: int) -> Change:
    """The state of the clock at `begin`, as if it had changed to it then."""
    here = from_epoch(begin).astimezone(zone)
    return Change(begin, _offset(here), _offset(here), here.tzname() or "")


def _ruled(changes: Sequence[Change]) -> list[Component] | None:
    """Observances where from some change on, two alternate by rules; None if none do."""
    if not changes:
        return []
    years = bisect_right([change.at for change in changes], changes[-1].at - AHEAD * YEAR)
    for first in range(min(years + 1, len(changes))):
        rules = [_rule(changes[first + turn :: 2]) for turn in (0, 1)]
        if rules[0] and rules[1]:
            alone = [_observance(change, "") for change in changes[:first]]
            turns = [(changes[first + turn], rules[turn] or "") for turn in (0, 1)]
            return alone + [
                _observance(change, rule, None if first else _in_1970(change, rule)) for change, rule in turns
            ]
    return None


def _in_1970(change: Change, rule: str) -> datetime:
    """Where a rule that needs nothing before it begins: clients know no other year."""
    begin = datetime.combine(date(1970, 1, 1), change.wall.time())
    return next(rule_starts(parse_rule(rule), begin, begin, datetime(1971, 1, 1), None, Steps()))  # noqa: DTZ001


def _rule(changes: Sequence[Change]) -> str | None:
    """The yearly rule all of them follow, once each year; None if there is none."""
    if len(changes) < AHEAD - 2:
        return None
    walls = [change.wall for change in changes]
    same = {
        (wall.month, wall.weekday(), wall.time(), change.before, change.after)
        for wall, change in zip(walls, changes, strict=True)
    }
    if len(same) != 1 or [wall.year - walls[0].year for wall in walls] != list(range(len(walls))):
        return None
    weekday, month = WEEKDAYS[walls[0].weekday()], walls[0].month
    left = {monthrange(wall.year, wall.month)[1] - wall.day for wall in walls}
    days = {wall.day for wall in walls}
    if max(left) < 7:
        return f"FREQ=YEARLY;BYMONTH={month};BYDAY=-1{weekday}"
    if (min(days) - 1) // 7 == (max(days) - 1) // 7:
        return f"FREQ=YEARLY;BYMONTH={month};BYDAY={(min(days) - 1) // 7 + 1}{weekday}"
    if max(days) - min(days) < 7:
        span = ",".join(str(day) for day in range(min(days), max(days) + 1))
        return f"FREQ=YEARLY;BYMONTH={month};BYMONTHDAY={span};BYDAY={weekday}"
    if max(left) - min(left) < 7:
        span = ",".join(str(-day - 1) for day in range(max(left), min(left) - 1, -1))
        return f"FREQ=YEARLY;BYMONTH={month};BYMONTHDAY={span};BYDAY={weekday}"
    return None


def _observance(change: Change, rule: str, start: datetime | None = None) -> Component:
    """One STANDARD or DAYLIGHT; the greater offset of two is called DAYLIGHT (Ireland's law has it the other way)."""
    lines = [
        prop("DTSTART", format_local(start or change.wall)),
        prop("TZOFFSETFROM", format_offset(change.before)),
        prop("TZOFFSETTO", format_offset(change.after)),
    ]
    if change.name:
        lines.append(prop("TZNAME", change.name))
    if rule:
        lines.append(prop("RRULE", rule))
    return component("DAYLIGHT" if change.after > change.before else "STANDARD", lines)
