"""Takes in what is new at a provider: one account at a time is pulled by one worker at a time."""

import logging
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from gateway.accounts.pace import background
from gateway.accounts.ways import is_organisations
from gateway.backends.base import Backend, as_allowed
from gateway.backends.table import BACKENDS
from gateway.errors import (
    AccessTooNarrow,
    BackendUnavailable,
    GatewayError,
    NotFound,
    NotYet,
    SignInExpired,
    Throttled,
)
from gateway.model import RemoteCalendar
from gateway.store import accounts, jobs, subscriptions
from gateway.store.accounts import LEAVING, AccountRow, CalendarRow
from gateway.store.database import Connection
from gateway.store.jobs import Job
from gateway.sync.context import Sync
from gateway.sync.intake import LEASE, Progress, mark_gone, take_changes
from gateway.sync.notices.looks import Due, after, due, of_payload
from gateway.sync.notices.standing import HOOKS, Look, address, channels_of, counting, listening, looked, want_channels
from gateway.sync.order import PUSH
from gateway.sync.wake import wake_mirrors, wake_stuck

PULL: Final = "pull"
SIGNED_OUT_MAIL: Final = "signed-out"
"""Kind of the job that tells an account's owner; whoever is above runs it. Payload: account, since."""
LIST_EVERY: Final = 900.0
SIGNED_OUT: Final = 3_600.0
FIRST_WAIT: Final = 15.0
LONGEST_WAIT: Final = 900.0
PATIENCE: Final = 60.0

log = logging.getLogger(__name__)


def back_off(failures: int, random: float, retry_after: float | None = None) -> float:
    """Seconds to wait after so many failures in a row. random: in [0, 1); spreads those that failed together."""
    wait = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(failures - 1, 16)) * (0.75 + 0.5 * random)
    return max(wait, retry_after or 0.0)


def put_off(error: GatewayError, attempts: int, random: float) -> float:
    """Seconds until what failed so is tried again, after so many attempts. What was not even tried costs none."""
    retry_after = error.retry_after if isinstance(error, BackendUnavailable) else None
    if isinstance(error, NotYet):
        return max(1.0, retry_after or 0.0) * (1.0 + 0.1 * random)
    return back_off(attempts, random, retry_after)


def key_of(account: int) -> str:
    return f"account {account}"


def pull_soon(conn: Connection, user: int, account: int, now: float, calendars: Collection[int] | None = None) -> None:
    """After something happened that the provider knows more about: a notice, a new sign-in, a calendar turned on.

    calendars: which to read, beside those whose time has come; None: all.
    """
    accounts.want(conn, account, calendars)
    jobs.add(conn, PULL, key_of(account), _payload(conn, account), due=now, user=user)


def _payload(conn: Connection, account: int) -> dict[str, object]:
    known_job = jobs.get(conn, PULL, key_of(account))
    return {"account": account, "listed": 0.0} if known_job is None else dict(known_job.payload)


async def pull_account(sync: Sync, account_id: int, *, full: bool = False, progress: Progress | None = None) -> None:
    """All calendars of an account that count for something. full: as if we knew nothing.

    Raises: what the backend raised; the account's row says so too.
    """
    job = await _claimed(sync, account_id, PATIENCE)
    planned = False  # when to look again
    try:
        with background():
            _, error = await _pull_claimed(sync, job, everything=True, full=full, progress=progress)
        planned = True
    finally:
        if not planned:
            await sync.db.write(jobs.retry, job, due=sync.clock() + FIRST_WAIT, error="broken off")
    if error is not None:
        raise error


async def run_pull(sync: Sync, job: Job) -> float:
    """The worker's part; when to look again, in epoch seconds, unless it is wanted sooner."""
    due_at, error = await _pull_claimed(sync, job)
    if error is not None:
        log.warning("account %s: %s", job.payload["account"], error)
    return due_at


async def pull_calendar(sync: Sync, calendar_id: int, *, full: bool = False, patience: float = PATIENCE) -> None:
    """One calendar. patience: seconds to wait for somebody else who is pulling its account.

    Raises: what the backend raised.
    """
    calendar = await sync.db.read(accounts.calendar, calendar_id)
    if calendar is None or not BACKENDS[calendar.kind].remote:
        return
    job = await _claimed(sync, calendar.account_id, patience)
    try:
        account = await sync.db.read(accounts.get, calendar.account_id)
        if account is not None:
            backend = sync.backend_for(account)
            _, look = await take_changes(sync, job, backend, calendar.id, full=full, progress=None)
            if look is not None:
                await sync.db.write(looked, sync, account.id, {calendar.id: look})
    finally:
        await sync.db.write(_give_back, job)


