"""CALDAV:filter on a parsed object (RFC 4791 9.7 and 9.9), in full."""

import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import tzinfo
from typing import Final, Literal

from gateway.errors import InvalidCalendarData, UnsupportedCollation
from gateway.ical.objects import ParsedObject
from gateway.ical.recurrence import Instance, Series
from gateway.ical.rules import Steps
from gateway.ical.text import Component, Property
from gateway.ical.times import Reading
from gateway.ical.value import DAY, Duration, parse_duration, parse_period

Test = Literal["allof", "anyof"]
TimeRange = tuple[int, int]
"""Epoch seconds, half-open; MIN_TIME and MAX_TIME where the request leaves an end open."""

MAX_REPEAT: Final = 1_000


def _ascii_fold(text: str) -> str:
    return text.translate(ASCII_LOWER)


def _unicode_fold(text: str) -> str:
    """RFC 5051: without case and compatibility differences."""
    return unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text.casefold()).casefold())


ASCII_LOWER: Final = {ord(sign): ord(sign.lower()) for sign in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
COLLATIONS: Final[dict[str, Callable[[str], str]]] = {
    "i;ascii-casemap": _ascii_fold,
    "i;octet": str,
    "i;unicode-casemap": _unicode_fold,
}


@dataclass(frozen=True, slots=True)
class TextMatch:
    """The text holds `value` somewhere; negate: it does not.

    Raises: UnsupportedCollation on creation.
    """

    value: str
    collation: str = "i;ascii-casemap"
    negate: bool = False

    def __post_init__(self) -> None:
        if self.collation not in COLLATIONS:
            raise UnsupportedCollation(f"no collation {self.collation[:40]}")

    def matches(self, text: str) -> bool:
        key = COLLATIONS[self.collation]
        return (key(self.value) in key(text)) != self.negate


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
    """test: how the parts below it are joined; a time range always has to match as well."""

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

    def in_range(self, component: Component, parent: Component, start: int, end: int) -> bool:
        if component.name == "VALARM":
            return any(start <= at < end for at in self.alarms(component, parent, start, end))
        number = self.numbers.get(id(component))
        if number is None:
            return False
        if component.name == "VFREEBUSY":
            return self.freebusy(component, start, end)
        return any(one.component == number for one in self.instances(start, end))

    def instances(self, start: int, end: int) -> list[Instance]:
        return self.series.between(start, end, 100_000)

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
            if "/" not in value:
                moment = self.reading.value(line, value)
                return start <= moment.epoch < end
            begin = self.at(line, value.partition("/")[0])
            length = parse_period(value)[1]
            if isinstance(length, Duration):
                return begin < end and begin + length.days * DAY + length.seconds > start
            return begin < end and self.at(line, value.partition("/")[2]) > start
        except InvalidCalendarData:
            return False


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
