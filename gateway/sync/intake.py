"""Takes in what is new in one calendar, page by page; a reading that was broken off goes on where it was."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from gateway.backends.base import Backend, Forgetful, Resuming
from gateway.errors import BackendUnavailable, InvalidSyncToken, RemoteGone
from gateway.model import CalendarObject, Changes
from gateway.store import accounts, jobs, members, rounds
from gateway.store.accounts import CalendarRow
from gateway.store.database import Connection
from gateway.store.jobs import Job
from gateway.store.locks import lock_people
from gateway.sync.context import Scope, Sync, scope_of
from gateway.sync.ingest import Known, Reading, Round, apply, decide_all, forget_unmentioned, keep_token, known
from gateway.sync.notices.standing import Look
from gateway.sync.wake import wake_mirrors

LEASE: Final = 120.0
AT_ONCE: Final = 200

# Told (calendar's name, objects so far) as a pull goes on.
Progress = Callable[[str, int], None]
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Step:
    """What is one transaction. joined: names of the parts that its objects were made of.

    looked: we asked for these objects, the provider did not tell of them by itself.
    """

    page: Changes
    joined: Sequence[str] = ()
    looked: bool = False


async def take_changes(
    sync: Sync, job: Job, backend: Backend, calendar_id: int, *, full: bool, progress: Progress | None
) -> tuple[list[str], Look | None]:
    """What is wrong with single objects, for people to read; and the look at it, which the caller writes down.

    job: the pull that this is part of.
    Raises: what the backend raised. What came before it stays, and the next time goes on from there if it can.
    """
    calendar, clean = await sync.db.read(_start, calendar_id)
    if calendar is None:
        return [], None
    current = Round()
    problems: list[str] = []
    done, begun, news = 0, sync.clock(), False
    try:
        readings = _steps(sync, backend, calendar, full=full, clean=clean), _unmet(sync, backend, calendar)
        async for step in _chain(*readings):
            problems += await _take(sync, job, calendar, step, current)
            done += len(step.page.objects)
            news |= not step.page.full and bool(step.page.objects or step.page.gone)
            if progress is not None:
                progress(calendar.displayname, current.arrived or done)
    except RemoteGone as error:
        await sync.db.write(mark_gone, sync, calendar, gone=True)
        return [str(error)], None
    return problems, Look(begun, sync.now, calendar.wanted, news)


def mark_gone(conn: Connection, sync: Sync, calendar: CalendarRow, *, gone: bool) -> None:
    accounts.change_calendar(conn, calendar.id, gone=gone)
    if not gone:
        accounts.want(conn, calendar.account_id, [calendar.id])
    members.refresh_calendar(conn, calendar.user_id, calendar.id)
    wake_mirrors(conn, calendar.user_id, sync.clock())


def _start(conn: Connection, calendar: int) -> tuple[CalendarRow | None, bool]:
    return accounts.calendar(conn, calendar), rounds.is_clean(conn, calendar)


async def _chain(*readings: AsyncIterator[Step]) -> AsyncIterator[Step]:
    for reading in readings:
        async for step in reading:
            yield step


async def _steps(
    sync: Sync, backend: Backend, calendar: CalendarRow, *, full: bool, clean: bool
) -> AsyncIterator[Step]:
    """From where the last reading was broken off, if the provider still goes on from there; else anew.

    clean: nothing is noted of an earlier reading.
    """
    if calendar.page is not None and not full and isinstance(backend, Resuming):
        try:
            async for step in _portions(sync, backend, calendar, None, calendar.page):
                yield step
        except InvalidSyncToken as error:
            log.info("calendar %s is read anew: %s", calendar.id, error)
        now, clean = await sync.db.read(_start, calendar.id)
        if now is None:
            return
        calendar = now  # and on to what changed since that reading was begun
    if not clean:
        await sync.db.write(rounds.begin, calendar.id)
    token = None if full else calendar.token
    if isinstance(backend, Resuming):
        async for step in _portions(sync, backend, calendar, token, None):
            yield step
        return
    async for page in backend.changes(calendar.remote_id, token):
        yield Step(page)


async def _unmet(sync: Sync, backend: Backend, calendar: CalendarRow) -> AsyncIterator[Step]:
    """What we made there, and was perhaps deleted before the provider was asked for changes."""
    if isinstance(backend, Forgetful) and (hrefs := await sync.db.read(rounds.unmet, calendar.id)):
        yield Step(await backend.look(calendar.remote_id, hrefs), looked=True)


async def _portions(
    sync: Sync, backend: Resuming, calendar: CalendarRow, token: str | None, position: str | None
) -> AsyncIterator[Step]:
    """The parts that were kept are joined before the token is."""
    async for page in backend.portions(calendar.remote_id, token, position):
        left = {} if page.token is None else await sync.db.read(rounds.next_parts, calendar.id, 1)
        if page.token is None or not (page.parts or left):
            yield Step(page)
            continue
        yield Step(replace(page, token=None))
        names: list[str] = []
        async for objects in backend.join(calendar.remote_id, _kept(sync, calendar, names)):
            yield Step(Changes(objects, full=page.full), tuple(names))
        yield Step(Changes((), token=page.token, full=page.full))


async def _kept(sync: Sync, calendar: CalendarRow, names: list[str]) -> AsyncIterator[Mapping[str, Sequence[str]]]:
    """Some parts at a time; those that were given before are gone by then. names: told whose they are."""
    while parts := await sync.db.read(rounds.next_parts, calendar.id, AT_ONCE):
        names[:] = parts
        yield parts


async def _take(sync: Sync, job: Job, calendar: CalendarRow, step: Step, current: Round) -> list[str]:
    """All that a page brings, in one transaction. No token where the next pull has to ask the same."""
    page = step.page

    def look(conn: Connection) -> tuple[Known, Scope]:
        return known(conn, calendar, page), scope_of(conn, sync, calendar.user_id)

    before, scope = await sync.db.read(look)
    readings: list[Reading] = []
    for start in range(0, len(page.objects), AT_ONCE):
        piece: Sequence[CalendarObject] = page.objects[start : start + AT_ONCE]
        readings += await asyncio.to_thread(decide_all, calendar, scope, before, piece)

    def write(conn: Connection) -> list[str]:
        lock_people(conn, calendar.user_id)
        if not jobs.is_held(conn, job):
            raise BackendUnavailable("somebody else goes on with this account")
        problems = apply(conn, sync, calendar, scope_of(conn, sync, calendar.user_id), before, readings, page, current)
        _note(conn, calendar, step, current)
        if page.token is not None:
            _end(conn, sync, calendar, page, current)
        jobs.renew(conn, [job.id], until=sync.clock() + LEASE)
        return problems

    return await sync.db.write(write)


def _note(conn: Connection, calendar: CalendarRow, step: Step, current: Round) -> None:
    """Where to go on from, should this be broken off now."""
    page = step.page
    rounds.keep_parts(conn, calendar.id, page.parts)
    rounds.drop_parts(conn, calendar.id, step.joined)
    if not step.looked:
        rounds.met(conn, calendar.id, [obj.href for obj in page.objects])
    rounds.met(conn, calendar.id, page.gone)
    if page.full:
        rounds.mention(conn, calendar.id, [obj.href for obj in page.objects])
        current.arrived = rounds.count(conn, calendar.id)
    if page.position is not None or current.overtaken:
        rounds.go_on(conn, calendar.id, None if current.overtaken else page.position)


def _end(conn: Connection, sync: Sync, calendar: CalendarRow, page: Changes, current: Round) -> None:
    if page.full:
        forget_unmentioned(conn, sync, calendar)
    if page.token is not None and not current.overtaken:
        keep_token(conn, calendar, page.token, sync.now)
    if page.full:
        rounds.begin(conn, calendar.id)
