"""Turning mirrors on and off. Each function is one transaction of its caller."""

from collections.abc import Collection
from typing import Final
from uuid import uuid4

from gateway.backends.table import BACKENDS
from gateway.errors import NotFound, UsageError
from gateway.mirror.look import View
from gateway.store import accounts, jobs, members, mirrors
from gateway.store.accounts import LEAVING, AccountRow, CalendarRow
from gateway.store.database import Connection
from gateway.store.mirrors import MirrorRow
from gateway.sync.calendars import owned
from gateway.sync.pull import PULL, pull_soon
from gateway.sync.pull import key_of as pull_key_of
from gateway.sync.wake import wake

DAYS: Final = 60
MOST_DAYS: Final = 365
LONGEST_SUMMARY: Final = 60


def add(
    conn: Connection,
    user: int,
    sources: Collection[int],
    target: int,
    *,
    days: int = DAYS,
    summary: str = "",
    now: float,
) -> int:
    """The mirror into that calendar; one that is there already takes the new choices. now: epoch seconds.

    days: how far ahead. summary: of each block, the same for all; "": "Busy" in the owner's language.
    Raises: NotFound, UsageError.
    """
    chosen = [owned(conn, user, key) for key in dict.fromkeys(sources)]
    into = owned(conn, user, target)
    summary = summary.strip()
    _check(chosen, into, days, summary)
    known = mirrors.into(conn, target)
    if known is None:
        mark = uuid4().hex
        keys = [row.id for row in chosen]
        mirror = mirrors.add(conn, user, target, keys, mark=mark, days=days, summary=summary, now=int(now))
    else:
        mirror = known.id
        mirrors.set_sources(conn, mirror, [row.id for row in chosen])
        fresh = {"ending": False, "problem": "", "error": "", "failures": 0, "settled": None}
        mirrors.change(conn, mirror, days=days, summary=summary, **fresh)
    for row in (*chosen, into):
        if BACKENDS[row.kind].remote and not row.counts:  # it was not pulled so far
            pull_soon(conn, user, row.account_id, now, [row.id])
    wake(conn, user, mirror, now)
    return mirror


def _check(sources: Collection[CalendarRow], target: CalendarRow, days: int, summary: str) -> None:
    """Raises: UsageError."""
    if not sources:
        raise UsageError("choose the calendars whose busy time is to appear there")
    if target.id in {row.id for row in sources}:
        raise UsageError(f"{target.displayname!r} cannot be a mirror of itself")
    if not target.writable:
        raise UsageError(f"{target.displayname!r} takes no changes, so nothing can appear there")
    if not 1 <= days <= MOST_DAYS:
        raise UsageError(f"a mirror reaches 1 to {MOST_DAYS} days ahead")
    if len(summary) > LONGEST_SUMMARY or not summary.isprintable():
        raise UsageError(f"the text of the blocks is one line of at most {LONGEST_SUMMARY} characters")


def mine(conn: Connection, user: int, mirror: int) -> MirrorRow:
    """Raises: NotFound, also for a mirror of somebody else."""
    row = mirrors.get(conn, mirror)
    if row is None or row.user_id != user:
        raise NotFound("there is no such mirror")
    return row


def stop(conn: Connection, user: int, mirror: int, now: float) -> int:
    """Turns it off; its blocks are taken away one after the other. How many those are.

    Raises: NotFound.
    """
    row = mine(conn, user, mirror)
    blocks = len(mirrors.held(conn, user, row.mark))
    mirrors.change(conn, mirror, ending=True, problem="", error="", failures=0, left=blocks)
    wake(conn, user, mirror, now)
    return blocks


def blocks_at(conn: Connection, user: int, account: int) -> int:
    """How many blocks of mirrors are in the calendars of an account of theirs."""
    return sum(len(mirrors.held(conn, user, one.mark)) for one in _into(conn, account))


def _into(conn: Connection, account: int) -> list[MirrorRow]:
    rows = accounts.account_calendars(conn, account)
    return [found for one in rows if (found := mirrors.into(conn, one.id)) is not None]


def part(conn: Connection, user: int, account: int, now: float) -> int:
    """Before an account is removed: how many blocks must be taken away there first; 0: nothing is in the way.

    Until then the account takes part in nothing, and it is removed by itself when they are gone. Where it is signed
    out, nothing can be taken away.
    Raises: NotFound, also for an account of somebody else.
    """
    row = accounts.get(conn, account)
    if row is None or row.user_id != user:
        raise NotFound("there is no such account")
    blocks = blocks_at(conn, user, account)
    if blocks == 0 or row.state == "signed-out" or not BACKENDS[row.kind].remote:
        return 0
    accounts.change(conn, account, state=LEAVING)
    jobs.drop(conn, PULL, pull_key_of(account))
    for one in accounts.account_calendars(conn, account):
        accounts.change_calendar(conn, one.id, gone=True, destination=False)
        members.refresh_calendar(conn, user, one.id)
    for mirror in _into(conn, account):
        stop(conn, user, mirror.id, now)
    return blocks


def finished(conn: Connection, view: View) -> AccountRow | None:
    """Nothing of a mirror is left. The account that is to be removed now, if its owner has parted with it and no other
    mirror is in the way: this one goes with it, so that a removal that is broken off is begun again.
    """
    accounts.lock(conn, view.account.id)
    account = accounts.get(conn, view.account.id)
    if account is not None and account.state == LEAVING and not _others(conn, account.id, view.mirror.id):
        return account
    mirrors.remove(conn, view.mirror.id)
    return None


def _others(conn: Connection, account: int, mirror: int) -> bool:
    found = (mirrors.into(conn, one.id) for one in accounts.account_calendars(conn, account))
    return any(one is not None and one.id != mirror for one in found)
