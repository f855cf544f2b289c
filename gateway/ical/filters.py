"""CALDAV:filter on a parsed object (RFC 4791 9.7 and 9.9), in full."""

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from typing import Final, Literal

from gateway.errors import InvalidCalendarData, UnsupportedCollation
from gateway.ical.jcal import DEFAULTS
from gateway.ical.objects import ParsedObject
from gateway.ical.recurrence import Instance, Series
from gateway.ical.rules import Steps
from gateway.ical.text import Component, Property
from gateway.ical.times import MIN_TIME, Reading, touches
from gateway.ical.value import DAY, Duration, parse_duration

Test = Literal["allof", "anyof"]
Match = Literal["contains", "starts-with", "ends-with", "equals"]
TimeRange = tuple[int, int]
"""Epoch seconds, half-open; MIN_TIME and MAX_TIME where the request leaves an end open."""

MAX_REPEAT: Final = 1_000
MONTH: Final = 31 * DAY


def _ascii_fold(text: str) -> str:
    return text.translate(ASCII_LOWER)


def _unicode_fold(text: str) -> str:
    """RFC 5051: without case and compatibility differences."""
    return unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text.casefold()).casefold())


ASCII_LOWER: Final = {ord(sign): ord(sign.lower()) for sign in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
MATCHES: Final[Mapping[Match, Callable[[str, str], bool]]] = {
    "contains": str.__contains__,
    "starts-with": str.startswith,
    "ends-with": str.endswith,
    "equals": str.__eq__,
}
"""How a text holds another."""

COLLATIONS: Final[dict[str, Callable[[str], str]]] = {
    "i;ascii-casemap": _ascii_fold,
    "i;octet": str,
    "i;unicode-casemap": _unicode_fold,
}


def may_be_dated(name: str) -> bool:
    """Whether a property may hold a date, a time or a period: those do that nobody knows."""
    return DEFAULTS.get(name, "UNKNOWN") in {"DATE-TIME", "PERIOD", "UNKNOWN"} or name == "TRIGGER"


@dataclass(frozen=True, slots=True)
class TextMatch:
    """The text holds `value` as `match` says; negate: it does not.

    Raises: UnsupportedCollation on creation.
    """

    value: str
    collation: str = "i;ascii-casemap"
    negate: bool = False
    match: Match = "contains"

    def __post_init__(self) -> None:
        if self.collation not in COLLATIONS:
            raise UnsupportedCollation(f"no collation {self.collation[:40]}")

    def matches(self, text: str) -> bool:
        key = COLLATIONS[self.collation]
        return MATCHES[self.match](key(text), key(self.value)) != self.negate


@dataclass(frozen=True, slots=True)
class ParamFilter:
    """defined: True there, False not there, None whatever `text` says."""

    name: str
    defined: bool | None = None
    text: TextMatch | None = None


@dataclass(frozen=True, slots=True)
class PropFilter:
    name: str
    is_not_defined: bool = False
    time_range: TimeRange | None = None
    text_match: TextMatch | None = None
    params: tuple[ParamFilter, ...] = ()
    test: Test = "allof"


@dataclass(frozen=True, slots=True)
class CompFilter:
    """test: how the parts below it are joined; a time range always has to match as well.

    The time range of VCALENDAR is one of whatever is in it: RFC 4791 9.7 knows none there, but clients ask for it.
    """

    name: str
    is_not_defined: bool = False
    time_range: TimeRange | None = None
    props: tuple[PropFilter, ...] = ()
    comps: "tuple[CompFilter, ...]" = ()
    test: Test = "allof"


def matches(obj: ParsedObject, wanted: CompFilter, zone: tzinfo, steps: Steps | None = None) -> bool:
    """Whether the object is among those a CALDAV:filter asks for.

    wanted: of VCALENDAR. zone: the owner's, for all-day and floating times. steps: how far recurrences may be
    followed; None: as far as for one object.
    Raises: TooManyInstances.
    """
    if wanted.name.upper() != "VCALENDAR":
        return wanted.is_not_defined
    if wanted.is_not_defined:
        return False
    asked = _Asked(obj, zone, steps)
    if wanted.time_range is not None and not asked.any_in_range(*wanted.time_range):
        return False
    return _joined(wanted, asked.parts(wanted, obj.calendar))


def _joined(wanted: CompFilter, results: Iterable[bool]) -> bool:
    if not wanted.props and not wanted.comps:
        return True
    return all(results) if wanted.test == "allof" else any(results)


class _Asked:
    """One object under question."""

    def __init__(self, obj: ParsedObject, zone: tzinfo, steps: Steps | None) -> None:
        self.obj = obj
        self.reading = Reading(obj.zones, zone)
        self.series = Series(obj, zone, steps)
        self.numbers = {id(component): number for number, component in enumerate(obj.components)}

    def parts(self, wanted: CompFilter, component: Component) -> Iterator[bool]:
        for prop in wanted.props:
            yield self.prop(prop, component)
        for comp in wanted.comps:
            yield self.child(comp, component)

    def child(self, wanted: CompFilter, parent: Component) -> bool:
        """Some component in `parent` is as the filter says; or none is there, if that is asked."""
        there = parent.children(wanted.name.upper())
        if wanted.is_not_defined:
            return not there
        return any(self.component(wanted, one, parent) for one in there)

    def component(self, wanted: CompFilter, component: Component, parent: Component) -> bool:
        if wanted.time_range is not None and not self.in_range(component, parent, *wanted.time_range):
            return False
        return _joined(wanted, self.parts(wanted, component))

    def any_in_range(self, start: int, end: int) -> bool:
        return any(self.in_range(one, self.obj.calendar, start, end) for one in self.obj.components)

    def in_range(self, component: Component, parent: Component, start: int, end: int) -> bool:
        if component.name == "VALARM":
            begin = max(start, self.first_ring(component))
            return any(self.rings(component, parent, *part) for part in _parts(begin, end))
        number = self.numbers.get(id(component))
        if number is None:
            return False
        if component.name == "VFREEBUSY":
            return self.freebusy(component, start, end)
        begin = max(start, self.begin())
        return any(one.component == number for part in _parts(begin, end) for one in self.instances(*part))

    def begin(self) -> int:
        """No instance stands for a range that ends before this; MIN_TIME where nothing has a start."""
        series = self.series
        timings = [one for one in (series.timing, *(each.timing for each in series.overrides.values())) if one]
        return min([*(one.start.epoch for one in timings), *series.dates], default=MIN_TIME + DAY) - DAY

    def instances(self, start: int, end: int) -> list[Instance]:
        return self.series.between(start, end, 100_000)

    def first_ring(self, alarm: Component) -> int:
        """It does not go off before this."""
        trigger = alarm.first("TRIGGER")
        try:
            offset = parse_duration(trigger.value if trigger else "")
        except InvalidCalendarData:
            return MIN_TIME
        return self.begin() + offset.days * DAY + offset.seconds

    def rings(self, alarm: Component, parent: Component, start: int, end: int) -> bool:
        return any(start <= at < end for at in self.alarms(alarm, parent, start, end))

    def freebusy(self, component: Component, start: int, end: int) -> bool:
        start_line, end_line = component.first("DTSTART"), component.first("DTEND")
        if start_line is not None and end_line is not None:
            return start <= self.at(end_line, end_line.value) and end > self.at(start_line, start_line.value)
        values = [(line, value) for line in component.all("FREEBUSY") for value in line.value.split(",")]
        return any(self.value_in_range(line, value, start, end) for line, value in values)

    def at(self, line: Property, value: str) -> int:
        return self.reading.value(line, value).epoch

    def alarms(self, alarm: Component, parent: Component, start: int, end: int) -> Iterator[int]:
        """Instants near [start, end) at which an alarm goes off, repetitions too."""
        trigger = alarm.first("TRIGGER")
        if trigger is None:
            return
        try:
            repeats = list(_repeats(alarm))
            if trigger.value[:1] in "Pp+-":
                offset = parse_duration(trigger.value)
                begins = self.relative(parent, trigger, offset, start - repeats[-1], end)
            else:
                begins = iter((self.at(trigger, trigger.value),))
            for begin in begins:
                yield from (begin + repeat for repeat in repeats)
        except InvalidCalendarData:
            return

    def relative(self, parent: Component, trigger: Property, offset: Duration, start: int, end: int) -> Iterator[int]:
        number = self.numbers.get(id(parent))
        by = offset.days * DAY + offset.seconds
        of_end = (trigger.param("RELATED") or "").upper() == "END"
        for one in self.instances(start - by - DAY, end - by + DAY):
            if one.component == number:
                yield (one.end if of_end else one.start) + by

    def prop(self, wanted: PropFilter, component: Component) -> bool:
        lines = component.all(wanted.name.upper())
        if wanted.is_not_defined:
            return not lines
        return any(self.line(wanted, line) for line in lines)

    def line(self, wanted: PropFilter, line: Property) -> bool:
        results = [_param(param, line) for param in wanted.params]
        if wanted.text_match is not None:
            results.append(wanted.text_match.matches(line.text))
        if wanted.time_range is not None:
            start, end = wanted.time_range
            results.append(any(self.value_in_range(line, value, start, end) for value in line.value.split(",")))
        if not results:
            return True
        return all(results) if wanted.test == "allof" else any(results)

    def value_in_range(self, line: Property, value: str, start: int, end: int) -> bool:
        """A date or time of a property lies in the range, or a period overlaps it."""
        try:
            if "/" in value:
                return touches(line, value, self.reading, start, end)
            return start <= self.at(line, value) < end
        except InvalidCalendarData:
            return False


def _parts(start: int, end: int) -> Iterator[TimeRange]:
    """The range in pieces, each longer than the one before: what never ends is mostly found in the first of them."""
    length = MONTH
    while end - start > length:
        yield start, start + length
        start, length = start + length, length * 8
    yield start, end


def _repeats(alarm: Component) -> Iterator[int]:
    """Seconds after its trigger at which an alarm goes off; 0 first, the last is the greatest."""
    yield 0
    repeat, pause = alarm.text("REPEAT").strip(), alarm.first("DURATION")
    if pause is None or not repeat.isdecimal() or len(repeat) > 9:
        return
    length = parse_duration(pause.value)
    for number in range(1, min(int(repeat), MAX_REPEAT) + 1):
        yield number * (length.days * DAY + length.seconds)


def _param(wanted: ParamFilter, line: Property) -> bool:
    values = line.params.get(wanted.name.upper())
    if wanted.defined is False:
        return values is None
    if values is None:
        return False
    return wanted.text is None or any(wanted.text.matches(value) for value in values)
