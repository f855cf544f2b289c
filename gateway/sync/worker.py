"""Does the jobs that are due: some at once, one person's never at the cost of another's."""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any, Final

from gateway.accounts.pace import background
from gateway.backends.table import BACKENDS
from gateway.errors import BackendUnavailable, GatewayError, InsufficientStorage, SignInExpired
from gateway.store import accounts, budgets, channels, jobs
from gateway.store.accounts import LEAVING
from gateway.store.database import Connection
from gateway.store.jobs import Job, Wanted
from gateway.sync import horizon, pull, push
from gateway.sync.context import Sync
from gateway.sync.notices.standing import HOOKS, WATCH
from gateway.sync.notices.watch import run_watch
from gateway.sync.order import PUSH
from gateway.sync.pull import back_off, put_off

LEASE: Final = 60.0
LOOK: Final = 5.0
AGAIN: Final = 0.2  # where something is due, but its owner has enough being done
AT_ONCE: Final = 48
EACH: Final = 4
MOST_ATTEMPTS: Final = 10
GRACE: Final = 10.0

# Does one job. None: it is done. A time: the job was put down for then already.
Kind = Callable[[Job], Awaitable[float | None]]
log = logging.getLogger(__name__)


OUR_TROUBLES: Final = (InsufficientStorage, BackendUnavailable)
"""What the database says when its disk, or another writer, does not let it work."""


