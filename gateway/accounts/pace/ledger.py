"""The one place where processes agree on who may ask how much: a table, written for many requests at a time."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final
from uuid import uuid4

from gateway.accounts.pace.arithmetic import (
    PROBE,
    Limit,
    after_fault,
    after_success,
    closed_until,
    places_for,
    take,
)
from gateway.errors import BackendUnavailable
from gateway.store import budgets
from gateway.store.budgets import Budget
from gateway.store.database import Connection, Database

LEASE: Final = 240.0
LONGEST_REQUEST: Final = 120.0
"""Seconds that a request may be out, renewal of its token included; a place must last as long."""

LINGER: Final = 1.0


@dataclass(frozen=True, slots=True)
class Ask:
    """tokens: how many requests are wanted. places: how many out at a time, in all; in_use: how many there are.

    probe: whoever asks was to find out whether the provider works again, and has not begun.
    """

    key: str
    account: int | None
    limit: Limit
    tokens: int
    background: bool
    places: int = 0
    in_use: int = 0
    probe: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """How a request ended that went out when `seen` failures were known. fault: None: it was answered.

    void: it was to find out whether the provider works again, and did not.
    """

    key: str
    account: int | None
    seen: int
    fault: BackendUnavailable | None
    random: float
    void: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """budget: as it is now. granted, places: what may be used. wait: seconds until there is more.

    probe: the one request that finds out whether the provider works again.
    """

    budget: Budget
    granted: int = 0
    places: int = 0
    wait: float = 0.0
    probe: bool = False


def settle(conn: Connection, holder: str, now: float, items: Sequence[Ask | Told], idle: Sequence[str]) -> list[Answer]:
    """The answers, in order. idle: keys whose places are given back."""
    if idle:
        budgets.give_back(conn, idle, holder)
    if not items:
        return []
    rows = budgets.lock(conn, ((item.key, item.account) for item in items))
    before = dict(rows)
    answers: list[Answer] = []
    for item in items:
        if isinstance(item, Told):
            answer = Answer(_learned(rows[item.key], item, now))
        else:
            answer = _granted(conn, holder, rows[item.key], item, now)
        rows[item.key] = answer.budget
        answers.append(answer)
    budgets.keep(conn, [row for key, row in rows.items() if row != before[key]])
    return answers


def _learned(budget: Budget, told: Told, now: float) -> Budget:
    if told.void:
        return replace(budget, probed_until=0.0)
    if told.fault is None:
        return after_success(budget, told.seen)
    return after_fault(budget, told.fault, told.seen, now, told.random)


def _granted(conn: Connection, holder: str, budget: Budget, ask: Ask, now: float) -> Answer:
    if ask.probe:
        budget = replace(budget, probed_until=0.0)
    until = closed_until(budget, now)
    if until:
        return Answer(budget, wait=until - now)
    probe = budget.failures > 0 and budget.held_until > 0.0
    places = 0
    if ask.limit.at_once is not None:
        others = budgets.taken(conn, ask.key, holder, now)
        places = places_for(ask.limit, others, ask.in_use, ask.places, background=ask.background)
        if places > 0:
            budgets.hold(conn, ask.key, ask.account, holder, places, now + LEASE)
        if places <= ask.in_use:
            return Answer(budget, places=places, wait=LINGER / 4)
    if not ask.tokens:
        return Answer(budget, places=places)
    taken = take(budget.full_at, ask.limit, now, 1 if probe else ask.tokens, background=ask.background)
    budget = replace(budget, full_at=taken.full_at)
    if probe and taken.granted:
        budget = replace(budget, probed_until=now + PROBE)
    return Answer(budget, taken.granted, places, taken.wait, probe=probe and taken.granted > 0)


@dataclass(slots=True)
class Waiting:
    item: Ask | Told
    answer: "asyncio.Future[Answer]"


@dataclass(slots=True)
class Ledger:
    """Gathers what is asked while a transaction is under way, for the next one.

    holder: names this process among those that hold places.
    """

    db: Database
    clock: Callable[[], float]
    holder: str = field(default_factory=lambda: uuid4().hex)
    _waiting: list[Waiting] = field(default_factory=list)
    _idle: set[str] = field(default_factory=set)
    _writing: "asyncio.Task[None] | None" = None
    _later: asyncio.TimerHandle | None = None

    async def ask(self, item: Ask | Told) -> Answer:
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._idle.discard(item.key)
        self._waiting.append(Waiting(item, answer))
        self._begin()
        try:
            return await answer
        except asyncio.CancelledError:
            if not answer.cancelled() and answer.exception() is None:
                self._unheard(item, answer.result())
            raise

    def _unheard(self, item: Ask | Told, answer: Answer) -> None:
        """Whoever was to find out whether the provider works again went away, so another may."""
        if isinstance(item, Ask) and answer.probe:
            self.give_up(item.key, item.account)

    def give_up(self, key: str, account: int | None) -> None:
        """Nobody of ours finds out whether the provider works again."""
        nobody: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        nobody.cancel()
        self._waiting.append(Waiting(Told(key, account, 0, None, 0.0, void=True), nobody))
        self._begin()

    def idle(self, key: str) -> None:
        """Its places are given back with the next transaction, or after a moment."""
        self._idle.add(key)
        if self._later is None:
            self._later = asyncio.get_running_loop().call_later(LINGER, self._begin)

    def _begin(self) -> None:
        if self._later is not None:
            self._later.cancel()
            self._later = None
        if self._writing is None and (self._waiting or self._idle):
            self._writing = asyncio.get_running_loop().create_task(self._write())

    async def _write(self) -> None:
        try:
            while self._waiting or self._idle:
                await self._write_once()
        finally:
            self._writing = None

    async def _write_once(self) -> None:
        batch = [one for one in self._waiting if isinstance(one.item, Told) or not one.answer.done()]
        self._waiting = []
        idle, self._idle = sorted(self._idle), set()
        items = [one.item for one in batch]
        writing = asyncio.ensure_future(self.db.write(settle, self.holder, self.clock(), items, idle))
        await asyncio.wait({writing})
        failed = writing.exception()
        answers: Sequence[Answer | None] = [None] * len(batch) if failed else writing.result()
        for one, answer in zip(batch, answers, strict=True):
            if one.answer.done():
                if answer is not None:
                    self._unheard(one.item, answer)
            elif answer is not None:
                one.answer.set_result(answer)
            elif failed is not None:  # whoever asked hears of it; nobody else waits for this task
                one.answer.set_exception(failed)

    async def close(self) -> None:
        """Gives back what this process holds."""
        self._begin()
        if self._writing is not None:
            await self._writing
