"""Delegates: named and dismissed."""

from aiohttp import web

from gateway.errors import InvalidRequest, NotFound
from gateway.store import delegates
from gateway.store.database import Connection
from gateway.store.principals import Principal
from gateway.web import sessions
from gateway.web.forms import number
from gateway.web.keys import DATABASE
from gateway.web.pages.app.delegates import choices

HERE = "/app#h-delegates"


async def add(request: web.Request) -> web.Response:
    """who: id of a colleague or a team of theirs. access: read or write."""
    signed_in, form = await sessions.posted(request)
    who, access = number(str(form.get("who", ""))), str(form.get("access", ""))
    if access not in {delegates.READ, delegates.WRITE}:
        raise InvalidRequest("access is read or write")
    await request.app[DATABASE].write(_grant, signed_in.person, who, access)
    raise web.HTTPSeeOther(HERE)


def _grant(conn: Connection, person: Principal, who: int, access: str) -> None:
    if who not in {one.id for one in choices(conn, person)}:
        raise NotFound("this is nobody that you know")
    delegates.grant(conn, person.id, who, access)


async def remove(request: web.Request) -> web.Response:
    signed_in, _ = await sessions.posted(request)
    if not await request.app[DATABASE].write(delegates.revoke, signed_in.person.id, int(request.match_info["id"])):
        raise NotFound("this is no delegate of yours")
    raise web.HTTPSeeOther(HERE)
