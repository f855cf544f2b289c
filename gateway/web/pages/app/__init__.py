"""/app: one's own calendars, bookings and ways to reach them. SECTIONS is the page, from top to bottom."""

from typing import Any, Final

from aiohttp import web

from gateway.web import sessions
from gateway.web.keys import SETTINGS
from gateway.web.pages.app import apps, bookings, calendars
from gateway.web.pages.app.section import Section, visit
from gateway.web.render import page
from gateway.web.sessions import SignedIn

SECTIONS: Final = (
    Section("app/bookings.html", bookings.section),
    Section("app/calendars.html", calendars.section),
    Section("app/apps.html", apps.section),
)


async def show(request: web.Request) -> web.Response:
    return await overview(request, await sessions.required(request))


async def overview(
    request: web.Request, signed_in: SignedIn, *, app_password: str = "", notice: str = "", status: int = 200
) -> web.Response:
    """app_password: a new one, shown in this answer only. status: a notice of 400 and above is no good news."""
    looking = visit(request, signed_in)
    values: dict[str, Any] = {
        "person": signed_in.person,
        "csrf": signed_in.session.csrf,
        "notice": notice,
        "good": status < 400,
        "base_url": request.app[SETTINGS].server.base_url,
        "app_password": app_password,
        "sections": [section.template for section in SECTIONS],
    }
    for section in SECTIONS:
        values.update(await section.show(looking))
    return page(request, "app.html", values, spoken=looking.spoken, status=status)
