"""Requests to Zoom, and what its answers mean."""

import asyncio
import json
import ssl
from base64 import b64encode
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from aiohttp import ClientError, ClientSession, ClientTimeout

from gateway.backends.answers import LONGEST_WAIT, retry_after
from gateway.config import Zoom
from gateway.errors import (
    AccessTooNarrow,
    BackendUnavailable,
    GatewayError,
    ProviderUnreachable,
    RefusedByProvider,
    RemoteGone,
    SignInExpired,
    Throttled,
)

Json = dict[str, Any]

TIMEOUT: Final = ClientTimeout(total=20, connect=10)
NO_MEETING: Final = 3001
NO_USER: Final = 1001
SCOPES: Final = frozenset({4700, 4711})
"""Codes of answers to a token that allows too little."""


def refusal(status: int, headers: Mapping[str, str], text: str, now: float) -> GatewayError:
    """What an answer that is no success means. now: epoch seconds."""
    try:
        error = json.loads(text)
        code, message = int(error["code"]), str(error["message"])
    except (ValueError, KeyError, TypeError):
        code, message = 0, text[:200]
    said = f"Zoom: {message or status}"
    if status == 429:
        return Throttled(said, wait_of(headers, now))
    if status == 408 or status >= 500:
        return BackendUnavailable(f"Zoom answered {status}: {message}", retry_after(headers))
    if code in SCOPES:
        return AccessTooNarrow(f"{said} The app needs the permissions that docs/rooms.md lists.")
    if status == 401:
        return SignInExpired(said)
    if code == NO_MEETING:
        return RemoteGone(said)
    return RefusedByProvider(said)


def wait_of(headers: Mapping[str, str], now: float) -> float | None:
    """Of a daily limit Zoom says the very time, as 2026-11-25T00:00:00Z, in a header that should have seconds."""
    value = next((value for name, value in headers.items() if name.lower() == "retry-after"), "").strip()
    try:
        until = datetime.fromisoformat(value)
    except ValueError:
        return retry_after(headers)
    aware = until if until.tzinfo else until.replace(tzinfo=UTC)
    return min(LONGEST_WAIT, max(0.0, aware.timestamp() - now))


class Wire:
    """clock: epoch seconds."""

    def __init__(self, http: ClientSession, settings: Zoom, clock: Callable[[], float]) -> None:
        self.clock = clock
        self.settings = settings
        self._http = http
        self._tls: ssl.SSLContext | bool = True

    async def ask_token(self, asked: Mapping[str, str]) -> tuple[int, Json]:
        """The token endpoint's status and answer; what is worth asking again is raised.

        Raises: BackendUnavailable.
        """
        status, headers, text = await self._send(
            "POST", self.settings.token_uri, form=asked, headers={"Accept": "application/json", **self._client()}
        )
        if status in {408, 429} or status >= 500:
            raise refusal(status, headers, text, self.clock())
        try:
            return status, dict(json.loads(text))
        except (ValueError, TypeError) as error:
            raise BackendUnavailable(f"Zoom's sign-in answered {status} without JSON") from error

    async def end(self, token: str) -> bool:
        """Ends the sign-in there; whether Zoom says so."""
        status, _, _ = await self._send("POST", self.settings.revoke_uri, form={"token": token}, headers=self._client())
        return status == 200

    def _client(self) -> dict[str, str]:
        client = f"{self.settings.client_id}:{self.settings.client_secret.get_secret_value()}"
        return {"Authorization": f"Basic {b64encode(client.encode()).decode()}"}

    async def call(
        self, method: str, path: str, token: str, body: Json | None = None, query: Mapping[str, str] | None = None
    ) -> Json:
        """path: behind the API's address. Raises: see `refusal`."""
        headers = {"Accept": "application/json", "Authorization": f"Bearer {token}"}
        url = self.settings.api_endpoint + path
        status, answered, text = await self._send(method, url, headers=headers, body=body, query=query)
        if not 200 <= status < 300:
            raise refusal(status, answered, text, self.clock())
        try:
            return dict(json.loads(text)) if text else {}
        except (ValueError, TypeError) as error:
            raise BackendUnavailable("Zoom's answer is not JSON") from error

    async def _send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: Json | None = None,
        form: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> tuple[int, Mapping[str, str], str]:
        tls = await self._context()
        try:
            async with self._http.request(
                method,
                url,
                json=body,
                data=None if form is None else dict(form),
                params=dict(query or {}),
                headers=headers,
                timeout=TIMEOUT,
                ssl=tls,
                allow_redirects=False,
            ) as answer:
                return answer.status, answer.headers, await answer.text()
        except (ClientError, TimeoutError, OSError) as error:
            raise ProviderUnreachable(f"Zoom cannot be reached: {error or type(error).__name__}") from error

    async def _context(self) -> ssl.SSLContext | bool:
        ca_file = self.settings.ca_file
        if ca_file is not None and self._tls is True:
            self._tls = await asyncio.to_thread(ssl.create_default_context, cafile=str(ca_file))
        return self._tls
