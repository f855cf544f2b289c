"""Working hours as a person edits them: the week, single dates, absences and travels, each with its words."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Final

from gateway.freebusy.availability.clocks import date_of, ordinal_of
from gateway.freebusy.availability.hours import DAY, Away, Override, Travel, Window, WorkingHours
from gateway.freebusy.availability.layers import Layer, layers
from gateway.freebusy.availability.minutes import day_bits
from gateway.freebusy.availability.text import ALWAYS, combined, merged, read_availability
from gateway.ical.text import Component, parse

STAND_IN: Final = "X-GATEWAY-STAND-IN"
MOST_DAYS: Final = 20_000
DATE_PRIORITY: Final = 5  # of hours for one date, as we write them
ABSENCE_PRIORITY: Final = 1


@dataclass(frozen=True, slots=True, order=True)
class Absence:
    """Out of office from the first date to the last, both included.

    shown: invitees may read the reason. stand_in: name of a person here, "": nobody.
    """

    first: date
    last: date
    reason: str = ""
    shown: bool = False
    stand_in: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """What a calendar app wrote and a sheet has no place for. first, last: dates; None: of no particular time."""

    first: date | None
    last: date | None
    summary: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """zone: IANA name; weekly: seven days, Monday first. notes: kept, and not ours to change."""

    zone: str
    weekly: tuple[tuple[Window, ...], ...] = ((),) * 7
    overrides: tuple[Override, ...] = ()
    absences: tuple[Absence, ...] = ()
    travel: tuple[Travel, ...] = ()
    notes: tuple[Note, ...] = ()

    @property
    def hours(self) -> WorkingHours:
        """Without what the notes stand for."""
        away = tuple(Away(absence.first, absence.last) for absence in self.absences)
        return WorkingHours(self.zone, self.weekly, self.overrides, away, self.travel)


Item = Override | Absence | Travel


@dataclass(frozen=True, slots=True)
class Reading:
    """A text, and which of its components each thing on the sheet is.

    base: those that make the week; strength: theirs. items: one component each.
    """

    calendar: Component
    sheet: Sheet
    base: Sequence[Component]
    strength: int
    items: Mapping[Item, tuple[Component, Layer]] = field(default_factory=dict)


@lru_cache(maxsize=512)
def read_sheet(text: str, zone: str) -> Sheet:
    """zone: the owner's, for what names none. Raises: InvalidCalendarData."""
    return reading(text, zone).sheet


@lru_cache(maxsize=512)
def hours_of(text: str, zone: str) -> WorkingHours:
    """The working hours of a VAVAILABILITY, as its sheet has them where that is all there is.

    Raises: InvalidCalendarData.
    """
    sheet = read_sheet(text, zone)
    return read_availability(text, zone) if sheet.notes else sheet.hours


def reading(text: str, zone: str) -> Reading:
    """Raises: InvalidCalendarData."""
    calendar = parse(text)
    given = layers(calendar, zone)
    strength = max((layer.strength for _, layer in given if layer.end is None), default=-1)
    base = [(one, layer) for one, layer in given if layer.end is None and layer.strength == strength]
    bounded = [(one, layer) for one, layer in given if layer.end is not None and layer.strength >= strength]
    home = base[0][1].zone if base else zone
    weekly = merged([layer for _, layer in base]) if base else ALWAYS
    items = _items(bounded, home, weekly)
    plain = _sheet(home, weekly, items)
    if not _says_all([layer for _, layer in base], [layer for _, layer in items.values()], plain, zone):
        items, plain = {}, Sheet(home, weekly)
    known = {id(one) for one, _ in items.values()}
    left = [*_pieces(base), *(_note(one, layer) for one, layer in bounded if id(one) not in known)]
    sheet = Sheet(home, weekly, plain.overrides, plain.absences, plain.travel, tuple(left))
    return Reading(calendar, sheet, [one for one, _ in base], strength, items)


