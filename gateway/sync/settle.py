"""The push that a client waits for: a moment, no longer."""

import asyncio
import logging
from typing import Final

from gateway.errors import (
    BackendUnavailable,
    GatewayError,
    NotYet,
    PreconditionFailed,
    RemoteConflict,
    RemoteGone,
    SignInExpired,
)
from gateway.store import jobs
from gateway.store.database import Connection
from gateway.store.jobs import Job
from gateway.sync.context import Sync
from gateway.sync.order import check_turn
from gateway.sync.outbox import Before, undo
from gateway.sync.pull import pull_calendar
from gateway.sync.push import deliver, lost

LATER: Final = (BackendUnavailable, SignInExpired)
SOON: Final = 30.0
log = logging.getLogger(__name__)

# The pushes that are left, and why the first of them was not taken.
Rest = tuple[tuple[Job, ...], GatewayError | None]


async def deliver_now(
    sync: Sync, user: int, before: tuple[Before, ...], pushes: tuple[Job, ...], tied: tuple[Job, ...] = ()
) -> bool:
    """Whether the provider took all of it within the budget; what it did not take by then goes on by itself.

    tied: jobs that are only for a change that stays.
    Raises: what the provider refused with; PreconditionFailed if its copy had changed. The change has been undone.
    """
    delivery = asyncio.create_task(_deliver(sync, pushes))
    timer = asyncio.ensure_future(sync.sleep(sync.settings.sync.push_budget))
    try:
        await asyncio.wait({delivery, timer}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        timer.cancel()
        if not delivery.done():
            _go_on(sync, delivery)
    if not delivery.done():
        return False
    rest, error = delivery.result()
    if error is None:
        return True
    if isinstance(error, LATER):
        await sync.db.write(_put_off, rest, _later(sync, error), str(error))
        return False
    await sync.db.write(undo, sync, user, before, (*rest, *tied))
    if isinstance(error, RemoteConflict | RemoteGone):
        await _see(sync, {change.calendar for change in before})
        raise PreconditionFailed("the object has changed at the provider meanwhile") from error
    raise error


async def _deliver(sync: Sync, pushes: tuple[Job, ...]) -> Rest:
    for number, job in enumerate(pushes):
        try:
            await sync.db.read(check_turn, job, sync.clock(), first_try=job.attempts < 2)
            await deliver(sync, job)
        except GatewayError as error:
            return pushes[number:], error
    return (), None


def _go_on(sync: Sync, delivery: "asyncio.Task[Rest]") -> None:
    late = asyncio.create_task(_late(sync, delivery))
    sync.late.add(late)
    late.add_done_callback(sync.late.discard)


async def _late(sync: Sync, delivery: "asyncio.Task[Rest]") -> None:
    """The client has its answer by now, so nothing may be undone any more."""
    rest, error = await delivery
    if error is not None and not isinstance(error, LATER):
        try:
            await lost(sync, rest[0], error)
            rest = rest[1:]
        except GatewayError as again:
            error = again
    await sync.db.write(_put_off, rest, _later(sync, error), str(error or ""))


def _later(sync: Sync, error: GatewayError | None) -> float:
    """Within SOON, unless we were told not to come before."""
    wait = error.retry_after if isinstance(error, BackendUnavailable) and error.retry_after else SOON
    return sync.clock() + (wait if isinstance(error, NotYet) else max(SOON, wait))


def _put_off(conn: Connection, rest: tuple[Job, ...], due: float, error: str) -> None:
    for job in rest:
        jobs.retry(conn, job, due=due, error=error)


async def _see(sync: Sync, calendars: set[int]) -> None:
    """Takes in what the provider has, so that the client finds it when it looks again."""
    for calendar in calendars:
        try:
            await pull_calendar(sync, calendar)
        except GatewayError as error:
            log.warning("the version that won could not be read yet: %s", error)
