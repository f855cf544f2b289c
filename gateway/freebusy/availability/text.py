"""The working hours that a VAVAILABILITY describes, as calendar apps write it (RFC 7953)."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import lru_cache, partial
from heapq import heappop, heappush
from typing import Final

from gateway.freebusy.availability.clocks import date_of
from gateway.freebusy.availability.hours import DAY, Away, Override, Travel, Window, WorkingHours
from gateway.freebusy.availability.layers import Layer, layers
from gateway.freebusy.availability.minutes import THURSDAY, day_bits, runs, window_bits
from gateway.ical.text import parse
from gateway.model import FbType

ALWAYS: Final = ((Window(0, DAY),),) * 7
TYPES: Final = {"BUSY": FbType.BUSY, "BUSY-TENTATIVE": FbType.TENTATIVE}


@lru_cache(maxsize=512)
def read_availability(text: str, zone: str) -> WorkingHours:
    """The working hours a VAVAILABILITY describes. zone: the owner's, for what names none.

    Of those without an end the strongest makes the week; those with both ends become overrides, dates away, or
    travel where their zone is another one.
    Raises: InvalidCalendarData for what is none, or cannot be kept (rules other than weekly or daily without an end).
    """
    return combined([layer for _, layer in layers(parse(text), zone)], zone)


def combined(given: Sequence[Layer], zone: str) -> WorkingHours:
    """What layers say together. given: the weakest first."""
    endless = [layer for layer in given if layer.end is None]
    strength = max((layer.strength for layer in endless), default=-1)
    base = [layer for layer in endless if layer.strength == strength]
    home = base[0].zone if base else zone
    weekly = merged(base) if base else ALWAYS
    extra = tuple(piece for layer in base for piece in layer.pieces)
    bounded = [layer for layer in given if layer.end is not None and layer.strength >= strength]
    away = [layer for layer in bounded if _is_away(layer, bounded)]
    travel = _travel(bounded, home)
    plain = WorkingHours(home, weekly)
    specials = [layer for layer in bounded if layer not in away and not _follows(layer, weekly, travel)]
    days = {day for layer in specials for day in layer.days()} | set(_days(extra))
    closed = {day for layer in away for day in layer.days()}
    days |= {day + 1 for day in closed if _spill(plain, day)}
    overrides = _overrides(plain, days - closed, closed, partial(_bits, plain, extra, specials))
    return WorkingHours(home, weekly, overrides, tuple(sorted(_dates(layer) for layer in away)), travel)


def busy_type(text: str) -> FbType:
    """What the time outside of them is told as (RFC 7953 3.2): of several that differ, the strongest."""
    given = (one.text("BUSYTYPE").strip().upper() for one in parse(text).children("VAVAILABILITY"))
    return max((TYPES.get(one, FbType.UNAVAILABLE) for one in given), default=FbType.UNAVAILABLE)


def merged(base: Sequence[Layer]) -> tuple[tuple[Window, ...], ...]:
    return tuple(tuple(sorted({window for layer in base for window in layer.weekly[day]})) for day in range(7))


def _dates(layer: Layer) -> Away:
    days = layer.days()
    return Away(date_of(days[0]), date_of(days[-1]))


def _is_away(layer: Layer, bounded: Iterable[Layer]) -> bool:
    """Whole days without anything, which no stronger one has a say in."""
    if not layer.closed or not layer.whole_days:
        return False
    mine = layer.days()
    return not any(
        other.strength > layer.strength and other.days().start < mine.stop and mine.start < other.days().stop
        for other in bounded
    )


def _travel(bounded: Iterable[Layer], home: str) -> tuple[Travel, ...]:
    """Whole days with hours in another zone; what lies inside another such time adds nothing."""
    found: list[Travel] = []
    for layer in sorted(bounded, key=lambda one: -len(one.days())):
        if layer.zone == home or layer.closed or not layer.whole_days:
            continue
        dates = _dates(layer)
        if not any(t.zone == layer.zone and t.first <= dates.first and dates.last <= t.last for t in found):
            found.append(Travel(dates.first, dates.last, layer.zone))
    return tuple(sorted(found))


def _follows(layer: Layer, weekly: tuple[tuple[Window, ...], ...], travel: Sequence[Travel]) -> bool:
    """A travel with the usual hours: it needs no overrides."""
    if layer.pieces or layer.weekly != weekly or not layer.whole_days:
        return False
    dates = _dates(layer)
    return Travel(dates.first, dates.last, layer.zone) in travel


def _days(pieces: Iterable[tuple[int, int]]) -> Iterator[int]:
    for start, end in pieces:
        yield from range(start // DAY, (end - 1) // DAY + 1)


def _overrides(
    plain: WorkingHours, days: set[int], closed: Collection[int], bits: Callable[[int], int]
) -> tuple[Override, ...]:
    """The dates with their minutes. An override keeps its own evening only, so where the week runs on into an
    ordinary date after it, either its last window does too, or that date becomes an override as well.
    """
    found: list[Override] = []
    queue = sorted(days)
    while queue:
        day = heappop(queue)
        windows = [Window(start, end) for start, end in runs(bits(day), 0)]
        spill = _spill(plain, day)
        if spill and day + 1 not in days and day + 1 not in closed:
            if windows and windows[-1].end == DAY:
                windows.append(Window(max(windows[-1].start, spill), spill))
            else:
                days.add(day + 1)
                heappush(queue, day + 1)
        found.append(Override(date_of(day), tuple(windows)))
    return tuple(found)


def _spill(hours: WorkingHours, day: int) -> int:
    """Minute of the next date until which the week's hours of this one last; 0: they end before midnight."""
    return max(window_bits(hours.weekly[(day + THURSDAY) % 7]).bit_length() - DAY, 0)


def _bits(plain: WorkingHours, extra: Sequence[tuple[int, int]], above: Sequence[Layer], day: int) -> int:
    """The minutes of one date after every layer has had its say, from the weakest to the strongest."""
    bits = day_bits(plain, day) | _cut(extra, day)
    for layer in above:
        if day not in layer.days() or layer.start is None or layer.end is None:
            continue
        here = _cut([(layer.start, layer.end)], day)
        own = day_bits(WorkingHours(layer.zone, layer.weekly), day) | _cut(layer.pieces, day)
        bits = (bits & ~here) | (own & here)
    return bits


def _cut(pieces: Iterable[tuple[int, int]], day: int) -> int:
    """What of the pieces lies on one date, as minutes of the day."""
    bits = 0
    for start, end in pieces:
        low, high = max(start - day * DAY, 0), min(end - day * DAY, DAY)
        if low < high:
            bits |= ((1 << (high - low)) - 1) << low
    return bits
