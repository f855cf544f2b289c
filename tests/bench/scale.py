"""Many connected accounts on one process, none of which has news: what it costs to look.

    python tests/bench/scale.py [--accounts 10000] [--minutes 60] [--calendars 3] [--live] [--outage] [--out FILE]

The real index, the real worker and the real budgets; the provider is a backend that answers at once. The clock is
virtual: it goes on to the next moment that anybody waits for, as soon as nothing is being done.
--live: the provider sends notices, and its channels are open when the server starts.
--outage: for the first half hour the provider fails; then all accounts come back together.
Prints a table of figures as JSON.
"""

import argparse
import asyncio
import gc
import heapq
import itertools
import json
import logging
import resource
import sys
import tempfile
import time
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from sqlalchemy import insert

from gateway.accounts.pace import Paces
from gateway.backends.base import Channel, Hook
from gateway.config import Settings
from gateway.errors import BackendUnavailable
from gateway.model import RemoteCalendar
from gateway.store.channels import ChannelRow, State
from gateway.store.database import Connection, Database
from gateway.store.migrate import migrate
from gateway.store.schema import ACCOUNTS, CALENDARS, CHANNELS, JOBS, PRINCIPALS
from gateway.sync.context import DAY, Sync
from gateway.sync.notices.standing import address
from gateway.sync.pull import LIST_EVERY, PULL, key_of
from gateway.sync.worker import Worker

START: Final = 1_795_262_400.0
OUTAGE: Final = 1_800.0
PERIOD: Final = 600
STEPS: Final = 40
"""Turns of the event loop after which nothing goes on by itself."""


class Clock:
    """Who sleeps is woken in order."""

    def __init__(self) -> None:
        self.now = START
        self._number = itertools.count()
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        awake: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.now + seconds, next(self._number), awake))
        await awake

    def go_on(self) -> None:
        """To the next moment that somebody waits for."""
        while self._sleepers:
            at, _, awake = heapq.heappop(self._sleepers)
            if not awake.done():
                self.now = max(self.now, at)
                awake.set_result(None)
                return


class Counting(Database):
    """Counts its transactions, and knows whether any is under way."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.reads = self.writes = self._under_way = 0
        self._quiet = asyncio.Event()

    async def read(self, do: Any, *args: Any, **kwargs: Any) -> Any:
        self.reads += 1
        return await self._counted(super().read(do, *args, **kwargs))

    async def write(self, do: Any, *args: Any, **kwargs: Any) -> Any:
        self.writes += 1
        return await self._counted(super().write(do, *args, **kwargs))

    async def _counted(self, transaction: Any) -> Any:
        self._under_way += 1
        self._quiet.clear()
        try:
            return await transaction
        finally:
            self._under_way -= 1
            if not self._under_way:
                self._quiet.set()

    async def rest(self) -> None:
        """Until nothing is being done that does not wait for the clock."""
        steps = 0
        while steps < STEPS:
            if self._under_way:
                await self._quiet.wait()
                steps = 0
            await asyncio.sleep(0)
            steps += 1


class Cloud:
    """calls: by minute. fails_until: epoch seconds."""

    def __init__(self, paces: Paces, clock: Clock, calendars: int, fails_until: float) -> None:
        self.paces, self.clock, self.calendars, self.fails_until = paces, clock, calendars, fails_until
        self.calls: Counter[int] = Counter()
        self.asked: Counter[str] = Counter()


class Quiet:
    """An account where nothing happens."""

    def __init__(self, cloud: Cloud, account: int) -> None:
        self._cloud = cloud
        self._pace = cloud.paces.of("google", account)

    async def _ask(self, what: str) -> None:
        async with self._pace.turn():
            now = self._cloud.clock()
            self._cloud.calls[int(now - START) // 60] += 1
            self._cloud.asked[what] += 1
            if now < self._cloud.fails_until:
                raise BackendUnavailable("the provider answers 503")

    async def calendars(self) -> list[RemoteCalendar]:
        await self._ask("list")
        return remote(self._cloud.calendars)

    async def changes(self, _calendar: str, _token: str | None) -> Any:
        await self._ask("changes")
        for page in ():
            yield page

    async def watch(self, _calendar: str, hook: Hook, until: float) -> Channel:
        await self._ask("watch")
        return Channel(hook.key, "r", until, greeted=True)

    async def renew(self, _channel: Channel, _until: float) -> None:
        return None

    async def unwatch(self, _channel: Channel) -> None:
        await self._ask("unwatch")


def remote(count: int) -> list[RemoteCalendar]:
    return [RemoteCalendar(f"c{number}", f"Calendar {number}", merged=True, busy=True) for number in range(count)]


def fill(conn: Connection, settings: Settings, given: argparse.Namespace) -> None:
    """As they are after a while: read a minute ago, and with channels of all ages."""
    everyone = range(1, given.accounts + 1)
    owned = list(enumerate(itertools.product(everyone, enumerate(remote(given.calendars)))))
    person = {"kind": "INDIVIDUAL", "displayname": "", "zone": "Europe/Berlin", "created": int(START)}
    people = [{"id": key, "name": f"p{key}", "email": f"p{key}@example.com", **person} for key in everyone]
    conn.execute(insert(PRINCIPALS), people)
    signed_in = {"kind": "google", "displayname": "", "settings": {}, "secret": None, "created": int(START)}
    conn.execute(
        insert(ACCOUNTS), [{"id": key, "user_id": key, **signed_in, "synced": int(START) - 60} for key in everyone]
    )
    conn.execute(
        insert(CALENDARS),
        [
            {
                "id": key + 1,
                "user_id": account,
                "account_id": account,
                "remote_id": one.id,
                "displayname": one.displayname,
                "color": one.color,
                "zone": one.zone,
                "writable": one.writable,
                "merged": one.merged,
                "busy": one.busy,
                "destination": False,
                "position": place,
            }
            for key, (account, (place, one)) in owned
        ],
    )
    every = settings.sync.poll_with_push if given.live else settings.sync.poll
    conn.execute(insert(JOBS), [pull_job(key, key / given.accounts, every) for key in everyone])
    if given.live:
        rows = [channel(key, account, address(settings, "google") or "", len(owned)) for key, (account, _) in owned]
        conn.execute(insert(CHANNELS), [asdict(row) for row in rows])


def pull_job(account: int, share: float, every: int) -> dict[str, Any]:
    payload = {"account": account, "listed": START - LIST_EVERY * (share * 997 % 1.0)}
    due = START + every * share
    return {"kind": PULL, "key": key_of(account), "payload": payload, "user_id": account, "due": due, "created": START}


def channel(number: int, account: int, where: str, count: int) -> ChannelRow:
    """Open since some moment of the last three days, and to be renewed within as many."""
    opened = START - 3 * DAY * (number + 1) / count
    times = {"opened": opened, "since": opened, "renew": opened + 4 * DAY, "expires": opened + 7 * DAY}
    key = f"channel{number}"
    return ChannelRow(
        key, account, account, number + 1, State.LIVE, where, "0" * 64, **times, remote_id=key, looked=START - 60
    )


def memory() -> float:
    """MB, at its highest."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


