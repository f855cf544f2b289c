"""When one component starts and how long it takes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from enum import IntEnum
from typing import NamedTuple

from gateway.errors import InvalidCalendarData
from gateway.ical.text import Component, Property
from gateway.ical.value import DAY, Duration, parse_date, parse_datetime, parse_duration, parse_period
from gateway.ical.zones import local_to_utc, utc_to_local

NOTHING = Duration(0, 0)
MIN_TIME, MAX_TIME = -62_135_596_800, 253_402_300_799
"""Bounds of all instants: the years 1 and 9999."""


FLOATING = ""
"""Key of Reading.zones for times that name no zone; missing where they float."""


class Form(IntEnum):
    DATE = 0
    FLOATING = 1
    UTC = 2
    ZONED = 3


class Moment(NamedTuple):
    """local: the clock reading, midnight for a date. zone: of that clock; the owner's for dates and floating times."""

    local: datetime
    zone: tzinfo
    form: Form

    @property
    def epoch(self) -> int:
        return local_to_utc(self.local, self.zone)


@dataclass(frozen=True, slots=True)
class Reading:
    """How to read times: the zones of the object by TZID, and the owner's for dates and floating times."""

    zones: Mapping[str, tzinfo]
    owner: tzinfo

    def moment(self, line: Property) -> Moment:
        return self.value(line, line.value)

    def value(self, line: Property, value: str) -> Moment:
        """One value of a line that may hold several."""
        if len(value) == 8 or line.param("VALUE") == "DATE":
            return Moment(datetime.combine(parse_date(value[:8]), time()), self.owner, Form.DATE)
        when = parse_datetime(value)
        if when.tzinfo is not None:
            return Moment(when.replace(tzinfo=None), UTC, Form.UTC)
        tzid = line.param("TZID")
        zone = self.zones.get(FLOATING if tzid is None else tzid)
        return Moment(when, self.owner, Form.FLOATING) if zone is None else Moment(when, zone, Form.ZONED)


def touches(line: Property, value: str, reading: Reading, start: int, end: int) -> bool:
    """Whether a period of the line overlaps [start, end).

    Raises: InvalidCalendarData.
    """
    begin = reading.value(line, value.partition("/")[0]).epoch
    length = parse_period(value)[1]
    if isinstance(length, Duration):
        return begin < end and begin + length.days * DAY + length.seconds > start
    return begin < end and reading.value(line, value.partition("/")[2]).epoch > start


class Length(NamedTuple):
    """Nominal days, counted on the local calendar, and exact seconds after them."""

    days: int
    seconds: int

    @property
    def most(self) -> int:
        """Seconds it can reach, with a clock change within."""
        return self.days * DAY + self.seconds + (DAY if self.days else 0)

    def end(self, start: int, local: datetime, zone: tzinfo) -> int:
        """start: epoch seconds of `local` in `zone`. No later than LAST_END."""
        if not self.days:
            return min(start + self.seconds, LAST_END)
        return min(local_to_utc(_later(local, self.days), zone) + self.seconds, LAST_END)


EARLIEST, LATEST = datetime(2, 1, 1), datetime(9998, 12, 31)  # noqa: DTZ001 - clock readings
LAST_END = 253_370_764_800
"""9999-01-01 in UTC: whatever lasts longer ends here, so that its end can be written in every zone."""


def _later(local: datetime, days: int) -> datetime:
    try:
        return local + timedelta(days=days)
    except OverflowError:
        return LATEST


@dataclass(frozen=True, slots=True)
class Timing:
    """start: DTSTART, or DUE of a task that has no DTSTART."""

    start: Moment
    length: Length


