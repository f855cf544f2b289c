"""One person with calendars at little providers, and mirrors between them."""

import asyncio
from dataclasses import dataclass, field

import pytest

from gateway.accounts.people import add_person
from gateway.config import Settings
from gateway.ical.text import parse, serialise
from gateway.mirror import choose
from gateway.mirror.run import run_mirror
from gateway.store import accounts, members, mirrors, principals
from gateway.store.database import Database
from gateway.sync import pull
from gateway.sync.calendars import remove_account
from gateway.sync.context import Sync
from gateway.sync.wake import MIRROR
from gateway.sync.worker import Worker
from tests.fakes.shelf import Shelf

NOW = 1_795_262_400.0  # 2026-11-21 12:00 UTC, a Saturday


class Clock:
    def __init__(self):
        self.now = NOW

    def __call__(self):
        return self.now

    async def sleep(self, seconds):
        await asyncio.sleep(0)
        self.now += seconds


class Forgetful(Shelf):
    """A server that keeps no property it does not know."""

    def mapped(self, text):
        tree = parse(super().mapped(text), lenient=True)
        for component in tree.components:
            component.properties = [line for line in component.properties if not line.name.startswith("X-")]
        return serialise(tree)


@dataclass
class Net:
    """calendars: by the kind they were made with. faults: of the removal of accounts."""

    db: Database
    clock: Clock = field(default_factory=Clock)
    shelves: dict[int, Shelf] = field(default_factory=dict)
    calendars: dict[str, int] = field(default_factory=dict)
    ended: list[int] = field(default_factory=list)
    faults: list[Exception] = field(default_factory=list)

    def __post_init__(self):
        self.sync = Sync(
            self.db, Settings(), lambda row: self.shelves[row.id], self.clock, self.clock.sleep, random=lambda: 0.5
        )
        key = self.db.write_now(add_person, "alice", "alice@example.com", zone="Europe/Berlin", now=1)
        self.alice = self.db.read_now(principals.by_id, key)
        self.calendars["local"] = self.db.read_now(accounts.calendars, key)[0].id
        self.worker = Worker(self.sync, {MIRROR: lambda job: run_mirror(self.sync, job, self._end)})

    async def _end(self, account):
        if self.faults:
            raise self.faults.pop()
        self.ended.append(account.id)
        self.db.write_now(remove_account, account.user_id, account.id)

    def add(self, name, kind="outlook", shelf=None, **calendar):
        account = self.db.write_now(accounts.add, self.alice.id, kind, name, {}, None, 1)
        made = shelf or Shelf(verbatim=kind in {"caldav", "radicale", "feed"})
        made.add_calendar("main", displayname=name, primary=True, **calendar)
        self.shelves[account] = made
        self.calendars[name] = self.db.write_now(
            accounts.add_calendar, self.alice.id, account, made.calendars_["main"].calendar
        )
        return made

    def shelf(self, name):
        return self.shelves[self.account(name)]

    def account(self, name):
        return self.db.read_now(accounts.calendar, self.calendars[name]).account_id

    def mirror(self, sources, target, **more):
        keys = [self.calendars[name] for name in sources]
        return self.db.write_now(choose.add, self.alice.id, keys, self.calendars[target], now=self.clock(), **more)

    def row(self, mirror):
        return self.db.read_now(mirrors.get, mirror)

    async def pull(self):
        for account in list(self.shelves):
            if self.db.read_now(accounts.get, account) is not None:
                await pull.pull_account(self.sync, account)

    async def pass_time(self, seconds=6):
        self.clock.now += seconds
        await self.worker.run_due()

    async def settle(self):
        """Everything pulled, and every mirror at rest."""
        await self.pull()
        for _ in range(40):
            await self.pass_time()
            if not any(one.left and not one.problem for one in self.db.read_now(mirrors.everyone)):
                return
        raise AssertionError("it never comes to rest")

    def blocks(self, name):
        """(begin, end) of the blocks at the provider, in order."""
        return spans(text for text in self.shelf(name).texts().values() if is_block(text))

    def members(self):
        return {row.href for row in self.db.read_now(members.texts, self.alice.merged)}

    def writes(self):
        """How many changes providers were asked for since the last look."""
        count = sum(call in {"put", "delete"} for shelf in self.shelves.values() for call in shelf.calls)
        for shelf in self.shelves.values():
            shelf.calls.clear()
        return count


def is_block(text):
    """By its looks alone, as a server may have lost the mark."""
    return "\r\nSUMMARY:Busy\r\n" in text


def spans(texts):
    found = []
    for text in texts:
        [one] = parse(text).children("VEVENT")
        found.append((one.text("DTSTART"), one.text("DTEND")))
    return sorted(found)


@pytest.fixture
def net(db):
    return Net(db)
