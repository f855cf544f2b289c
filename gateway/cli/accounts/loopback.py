"""Where the browser comes back to after a sign-in at Google: a page of this very command (RFC 8252 7.3)."""

import asyncio
import hmac
import sys
import threading
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from aiohttp import web

from gateway.errors import ConfigError

PAGE: Final = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Gateway</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>:root{{color-scheme:light dark}}
body{{font:16px/1.5 system-ui,sans-serif;margin:0;display:grid;place-items:center;min-height:100vh}}</style></head>
<body><main><h1>{title}</h1><p>{text}</p></main></body></html>"""
DONE: Final = ("That was it here", "Go on at the terminal; you may close this page.")
STRANGE: Final = ("This is not the sign-in that was begun", "Open the address that the terminal shows.")
HEADERS: Final = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}


class Loopback:
    """Waits for the answer to one sign-in. uri: what to tell Google to come back to."""

    def __init__(self) -> None:
        self._answered: asyncio.Future[Mapping[str, str]] = asyncio.get_running_loop().create_future()
        self._state = ""
        self.uri = ""

    def expect(self, state: str) -> None:
        self._state = state

    def take(self, query: Mapping[str, str]) -> bool:
        """Whether it is the answer that is waited for; anything else changes nothing."""
        ours = bool(self._state) and hmac.compare_digest(query.get("state", "").encode(), self._state.encode())
        if ours and ("code" in query or "error" in query) and not self._answered.done():
            self._answered.set_result(dict(query))
        return ours

    def take_url(self, text: str) -> bool:
        """The same with the address that a browser elsewhere ended at, as somebody pastes it."""
        return self.take(dict(parse_qsl(urlsplit(text.strip()).query)))

    async def answer(self, seconds: float) -> Mapping[str, str]:
        """Raises: TimeoutError."""
        async with asyncio.timeout(seconds):
            return await self._answered

    async def page(self, request: web.Request) -> web.Response:
        title, text = DONE if self.take(request.query) else STRANGE
        status = 200 if (title, text) == DONE else 400
        page = PAGE.format(title=title, text=text)
        return web.Response(text=page, content_type="text/html", status=status, headers=HEADERS)


@asynccontextmanager
async def listening(port: int) -> AsyncIterator[Loopback]:
    """port: 0 for any free one. Raises: ConfigError."""
    waiting = Loopback()
    app = web.Application()
    app.router.add_get("/", waiting.page)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, "127.0.0.1", port, shutdown_timeout=1).start()
        except OSError as error:
            raise ConfigError(f"port {port} is taken; name another one with --port") from error
        waiting.uri = f"http://127.0.0.1:{runner.addresses[0][1]}/"
        yield waiting
    finally:
        await runner.cleanup()


def pasted(take: Callable[[str], bool], complain: Callable[[], None]) -> None:
    """Hears what is typed from now on, until it is taken. A thread that does not keep the command from ending."""
    loop = asyncio.get_running_loop()

    def hear() -> None:
        for line in sys.stdin:
            if line.strip():
                loop.call_soon_threadsafe(judge, line)

    def judge(line: str) -> None:
        if not take(line):
            complain()

    threading.Thread(target=hear, daemon=True).start()