def _give_back(conn: Connection, job: Job) -> None:
    """It comes when it was to come, or sooner, where it was brought forward meanwhile."""
    current = jobs.get(conn, PULL, job.key)
    jobs.retry(conn, job, due=job.due if current is None else min(job.due, current.due), error=job.error)


async def _claimed(sync: Sync, account: int, patience: float) -> Job:
    """The pulling of the account is ours, until we give it back."""
    until = sync.clock() + patience
    while (job := await sync.db.write(_claim, sync, account)) is None:
        if sync.clock() >= until:
            raise BackendUnavailable("this account is being synchronised at the moment")
        await sync.sleep(0.5)
    return job


def _claim(conn: Connection, sync: Sync, account: int) -> Job | None:
    row = accounts.get(conn, account)
    if row is None:
        raise NotFound("there is no such account")
    now = sync.clock()
    waiting = jobs.get(conn, PULL, key_of(account))
    if waiting is None:
        pull_soon(conn, row.user_id, account, now)
        waiting = jobs.get(conn, PULL, key_of(account))
    return None if waiting is None else jobs.claim(conn, waiting.id, now=now, lease=LEASE)


async def _pull_claimed(
    sync: Sync, job: Job, *, everything: bool = False, full: bool = False, progress: Progress | None = None
) -> tuple[float, GatewayError | None]:
    """When to look again, which is written down already; and why it was not read to its end."""
    account, todo = await sync.db.read(_start, sync, job, everything=everything)
    if account is None or todo is None:
        await sync.db.write(jobs.drop, PULL, job.key)
        return sync.clock(), None
    listed, looks = float(job.payload["listed"]), dict[int, Look]()
    try:
        backend = sync.backend_for(account)
        if full or sync.clock() - listed >= LIST_EVERY:
            await sync.db.write(_take_list, sync, account, await backend.calendars())
            listed = sync.clock()
            todo = await sync.db.read(due, sync, account, of_payload(job.payload), everything=everything)
        for calendar in todo.calendars:
            look = await _pull_one(sync, job, calendar, backend, full=full, progress=progress)
            if look is not None:
                looks[calendar.id] = look
    except GatewayError as error:
        return await sync.db.write(_failed, sync, job, account, looks, error), error
    return await sync.db.write(_succeeded, sync, job, account, looks, listed, todo), None


def _start(conn: Connection, sync: Sync, job: Job, *, everything: bool) -> tuple[AccountRow | None, Due | None]:
    """None: there is nothing to pull, and never will be."""
    account = accounts.get(conn, job.payload["account"])
    if account is None or not BACKENDS[account.kind].remote or account.state == LEAVING:
        return account, None
    return account, due(conn, sync, account, of_payload(job.payload), everything=everything)


async def _pull_one(
    sync: Sync, job: Job, calendar: CalendarRow, backend: Backend, *, full: bool, progress: Progress | None
) -> Look | None:
    """The look at it, if that ended well. What is wrong with it or with single objects is kept, for people to read."""
    refused = False
    try:
        problems, look = await take_changes(sync, job, backend, calendar.id, full=full, progress=progress)
    except (BackendUnavailable, SignInExpired):
        raise
    except GatewayError as error:
        problems, look, refused = [str(error)], None, True
    said = "; ".join(f"{calendar.displayname}: {problem}" for problem in problems)[:2_000]
    if refused:
        await sync.db.write(accounts.was_refused, calendar, said)
    elif said != calendar.error:
        await sync.db.write(accounts.change_calendar, calendar.id, error=said)
    return look


