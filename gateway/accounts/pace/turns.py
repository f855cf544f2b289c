"""An account's requests in this process, one after the other or a few at once, people who wait first."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Final

from gateway.accounts.pace.arithmetic import at_most
from gateway.accounts.pace.ledger import LEASE, LONGEST_REQUEST, Ask, Ledger, Told
from gateway.accounts.pace.purse import Purse
from gateway.errors import BackendUnavailable, GatewayError, NotYet, Throttled

PATIENCE: Final = 30.0
SHORT_PATIENCE: Final = 3.0
"""Seconds that background work, and work that somebody waits for, waits for its turn."""

MOMENT: Final = 1.0
_BACKGROUND: ContextVar[bool] = ContextVar("background", default=False)
log = logging.getLogger(__name__)


@contextmanager
def background() -> Iterator[None]:
    """What is asked of providers inside leaves room for people who wait for an answer."""
    before = _BACKGROUND.set(True)
    try:
        yield
    finally:
        _BACKGROUND.reset(before)


def is_background() -> bool:
    return _BACKGROUND.get()


@dataclass(slots=True)
class Request:
    """One that may go out. known: of each purse, the failures that were known then, and whether it is to find out."""

    background: bool
    known: tuple[tuple[int, bool], ...]


@dataclass(slots=True, weakref_slot=True, eq=False)
class Turns:
    """own, app: what the account, and all accounts of its kind, may ask. sleep: for seconds. random: in [0, 1).

    places: how many requests may be out until then. asked: the ledger may keep places for us.
    """

    ledger: Ledger
    own: Purse
    app: Purse | None
    sleep: Callable[[float], Awaitable[None]]
    random: Callable[[], float]
    places: int = 0
    places_until: float = 0.0
    asked: bool = False
    out: list[Request] = field(default_factory=list)
    people: int = 0  # who wait
    waiting: int = 0  # of all kinds
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def is_idle(self) -> bool:
        return not self.out and not self.waiting

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Raises: NotYet."""
        request = await self._begin(is_background())
        fault: BackendUnavailable | None = None
        broken_off = True
        try:
            yield
            broken_off = False
        except BackendUnavailable as error:
            fault, broken_off = error, False
            raise
        except GatewayError:
            broken_off = False  # it answered
            raise
        finally:
            self._end(request)
            await self._tell(request, fault, broken_off=broken_off)

    async def _begin(self, background: bool) -> Request:
        self.waiting += 1
        self.people += not background
        patience = PATIENCE if background else SHORT_PATIENCE
        request: Request | None = None
        try:
            while (request := self._draw(background)) is None:
                wait = await self._ask(background)
                if wait > patience:
                    raise NotYet("the budget of requests to the provider is used up for the moment", wait)
                if wait:
                    patience -= wait
                    await self._rest(wait)
            return request
        finally:
            self.waiting -= 1
            self.people -= not background
            if request is None and not self.waiting:
                self._give_up()
            self._give_back()
            self._awake()

    def _give_up(self) -> None:
        """Whoever was to find out whether the provider works again may not go out after all."""
        for purse in self._purses():
            if purse.probe_next:
                purse.give_up()
                self.ledger.give_up(purse.key, purse.account)

    def _draw(self, background: bool) -> Request | None:
        """One request out of what this process has."""
        now = self.ledger.clock()
        if (background and self.people) or not self._has_place(background, now):
            return None
        if not all(purse.has(now, background=background) for purse in self._purses()):
            return None
        seen = [purse.failures for purse in self._purses()]
        probes = [purse.draw(now, background=background) for purse in self._purses()]
        request = Request(background, tuple(zip(seen, probes, strict=True)))
        self.out.append(request)
        return request

    def _purses(self) -> list[Purse]:
        return [self.own] if self.app is None else [self.own, self.app]

    def _has_place(self, background: bool, now: float) -> bool:
        if self.own.limit.at_once is None:
            return True
        if self._is_full(background):
            return False
        return len(self.out) < self.places and now + LONGEST_REQUEST < self.places_until

    def _is_full(self, background: bool) -> bool:
        """Only one that comes back makes room."""
        limit = self.own.limit
        if limit.at_once is None:
            return False
        machines = sum(one.background for one in self.out)
        return len(self.out) >= limit.at_once or (background and machines >= at_most(limit))

    async def _ask(self, background: bool) -> float:
        """Seconds to wait before it can be tried again; 0.0: at once.

        Raises: NotYet.
        """
        if (background and self.people) or self._is_full(background):
            return MOMENT
        for purse in self._purses():
            async with purse.lock:
                now = self.ledger.clock()
                if purse.probing:
                    return MOMENT
                if purse.closed(now):
                    return _shut(purse, now, background)
                lacks_place = purse is self.own and not self._has_place(background, now)
                if lacks_place or not purse.has(now, background=background):
                    return await self._fill(purse, background, now)
        return 0.0

    async def _fill(self, purse: Purse, background: bool, now: float) -> float:
        ask = Ask(
            purse.key,
            purse.account,
            purse.limit,
            purse.wanted(now, background=background),
            background,
            places=min(purse.limit.at_once or 0, len(self.out) + self.waiting),
            in_use=len(self.out),
            probe=purse.probe_next,
        )
        self.asked |= purse is self.own and purse.limit.at_once is not None
        answer = await self.ledger.ask(ask)
        purse.take(answer, now, background=background)
        if purse is self.own:
            self.places, self.places_until = answer.places, now + LEASE
        return _shut(purse, now, background) if purse.closed(now) else answer.wait

    async def _rest(self, wait: float) -> None:
        """As long, or until something changed here."""
        self._changed.clear()
        sleep = asyncio.ensure_future(self.sleep(wait))
        changed = asyncio.create_task(self._changed.wait())
        try:
            await asyncio.wait({sleep, changed}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleep.cancel()
            changed.cancel()

    def _awake(self) -> None:
        self._changed.set()

    def _end(self, request: Request) -> None:
        self.out.remove(request)
        self._give_back()
        self._awake()

    def _give_back(self) -> None:
        if self.asked and self.is_idle:
            self.places, self.asked = 0, False
            self.ledger.idle(self.own.key)

    async def _tell(self, request: Request, fault: BackendUnavailable | None, *, broken_off: bool) -> None:
        """Only where it changes something: the provider did not fare well before, or does not now."""
        blamed = self._blamed(fault)
        for purse, (seen, probe) in zip(self._purses(), request.known, strict=True):
            guilt = fault if purse is blamed else None
            if guilt is not None or probe or (seen and not broken_off):
                told = Told(purse.key, purse.account, seen, guilt, self.random(), void=broken_off)
                await self._learn(purse, told)

    def _blamed(self, fault: BackendUnavailable | None) -> Purse | None:
        """Whom a failure keeps waiting; None: nobody, as it is the trouble of an account that is not connected yet."""
        is_new = self.own.account is None  # then `own` is the app's
        app = self.own if is_new else self.app
        if isinstance(fault, Throttled) and fault.whole_app and app is not None:
            return app
        return None if is_new else self.own

    async def _learn(self, purse: Purse, told: Told) -> None:
        purse.probing = False
        if told.fault is not None:
            purse.forfeit()
        try:
            answer = await self.ledger.ask(told)
        except GatewayError as error:
            log.warning("what became of a request cannot be written down: %s", error)
        else:
            purse.know(answer.budget, self.ledger.clock())
        self._awake()


def _shut(purse: Purse, now: float, background: bool) -> float:
    """A moment is waited for, by people. Raises: NotYet."""
    wait = purse.closed(now)
    if background or wait > SHORT_PATIENCE:
        raise NotYet(purse.budget.reason, wait, down=True)
    return wait
