"""/link/<secret>: the page of an event type as a secret link opens it."""

from aiohttp import web
from multidict import MultiDict

from gateway.booking import links
from gateway.booking.offer import Bookable
from gateway.store.database import Connection
from gateway.store.links import LinkRow
from gateway.web.keys import CLOCK

LINK = web.RequestKey("LINK", LinkRow)


def secret(request: web.Request) -> str:
    """ "": the page has been opened by its own address."""
    return request.match_info.get("secret", "")


def opened(conn: Connection, request: web.Request) -> Bookable | None:
    """None: likewise. Raises: NotFound; LinkOver."""
    if not secret(request):
        return None
    of, request[LINK] = links.opened(conn, secret(request), request.app[CLOCK](), booking=request.method == "POST")
    return of


def query(request: web.Request) -> MultiDict[str]:
    """What is to stand in the form already: by the address, else by the link."""
    found = MultiDict(request.query)
    row = request.get(LINK)
    for name in ("name", "email", "note"):
        if row is not None and name not in found and getattr(row, name):
            found[name] = getattr(row, name)
    return found
