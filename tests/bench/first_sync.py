"""Measures the first synchronisation of a large calendar at the simulated clouds.

    python tests/bench/first_sync.py [--events 10000] [--series 1000] [--only google|outlook]

The provider runs in a process of its own, so the seconds of CPU are the gateway's alone. Prints for each provider the
wall time, CPU, the most memory used, and the requests by kind.
"""

import argparse
import asyncio
import multiprocessing
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from aiohttp import ClientSession
from cryptography.fernet import Fernet
from pydantic import SecretStr

from gateway.accounts.connect import Connections, add_account
from gateway.accounts.people import add_person
from gateway.accounts.sealed import Sealer
from gateway.backends.base import Outside
from gateway.config import Google, Microsoft, Settings
from gateway.demo.google import GoogleSimulator
from gateway.demo.microsoft import MicrosoftSimulator
from gateway.store import members, principals
from gateway.store.database import Database
from gateway.store.migrate import migrate
from gateway.sync.context import Sync
from gateway.sync.pull import pull_account

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
ALICE = "alice@example.com"
ZONE = "W. Europe Standard Time"


@dataclass(frozen=True)
class Offer:
    """What the provider's process tells: where it is and how to sign in."""

    google: dict[str, Any] | None
    microsoft: dict[str, Any] | None
    secret: str


def google_events(events: int, series: int) -> list[dict[str, Any]]:
    made = []
    for number in range(events):
        start = NOW + timedelta(hours=3 * (number % 2_000), days=-200)
        times = {
            name: {"dateTime": (start + timedelta(hours=more)).isoformat(), "timeZone": "Europe/Berlin"}
            for name, more in (("start", 0), ("end", 1))
        }
        rule = {"recurrence": ["RRULE:FREQ=WEEKLY;COUNT=30"]} if number < series else {}
        words = {"summary": f"Meeting {number}", "description": "What there is to be said. " * 8, "location": "Room 3"}
        made.append({**times, **rule, **words})
    return made


def outlook_events(events: int, series: int) -> list[dict[str, Any]]:
    made = []
    for number in range(events):
        start = (NOW + timedelta(hours=3 * (number % 2_000), days=-200)).replace(tzinfo=None)
        times = {
            name: {"dateTime": (start + timedelta(hours=more)).isoformat(), "timeZone": ZONE}
            for name, more in (("start", 0), ("end", 1))
        }
        rule: dict[str, Any] = {}
        if number < series:
            days = [f"{start:%A}".lower()]
            pattern = {"type": "weekly", "interval": 1, "daysOfWeek": days, "firstDayOfWeek": "monday"}
            bounds = {"type": "numbered", "startDate": f"{start:%Y-%m-%d}", "numberOfOccurrences": 30}
            rule = {"recurrence": {"pattern": pattern, "range": {**bounds, "recurrenceTimeZone": ZONE}}}
        body = {"contentType": "text", "content": "What there is to be said. " * 8}
        words = {"subject": f"Meeting {number}", "body": body, "location": {"displayName": "Room 3"}}
        made.append({**times, **rule, **words})
    return made


async def run_google(pipe: Pipe, events: int, series: int) -> None:
    simulator = GoogleSimulator(lambda: NOW)
    await simulator.start()
    simulator.add_person(ALICE, "Alice")
    for body in google_events(events, series):
        simulator.add_event(ALICE, body)
    pipe.send(Offer(simulator.settings().model_dump(), None, simulator.authorized_user(ALICE)))
    await asyncio.to_thread(pipe.recv)
    pipe.send([asked.partition("?")[0] for asked in simulator.requests])
    await simulator.stop()


async def run_microsoft(pipe: Pipe, events: int, series: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        simulator = MicrosoftSimulator(lambda: NOW, Path(folder) / "ca.pem")
        await simulator.start()
        calendar = simulator.add_person(ALICE, "Alice")
        for body in outlook_events(events, series):
            simulator.add_event(calendar, body)
        settings = {
            "client_id": simulator.client_id,
            "client_secret": simulator.client_secret,
            "authority": simulator.authority,
            "graph_endpoint": simulator.graph_endpoint,
            "ca_file": simulator.ca_file,
        }
        pipe.send(Offer(None, settings, simulator.refresh_token(ALICE)))
        await asyncio.to_thread(pipe.recv)
        pipe.send([f"{seen.method} {seen.path}" for seen in simulator.requests])
        await simulator.stop()


def provider(kind: str, pipe: Pipe, events: int, series: int) -> None:
    asyncio.run((run_google if kind == "google" else run_microsoft)(pipe, events, series))


def shape(asked: str) -> str:
    """A request without the ids in it."""
    return "/".join("…" if len(part) > 20 or "@" in part else part for part in asked.split("/"))


async def measure(kind: str, offer: Offer, folder: Path, tell: Callable[[str], None]) -> None:
    url = f"sqlite:///{folder}/gateway.sqlite"
    migrate(url)
    db = Database(url)
    sealer = Sealer([Fernet.generate_key()])
    google = Google(**offer.google) if offer.google else Google()
    microsoft = Microsoft()
    if offer.microsoft:
        secret = SecretStr(offer.microsoft["client_secret"])
        microsoft = Microsoft(**{**offer.microsoft, "client_secret": secret})
    async with ClientSession() as http:
        outside = Outside(http, google, microsoft)
        user = db.write_now(add_person, "alice", ALICE, now=1)
        account = await add_account(
            db, sealer, outside, user=user, kind=kind, settings={"email": ALICE}, secret=offer.secret, now=1
        )
        sync = Sync(db, Settings(), Connections(db, sealer, outside).backend, NOW.timestamp)
        before, cpu, wall = memory(), time.process_time(), time.perf_counter()
        await pull_account(sync, account)
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        found = len(db.read_now(members.listing, db.read_now(principals.by_id, user).merged))
        tell(f"{kind}: {found} members, wall {wall:.1f} s, CPU {cpu:.1f} s, memory {before} → {memory()} MB")
        cpu, wall = time.process_time(), time.perf_counter()
        await pull_account(sync, account, full=True)
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        tell(f"{kind}: all again and compared, wall {wall:.1f} s, CPU {cpu:.1f} s, memory {memory()} MB")
    db.close()


def memory() -> int:
    """The most so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=10_000, help="in the calendar, series included")
    parser.add_argument("--series", type=int, default=1_000, help="how many of them repeat")
    parser.add_argument("--only", choices=("google", "outlook"))
    given = parser.parse_args()
    tell: Callable[[str], Any] = lambda line: sys.stdout.write(line + "\n")  # noqa: E731
    context = multiprocessing.get_context("spawn")
    for kind in (given.only,) if given.only else ("google", "outlook"):
        ours, theirs = context.Pipe()
        child = context.Process(target=provider, args=(kind, theirs, given.events, given.series))
        child.start()
        try:
            offer = ours.recv()
            with tempfile.TemporaryDirectory() as folder:
                asyncio.run(measure(kind, offer, Path(folder), tell))
            ours.send(None)
            asked = ours.recv()
        finally:
            child.join(20)
            child.kill()
        for line, number in sorted(Counter(map(shape, asked)).items()):
            tell(f"  {number:6} {line}")


if __name__ == "__main__":
    main()
