"""Requests to Graph: signed in, within the mailbox's limits, errors told apart."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Coroutine, Iterable, Mapping
from typing import Any, Final, TypeVar
from urllib.parse import quote, urlencode, urlsplit

from aiohttp import ClientError, ClientResponse, ClientTimeout
from yarl import URL

from gateway.backends.answers import retry_after
from gateway.backends.base import Outside, Pace
from gateway.backends.outlook.sign_in import AppOnly, SignIn
from gateway.errors import (
    BackendUnavailable,
    Conflict,
    GatewayError,
    InvalidSyncToken,
    ProviderUnreachable,
    ReadOnlyCalendar,
    RefusedByProvider,
    RemoteConflict,
    RemoteGone,
    SignInExpired,
    Throttled,
)

Json = dict[str, Any]
T = TypeVar("T")

TIMEOUT: Final = ClientTimeout(total=60, connect=15)
PREFER: Final = 'IdType="ImmutableId", outlook.body-content-type="text"'
AS_HTML: Final = 'IdType="ImmutableId", outlook.body-content-type="html"'
LOST: Final = frozenset({"syncstatenotfound", "syncstateinvalid", "resyncrequired", "errorinvalidsyncstatedata"})
BUSY: Final = frozenset({"errorserverbusy", "errormailboxstoreunavailable", "errortimeoutexpired"})
DUPLICATE: Final = "errorduplicatetransactionid"


def refusal(method: str, status: int, headers: Mapping[str, str], text: str, mailbox: str = "") -> GatewayError:
    """What an answer that is no success means. mailbox: opened by the application itself, "" by its owner."""
    try:
        error = json.loads(text)["error"]
        code, message = str(error["code"]), str(error["message"])
    except (ValueError, KeyError, TypeError):
        code, message = "", text[:200]
    said = f"Outlook: {message or code or status}"
    if status in {408, 429} or status >= 500 or code.lower() in BUSY:
        kind = Throttled if status == 429 else BackendUnavailable
        return kind(f"Outlook answered {status}: {message or code}", retry_after(headers))
    if status == 410 or code.lower() in LOST:
        return InvalidSyncToken(said)
    if code.lower() == DUPLICATE:
        return Conflict(said)
    if status == 403 and method != "GET" and code == "ErrorAccessDenied":
        return ReadOnlyCalendar(said)
    if status == 403 and mailbox:
        return RefusedByProvider(f"{said} (The application may not open this mailbox: docs/organisations.md)")
    kinds = {401: SignInExpired, 404: RemoteGone, 409: RemoteConflict, 412: RemoteConflict}
    return kinds.get(status, RefusedByProvider)(said)


class StaleToken(SignInExpired):
    """Graph does not take the access token any more; a renewed one may be good."""

    def __init__(self, reason: str, token: str) -> None:
        super().__init__(reason)
        self.token = token


class Graph:
    """pace: each request takes a turn of it. mailbox: whose it is, as Graph names it; "" for that of who signed in."""

    def __init__(self, outside: Outside, sign_in: SignIn | AppOnly, pace: Pace, mailbox: str = "") -> None:
        self._pace = pace
        self._mailbox = mailbox
        self._http = outside.http
        self._root = outside.microsoft.graph_endpoint
        self._ca_file = outside.microsoft.ca_file
        self._sign_in = sign_in
        self._tls: ssl.SSLContext | bool = True

    def url(self, *path: str, query: Mapping[str, str] | None = None) -> str:
        """Ids are percent-encoded; they hold signs that mean something in URLs."""
        asked = f"?{urlencode(query, quote_via=quote, safe='$')}" if query else ""
        return "/".join([self._root, *(quote(part, safe="") for part in path)]) + asked

    def mine(self, *path: str, query: Mapping[str, str] | None = None) -> str:
        """What belongs to the account's own mailbox."""
        whose = ("users", self._mailbox) if self._mailbox else ("me",)
        return self.url(*whose, *path, query=query)

    def relative(self, *path: str) -> str:
        """What belongs to the mailbox without the service's address, as subscriptions name it."""
        whole = self.mine(*path).removeprefix(f"{self._root}/")
        return whole.replace("%3D", "=").replace("%40", "@")

    async def call(
        self, method: str, url: str, *, body: Json | None = None, if_match: str = "", prefer: str = PREFER
    ) -> Json:
        """The answer's JSON, {} if it has none. A token that is past is renewed once.

        url: of ours, or a link just as Graph gave it.
        Raises: BackendUnavailable, SignInExpired, RefusedByProvider, RemoteGone, RemoteConflict, ReadOnlyCalendar,
        Conflict for a transaction that made another event, InvalidSyncToken for a link that is no more.
        """
        self._check_host(url)
        headers = {"Prefer": prefer, "Accept": "application/json", **({"If-Match": if_match} if if_match else {})}
        try:
            text = await self._answer(method, url, body, headers)
        except StaleToken as stale:
            text = await self._answer(method, url, body, headers, refused=stale.token)
        try:
            return dict(json.loads(text)) if text else {}
        except (ValueError, TypeError) as error:
            raise BackendUnavailable("Outlook's answer is not JSON") from error

    async def _answer(
        self, method: str, url: str, body: Json | None, headers: Mapping[str, str], *, refused: str = ""
    ) -> str:
        """Every request goes through here. refused: the token that was not taken the last time."""
        async with self._pace.turn(), self._sign_in.places:
            token = await self._sign_in.token(refused=refused)
            status, answered, text = await self._send(method, url, body, headers, token)
            if 200 <= status < 300:
                return text
            error = refusal(method, status, answered, text, self._mailbox)
            raise StaleToken(str(error), token) if status == 401 and not refused else error

    def _check_host(self, url: str) -> None:
        """The token goes to the service that was set and to nobody else, whatever a link says."""
        given, known = urlsplit(url), urlsplit(self._root)
        if (given.scheme, given.netloc.lower()) != (known.scheme, known.netloc.lower()):
            raise RefusedByProvider(f"Outlook sent us on to another host: {given.netloc}")

    async def _send(
        self, method: str, url: str, body: Json | None, headers: Mapping[str, str], token: str
    ) -> tuple[int, Mapping[str, str], str]:
        tls = await self._context()
        signed = {**headers, "Authorization": f"Bearer {token}"}
        try:
            async with self._http.request(
                method,
                URL(url, encoded=True),
                json=body,
                headers=signed,
                timeout=TIMEOUT,
                ssl=tls,
                allow_redirects=False,
            ) as answer:
                return await _read(answer)
        except (ClientError, TimeoutError, OSError) as error:
            raise ProviderUnreachable(f"Outlook cannot be reached: {error or type(error).__name__}") from error

    async def _context(self) -> ssl.SSLContext | bool:
        if self._ca_file is not None and self._tls is True:
            self._tls = await asyncio.to_thread(ssl.create_default_context, cafile=str(self._ca_file))
        return self._tls

    async def pages(self, url: str, *, prefer: str = PREFER) -> AsyncIterator[Json]:
        """Every page from `url` on; the links are followed as given."""
        link: str | None = url
        while link:
            page = await self.call("GET", link, prefer=prefer)
            yield page
            link = page.get("@odata.nextLink")

    async def rows(self, url: str) -> list[Json]:
        return [row async for page in self.pages(url) for row in page.get("value", [])]


async def _read(answer: ClientResponse) -> tuple[int, Mapping[str, str], str]:
    return answer.status, answer.headers, await answer.text()


async def together(work: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """All results in order; the first error ends the others."""
    tasks = [asyncio.ensure_future(one) for one in work]
    try:
        return list(await asyncio.gather(*tasks))
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
