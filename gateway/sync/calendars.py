"""Which calendars count for what. Each change and what it means for the merged calendar is one transaction."""

from collections.abc import Sequence

from gateway.accounts.people import check_zone
from gateway.backends.table import BACKENDS
from gateway.errors import NotFound, UsageError
from gateway.store import accounts, jobs, members, objects
from gateway.store.accounts import CalendarRow
from gateway.store.database import Connection
from gateway.sync.context import Sync
from gateway.sync.horizon import change_person
from gateway.sync.outbox import PUSH
from gateway.sync.pull import PULL, key_of, pull_soon


def owned(conn: Connection, user: int, calendar: int) -> CalendarRow:
    """Raises: NotFound, also for a calendar of somebody else."""
    row = accounts.calendar(conn, calendar)
    if row is None or row.user_id != user or row.gone:
        raise NotFound("there is no such calendar")
    return row


def set_merged(conn: Connection, user: int, calendar: int, on: bool, now: float) -> None:
    """Whether its objects are members of the merged calendar. now: epoch seconds."""
    row = owned(conn, user, calendar)
    if row.destination and not on:
        raise UsageError("new events go to this calendar; choose another destination first")
    accounts.change_calendar(conn, calendar, merged=on)
    members.refresh_calendar(conn, user, calendar)
    _catch_up(conn, row, now)


def set_busy(
    conn: Connection, user: int, calendar: int, on: bool, now: float, *, tentative: bool | None = None
) -> None:
    """Whether its events block time. tentative: whether tentative ones do as well; None: as before."""
    row = owned(conn, user, calendar)
    accounts.change_calendar(
        conn, calendar, busy=on, tentative_busy=row.tentative_busy if tentative is None else tentative
    )
    _catch_up(conn, row, now)


def set_destination(conn: Connection, user: int, calendar: int) -> None:
    """New events go there. Raises: UsageError for one that takes none or is not part of the merged calendar."""
    row = owned(conn, user, calendar)
    if not row.writable:
        raise UsageError(f"{row.displayname!r} takes no changes, so it cannot be the destination for new events")
    if not row.merged:
        raise UsageError(f"{row.displayname!r} is not part of the merged calendar; turn that on first")
    accounts.set_destination(conn, user, calendar)


def set_order(conn: Connection, user: int, calendars: Sequence[int]) -> None:
    """Of copies of one meeting, the one in the first calendar counts. Calendars that are not named come after these."""
    rows = accounts.calendars(conn, user)
    place = {calendar: number for number, calendar in enumerate(calendars)}
    uids: dict[str, None] = {}
    for number, row in enumerate(sorted(rows, key=lambda one: place.get(one.id, len(place))), 1):
        if row.position != number:
            accounts.change_calendar(conn, row.id, position=number)
            uids.update(dict.fromkeys(objects.uids(conn, row.id)))
    members.refresh(conn, user, uids)


def remove_account(conn: Connection, user: int, account: int) -> None:
    """With its calendars, their objects here, and what was still to be told to the provider.

    Raises: NotFound, also for an account of somebody else.
    """
    row = accounts.get(conn, account)
    if row is None or row.user_id != user:
        raise NotFound("there is no such account")
    calendars = {calendar.id for calendar in accounts.account_calendars(conn, account)}
    held = {uid: None for calendar in calendars for uid in objects.uids(conn, calendar)}
    keys = {f"object {key}" for calendar in calendars for key in objects.keys(conn, calendar)}
    for job in jobs.waiting(conn, PUSH, user):
        if job.key in keys or job.payload.get("calendar") in calendars:
            jobs.drop(conn, PUSH, job.key)
    jobs.drop(conn, PULL, key_of(account))
    accounts.remove(conn, account)
    members.refresh(conn, user, held)


async def set_zone(sync: Sync, user: int, zone: str) -> None:
    """The zone of their all-day and floating times, which move with it. Raises: UsageError."""
    await change_person(sync, user, zone=check_zone(zone))


async def add_addresses(sync: Sync, user: int, addresses: Sequence[str]) -> None:
    """Addresses under which they are invited too: their answers to invitations count from now on."""
    await change_person(sync, user, addresses=[address.lower() for address in addresses])


def _catch_up(conn: Connection, row: CalendarRow, now: float) -> None:
    """A calendar that counted for nothing was not pulled meanwhile."""
    if BACKENDS[row.kind].remote and not (row.merged or row.busy):
        pull_soon(conn, row.user_id, row.account_id, now)
