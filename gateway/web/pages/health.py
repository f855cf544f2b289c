"""Whether the server is up, and whether it can do its work."""

from aiohttp import web

from gateway.store import jobs
from gateway.web.keys import DATABASE, FAULTS

PLAIN = {"Cache-Control": "no-store"}
PARTS = ("dav", "web")


async def healthz(_request: web.Request) -> web.Response:
    return web.Response(text="ok\n", headers=PLAIN)


async def readyz(request: web.Request) -> web.Response:
    """Reads the database; an error there is answered by whoever answers errors, with 5xx."""
    await request.app[DATABASE].read(jobs.next_due)
    return web.Response(text="ready\n", headers=PLAIN)


async def metrics(request: web.Request) -> web.Response:
    """In the text format of Prometheus; of this process alone."""
    faults = request.app[FAULTS]
    lines = [
        "# HELP gateway_faults_total Requests answered with 500 because of something nobody foresaw.",
        "# TYPE gateway_faults_total counter",
        *(f'gateway_faults_total{{part="{part}"}} {faults[part]}' for part in PARTS),
    ]
    return web.Response(text="\n".join(lines) + "\n", headers=PLAIN)
