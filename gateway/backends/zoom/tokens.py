"""Access tokens of Zoom: of the app itself (server-to-server), or of somebody who signed in."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, Protocol

from gateway.backends.zoom.wire import Json, Wire
from gateway.config import Zoom
from gateway.errors import BackendUnavailable, RefusedByProvider, SignInExpired

EARLY: Final = 60.0
"""Seconds before its end that a token counts as over: it has to last for the request."""


class Tokens(Protocol):
    async def token(self, refused: str = "") -> str:
        """One that is good now. refused: one that Zoom did not take, not to be given again.

        Raises: BackendUnavailable, SignInExpired, RefusedByProvider.
        """
        ...


class AppTokens:
    """Of a server-to-server app. They last an hour, cannot be renewed, and a new one may end the one before, so there
    is one at a time for everybody.
    """

    def __init__(self, wire: Wire, settings: Zoom) -> None:
        self._wire = wire
        self._settings = settings
        self._lock = asyncio.Lock()
        self._token = ""
        self._until = 0.0

    async def token(self, refused: str = "") -> str:
        async with self._lock:
            if not self._token or self._token == refused or self._until <= self._wire.clock():
                await self._fetch()
            return self._token

    async def _fetch(self) -> None:
        asked = {"grant_type": "account_credentials", "account_id": self._settings.account_id}
        status, answer = await self._wire.ask_token(asked)
        if status != 200:
            said = answer.get("reason") or answer.get("error") or status
            raise RefusedByProvider(f"Zoom gives the server-to-server app of [zoom] no token: {said}")
        self._token = str(answer["access_token"])
        self._until = self._wire.clock() + float(answer["expires_in"]) - EARLY


class UserTokens:
    """Of somebody who signed in. Each renewal brings another refresh token, and ends the one before.

    secret: JSON of access_token, refresh_token and until (epoch seconds). save: keeps a renewed secret before it is
    used. stored: the secret as it is kept now; another process may have renewed it.
    """

    def __init__(
        self, wire: Wire, secret: str, save: Callable[[str], Awaitable[None]], stored: Callable[[], Awaitable[str]]
    ) -> None:
        self._wire = wire
        self._held = read_secret(secret)
        self._save = save
        self._stored = stored
        self._lock = asyncio.Lock()

    async def token(self, refused: str = "") -> str:
        async with self._lock:
            if not self._good(refused):
                self._held = read_secret(await self._stored())
            if not self._good(refused):
                await self._renew()
            return str(self._held["access_token"])

    def _good(self, refused: str) -> bool:
        token = self._held.get("access_token")
        return bool(token) and token != refused and float(self._held.get("until", 0)) > self._wire.clock()

    async def _renew(self) -> None:
        """Where Zoom refuses because another process was quicker, what that one has got is good."""
        asked = {"grant_type": "refresh_token", "refresh_token": str(self._held["refresh_token"])}
        status, answer = await self._wire.ask_token(asked)
        if status != 200:
            now = read_secret(await self._stored())
            if now["refresh_token"] != self._held["refresh_token"]:
                self._held = now
                return
            said = answer.get("reason") or answer.get("error") or status
            raise SignInExpired(f"Zoom no longer accepts the sign-in ({said}): connect Zoom again")
        self._held = kept(answer, self._wire.clock())
        await self._save(json.dumps(self._held))


def kept(answer: Mapping[str, Any], now: float) -> Json:
    """Of a token answer, what is kept. Raises: BackendUnavailable for an answer that is none."""
    try:
        until = now + float(answer["expires_in"]) - EARLY
        return {"access_token": answer["access_token"], "refresh_token": answer["refresh_token"], "until": until}
    except (KeyError, TypeError, ValueError) as error:
        raise BackendUnavailable("Zoom's sign-in gave an answer without tokens") from error


def read_secret(secret: str) -> Json:
    """Raises: SignInExpired for one that is none."""
    try:
        held = json.loads(secret)
        return {"until": 0, **held, "refresh_token": held["refresh_token"]}
    except (ValueError, KeyError, TypeError) as error:
        raise SignInExpired("There is no sign-in at Zoom stored: connect Zoom again") from error
