"""Stands between the network and aiohttp: nobody holds a connection for long without making use of it."""

import asyncio
import logging
import resource
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from typing import Final, cast

from aiohttp import web
from aiohttp.web import RequestHandler

from gateway.accounts.addresses import within
from gateway.accounts.throttle import network_of

log = logging.getLogger(__name__)

Answering = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]
SPARE: Final = 200
"""Files that are left for the database, the providers and the rest."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds, and numbers of connections.

    head: from a request's first octet (or the connection's start) to the end of its header. body: to the end of its
    body. idle: between two requests. stall: for a client that takes nothing of its answer. every: between two looks
    at all that. per_address: connections of one address (or IPv6 network); trusted proxies have no such limit.
    """

    head: float = 20.0
    body: float = 120.0
    idle: float = 75.0
    stall: float = 60.0
    every: float = 1.0
    per_address: int = 512
    together: int = 10_000


class Crowd:
    """All connections of a server. Where there are too many, the one that has been idle longest makes room."""

    def __init__(self, patience: Patience, proxies: Collection[str] = ()) -> None:
        self._patience = patience
        self._proxies = tuple(proxies)
        files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        self._together = max(1, min(patience.together, files - SPARE))
        self._all: dict[asyncio.BaseProtocol, Guard] = {}
        self._at: dict[str, dict[Guard, None]] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._left = asyncio.Event()  # nobody is there any more
        self.ended = False

    def guarding(self, answer: Answering) -> Answering:
        """`answer`, during which the connection is known to be in use."""

        async def guarded(request: web.BaseRequest) -> web.StreamResponse:
            guard = self._all.get(request.protocol)
            if guard is None:
                return await answer(request)
            guard.begin(request)
            try:
                return await answer(request)
            finally:
                guard.done()

        return guarded

    def enter(self, guard: "Guard") -> bool:
        """Whether there is room for it."""
        here = self._at.get(guard.network, {})
        if len(here) >= self._patience.per_address and not within(guard.address, self._proxies):
            if not self._make_room(here):
                return False
        elif len(self._all) >= self._together and not self._make_room(self._all.values()):
            return False
        self._at.setdefault(guard.network, {})[guard] = None
        self._all[guard.inner] = guard
        if self._timer is None:
            self._wait()
        return True

    def leave(self, guard: "Guard") -> None:
        self._all.pop(guard.inner, None)
        here = self._at.get(guard.network, {})
        here.pop(guard, None)
        if not here:
            self._at.pop(guard.network, None)
        if self.ended and not self._all:
            self._left.set()

    async def end(self, seconds: float) -> None:
        """Requests in flight are finished, bodies that are still coming too, for so long; nothing new is begun."""
        await asyncio.sleep(0)  # what was read already is begun
        self.ended = True
        for guard in list(self._all.values()):
            if guard.is_idle:
                guard.drop()
        if self._all:
            try:
                await asyncio.wait_for(self._left.wait(), seconds)
            except TimeoutError:
                log.warning("%s requests were not finished within %g seconds", len(self._all), seconds)
        if self._timer is not None:
            self._timer.cancel()

    def _make_room(self, guards: Collection["Guard"]) -> bool:
        idle = [guard for guard in guards if guard.request is None]
        if not idle:
            return False
        min(idle, key=lambda guard: guard.idle_since).drop()
        return True

    def _wait(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(self._patience.every, self._look)

    def _look(self) -> None:
        now = asyncio.get_running_loop().time()
        for guard in list(self._all.values()):
            if guard.is_overdue(now, self._patience):
                guard.drop()
        self._timer = None
        if self._all:
            self._wait()


class Guard(asyncio.Protocol):
    """One connection: passes everything on, and keeps note of when it came."""

    def __init__(self, inner: RequestHandler, crowd: Crowd) -> None:
        self.inner = inner
        self.address = self.network = ""
        self.request: web.BaseRequest | None = None
        self.idle_since = 0.0
        self._crowd = crowd
        self._clock = asyncio.get_running_loop().time
        self._transport: asyncio.Transport | None = None
        self._begun: float | None = None  # when the part that is being received began
        self._unsent: tuple[float, int] | None = None  # since when how much has not been taken

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._begun = self.idle_since = self._clock()
        self.address = str((transport.get_extra_info("peername") or ("",))[0])
        self.network = network_of(self.address)
        if self._crowd.enter(self):
            self.inner.connection_made(transport)
        else:
            self._transport.abort()
            self._transport = None

    def data_received(self, data: bytes) -> None:
        if self._transport is None:
            return
        if self._begun is None and (self.request is None or self.request.content.is_eof()):
            self._begun = self._clock()
        self.inner.data_received(data)

    def eof_received(self) -> bool | None:
        if self._transport is not None:
            self.inner.eof_received()
        return None

    def connection_lost(self, exc: Exception | None) -> None:
        if self._transport is not None:
            self._transport = None
            self._crowd.leave(self)
            self.inner.connection_lost(exc)

    def pause_writing(self) -> None:
        self._unsent = self._clock(), self._left()
        self.inner.pause_writing()

    def resume_writing(self) -> None:
        self._unsent = None
        self.inner.resume_writing()

    def begin(self, request: web.BaseRequest) -> None:
        self.request = request
        self._begun = None if request.content.is_eof() else self._clock()

    def done(self) -> None:
        self.request = None
        self._begun = None
        self.idle_since = self._clock()
        if self._crowd.ended:
            self.inner.close()  # once its answer is written

    @property
    def is_idle(self) -> bool:
        """Nothing is asked, and everything was answered."""
        return self.request is None and not self._left()

    def is_overdue(self, now: float, patience: Patience) -> bool:
        if self._unsent is not None:
            since, amount = self._unsent
            left = self._left()
            if left < amount:
                self._unsent = now, left
            elif now - since > patience.stall:
                return True
        if self._begun is None:
            return False
        if self.request is None:
            return now - self._begun > patience.head
        return not self.request.content.is_eof() and now - self._begun > patience.body

    def drop(self) -> None:
        """At once: what is unsent is not sent."""
        if self._transport is not None:
            self._crowd.leave(self)
            self._transport.abort()

    def _left(self) -> int:
        return 0 if self._transport is None else self._transport.get_write_buffer_size()
