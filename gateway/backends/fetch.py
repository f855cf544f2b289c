"""Requests to addresses that people typed in: feeds, CalDAV servers, webhooks.

Such an address must not lead into the network we stand in. What counts is the address a connection is really made
to, so it is checked there and then, on every redirect too: a name that resolves differently a moment later, or an odd
spelling of 127.0.0.1, gains nothing.
"""

import socket
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from types import TracebackType
from typing import Final, Self

from aiohttp import (
    AddrInfoType,
    ClientConnectorError,
    ClientError,
    ClientResponse,
    ClientSession,
    ClientSSLError,
    ClientTimeout,
    DigestAuthMiddleware,
    DummyCookieJar,
    TCPConnector,
)
from multidict import CIMultiDictProxy
from yarl import URL

from gateway.backends.answers import retry_after
from gateway.backends.base import UNPACED, Pace
from gateway.errors import (
    BackendError,
    BackendUnavailable,
    GatewayError,
    InvalidRequest,
    ProviderUnreachable,
    RefusedByProvider,
    RemoteConflict,
    RemoteGone,
    SignInExpired,
)

MAX_REDIRECTS: Final = 3
MAX_BYTES: Final = 10_000_000
TIMEOUT: Final = ClientTimeout(total=30, sock_connect=10)
USER_AGENT: Final = "gateway-calendar"
REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
LATER: Final = frozenset({408, 421, 423, 425, 429})
AILING: Final = frozenset({429, 500, 502, 503, 504})
NAT64: Final = IPv6Network("64:ff9b::/96")

Networks = Sequence[IPv4Network | IPv6Network]


@dataclass(frozen=True, slots=True)
class Login:
    username: str
    password: str


@dataclass(frozen=True, slots=True)
class Answer:
    """body: decompressed. url: where it came from in the end."""

    status: int
    headers: CIMultiDictProxy[str]
    body: bytes
    url: str

    @property
    def host(self) -> str:
        return URL(self.url, encoded=True).host or ""


@dataclass(frozen=True, slots=True)
class Hop:
    """One request, before any redirect. limit, enough: as for Outgoing.request."""

    method: str
    target: URL
    headers: Mapping[str, str]
    body: bytes | None
    limit: int
    enough: Callable[[bytes], bool] | None


class Ailing(BackendUnavailable):
    """An answer that says that the server does not fare well."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(f"{answer.host} answered {answer.status}", retry_after(answer.headers))
        self.answer = answer


def check_health(answer: Answer) -> None:
    """Raises: Ailing."""
    if answer.status in AILING:
        raise Ailing(answer)


class PrivateAddressError(OSError):
    """The name leads to an address that is not on the public Internet."""


def embedded(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address that traffic to this IPv6 address ends at, if that is its kind; else the address itself."""
    if isinstance(address, IPv4Address):
        return address
    if address in NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


def is_public(address: IPv4Address | IPv6Address) -> bool:
    inner = embedded(address)
    inside = inner.is_private or inner.is_multicast or inner.is_reserved or inner.is_unspecified
    if isinstance(inner, IPv6Address):
        inside = inside or inner.is_site_local or inner.teredo is not None
    return inner.is_global and not inside


def permitted(address: str, allowed: Networks) -> bool:
    """Whether we may connect to this resolved address.

    allowed: networks that are fine although they are not public.
    """
    parsed = ip_address(address.partition("%")[0])
    return is_public(parsed) or any(embedded(parsed) in network or parsed in network for network in allowed)


def checked_socket(allowed: Networks) -> Callable[[AddrInfoType], socket.socket]:
    """Makes the sockets of a connector; refuses those that would lead inside."""

    def make(target: AddrInfoType) -> socket.socket:
        family, kind, protocol, _, address = target
        if not permitted(str(address[0]), allowed):
            raise PrivateAddressError("not a public address")
        return socket.socket(family, kind, protocol)

    return make


