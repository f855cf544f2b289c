"""Whether the server is up, and whether it can do its work."""

from aiohttp import web

from gateway.store import jobs
from gateway.web.keys import DATABASE, FAULTS, STRANGERS

PLAIN = {"Cache-Control": "no-store"}
PARTS = ("dav", "web", "api")
PROVIDERS = ("google", "microsoft")


async def healthz(_request: web.Request) -> web.Response:
    return web.Response(text="ok\n", headers=PLAIN)


async def readyz(request: web.Request) -> web.Response:
    """Reads the database; an error there is answered by whoever answers errors, with 5xx."""
    await request.app[DATABASE].read(jobs.next_due)
    return web.Response(text="ready\n", headers=PLAIN)


async def metrics(request: web.Request) -> web.Response:
    """In the text format of Prometheus; of this process alone."""
    faults, strangers = request.app[FAULTS], request.app[STRANGERS]
    lines = [
        "# HELP gateway_faults_total Requests answered with 500 because of something nobody foresaw.",
        "# TYPE gateway_faults_total counter",
        *(f'gateway_faults_total{{part="{part}"}} {faults[part]}' for part in PARTS),
        "# HELP gateway_strange_notices_total Notices that did not know the secret of a channel of ours.",
        "# TYPE gateway_strange_notices_total counter",
        *(f'gateway_strange_notices_total{{provider="{name}"}} {strangers[name]}' for name in PROVIDERS),
    ]
    return web.Response(text="\n".join(lines) + "\n", headers=PLAIN)
