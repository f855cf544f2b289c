"""Signing in at a provider's own page (RFC 6749 4.1 with PKCE, RFC 9700).

A sign-in belongs to one person, one session and one provider, ends after ten minutes and is finished once.
"""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from gateway.accounts.oauth import google, microsoft, zoom
from gateway.accounts.oauth.flow import ACCESS, READ, WRITE, Begun, Granted, Wanted, read_flow
from gateway.accounts.passwords import digest
from gateway.accounts.sealed import Sealer
from gateway.config import Settings
from gateway.errors import InvalidRequest, NotFound, SignInFailed
from gateway.store import sessions
from gateway.store.database import Database

__all__ = [
    "ACCESS",
    "PROVIDERS",
    "READ",
    "WRITE",
    "Begins",
    "Connected",
    "Taken",
    "Wanted",
    "complete",
    "start",
    "take",
]

LASTS: Final = 600


@dataclass(frozen=True, slots=True)
class Provider:
    """begin, complete: block, and may ask the provider."""

    name: str
    begin: Callable[[Settings, Wanted], Begun]
    complete: Callable[[Settings, Mapping[str, Any], Mapping[str, str]], Granted]


PROVIDERS: Final[Mapping[str, Provider]] = {
    "google": Provider("Google", google.begin, google.complete),
    "outlook": Provider("Microsoft", microsoft.begin, microsoft.complete),
    "zoom": Provider("Zoom", zoom.begin, zoom.complete),
}


@dataclass(frozen=True, slots=True)
class Begins:
    """Who begins a sign-in, and what for.

    kind: of account. session: what only the browser that begins it has. account: the one to be signed in again, None
    for a new one.
    """

    kind: str
    user: int
    session: str
    account: int | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """A sign-in that came back. access: what was asked for."""

    begun: Begins
    access: str
    flow: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Connected:
    """What the provider granted. email: who signed in there, "" if the provider does not say. secret: for add_account.
    access: what was allowed, READ or WRITE.
    """

    taken: Taken
    access: str
    email: str
    secret: str = field(repr=False)


async def start(db: Database, settings: Settings, sealer: Sealer, begins: Begins, wanted: Wanted, now: int) -> str:
    """The URL to send the person to. wanted.redirect_uri: one for each kind.

    Raises: NotFound, InvalidRequest, ConfigError, BackendUnavailable.
    """
    provider = _provider(begins.kind)
    if wanted.access not in ACCESS:
        raise InvalidRequest("an account is connected for reading (read), or for reading and writing (write)")
    begun = await asyncio.to_thread(provider.begin, settings, wanted)
    kept = {"account": begins.account, "access": wanted.access, "flow": begun.kept}
    sign_in = sessions.SignIn(
        digest=digest(begun.state),
        user_id=begins.user,
        kind=begins.kind,
        session=digest(begins.session),
        flow=sealer.seal(json.dumps(kept)),
        expires=now + LASTS,
    )
    await db.write(sessions.begin_sign_in, sign_in, now)
    return begun.url


async def take(db: Database, sealer: Sealer, *, kind: str, session: str, state: str, now: int) -> Taken:
    """The sign-in that an answer belongs to; it is over in any case. state: of the request to the redirect URI.

    Raises: NotFound, SignInFailed.
    """
    _provider(kind)
    sign_in = await db.write(sessions.take_sign_in, digest(state), now)
    if sign_in is None or sign_in.kind != kind or sign_in.session != digest(session):
        words = "this sign-in has expired, or was begun in another browser; please start again"
        raise SignInFailed(words, "expired")
    kept = read_flow(sealer.open(sign_in.flow))
    begun = Begins(kind, sign_in.user_id, session, kept["account"])
    return Taken(begun, kept["access"], read_flow(kept["flow"]))


async def complete(settings: Settings, taken: Taken, query: Mapping[str, str]) -> Connected:
    """What the provider granted. query: of the request to the redirect URI.

    Raises: SignInFailed, BackendUnavailable.
    """
    provider = _provider(taken.begun.kind)
    if "error" in query or "code" not in query:
        raise SignInFailed(f"{provider.name} did not give access; please start again and allow it", "denied")
    granted = await asyncio.to_thread(provider.complete, settings, taken.flow, query)
    return Connected(taken, granted.access, granted.email, granted.secret)


def _provider(kind: str) -> Provider:
    if kind not in PROVIDERS:
        raise NotFound("there is no such provider")
    return PROVIDERS[kind]
