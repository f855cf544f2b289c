"""Brings a calendar in line with the busy time that it should show: some changes at a time, until none is left."""

import logging
from collections.abc import Awaitable, Callable
from typing import Final

from gateway.errors import (
    BackendUnavailable,
    GatewayError,
    InsufficientStorage,
    ReadOnlyCalendar,
    RefusedByProvider,
    RemoteConflict,
    RemoteGone,
    SignInExpired,
)
from gateway.mirror.choose import finished
from gateway.mirror.look import View, look, next_day
from gateway.mirror.plan import Change
from gateway.mirror.send import Sender
from gateway.store import jobs, mirrors
from gateway.store.accounts import LEAVING, AccountRow
from gateway.store.database import Connection
from gateway.store.jobs import Job
from gateway.sync.context import Sync
from gateway.sync.pull import back_off, pull_calendar

AT_ONCE: Final = 20
"""Most changes of one run: two or three calls each, so that nobody else waits long for this account."""
BETWEEN: Final = 2.0
SPREAD: Final = 900.0
"""Seconds after midnight within which windows move on, so that not all do at once."""

# Ends an account whose owner has parted with it, once nothing of ours is left there.
EndAccount = Callable[[AccountRow], Awaitable[None]]
PROBLEMS: Final[tuple[tuple[type[GatewayError], str], ...]] = (
    (SignInExpired, "signed-out"),
    (ReadOnlyCalendar, "read-only"),
    (RemoteGone, "gone"),
    (RefusedByProvider, "refused"),
)
# Of an account that its owner has parted with, nobody will mend these.
FOR_GOOD: Final = (SignInExpired, ReadOnlyCalendar, RefusedByProvider)
log = logging.getLogger(__name__)


async def run_mirror(sync: Sync, job: Job, end_account: EndAccount) -> float | None:
    """The worker's part; when to look again, in epoch seconds; None: the mirror is no more."""
    key, view = int(job.payload["mirror"]), None
    try:
        view = await sync.db.read(look, key, sync.now)
        if view is None:
            return None
        left = await _some(sync, view)
    except InsufficientStorage:
        raise
    except GatewayError as error:
        log.warning("mirror %s: %s", key, error)
        if view is None or not (view.account.state == LEAVING and isinstance(error, FOR_GOOD)):
            return await sync.db.write(_troubled, sync, job, key, error)
        left = 0
    if left == 0 and view.ending:
        account = await sync.db.write(finished, view)
        if account is not None:
            await end_account(account)
        return None
    return await sync.db.write(_went_well, sync, job, view, left)


async def _some(sync: Sync, view: View) -> int:
    """How many changes are left.

    Raises: what is in the way of them; then what was done stays done.
    """
    todo = view.unsent[:AT_ONCE] or view.changes[:AT_ONCE]
    if not todo:
        return 0
    _check(view)
    sender = Sender(sync, view)
    try:
        for one in todo:
            await (sender.carry_out(one) if isinstance(one, Change) else sender.deliver(one))
    except RemoteConflict as error:
        await pull_calendar(sync, view.target.id)
        raise BackendUnavailable("somebody changed a block meanwhile") from error
    now = await sync.db.read(look, view.mirror.id, sync.now)
    return 0 if now is None else len(now.unsent) + len(now.changes)


def _check(view: View) -> None:
    """Raises: what the provider would say, without asking it."""
    name = view.target.displayname
    if view.account.state == "signed-out":
        raise SignInExpired(view.account.error or f"the sign-in for {name!r} has expired")
    if view.target.gone and not view.ending:
        raise RemoteGone(f"the calendar {name!r} is no longer there")
    if not view.target.writable:
        raise ReadOnlyCalendar(f"the calendar {name!r} takes no changes any more")


def _went_well(conn: Connection, sync: Sync, job: Job, view: View, left: int) -> float:
    mirrors.forget(conn, view.mirror.id, view.forget)
    values: dict[str, object] = {"problem": "", "error": "", "failures": 0, "left": left}
    if left == 0:
        values["settled"] = sync.now
    mirrors.change(conn, view.mirror.id, **values)
    due = sync.clock() + BETWEEN if left else next_day(sync.now, view.zone) + SPREAD * sync.random()
    jobs.again(conn, job, due=due)
    return due


def _troubled(conn: Connection, sync: Sync, job: Job, key: int, error: GatewayError) -> float:
    """It goes on by itself when it can; a change of the calendars brings that forward."""
    mirror = mirrors.get(conn, key)
    failures = 1 if mirror is None else mirror.failures + 1
    problem = next((word for kind, word in PROBLEMS if isinstance(error, kind)), "failing")
    retry_after = error.retry_after if isinstance(error, BackendUnavailable) else None
    due = sync.clock() + back_off(failures, sync.random(), retry_after)
    view = look(conn, key, sync.now)
    left = 0 if view is None else len(view.changes) + len(view.unsent)
    mirrors.change(conn, key, problem=problem, error=str(error)[:500], failures=failures, left=left)
    jobs.again(conn, job, due=due)
    return due