def split_allowed(entries: Sequence[str]) -> tuple[frozenset[str], list[IPv4Network | IPv6Network]]:
    """Host names, and networks, of the setting [limits] private_networks."""
    names, networks = set(), []
    for entry in entries:
        try:
            networks.append(ip_network(entry, strict=False))
        except ValueError:
            names.add(entry.lower())
    return frozenset(names), networks


def web_address(text: str, base: URL | None = None) -> URL:
    """An absolute http(s) URL, its path spelled as given where that is possible; no fragment.

    base: what a relative one is relative to.
    Raises: InvalidRequest.
    """
    try:
        url = URL(text, encoded=text.isascii() and " " not in text)
        if base is not None:
            url = base.join(url)
    except ValueError as error:
        raise InvalidRequest(f"{text!r} is not a web address") from error
    if url.scheme not in {"http", "https"} or not url.host:
        raise InvalidRequest("only addresses that start with http:// or https:// can be fetched")
    return url.with_fragment(None)


def origin(url: URL) -> tuple[str, str, int]:
    return url.scheme, (url.host or "").lower(), url.port or 0


def refusal(answer: Answer) -> BackendError | GatewayError | None:
    """The error that a status stands for; None: there is nothing wrong."""
    status, host = answer.status, answer.host
    if status < 300 or status == HTTPStatus.NOT_MODIFIED:
        return None
    if status in LATER or (status >= 500 and status != HTTPStatus.INSUFFICIENT_STORAGE):
        return BackendUnavailable(f"{host} answered {status}", retry_after(answer.headers))
    match status:
        case 401 | 407:
            return SignInExpired(f"{host} does not accept the user name and password")
        case 404 | 410:
            return RemoteGone(f"{host} has nothing at this address any more ({status})")
        case 412:
            return RemoteConflict(f"the copy at {host} changed meanwhile")
        case _:
            return RefusedByProvider(f"{host} refused ({status})")


