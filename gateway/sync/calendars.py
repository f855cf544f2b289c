"""Which calendars count for what. Each change and what it means for the merged calendar is one transaction."""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from gateway.accounts.people import check_zone
from gateway.backends.table import BACKENDS
from gateway.errors import GatewayError, NotFound, UsageError
from gateway.store import accounts, jobs, members, objects, principals
from gateway.store.accounts import CalendarRow
from gateway.store.database import Connection
from gateway.store.jobs import Job
from gateway.store.locks import lock_people
from gateway.sync.context import Sync
from gateway.sync.horizon import change_person
from gateway.sync.notices.standing import HOOKS, WATCH, watch_soon
from gateway.sync.order import PUSH
from gateway.sync.outbox import LEASE
from gateway.sync.pull import PULL, SIGNED_OUT_MAIL, key_of, pull_soon
from gateway.sync.push import run_push
from gateway.sync.wake import wake_mirrors


def owned(conn: Connection, user: int, calendar: int) -> CalendarRow:
    """Raises: NotFound, also for a calendar of somebody else."""
    row = accounts.calendar(conn, calendar)
    if row is None or row.user_id != user or row.gone:
        raise NotFound("there is no such calendar")
    return row


def set_merged(conn: Connection, user: int, calendar: int, on: bool, now: float) -> None:
    """Whether its objects are members of the merged calendar. now: epoch seconds."""
    lock_people(conn, user)
    row = owned(conn, user, calendar)
    if row.destination and row.writable and not on and not row.separate:
        raise UsageError("new events go to this calendar; choose another destination first")
    accounts.change_calendar(conn, calendar, merged=on)
    members.refresh_calendar(conn, user, calendar)
    catch_up(conn, row, now)


def set_busy(
    conn: Connection, user: int, calendar: int, on: bool, now: float, *, tentative: bool | None = None
) -> None:
    """Whether its events block time. tentative: whether tentative ones do as well; None: as before."""
    row = owned(conn, user, calendar)
    accounts.change_calendar(
        conn, calendar, busy=on, tentative_busy=row.tentative_busy if tentative is None else tentative
    )
    wake_mirrors(conn, user, now)
    catch_up(conn, row, now)


def set_destination(conn: Connection, user: int, calendar: int) -> None:
    """New events go there. Raises: UsageError for one that takes none, or that no client is shown."""
    lock_people(conn, user)
    row = owned(conn, user, calendar)
    if not row.writable:
        raise UsageError(f"{row.displayname!r} takes no changes, so it cannot be the destination for new events")
    if not (row.merged or row.separate):
        raise UsageError(f"{row.displayname!r} is not part of the merged calendar; turn that on first")
    accounts.set_destination(conn, user, calendar)


@dataclass(frozen=True, slots=True)
class Choices:
    """merged, busy: calendars of an account. destination: of any of its owner's; None: as it is."""

    merged: frozenset[int]
    busy: frozenset[int]
    destination: int | None = None


def choose(conn: Connection, user: int, account: int, choices: Choices, now: float) -> None:
    """All choices about an account's calendars at once. now: epoch seconds.

    Raises: NotFound; UsageError, where the destination is not merged or takes no changes: nothing is changed then.
    """
    lock_people(conn, user)
    rows = [row for row in _account(conn, user, account) if not row.gone]
    for row in rows:
        if row.id in choices.merged and not row.merged:
            set_merged(conn, user, row.id, True, now)
    if choices.destination is not None:
        set_destination(conn, user, choices.destination)
    for row in rows:
        if row.merged and row.id not in choices.merged:
            set_merged(conn, user, row.id, False, now)
        if row.busy != (row.id in choices.busy):
            set_busy(conn, user, row.id, not row.busy, now)


def _account(conn: Connection, user: int, account: int) -> list[CalendarRow]:
    """Its calendars. Raises: NotFound, also for an account of somebody else."""
    row = accounts.get(conn, account)
    if row is None or row.user_id != user:
        raise NotFound("there is no such account")
    return accounts.account_calendars(conn, account)


def set_order(conn: Connection, user: int, calendars: Sequence[int]) -> None:
    """Of copies of one meeting, the one in the first calendar counts. Calendars that are not named come after these."""
    lock_people(conn, user)
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
    lock_people(conn, user)
    calendars = {calendar.id for calendar in _account(conn, user, account)}
    held = {uid: None for calendar in calendars for uid in objects.uids(conn, calendar)}
    for job in unsent(conn, user, account):
        jobs.drop(conn, PUSH, job.key)
    jobs.drop(conn, PULL, key_of(account))
    jobs.drop(conn, SIGNED_OUT_MAIL, key_of(account))
    jobs.drop(conn, WATCH, key_of(account))
    accounts.remove(conn, account)
    members.refresh(conn, user, held)
    wake_mirrors(conn, user, 0.0)


def unsent(conn: Connection, user: int, account: int) -> list[Job]:
    """Changes that the provider has not been told yet; they are lost with the account.

    Raises: NotFound, also for an account of somebody else.
    """
    calendars = {calendar.id for calendar in _account(conn, user, account)}
    keys = {f"object {key}" for calendar in calendars for key in objects.keys(conn, calendar)}
    waiting = jobs.waiting(conn, PUSH, user)
    return [job for job in waiting if job.key in keys or job.payload.get("calendar") in calendars]


async def send_unsent(sync: Sync, user: int, account: int) -> int:
    """Tries once, for no longer than a client would wait; how many changes the provider then still does not have."""
    jobs_of = await sync.db.read(unsent, user, account)
    trying = asyncio.create_task(_send(sync, jobs_of))
    timer = asyncio.ensure_future(sync.sleep(sync.settings.sync.push_budget))
    try:
        await asyncio.wait({trying, timer}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        timer.cancel()
        trying.cancel()
        await asyncio.gather(timer, trying, return_exceptions=True)
    return len(await sync.db.read(unsent, user, account))


async def _send(sync: Sync, waiting: Sequence[Job]) -> None:
    for job in waiting:
        mine = await sync.db.write(jobs.claim, job.id, now=sync.clock(), lease=LEASE)
        if mine is None:  # somebody else is at it
            continue
        try:
            await run_push(sync, mine)
        except GatewayError as error:
            await sync.db.write(jobs.retry, mine, due=sync.clock(), error=str(error))
        except asyncio.CancelledError:
            await sync.db.write(jobs.retry, mine, due=sync.clock(), error="broken off")
            raise


async def set_zone(sync: Sync, user: int, zone: str) -> None:
    """The zone of their all-day and floating times, which move with it. Raises: UsageError."""
    await change_person(sync, user, zone=check_zone(zone))


async def known_since(sync: Sync, user: int, before: Collection[str]) -> None:
    """After an account was connected: of addresses that it brought, answers to invitations count from now on.

    before: their addresses until then.
    """
    new = await sync.db.read(principals.addresses, user) - frozenset(before)
    if new:
        await add_addresses(sync, user, sorted(new))


async def add_addresses(sync: Sync, user: int, addresses: Sequence[str]) -> None:
    """Addresses under which they are invited too: their answers to invitations count from now on."""
    await change_person(sync, user, addresses=[address.lower() for address in addresses])


def catch_up(conn: Connection, row: CalendarRow, now: float) -> None:
    """A calendar that counted for nothing was not pulled meanwhile; one that counts for nothing sends no notices."""
    if BACKENDS[row.kind].remote and not row.counts:
        pull_soon(conn, row.user_id, row.account_id, now, [row.id])
    if row.kind in HOOKS:
        watch_soon(conn, row.user_id, row.account_id, now)
