"""What a process has taken out of a budget and not used yet."""

import asyncio
from dataclasses import dataclass, field, replace
from typing import Final

from gateway.accounts.pace.arithmetic import KEPT, Limit, closed_until
from gateway.accounts.pace.ledger import Answer
from gateway.store.budgets import Budget

PROBED_ELSEWHERE: Final = 10.0
"""Seconds until it is worth asking what another process found out."""


@dataclass(slots=True)
class Pool:
    """Requests that may go out until then. Filled only when nothing of it can be used any more."""

    left: int = 0
    until: float = 0.0

    def has(self, now: float) -> bool:
        return self.left > 0 and now < self.until


@dataclass(slots=True)
class Purse:
    """budget: as it was when we last asked; that is believed until `believed`.

    for_all, for_people: what was taken for people who wait is not for background work.
    probing: one of ours is out to see whether the provider works again. probe_next: the next one that goes out will.
    """

    key: str
    account: int | None
    limit: Limit
    budget: Budget
    believed: float = 0.0
    for_all: Pool = field(default_factory=Pool)
    for_people: Pool = field(default_factory=Pool)
    probing: bool = False
    probe_next: bool = False
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def failures(self) -> int:
        return self.budget.failures

    def has(self, now: float, *, background: bool) -> bool:
        if self.probing or self.closed(now):
            return False
        return self.for_all.has(now) or (not background and self.for_people.has(now))

    def closed(self, now: float) -> float:
        """Seconds until the provider may be asked again, as far as we know; 0.0: now, or nobody knows."""
        until = closed_until(self.budget, now) if now < self.believed else 0.0
        if until and self.budget.held_until <= now:
            return min(PROBED_ELSEWHERE, until - now)
        return until - now if until else 0.0

    def draw(self, now: float, *, background: bool) -> bool:
        """Takes one; whether it is the one that finds out."""
        pool = self.for_people if not background and self.for_people.has(now) else self.for_all
        pool.left -= 1
        self.probing, self.probe_next = self.probe_next, False
        return self.probing

    def wanted(self, now: float, *, background: bool) -> int:
        """0 where only a place is lacking."""
        if self.has(now, background=background):
            return 0
        return self.limit.slice if background else max(1, self.limit.slice // 2)

    def take(self, answer: Answer, now: float, *, background: bool) -> None:
        self.know(answer.budget, now)
        if answer.probe:
            self.budget = replace(answer.budget, probed_until=0.0)
            self.forfeit()
        if answer.granted:
            pool = Pool(answer.granted, now + KEPT)
            if background:
                self.for_all = pool
            else:
                self.for_people = pool
        self.probe_next = answer.probe

    def give_up(self) -> None:
        """Nobody here finds out whether the provider works again."""
        self.probe_next = False
        self.forfeit()

    def know(self, budget: Budget, now: float) -> None:
        self.budget = budget
        self.believed = now + KEPT

    def forfeit(self) -> None:
        self.for_all, self.for_people = Pool(), Pool()
