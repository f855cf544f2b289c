"""Signing in at a provider's own page (RFC 6749 4.1 with PKCE, RFC 9700).

A sign-in belongs to one person, one session and one provider, ends after ten minutes and is finished once.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from gateway.accounts.oauth import google, microsoft
from gateway.accounts.oauth.flow import Begun, Granted, read_flow
from gateway.accounts.passwords import digest
from gateway.accounts.sealed import Sealer
from gateway.config import Settings
from gateway.errors import InvalidRequest, NotFound
from gateway.store import sessions
from gateway.store.database import Database

__all__ = ["PROVIDERS", "Connected", "finish", "start"]

LASTS: Final = 600


@dataclass(frozen=True, slots=True)
class Provider:
    """begin, complete: block, and may ask the provider."""

    name: str
    begin: Callable[[Settings, str, str], Begun]
    complete: Callable[[Settings, Mapping[str, Any], Mapping[str, str]], Granted]


PROVIDERS: Final[Mapping[str, Provider]] = {
    "google": Provider("Google", google.begin, google.complete),
    "outlook": Provider("Microsoft", microsoft.begin, microsoft.complete),
}


@dataclass(frozen=True, slots=True)
class Connected:
    """user: who began it. email: who signed in there, "" if the provider does not say. secret: for add_account."""

    user: int
    kind: str
    email: str
    secret: str = field(repr=False)


async def start(
    db: Database,
    settings: Settings,
    sealer: Sealer,
    *,
    kind: str,
    user: int,
    session: str,
    redirect_uri: str,
    now: int,
    login_hint: str = "",
) -> str:
    """The URL to send the person to.

    kind: of account. session: what only the browser that begins it has. redirect_uri: one for each kind.
    Raises: NotFound, ConfigError, BackendUnavailable.
    """
    provider = _provider(kind)
    begun = await asyncio.to_thread(provider.begin, settings, redirect_uri, login_hint)
    sign_in = sessions.SignIn(
        digest=digest(begun.state),
        user_id=user,
        kind=kind,
        session=digest(session),
        flow=sealer.seal(begun.kept),
        expires=now + LASTS,
    )
    await db.write(sessions.begin_sign_in, sign_in, now)
    return begun.url


async def finish(
    db: Database,
    settings: Settings,
    sealer: Sealer,
    *,
    kind: str,
    session: str,
    query: Mapping[str, str],
    now: int,
) -> Connected:
    """What the provider granted. query: of the request to the redirect URI.

    Raises: InvalidRequest, BackendUnavailable; the sign-in is over in any case.
    """
    provider = _provider(kind)
    sign_in = await db.write(sessions.take_sign_in, digest(query.get("state", "")), now)
    if sign_in is None or sign_in.kind != kind or sign_in.session != digest(session):
        raise InvalidRequest("this sign-in has expired, or was begun in another browser; please start again")
    if "error" in query or "code" not in query:
        raise InvalidRequest(f"{provider.name} did not give access; please start again and allow it")
    granted = await asyncio.to_thread(provider.complete, settings, read_flow(sealer.open(sign_in.flow)), query)
    return Connected(sign_in.user_id, kind, granted.email, granted.secret)


def _provider(kind: str) -> Provider:
    if kind not in PROVIDERS:
        raise NotFound("there is no such provider")
    return PROVIDERS[kind]
