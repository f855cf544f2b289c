"""The web server of the club whose games Carol subscribes to."""

from typing import Final

from aiohttp import web

from gateway.ical.objects import etag_of

HOST: Final = "127.0.0.1"
PATH: Final = "/verein/spielplan.ics"


class FeedServer:
    """text: what it publishes; may be changed while it runs."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._runner: web.AppRunner | None = None
        self.url = ""

    async def start(self, port: int = 0) -> None:
        app = web.Application()
        app.router.add_get(PATH, self._serve)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, HOST, port).start()
        self.url = f"http://{HOST}:{self._runner.addresses[0][1]}{PATH}"

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _serve(self, request: web.Request) -> web.Response:
        etag = etag_of(self.text)
        if any(known.value == etag for known in request.if_none_match or ()):
            return web.Response(status=304, headers={"ETag": f'"{etag}"'})
        return web.Response(text=self.text, content_type="text/calendar", headers={"ETag": f'"{etag}"'})
