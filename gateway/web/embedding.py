"""Booking pages inside pages of others: what is carried along there, and who may frame them.

A framed page can do nothing that its visitor has not typed in: no session reaches it (cookies are SameSite=Lax), and
who books enters name and address by hand. Signed-in pages, profiles and everything without ?embed=1 are never framed.
"""

from collections.abc import Sequence
from typing import Final
from urllib.parse import urlencode

from aiohttp import web

from gateway.web.policy import PAGE

THEMES: Final = ("light", "dark")
CARRIED: Final = ("embed", "theme", "clock")
ANYWHERE: Final = "*"


def embedded(request: web.Request) -> bool:
    return request.query.get("embed") == "1"


def theme(request: web.Request) -> str:
    """ "": as the visitor's system has it."""
    asked = request.query.get("theme", "")
    return asked if embedded(request) and asked in THEMES else ""


def carried(request: web.Request) -> dict[str, str]:
    """Parameters that the next page needs too; cookies, which keep some of them elsewhere, may be blocked."""
    return {name: request.query[name] for name in CARRIED if name in request.query} if embedded(request) else {}


def suffix(request: web.Request) -> str:
    """The same, as a query."""
    return urlencode(carried(request))


def framed(request: web.Request, response: web.Response, origins: Sequence[str]) -> web.Response:
    """Lets these origins frame it, if it is asked for as an embedded page."""
    if embedded(request) and origins:
        allowed = ANYWHERE if ANYWHERE in origins else " ".join(("'self'", *origins))
        response.headers["Content-Security-Policy"] = PAGE.replace(
            "frame-ancestors 'none'", f"frame-ancestors {allowed}"
        )
    return response
