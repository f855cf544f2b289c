"""Passwords of calendar apps: made and revoked."""

from typing import Final

from aiohttp import web

from gateway.accounts.passwords import new_app_password
from gateway.errors import InvalidRequest, NotFound
from gateway.store import principals
from gateway.web import sessions
from gateway.web.keys import AUTHENTICATOR, CLOCK, DATABASE
from gateway.web.pages.app import overview

LONGEST_LABEL: Final = 60


async def add(request: web.Request) -> web.Response:
    """The new app password stands in this one answer and nowhere else."""
    signed_in, form = await sessions.posted(request)
    label = str(form.get("label", "")).strip()[:LONGEST_LABEL]
    if not label or not label.isprintable():
        raise InvalidRequest("name the app that the password is for")
    plain, digest = new_app_password()
    now = int(request.app[CLOCK]())
    await request.app[DATABASE].write(principals.add_app_password, signed_in.person.id, label, digest, now)
    return await overview(request, signed_in, app_password=plain)


async def revoke(request: web.Request) -> web.Response:
    signed_in, _ = await sessions.posted(request)
    user, key = signed_in.person.id, int(request.match_info["id"])
    if not await request.app[DATABASE].write(principals.revoke_app_password, user, key):
        raise NotFound("there is no such app password")
    request.app[AUTHENTICATOR].forget(user)
    raise web.HTTPSeeOther("/app#h-apps")
