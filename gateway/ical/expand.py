"""CALDAV:expand and CALDAV:limit-recurrence-set: a part of a recurring object as text (RFC 4791 9.6.5, 9.6.6)."""

from collections.abc import Iterable
from datetime import tzinfo
from typing import Final

from gateway.errors import InvalidCalendarData
from gateway.ical.objects import ParsedObject, crlf
from gateway.ical.recurrence import Instance, Series
from gateway.ical.text import Property, parse, prop, serialise, without
from gateway.ical.times import Form, Reading, touches
from gateway.ical.value import format_date, format_local, format_utc, parse_duration
from gateway.ical.zones import utc_to_local

REMADE: Final = frozenset(
    {"DTSTART", "DTEND", "DUE", "DURATION", "RRULE", "RDATE", "EXDATE", "EXRULE", "RECURRENCE-ID"}
)
ENDS: Final = {"VEVENT": "DTEND", "VTODO": "DUE"}


def expand(obj: ParsedObject, start: int, end: int, zone: tzinfo, limit: int = 10_000) -> str:
    """The object's instances in [start, end), each as a component of its own; "" if there are none.

    Times with a zone are in UTC, dates and floating times stay what they are; no recurrence properties and no
    VTIMEZONE are left.
    Raises: TooManyInstances.
    """
    found = Series(obj, zone).between(start, end, limit)
    return expand_text(obj, found, zone) if found else ""


def expand_text(obj: ParsedObject, instances: Iterable[Instance], zone: tzinfo) -> str:
    """The same for instances already known."""
    calendar = obj.calendar
    parts = [calendar.begin, *(line.raw for line in calendar.properties)]
    templates: dict[int, _Template] = {}
    for instance in instances:
        template = templates.get(instance.component)
        if template is None:
            template = templates[instance.component] = _Template(obj, instance.component, zone)
        parts.append(template.text(instance))
    parts.append("END:VCALENDAR\r\n")
    return "".join(parts) if calendar.begin.endswith("\r\n") else crlf("".join(parts))


class _Template:
    """A component with room for the times of an instance."""

    def __init__(self, obj: ParsedObject, number: int, zone: tzinfo) -> None:
        component = obj.components[number]
        reading = Reading(obj.zones, zone)
        self.zone = zone
        self.form = Form.UTC
        names: set[str] = set()
        lines: list[str] = []
        for line in component.properties:
            if line.name in REMADE:
                names.add(line.name)
                if line.name == "DTSTART" or (line.name == "DUE" and "DTSTART" not in names):
                    self.form = _form(line, reading)
            else:
                lines.append(_in_utc(line, reading))
        end = ENDS.get(component.name, "")
        self.start_name = "DTSTART" if "DTSTART" in names else ""
        self.end_name = end if end in names or "DURATION" in names else ""
        self.length = component.first("DURATION") if end not in names else None
        self.seconds = _seconds(self.length)
        self.before = component.begin + "".join(lines)
        self.after = "".join(map(serialise, component.components)) + component.end

    def text(self, instance: Instance) -> str:
        start, end, rid, _, _ = instance
        times = ""
        if self.start_name:
            times = self.when("DTSTART", start)
        if self.length is not None and end - start == self.seconds:
            times += self.length.raw
        elif self.end_name:
            times += self.when(self.end_name, end)
        if rid:
            times += f"RECURRENCE-ID;VALUE=DATE:{rid}\r\n" if len(rid) == 8 else f"RECURRENCE-ID:{rid}\r\n"
        return self.before + times + self.after

    def when(self, name: str, at: int) -> str:
        if self.form == Form.DATE:
            return f"{name};VALUE=DATE:{format_date(utc_to_local(at, self.zone))}\r\n"
        if self.form == Form.FLOATING:
            return f"{name}:{format_local(utc_to_local(at, self.zone))}\r\n"
        return f"{name}:{format_utc(at)}\r\n"


def _seconds(length: Property | None) -> int | None:
    """Of a DURATION, where every day has 24 hours, as they have in UTC."""
    try:
        return None if length is None else int(parse_duration(length.value).timedelta.total_seconds())
    except InvalidCalendarData:
        return None


def _form(line: Property, reading: Reading) -> Form:
    try:
        return reading.moment(line).form
    except InvalidCalendarData:
        return Form.UTC


def _in_utc(line: Property, reading: Reading) -> str:
    """The raw line, unless it names a zone that will not be there."""
    tzid = line.param("TZID")
    if tzid is None:
        return line.raw
    params = {name: ",".join(values) for name, values in line.params.items() if name != "TZID"}
    try:
        moment = reading.moment(line)
    except InvalidCalendarData:
        return line.raw
    if moment.form != Form.ZONED:
        return prop(line.name, line.value, params).raw
    return prop(line.name, format_utc(moment.epoch), params).raw


def limit_busy(text: str, start: int, end: int, zone: tzinfo) -> str:
    """The text with only those FREEBUSY periods that touch [start, end) (RFC 4791 9.6.7); byte for byte without any.

    Raises: InvalidCalendarData.
    """
    if "FREEBUSY" not in text.upper():
        return text
    calendar = parse(text, lenient=True)
    reading = Reading({}, zone)
    for one in calendar.children("VFREEBUSY"):
        kept = [_limited(line, reading, start, end) for line in one.properties]
        one.properties[:] = [line for line in kept if line is not None]
    return serialise(calendar)


def _limited(line: Property, reading: Reading, start: int, end: int) -> Property | None:
    if line.name != "FREEBUSY":
        return line
    values = line.value.split(",")
    kept = [value for value in values if touches(line, value, reading, start, end)]
    if len(kept) == len(values):
        return line
    return prop(line.name, ",".join(kept), line.params) if kept else None


def limit_recurrences(obj: ParsedObject, start: int, end: int, zone: tzinfo) -> str:
    """The object with only those overrides that have to do with [start, end): moved into, out of or within it.

    An override for this and future instances stays if it begins before `end`.
    """
    series = Series(obj, zone)
    kept = {0} if obj.master is not None else set()
    for override in series.overrides.values():
        timing = override.timing
        begin = timing.start.epoch
        finish = timing.length.end(begin, timing.start.local, timing.start.zone)
        was = override.at, override.at + max(series.length.most, 1)
        touched = any(low < end and max(high, low + 1) > start for low, high in ((begin, finish), was))
        if touched or (override.onward and override.at < end):
            kept.add(override.index)
    dropped = {id(one) for number, one in enumerate(obj.components) if number not in kept}
    return without(obj.calendar, dropped)
