"""Calendars of one's accounts, and what each counts for."""

from typing import Literal

from gateway.errors import Flaw, InvalidInput
from gateway.store import accounts
from gateway.store.accounts import CalendarRow
from gateway.store.database import Connection
from gateway.sync import calendars
from gateway.sync.separate import set_separate
from gateway.web.api.operation import Call
from gateway.web.api.paging import page
from gateway.web.api.values import Asked, Id, Instant, Listed, Model


class CalendarAsked(Asked):
    id: Id


class Calendar(Model):
    """A calendar of one of the person's accounts."""

    id: Id
    account: Id
    name: str
    color: str
    """#rrggbb, or empty."""
    writable: bool
    merged: bool
    """Its events are in the merged calendar."""
    busy: bool
    """Its events block time."""
    tentative_busy: bool
    """Its tentative events do as well."""
    separate: bool
    """It is also shown as a calendar of its own."""
    destination: bool
    """New events go there."""
    synced: Instant | None
    """When it was read last."""


class Calendars(Model):
    items: tuple[Calendar, ...]
    next: str | None
    """Cursor of the next page; null: this is the last one."""


class CalendarChange(Model):
    """What is to be otherwise; all else stays. All of it, or nothing where one part does not fit."""

    merged: bool | None = None
    busy: bool | None = None
    tentative_busy: bool | None = None
    separate: bool | None = None
    destination: Literal[True] | None = None
    """Another calendar stops being it by this one becoming it."""


def _calendar(row: CalendarRow) -> Calendar:
    return Calendar(
        id=row.id,
        account=row.account_id,
        name=row.displayname,
        color=row.color,
        writable=row.writable,
        merged=row.merged,
        busy=row.busy,
        tentative_busy=row.tentative_busy,
        separate=row.separate,
        destination=row.destination,
        synced=row.synced,
    )


async def list_calendars(call: Call, asked: Listed) -> Calendars:
    found = await call.db.read(accounts.calendars, call.asker.id)
    rows, after = page(found, asked, lambda row: (row.position, row.id))
    return Calendars(items=tuple(map(_calendar, rows)), next=after)


async def read_calendar(call: Call, asked: CalendarAsked) -> Calendar:
    return _calendar(await call.db.read(calendars.owned, call.asker.id, asked.id))


async def change_calendar(call: Call, asked: CalendarAsked, given: CalendarChange) -> Calendar:
    if given == CalendarChange():
        raise InvalidInput("nothing is to be changed", (Flaw("name at least one thing to change", pointer="/"),))
    row = await call.db.write(_change, call.asker.id, asked.id, given, call.now)
    call.desk.sync.bell.ring()
    return _calendar(row)


def _change(conn: Connection, user: int, key: int, given: CalendarChange, now: int) -> CalendarRow:
    """What shows it comes before what it is the destination for, and what hides it after."""
    before = calendars.owned(conn, user, key)
    for on in (True, False):
        if given.merged is on:
            calendars.set_merged(conn, user, key, on, now)
        if given.separate is on:
            set_separate(conn, user, key, on, now)
        if on and given.destination:
            calendars.set_destination(conn, user, key)
    if given.busy is not None or given.tentative_busy is not None:
        busy = before.busy if given.busy is None else given.busy
        calendars.set_busy(conn, user, key, busy, now, tentative=given.tentative_busy)
    return calendars.owned(conn, user, key)
