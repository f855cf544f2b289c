"""Reads the mailboxes that answers arrive in: at once where the server tells of new mail, else every minute."""

import asyncio
import logging
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from gateway.errors import BackendUnavailable, InsufficientStorage, MailUnavailable
from gateway.scheduling.imip.mailbox import READ, UNCLEAR, Mailbox, Session, mailbox, session, trusted
from gateway.scheduling.imip.take import Deliver, Reading, Verdict, take
from gateway.store import jobs
from gateway.store.database import Connection
from gateway.sync.context import Sync
from gateway.sync.pull import back_off

LEASE: Final = 60.0
SLICE: Final = 20.0
"""Seconds that are waited for new mail before the lease is renewed."""
BACK: Final = timedelta(days=30)
"""How far back a mailbox is read."""
KIND: Final = "mailbox"
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Held:
    """A mailbox that this process alone reads, by its lease on a job that no worker takes."""

    sync: Sync
    job: jobs.Job

    async def renew(self) -> None:
        """Raises: MailUnavailable, where another process has it now, as this one was not heard of for too long."""
        if not await self.sync.db.write(_renew, self.job, self.sync.clock() + LEASE):
            raise MailUnavailable(f"the mailbox of {self.job.key} is read by another process")

    async def release(self) -> None:
        await self.sync.db.write(_release, self.job)


class Reader:
    """Of several processes one at a time reads each mailbox.

    deliver: what a message does.
    seen: called with what became of each mail.
    Raises: ConfigError, where an address of a mailbox, or its certificates, are none.
    """

    def __init__(
        self,
        sync: Sync,
        deliver: Deliver,
        *,
        seen: Callable[[Reading], None] = lambda _reading: None,
    ) -> None:
        self._sync = sync
        self._deliver = deliver
        self._trust = trusted(sync.settings.mail.imap_ca_file)
        self._seen = seen
        self._boxes = [mailbox(url) for url in sync.settings.mail.mailboxes]
        self._stopping = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        self._tasks = [asyncio.create_task(self._watch(box)) for box in self._boxes]

    async def stop(self) -> None:
        """A mail that is being read is read to its end."""
        self._stopping.set()
        await asyncio.gather(*self._tasks)

    async def _watch(self, box: Mailbox) -> None:
        failures = 0
        while not self._stopping.is_set():
            try:
                held = await self._hold(box)
                if held is None:
                    await self._pause(LEASE / 2)
                    continue
                try:
                    async with session(box, trust=self._trust) as opened:
                        left: set[int] = set()
                        await self._read_all(opened, left)
                        failures = 0
                        await self._stay(opened, held, left)
                finally:
                    await held.release()
            except (BackendUnavailable, InsufficientStorage) as error:
                failures += 1
                log.warning("%s", error)
                await self._pause(back_off(failures, self._sync.random()))

    async def _hold(self, box: Mailbox) -> Held | None:
        job = await self._sync.db.write(_claim, self._sync, box.name)
        return None if job is None else Held(self._sync, job)

    async def _stay(self, opened: Session, held: Held, left: set[int]) -> None:
        poll = float(self._sync.settings.mail.imap_poll)
        looked = self._sync.clock()
        while not self._stopping.is_set():
            news = await self._wait(opened, min(SLICE, poll))
            await held.renew()
            now = self._sync.clock()
            if news or (now - looked >= poll and not opened.idles):
                looked = now
                await self._read_all(opened, left)

    async def _wait(self, opened: Session, seconds: float) -> bool:
        """Whether the server told of something; at the latest when we are to stop."""
        if not opened.idles:
            await self._pause(seconds)
            return False
        return await opened.idle(seconds, self._stopping)

    async def _read_all(self, opened: Session, left: set[int]) -> None:
        """left: UIDs of what was read and stays as it is, where the server keeps no marks of ours."""
        since = datetime.fromtimestamp(self._sync.clock(), UTC) - BACK
        for uid in await opened.waiting(since.date()):
            if self._stopping.is_set():
                return
            if uid in left:
                continue
            raw = await opened.fetch(uid)
            reading = (
                Reading(Verdict.UNCLEAR, "longer than any invitation")
                if raw is None
                else await take(self._sync, raw, self._deliver)
            )
            await self._put_away(opened, uid, reading)
            left.add(uid)
            self._seen(reading)

    async def _put_away(self, opened: Session, uid: int, reading: Reading) -> None:
        """What is done goes to its folder or is marked as seen; what is not, stays."""
        settings = self._sync.settings.mail
        if reading.verdict is Verdict.TAKEN:
            await opened.mark(uid, "\\Seen", READ)
            if settings.imap_done and not settings.imap_personal:
                await opened.move(uid, settings.imap_done)
        elif reading.verdict is Verdict.UNCLEAR:
            log.warning("a mail in the mailbox of %s stays there: %s", opened.box.name, reading.reason)
            await opened.mark(uid, "\\Flagged", UNCLEAR, READ)
        elif settings.imap_personal or not reading.reason:
            await opened.mark(uid, READ)
        else:
            await opened.mark(uid, "\\Flagged", READ)

    async def _pause(self, seconds: float) -> None:
        sleep = asyncio.ensure_future(self._sync.sleep(seconds))
        stop = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait({sleep, stop}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleep.cancel()
            stop.cancel()


def _claim(conn: Connection, sync: Sync, key: str) -> jobs.Job | None:
    now = sync.clock()
    known = jobs.get(conn, KIND, key)
    number = jobs.add(conn, KIND, key, {}, due=now) if known is None else known.id
    return jobs.claim(conn, number, now=now, lease=LEASE)


def _renew(conn: Connection, job: jobs.Job, until: float) -> bool:
    held = jobs.is_held(conn, job)
    if held:
        jobs.renew(conn, [job.id], until=until)
    return held


def _release(conn: Connection, job: jobs.Job) -> None:
    if jobs.is_held(conn, job):
        jobs.finish(conn, job)


@dataclass(frozen=True, slots=True)
class Condition:
    """Of a mailbox. waiting: mails not read yet; unclear: mails that somebody has to look at."""

    name: str
    waiting: int
    unclear: int
    idles: bool


async def condition(box: Mailbox, now: float, *, trust: ssl.SSLContext | None = None) -> Condition:
    """For `gateway doctor`; changes nothing. Raises: MailUnavailable."""
    since = datetime.fromtimestamp(now, UTC) - BACK
    async with session(box, trust=trust) as opened:
        waiting = await opened.waiting(since.date())
        return Condition(box.name, len(waiting), len(await opened.unclear()), opened.idles)
