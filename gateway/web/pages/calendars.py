"""Single choices about a calendar, made on /app."""

from collections.abc import Mapping
from typing import Final

from aiohttp import web

from gateway.errors import InvalidRequest, UsageError
from gateway.store.database import Connection
from gateway.sync import calendars
from gateway.sync.separate import set_separate
from gateway.web import sessions
from gateway.web.keys import CLOCK, DATABASE, DESK
from gateway.web.language import msg
from gateway.web.pages.app import overview
from gateway.web.visitor import speak

REFUSED: Final[Mapping[str, str]] = {
    "merged": msg("New events go to this calendar. Please choose another destination first."),
    "destination": msg("New events can only go to a merged calendar that takes changes."),
}


async def choose(request: web.Request) -> web.Response:
    """what=merged|separate|busy|destination, on=0|1."""
    signed_in, form = await sessions.posted(request)
    user, on, now = signed_in.person.id, form.get("on") == "1", request.app[CLOCK]()
    key, what = int(request.match_info["id"]), form.get("what")

    def write(conn: Connection) -> None:
        if what == "merged":
            calendars.set_merged(conn, user, key, on, now)
        elif what == "separate":
            set_separate(conn, user, key, on, now)
        elif what == "busy":
            calendars.set_busy(conn, user, key, on, now)
        elif what == "destination":
            calendars.set_destination(conn, user, key)
        else:
            raise InvalidRequest("nothing of that name can be set on a calendar")

    try:
        await request.app[DATABASE].write(write)
    except UsageError:
        words = speak(request).text(REFUSED.get(str(what), REFUSED["merged"]))
        return await overview(request, signed_in, notice=words, status=409)
    request.app[DESK].sync.bell.ring()
    raise web.HTTPSeeOther("/app#h-calendars")
