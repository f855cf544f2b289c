"""Working hours by name: the same text that calendar apps and the pages edit."""

from collections.abc import Callable, Iterable
from datetime import date
from itertools import pairwise
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field, StringConstraints

from gateway.booking.model import WindowText, window
from gateway.errors import Conflict, Flaw, InvalidInput, NotFound
from gateway.freebusy.availability import Absence, Override, Sheet, Travel, Window, edited, read_sheet
from gateway.freebusy.schedules import fresh, holidays_of
from gateway.store import principals, schedules
from gateway.store.database import Connection
from gateway.store.locks import lock_people
from gateway.store.principals import Principal
from gateway.store.schedules import ScheduleRow
from gateway.web.api.operation import Call
from gateway.web.api.paging import page
from gateway.web.api.values import Asked, Id, Listed, Model, Zone

LONGEST: Final = 366
YEARS: Final = (1970, 2199)
Short = StringConstraints(max_length=200, pattern=r"^[^\x00-\x1f\x7f-\x9f]*$")


def _day(given: date) -> date:
    """Raises: ValueError."""
    if not YEARS[0] < given.year < YEARS[1]:
        raise ValueError(f"write a date after {YEARS[0]} and before {YEARS[1]}")
    return given


Day = Annotated[date, AfterValidator(_day)]
Windows = Annotated[tuple[WindowText, ...], Field(max_length=12)]


class ScheduleAsked(Asked):
    id: Id


class DateShown(Model):
    date: date
    windows: tuple[str, ...]
    """None: closed."""


class AbsenceShown(Model):
    first: date
    last: date
    """Included."""
    reason: str
    shown: bool
    """Invitees may read the reason."""
    stand_in: str
    """Name of a colleague, or empty."""


class TravelShown(Model):
    first: date
    last: date
    """Included."""
    zone: str
    """In which the hours are meant on these days."""


class Schedule(Model):
    """Working hours by name."""

    id: Id
    name: str
    standard: bool
    """Those that count where an event type names none."""
    zone: str
    weekly: tuple[tuple[str, ...], ...]
    """Seven days, Monday first, each with its windows; one that ends before it starts runs over midnight."""
    dates: tuple[DateShown, ...]
    """Single dates with hours of their own."""
    absences: tuple[AbsenceShown, ...]
    travel: tuple[TravelShown, ...]
    holidays: str
    """Region whose public holidays are closed, such as DE-BE; empty: none."""
    notes: int
    """Things a calendar app wrote that this has no place for; they count, and stay."""


class Schedules(Model):
    items: tuple[Schedule, ...]
    next: str | None
    """Cursor of the next page; null: this is the last one."""


class DateGiven(Model):
    date: Day
    windows: Windows = ()
    """None: closed."""


class AbsenceGiven(Model):
    first: Day
    last: Day
    """Included."""
    reason: Annotated[str, Short] = ""
    shown: bool = False
    """Invitees may read the reason."""
    stand_in: Annotated[str, Short] = ""
    """Name of a colleague, or empty."""


class TravelGiven(Model):
    first: Day
    last: Day
    """Included."""
    zone: Zone


class ScheduleGiven(Model):
    """All of the hours: what is left out is gone."""

    name: Annotated[str, StringConstraints(max_length=60, pattern=r"^[^\x00-\x1f\x7f-\x9f]*$")]
    zone: Zone
    weekly: tuple[Windows, ...] = Field(min_length=7, max_length=7, examples=[[["09:00-17:00"]] * 5 + [[], []]])
    """Seven days, Monday first, each with its windows; one that ends before it starts runs over midnight."""
    dates: tuple[DateGiven, ...] = Field((), max_length=200)
    absences: tuple[AbsenceGiven, ...] = Field((), max_length=200)
    travel: tuple[TravelGiven, ...] = Field((), max_length=200)
    standard: Literal[True] | None = None
    """Another one stops being it by this one becoming it."""


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _texts(windows: Iterable[Window]) -> tuple[str, ...]:
    return tuple(f"{_clock(one.start)}-{_clock(one.end)}" for one in windows)


def _windows(texts: Iterable[str]) -> tuple[Window, ...]:
    return tuple(sorted({window(text) for text in texts}))


def _shown(row: ScheduleRow, person: Principal) -> Schedule:
    sheet = read_sheet(row.availability, person.zone)
    return Schedule(
        id=row.id,
        name=row.name,
        standard=row.standard,
        zone=sheet.zone,
        weekly=tuple(map(_texts, sheet.weekly)),
        dates=tuple(DateShown(date=one.date, windows=_texts(one.windows)) for one in sheet.overrides),
        absences=tuple(
            AbsenceShown(first=one.first, last=one.last, reason=one.reason, shown=one.shown, stand_in=one.stand_in)
            for one in sheet.absences
        ),
        travel=tuple(TravelShown(first=one.first, last=one.last, zone=one.zone) for one in sheet.travel),
        holidays=holidays_of(row).region,
        notes=len(sheet.notes),
    )


