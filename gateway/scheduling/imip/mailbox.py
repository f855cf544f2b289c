"""A mailbox at an IMAP server (RFC 9051, RFC 3501; IDLE: RFC 2177)."""

import asyncio
import base64
import re
import ssl
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import unquote, urlsplit

from aioimaplib import IMAP4, IMAP4_SSL, AioImapException

from gateway.config import is_loopback
from gateway.errors import ConfigError, MailUnavailable
from gateway.scheduling.imip.found import LARGEST

TIMEOUT: Final = 60.0  # seconds for each answer of the server
FAREWELL: Final = 5.0
READ: Final = "GatewayRead"
UNCLEAR: Final = "GatewayUnclear"
MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Mailbox:
    """tls: from the first byte on (imaps)."""

    host: str
    port: int
    tls: bool
    username: str
    password: str = field(repr=False)
    folder: str = "INBOX"

    @property
    def name(self) -> str:
        """For logs and people: without the password."""
        return f"{self.username} at {self.host}" + ("" if self.folder == "INBOX" else f", {self.folder}")


def mailbox(url: str) -> Mailbox:
    """That of a setting such as imaps://user:password@mail.example.com/INBOX. Raises: ConfigError."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ConfigError("[mail] imap_url: not a URL such as imaps://user:password@mail.example.com") from error
    if parts.scheme not in {"imap", "imaps"} or not parts.hostname or not parts.username or parts.query:
        raise ConfigError("[mail] imap_url: must be imaps://USER:PASSWORD@HOST[:PORT][/FOLDER]")
    tls = parts.scheme == "imaps"
    if not tls and not is_loopback(parts.hostname):
        raise ConfigError("[mail] imap_url: must be imaps://, or the password would be sent without TLS")
    return Mailbox(
        parts.hostname,
        port or (993 if tls else 143),
        tls,
        unquote(parts.username),
        unquote(parts.password or ""),
        unquote(parts.path.strip("/")) or "INBOX",
    )


def trusted(file: Path | None) -> ssl.SSLContext | None:
    """The certificates in a file of [mail] imap_ca_file; None: those of the system. Raises: ConfigError."""
    if file is None:
        return None
    try:
        return ssl.create_default_context(cafile=str(file))
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(f"[mail] imap_ca_file: {file} holds no certificates: {error}") from error


@dataclass(slots=True)
class Session:
    """A conversation in which the folder is open. All of it raises MailUnavailable.

    keywords: whether the server keeps marks of our own. lost: set once the connection is gone.
    """

    box: Mailbox
    client: IMAP4
    lost: asyncio.Event
    keywords: bool = False

    @property
    def idles(self) -> bool:
        return bool(self.client.has_capability("IDLE"))

    async def waiting(self, since: date) -> list[int]:
        """UIDs of the mails that were not read yet, oldest first. since: of their arrival."""
        day = f"{since.day:02}-{MONTHS[since.month - 1]}-{since.year}"
        unread = ("UNKEYWORD", READ) if self.keywords else ("UNSEEN", "UNFLAGGED")
        return await self._search("UNDELETED", "SINCE", day, *unread)

    async def unclear(self) -> list[int]:
        """Those that somebody has to look at."""
        return await self._search("UNDELETED", "FLAGGED", *(("KEYWORD", UNCLEAR) if self.keywords else ()))

    async def _search(self, *criteria: str) -> list[int]:
        answer = await self._asked(self.client.uid_search(*criteria, charset=None))
        return sorted(int(word) for line in answer.lines[:-1] for word in bytes(line).split() if word.isdigit())

    async def size(self, uid: int) -> int:
        answer = await self._asked(self.client.uid("fetch", str(uid), "(UID RFC822.SIZE)"))
        found = re.search(rb"RFC822\.SIZE (\d+)", b" ".join(bytes(line) for line in answer.lines))
        return 0 if found is None else int(found[1])

    async def fetch(self, uid: int) -> bytes | None:
        """The whole mail; it is not marked as seen by that. None where it is gone, or longer than mails are read."""
        if await self.size(uid) > LARGEST:
            return None
        answer = await self._asked(self.client.uid("fetch", str(uid), "(UID BODY.PEEK[])"))
        return next((bytes(line) for line in answer.lines if isinstance(line, bytearray)), None)

    async def mark(self, uid: int, *flags: str) -> None:
        kept = [flag for flag in flags if self.keywords or flag.startswith("\\")]
        if kept:
            await self._asked(self.client.uid("store", str(uid), "+FLAGS.SILENT", f"({' '.join(kept)})"))

    async def move(self, uid: int, folder: str) -> None:
        """To a folder, which is made where there is none."""
        name = quoted(folder)
        if self.client.has_capability("MOVE"):
            if await self._tried(self.client.uid("move", str(uid), name)):
                return
            await self._tried(self.client.create(name))
            await self._asked(self.client.uid("move", str(uid), name))
            return
        if not await self._tried(self.client.uid("copy", str(uid), name)):
            await self._tried(self.client.create(name))
            await self._asked(self.client.uid("copy", str(uid), name))
        await self._asked(self.client.uid("store", str(uid), "+FLAGS.SILENT", "(\\Deleted)"))
        if self.client.has_capability("UIDPLUS"):
            await self._asked(self.client.uid("expunge", str(uid)))

    async def idle(self, seconds: float, stop: asyncio.Event) -> bool:
        """Until the server tells of something, `stop` is set, or that long; whether the server did."""
        waiting = await self._safe(self.client.idle_start(timeout=2 * seconds + TIMEOUT))
        push = asyncio.ensure_future(self.client.wait_server_push(timeout=None))
        others = [asyncio.ensure_future(event.wait()) for event in (self.lost, stop)]
        try:
            await asyncio.wait({push, *others}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            told = bool(push.done())
        finally:
            for one in (push, *others):
                one.cancel()
            self._end_idle()
        if self.lost.is_set():
            raise MailUnavailable(f"the mailbox of {self.box.name} has ended the conversation")
        await self._safe(waiting)
        return told

    def _end_idle(self) -> None:
        if not self.lost.is_set():
            self.client.idle_done()

    async def noop(self) -> None:
        await self._asked(self.client.noop())

    async def _asked(self, asking: Awaitable[Any]) -> Any:
        answer = await self._safe(asking)
        if answer.result != "OK":
            said = " ".join(bytes(line).decode("utf-8", "replace") for line in answer.lines[-1:])
            raise MailUnavailable(f"the mailbox of {self.box.name} said {answer.result} {said[:200]}")
        return answer

    async def _tried(self, asking: Awaitable[Any]) -> bool:
        return bool((await self._safe(asking)).result == "OK")

    async def _safe(self, asking: Awaitable[T]) -> T:
        """Also where the server goes away in the middle, which the library does not always notice."""
        work = asyncio.ensure_future(asking)
        lost = asyncio.ensure_future(self.lost.wait())
        try:
            await asyncio.wait({work, lost}, timeout=TIMEOUT, return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                raise MailUnavailable(f"the mailbox of {self.box.name} does not answer")
            return work.result()
        except (AioImapException, OSError, ValueError) as error:
            raise MailUnavailable(f"the mailbox of {self.box.name} does not answer properly: {error}") from error
        finally:
            work.cancel()
            lost.cancel()


@asynccontextmanager
async def session(box: Mailbox, *, trust: ssl.SSLContext | None = None) -> AsyncIterator[Session]:
    """Signed in, with the folder open. trust: certificates to accept, None: those of the system.

    Raises: MailUnavailable.
    """
    lost = asyncio.Event()
    client = (
        IMAP4_SSL(box.host, box.port, timeout=TIMEOUT, ssl_context=trust)
        if box.tls
        else IMAP4(box.host, box.port, timeout=TIMEOUT)
    )
    client.protocol.conn_lost_cb = lambda _error: lost.set()
    found = Session(box, client, lost)
    try:
        await found._safe(client.wait_hello_from_server())
        await found._asked(client.login(quoted(box.username), box.password))
        opened = await found._asked(client.select(quoted(box.folder)))
        found.keywords = any(b"PERMANENTFLAGS" in bytes(line) and b"\\*" in bytes(line) for line in opened.lines)
        yield found
    finally:
        await _leave(client, lost)


async def _leave(client: IMAP4, lost: asyncio.Event) -> None:
    """With a farewell where that is quick, and not before the connection is closed."""
    transport = client.protocol.transport
    if transport is None:
        client._client_task.cancel()
        return
    with suppress(AioImapException, OSError):
        if not lost.is_set():
            await asyncio.wait_for(client.logout(), FAREWELL)
    transport.abort()
    with suppress(TimeoutError):
        await asyncio.wait_for(lost.wait(), FAREWELL)


def quoted(name: str) -> str:
    """A folder or user name as an argument; other letters than those of ASCII in modified UTF-7 (RFC 3501 5.1.3)."""
    encoded = re.sub(r"&|[^\x20-\x7e]+", _seven, name)
    return '"' + encoded.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _seven(found: re.Match[str]) -> str:
    if found[0] == "&":
        return "&-"
    packed = base64.b64encode(found[0].encode("utf-16-be")).decode().rstrip("=")
    return f"&{packed.replace('/', ',')}-"
