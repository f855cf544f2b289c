"""One request, signed in: its place, its headers read, its body within limits, its transactions."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Concatenate, Final, ParamSpec, TypeVar

from aiohttp import web
from multidict import CIMultiDict

from gateway.config import Settings
from gateway.dav.calendar_data import Zones
from gateway.dav.keys import CLOCK, DATABASE, OTHERS, SETTINGS, SYNC, TURNS
from gateway.dav.paths import Place
from gateway.dav.resources import Offers, View
from gateway.errors import InvalidRequest, PayloadTooLarge
from gateway.freebusy.others import Others
from gateway.store.database import Connection, Database
from gateway.store.principals import Principal
from gateway.sync.context import Sync

P = ParamSpec("P")
T = TypeVar("T")

AT_ONCE: Final = 2
"""Reads of one person that run at the same time; half of the threads there are, so that the others are not kept."""

DEPTHS: Final = {"0", "1", "infinity"}
NO_ROOT: Final = ",noroot"
"""What Outlook and other older clients add to a Depth, long before there was Prefer: depth-noroot."""


@dataclass(frozen=True, slots=True)
class Preferences:
    """Prefer (RFC 7240, RFC 8144) and Apple's Brief."""

    minimal: bool = False
    representation: bool = False
    without_root: bool = False

    @property
    def applied(self) -> Mapping[str, str]:
        words = {
            "return=minimal": self.minimal,
            "return=representation": self.representation,
            "depth-noroot": self.without_root,
        }
        said = ", ".join(word for word, given in words.items() if given)
        return {"Preference-Applied": said} if said else {}


def preferences(headers: Mapping[str, str]) -> Preferences:
    words = {word.strip().lower().replace(" ", "").replace('"', "") for word in headers.get("Prefer", "").split(",")}
    return Preferences(
        minimal="return=minimal" in words or headers.get("Brief", "").strip().lower() == "t",
        representation="return=representation" in words,
        without_root="depth-noroot" in words,
    )


def _plain(depth: str) -> str:
    return depth.lower().replace(" ", "")


class Visit:
    def __init__(self, request: web.Request, asker: Principal, place: Place, offers: Offers) -> None:
        self.request = request
        self.asker = asker
        self.place = place
        self.headers: Mapping[str, str] = request.headers
        self._offers = offers

    @property
    def settings(self) -> Settings:
        return self.request.app[SETTINGS]

    @property
    def sync(self) -> Sync:
        return self.request.app[SYNC]

    @property
    def others(self) -> Others:
        return self.request.app[OTHERS]

    @cached_property
    def preferences(self) -> Preferences:
        return preferences(self.headers)

    @property
    def without_root(self) -> bool:
        """Asked for by either of the two ways there are."""
        return self.preferences.without_root or _plain(self.headers.get("Depth", "")).endswith(NO_ROOT)

    @property
    def zones(self) -> Zones:
        return Zones.asked(self.headers.get("CalDAV-Timezones", ""))

    @property
    def depth(self) -> str | None:
        """None where the header is missing.

        Raises: InvalidRequest.
        """
        depth = self.headers.get("Depth")
        if depth is None:
            return None
        depth = _plain(depth).removesuffix(NO_ROOT)
        if depth not in DEPTHS:
            raise InvalidRequest("Depth is 0, 1 or infinity")
        return depth

    def pin(self, etag: str) -> None:
        """From here on the request is about this version of the object and no other."""
        headers = CIMultiDict(self.request.headers)
        headers.setdefault("If-Match", f'"{etag}"')
        self.headers = headers

    async def body(self, most: int) -> bytes:
        """Raises: PayloadTooLarge, before more than `most` octets are held."""
        length = self.request.content_length
        if length is not None and length > most:
            raise PayloadTooLarge(f"at most {most} octets are taken")
        pieces: list[bytes] = []
        held = 0
        async for piece in self.request.content.iter_any():
            held += len(piece)
            if held > most:
                raise PayloadTooLarge(f"at most {most} octets are taken")
            pieces.append(piece)
        return b"".join(pieces)

    async def xml_body(self) -> bytes:
        return await self.body(self.settings.limits.request_bytes)

    async def read(self, do: Callable[Concatenate[View, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """`do` in one read transaction, in a thread; one person's requests wait for each other, others' do not."""

        def viewed(conn: Connection) -> T:
            return do(self._view(conn), *args, **kwargs)

        async with self._turns:
            return await self._db.read(viewed)

    async def write(self, do: Callable[Concatenate[View, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """`do` in one write transaction."""

        def viewed(conn: Connection) -> T:
            return do(self._view(conn), *args, **kwargs)

        return await self._db.write(viewed)

    @property
    def _db(self) -> Database:
        return self.request.app[DATABASE]

    @property
    def _turns(self) -> asyncio.Semaphore:
        return self.request.app[TURNS].setdefault(self.asker.id, asyncio.Semaphore(AT_ONCE))

    def _view(self, conn: Connection) -> View:
        return View(conn, self.asker, self.settings, int(self.request.app[CLOCK]()), self._offers, self.request.method)
