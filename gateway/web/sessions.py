"""Signed-in browsers: a random cookie, of which the database has the digest only."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from aiohttp import web
from multidict import MultiMapping

from gateway.errors import Forbidden
from gateway.store import principals, sessions
from gateway.store.database import Connection
from gateway.store.principals import Principal
from gateway.store.sessions import Session
from gateway.web.forms import same_site
from gateway.web.keys import CLOCK, DATABASE, LIMITS
from gateway.web.visitor import client_address, is_https

TOUCH: Final = 3600  # seconds after which a session's last use is written down anew
BEFORE: Final = "before"
FRESH: Final = 600  # seconds a log-in form stays good


@dataclass(frozen=True, slots=True)
class SignedIn:
    person: Principal
    session: Session


def cookie_name(request: web.Request, name: str) -> str:
    """__Host- binds a cookie to this very host, where there is TLS."""
    return f"__Host-{name}" if is_https(request) else name


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()


async def current(request: web.Request) -> SignedIn | None:
    secret = request.cookies.get(cookie_name(request, "session"), "")
    if not secret:
        return None
    now = int(request.app[CLOCK]())

    def read(conn: Connection) -> SignedIn | None:
        session = sessions.get(conn, _digest(secret), now)
        return None if session is None else SignedIn(principals.by_id(conn, session.user_id), session)

    found = await request.app[DATABASE].read(read)
    if found is not None and now - found.session.last_used > TOUCH:
        await request.app[DATABASE].write(sessions.used, found.session.digest, now)
    return found


async def required(request: web.Request) -> SignedIn:
    """Raises: HTTPSeeOther to the log-in page."""
    found = await current(request)
    if found is None:
        raise web.HTTPSeeOther(f"/app/login?next={quote(request.path)}")
    return found


async def begin(request: web.Request, response: web.StreamResponse, person: Principal) -> None:
    """A new session; one the browser had before ends."""
    now, secret = int(request.app[CLOCK]()), secrets.token_urlsafe(24)
    before = request.cookies.get(cookie_name(request, "session"), "")
    session = Session(_digest(secret), person.id, secrets.token_urlsafe(24), now, now)

    def write(conn: Connection) -> None:
        sessions.forget_old(conn, now)
        if before:
            sessions.end(conn, _digest(before))
        sessions.add(conn, session)

    await request.app[DATABASE].write(write)
    _set(request, response, "session", secret, max_age=sessions.LONGEST)


async def end(request: web.Request, response: web.StreamResponse, signed_in: SignedIn) -> None:
    await request.app[DATABASE].write(sessions.end, signed_in.session.digest)
    response.del_cookie(
        cookie_name(request, "session"), path="/", secure=is_https(request), httponly=True, samesite="Lax"
    )


def _set(request: web.Request, response: web.StreamResponse, name: str, value: str, *, max_age: int) -> None:
    response.set_cookie(
        cookie_name(request, name),
        value,
        max_age=max_age,
        path="/",
        httponly=True,
        secure=is_https(request),
        samesite="Lax",
    )


async def posted(request: web.Request) -> tuple[SignedIn, MultiMapping[object]]:
    """Who is signed in, and the form; only from our own pages and with the session's token.

    Raises: Forbidden, TooManyAttempts; HTTPSeeOther to the log-in page.
    """
    same_site(request)
    request.app[LIMITS].post(client_address(request))
    signed_in = await required(request)
    form = await request.post()
    token = form.get("csrf", "")
    if not isinstance(token, str) or not hmac.compare_digest(token.encode(), signed_in.session.csrf.encode()):
        raise Forbidden("this form is too old; load the page again")
    return signed_in, form


def before_login(request: web.Request, response: web.StreamResponse, token: str) -> None:
    """The log-in form carries the same token as this cookie, as there is no session yet."""
    _set(request, response, BEFORE, token, max_age=FRESH)


def from_login_page(request: web.Request, token: str) -> bool:
    cookie = request.cookies.get(cookie_name(request, BEFORE), "")
    return bool(cookie) and hmac.compare_digest(cookie.encode(), token.encode())
