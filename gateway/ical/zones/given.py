"""A VTIMEZONE as a tzinfo, just as its author defined it."""

from bisect import bisect_right
from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo
from functools import lru_cache
from typing import NamedTuple

from gateway.errors import InvalidCalendarData, TooManyInstances
from gateway.ical.rules.rule import Rule, parse_rule
from gateway.ical.rules.steps import Steps
from gateway.ical.rules.walk import rule_starts
from gateway.ical.text import Component, Property, parse, serialise
from gateway.ical.value import EPOCH, parse_datetime, parse_offset

FROM, TO = datetime(1900, 1, 1), datetime(2071, 1, 1)  # noqa: DTZ001 - clock readings
MAX_CHANGES = 2_000
STEPS = 150_000
SECOND = timedelta(seconds=1)


class _Change(NamedTuple):
    """at: seconds since 1970 in UTC. before, after: offsets around it."""

    at: int
    before: timedelta
    after: timedelta
    name: str
    summer: bool


class GivenZone(tzinfo):
    """Times between 1900 and 2070 by the rules of a VTIMEZONE; the nearest known offset outside."""

    def __init__(self, name: str, changes: list[_Change], first: timedelta) -> None:
        self.name = name
        self._changes = changes
        self._first = first
        seconds = [(change.at, change.before // SECOND, change.after // SECOND) for change in changes]
        self._instants = [at for at, _, _ in seconds]
        self._walls = (
            [at + max(before, after) for at, before, after in seconds],
            [at + min(before, after) for at, before, after in seconds],
        )

    def _change(self, when: datetime | None) -> _Change | None:
        if when is None:
            return None
        wall = (when.replace(tzinfo=None) - EPOCH) // SECOND
        number = bisect_right(self._walls[when.fold], wall)
        return self._changes[number - 1] if number else None

    def utcoffset(self, when: datetime | None) -> timedelta:
        change = self._change(when)
        return change.after if change else self._first

    def dst(self, when: datetime | None) -> timedelta:
        change = self._change(when)
        return max(change.after - change.before, timedelta()) if change and change.summer else timedelta()

    def tzname(self, when: datetime | None) -> str:
        change = self._change(when)
        return change.name if change and change.name else self.name

    def fromutc(self, when: datetime) -> datetime:
        instant = (when.replace(tzinfo=None) - EPOCH) // SECOND
        number = bisect_right(self._instants, instant)
        if not number:
            return when + self._first
        change = self._changes[number - 1]
        local = when + change.after
        repeated = instant - change.at < (change.before - change.after) // SECOND
        return local.replace(fold=1) if repeated else local

    def __repr__(self) -> str:
        return f"GivenZone({self.name!r})"


def given_zone(vtimezone: Component) -> tzinfo | None:
    """None where it defines nothing that can be read."""
    return _from_text(serialise(vtimezone))


@lru_cache(maxsize=256)
def _from_text(text: str) -> tzinfo | None:
    """Many objects carry the same text, so each is worked out once."""
    wrapped = parse(f"BEGIN:VCALENDAR\r\n{text}END:VCALENDAR\r\n", lenient=True)
    component = wrapped.components[0]
    steps = Steps(STEPS)
    changes: list[_Change] = []
    for observance in component.components:
        if observance.name in {"STANDARD", "DAYLIGHT"}:
            try:
                changes.extend(_changes(observance, steps))
            except (InvalidCalendarData, TooManyInstances):
                return None
    if not changes:
        return None
    changes.sort()
    return GivenZone(component.text("TZID"), changes, changes[0].before)


def _changes(observance: Component, steps: Steps) -> Iterator[_Change]:
    """The clock changes into one STANDARD or DAYLIGHT."""
    before = parse_offset(_value(observance, "TZOFFSETFROM"))
    after = parse_offset(_value(observance, "TZOFFSETTO"))
    onsets = set(_onsets(observance, before, steps))
    if len(onsets) > MAX_CHANGES:
        raise TooManyInstances("a time zone with too many changes")
    name, summer = observance.text("TZNAME"), observance.name == "DAYLIGHT"
    for onset in onsets:
        yield _Change((onset - EPOCH) // SECOND - before // SECOND, before, after, name, summer)


def _onsets(observance: Component, before: timedelta, steps: Steps) -> Iterator[datetime]:
    """Clock readings just before each change."""
    start = parse_datetime(_value(observance, "DTSTART")).replace(tzinfo=None)
    yield start
    for line in observance.all("RDATE"):
        for value in line.value.split(","):
            yield _wall(value.partition("/")[0], before)
    for line in observance.all("RRULE"):
        rule = parse_rule(line.value)
        yield from rule_starts(rule, start, max(FROM, start), TO, _until(rule, before), steps)


def _wall(value: str, before: timedelta) -> datetime:
    when = parse_datetime(value if len(value) > 8 else value + "T000000")
    return when if when.tzinfo is None else when.replace(tzinfo=None) + before


def _until(rule: Rule, before: timedelta) -> datetime | None:
    if rule.until is None:
        return None
    if not isinstance(rule.until, datetime):
        return datetime.combine(rule.until, datetime.max.time().replace(microsecond=0))
    if rule.until.tzinfo is None:
        return rule.until
    return rule.until.replace(tzinfo=None) + before


def _value(component: Component, name: str) -> str:
    line: Property | None = component.first(name)
    if line is None:
        raise InvalidCalendarData(f"{component.name} without {name}")
    return line.value.strip()
