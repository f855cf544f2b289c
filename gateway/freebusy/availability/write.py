"""Working hours as VAVAILABILITY (RFC 7953), and changes to one that leave alone what was not changed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import blake2b
from typing import Final

from gateway.freebusy.availability.clocks import date_of, ordinal_of
from gateway.freebusy.availability.hours import DAY, Override, Travel, Window, WorkingHours
from gateway.freebusy.availability.layers import WEEKDAYS, Layer, weekly_hours
from gateway.freebusy.availability.minutes import THURSDAY, day_bits, follows_week, runs, window_bits
from gateway.freebusy.availability.sheet import (
    ABSENCE_PRIORITY,
    DATE_PRIORITY,
    STAND_IN,
    Absence,
    Item,
    Reading,
    Sheet,
    dates_of,
    reading,
    zone_on,
)
from gateway.freebusy.availability.text import ALWAYS
from gateway.ical.text import Component, Property, component, parse, prop, serialise, text_prop
from gateway.ical.value import format_utc
from gateway.ical.zones import vtimezone

PRODID: Final = "-//gateway//calendar gateway//EN"
MONDAY: Final = date(2024, 1, 1)  # weekly hours are written as of that week
ONE_DAY: Final = timedelta(days=1)
WEEK_PRIORITY: Final = 9
PRIORITIES: Final[Mapping[type, int]] = {Travel: 7, Override: DATE_PRIORITY, Absence: ABSENCE_PRIORITY}
HOLIDAY_PRIORITY: Final = 6
HOLIDAY: Final = "gateway-holiday-"  # begins the UID of what is there for a public holiday
EMPTY: Final = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:{PRODID}\r\nEND:VCALENDAR\r\n"
OURS: Final = frozenset({"UID", "DTSTAMP", "DTSTART", "DTEND", "DURATION", "PRIORITY", "SUMMARY", "CLASS", STAND_IN})


def write_availability(hours: WorkingHours, stamp: int) -> str:
    """A VCALENDAR of one VAVAILABILITY for the week and stronger ones for what departs from it; no holidays.

    stamp: epoch seconds, for DTSTAMP. Where hours over midnight meet a date that departs from the week, that date's
    part lasts until they end, so that every reader of RFC 7953 comes to the same minutes.
    """
    absences = tuple(Absence(away.first, away.last) for away in hours.away)
    return edited(EMPTY, hours.zone, Sheet(hours.zone, hours.weekly, hours.overrides, absences, hours.travel), stamp)


def edited(text: str, zone: str, sheet: Sheet, stamp: int) -> str:
    """The text changed so that it says what the sheet does; whatever is on it unchanged stays byte for byte.

    zone: the owner's. The notes of the sheet are passed over: what they stand for stays. Raises: InvalidCalendarData.
    """
    old = reading(text, zone)
    if (sheet.zone, sheet.hours, sheet.absences) == (old.sheet.zone, old.sheet.hours, old.sheet.absences):
        return text
    return _Edit(old, sheet, stamp).text()


def with_holidays(text: str, hours: WorkingHours, names: Mapping[date, str], stamp: int) -> str:
    """The text with the holidays that close something, as others are to see them. hours: with the holidays."""
    calendar = parse(text)
    endless = [one for one in calendar.children("VAVAILABILITY") if not (one.first("DTEND") or one.first("DURATION"))]
    base = max((_priority(one) for one in endless), key=_strength, default=0)
    priority = min(HOLIDAY_PRIORITY, max(base - 1, 1)) if base else HOLIDAY_PRIORITY
    seal = _Seal(stamp)
    added = []
    for day in sorted(hours.holidays & names.keys()):
        own = ordinal_of(day)
        if any(one.date == day for one in hours.overrides) or any(a.first <= day <= a.last for a in hours.away):
            continue
        plan = _plan(hours, own, own, ())
        made = seal.bounded(f"holiday-{day}", plan, priority, [text_prop("SUMMARY", names[day])])
        made.properties[0] = prop("UID", f"{HOLIDAY}{day:%Y%m%d}-{seal.digest(names[day])}")
        added.append(made)
    if not added:
        return text
    kept = [*calendar.components, *added]
    return serialise(component("VCALENDAR", calendar.properties, [*_zones(kept, stamp), *kept]))


def without_holidays(text: str) -> str:
    """The text as a client sends it back, without what `with_holidays` added."""
    calendar = parse(text)
    kept = [one for one in calendar.components if not one.text("UID").startswith(HOLIDAY)]
    if len(kept) == len(calendar.components):
        return text
    calendar.components = kept
    return serialise(calendar)


def _priority(one: Component) -> int:
    return int(one.text("PRIORITY") or "0")


def _strength(priority: int) -> int:
    return 10 - priority if priority else 0


@dataclass(frozen=True, slots=True)
class _Plan:
    """A bounded layer to be written: minutes since 1970 on the clock of `zone`; weekly: of a travel."""

    zone: str
    start: int
    end: int
    pieces: tuple[tuple[int, int], ...] = ()
    weekly: tuple[tuple[Window, ...], ...] = ((),) * 7

    def is_told_by(self, layer: Layer) -> bool:
        mine = (self.zone, self.start, self.end, sorted(self.pieces), self.weekly)
        return mine == (layer.zone, layer.start, layer.end, sorted(layer.pieces), layer.weekly)


def plan_of(hours: WorkingHours, item: Item) -> _Plan:
    first, last = dates_of(item)
    if isinstance(item, Travel):
        return _Plan(item.zone, first * DAY, (last + 1) * DAY, weekly=hours.weekly)
    return _plan(hours, first, last, item.windows if isinstance(item, Override) else ())


def _plan(hours: WorkingHours, first: int, last: int, windows: Sequence[Window]) -> _Plan:
    """Dates (days since 1970) with exactly these hours, until what the week had there would have ended."""
    after = last + 1
    own = sorted({(first * DAY + window.start, first * DAY + window.until) for window in windows})
    rest: list[tuple[int, int]] = []
    end = after * DAY
    hidden = bool(windows) and any(away.first <= date_of(first) <= away.last for away in hours.away)
    if follows_week(hours, after) and not hidden:
        week = window_bits(hours.weekly[(last + THURSDAY) % 7]).bit_length() - DAY
        spill = max(window_bits(windows).bit_length() - DAY, 0)
        tail = min(max(week, spill), DAY)
        if tail > 0:
            end += tail
            covered = window_bits(windows) >> DAY
            bits = day_bits(hours, after) & ((1 << tail) - 1) & ~covered
            rest = list(runs(bits, after * DAY))
    else:
        own = [(start, min(until, after * DAY)) for start, until in own]
    return _Plan(zone_on(hours.zone, hours.travel, date_of(first)), first * DAY, end, (*own, *rest))


class _Seal:
    """Makes components with names that stay the same while what they say does."""

    def __init__(self, stamp: int) -> None:
        self._seed = str(stamp).encode()
        self._stamp = prop("DTSTAMP", format_utc(stamp))

    def digest(self, name: str) -> str:
        return blake2b(name.encode(), key=blake2b(self._seed).digest(), digest_size=16).hexdigest()

    def head(self, name: str, priority: int, bounds: Sequence[Property] = ()) -> list[Property]:
        kind = prop("BUSYTYPE", "BUSY-UNAVAILABLE")
        return [prop("UID", self.digest(name)), self._stamp, *bounds, kind, prop("PRIORITY", str(priority))]

    def bounded(self, name: str, plan: _Plan, priority: int, words: Iterable[Property] = ()) -> Component:
        bounds = [_time("DTSTART", plan.start, plan.zone), _time("DTEND", plan.end, plan.zone)]
        parts = [self.available(f"{name}-{start}-{end}", plan.zone, start, end) for start, end in plan.pieces]
        parts += self.weekly(plan.zone, plan.weekly, name)
        return component("VAVAILABILITY", [*self.head(name, priority, bounds), *words], parts)

    def available(self, name: str, zone: str, start: int, end: int, days: Sequence[int] = ()) -> Component:
        lines = [prop("UID", self.digest(f"{name}-{zone}")), self._stamp]
        lines += [_time("DTSTART", start, zone), _time("DTEND", end, zone)]
        if days:
            lines.append(prop("RRULE", "FREQ=WEEKLY;BYDAY=" + ",".join(WEEKDAYS[number] for number in days)))
        return component("AVAILABLE", lines)

    def weekly(self, zone: str, weekly: Sequence[Iterable[Window]], name: str = "week") -> Iterator[Component]:
        for window in sorted({window for windows in weekly for window in windows}):
            days = [number for number, windows in enumerate(weekly) if window in windows]
            first = (ordinal_of(MONDAY) + days[0]) * DAY
            yield self.available(
                f"{name}-{window.start}-{window.end}", zone, first + window.start, first + window.until, days
            )


def _time(name: str, minute: int, zone: str) -> Property:
    """minute: since 1970 on the clock of the zone."""
    day, clock = date_of(minute // DAY), minute % DAY
    text = f"{day:%Y%m%d}T{clock // 60:02}{clock % 60:02}00"
    return prop(name, text + "Z") if zone == "UTC" else prop(name, text, {"TZID": zone})


def _words(item: Item) -> list[Property]:
    if not isinstance(item, Absence):
        return []
    given = [text_prop("SUMMARY", item.reason)] if item.reason else []
    if item.reason:
        given.append(prop("CLASS", "PUBLIC" if item.shown else "PRIVATE"))
    if item.stand_in:
        given.append(text_prop(STAND_IN, item.stand_in))
    return given


def _zones(parts: Sequence[Component], stamp: int) -> list[Component]:
    """VTIMEZONEs for the names in use that have none yet."""
    there = {one.text("TZID") for one in parts if one.name == "VTIMEZONE"}
    used = {
        line.param("TZID")
        for one in parts
        if one.name == "VAVAILABILITY"
        for owner in (one, *one.components)
        for line in owner.properties
    }
    return [vtimezone(zone, stamp) for zone in sorted(zone for zone in used if zone) if zone not in there]


class _Edit:
    def __init__(self, old: Reading, sheet: Sheet, stamp: int) -> None:
        self.old = old
        self.sheet = sheet
        self.hours = sheet.hours
        self.seal = _Seal(stamp)
        self.stamp = stamp

    def text(self) -> str:
        """Each component stays in its place; new ones come last."""
        wanted: dict[Item, None] = dict.fromkeys([*self.sheet.travel, *self.sheet.overrides, *self.sheet.absences])
        items = {id(one): (item, layer) for item, (one, layer) in self.old.items.items()}
        base = {id(one) for one in self.old.base}
        kept: list[Component] = []
        gone: dict[int, Component] = {}
        for one in self.old.calendar.components:
            if id(one) in base:
                kept.append(self.base(one, first=one is self.old.base[0]))
            elif id(one) in items:
                item, layer = items[id(one)]
                if item in wanted and plan_of(self.hours, item).is_told_by(layer):
                    kept.append(one)
                    del wanted[item]
                else:
                    gone.setdefault(dates_of(item)[0], one)
            else:
                kept.append(one)
        if not base and (self.sheet.weekly, self.sheet.zone) != (ALWAYS, self.old.sheet.zone):
            kept.append(self.week(kept))
        kept += [self.made(item, gone.pop(dates_of(item)[0], None)) for item in wanted]
        return serialise(component("VCALENDAR", self.old.calendar.properties, [*_zones(kept, self.stamp), *kept]))

    def week(self, beside: Iterable[Component]) -> Component:
        """A week where there was none, weaker than all the rest."""
        unranked = any(one.name == "VAVAILABILITY" and not _priority(one) for one in beside)
        head = self.seal.head("week", 0 if unranked else WEEK_PRIORITY, self.bounds())
        return component("VAVAILABILITY", head, self.seal.weekly(self.sheet.zone, self.sheet.weekly))

    def bounds(self) -> list[Property]:
        """So that a week without hours has a zone all the same."""
        return [] if any(self.sheet.weekly) else [_time("DTSTART", ordinal_of(MONDAY) * DAY, self.sheet.zone)]

    def base(self, one: Component, *, first: bool) -> Component:
        """One of those that make the week, with what still holds of it; the first one gets what is new."""
        same_zone = self.sheet.zone == self.old.sheet.zone
        wanted = {(day, window) for day, windows in enumerate(self.sheet.weekly) for window in windows}
        if same_zone and self.sheet.weekly == self.old.sheet.weekly:
            return one
        parts, there = [], set[tuple[int, Window]]()
        for owner in self.old.base:
            for part in owner.components:
                own = weekly_hours(self.old.calendar, part, self.old.sheet.zone) if part.name == "AVAILABLE" else None
                stays = own is None or (same_zone and own <= wanted)
                if stays and own is not None:
                    there |= own
                if stays and owner is one:
                    parts.append(part)
        if first:
            left = [sorted(window for at, window in wanted - there if at == day) for day in range(7)]
            parts += self.seal.weekly(self.sheet.zone, left)
        properties = one.properties
        if not same_zone or not any(self.sheet.weekly):
            properties = [*(line for line in properties if line.name != "DTSTART"), *self.bounds()]
        return component("VAVAILABILITY", properties, parts)

    def made(self, item: Item, before: Component | None) -> Component:
        """before: what stood for that date until now, whose unknown lines stay."""
        first, last = dates_of(item)
        weakest = 10 - self.old.strength if self.old.strength > 0 else 9
        name = f"{type(item).__name__.lower()}-{first}-{last}"
        priority = min(PRIORITIES[type(item)], weakest)
        made = self.seal.bounded(name, plan_of(self.hours, item), priority, _words(item))
        if before is not None:
            made.properties += [line for line in before.properties if line.name not in OURS | {"BUSYTYPE"}]
        return made