def read_timing(kind: str, first: Mapping[str, Property], reading: Reading) -> Timing | None:
    """None without a start.

    first: the component's first line of each name. An end that is not after the start, or cannot be read, counts as
    none: no length, or the day itself of a date.
    Raises: InvalidCalendarData if the start cannot be read.
    """
    end_name = "DUE" if kind == "VTODO" else "DTEND"
    end_line = first.get(end_name)
    start_line = first.get("DTSTART") or (end_line if kind == "VTODO" else None)
    if start_line is None:
        return None
    start = reading.moment(start_line)
    lasts = start_line is not end_line
    length = _length(start, end_line, reading) if lasts and end_line is not None else None
    if length is not None:
        return Timing(start, length)
    duration_line = first.get("DURATION")
    duration = _duration(duration_line) if lasts and duration_line is not None else None
    if duration is not None and (duration > NOTHING or kind != "VEVENT" or start.form != Form.DATE):
        return Timing(start, _lasting(start, max(duration.days, 0), max(duration.seconds, 0)))
    whole_day = start.form == Form.DATE and lasts and kind != "VTODO"
    return Timing(start, Length(int(whole_day), 0))


def _lasting(start: Moment, days: int, seconds: int) -> Length:
    """Of a date, whole days: those it lasts into, as a date has no hours (RFC 5545 3.6.1 asks for weeks or days)."""
    return Length(days + -(-seconds // DAY), 0) if start.form == Form.DATE else Length(days, seconds)


def _length(start: Moment, line: Property, reading: Reading) -> Length | None:
    """Until the end that the line names; None for one that cannot be read."""
    try:
        return _until(start, reading.moment(line))
    except InvalidCalendarData:
        return None


def _duration(line: Property) -> Duration | None:
    """None for one that cannot be read."""
    try:
        return parse_duration(line.value)
    except InvalidCalendarData:
        return None


def _until(start: Moment, end: Moment) -> Length:
    if start.form == end.form == Form.DATE:
        return Length(max((end.local - start.local).days, 1), 0)
    return Length(0, max(end.epoch - start.epoch, 0))


def reach(kind: str, timing: Timing, start: int, end: int, first: Mapping[str, Property]) -> tuple[int, int]:
    """The half-open range that stands for an instance in time-range tests (RFC 4791 9.9)."""
    if kind == "VTODO":
        return _todo_reach(start, end, first)
    if kind == "VJOURNAL":
        return (start, end) if timing.start.form == Form.DATE else (start, start + 1)
    return (start, end) if start < end else (start, start + 1)


def _todo_reach(start: int, end: int, first: Mapping[str, Property]) -> tuple[int, int]:
    if "DTSTART" not in first:
        return start - 1, start
    if "DUE" in first:
        return (start, end) if start < end else (start - 1, start + 1)
    if "DURATION" in first:
        return (start, end + 1) if start < end else (start - 1, start + 1)
    return start, start + 1


def undated_reach(first: Mapping[str, Property], reading: Reading) -> tuple[int, int]:
    """The same for a VTODO with neither DTSTART nor DUE."""
    marks = {name: reading.moment(first[name]).epoch for name in ("CREATED", "COMPLETED") if name in first}
    if "COMPLETED" in marks:
        return min(marks.values()) - 1, max(marks.values()) + 1
    return marks.get("CREATED", MIN_TIME), MAX_TIME


def first_lines(component: Component) -> dict[str, Property]:
    """The component's lines by name, the first of each."""
    return {line.name: line for line in reversed(component.properties)}


def same_day(value: Moment, series: Moment) -> Moment:
    """A RECURRENCE-ID, RDATE or EXDATE in the form of its series' start, where the two differ in form."""
    if value.form == Form.DATE and series.form != Form.DATE:
        return Moment(datetime.combine(value.local.date(), series.local.time()), series.zone, series.form)
    if value.form != Form.DATE and series.form == Form.DATE:
        return Moment(datetime.combine(value.local.date(), time()), series.zone, Form.DATE)
    return value


def shifted(instant: int, by: timedelta, zone: tzinfo) -> datetime:
    """The clock reading in `zone` at an instant, moved."""
    local = utc_to_local(instant, zone)
    try:
        return local + by
    except OverflowError:
        return LATEST if by > timedelta() else EARLIEST
