"""Makes, changes and removes rooms: at once while somebody waits for a moment, else as a job that tries again.

Whatever goes wrong, the booking stands; its host is told once, when it is clear that something is to be done.
"""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any, Final

from gateway.backends.rooms import Rooms
from gateway.booking import mails, offer
from gateway.booking.context import Desk
from gateway.booking.mails import Cause
from gateway.booking.rooms.arrive import arrive
from gateway.booking.rooms.plan import CLOSE, OPEN, REFUSED, ROOM, SETTLED, Step, next_step
from gateway.booking.rooms.words import said_of
from gateway.errors import AccessTooNarrow, BackendUnavailable, GatewayError, NoRoomAccount, RemoteGone, SignInExpired
from gateway.scheduling.mail import Kind
from gateway.store import jobs, room_accounts, rooms
from gateway.store.database import Connection
from gateway.store.jobs import Job
from gateway.sync.pull import put_off

BUDGET: Final = 3.0
"""Seconds that whoever books waits for a room, so that the first mail has its address."""
LEASE: Final = 60.0
LATE: Final = 600.0
"""Seconds after which a room that is late is worth a mail."""
SOON: Final = 3600.0
"""Where the booking begins within so many seconds, it is worth one at once."""
MOST_STEPS: Final = 8
LEFT: Final = "left"
LATER: Final = (BackendUnavailable, SignInExpired)
log = logging.getLogger(__name__)


async def run_room(desk: Desk, job: Job) -> None:
    """Job kind "room".

    Raises: BackendUnavailable, SignInExpired: to be done again later.
    """
    for _ in range(MOST_STEPS):
        step = await desk.db.write(next_step, desk, str(job.payload["uid"]))
        if step is None:
            break
        try:
            await _do(desk, step)
        except GatewayError as error:
            again = await desk.db.write(_failed, desk, step, error)
            desk.sync.bell.ring()
            if again:
                raise
    desk.sync.bell.ring()


async def make(desk: Desk, uid: str) -> None:
    """Now, unless somebody is at it; waits for BUDGET seconds, and leaves the rest to go on by itself."""
    job = await desk.db.write(_claim, desk, uid)
    if job is None:
        return
    work = asyncio.create_task(_at_once(desk, job))
    work.add_done_callback(_look)
    timer = asyncio.ensure_future(desk.sync.sleep(BUDGET))
    try:
        await asyncio.wait({work, timer}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        timer.cancel()
        if not work.done():
            desk.sync.late.add(work)
            work.add_done_callback(desk.sync.late.discard)


def _claim(conn: Connection, desk: Desk, uid: str) -> Job | None:
    waiting = jobs.get(conn, ROOM, uid)
    return None if waiting is None else jobs.claim(conn, waiting.id, now=desk.clock(), lease=LEASE)


async def _at_once(desk: Desk, job: Job) -> None:
    try:
        await run_room(desk, job)
    except LATER as error:
        wait = put_off(error, job.attempts, desk.sync.random())
        await desk.db.write(jobs.retry, job, due=desk.clock() + wait, error=str(error))
    else:
        await desk.db.write(jobs.finish, job)


def _look(work: "asyncio.Task[None]") -> None:
    """What nobody foresaw is no trouble of the booking's; the job is begun again when its lease has run out."""
    error = None if work.cancelled() else work.exception()
    if error is not None:
        log.error("a room could not be made at once", exc_info=error)


async def _do(desk: Desk, step: Step) -> None:
    provider = await step.kind.rooms(desk, step.host, step.booking.uid)
    if step.op == OPEN:
        made = await provider.open(step.wish, again=step.room.begun)
        await desk.db.write(arrive, desk, step, made)
    elif step.op == CLOSE:
        await provider.close(step.room.remote_id, step.room.mark)
        await desk.db.write(rooms.drop, step.room.id)
    else:
        await _change(desk, step, provider)


async def _change(desk: Desk, step: Step, provider: Rooms) -> None:
    """One that somebody deleted over there is made anew."""
    try:
        await provider.change(step.room.remote_id, step.wish)
    except RemoteGone:
        await desk.db.write(_set, step.room.id, {"remote_id": "", "begun": False})
    else:
        times = {"start": step.wish.start, "end": step.wish.end}
        await desk.db.write(_set, step.room.id, {**times, **SETTLED})


def _set(conn: Connection, room: int, values: Mapping[str, Any]) -> None:
    rooms.change(conn, room, **values)


def trouble_of(error: GatewayError, step: Step) -> str:
    """A key of words.TROUBLES."""
    if step.op == CLOSE:
        return LEFT
    if isinstance(error, NoRoomAccount):
        return step.kind.missing
    if isinstance(error, AccessTooNarrow):
        return "too-little"
    if isinstance(error, SignInExpired):
        return "signed-out"
    return "unreachable" if isinstance(error, BackendUnavailable) else REFUSED


def _failed(conn: Connection, desk: Desk, step: Step, error: GatewayError) -> bool:
    """Whether it is to be done again later; a room that cannot be removed is left to its host."""
    if isinstance(error, SignInExpired):
        room_accounts.mark_signed_out(conn, step.host.id, step.kind.kind, str(error))
    again = isinstance(error, LATER) and not (step.op == CLOSE and isinstance(error, SignInExpired))
    note(conn, desk, step, trouble_of(error, step), str(error), at_once=not isinstance(error, BackendUnavailable))
    if step.op == CLOSE and not again:
        log.warning("a room of a booking stays at its provider: %s", error)
        rooms.drop(conn, step.room.id)
    return again


def note(conn: Connection, desk: Desk, step: Step, trouble: str, error: str, *, at_once: bool) -> None:
    """What is wrong, and a mail to the host: at once, or when it lasts. Once for each trouble."""
    now = int(desk.clock())
    since = step.room.failing_since or now
    late = now - since >= LATE or step.booking.start - now < SOON
    tells = (at_once or late) and step.room.told != trouble
    told = {"told": trouble} if tells else {}
    rooms.change(conn, step.room.id, failing_since=since, trouble=trouble, error=error, **told)
    if tells:
        cause = Cause(Kind.ROOM, step.booking, step.hosts, offer.of_booking(conn, step.booking))
        words = said_of(trouble, step.host.locale, step.kind.name)
        mails.remark(conn, desk, cause, [step.host], trouble, by=step.kind.name, reason=words)
