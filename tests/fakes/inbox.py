"""An address that notices are sent to, and what came."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web


@dataclass
class Inbox:
    """google: the X-Goog headers of each notice. graph: the items, POST by POST.

    answers: the next statuses; 200 and 202 after those. greeting: what a validation token is answered with.
    """

    url: str = ""
    google: list[dict[str, str]] = field(default_factory=list)
    graph: list[list[dict[str, Any]]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    greeted: int = 0
    greeting: Callable[[str], web.Response] = field(default=lambda token: web.Response(text=token))

    def _status(self, good: int) -> int:
        return self.answers.pop(0) if self.answers else good

    async def take_google(self, request: web.Request) -> web.Response:
        assert await request.read() == b""
        self.google.append({name: request.headers[name] for name in request.headers if name.startswith("X-Goog")})
        return web.Response(status=self._status(200))

    async def take_graph(self, request: web.Request) -> web.Response:
        if "validationToken" in request.query:
            self.greeted += 1
            return self.greeting(request.query["validationToken"])
        self.graph.append(json.loads(await request.read())["value"])
        return web.Response(status=self._status(202))


@asynccontextmanager
async def open_inbox() -> AsyncIterator[Inbox]:
    inbox = Inbox()
    app = web.Application()
    app.router.add_post("/hooks/google", inbox.take_google)
    app.router.add_post("/hooks/microsoft", inbox.take_graph)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    inbox.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield inbox
    finally:
        await runner.cleanup()
