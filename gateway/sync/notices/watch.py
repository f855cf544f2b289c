"""Opens, renews, replaces and stops the channels of an account, one account at a time."""

import asyncio
import logging
from collections.abc import Sequence
from secrets import token_hex, token_urlsafe
from typing import Final

from gateway.accounts.passwords import digest
from gateway.backends.base import Channel, Hook, Listing, Notifying
from gateway.errors import BackendUnavailable, Conflict, GatewayError, RemoteGone, SignInExpired
from gateway.store import accounts, channels, jobs
from gateway.store.accounts import AccountRow, CalendarRow
from gateway.store.channels import ChannelRow, State
from gateway.store.database import Connection
from gateway.store.jobs import Job
from gateway.sync.context import DAY, Sync
from gateway.sync.notices.plan import Plan, plan
from gateway.sync.notices.standing import WATCH, address, counting, key_of, listening
from gateway.sync.pull import pull_soon

LIFETIME: Final = 7 * DAY
"""What is asked for; the provider may grant less."""
SHORTEST: Final = 300.0
ANSWER: Final = 600.0
"""Seconds within which a channel whose opening was not answered makes itself known, if it is open."""
ASK_AGAIN: Final = 3_600.0
TRIES: Final = 3
FAREWELL: Final = 10.0
log = logging.getLogger(__name__)


async def run_watch(sync: Sync, job: Job) -> float | None:
    """The worker's part; when to look again.

    Raises: BackendUnavailable, SignInExpired, once all that could be done is done.
    """
    account = await sync.db.read(accounts.get, job.payload["account"])
    if account is None or account.state == "signed-out":
        return None
    where = address(sync.settings, account.kind)
    todo = await sync.db.read(_plan, sync, account.id, where)
    if todo.work:
        backend = sync.backend_for(account)
        if isinstance(backend, Notifying):
            await _Watch(sync, backend, account, where or "").carry_out(todo)
    return await sync.db.write(_put_down, sync, job, account, where)


def _plan(conn: Connection, sync: Sync, account: int, where: str | None) -> Plan:
    return plan(channels.of_account(conn, account), counting(conn, account), where, sync.clock())


def _put_down(conn: Connection, sync: Sync, job: Job, account: AccountRow, where: str | None) -> float | None:
    """When the channels are looked at again. Where not all of them work, the next pull comes as without them."""
    rows, calendars, now = channels.of_account(conn, account.id), counting(conn, account.id), sync.clock()
    for row in plan(rows, calendars, where, now).forget:
        channels.remove(conn, row.key)
    current = accounts.get(conn, account.id)
    if current is not None and current.state == "ok" and listening(rows, calendars, where, now).rest:
        pull_soon(conn, account.user_id, account.id, now + sync.settings.sync.poll, ())
    due = plan(rows, calendars, where, now).due
    if due is not None:
        jobs.again(conn, job, due=due)
    return due


