"""Notices of the simulated Graph on their way: to addresses on this machine only, several in one POST."""

import asyncio
import secrets
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from aiohttp import ClientError, ClientSession, ClientTimeout

from gateway.demo.microsoft.faults import Json
from gateway.demo.post import Outgoing

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


@dataclass(slots=True)
class Notices(Outgoing[list[Json]]):
    running: "asyncio.Task[None] | None" = None

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
