"""Hands messages to push services (RFC 8030 5), and says how that ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from http import HTTPStatus
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from aiohttp import ClientTimeout

from gateway.backends.answers import retry_after
from gateway.backends.fetch import Outgoing, permitted, split_allowed
from gateway.config import is_loopback
from gateway.errors import BackendUnavailable, GatewayError, InvalidSubscription
from gateway.webpush.encrypt import CODING

LONGEST: Final = 2_000
ANSWER: Final = 100_000
TTL: Final = 24 * 3600
"""Seconds that a push service keeps a message for who is offline; later they would look by themselves anyway."""
TIMEOUT: Final = ClientTimeout(total=20, sock_connect=10)
GONE: Final = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})
LATER: Final = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS})


class End(Enum):
    """GONE: nobody is there any more. FAILED: perhaps another time."""

    TAKEN = auto()
    GONE = auto()
    FAILED = auto()


@dataclass(frozen=True, slots=True)
class Outcome:
    """retry_after: seconds, as the push service says."""

    end: End
    retry_after: float | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """body: encrypted. topic: a later message of the same one takes its place; urgency: RFC 8030 5.3."""

    resource: str
    body: bytes
    authorization: str
    topic: str
    urgency: str = "normal"


def check_resource(text: str, private_networks: Sequence[str]) -> str:
    """The push resource, if something may be sent to it: https, and no address of our own network.

    What its host name leads to is looked at whenever a connection is made. private_networks: allowed all the same;
    this very machine then without TLS, too.
    Raises: InvalidSubscription.
    """
    url = text.strip()
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError as error:
        raise InvalidSubscription("a push-resource is a URL") from error
    if not host or len(url) > LONGEST or "@" in parts.netloc or not url.isascii() or " " in url:
        raise InvalidSubscription("a push-resource is a URL with a host and without a password")
    inside = not _reachable(host, private_networks)
    if inside or not (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host))):
        raise InvalidSubscription("a push-resource is a public https address")
    return url


def _reachable(host: str, private_networks: Sequence[str]) -> bool:
    names, networks = split_allowed(private_networks)
    try:
        ip_address(host)
    except ValueError:
        return host.lower() != "localhost" or "localhost" in names
    return permitted(host, networks)


async def post(out: Outgoing, message: Message) -> Outcome:
    headers = {
        "Authorization": message.authorization,
        "Content-Encoding": CODING,
        "Content-Type": 'application/xml; charset="UTF-8"',
        "TTL": str(TTL),
        "Topic": message.topic,
        "Urgency": message.urgency,
    }
    try:
        answer = await out.request("POST", message.resource, headers=headers, body=message.body, limit=ANSWER)
    except BackendUnavailable as error:
        return Outcome(End.FAILED, error.retry_after, str(error))
    except GatewayError as error:
        return Outcome(End.FAILED, None, str(error))
    if 200 <= answer.status < 300:
        return Outcome(End.TAKEN)
    reason = f"{answer.host} answered {answer.status}"
    if answer.status in GONE:
        return Outcome(End.GONE, None, reason)
    wait = retry_after(answer.headers) if answer.status in LATER or answer.status >= 500 else None
    return Outcome(End.FAILED, wait, reason)
