"""POST /<user>/<event-type>/hold: the chosen time is kept for this visitor while they fill in the form."""

import secrets
from typing import Final

from aiohttp import web

from gateway.accounts.throttle import network_of
from gateway.booking.holds import hold
from gateway.booking.offer import Bookable
from gateway.web.forms import same_site
from gateway.web.keys import DESK, LIMITS, SETTINGS
from gateway.web.pages.choosing import HOLD, SENT, choosing, visitor_of
from gateway.web.picker import read_instant
from gateway.web.visitor import client_address, is_https
from gateway.web.zones import known

SECRET: Final = 16  # bytes


async def keep(request: web.Request, of: Bookable, start: int, zone: str) -> tuple[bool, str]:
    """(whether it is kept, the visitor's secret). One network cannot hold a whole calendar; then nothing is kept."""
    visitor = visitor_of(request) or secrets.token_urlsafe(SECRET)
    held, network = request.app[LIMITS].held, network_of(client_address(request))
    if held.left(network) < 1:
        return True, ""
    held.take(network)
    name, slug, length = of.name, of.row.slug, of.kind.length
    return await hold(request.app[DESK], name, slug, start, zone, visitor, length=length, dates=of.dates), visitor


def remember(request: web.Request, response: web.StreamResponse, visitor: str) -> None:
    if visitor:
        age = request.app[SETTINGS].booking.hold_seconds
        secure = is_https(request)
        response.set_cookie(HOLD, visitor, max_age=age, path="/", secure=secure, httponly=True, samesite="Lax")


async def place(request: web.Request, of: Bookable) -> web.Response:
    """204: kept, or not needed; 409: somebody else has it."""
    same_site(request)
    request.app[LIMITS].post(client_address(request))
    posted = await request.post()
    request[SENT] = str(posted.get("visitor", ""))
    start = read_instant(str(posted.get("start", "")))
    if start is None:
        return web.Response(status=204)
    choice = choosing(request, of)
    zone = ("" if choice.locked else known(str(posted.get("zone", "")))) or choice.zone
    kept, visitor = await keep(request, of, start, zone)
    response = web.Response(status=204 if kept else 409)
    remember(request, response, visitor)
    return response