def _sheet(given: ScheduleGiven, colleagues: frozenset[str]) -> Sheet:
    """Raises: InvalidInput."""
    _check_ranges("absences", given.absences)
    _check_ranges("travel", given.travel)
    _once("dates", [one.date for one in given.dates])
    _once("absences", [(one.first, one.last) for one in given.absences])
    journeys = sorted(given.travel, key=lambda one: one.first)
    if any(one.last >= after.first for one, after in pairwise(journeys)):
        raise _wrong("one travel ends before the next begins", "/travel")
    for at, one in enumerate(given.absences):
        if one.stand_in and one.stand_in not in colleagues:
            raise _wrong("only a colleague can stand in", f"/absences/{at}/stand_in")
    return Sheet(
        given.zone,
        tuple(map(_windows, given.weekly)),
        tuple(sorted(Override(one.date, _windows(one.windows)) for one in given.dates)),
        tuple(
            sorted(
                Absence(one.first, one.last, one.reason.strip(), one.shown and bool(one.reason.strip()), one.stand_in)
                for one in given.absences
            )
        ),
        tuple(Travel(one.first, one.last, "Etc/UTC" if one.zone == "UTC" else one.zone) for one in journeys),
    )


def _check_ranges(name: str, ranges: Iterable[AbsenceGiven | TravelGiven]) -> None:
    for at, one in enumerate(ranges):
        if not 0 <= (one.last - one.first).days <= LONGEST:
            raise _wrong("the last day is not before the first, nor more than a year after it", f"/{name}/{at}/last")


def _once(name: str, keys: list[object]) -> None:
    if len(set(keys)) < len(keys):
        raise _wrong("each stands once only", f"/{name}")


def _wrong(reason: str, pointer: str) -> InvalidInput:
    return InvalidInput("these working hours cannot be meant", (Flaw(reason, pointer=pointer),))


def _own(conn: Connection, user: int, key: int) -> ScheduleRow:
    """Raises: NotFound, also for somebody else's."""
    row = schedules.get(conn, user, key)
    if row is None:
        raise NotFound("there are no such working hours")
    return row


async def list_schedules(call: Call, asked: Listed) -> Schedules:
    found = await call.db.read(schedules.of_user, call.asker.id)
    rows, after = page(found, asked, lambda row: (int(not row.standard), row.id))
    return Schedules(items=tuple(_shown(row, call.asker) for row in rows), next=after)


async def read_schedule(call: Call, asked: ScheduleAsked) -> Schedule:
    return _shown(await call.db.read(_own, call.asker.id, asked.id), call.asker)


async def create_schedule(call: Call, given: ScheduleGiven) -> Schedule:
    def begin(conn: Connection) -> ScheduleRow:
        if schedules.count(conn, call.asker.id) >= schedules.MOST:
            raise Conflict(f"there are {schedules.MOST} already; remove one first")
        text = fresh(call.asker.zone, call.now)
        return _own(conn, call.asker.id, schedules.add(conn, call.asker.id, given.name, text))

    return await _write(call, given, begin)


async def replace_schedule(call: Call, asked: ScheduleAsked, given: ScheduleGiven) -> Schedule:
    return await _write(call, given, lambda conn: _own(conn, call.asker.id, asked.id))


async def _write(call: Call, given: ScheduleGiven, begin: Callable[[Connection], ScheduleRow]) -> Schedule:
    person = call.asker

    def write(conn: Connection) -> ScheduleRow:
        lock_people(conn, person.id)
        known = principals.of_ids(conn, principals.colleagues(conn, person.id))
        sheet = _sheet(given, frozenset(one.name for one in known if not one.is_team))
        row = begin(conn)
        text = edited(row.availability, person.zone, sheet, call.now)
        schedules.change(conn, row.id, name=given.name.strip(), availability=text)
        if given.standard:
            schedules.make_standard(conn, person.id, row.id)
        return _own(conn, person.id, row.id)

    return _shown(await call.db.write(write), person)


async def delete_schedule(call: Call, asked: ScheduleAsked) -> None:
    def write(conn: Connection) -> None:
        lock_people(conn, call.asker.id)
        if _own(conn, call.asker.id, asked.id).standard:
            raise Conflict("these are the standard ones; make others that first")
        schedules.remove(conn, call.asker.id, asked.id)

    await call.db.write(write)
