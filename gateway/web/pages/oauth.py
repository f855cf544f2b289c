"""Connecting an account at a provider's own sign-in page."""

from dataclasses import dataclass

from aiohttp import web

from gateway.accounts import oauth
from gateway.accounts.connect import add_account
from gateway.accounts.oauth import READ, WRITE, Begins, Connected, Taken, Wanted
from gateway.backends.base import reads_only
from gateway.errors import GatewayError, NotFound
from gateway.store import accounts, principals
from gateway.store.accounts import AccountRow
from gateway.sync.calendars import known_since
from gateway.web import sessions
from gateway.web.forms import number
from gateway.web.keys import CLOCK, DATABASE, DESK, OUTSIDE, SEALER, SETTINGS
from gateway.web.pages import rooms
from gateway.web.pages.app import overview
from gateway.web.pages.app.calendars import KINDS
from gateway.web.pages.sign_in_failed import Attempt, sign_in_failed
from gateway.web.sessions import SignedIn
from gateway.web.visitor import link, speak


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


@dataclass(frozen=True, slots=True)
class Before:
    """The account that is to be signed in again."""

    id: int
    access: str
    address: str


async def _before(request: web.Request, signed_in: SignedIn, kind: str) -> Before | None:
    """None for a new account. Raises: NotFound for one that is not theirs."""
    named = request.query.get("account", "")
    if not named:
        return None
    row = await request.app[DATABASE].read(accounts.get, number(named))
    if row is None or row.user_id != signed_in.person.id or row.kind != kind:
        raise NotFound("there is no such account")
    return Before(row.id, READ if reads_only(row.settings) else WRITE, _address(row))


def _address(row: AccountRow) -> str:
    """Whom the provider's page should offer first."""
    known = row.settings.get("primary", "") if row.kind == "google" else row.settings.get("email", "")
    return known if "@" in known else ""


async def start(request: web.Request) -> web.Response:
    """Off to the provider; nothing is changed before the person comes back from there."""
    kind = _kind(request)
    signed_in = await sessions.required(request)
    before = await _before(request, signed_in, kind)
    wanted = Wanted(
        _callback(request),
        request.query.get("access") or (before.access if before else WRITE),
        before.address if before else "",
    )
    begins = Begins(kind, signed_in.person.id, signed_in.session.digest, before.id if before else None)
    app = request.app
    try:
        url = await oauth.start(app[DATABASE], app[SETTINGS], app[SEALER], begins, wanted, int(app[CLOCK]()))
    except GatewayError as error:
        if error.status == 400:
            raise
        words = speak(request).text("{provider} cannot be reached at the moment.", provider=KINDS[kind])
        return await overview(request, signed_in, notice=words, reason=str(error), status=502)
    raise web.HTTPSeeOther(url)


async def callback(request: web.Request) -> web.Response:
    """Back from the provider, in the browser that began."""
    kind = _kind(request)
    signed_in = await sessions.required(request)
    app, now, taken = request.app, int(request.app[CLOCK]()), None
    try:
        state = request.query.get("state", "")
        taken = await oauth.take(
            app[DATABASE], app[SEALER], kind=kind, session=signed_in.session.digest, state=state, now=now
        )
        connected = await oauth.complete(app[SETTINGS], taken, request.query)
        if kind in rooms.KINDS:
            raise web.HTTPSeeOther(await rooms.connect(request, connected))
        before = await app[DATABASE].read(principals.addresses, connected.taken.begun.user)
        account = await _add(request, connected, now)
        await known_since(app[DESK].sync, connected.taken.begun.user, before)
    except GatewayError as error:
        return await sign_in_failed(request, signed_in, _attempt(kind, taken), error)
    app[DESK].sync.bell.ring()
    raise web.HTTPSeeOther(link(f"/app/accounts/{account}", {}, came=_came(connected)))


async def _add(request: web.Request, connected: Connected, now: int) -> int:
    begun = connected.taken.begun
    email = {"email": connected.email} if connected.email else {}
    return await add_account(
        request.app[DATABASE],
        request.app[SEALER],
        request.app[OUTSIDE],
        user=begun.user,
        kind=begun.kind,
        settings={**email, "access": connected.access},
        secret=connected.secret,
        expected=begun.account,
        now=now,
    )


def _attempt(kind: str, taken: Taken | None) -> Attempt:
    return Attempt(kind) if taken is None else Attempt(kind, taken.access, taken.begun.account)


def _came(connected: Connected) -> str:
    """Which words greet the person: less than was asked for was allowed; signed in again; new."""
    if connected.access != connected.taken.access:
        return "less"
    return "new" if connected.taken.begun.account is None else "again"
