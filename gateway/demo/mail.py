"""A mail server that keeps what it is given instead of passing it on."""

import asyncio
import email
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default
from typing import Any, Final, Self

from aiosmtpd.smtp import SMTP, Envelope, Session

HOST: Final = "127.0.0.1"
MOST: Final = 1_000
LARGEST: Final = 10_000_000


@dataclass(frozen=True, slots=True)
class Caught:
    """One mail as it came. received: epoch seconds; sender, recipients: of the envelope; raw: with CRLF."""

    number: int
    received: int
    sender: str
    recipients: tuple[str, ...]
    raw: bytes

    @property
    def message(self) -> EmailMessage:
        return email.message_from_bytes(self.raw, policy=default)

    @property
    def text(self) -> str:
        """What a reader without HTML sees; "" if there is nothing of the kind."""
        return self._part("plain")

    @property
    def html(self) -> str:
        return self._part("html")

    @property
    def calendar(self) -> str:
        """The iTIP message inside, with CRLF; "" if there is none."""
        for part in self.message.walk():
            if part.get_content_type() == "text/calendar":
                return bytes(part.get_payload(decode=True)).decode()
        return ""

    def _part(self, subtype: str) -> str:
        body = self.message.get_body((subtype,))
        return "" if body is None else str(body.get_content())

    def summary(self) -> dict[str, Any]:
        """For JSON: what a list of mails shows, with the source."""
        message = self.message
        return {
            "number": self.number,
            "received": self.received,
            "sender": self.sender,
            "recipients": list(self.recipients),
            "from": str(message["From"] or ""),
            "to": str(message["To"] or ""),
            "subject": str(message["Subject"] or ""),
            "text": self.text,
            "calendar": self.calendar,
            "raw": self.raw.decode("utf-8", "replace"),
        }


@dataclass(slots=True)
class MailCatcher:
    """messages: the latest MOST, oldest first. count: of all there ever were. clock: epoch seconds.

    on_change: called before a mail is confirmed. on_mail: of those that came to the server.
    """

    clock: Callable[[], float]
    on_change: Callable[[], None] | None = None
    messages: list[Caught] = field(default_factory=list)
    on_mail: Callable[[Caught], None] | None = None
    count: int = 0
    _server: asyncio.Server | None = None

    async def start(self, port: int = 0) -> str:
        """The smtp:// URL it listens at; port 0: any free one of this machine."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._conversation, HOST, port)
        return f"smtp://{HOST}:{self._server.sockets[0].getsockname()[1]}"

    def _conversation(self) -> SMTP:
        return SMTP(self, data_size_limit=LARGEST, enable_SMTPUTF8=True, hostname="gateway.demo", ident="mail catcher")

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
            self._server = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    @property
    def url(self) -> str:
        if self._server is None:
            raise RuntimeError("the mail catcher is not started")
        return f"smtp://{HOST}:{self._server.sockets[0].getsockname()[1]}"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd calls it so
        content = envelope.content
        raw = content if isinstance(content, bytes) else (content or "").encode()
        caught = self.keep(envelope.mail_from or "", envelope.rcpt_tos, raw)
        if self.on_mail is not None:
            self.on_mail(caught)
        return f"250 kept as number {caught.number}"

    def keep(self, sender: str, recipients: Iterable[str], raw: bytes) -> Caught:
        self.count += 1
        caught = Caught(self.count, int(self.clock()), sender, tuple(recipients), raw)
        self.messages = [*self.messages[-MOST + 1 :], caught]
        if self.on_change is not None:
            self.on_change()
        return caught

    def to(self, address: str) -> list[Caught]:
        """The mails an address got, oldest first."""
        return [one for one in self.messages if address.lower() in {name.lower() for name in one.recipients}]

    def state(self) -> list[dict[str, Any]]:
        """Everything, for JSON."""
        return [
            {
                "number": one.number,
                "received": one.received,
                "sender": one.sender,
                "recipients": list(one.recipients),
                "raw": one.raw.decode("latin-1"),
            }
            for one in self.messages
        ]

    def restore(self, state: Iterable[dict[str, Any]]) -> None:
        """What `state` gave, instead of what is there."""
        self.messages = [
            Caught(
                one["number"], one["received"], one["sender"], tuple(one["recipients"]), one["raw"].encode("latin-1")
            )
            for one in state
        ]
        self.count = max((one.number for one in self.messages), default=0)
