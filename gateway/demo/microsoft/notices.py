"""Notices of the simulated Graph on their way: to addresses on this machine only, several in one POST."""

import asyncio
import secrets
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final
from urllib.parse import quote, urlsplit

from aiohttp import ClientError, ClientSession, ClientTimeout

from gateway.config import is_loopback
from gateway.demo.microsoft.faults import Json

TIMEOUT: Final = ClientTimeout(total=3)
HANDSHAKE: Final = ClientTimeout(total=10)
TRIES: Final = 3


async def greet(url: str) -> bool:
    """Whether the address answers the validation request as it must, while the creation still waits."""
    token = f"Validation: Testing reachability & more + {secrets.token_hex(8)}"
    asked = f"{url}{'&' if '?' in url else '?'}validationToken={quote(token, safe='')}"
    try:
        async with ClientSession(timeout=HANDSHAKE) as http, http.post(asked, allow_redirects=False) as answer:
            plain = answer.content_type == "text/plain"
            return answer.status == 200 and plain and await answer.text() == token
    except (ClientError, TimeoutError):
        return False


class Post(StrEnum):
    """How notices go: as they should, kept until they are released (in order, or the last first), each twice, never."""

    PROMPT = "prompt"
    LATE = "late"
    REVERSED = "reversed"
    TWICE = "twice"
    NEVER = "never"


@dataclass(slots=True)
class Notices:
    """answers: the status of every delivery."""

    queue: "asyncio.Queue[tuple[str, list[Json]]]" = field(default_factory=asyncio.Queue)
    post: Post = Post.PROMPT
    held: list[tuple[str, list[Json]]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    running: "asyncio.Task[None] | None" = None

    def send(self, address: str, items: list[Json]) -> None:
        if not is_loopback(urlsplit(address).hostname or ""):
            return
        if self.post in {Post.LATE, Post.REVERSED}:
            self.held.append((address, items))
        elif self.post is not Post.NEVER:
            for _ in range(2 if self.post is Post.TWICE else 1):
                self.queue.put_nowait((address, items))

    def release(self) -> None:
        """What was held goes now, and what comes goes as it should."""
        held = self.held[::-1] if self.post is Post.REVERSED else self.held
        self.post, self.held = Post.PROMPT, []
        for address, items in held:
            self.send(address, items)

    def start(self) -> None:
        self.running = asyncio.create_task(self._deliver())

    async def stop(self) -> None:
        if self.running is not None:
            self.running.cancel()
            await asyncio.gather(self.running, return_exceptions=True)

    async def _deliver(self) -> None:
        async with ClientSession(timeout=TIMEOUT) as session:
            while True:
                address, items = await self.queue.get()
                try:
                    await self._post(session, address, items)
                finally:
                    self.queue.task_done()

    async def _post(self, session: ClientSession, address: str, items: list[Json]) -> None:
        """Tried again unless it is answered with 2xx; the service itself goes on for four hours."""
        for _ in range(TRIES):
            try:
                async with session.post(address, json={"value": items}, allow_redirects=False) as answer:
                    self.answers.append(answer.status)
            except (ClientError, TimeoutError):
                self.answers.append(0)
                return
            if 200 <= answer.status < 300:
                return
