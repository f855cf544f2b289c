"""How much two versions of a component differ, to those who are invited."""

from collections.abc import Mapping
from enum import IntEnum
from typing import Final

from gateway.errors import InvalidCalendarData, TooManyInstances
from gateway.ical.recurrence import Instance, Series
from gateway.ical.rules.rule import parse_rule
from gateway.ical.text import Component, Property
from gateway.ical.times import Form, first_lines, read_timing
from gateway.scheduling.itip.lines import OWN, PEOPLE, attendees, partstat
from gateway.scheduling.itip.parts import MASTER, Parts

TIMES: Final = frozenset({"DTSTART", "DTEND", "DUE", "DURATION", "RRULE", "RDATE", "EXDATE", "EXRULE", "RECURRENCE-ID"})
NO_NEWS: Final = frozenset(
    {
        *("UID", "DTSTAMP", "LAST-MODIFIED", "CREATED", "SEQUENCE", "REQUEST-STATUS", "ACKNOWLEDGED"),
        *("TRANSP", "CATEGORIES", "COLOR", "PERCENT-COMPLETE", "COMPLETED"),
    }
)
"""Changes of these are no reason for a message: bookkeeping, and what everybody sets for themselves."""
USUAL: Final = {"STATUS": "CONFIRMED", "CLASS": "PUBLIC", "PRIORITY": "0"}
"""Values that say the same as no line at all."""
YEARS: Final = 6 * 366 * 86_400
"""How far two series are compared instance by instance."""
MOST: Final = 3_000


class Level(IntEnum):
    """NOTHING that matters to others; ANSWERS: who is invited, what they answered, and what programs tell each other in
    X- lines: to be had by others, and no news.
    """

    NOTHING = 0
    ANSWERS = 1
    CHANGED = 2
    RESCHEDULED = 3


Timeline = tuple[object, ...]


def timeline(parts: Parts, one: Component) -> Timeline:
    """When a component is, as instants where it has any; equal for the same time however it is written."""
    try:
        timing = read_timing(one.name, first_lines(one), parts.reading)
    except InvalidCalendarData:
        return tuple(line.value for line in one.properties if line.name in TIMES)
    if timing is None:
        return ()
    start, length = timing.start, timing.length
    form = min(start.form, Form.UTC)
    return form, start.epoch, length.end(start.epoch, start.local, start.zone)


def recurrence(parts: Parts) -> Timeline:
    """What the series of an object repeats, without what is excluded."""
    master, start = parts.master, parts.start
    if master is None or start is None:
        return ()
    rules = frozenset(_rule(line) for line in master.properties if line.name in {"RRULE", "EXRULE"})
    dates = frozenset(value for line in master.all("RDATE") for value in parts.values(line))
    if not rules and not dates:
        return ()
    return rules, frozenset(key for key, _ in dates), start.local, str(start.zone)


def _rule(line: Property) -> object:
    try:
        return line.name, parse_rule(line.value)
    except InvalidCalendarData:
        return line.name, line.value


def content(one: Component) -> Mapping[str, tuple[str, ...]]:
    """What it says beside times and people."""
    found: dict[str, list[str]] = {}
    for line in one.properties:
        name = line.name
        if name in TIMES or name in NO_NEWS or name in PEOPLE or name.startswith("X-"):
            continue
        text = line.text.strip()
        if text and USUAL.get(name) != text.upper():
            found.setdefault(name, []).append(text)
    return {name: tuple(sorted(texts)) for name, texts in found.items()}


def people(one: Component) -> Mapping[str, tuple[str, ...]]:
    return {who: (partstat(line), (line.param("ROLE") or "").upper()) for who, line in attendees(one).items()}


def _aside(one: Component) -> list[tuple[str, str]]:
    """What only programs read."""
    lines = (line for line in one.properties if line.name.startswith("X-") and not line.name.startswith(OWN))
    return sorted((line.name, line.value) for line in lines)


def level(before: Parts, old: Component, after: Parts, new: Component) -> Level:
    """How much a component changed; of a series, without what is excluded from it."""
    if timeline(before, old) != timeline(after, new):
        return Level.RESCHEDULED
    if old is before.master and new is after.master and recurrence(before) != recurrence(after):
        return Level.CHANGED if shortened(before, after) else Level.RESCHEDULED
    if content(old) != content(new):
        return Level.CHANGED
    return Level.ANSWERS if people(old) != people(new) or _aside(old) != _aside(new) else Level.NOTHING


def shortened(before: Parts, after: Parts) -> bool:
    """Whether the series has no instance now that it did not have before at the same time (RFC 6638 3.2.8)."""
    start = before.start
    if start is None:
        return False
    try:
        old, new = (_instances(parts, start.epoch) for parts in (before, after))
    except TooManyInstances:
        return False
    return new <= old


def _instances(parts: Parts, first: int) -> set[tuple[int, int]]:
    found: list[Instance] = Series(parts.obj, parts.reading.owner).between(first - 1, first + YEARS, MOST)
    return {(one.start, one.end) for one in found if one.component == 0}


def differs(before: Parts, after: Parts) -> dict[int, Level]:
    """For each component of `after` how much it changed; for an instance that has its own only now, against the
    series as it was. RESCHEDULED where there was nothing.
    """
    found = {}
    for key, new in after.keyed.items():
        old = before.effective(key) if key != MASTER else before.master
        found[key] = Level.RESCHEDULED if old is None else level(before, old, after, new)
    back = before.excluded - after.excluded - after.keyed.keys()
    if MASTER in found and any(after.occurs(key) for key in back):
        found[MASTER] = Level.RESCHEDULED
    return found