def _items(
    bounded: Sequence[tuple[Component, Layer]], home: str, weekly: tuple[tuple[Window, ...], ...]
) -> dict[Item, tuple[Component, Layer]]:
    """What looks like something a sheet has a place for; nothing where there are too many dates to compare."""
    found: dict[Item, tuple[Component, Layer]] = {}
    if sum(len(layer.days()) for _, layer in bounded) > MOST_DAYS:
        return found
    for one, layer in bounded:
        if layer.zone != home and layer.weekly == weekly and layer.whole_days and not layer.pieces and _travels(one):
            days = layer.days()
            found.setdefault(Travel(date_of(days[0]), date_of(days[-1]), layer.zone), (one, layer))
    travels = [item for item in found if isinstance(item, Travel)]
    away = {id(one) for one, _ in found.values()}
    for one, layer in bounded:
        item = None if any(layer.weekly) or id(one) in away else _closing(one, layer)
        if item is None or (
            layer.zone != zone_on(home, travels, item.first if isinstance(item, Absence) else item.date)
        ):
            continue
        found.setdefault(item, (one, layer))
    return found


def _travels(one: Component) -> bool:
    """Who never works is not there when travelling either; what says so is an absence where it has words of one."""
    words = one.first("SUMMARY") or one.first(STAND_IN) or one.text("PRIORITY") == str(ABSENCE_PRIORITY)
    return bool(one.children("AVAILABLE")) or not words


def zone_on(home: str, travel: Sequence[Travel], day: date) -> str:
    return next((one.zone for one in travel if one.first <= day <= one.last), home)


def _closing(one: Component, layer: Layer) -> Override | Absence | None:
    """Hours of one date, or dates without any; what runs on after the last midnight is what the week leaves there."""
    if layer.start is None or layer.end is None or layer.start % DAY:
        return None
    first, after = layer.start // DAY, layer.end // DAY
    own = [(start, end) for start, end in layer.pieces if start < after * DAY]
    if after <= first or any(end - start > DAY for start, end in own):
        return None
    marked = one.first("SUMMARY") or one.first(STAND_IN) or (one.text("PRIORITY") or "0") != str(DATE_PRIORITY)
    if not own and (marked or after - first > 1):
        shown = bool(one.text("SUMMARY")) and one.text("CLASS").upper() == "PUBLIC"
        return Absence(date_of(first), date_of(after - 1), one.text("SUMMARY"), shown, one.text(STAND_IN))
    return Override(date_of(first), tuple(map(_window, own))) if after - first == 1 else None


def _window(piece: tuple[int, int]) -> Window:
    start, until = piece[0] % DAY, piece[0] % DAY + piece[1] - piece[0]
    return Window(start, until if until <= DAY else until - DAY)


def _sheet(home: str, weekly: tuple[tuple[Window, ...], ...], items: Mapping[Item, object]) -> Sheet:
    return Sheet(
        home,
        weekly,
        tuple(sorted(one for one in items if isinstance(one, Override))),
        tuple(sorted(one for one in items if isinstance(one, Absence))),
        tuple(sorted(one for one in items if isinstance(one, Travel))),
    )


def _says_all(base: Sequence[Layer], bounded: Sequence[Layer], sheet: Sheet, zone: str) -> bool:
    """Whether the sheet has the very minutes of these layers."""
    given = sorted([*base, *bounded], key=lambda layer: layer.strength)
    told, plain = combined(given, zone), sheet.hours
    days = {day for layer in bounded for day in (*layer.days(), layer.days().stop)}
    loose = {day for layer in base for start, end in layer.pieces for day in range(start // DAY, (end - 1) // DAY + 2)}
    same_clocks = told.travel == plain.travel or not any(sheet.weekly)
    return same_clocks and all(day_bits(told, day) == day_bits(plain, day) for day in days - loose)


def _pieces(base: Sequence[tuple[Component, Layer]]) -> Iterator[Note]:
    """Single hours beside the week."""
    for _, layer in base:
        for start, end in layer.pieces:
            yield Note(date_of(start // DAY), date_of((end - 1) // DAY), "")


def _note(one: Component, layer: Layer) -> Note:
    days = layer.days()
    return Note(date_of(days[0]), date_of(days[-1]), one.text("SUMMARY"))


def dates_of(item: Item) -> tuple[int, int]:
    """First and last date, as days since 1970."""
    if isinstance(item, Override):
        return ordinal_of(item.date), ordinal_of(item.date)
    return ordinal_of(item.first), ordinal_of(item.last)
