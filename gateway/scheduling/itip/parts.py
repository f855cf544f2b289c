"""An object as its series and single instances, told apart by the instant each one replaces."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from gateway.errors import InvalidCalendarData, TooManyInstances
from gateway.ical.objects import ParsedObject, read_lenient
from gateway.ical.recurrence import Series
from gateway.ical.text import Component, Property, component, prop, serialise
from gateway.ical.times import Form, Moment, Reading, same_day
from gateway.ical.value import format_date, format_local, format_utc, parse_datetime
from gateway.ical.zones import utc_to_local
from gateway.scheduling.itip.message import append, copied, put

MASTER: Final = -(1 << 62)
"""The key of the component without RECURRENCE-ID; before that of every instance."""
RECURRENCE: Final = frozenset({"RRULE", "RDATE", "EXDATE", "EXRULE"})
ENDS: Final = ("DTEND", "DUE")

Revision = tuple[int, int]
"""SEQUENCE, DTSTAMP (RFC 5546 2.1.5)."""


class Parts:
    """keyed: MASTER -> the series (or the one event), instant -> the override of that instance.

    excluded: instants that EXDATEs take out. onward: overrides that hold for later instances as well.
    All-day and floating times count as UTC; they are only ever compared with their like.
    """

    def __init__(self, obj: ParsedObject) -> None:
        self.obj = obj
        self.reading = Reading(obj.zones, UTC)
        self.keyed: dict[int, Component] = {}
        self.onward: set[int] = set()
        self.excluded: set[int] = set()
        self.start: Moment | None = None
        master = obj.master
        if master is not None:
            self.keyed[MASTER] = master
            line = master.first("DTSTART") or master.first("DUE")
            self.start = self.moment(line) if line is not None else None
            self.excluded = {key for line in master.all("EXDATE") for key, _ in self.values(line)}
        for one in obj.components[0 if master is None else 1 :]:
            line = one.first("RECURRENCE-ID")
            key = None if line is None else self.key(line, line.value)
            if line is None or key is None:
                continue
            self.keyed[key] = one
            if is_onward(line):
                self.onward.add(key)
        self._series: Series | None = None

    @property
    def master(self) -> Component | None:
        return self.keyed.get(MASTER)

    @property
    def overrides(self) -> dict[int, Component]:
        return {key: one for key, one in self.keyed.items() if key != MASTER}

    def moment(self, line: Property, value: str | None = None) -> Moment | None:
        """None where it cannot be read."""
        try:
            return self.reading.value(line, line.value if value is None else value)
        except InvalidCalendarData:
            return None

    def key(self, line: Property, value: str) -> int | None:
        """The instance that a RECURRENCE-ID, EXDATE or RDATE means."""
        moment = self.moment(line, value.partition("/")[0])
        if moment is None:
            return None
        return (moment if self.start is None else same_day(moment, self.start)).epoch

    def values(self, line: Property) -> Iterator[tuple[int, str]]:
        for value in line.value.split(","):
            key = self.key(line, value)
            if key is not None:
                yield key, value

    @property
    def sequence(self) -> int:
        """The highest of all components."""
        return max((sequence(one) for one in self.keyed.values()), default=0)

    def effective(self, key: int) -> Component | None:
        """What holds for that instance: its override, else the series as it is for it; None if there is no such."""
        if key in self.keyed:
            return self.keyed[key]
        return self.derived(key) if key not in self.excluded and self.occurs(key) else None

    def occurs(self, key: int) -> bool:
        """Whether the series has an instance there, be it excluded or not."""
        if self.start is None or key == MASTER:
            return False
        if key in self.excluded or key in self.keyed:
            return True
        if self._series is None:
            alone = replace(self.obj, components=(self.keyed[MASTER],))
            self._series = Series(alone, UTC)
        try:
            found = self._series.between(key, key + 1, 1_000)
        except TooManyInstances:
            return False
        return any(one.start == key for one in found)

    def derived(self, key: int) -> Component:
        """What holds for an instance without an override of its own, as one; a free copy."""
        origin = max((onward for onward in self.onward if onward <= key), default=MASTER)
        given = self.keyed[origin]
        line = given.first("DTSTART") or given.first("DUE")
        start = self.moment(line) if line is not None else None
        if start is None:
            return copied(given)
        local = utc_to_local(key, start.zone)
        if origin != MASTER:
            local += start.local - utc_to_local(origin, start.zone)
        lines = []
        for line in given.properties:
            if line.name == "DTSTART":
                lines += [_at(line, start.form, local), self.rid(key)]
            elif line.name in ENDS:
                lines.append(self._shifted(line, start, local))
            elif line.name not in RECURRENCE and line.name != "RECURRENCE-ID":
                lines.append(line)
        return component(given.name, lines, [copied(part) for part in given.components])

    def _shifted(self, line: Property, start: Moment, local: datetime) -> Property:
        """The end as far after the instance as the series' end is after its start, on the clock of the start."""
        end = self.moment(line)
        if end is None:
            return line
        if end.zone is start.zone:
            return _at(line, end.form, local + (end.local - start.local))
        until = local + timedelta(seconds=end.epoch - start.epoch)
        at = Moment(until, start.zone, start.form).epoch
        return _at(line, end.form, utc_to_local(at, end.zone))

    def rid(self, key: int) -> Property:
        """A RECURRENCE-ID for the instance, written as the series writes its start."""
        one = self.keyed.get(key)
        known = one.first("RECURRENCE-ID") if one is not None else None
        if known is not None:
            return known
        line = self.keyed[MASTER].first("DTSTART") or self.keyed[MASTER].first("DUE")
        if line is None or self.start is None:
            return prop("RECURRENCE-ID", format_utc(key))
        return _rid(line, self.start.form, utc_to_local(key, self.start.zone))

    def store(self, key: int, one: Component) -> None:
        """A component in the place of the one that stands for the same, else as the last."""
        components = self.obj.calendar.components
        known = self.keyed.get(key)
        if known is None:
            components.append(one)
        else:
            one.at = known.at
            components[components.index(known)] = one
        self.keyed[key] = one
        line = one.first("RECURRENCE-ID")
        self.onward.discard(key)
        if line is not None and is_onward(line):
            self.onward.add(key)

    def drop(self, key: int) -> None:
        self.obj.calendar.components.remove(self.keyed.pop(key))
        self.onward.discard(key)

    def exclude(self, target: Component, keys: set[int]) -> None:
        """Adds EXDATEs to a component of the series."""
        for key in sorted(keys):
            line = self.rid(key)
            params = {name: values for name, values in line.params.items() if name in {"TZID", "VALUE"}}
            append(target, prop("EXDATE", line.value, params))

    def include(self, target: Component, key: int) -> None:
        """Takes the instance out of the EXDATEs of a component of the series."""
        lines = []
        for line in target.properties:
            if line.name == "EXDATE" and any(at == key for at, _ in self.values(line)):
                kept = [value for at, value in self.values(line) if at != key]
                if kept:
                    lines.append(prop("EXDATE", ",".join(kept), line.params))
            else:
                lines.append(line)
        target.properties[:] = lines
        self.excluded.discard(key)


