"""Our pages as providers reach them: at one address, whichever process answers behind it, or none."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from gateway.booking.context import Desk
from gateway.web import keys
from gateway.web.routes import add_routes
from tests.sync.connected import Connected


class Nobody(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.abort()


def pages(world: Connected) -> web.Application:
    sync = world.sync
    app = web.Application()
    app[keys.DATABASE], app[keys.SETTINGS], app[keys.CLOCK] = sync.db, sync.settings, sync.clock
    app[keys.DESK] = Desk(sync.db, sync.settings, sync, world.sealer, sync.clock)
    add_routes(app)
    app.on_response_prepare.append(_last)
    return app


async def _last(_request: web.Request, answer: web.StreamResponse) -> None:
    """Each notice comes by a line of its own, so that none is sent to a process that has gone.

    Who sends them is told so, lest the next goes into a line that just ends.
    """
    answer.headers["Connection"] = "close"
    answer.force_close()


class Door:
    """Nobody answers before it is opened, and once it is closed."""

    def __init__(self) -> None:
        self._behind: web.AppRunner | None = None
        self.url = ""

    def line(self) -> asyncio.BaseProtocol:
        return Nobody() if self._behind is None or self._behind.server is None else self._behind.server()

    async def open(self, world: Connected) -> None:
        """To the process that this world is now; to no other any more."""
        await self.close()
        runner = web.AppRunner(pages(world), access_log=None, shutdown_timeout=1)
        await runner.setup()
        self._behind = runner

    async def close(self) -> None:
        behind, self._behind = self._behind, None
        if behind is not None:
            await behind.cleanup()


@asynccontextmanager
async def a_door() -> AsyncIterator[Door]:
    door = Door()
    server = await asyncio.get_running_loop().create_server(door.line, "127.0.0.1", 0)
    door.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield door
    finally:
        await door.close()
        server.close()
        await server.wait_closed()
