"""Working time as bits: one Python integer, a bit per minute."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from gateway.freebusy.availability.clocks import Span, local_date, midnight, ordinal_of, spans
from gateway.freebusy.availability.hours import DAY, Window, WorkingHours

FULL_DAY = (1 << DAY) - 1
DAY_BYTES = DAY // 8
THURSDAY = 3  # 1970-01-01, with Monday as 0


def working(hours: WorkingHours, start: int, end: int) -> int:
    """Bit i is set where minute start + i of the epoch is working time, for the minutes in [start, end)."""
    rules = _compiled(hours)
    bits = 0
    for zone, low, high in _clocks(hours, start, end):
        for span in spans(zone, low, high):
            bits |= rules.bits(span) << (span.start - start)
    return bits


def closed(hours: WorkingHours, start: int, end: int) -> list[tuple[int, int]]:
    """What is outside working hours in [start, end): half-open (start, end) in epoch seconds, in order, apart."""
    first, last = start // 60, -(-end // 60)
    size = last - first
    shut = ~working(hours, first, last) & ((1 << size) - 1)
    return [(max(a * 60, start), min(b * 60, end)) for a, b in runs(shut, first)]


def runs(bits: int, base: int) -> Iterator[tuple[int, int]]:
    """The stretches of set bits as half-open (start, end), each counted from `base`; in order."""
    text = bin(bits)[:1:-1]
    at = text.find("1")
    while at >= 0:
        stop = text.find("0", at)
        if stop < 0:
            stop = len(text)
        yield base + at, base + stop
        at = text.find("1", stop)


def _clocks(hours: WorkingHours, start: int, end: int) -> list[tuple[str, int, int]]:
    """[start, end) cut by the clock that counts there: (zone, start, end), in order."""
    pieces: list[tuple[str, int, int]] = []
    rest = [(start, end)]
    for travel in hours.travel:
        begin = midnight(travel.first, travel.zone)
        stop = midnight(date.fromordinal(travel.last.toordinal() + 1), travel.zone)
        kept: list[tuple[int, int]] = []
        for low, high in rest:
            a, b = max(low, begin), min(high, stop)
            if a >= b:
                kept.append((low, high))
                continue
            pieces.append((travel.zone, a, b))
            kept += [(x, y) for x, y in ((low, a), (b, high)) if x < y]
        rest = kept
    return sorted(pieces + [(hours.zone, low, high) for low, high in rest], key=lambda piece: piece[1])


@dataclass(frozen=True, slots=True)
class _Compiled:
    """Working hours as 180-byte days.

    usual: a weekday after an ordinary day; own: its own windows (may be longer than a day).
    special: own windows of the dates (days since 1970) that do not follow the week.
    """

    usual: tuple[bytes, ...]
    own: tuple[int, ...]
    special: Mapping[int, int]
    away: tuple[tuple[int, int], ...]

    def bits(self, span: Span) -> int:
        """Working minutes of a span of one offset, bit 0 its first minute."""
        low, high = span.start + span.offset, span.end + span.offset
        first, last = low // DAY, (high - 1) // DAY
        days = b"".join(map(self.day, range(first, last + 1)))
        return (int.from_bytes(days, "little") >> (low - first * DAY)) & ((1 << (high - low)) - 1)

    def day(self, ordinal: int) -> bytes:
        if not self.special and not self.away:
            return self.usual[(ordinal + THURSDAY) % 7]
        own = self._special(ordinal)
        if own is not None:
            return (own & FULL_DAY).to_bytes(DAY_BYTES, "little")
        before = self._special(ordinal - 1)
        if before is None:
            return self.usual[(ordinal + THURSDAY) % 7]
        bits = (self.own[(ordinal + THURSDAY) % 7] & FULL_DAY) | (before >> DAY)
        return bits.to_bytes(DAY_BYTES, "little")

    def _special(self, ordinal: int) -> int | None:
        if any(first <= ordinal <= last for first, last in self.away):
            return 0
        return self.special.get(ordinal)


def window_bits(windows: Iterable[Window]) -> int:
    """Bit i is set where minute i after midnight lies in a window; windows past midnight reach beyond bit 1439."""
    bits = 0
    for window in windows:
        bits |= ((1 << (window.until - window.start)) - 1) << window.start
    return bits


@lru_cache(maxsize=1024)
def _compiled(hours: WorkingHours) -> _Compiled:
    own = tuple(window_bits(windows) for windows in hours.weekly)
    usual = tuple(((own[day] & FULL_DAY) | (own[day - 1] >> DAY)).to_bytes(DAY_BYTES, "little") for day in range(7))
    special: dict[int, int] = {}
    for override in hours.overrides:
        at = ordinal_of(override.date)
        special[at] = special.get(at, 0) | window_bits(override.windows)
    for day in hours.holidays:
        special.setdefault(ordinal_of(day), 0)
    away = tuple((ordinal_of(span.first), ordinal_of(span.last)) for span in hours.away)
    return _Compiled(usual, own, special, away)


def day_bits(hours: WorkingHours, ordinal: int) -> int:
    """Working minutes of one local date (days since 1970) by its own clock; bit 0 is midnight."""
    return int.from_bytes(_compiled(hours).day(ordinal), "little")


def follows_week(hours: WorkingHours, ordinal: int) -> bool:
    """Whether nothing but the weekday says what hours that date (days since 1970) has of its own."""
    rules = _compiled(hours)
    return ordinal not in rules.special and not any(first <= ordinal <= last for first, last in rules.away)


def is_away(hours: WorkingHours, minute: int) -> bool:
    """Whether a minute of the epoch lies on a date out of office, by the clock that counts there."""
    day = _date(hours, minute)
    return any(span.first <= day <= span.last for span in hours.away)


def is_holiday(hours: WorkingHours, minute: int) -> bool:
    """Whether a minute of the epoch lies on a holiday that has no hours of its own."""
    day = _date(hours, minute)
    return day in hours.holidays and not any(override.date == day for override in hours.overrides)


def _date(hours: WorkingHours, minute: int) -> date:
    """By the clock that counts there."""
    [(zone, _, _)] = _clocks(hours, minute, minute + 1)
    return local_date(minute, zone)
