"""A web server that takes Digest log-ins only (RFC 7616), as Baikal does."""

import hashlib
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web
from aiohttp.test_utils import TestServer

REALM, NONCE = "calendars", "dcd98b7102dd2f0e8b11d0f600bfb0c0"


def md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def expected(fields: dict[str, str], method: str, username: str, password: str) -> str:
    """The response field that only somebody who knows the password can send."""
    secret = md5(f"{username}:{REALM}:{password}")
    asked = md5(f"{method}:{fields['uri']}")
    return md5(f"{secret}:{NONCE}:{fields['nc']}:{fields['cnonce']}:auth:{asked}")


@asynccontextmanager
async def digest_server(username: str, password: str) -> AsyncIterator[tuple[str, list[str]]]:
    """Its URL, and the kinds of log-in it was sent so far."""
    kinds: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        kind, _, sent = request.headers.get("Authorization", "").partition(" ")
        kinds.append(kind)
        fields = dict(re.findall(r'(\w+)="?([^",]*)"?', sent))
        if kind == "Digest" and fields["response"] == expected(fields, request.method, username, password):
            return web.Response(text="in")
        challenge = f'Digest realm="{REALM}", nonce="{NONCE}", qop="auth", algorithm=MD5'
        return web.Response(status=401, headers={"WWW-Authenticate": challenge})

    application = web.Application()
    application.router.add_route("*", "/", answer)
    async with TestServer(application) as server:
        yield str(server.make_url("/")), kinds