class Worker:
    """kinds: of jobs that layers above ours add. An error that is BackendUnavailable or InsufficientStorage means
    "again later"; another GatewayError means "never"; anything else is tried MOST_ATTEMPTS times.

    reachable: whether our own pages answer already; providers that are asked to call us try that at once.
    """

    def __init__(self, sync: Sync, kinds: Mapping[str, Kind] | None = None, *, reachable: bool = True) -> None:
        self._sync = sync
        self._kinds: dict[str, Kind] = {
            pull.PULL: lambda job: pull.run_pull(sync, job),
            PUSH: lambda job: push.run_push(sync, job),
            horizon.EXTEND: lambda job: horizon.run_extend(sync, job),
            WATCH: lambda job: run_watch(sync, job),
            **(kinds or {}),
        }
        self._taken = set(self._kinds) if reachable else {*self._kinds} - {WATCH}
        self._running: dict[asyncio.Task[None], Job] = {}
        self._ended = asyncio.Event()  # a job, since the last look
        self._loop: asyncio.Task[None] | None = None
        self._stopping = False
        self._seeded = False
        self._renewed = 0.0
        self._due: float | None = None  # the next job, as of the last look

    def wake(self) -> None:
        """A job was added in this process."""
        self._sync.bell.ring()

    def listening(self) -> None:
        """Our own pages answer from now on."""
        self._taken = set(self._kinds)
        self.wake()

    async def start(self) -> None:
        """Also where the disk takes nothing: what is stored can still be read."""
        try:
            await self._seed()
        except OUR_TROUBLES as error:
            log.warning("nothing can be planned: %s", error)
        self._loop = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """What is being done is finished, if that takes no longer than GRACE seconds; the rest is given back."""
        self._stopping = True
        self.wake()
        if self._loop is not None:
            await self._loop
        pending = {*self._running, *self._sync.late}
        if pending:
            _, pending = await asyncio.wait(pending, timeout=GRACE)
        for task in pending:
            task.cancel()
        await asyncio.gather(*pending, return_exceptions=True)

    async def run_due(self) -> int:
        """Does what is due now and waits for it; how many jobs that were. For commands and tests."""
        count = 0
        while await self._begin():
            count += len(self._running)
            await asyncio.wait(set(self._running))
            await asyncio.sleep(0)
        return count

    async def run_job(self, kind: str, key: str) -> bool:
        """One job at once, whenever it is due, unless somebody else is doing it; whether it was done. For commands."""
        job = await self._sync.db.write(self._claim, kind, key)
        if job is not None:
            await self._do(job)
        return job is not None

    def _claim(self, conn: Connection, kind: str, key: str) -> Job | None:
        waiting = jobs.get(conn, kind, key)
        return None if waiting is None else jobs.claim(conn, waiting.id, now=self._sync.clock(), lease=LEASE)

    async def _run(self) -> None:
        while not self._stopping:
            try:
                await self._seed()
                await self._begin()
                await self._renew()
                await self._rest()
            except OUR_TROUBLES as error:
                log.warning("nothing can be done for the moment: %s", error)
                await self._pause(LOOK)

    async def _seed(self) -> None:
        if not self._seeded:
            await self._sync.db.write(seed, self._sync)
            self._seeded = True

    async def _begin(self) -> int:
        """Takes what is due, as far as there is room; how much that was."""
        self._ended.clear()
        room = AT_ONCE - len(self._running)
        self._due = await self._sync.db.read(jobs.next_due, self._taken)
        if room <= 0 or self._due is None or self._due > self._sync.clock():
            return 0
        running = Counter(job.user_id for job in self._running.values() if job.user_id is not None)
        taken, self._due = await self._sync.db.write(self._take, room, running)
        for job in taken:
            task = asyncio.create_task(self._do(job))
            self._running[task] = job
            task.add_done_callback(self._is_done)
        return len(taken)

    def _is_done(self, task: asyncio.Task[None]) -> None:
        del self._running[task]
        self._ended.set()

    def _take(self, conn: Connection, room: int, running: Mapping[int, int]) -> tuple[list[Job], float | None]:
        now = self._sync.clock()
        taken = jobs.take(conn, now=now, lease=LEASE, most=room, kinds=self._taken, running=running, each=EACH)
        return taken, jobs.next_due(conn, self._taken)

    async def _renew(self) -> None:
        now = self._sync.clock()
        if self._running and now - self._renewed >= LEASE / 3:
            self._renewed = now
            await self._sync.db.write(jobs.renew, [job.id for job in self._running.values()], until=now + LEASE)

    async def _rest(self) -> None:
        """Until something is due, is added, or is done; a moment longer, where nothing waits for room."""
        if self._stopping:
            return
        ahead = LOOK if self._due is None else self._due - self._sync.clock()
        wait = min(LOOK, max(AGAIN, ahead))
        if await self._pause(wait, self._ended.wait()) and ahead > 0:
            await self._pause(min(wait, AGAIN))

    async def _pause(self, wait: float, *others: Coroutine[Any, Any, object]) -> bool:
        """For so many seconds, or until the bell rings or one of the others ends; whether it was one of those."""
        sleep = asyncio.ensure_future(self._sync.sleep(wait))
        bell = asyncio.create_task(self._sync.bell.wait())
        more = [asyncio.create_task(other) for other in others]
        try:
            done, _ = await asyncio.wait({sleep, bell, *more}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (sleep, bell, *more):
                task.cancel()
        return not done & {sleep, bell}

    async def _do(self, job: Job) -> None:
        """A job whose end cannot be written down is begun again when its lease has run out."""
        try:
            with background():
                await self._done(job)
        except OUR_TROUBLES as error:
            log.warning("%s %s: %s", job.kind, job.key, error)

    async def _done(self, job: Job) -> None:
        write, clock = self._sync.db.write, self._sync.clock
        try:
            due = await self._kinds[job.kind](job)
        except (BackendUnavailable, SignInExpired, InsufficientStorage) as error:
            wait = put_off(error, job.attempts, self._sync.random())
            await write(jobs.retry, job, due=clock() + wait, error=str(error))
        except GatewayError as error:
            log.warning("%s %s: %s", job.kind, job.key, error)
            await write(jobs.bury, job, str(error))
        except asyncio.CancelledError:
            await write(jobs.retry, job, due=clock(), error="broken off")
            raise
        except Exception as error:
            log.exception("%s %s", job.kind, job.key)
            await self._failed(job, error)
        else:
            if due is None:
                await write(jobs.finish, job)

    async def _failed(self, job: Job, error: Exception) -> None:
        reason = f"{type(error).__name__}: {error}"
        if job.attempts >= MOST_ATTEMPTS and job.kind not in {pull.PULL, horizon.EXTEND}:
            await self._sync.db.write(jobs.bury, job, reason)
        else:
            wait = back_off(job.attempts, self._sync.random())
            await self._sync.db.write(jobs.retry, job, due=self._sync.clock() + wait, error=reason)


def seed(conn: Connection, sync: Sync) -> None:
    """The jobs that come again by themselves, spread so that not all accounts are pulled at one moment.

    Notices that came while no server ran are lost, and channels may have ended meanwhile: those accounts are pulled
    within the poll interval, and their pulls have their channels looked at where that is needed.
    """
    now, poll = sync.clock(), sync.settings.sync.poll
    channels.ask_again(conn, now)
    budgets.tidy(conn, now)
    everyone = [row for row in accounts.everyone(conn) if BACKENDS[row.kind].remote and row.state != LEAVING]
    told = {row.id for row in everyone if row.kind in HOOKS and row.synced is not None}
    wanted = [
        Wanted(
            pull.key_of(row.id),
            {"account": row.id, "listed": 0.0},
            row.user_id,
            now if row.synced is None else now + sync.random() * poll,
            now + poll if row.id in told and row.state == "ok" else None,
        )
        for row in everyone
    ]
    accounts.want_all(conn, told)
    jobs.ensure(conn, pull.PULL, wanted)
    if jobs.get(conn, horizon.EXTEND, "") is None:
        jobs.add(conn, horizon.EXTEND, "", {}, due=now)