def _take_list(conn: Connection, sync: Sync, account: AccountRow, found: Sequence[RemoteCalendar]) -> None:
    """New calendars with their defaults; names and rights of the others; those that are listed no more."""
    rows = {row.remote_id: row for row in accounts.account_calendars(conn, account.id)}
    now = accounts.get(conn, account.id) or account
    for remote in as_allowed(now.settings, found):
        row = rows.pop(remote.id, None)
        if row is None:
            accounts.add_calendar(conn, account.user_id, account.id, remote)
            continue
        values = {
            "displayname": remote.displayname,
            "color": remote.color,
            "zone": remote.zone,
            "writable": remote.writable,
            "schedules": remote.schedules,
        }
        if any(getattr(row, name) != value for name, value in values.items()):
            accounts.change_calendar(conn, row.id, **values)
            subscriptions.stir_calendar(conn, row.id, account.user_id)
            wake_mirrors(conn, account.user_id, sync.clock())
        if row.gone:
            mark_gone(conn, sync, row, gone=False)
    for row in rows.values():
        if not row.gone:
            mark_gone(conn, sync, row, gone=True)


def _succeeded(
    conn: Connection,
    sync: Sync,
    job: Job,
    account: AccountRow,
    looks: Mapping[int, Look],
    listed: float,
    done: Due,
) -> float:
    looked(conn, sync, account.id, looks)
    calendars, rows = counting(conn, account.id), channels_of(conn, account)
    notes = "; ".join(row.error for row in calendars if row.error)[:2_000]
    accounts.change(conn, account.id, state="ok", trouble="", error=notes, failures=0, synced=sync.now)
    if account.state != "ok":  # what could not be told meanwhile need not wait for its time
        jobs.hasten(conn, PUSH, account.user_id, due=sync.clock())
    wake_stuck(conn, account.id, sync.clock())
    if account.kind in HOOKS:
        want_channels(conn, sync, account, rows, calendars)
    current = jobs.get(conn, PULL, job.key)
    if current is None:
        return sync.clock()
    if current.payload != job.payload:  # signed in anew meanwhile: it begins anew
        jobs.again(conn, current, due=sync.clock())
        return sync.clock()
    known = listening(rows, calendars, address(sync.settings, account.kind), sync.clock())
    times, soon = after(sync, calendars, known, of_payload(job.payload), done)
    jobs.again(conn, current, due=soon, payload={**job.payload, "listed": listed, **times.as_payload()})
    return soon


def _failed(
    conn: Connection, sync: Sync, job: Job, account: AccountRow, looks: Mapping[int, Look], error: GatewayError
) -> float:
    """Who is signed out stays it until a pull ends well, whatever else fails meanwhile; its owner hears of it once."""
    current = accounts.get(conn, account.id)
    if current is None:
        return sync.clock()
    looked(conn, sync, account.id, looks)
    soon = sync.clock() + _wait(conn, sync, account, current, error)
    jobs.again(conn, job, due=soon)
    return soon


def _wait(conn: Connection, sync: Sync, account: AccountRow, current: AccountRow, error: GatewayError) -> float:
    """Seconds until the next try; what is wrong is in the account's row. account: as it was before this one."""
    if isinstance(error, NotYet):
        if error.down and current.state == "ok":  # it was not asked: somebody else's request found that it is down
            accounts.change(conn, account.id, state="failing", trouble=_trouble(error), error=str(error))
        return put_off(error, 0, sync.random())
    expired = isinstance(error, SignInExpired)
    if expired and current.secret != account.secret and current.failures == 0:
        # signed in again while this was asked with the old sign-in
        accounts.change(conn, account.id, failures=1)
        return 0.0
    failures, known = current.failures + 1, current.state == "signed-out"
    wait = SIGNED_OUT if expired else put_off(error, failures, sync.random())
    if expired or not known:
        state = "signed-out" if expired else "failing"
        accounts.change(conn, account.id, state=state, trouble=_trouble(error), error=str(error), failures=failures)
    if expired and not known and not is_organisations(account.settings):  # else its owner could do nothing about it
        told = {"account": account.id, "since": sync.now}
        jobs.add(conn, SIGNED_OUT_MAIL, key_of(account.id), told, due=sync.clock(), user=account.user_id)
    return wait


def _trouble(error: GatewayError) -> str:
    kinds = {
        AccessTooNarrow: "too-little",
        SignInExpired: "signed-out",
        Throttled: "throttled",
        BackendUnavailable: "unreachable",
    }
    return next((trouble for kind, trouble in kinds.items() if isinstance(error, kind)), "refused")
