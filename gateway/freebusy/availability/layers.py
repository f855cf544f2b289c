"""VAVAILABILITY components as layers of wall-clock minutes (RFC 7953 3.1 and 4)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

from gateway.errors import InvalidCalendarData
from gateway.freebusy.availability.clocks import date_of, ordinal_of
from gateway.freebusy.availability.hours import DAY, Window
from gateway.freebusy.availability.minutes import THURSDAY
from gateway.ical.objects.parsed import ParsedObject, given_zones, tzids
from gateway.ical.recurrence import instances, parse_rule
from gateway.ical.text import Component, Property, component
from gateway.ical.value import parse_duration, parse_when
from gateway.ical.zones import iana, zone_for

MOST_INSTANCES: Final = 1_000
LONGEST: Final = 3_700  # days a layer with hours of its own may last
WEEKDAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


@dataclass(frozen=True, slots=True)
class Layer:
    """What one VAVAILABILITY says about [start, end), in minutes since 1970 on the clock of `zone`.

    start None: from ever; end None: for ever. strength: higher ones cover lower ones.
    weekly: what comes back every week; pieces: what does not, half-open.
    """

    strength: int
    zone: str
    start: int | None
    end: int | None
    weekly: tuple[tuple[Window, ...], ...]
    pieces: tuple[tuple[int, int], ...]

    @property
    def whole_days(self) -> bool:
        return self.start is not None and self.end is not None and not (self.start % DAY or self.end % DAY)

    @property
    def closed(self) -> bool:
        """Nothing in it is available."""
        return not self.pieces and not any(self.weekly)

    def days(self) -> range:
        """The dates it touches, as days since 1970; of a layer with both ends."""
        if self.start is None or self.end is None:
            return range(0)
        return range(self.start // DAY, (self.end - 1) // DAY + 1)


def layers(calendar: Component, zone: str) -> list[tuple[Component, Layer]]:
    """Each VAVAILABILITY with what it says, the weakest first. zone: IANA name, for floating times.

    Raises: InvalidCalendarData for what cannot be kept as working hours.
    """
    given = calendar.children("VAVAILABILITY")
    read = _reader(calendar, zone)
    return sorted(((one, read.layer(one)) for one in given), key=lambda pair: pair[1].strength)


def weekly_hours(calendar: Component, part: Component, zone: str) -> set[tuple[int, Window]] | None:
    """(weekday, hours) of an AVAILABLE that comes back every week on the clock of `zone`; None: it does not."""
    if not _is_weekly(part):
        return None
    days: list[list[Window]] = [[] for _ in range(7)]
    _reader(calendar, zone).add_week(part, zone, days)
    return {(day, window) for day, windows in enumerate(days) for window in windows}


def _reader(calendar: Component, zone: str) -> "_Reader":
    base = _base_zone(calendar.children("VAVAILABILITY")) or zone
    defined = given_zones(calendar)
    return _Reader(base, {name: tz for name in tzids(calendar) if (tz := zone_for(name, defined)) is not None})


def _base_zone(given: Sequence[Component]) -> str | None:
    """The zone that the hours of the weakest one are written in."""
    for one in sorted(given, key=_strength):
        endless = not (one.first("DTEND") or one.first("DURATION"))
        for part in (*one.children("AVAILABLE"), *([one] if endless else ())):
            line = part.first("DTSTART")
            name = line.param("TZID") if line else None
            if name and iana(name):
                return iana(name)
            if line and line.value.upper().endswith("Z") and endless:
                return "UTC"
    return None


def _strength(given: Component) -> int:
    """PRIORITY 1 is the strongest, 9 the weakest but for 0, which is none."""
    text = given.text("PRIORITY") or "0"
    if not (text.isascii() and text.isdecimal()) or int(text) > 9:
        raise InvalidCalendarData(f"PRIORITY is 0 to 9, not {text[:20]}")
    return 10 - int(text) if int(text) else 0


@dataclass(frozen=True, slots=True)
class _Reader:
    """base: the zone of the whole; known: zones by TZID as written."""

    base: str
    known: Mapping[str, tzinfo]

    def layer(self, given: Component) -> Layer:
        first = given.first("DTSTART")
        name = first.param("TZID") if first else None
        zone = (name and iana(name)) or self.base
        start = self.minute(first, zone) if first else None
        end = self.end(given, start, zone)
        if end is not None and (start is None or end <= start):
            raise InvalidCalendarData("availability that ends must begin before")
        week: list[list[Window]] = [[] for _ in range(7)]
        pieces: list[tuple[int, int]] = []
        for part in given.children("AVAILABLE"):
            if _is_weekly(part):
                self.add_week(part, zone, week)
            else:
                pieces += self.pieces(part, zone, end)
        weekly = tuple(tuple(sorted(set(windows))) for windows in week)
        if start is not None and end is not None and end - start > LONGEST * DAY and (pieces or any(weekly)):
            raise InvalidCalendarData(f"availability for a time of more than {LONGEST} days")
        return Layer(_strength(given), zone, start, end, weekly, tuple(sorted(pieces)))

    def zone_of(self, line: Property) -> tzinfo:
        name = line.param("TZID")
        return self.known.get(name or "") or ZoneInfo(self.base)

    def minute(self, line: Property, zone: str) -> int:
        """A DATE-TIME as minutes since 1970 on the clock of `zone`; a DATE is its midnight."""
        when = parse_when(line.value)
        if not isinstance(when, datetime):
            return ordinal_of(when) * DAY
        if when.tzinfo is None:
            own = self.zone_of(line)
            if own == ZoneInfo(zone):
                return _wall(when)
            when = when.replace(tzinfo=own)
        return _wall(when.astimezone(ZoneInfo(zone)))

    def end(self, given: Component, start: int | None, zone: str) -> int | None:
        line = given.first("DTEND")
        if line is not None:
            return self.minute(line, zone)
        lasts = given.first("DURATION")
        if lasts is None:
            return None
        if start is None:
            raise InvalidCalendarData("a DURATION needs a DTSTART")
        return start + int(parse_duration(lasts.value).timedelta // timedelta(minutes=1))

    def extent(self, part: Component, zone: str) -> tuple[int, int]:
        """First start and end of an AVAILABLE."""
        line = part.first("DTSTART")
        if line is None:
            raise InvalidCalendarData("AVAILABLE has no DTSTART")
        start = self.minute(line, zone)
        end = self.end(part, start, zone)
        if end is None or end <= start:
            raise InvalidCalendarData("AVAILABLE must end after it starts")
        return start, end

    def add_week(self, part: Component, zone: str, week: list[list[Window]]) -> None:
        start, end = self.extent(part, zone)
        if end - start > 7 * DAY:
            raise InvalidCalendarData("weekly hours of more than a week")
        for day in _weekdays(part, start):
            for index, window in enumerate(_daily(start % DAY, end - start)):
                week[(day + index) % 7].append(window)

    def pieces(self, part: Component, zone: str, until: int | None) -> list[tuple[int, int]]:
        """Every instance of an AVAILABLE that has an end, by itself or with the layer it is in."""
        start, end = self.extent(part, zone)
        rule = part.first("RRULE")
        if rule is not None and until is None and not {"COUNT", "UNTIL"} & _parts(rule).keys():
            raise InvalidCalendarData(f"hours by the rule {rule.value[:80]} cannot be kept; weekly or daily ones can")
        event = component("VEVENT", part.properties)
        parsed = ParsedObject("", "VEVENT", event, (event,), self.known)
        tz = ZoneInfo(self.base)
        low = _instant(start - DAY, tz)
        high = _instant(until, tz) + 86_400 if until is not None else low + (LONGEST + 1) * 86_400
        found = instances(parsed, low, high, tz, MOST_INSTANCES)
        own = ZoneInfo(zone)
        starts = [_wall(datetime.fromtimestamp(instance.start, UTC).astimezone(own)) for instance in found]
        return [(begin, begin + end - start) for begin in starts]


def _wall(when: datetime) -> int:
    return ordinal_of(when.date()) * DAY + when.hour * 60 + when.minute


def _instant(minute: int, zone: ZoneInfo) -> int:
    day, clock = divmod(minute, DAY)
    local = datetime.combine(date_of(day), time(clock // 60, clock % 60), zone)
    return int(local.timestamp())


def _parts(rule: Property) -> dict[str, str]:
    return dict(part.upper().partition("=")[::2] for part in rule.value.split(";"))


def _is_weekly(part: Component) -> bool:
    """Comes back every week, for ever, and without exceptions."""
    rule = part.first("RRULE")
    if rule is None or part.first("EXDATE") or part.first("RDATE") or part.first("RECURRENCE-ID"):
        return False
    parse_rule(rule.value)  # raises for what is none
    parts = _parts(rule)
    plain = parts.keys() <= {"FREQ", "INTERVAL", "BYDAY", "WKST"} and parts.get("INTERVAL", "1") == "1"
    days = parts.get("BYDAY", "MO").split(",")
    return plain and parts.get("FREQ") in {"WEEKLY", "DAILY"} and all(day in WEEKDAYS for day in days)


def _weekdays(part: Component, start: int) -> list[int]:
    """Monday is 0."""
    rule = part.first("RRULE")
    parts = _parts(rule) if rule else {}
    if "BYDAY" in parts:
        return sorted({WEEKDAYS.index(day) for day in parts["BYDAY"].split(",")})
    return list(range(7)) if parts.get("FREQ") == "DAILY" else [(start // DAY + THURSDAY) % 7]


def _daily(clock: int, length: int) -> list[Window]:
    """Hours of that length as windows of one day after the other; one that runs over a single midnight stays whole."""
    if length <= DAY:
        until = clock + length
        return [Window(clock, until if until <= DAY else until - DAY)]
    rest = length - (DAY - clock)
    full, tail = divmod(rest, DAY)
    return [Window(clock, DAY), *([Window(0, DAY)] * full), *([Window(0, tail)] if tail else [])]
