"""One calendar object as a set of instances."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import NamedTuple

from gateway.errors import InvalidCalendarData, TooManyInstances
from gateway.ical.objects.parsed import ParsedObject
from gateway.ical.rules.rule import Rule, lenient_rule
from gateway.ical.rules.steps import Steps
from gateway.ical.rules.walk import rule_starts
from gateway.ical.text import Component, Property
from gateway.ical.times import (
    LAST_END,
    MAX_TIME,
    MIN_TIME,
    Form,
    Length,
    Moment,
    Reading,
    Timing,
    first_lines,
    reach,
    read_timing,
    same_day,
    shifted,
    undated_reach,
)
from gateway.ical.value import DAY, EPOCH, Duration, format_date, format_local, format_utc, parse_period
from gateway.ical.zones import local_to_utc

FIRST, LAST = datetime(2, 1, 1), datetime(9998, 12, 31)  # noqa: DTZ001 - clock readings
ONE_DAY = timedelta(days=1)
RULES = ("RRULE", "EXRULE", "RDATE", "EXDATE")
STEPS_OF_VALUE = 4
"""Reading an RDATE, an EXDATE or an override takes as long as looking at so many candidates of a rule."""


class Instance(NamedTuple):
    """One occurrence.

    start, end: epoch seconds, half-open; equal for one without length.
    rid: its RECURRENCE-ID value, in UTC, or a date or floating time as the series is; "" without recurrence.
    component: which of ParsedObject.components describes it.
    local: all-day or floating, so that the instant depends on the owner's zone.
    """

    start: int
    end: int
    rid: str
    component: int
    local: bool


Reached = tuple[Instance, tuple[int, int]]
"""An instance, and the half-open range that stands for it in time-range tests."""


@dataclass(slots=True)
class Override:
    """A component with RECURRENCE-ID. at: the instant it replaces. timing: None if it has no start."""

    index: int
    at: int
    rid: str
    timing: Timing
    first: Mapping[str, Property]
    onward: bool


class Series:
    """What recurrence means for one object, with all-day and floating times read in `zone`.

    Lines that cannot be read are passed over, as if they were not there. Raises: TooManyInstances for too many.
    """

    def __init__(self, obj: ParsedObject, zone: tzinfo, steps: Steps | None = None) -> None:
        self.kind = obj.kind
        self.reading = Reading(obj.zones, zone)
        self.steps = steps or Steps()
        self.first: Mapping[str, Property] = {}
        self.timing: Timing | None = None
        self.rules: list[tuple[Rule, datetime | None]] = []
        self.without: list[tuple[Rule, datetime | None]] = []
        self.dates: dict[int, tuple[datetime, int | None]] = {}
        self.except_at: set[int] = set()
        self.except_days: set[datetime] = set()
        master = obj.master
        if master is not None:
            self._read_master(master)
        begin = 0 if master is None else 1
        self.overrides: dict[int, Override] = {}
        for index in range(begin, len(obj.components)):
            self._read_override(index, obj.components[index])
        self.recurs = bool(self.rules or self.dates or self.overrides or master is None)
        self.onward = sorted((one for one in self.overrides.values() if one.onward), key=lambda one: one.at)

    # reading

    def _read_master(self, master: Component) -> None:
        self.first = first_lines(master)
        try:
            self.timing = read_timing(self.kind, self.first, self.reading)
        except InvalidCalendarData:
            return
        if self.timing is None or self.first.keys().isdisjoint(RULES):
            return
        start = self.timing.start
        for line in master.properties:
            try:
                self._read_line(line, start)
            except InvalidCalendarData:
                continue

    def _read_line(self, line: Property, start: Moment) -> None:
        if line.name in {"RRULE", "EXRULE"}:
            rule = lenient_rule(line.value)
            (self.rules if line.name == "RRULE" else self.without).append((rule, _until(rule, start)))
        elif line.name == "RDATE":
            for value in filter(None, line.value.split(",")):
                self.steps.take(STEPS_OF_VALUE)
                self._add_date(line, value, start)
        elif line.name == "EXDATE":
            for value in filter(None, line.value.split(",")):
                self.steps.take(STEPS_OF_VALUE)
                moment = self.reading.value(line, value)
                if moment.form == Form.DATE != start.form:
                    self.except_days.add(moment.local)
                else:
                    self.except_at.add(same_day(moment, start).epoch)

    def _add_date(self, line: Property, value: str, start: Moment) -> None:
        if "/" not in value:
            moment = same_day(self.reading.value(line, value), start)
            self.dates[moment.epoch] = moment.local, None
            return
        value = "/".join(part + "T000000" if len(part) == 8 and part.isdigit() else part for part in value.split("/"))
        moment = self.reading.value(line, value.partition("/")[0])
        end = parse_period(value)[1]
        if isinstance(end, Duration):
            until = Length(*end).end(moment.epoch, moment.local, moment.zone)
        else:
            until = self.reading.value(line, value.partition("/")[2]).epoch
        self.dates[moment.epoch] = moment.local, max(min(until, LAST_END), moment.epoch)

    def _read_override(self, index: int, component: Component) -> None:
        self.steps.take(STEPS_OF_VALUE)
        first = first_lines(component)
        line = first["RECURRENCE-ID"]
        try:
            mark = self.reading.moment(line)
            timing = read_timing(self.kind, first, self.reading) or Timing(mark, self.length)
        except InvalidCalendarData:
            return
        if self.timing is not None:
            mark = same_day(mark, self.timing.start)
        onward = (line.param("RANGE") or "").upper() == "THISANDFUTURE"
        at = mark.epoch
        self.overrides[at] = Override(index, at, self._rid(at, mark.local, mark.form), timing, first, onward)

    @property
    def length(self) -> Length:
        """How long an instance is that no override changes."""
        return self.timing.length if self.timing else Length(0, 0)

    @staticmethod
    def _rid(at: int, local: datetime, form: Form) -> str:
        if form == Form.DATE:
            return format_date(local)
        return format_local(local) if form == Form.FLOATING else format_utc(at)

    # asking

    @property
    def endless(self) -> bool:
        return any(rule.endless for rule, _ in self.rules)

    def between(self, lo: int, hi: int, limit: int) -> list[Instance]:
        """The instances that RFC 4791 9.9 finds in [lo, hi), in order of start.

        Raises: TooManyInstances for more than `limit`, or when finding them takes too long.
        """
        found: list[Instance] = []
        for instance, (begin, end) in self._reaches(lo, hi):
            if begin < hi and end > lo:
                found.append(instance)
                if len(found) > limit:
                    raise TooManyInstances(f"more than {limit} instances")
        found.sort()
        return found

    def first_of(self, lo: int, hi: int, most: int) -> tuple[list[Reached], int]:
        """Instances in [lo, hi) with the ranges that stand for them in time-range tests, and up to when they are all.

        That is hi, or the start of the first one left out because there were more than `most`.
        Raises: TooManyInstances when finding them takes too long.
        """
        found: list[Reached] = []
        for instance, (begin, end) in self._reaches(lo, hi):
            if begin < hi and end > lo:
                found.append((instance, (begin, end)))
        found.sort()
        if len(found) <= most:
            return found, hi
        until = found[most][0].start
        return [one for one in found[:most] if one[0].start < until], until

    def _reaches(self, lo: int, hi: int) -> Iterator[Reached]:
        if self.timing is None and not self.overrides:
            if self.kind == "VTODO" and self.first:
                begin, end = undated_reach(self.first, self.reading)
                yield Instance(begin, end, "", 0, local=False), (begin, end)
            return
        if not self.recurs and self.timing is not None:
            start = self.timing.start
            at = start.epoch
            yield self._instance(self.timing, at, start.local, "", 0, self.first)
            return
        yield from self._of_master(lo, hi)
        for override in self.overrides.values():
            if override.at not in self.except_at:
                start = override.timing.start
                yield self._instance(
                    override.timing, start.epoch, start.local, override.rid, override.index, override.first
                )

    def _instance(
        self, timing: Timing, at: int, local: datetime, rid: str, index: int, first: Mapping[str, Property]
    ) -> Reached:
        end = timing.length.end(at, local, timing.start.zone)
        instance = Instance(at, end, rid, index, timing.start.form <= Form.FLOATING)
        return instance, reach(self.kind, timing, at, end, first)

    def _of_master(self, lo: int, hi: int) -> Iterator[Reached]:
        timing = self.timing
        if timing is None:
            return
        starts = self._starts(lo - self._before(), hi + self._after())
        if self._simple(timing):
            yield from _timed(starts, timing.length.seconds)
            return
        onward_at = [one.at for one in self.onward]
        form, zone = timing.start.form, timing.start.zone
        is_local = form <= Form.FLOATING
        length = timing.length
        for at, local in starts.items():
            if at in self.overrides:
                continue
            rid = self._rid(at, local, form)
            number = bisect_right(onward_at, at)
            if number:
                yield self._moved(self.onward[number - 1], at, rid)
                continue
            end = length.end(at, local, zone)
            if at in self.dates:
                end = self.dates[at][1] or end
            yield Instance(at, end, rid, 0, is_local), reach(self.kind, timing, at, end, self.first)

    def _simple(self, timing: Timing) -> bool:
        """All instances are alike: timed events of the same length, none overridden."""
        special = self.overrides or self.dates or timing.length.days
        return not special and self.kind == "VEVENT" and timing.start.form > Form.FLOATING and timing.length.seconds > 0

    def _moved(self, override: Override, at: int, rid: str) -> Reached:
        """An instance after an override with RANGE=THISANDFUTURE: moved as far as that one was."""
        start = override.timing.start
        by = start.local - shifted(override.at, timedelta(), start.zone)
        local = shifted(at, by, start.zone)
        return self._instance(
            override.timing, local_to_utc(local, start.zone), local, rid, override.index, override.first
        )

    def _before(self) -> int:
        """Seconds before a window in which an instance reaching into it can have its RECURRENCE-ID."""
        periods = [end - at for at, (_, end) in self.dates.items() if end is not None]
        lengths = [self.length.most, *(one.timing.length.most + self._move(one) for one in self.onward), *periods]
        return max(lengths) + DAY

    def _after(self) -> int:
        return max([0, *(-self._move(one) for one in self.onward)]) + DAY

    @staticmethod
    def _move(override: Override) -> int:
        return override.timing.start.epoch - override.at

    def _starts(self, lo: int, hi: int) -> dict[int, datetime]:
        """Start -> clock reading of the recurrence set (RFC 5545 3.8.5) within [lo, hi], overridden ones included."""
        if self.timing is None:
            return {}
        start = self.timing.start
        zone = start.zone
        found: dict[int, datetime] = {}
        if lo <= start.epoch <= hi and self._starts_itself(start):
            found[start.epoch] = start.local
        begin, end = _clock(lo, -ONE_DAY), _clock(hi, ONE_DAY)
        for rule, until in self.rules:
            for local in rule_starts(rule, start.local, begin, end, until, self.steps):
                found[local_to_utc(local, zone)] = local
        for at, (local, _) in self.dates.items():
            if lo <= at <= hi:
                found[at] = local
        if found and self.without:
            self._take_out(found, start)
        if self.except_days:
            found = {at: local for at, local in found.items() if _midnight(local) not in self.except_days}
        for at in self.except_at.intersection(found):
            del found[at]
        return found

    def _starts_itself(self, start: Moment) -> bool:
        """DTSTART is an instance, unless every rule ended before it."""
        ends = [until for _, until in self.rules]
        return not ends or any(until is None or until >= start.local for until in ends)

    def _take_out(self, found: dict[int, datetime], start: Moment) -> None:
        first, last = min(found.values()), max(found.values())
        for rule, until in self.without:
            for local in rule_starts(rule, start.local, first, last, until, self.steps):
                found.pop(local_to_utc(local, start.zone), None)

    def span(self) -> tuple[int, int | None]:
        """First start and last end over everything; None: no end, or none that can be told cheaply."""
        firsts, lasts = self._ends()
        if not firsts:
            return MIN_TIME, None
        if self.endless:
            return min(firsts), None
        for rule, until in self.rules:
            last = self._last(rule, until)
            if last is None:
                return min(firsts), None
            lasts.append(last)
        return min(firsts), max(lasts)

    def _ends(self) -> tuple[list[int], list[int]]:
        """Starts and ends of everything but what the rules give."""
        pairs: list[tuple[int, int]] = []
        if self.timing is not None:
            start = self.timing.start
            pairs.append((start.epoch, self.timing.length.end(start.epoch, start.local, start.zone)))
            for at, (local, end) in self.dates.items():
                pairs.append((at, end or self.timing.length.end(at, local, start.zone)))
        for override in self.overrides.values():
            start = override.timing.start
            pairs.append((start.epoch, override.timing.length.end(start.epoch, start.local, start.zone)))
        if not pairs and self.first and self.kind == "VTODO":
            pairs.append(undated_reach(self.first, self.reading))
        return [begin for begin, _ in pairs], [end for _, end in pairs]

    def _last(self, rule: Rule, until: datetime | None) -> int | None:
        """An upper bound of the ends that a finite rule gives."""
        if self.timing is None:
            return None
        start = self.timing.start
        last = until
        if rule.count is not None:
            try:
                *_, last = rule_starts(rule, start.local, FIRST, LAST, None, Steps())
            except (TooManyInstances, ValueError):
                return None
        if last is None:
            return None
        moved = max([0, *(self._move(one) + one.timing.length.most for one in self.onward)])
        at = local_to_utc(min(last, LAST), start.zone)
        return min(at + max(self.length.most, moved), MAX_TIME)


def _timed(starts: Iterable[int], seconds: int) -> Iterator[Reached]:
    for at in starts:
        end = min(at + seconds, LAST_END)
        yield Instance(at, end, format_utc(at), 0, False), (at, end)


def _until(rule: Rule, start: Moment) -> datetime | None:
    """UNTIL as the series' clock reads it.

    A date, and any UNTIL of an all-day series, means that whole day.
    """
    until = rule.until
    if until is None:
        return None
    if not isinstance(until, datetime) or start.form == Form.DATE:
        return datetime(until.year, until.month, until.day, 23, 59, 59)  # noqa: DTZ001 - a clock reading
    if until.tzinfo is None:
        return until
    if start.form == Form.FLOATING:
        return until.replace(tzinfo=None)
    return until.astimezone(start.zone).replace(tzinfo=None)


def _midnight(local: datetime) -> datetime:
    return local.replace(hour=0, minute=0, second=0)


def _clock(at: int, by: timedelta) -> datetime:
    """A clock reading around an instant, for windows a day wider than asked."""
    at = min(max(at, -62_072_000_000), 253_339_000_000)
    return EPOCH + timedelta(seconds=at) + by