async def simulate(url: str, settings: Settings, given: argparse.Namespace) -> dict[str, Any]:
    db, clock = Counting(url), Clock()
    fails_until = START + OUTAGE if given.outage else 0.0
    cloud = Cloud(Paces(db, settings, clock, clock.sleep), clock, given.calendars, fails_until)
    sync = Sync(db, settings, lambda row: Quiet(cloud, row.id), clock, clock.sleep)  # type: ignore[arg-type,return-value] # it only reads
    db.write_now(fill, settings, given)
    gc.collect()
    before, wall = memory(), time.perf_counter()
    worker, spent = Worker(sync), [time.process_time()]
    await worker.start()
    for end in range(PERIOD, given.minutes * 60 + 1, PERIOD):
        while clock.now < START + end:
            await db.rest()
            clock.go_on()
        spent.append(time.process_time())
        passed = (
            f"{end // 60} minutes: {(spent[-1] - spent[-2]) / PERIOD:.4f} of a core, {sum(cloud.asked.values())} calls"
        )
        print(passed, file=sys.stderr, flush=True)  # noqa: T201 - a command
    found = figures(given, db, cloud, spent, memory() - before)
    stopping = asyncio.create_task(worker.stop())
    while not stopping.done():
        await db.rest()
        clock.go_on()
    db.close()
    return {**found, "wall seconds": round(time.perf_counter() - wall)}


def figures(given: argparse.Namespace, db: Counting, cloud: Cloud, spent: list[float], grown: float) -> dict[str, Any]:
    seconds = PERIOD * (len(spent) - 1)
    by_minute = [cloud.calls[minute] for minute in range(seconds // 60)]
    pulls = max(1, cloud.asked["changes"] // given.calendars)
    cpu = spent[-1] - spent[0]
    return {
        "accounts": given.accounts,
        "simulated minutes": seconds // 60,
        "pulls": pulls,
        "share of one core": round(cpu / seconds, 4),
        "share of one core, each ten minutes": [round((b - a) / PERIOD, 4) for a, b in itertools.pairwise(spent)],
        "CPU ms per pull": round(1000 * cpu / pulls, 2),
        "API calls": dict(cloud.asked),
        "API calls a minute, mean": round(sum(by_minute) / len(by_minute)),
        "API calls a minute, most": max(by_minute),
        "reads per pull": round(db.reads / pulls, 2),
        "writes per pull": round(db.writes / pulls, 2),
        "memory MB": round(memory()),
        "of it for the accounts": round(grown, 1),
    }


def run(given: argparse.Namespace, folder: str) -> dict[str, Any]:
    url = f"sqlite:///{folder}/scale.sqlite"
    settings = Settings.model_validate(
        {"server": {"base_url": "https://gateway.example"}, "sync": {"push": given.live}, "database": {"url": url}}
    )
    migrate(url)
    return asyncio.run(simulate(url, settings, given))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--accounts", type=int, default=10_000)
    parser.add_argument("--minutes", type=int, default=60, help="a multiple of ten")
    parser.add_argument("--calendars", type=int, default=3)
    parser.add_argument("--live", action="store_true")
    parser.add_argument("--outage", action="store_true")
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    logging.getLogger("gateway").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory() as folder:
        found = json.dumps(run(given, folder), indent=2)
    print(found)  # noqa: T201 - a command
    if given.out is not None:
        given.out.write_text(found + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
