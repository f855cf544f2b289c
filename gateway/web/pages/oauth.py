"""Connecting an account at a provider's own sign-in page."""

from aiohttp import web

from gateway.accounts import oauth
from gateway.accounts.connect import add_account
from gateway.errors import GatewayError, NotFound
from gateway.web import sessions
from gateway.web.keys import CLOCK, DATABASE, DESK, OUTSIDE, SEALER, SETTINGS
from gateway.web.pages.app import overview
from gateway.web.visitor import speak


def _kind(request: web.Request) -> str:
    """The kind of account; the provider is called by it. Raises: NotFound."""
    kind = request.match_info["kind"]
    if kind not in oauth.PROVIDERS:
        raise NotFound("there is no such provider")
    return kind


def _callback(request: web.Request) -> str:
    """One address for each provider, as the provider's console has it."""
    base = request.app[SETTINGS].server.base_url
    return f"{base}/oauth/{request.match_info['kind']}/callback"


async def start(request: web.Request) -> web.Response:
    """Off to the provider; nothing is changed before the person comes back from there."""
    kind = _kind(request)
    signed_in = await sessions.required(request)
    try:
        url = await oauth.start(
            request.app[DATABASE],
            request.app[SETTINGS],
            request.app[SEALER],
            kind=kind,
            user=signed_in.person.id,
            session=signed_in.session.digest,
            redirect_uri=_callback(request),
            now=int(request.app[CLOCK]()),
        )
    except GatewayError as error:
        return await overview(request, signed_in, notice=str(error), status=502)
    raise web.HTTPSeeOther(url)


async def callback(request: web.Request) -> web.Response:
    """Back from the provider, in the browser that began."""
    kind = _kind(request)
    signed_in = await sessions.required(request)
    db, sealer, now = request.app[DATABASE], request.app[SEALER], int(request.app[CLOCK]())
    try:
        granted = await oauth.finish(
            db,
            request.app[SETTINGS],
            sealer,
            kind=kind,
            session=signed_in.session.digest,
            query=request.query,
            now=now,
        )
        await add_account(
            db,
            sealer,
            request.app[OUTSIDE],
            user=granted.user,
            kind=kind,
            settings={"email": granted.email} if granted.email else {},
            secret=granted.secret,
            now=now,
        )
    except GatewayError as error:
        spoken = speak(request)
        words = spoken.text("The account could not be connected: {reason}", reason=str(error))
        return await overview(request, signed_in, notice=words, status=409)
    request.app[DESK].sync.bell.ring()
    raise web.HTTPSeeOther("/app#h-calendars")
