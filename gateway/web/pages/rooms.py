"""Connecting what rooms for conferences are made with, and parting with it."""

from typing import Final

from aiohttp import web

from gateway.accounts.oauth import Connected
from gateway.booking.rooms.plan import wake_all
from gateway.errors import NotFound
from gateway.web import sessions
from gateway.web.keys import CLOCK, DESK
from gateway.web.visitor import link

KINDS: Final = frozenset({"zoom"})
"""Kinds of account whose rooms are all that is wanted of them."""


async def connect(request: web.Request, connected: Connected) -> str:
    """Rooms that were missing are made now. Returns: where to go on."""
    desk, user = request.app[DESK], connected.taken.begun.user
    if desk.zoom is None:
        raise NotFound("there is no such provider")
    await desk.zoom.connect(user, connected.email, connected.secret, int(request.app[CLOCK]()))
    await desk.db.write(wake_all, desk, user)
    desk.sync.bell.ring()
    return link("/app", {}, room="connected") + "#h-rooms"


async def disconnect(request: web.Request) -> web.Response:
    signed_in, _ = await sessions.posted(request)
    zoom = request.app[DESK].zoom
    if zoom is None or not await zoom.disconnect(signed_in.person.id):
        raise NotFound("there is no such account")
    raise web.HTTPSeeOther(link("/app", {}, room="gone"))
