"""Whether the server is up, and whether it can do its work."""

from aiohttp import web

from gateway.store import jobs
from gateway.web.keys import DATABASE

PLAIN = {"Cache-Control": "no-store"}


async def healthz(_request: web.Request) -> web.Response:
    return web.Response(text="ok\n", headers=PLAIN)


async def readyz(request: web.Request) -> web.Response:
    """Reads the database; an error there is answered by whoever answers errors, with 5xx."""
    await request.app[DATABASE].read(jobs.next_due)
    return web.Response(text="ready\n", headers=PLAIN)
