"""What pulling, pushing and writing all need."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import tzinfo
from random import SystemRandom
from typing import Any, Final
from zoneinfo import ZoneInfo

from gateway.backends.base import Backend
from gateway.config import Settings
from gateway.ical.index import Indexed, index
from gateway.ical.objects import ParsedObject
from gateway.store import principals
from gateway.store.accounts import AccountRow
from gateway.store.database import Connection, Database

DAY: Final = 86_400


class Bell:
    """Rung when a job was added in this process, so that the worker need not find it by looking."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self) -> None:
        self._rung.set()

    async def wait(self) -> None:
        await self._rung.wait()
        self._rung.clear()


@dataclass(frozen=True, slots=True)
class Sync:
    """clock: epoch seconds. sleep: for seconds. random: in [0, 1).

    late: pushes that outlast the request that began them. turns, orders: see `turn`, `order_of`.
    """

    db: Database
    settings: Settings
    backend_for: Callable[[AccountRow], Backend]
    clock: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    bell: Bell = field(default_factory=Bell)
    random: Callable[[], float] = SystemRandom().random
    late: set[asyncio.Task[Any]] = field(default_factory=set)
    turns: dict[int, asyncio.Lock] = field(default_factory=dict)
    orders: dict[int | None, asyncio.Lock] = field(default_factory=dict)

    def turn(self, user: int) -> asyncio.Lock:
        """Held while an object of theirs is read: one after the other, so that nobody keeps all threads busy."""
        return self.turns.setdefault(user, asyncio.Lock())

    def order_of(self, account: int | None) -> asyncio.Lock:
        """Held while a change that had to wait is told; whoever comes first has it first."""
        return self.orders.setdefault(account, asyncio.Lock())

    @property
    def now(self) -> int:
        return int(self.clock())

    @property
    def horizon(self) -> tuple[int, int]:
        """The time that recurrences are indexed for, as [start, end); whole days, so that it moves once a day."""
        today = self.now - self.now % DAY
        return today - self.settings.sync.past_days * DAY, today + self.settings.sync.future_days * DAY


@dataclass(frozen=True, slots=True)
class Scope:
    """What decides how a person's objects are indexed. addresses: lower case, without mailto:."""

    zone: tzinfo
    addresses: frozenset[str]
    start: int
    end: int

    def in_zone(self, zone: str) -> "Scope":
        return replace(self, zone=ZoneInfo(zone))

    def known_as(self, addresses: Iterable[str]) -> "Scope":
        return replace(self, addresses=self.addresses | frozenset(addresses))

    def index(self, obj: ParsedObject, text: str) -> Indexed:
        return index(obj, text, self.addresses, self.zone, self.start, self.end)


def scope_of(conn: Connection, sync: Sync, user: int) -> Scope:
    zone, addresses = principals.scope(conn, user)
    return Scope(ZoneInfo(zone), addresses, *sync.horizon)