class Outgoing:
    """One conversation with a host and where it redirects to; connections are kept while it lasts.

    private_networks: hosts and networks allowed although they are not public.
    login: told only to the origin of the first request, and to those named to trust().
    pace: each request takes a turn of it. redirects: how many are followed.
    """

    def __init__(
        self,
        private_networks: Sequence[str] = (),
        login: Login | None = None,
        timeout: ClientTimeout = TIMEOUT,
        pace: Pace = UNPACED,
        redirects: int = MAX_REDIRECTS,
    ) -> None:
        self._pace = pace
        self._redirects = redirects
        self._names, self._networks = split_allowed(private_networks)
        self._login = login
        self._timeout = timeout
        self._trusted: set[tuple[str, str, int]] = set()
        self._basic = False
        self._digest: DigestAuthMiddleware | None = None
        self._sessions: dict[bool, ClientSession] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for session in self._sessions.values():
            await session.close()

    def trust(self, url: str) -> None:
        """Lets this URL's origin see the login too."""
        self._trusted.add(origin(web_address(url)))

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        limit: int = MAX_BYTES,
        enough: Callable[[bytes], bool] | None = None,
    ) -> Answer:
        """The answer, after at most so many redirects; any status.

        limit: bytes of body after decompression.
        enough: told the body so far; reading stops where it says so.
        Raises: BackendUnavailable, RefusedByProvider, InvalidRequest.
        """
        target = web_address(url).with_user(None)
        if not self._trusted:
            self._trusted.add(origin(target))
            self._basic = target.scheme == "https"
        for _ in range(self._redirects + 1):
            answer = await self._paced(Hop(method, target, dict(headers or {}), body, limit, enough))
            location = answer.headers.get("Location")
            if answer.status not in REDIRECTS or location is None:
                return answer
            following = web_address(location, base=target).with_user(None)
            self._trust_upgrade(target, following)
            target = following
            if answer.status == HTTPStatus.SEE_OTHER:
                method, body = "GET", None
        raise RefusedByProvider(f"{target.host} redirects more than {self._redirects} times")

    def _trust_upgrade(self, before: URL, after: URL) -> None:
        """http to https on one host, both on their usual ports, is one and the same server."""
        upgraded = before.scheme == "http" and after.scheme == "https" and before.host == after.host
        if upgraded and before.is_default_port() and after.is_default_port() and origin(before) in self._trusted:
            self._trusted.add(origin(after))
            self._basic = True

    async def _paced(self, hop: Hop) -> Answer:
        try:
            async with self._pace.turn():
                answer = await self._hop(hop)
                check_health(answer)
        except Ailing as error:
            return error.answer
        return answer

    async def _hop(self, hop: Hop) -> Answer:
        host = hop.target.host or ""
        try:
            answer = await self._send(hop)
            if answer.status == HTTPStatus.UNAUTHORIZED and self._learn(answer, hop.target):
                answer = await self._send(hop)
        except TimeoutError as error:
            raise ProviderUnreachable(f"{host} did not answer in time") from error
        except ClientSSLError as error:
            raise BackendUnavailable(f"the certificate of {host} cannot be verified") from error
        except ClientConnectorError as error:
            if isinstance(error.os_error, PrivateAddressError):
                reason = f"{host} is not a public address; [limits] private_networks can allow it"
                raise RefusedByProvider(reason) from error
            raise ProviderUnreachable(f"{host} cannot be reached: {error.os_error.strerror or 'no answer'}") from error
        except (ClientError, OSError, ValueError) as error:
            raise BackendUnavailable(f"{host} answered what is no proper HTTP: {type(error).__name__}") from error
        return answer

    def _learn(self, answer: Answer, target: URL) -> bool:
        """Whether the server's challenge names a way to sign in that was not tried yet."""
        if self._login is None or origin(target) not in self._trusted:
            return False
        offered = " ".join(answer.headers.getall("WWW-Authenticate", [])).lower()
        if "digest" in offered and self._digest is None and ":" not in self._login.username:
            self._digest, self._basic = DigestAuthMiddleware(self._login.username, self._login.password), False
            return True
        if "basic" in offered and not self._basic and self._digest is None:
            self._basic = True
            return True
        return False

    async def _send(self, hop: Hop) -> Answer:
        target, headers = hop.target, hop.headers
        trusted = self._login is not None and origin(target) in self._trusted
        if trusted and self._basic and self._login is not None:
            pair = f"{self._login.username}:{self._login.password}".encode()
            headers = {**headers, "Authorization": f"Basic {b64encode(pair).decode()}"}
        middlewares = (self._digest,) if trusted and self._digest is not None else ()
        session = self._session((target.host or "").lower() in self._names)
        async with session.request(
            hop.method, target, headers=headers, data=hop.body, allow_redirects=False, middlewares=middlewares
        ) as response:
            content = await read(response, hop.limit, hop.enough)
            return Answer(response.status, response.headers, content, str(response.url))

    def _session(self, allowed_by_name: bool) -> ClientSession:
        if allowed_by_name not in self._sessions:
            factory = None if allowed_by_name else checked_socket(self._networks)
            self._sessions[allowed_by_name] = ClientSession(
                connector=TCPConnector(socket_factory=factory, limit=4),
                cookie_jar=DummyCookieJar(),
                headers={"User-Agent": USER_AGENT},
                timeout=self._timeout,
                requote_redirect_url=False,
            )
        return self._sessions[allowed_by_name]


async def read(response: ClientResponse, limit: int, enough: Callable[[bytes], bool] | None) -> bytes:
    """The body, decompressed piece by piece, so that a small answer cannot become a huge one.

    Raises: RefusedByProvider beyond `limit`.
    """
    content = bytearray()
    async for chunk in response.content.iter_chunked(65_536):
        content += chunk
        if len(content) > limit:
            response.close()
            raise RefusedByProvider(f"{response.url.host} sent more than {limit // 1_000_000} MB")
        if enough is not None and enough(bytes(content)):
            response.close()
            break
    return bytes(content)
