"""What a person's calendars at providers hold at this very moment, for one short time; nothing of it is stored."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from gateway.backends.base import Live
from gateway.backends.table import BACKENDS
from gateway.errors import GatewayError, RefusedByProvider
from gateway.store import accounts
from gateway.store.accounts import AccountRow
from gateway.store.database import Connection
from gateway.sync.context import Sync
from gateway.sync.pull import pull_soon

log = logging.getLogger(__name__)
Span = tuple[int, int]
Asked = tuple[AccountRow, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Told:
    """taken: person -> busy times, epoch seconds. silent: some account did not answer, or not in time."""

    taken: Mapping[int, Sequence[Span]]
    silent: bool = False


async def live(sync: Sync, people: Sequence[int], start: int, end: int, seconds: float) -> Told:
    """Busy time in [start, end) in the calendars that count as busy, of all accounts at once.

    What a provider does not tell anybody (a feed, a server without that question) is left out, and silent for nobody.
    """
    every = await sync.db.read(_asked, people)
    tasks = {asyncio.create_task(_ask(sync, one, start, end)): one[0] for one in every}
    if not tasks:
        return Told({})
    done, late = await asyncio.wait(tasks, timeout=seconds)
    for task in late:
        task.cancel()
    taken: dict[int, list[Span]] = {}
    silent = bool(late)
    for task in done:
        found = task.result()
        silent = silent or found is None
        taken.setdefault(tasks[task].user_id, []).extend(found or ())
    return Told(taken, silent)


def _asked(conn: Connection, people: Sequence[int]) -> list[Asked]:
    found = []
    for person in people:
        calendars = [row for row in accounts.calendars(conn, person) if row.busy and not row.gone]
        for account in (one for one in accounts.of_user(conn, person) if BACKENDS[one.kind].remote):
            theirs = tuple(row.remote_id for row in calendars if row.account_id == account.id)
            if theirs:
                found.append((account, theirs))
    return found


async def _ask(sync: Sync, asked: Asked, start: int, end: int) -> Sequence[Span] | None:
    """None: no answer."""
    account, calendars = asked
    try:
        backend = sync.backend_for(account)
        if not isinstance(backend, Live):
            return ()
        found = await backend.taken(calendars, datetime.fromtimestamp(start, UTC), datetime.fromtimestamp(end, UTC))
    except RefusedByProvider as error:
        log.info("account %s does not tell its busy time: %s", account.id, error)
        return ()
    except GatewayError as error:
        log.warning("account %s could not be asked whether a time is free: %s", account.id, error)
        return None
    return [(int(one.start.timestamp()), int(one.end.timestamp())) for one in found]


async def learn(sync: Sync, people: Sequence[int]) -> None:
    """Their accounts are read soon, as there is more in them than the index knows."""

    def write(conn: Connection) -> None:
        for account, _ in _asked(conn, people):
            pull_soon(conn, account.user_id, account.id, sync.clock())

    await sync.db.write(write)
    sync.bell.ring()
