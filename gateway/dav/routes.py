"""The paths of the CalDAV surface, and the way of a request through it: sign in, find the place, answer."""

import asyncio
import base64
import binascii
import zlib
from collections import Counter
from typing import Final

from aiohttp import web

from gateway.accounts.addresses import client_address, within
from gateway.dav import methods, paths
from gateway.dav.answer import Answer
from gateway.dav.keys import AUTHENTICATOR, FAULTS, SETTINGS, TURNS
from gateway.dav.refusals import refusing
from gateway.dav.visit import Visit
from gateway.errors import InvalidRequest, NotSignedIn, UnsupportedContent
from gateway.store.principals import Principal

START: Final = "/dav/"
PACKED_FROM: Final = 4_096
PACKED_AT_ONCE: Final = 100_000
"""Octets: below the first, gzip saves no packet; above the second, it is not for the event loop."""
PART: Final = 206
PAGES: Final = {"GET", "HEAD"}
"""Methods of `/` that belong to the web pages."""


def add_routes(app: web.Application) -> None:
    """Everything under /dav/, and the ways there."""
    app[TURNS] = {}
    app.setdefault(FAULTS, Counter())
    dav = refusing(dispatch)
    for method in methods.METHODS:
        if method not in PAGES:
            app.router.add_route(method, "/", dav)
    for path in ("/principals", "/principals/", "/dav{tail:(?s:/.*)?}"):
        app.router.add_route("*", path, dav)
    for path in ("/.well-known/caldav", "/.well-known/caldav/"):
        app.router.add_route("*", path, refusing(redirect))


async def redirect(_request: web.Request) -> web.StreamResponse:
    """To where clients begin (RFC 6764 5), on the host they asked."""
    return web.Response(status=301, headers={"Location": START})


async def dispatch(request: web.Request) -> web.StreamResponse:
    asker = await sign_in(request)
    if "#" in request.raw_path:
        raise InvalidRequest("a request names a resource, not a fragment of one")
    if request.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
        raise UnsupportedContent("send the body as it is, without Content-Encoding")
    read = paths.read_new if request.method in methods.MAKING else paths.read
    visit = Visit(request, asker, read(request.rel_url.raw_path), methods.OFFERS)
    return await respond(request, await methods.answer(visit))


async def sign_in(request: web.Request) -> Principal:
    """By a trusted proxy, else by name and password. Raises: NotSignedIn, TooManyAttempts."""
    trusted = request.app[SETTINGS].server.trusted_proxies
    if trusted and within(request.remote or "", trusted):
        known = await request.app[AUTHENTICATOR].by_proxy(request.headers.get("X-Remote-User"))
        if known is not None:
            return known
    scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        raise NotSignedIn("sign in with your name and an app password")
    try:
        name, colon, password = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise NotSignedIn("the Authorization header cannot be read") from error
    if not colon:
        raise NotSignedIn("the Authorization header cannot be read")
    address = client_address(request.remote or "", ",".join(request.headers.getall("X-Forwarded-For", [])), trusted)
    return await request.app[AUTHENTICATOR].basic(name, password, address)


async def respond(request: web.Request, answer: Answer) -> web.Response:
    headers, body = dict(answer.headers), answer.body
    if answer.content_type:
        headers["Content-Type"] = answer.content_type
    if len(body) >= PACKED_FROM and answer.status != PART and takes_gzip(request.headers.get("Accept-Encoding", "")):
        headers["Content-Encoding"] = "gzip"
        body = pack(body) if len(body) < PACKED_AT_ONCE else await asyncio.to_thread(pack, body)
    return web.Response(status=answer.status, body=body or None, headers=headers)


def takes_gzip(header: str) -> bool:
    for part in header.split(","):
        coding, _, weight = part.lower().partition(";")
        if coding.strip() in {"gzip", "*"}:
            return weight.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return False


def pack(body: bytes) -> bytes:
    """gzip at its quickest: an eighth of the size for a fifth more work."""
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    return packer.compress(body) + packer.flush()
