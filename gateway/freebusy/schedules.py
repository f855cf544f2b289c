"""A person's working hours as they count: what is written down for them, and the holidays of their region."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, Final

from gateway.freebusy import holidays
from gateway.freebusy.availability import (
    Absence,
    Override,
    Window,
    WorkingHours,
    hours_of,
    read_sheet,
    week,
    with_holidays,
    without_holidays,
    write_availability,
)
from gateway.freebusy.availability.clocks import ordinal_of
from gateway.freebusy.availability.minutes import day_bits, window_bits
from gateway.store import schedules
from gateway.store.database import Connection
from gateway.store.principals import Principal
from gateway.store.schedules import ScheduleRow

TOLD_YEARS: Final = 2  # of holidays that calendar apps see ahead


@dataclass(frozen=True, slots=True)
class Holidays:
    """region: see gateway.freebusy.holidays, "": none. kept_open: names of holidays on which work goes on."""

    region: str = ""
    kept_open: frozenset[str] = frozenset()

    @property
    def document(self) -> dict[str, Any]:
        """What the store keeps."""
        return {"region": self.region, "open": sorted(self.kept_open)} if self.region else {}

    def closed(self, year: int) -> frozenset[date]:
        return holidays.closed(self.region, year, self.kept_open) if self.region else frozenset()


def holidays_of(row: ScheduleRow) -> Holidays:
    """Those chosen; none where the region is known no more."""
    region = str(row.holidays.get("region", ""))
    return Holidays(region, frozenset(row.holidays.get("open", ()))) if holidays.known(region) else Holidays()


def usual(zone: str) -> WorkingHours:
    """Of those who set none: Monday to Friday from nine to five."""
    return WorkingHours(zone, week(range(5), [Window(9 * 60, 17 * 60)]))


def schedule(conn: Connection, person: Principal, key: int | None = None) -> ScheduleRow | None:
    """That one of theirs, else the standard one; None: none is set."""
    return schedules.chosen(conn, [person.id], key).get(person.id)


def hours(conn: Connection, person: Principal, now: float, key: int | None = None) -> WorkingHours:
    """When they work, holidays taken out. key: of a schedule of theirs, else the standard one. now: epoch seconds."""
    return hours_of_each(conn, [person], now, key)[person.id]


def hours_of_each(
    conn: Connection, people: Collection[Principal], now: float, key: int | None = None
) -> dict[int, WorkingHours]:
    """Person -> `hours`."""
    rows = schedules.chosen(conn, [one.id for one in people], key)
    return {one.id: hours_in(rows[one.id], one.zone, now) if one.id in rows else usual(one.zone) for one in people}


def hours_in(row: ScheduleRow, zone: str, now: float) -> WorkingHours:
    """zone: the owner's."""
    return _with(row.availability, zone, holidays_of(row).closed(_year(now)))


@lru_cache(maxsize=512)
def _with(text: str, zone: str, closed: frozenset[date]) -> WorkingHours:
    """A date on which a calendar app only took hours away is a holiday all the same; one that it opened is not."""
    hours = hours_of(text, zone)
    own = {one.date for one in read_sheet(text, zone).overrides}
    week = WorkingHours(hours.zone, hours.weekly)
    kept = tuple(one for one in hours.overrides if one.date not in closed or one.date in own or _opens(one, week))
    return replace(hours, overrides=kept, holidays=closed)


def _opens(date: Override, week: WorkingHours) -> bool:
    """Whether it has hours that the week has not."""
    return bool(window_bits(date.windows) & ~day_bits(week, ordinal_of(date.date)))


def _year(now: float) -> int:
    return datetime.fromtimestamp(now, UTC).year


def absences(conn: Connection, person: Principal, first: date, last: date, key: int | None = None) -> list[Absence]:
    """Out of office on any of these dates, both included, in order."""
    row = schedule(conn, person, key)
    if row is None:
        return []
    given = read_sheet(row.availability, person.zone).absences
    return [one for one in given if one.first <= last and one.last >= first]


def told(row: ScheduleRow, person: Principal, now: float) -> str:
    """The VAVAILABILITY that calendar apps see: what is written down, and the holidays of the next years by name."""
    chosen = holidays_of(row)
    if not chosen.region:
        return row.availability
    year = _year(now)
    names: Mapping[date, str] = holidays.names(chosen.region, year, year + TOLD_YEARS, person.locale[:2])
    stamp = int(datetime(year, 1, 1, tzinfo=UTC).timestamp())
    return with_holidays(row.availability, hours_in(row, person.zone, now), names, stamp)


def write(conn: Connection, user: int, text: str) -> None:
    """What a calendar app says the standard working hours are."""
    schedules.set_availability(conn, user, without_holidays(text))


def fresh(zone: str, now: float) -> str:
    """The text of a schedule that somebody begins with."""
    return write_availability(usual(zone), int(now))
