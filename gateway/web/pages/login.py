"""Signing in and out, and the page that greets everybody else."""

import secrets

from aiohttp import web

from gateway.errors import NotSignedIn, TooManyAttempts
from gateway.web import sessions
from gateway.web.forms import same_site
from gateway.web.keys import AUTHENTICATOR, SETTINGS
from gateway.web.render import page
from gateway.web.visitor import behind_proxy, client_address, speak


async def landing(request: web.Request) -> web.Response:
    signed_in = await sessions.current(request)
    values = {"base_url": request.app[SETTINGS].server.base_url, "signed_in": signed_in is not None}
    return page(request, "landing.html", values)


def next_page(asked: str) -> str:
    """Where to go after log-in: never to another site."""
    inside = asked.startswith("/") and not asked.startswith("//") and "\\" not in asked and asked.isprintable()
    return asked if inside else "/app"


async def form(request: web.Request) -> web.Response:
    if await sessions.current(request) is not None:
        raise web.HTTPSeeOther(next_page(request.query.get("next", "")))
    if behind_proxy(request):
        known = await request.app[AUTHENTICATOR].by_proxy(request.headers.get("X-Remote-User"))
        if known is not None:
            response = web.Response(status=303, headers={"Location": next_page(request.query.get("next", ""))})
            await sessions.begin(request, response, known)
            return response
    return _form(request, request.query.get("next", ""))


def _form(request: web.Request, next_: str, *, name: str = "", notice: str = "", status: int = 200) -> web.Response:
    token = secrets.token_urlsafe(24)
    values = {"notice": notice, "csrf": token, "next": next_page(next_), "name": name}
    response = page(request, "login.html", values, status=status)
    sessions.before_login(request, response, token)
    return response


async def log_in(request: web.Request) -> web.Response:
    same_site(request)
    posted = await request.post()
    values = {key: str(posted.get(key, "")) for key in ("name", "password", "next", "csrf")}
    spoken = speak(request)
    name, next_ = values["name"].strip(), values["next"]
    if not sessions.from_login_page(request, values["csrf"]):
        words = spoken.text("This form is too old. Please try once more; your browser must accept cookies.")
        return _form(request, next_, name=name, notice=words, status=403)
    try:
        person = await request.app[AUTHENTICATOR].basic(name, values["password"], client_address(request))
    except NotSignedIn:
        words = spoken.text("User name and password do not match.")
        return _form(request, next_, name=name, notice=words, status=401)
    except TooManyAttempts as error:
        words = spoken.text("Too many tries. Please wait {n} seconds.", n=error.retry_after)
        response = _form(request, next_, name=name, notice=words, status=429)
        response.headers["Retry-After"] = str(error.retry_after)
        return response
    response = web.Response(status=303, headers={"Location": next_page(next_)})
    await sessions.begin(request, response, person)
    return response


async def log_out(request: web.Request) -> web.Response:
    signed_in, _ = await sessions.posted(request)
    response = web.Response(status=303, headers={"Location": "/"})
    await sessions.end(request, response, signed_in)
    return response
