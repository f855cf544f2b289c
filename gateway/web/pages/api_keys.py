"""Keys for programs: made and revoked."""

from aiohttp import web

from gateway.accounts.api_keys import check_label, check_scopes, new_api_key
from gateway.errors import NotFound, UsageError
from gateway.store import api_keys
from gateway.web import sessions
from gateway.web.keys import CLOCK, DATABASE
from gateway.web.language import msg
from gateway.web.pages.app import overview
from gateway.web.visitor import speak

REFUSED = msg("Please name the program, and tick what it may do.")


async def add(request: web.Request) -> web.Response:
    """The new key stands in this one answer and nowhere else."""
    signed_in, form = await sessions.posted(request)
    try:
        label = check_label(str(form.get("label", "")))
        scopes = check_scopes([str(one) for one in form.getall("scope", [])])
    except UsageError as error:
        return await overview(request, signed_in, notice=speak(request).text(REFUSED), reason=str(error), status=422)
    plain, digest = new_api_key()
    now = int(request.app[CLOCK]())
    await request.app[DATABASE].write(api_keys.add, signed_in.person.id, label, digest, scopes, now)
    return await overview(request, signed_in, api_key=plain)


async def revoke(request: web.Request) -> web.Response:
    signed_in, _ = await sessions.posted(request)
    if not await request.app[DATABASE].write(api_keys.revoke, signed_in.person.id, int(request.match_info["id"])):
        raise NotFound("there is no such API key")
    raise web.HTTPSeeOther("/app#h-api")
