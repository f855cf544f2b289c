"""/app: one's own calendars, bookings and ways to reach them. SECTIONS is the page, from top to bottom."""

from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web

from gateway.web import sessions
from gateway.web.keys import SETTINGS
from gateway.web.pages.app import api_keys, apps, attention, bookings, calendars, delegates, mirrors, refusals, rooms
from gateway.web.pages.app.gone import disconnected
from gateway.web.pages.app.section import Section, visit
from gateway.web.render import page
from gateway.web.sessions import SignedIn

SECTIONS: Final = (
    Section("app/attention.html", attention.section),
    Section("app/refusals.html", refusals.section),
    Section("app/bookings.html", bookings.section),
    Section("app/calendars.html", calendars.section),
    Section("app/mirrors.html", mirrors.section),
    Section("app/rooms.html", rooms.section),
    Section("app/apps.html", apps.section),
    Section("app/api_keys.html", api_keys.section),
    Section("app/delegates.html", delegates.section),
)


async def show(request: web.Request) -> web.Response:
    signed_in = await sessions.required(request)
    notice, notice_link = disconnected(request)
    return await overview(request, signed_in, notice=notice, notice_link=notice_link)


async def overview(
    request: web.Request,
    signed_in: SignedIn,
    *,
    app_password: str = "",
    api_key: str = "",
    notice: str = "",
    notice_link: Mapping[str, str] | None = None,
    reason: str = "",
    mirror_refused: str = "",
    status: int = 200,
) -> web.Response:
    """app_password, api_key: a new one, shown in this answer only. notice_link: href and text behind the notice.

    reason: in English, small beneath it. mirror_refused: why no mirror came of a form. status: a notice of 400 and
    above is no good news.
    """
    looking = visit(request, signed_in)
    values: dict[str, Any] = {
        "person": signed_in.person,
        "csrf": signed_in.session.csrf,
        "notice": notice,
        "notice_link": notice_link,
        "reason": reason,
        "good": status < 400,
        "base_url": request.app[SETTINGS].server.base_url,
        "app_password": app_password,
        "api_key": api_key,
        "mirror_refused": mirror_refused,
        "sections": [section.template for section in SECTIONS],
    }
    for section in SECTIONS:
        values.update(await section.show(looking))
    waiting = (one["state"] == "waiting" for one in (*values["accounts"], *values["mirrors"]))
    values["follow"] = request.method == "GET" and any(waiting)
    return page(request, "app.html", values, spoken=looking.spoken, status=status)