def _at(line: Property, form: Form, local: datetime) -> Property:
    """The line with another time of the same form."""
    clock = format_local(local) + ("Z" if form == Form.UTC else "")
    value = format_date(local) if form == Form.DATE else clock
    params = {name: values for name, values in line.params.items() if name in {"TZID", "VALUE"}}
    return prop(line.name, value, params)


def _rid(line: Property, form: Form, local: datetime) -> Property:
    at = _at(line, form, local)
    return prop("RECURRENCE-ID", at.value, at.params)


def is_onward(rid: Property) -> bool:
    return (rid.param("RANGE") or "").upper() == "THISANDFUTURE"


def sequence(one: Component) -> int:
    """0 where there is none that can be read."""
    text = one.text("SEQUENCE").strip()
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def stamped(one: Component) -> int:
    """DTSTAMP in epoch seconds; 0 where there is none."""
    try:
        when = parse_datetime(one.text("DTSTAMP").strip())
    except InvalidCalendarData:
        return 0
    return int(when.replace(tzinfo=when.tzinfo or UTC).timestamp())


def revision(one: Component) -> Revision:
    return sequence(one), stamped(one)


def cancelled(one: Component | None) -> bool:
    return one is not None and one.text("STATUS").strip().upper() == "CANCELLED"


def raise_to(one: Component, number: int) -> None:
    """Sets the SEQUENCE; leaves it alone where it is that already."""
    if sequence(one) != number:
        put(one, prop("SEQUENCE", str(number)))


def fresh(obj: ParsedObject) -> ParsedObject:
    """The same object, to be changed freely."""
    return read_lenient(serialise(obj.calendar))
