"""Hands mails to the mail server."""

import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.policy import SMTPUTF8
from typing import Final
from urllib.parse import unquote, urlsplit

import aiosmtplib
from aiosmtplib import errors

from gateway.config import is_loopback
from gateway.errors import ConfigError, MailRefused, MailUnavailable
from gateway.scheduling.addresses import one_address

ADDRESSED: Final = ("From", "Sender", "To", "Reply-To")
TIMEOUT: Final = 30.0  # seconds for each step of the conversation


@dataclass(frozen=True, slots=True)
class Server:
    """tls: from the first byte on (smtps); otherwise STARTTLS wherever the server offers it."""

    host: str
    port: int
    tls: bool = False
    username: str = ""
    password: str = ""


def server(url: str) -> Server:
    """The server of a setting such as smtp://user:password@mail.example.com:587. Raises: ConfigError."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ConfigError("[mail] smtp_url: not a URL such as smtp://mail.example.com:587") from error
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname or parts.path.strip("/") or parts.query:
        raise ConfigError("[mail] smtp_url: must be smtp://[USER:PASSWORD@]HOST[:PORT], or smtps:// for TLS")
    tls = parts.scheme == "smtps"
    return Server(
        parts.hostname,
        port or (465 if tls else 587 if parts.username else 25),
        tls,
        unquote(parts.username or ""),
        unquote(parts.password or ""),
    )


async def deliver(
    message: EmailMessage,
    *,
    sender: str,
    recipient: str,
    to: Server,
    timeout: float = TIMEOUT,  # noqa: ASYNC109 - of each step, which only the client can count
    trust: ssl.SSLContext | None = None,
    sign: Callable[[bytes], bytes] | None = None,
) -> None:
    """Gives one mail for one recipient to the mail server; once this returns the server answers for it.

    sender, recipient: of the envelope. trust: certificates to accept, None: those of the system.
    sign: puts a signature in front of the mail as it goes out.
    A password is never sent without TLS, but to this very machine. Addresses with other letters than those of ASCII
    need a server that takes them (SMTPUTF8, RFC 6531).
    Raises: MailRefused (never try again), MailUnavailable (later), InvalidRequest (an address is none).
    """
    envelope = one_address(sender), [one_address(recipient, wide=True)]
    wide = not envelope[1][0].isascii() or _is_wide(message)
    content = message.as_bytes(policy=SMTPUTF8 if wide else SMTP_POLICY)
    if sign is not None:
        content = sign(content)
    async with _conversation(to, timeout, trust) as client:
        await client.sendmail(*envelope, content, mail_options=["SMTPUTF8"] if wide else [])


def _is_wide(message: EmailMessage) -> bool:
    """Whether an address in its head has letters that are not in ASCII."""
    found = (one for name in ADDRESSED for header in message.get_all(name, []) for one in header.addresses)
    return not all(address.addr_spec.isascii() for address in found)


async def greet(to: Server, *, trust: ssl.SSLContext | None = None) -> None:
    """Connects and signs in, to see whether that works; sends nothing. Raises: MailRefused, MailUnavailable."""
    async with _conversation(to, TIMEOUT, trust):
        return


@asynccontextmanager
async def _conversation(to: Server, timeout: float, trust: ssl.SSLContext | None) -> AsyncIterator[aiosmtplib.SMTP]:  # noqa: ASYNC109
    client = aiosmtplib.SMTP(
        hostname=to.host,
        port=to.port,
        use_tls=to.tls,
        start_tls=None if not to.tls else False,
        timeout=timeout,
        tls_context=trust,
    )
    try:
        async with client:
            if to.username:
                await _sign_in(client, to)
            yield client
    except errors.SMTPRecipientsRefused as error:
        raise _answered(error.recipients[0]) from error
    except (errors.SMTPAuthenticationError, errors.SMTPConnectResponseError, errors.SMTPHeloError) as error:
        raise MailUnavailable(_said(error)) from error  # nothing is wrong with the mail
    except errors.SMTPResponseException as error:
        raise _answered(error) from error
    except errors.SMTPNotSupported as error:
        raise MailRefused(f"the mail server cannot do what is needed: {error}") from error
    except (errors.SMTPException, OSError) as error:
        raise MailUnavailable(f"the mail server {to.host} does not answer properly: {error}") from error


async def _sign_in(client: aiosmtplib.SMTP, to: Server) -> None:
    if client.get_transport_info("ssl_object") is None and not is_loopback(to.host):
        raise MailRefused(f"the mail server {to.host} offers no TLS, so the password was not sent")
    await client.login(to.username, to.password)


def _answered(answer: errors.SMTPResponseException) -> MailRefused | MailUnavailable:
    """What a reply code means (RFC 5321 4.2.1): 5yz is for good."""
    return MailRefused(_said(answer)) if 500 <= answer.code < 600 else MailUnavailable(_said(answer))


def _said(answer: errors.SMTPResponseException) -> str:
    return f"the mail server said {answer.code} {' '.join(answer.message.split())[:200]}"
