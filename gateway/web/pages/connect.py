"""What a new account may be used for, before its owner is sent to the provider."""

from aiohttp import web

from gateway.accounts.oauth import READ, WRITE
from gateway.errors import NotFound
from gateway.web import sessions
from gateway.web.keys import SETTINGS
from gateway.web.pages.app.calendars import CONNECTABLE, KINDS
from gateway.web.render import page
from gateway.web.visitor import link


async def show(request: web.Request) -> web.Response:
    kind = request.match_info["kind"]
    signed_in = await sessions.required(request)
    if kind not in CONNECTABLE or not getattr(request.app[SETTINGS], CONNECTABLE[kind]).client_id:
        raise NotFound("there is no such provider")
    values = {
        "person": signed_in.person,
        "csrf": signed_in.session.csrf,
        "provider": KINDS[kind],
        "write": link(f"/oauth/{kind}/start", {}, access=WRITE),
        "read": link(f"/oauth/{kind}/start", {}, access=READ),
    }
    return page(request, "connect.html", values)