class _Watch:
    def __init__(self, sync: Sync, backend: Notifying, account: AccountRow, where: str) -> None:
        self._sync = sync
        self._backend = backend
        self._account = account
        self._where = where
        self._later: list[BackendUnavailable] = []

    async def carry_out(self, todo: Plan) -> None:
        """New channels first, so that there is no gap. Raises: BackendUnavailable, SignInExpired."""
        calendars = {row.id: row for row in await self._sync.db.read(accounts.account_calendars, self._account.id)}
        if todo.open and isinstance(self._backend, Listing):
            await self._end_strays(self._backend)
        for calendar in todo.open:
            await self._open(calendar)
        for row in todo.replace:
            await self._replace(row, calendars[row.calendar_id], mistrusted=True)
        for row in todo.renew:
            if not await self._renew(row):
                await self._replace(row, calendars[row.calendar_id])
        for row in todo.stop:
            await self._stop(row)
        if self._later:
            raise self._later[0]

    async def _end_strays(self, backend: Listing) -> None:
        """Channels that tell us and that we do not know: their opening was not answered, or their rows were lost."""
        try:
            found = await backend.open_channels(self._where)
            for channel in await self._sync.db.read(_strays, self._account.id, found):
                log.info("account %s: a channel that nobody knows is ended", self._account.id)
                await self._backend.unwatch(channel)
        except GatewayError as error:  # they end by themselves; and what opens the others meets the same error
            log.info("account %s: channels that nobody knows stay: %s", self._account.id, error)

    async def _replace(self, row: ChannelRow, calendar: CalendarRow, *, mistrusted: bool = False) -> None:
        """Where there is no other yet, this one stays, and another is asked for later."""
        if await self._open(calendar, mistrusted=mistrusted):
            await self._stop(row)
        else:
            later = self._sync.clock() + ASK_AGAIN
            await self._sync.db.write(channels.change, row.key, renew=later, since=later if mistrusted else row.since)

    async def _open(self, calendar: CalendarRow, *, mistrusted: bool = False) -> bool:
        """Whether notices come from now on, or none ever can as the calendar is no more."""
        for _ in range(TRIES):
            secret = token_urlsafe(32)
            row = self._row(calendar, secret)
            await self._sync.db.write(channels.add, row)
            try:
                hook = Hook(self._where, row.key, secret)
                channel = await self._backend.watch(calendar.remote_id, hook, row.opened + LIFETIME)
            except Conflict:
                await self._sync.db.write(channels.remove, row.key)
                continue
            except BackendUnavailable as error:  # it may be open all the same: the row waits for what tells so
                self._later.append(error)
                return False
            except SignInExpired:
                raise
            except RemoteGone:  # the next pull finds that out too
                await self._sync.db.write(channels.remove, row.key)
                return True
            except GatewayError as error:
                await self._refused(row, ASK_AGAIN, str(error))
                return False
            return await self._answered(row, channel, mistrusted=mistrusted)
        return False

    def _row(self, calendar: CalendarRow, secret: str) -> ChannelRow:
        now = self._sync.clock()
        return ChannelRow(
            key=token_hex(16),
            user_id=calendar.user_id,
            account_id=calendar.account_id,
            calendar_id=calendar.id,
            state=State.OPENING,
            address=self._where,
            digest=digest(secret),
            opened=now,
            since=now,
            renew=now + ANSWER,
            expires=now + ANSWER,
        )

    async def _answered(self, row: ChannelRow, channel: Channel | None, *, mistrusted: bool) -> bool:
        if channel is None:
            await self._refused(row, DAY, "")
            return False
        if channel.expires < self._sync.clock() + SHORTEST:
            await self._end(channel)
            await self._refused(row, ASK_AGAIN, "the provider's notices would end at once: is the clock right?")
            return False
        if not await self._sync.db.write(_opened, self._sync, row, channel, mistrusted):
            await self._end(channel)  # the account was removed meanwhile
        return True

    async def _refused(self, row: ChannelRow, wait: float, why: str) -> None:
        """why: "" where the provider just sends none of such a calendar."""
        if why:
            log.warning("account %s: no notices: %s", row.account_id, why)
        again = self._sync.clock() + wait * (0.75 + 0.5 * self._sync.random())
        await self._sync.db.write(
            channels.change, row.key, state=State.REFUSED, renew=again, expires=again, error=why[:500]
        )

    async def _renew(self, row: ChannelRow) -> bool:
        """False: another has to be opened."""
        try:
            channel = await self._backend.renew(_channel(row), self._sync.clock() + LIFETIME)
        except BackendUnavailable as error:
            self._later.append(error)
            return True
        except SignInExpired:
            raise
        except GatewayError as error:
            log.info("account %s: notices ended: %s", row.account_id, error)
            return False
        if channel is not None:
            times = _times(self._sync, channel)
            await self._sync.db.write(channels.change, row.key, **times)
        return channel is not None

    async def _stop(self, row: ChannelRow) -> None:
        await self._sync.db.write(channels.change, row.key, state=State.ENDING)
        try:
            await self._backend.unwatch(_channel(row))
        except BackendUnavailable as error:
            self._later.append(error)
            return
        except GatewayError as error:  # then it ends by itself
            log.info("account %s: a channel could not be stopped: %s", row.account_id, error)
        await self._sync.db.write(channels.remove, row.key)

    async def _end(self, channel: Channel) -> None:
        """As far as the provider lets us; it ends by itself else."""
        try:
            await self._backend.unwatch(channel)
        except GatewayError as error:
            log.info("a channel that nobody here knows could not be stopped: %s", error)


def _strays(conn: Connection, account: int, found: Sequence[Channel]) -> list[Channel]:
    """Not those that another account, connected to the same mailbox, is just opening."""
    known = {row.remote_id for row in channels.named(conn, {channel.id for channel in found})}
    coming = channels.opening(conn, account)
    unknown = (channel for channel in found if channel.id not in known)
    return [channel for channel in unknown if not any(calendar in channel.resource for calendar in coming)]


def _channel(row: ChannelRow) -> Channel:
    return Channel(row.remote_id, row.resource, row.expires)


def _times(sync: Sync, channel: Channel) -> dict[str, float]:
    """Renewed when half to three quarters of its life are over, not all at one moment."""
    now = sync.clock()
    return {"renew": now + (channel.expires - now) * (0.5 + 0.25 * sync.random()), "expires": channel.expires}


def _opened(conn: Connection, sync: Sync, row: ChannelRow, channel: Channel, mistrusted: bool) -> bool:
    """What changed before it was open is pulled. False: nobody wants it any more."""
    held, now = channels.get(conn, row.key), sync.clock()
    if held is None:
        return False
    believed = channel.greeted or held.noticed is not None
    state = State.PROBATION if mistrusted else State.LIVE if believed else State.NEW
    known = {"remote_id": channel.id, "resource": channel.resource, "state": state, "opened": now, "since": now}
    channels.change(conn, row.key, **known, **_times(sync, channel))
    pull_soon(conn, row.user_id, row.account_id, now, [row.calendar_id])
    return True


async def close(sync: Sync, account: AccountRow) -> None:
    """Before the account is removed or its sign-in ended: ends its channels at the provider, as far as that goes."""
    try:
        backend = sync.backend_for(account)
        if isinstance(backend, Notifying):
            async with asyncio.timeout(FAREWELL):
                for row in await sync.db.read(channels.of_account, account.id):
                    if row.remote_id:
                        await backend.unwatch(_channel(row))
    except (GatewayError, TimeoutError) as error:
        log.info("account %s: its channels end by themselves: %s", account.id, error)
    await sync.db.write(_forget, account.id)


def _forget(conn: Connection, account: int) -> None:
    for row in channels.of_account(conn, account):
        channels.remove(conn, row.key)
    jobs.drop(conn, WATCH, key_of(account))
