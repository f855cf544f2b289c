"""Many connected accounts on one process, none of which has news: what it costs to look.

    python tests/bench/scale.py [--accounts 10000] [--minutes 60] [--calendars 3] [--outage] [--out FILE]

The real index, the real worker and the real budgets; the provider is a backend that answers at once. The clock is
virtual: it goes on a quarter of a second as soon as all that is due has been done. --outage: for the first half hour
the provider fails; then all accounts come back together. Prints a table of figures as JSON.
"""

import argparse
import asyncio
import gc
import json
import resource
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any, Final

from gateway.accounts.pace import Paces
from gateway.config import Settings
from gateway.errors import BackendUnavailable
from gateway.model import RemoteCalendar
from gateway.store import accounts, principals
from gateway.store.database import Connection, Database
from gateway.store.migrate import migrate
from gateway.sync.context import Sync
from gateway.sync.worker import Worker, seed

START: Final = 1_795_262_400.0
TICK: Final = 0.25
OUTAGE: Final = 1_800.0


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)
        self.now += seconds


class Counting(Database):
    """Counts its transactions."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.reads = self.writes = 0

    def read_now(self, do: Any, *args: Any, **kwargs: Any) -> Any:
        self.reads += 1
        return super().read_now(do, *args, **kwargs)

    def write_now(self, do: Any, *args: Any, **kwargs: Any) -> Any:
        self.writes += 1
        return super().write_now(do, *args, **kwargs)


class Cloud:
    """calls: by minute. fails_until: epoch seconds."""

    def __init__(self, paces: Paces, clock: Clock, calendars: int, fails_until: float) -> None:
        self.paces, self.clock, self.calendars, self.fails_until = paces, clock, calendars, fails_until
        self.calls: Counter[int] = Counter()


class Quiet:
    """An account where nothing happens."""

    def __init__(self, cloud: Cloud, account: int) -> None:
        self._cloud = cloud
        self._pace = cloud.paces.of("google", account)

    async def _ask(self) -> None:
        async with self._pace.turn():
            now = self._cloud.clock()
            self._cloud.calls[int(now - START) // 60] += 1
            if now < self._cloud.fails_until:
                raise BackendUnavailable("the provider answers 503")

    async def calendars(self) -> list[RemoteCalendar]:
        await self._ask()
        return remote(self._cloud.calendars)

    async def changes(self, _calendar: str, _token: str | None) -> Any:
        await self._ask()
        for page in ():
            yield page


def remote(count: int) -> list[RemoteCalendar]:
    return [RemoteCalendar(f"c{number}", f"Calendar {number}", merged=True, busy=True) for number in range(count)]


def fill(conn: Connection, count: int, calendars: int) -> None:
    for number in range(count):
        user = principals.add(
            conn, name=f"p{number}", email=f"p{number}@example.com", zone="Europe/Berlin", created=int(START)
        )
        account = accounts.add(conn, user, "google", "", {}, None, int(START))
        accounts.change(conn, account, synced=int(START) - 60)
        for calendar in remote(calendars):
            accounts.add_calendar(conn, user, account, calendar)


def memory() -> float:
    """MB, at its highest."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


async def simulate(db: Counting, given: argparse.Namespace) -> dict[str, Any]:
    clock, settings = Clock(), Settings()
    fails_until = START + OUTAGE if given.outage else 0.0
    cloud = Cloud(Paces(db, settings, clock, clock.sleep), clock, given.calendars, fails_until)
    sync = Sync(db, settings, lambda row: Quiet(cloud, row.id), clock, clock.sleep)  # type: ignore[arg-type,return-value] # it only reads
    worker = Worker(sync)
    await db.write(seed, sync)
    gc.collect()
    before = memory()
    db.reads = db.writes = 0
    cpu, wall = time.process_time(), time.perf_counter()
    pulled = 0
    while clock.now < START + given.minutes * 60:
        pulled += await worker.run_due()
        clock.now += TICK
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    return figures(given, db, cloud, cpu, wall, memory() - before, pulled)


def figures(
    given: argparse.Namespace, db: Counting, cloud: Cloud, cpu: float, wall: float, grown: float, pulled: int
) -> dict[str, Any]:
    hours, seconds = given.minutes / 60, given.minutes * 60
    by_minute = [cloud.calls[minute] for minute in range(given.minutes)]
    return {
        "accounts": given.accounts,
        "simulated minutes": given.minutes,
        "pulls": pulled,
        "CPU seconds per simulated hour": round(cpu / hours, 1),
        "share of one core": round(cpu / seconds, 3),
        "CPU ms per pull": round(1000 * cpu / max(1, pulled), 2),
        "wall seconds": round(wall, 1),
        "API calls a minute, mean": round(sum(by_minute) / len(by_minute)),
        "API calls a minute, most": max(by_minute),
        "reads per second": round(db.reads / seconds, 1),
        "writes per second": round(db.writes / seconds, 1),
        "writes per pull": round(db.writes / max(1, pulled), 2),
        "memory MB": round(memory()),
        "of it for the accounts": round(grown, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--accounts", type=int, default=10_000)
    parser.add_argument("--minutes", type=int, default=60)
    parser.add_argument("--calendars", type=int, default=3)
    parser.add_argument("--outage", action="store_true")
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/scale.sqlite"
        migrate(url)
        db = Counting(url)
        db.write_now(fill, given.accounts, given.calendars)
        found = json.dumps(asyncio.run(simulate(db, given)), indent=2)
        db.close()
    print(found)  # noqa: T201 - a command
    if given.out is not None:
        given.out.write_text(found + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
