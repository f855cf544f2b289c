"""Single choices about a calendar, made on /app."""

from aiohttp import web

from gateway.errors import InvalidRequest, UsageError
from gateway.store.database import Connection
from gateway.sync import calendars
from gateway.web import sessions
from gateway.web.keys import CLOCK, DATABASE, DESK
from gateway.web.pages.app import overview


async def choose(request: web.Request) -> web.Response:
    """what=merged|busy|destination, on=0|1."""
    signed_in, form = await sessions.posted(request)
    user, on, now = signed_in.person.id, form.get("on") == "1", request.app[CLOCK]()
    key, what = int(request.match_info["id"]), form.get("what")

    def write(conn: Connection) -> None:
        if what == "merged":
            calendars.set_merged(conn, user, key, on, now)
        elif what == "busy":
            calendars.set_busy(conn, user, key, on, now)
        elif what == "destination":
            calendars.set_destination(conn, user, key)
        else:
            raise InvalidRequest("nothing of that name can be set on a calendar")

    try:
        await request.app[DATABASE].write(write)
    except UsageError as error:
        return await overview(request, signed_in, notice=str(error), status=409)
    request.app[DESK].sync.bell.ring()
    raise web.HTTPSeeOther("/app#h-calendars")
