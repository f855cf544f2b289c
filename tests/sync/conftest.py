import asyncio

import pytest

from gateway.accounts.people import add_person
from gateway.config import Settings
from gateway.store import accounts, members, principals
from gateway.sync.context import Sync
from tests.fakes.shelf import Shelf

NOW = 1_795_262_400.0  # 2026-11-21 12:00 UTC


class Clock:
    """Moves only when a test says so; sleepers sleep until `hurry` is set, and then their time passes at once."""

    def __init__(self):
        self.now = NOW
        self.hurry = asyncio.Event()

    def __call__(self):
        return self.now

    async def sleep(self, seconds):
        await self.hurry.wait()
        await asyncio.sleep(0.001)
        self.now += seconds


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def shelves():
    """The fake providers, by account id."""
    return {}


@pytest.fixture
def sync(db, clock, shelves):

    return Sync(db, Settings(), lambda row: shelves[row.id], clock, clock.sleep, random=lambda: 0.5)


@pytest.fixture
def alice(db):
    key = db.write_now(add_person, "alice", "alice@example.com", zone="Europe/Berlin", now=1)
    return db.read_now(principals.by_id, key)


@pytest.fixture
def connect(db, alice, shelves):
    """Adds an account of a kind at a new fake provider that has one calendar."""

    def add(kind, **calendar):
        account = db.write_now(accounts.add, alice.id, kind, kind, {}, None, 1)
        shelves[account] = Shelf(verbatim=kind in {"caldav", "radicale", "feed"})
        shelves[account].add_calendar("main", displayname=f"{kind} main", primary=True, **calendar)
        return account

    return add


@pytest.fixture
def served(db, alice):
    """Name -> text of everything in the merged calendar."""
    return lambda: {row.href: row.text for row in db.read_now(members.texts, alice.merged)}
