"""Indexes objects anew without a change of their text: the horizon moved, or the owner's zone or addresses did."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Final

from gateway.errors import GatewayError
from gateway.ical.index import Indexed
from gateway.ical.objects import read_lenient
from gateway.store import jobs, objects, principals
from gateway.store.database import Connection
from gateway.store.jobs import Job
from gateway.store.locks import lock_people
from gateway.store.objects import ObjectRow
from gateway.sync.context import DAY, Scope, Sync, scope_of
from gateway.sync.wake import wake_mirrors

EXTEND: Final = "extend"
# A series is indexed anew when its occurrences reach this much less far than they could.
SLACK: Final = 30 * DAY
AT_ONCE: Final = 200
log = logging.getLogger(__name__)

Index = tuple[ObjectRow, Indexed]


def index_all(rows: Sequence[ObjectRow], scopes: Mapping[int, Scope]) -> list[Index]:
    """CPU work: off the event loop, in pages. scopes: by owner. What cannot be indexed keeps what it has."""
    found: list[Index] = []
    for row in rows:
        try:
            found.append((row, scopes[row.user_id].index(read_lenient(row.text), row.text)))
        except GatewayError as error:
            log.warning("object %s cannot be indexed anew: %s", row.id, error)
    return found


def keep(conn: Connection, indexed: Sequence[Index]) -> None:
    """Unless its text changed meanwhile."""
    lock_people(conn, *{row.user_id for row, _ in indexed})
    for row, one in indexed:
        current = objects.by_id(conn, row.id)
        if current is not None and current.etag == row.etag:
            objects.reindex(conn, current, one)


async def run_extend(sync: Sync, job: Job) -> float:
    """Once a day."""
    await extend(sync)
    tomorrow = sync.now - sync.now % DAY + DAY + 3_600 * sync.random()
    await sync.db.write(jobs.again, job, due=tomorrow)
    return tomorrow


async def extend(sync: Sync) -> int:
    """Rolls the horizon on for series without an end in sight; how many were indexed anew."""
    until, last, count = sync.horizon[1] - SLACK, 0, 0
    while rows := await sync.db.read(objects.to_reindex, until=until, after=last, limit=AT_ONCE):
        last = rows[-1].id
        scopes = await sync.db.read(_scopes, sync, {row.user_id for row in rows})
        indexed = await asyncio.to_thread(index_all, rows, scopes)
        await sync.db.write(keep, indexed)
        count += len(indexed)
    return count


def _scopes(conn: Connection, sync: Sync, users: set[int]) -> dict[int, Scope]:
    return {user: scope_of(conn, sync, user) for user in users}


async def change_person(sync: Sync, user: int, *, zone: str | None = None, addresses: Sequence[str] = ()) -> None:
    """A new zone, or more addresses of theirs; what depends on them is indexed anew in the same transaction.

    An address that somebody else has stays theirs.
    """
    dependent = objects.of_user if addresses else objects.of_zone

    def scope_then(conn: Connection) -> tuple[Scope, list[ObjectRow]]:
        now = scope_of(conn, sync, user)
        then = now if zone is None else now.in_zone(zone)
        return then.known_as(addresses), dependent(conn, user)

    scope, rows = await sync.db.read(scope_then)
    indexed: list[Index] = []
    for page in objects.chunks(rows, AT_ONCE):
        indexed += await asyncio.to_thread(index_all, page, {user: scope})

    def change(conn: Connection) -> None:
        lock_people(conn, user)
        if zone is not None:
            principals.change(conn, user, {"zone": zone})
        for address in addresses:
            principals.add_address(conn, user, address)
        keep(conn, indexed)
        known = {row.id: row.etag for row in rows}
        late = [row for row in dependent(conn, user) if known.get(row.id) != row.etag]
        keep(conn, index_all(late, {user: scope_of(conn, sync, user)}))
        wake_mirrors(conn, user, sync.clock())

    await sync.db.write(change)
