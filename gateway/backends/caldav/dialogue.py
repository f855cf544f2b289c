"""Questions to a CalDAV server. The caldav package writes and parses the XML; the connection is ours, so that
addresses are checked, texts stay as they are, and redirects and sizes are bounded."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Final

from aiohttp import ClientTimeout
from caldav.elements import cdav, dav
from caldav.elements.base import BaseElement
from caldav.elements.ical import CalendarColor
from caldav.lib.error import UID_CONFLICT_PRECONDITIONS, parse_preconditions
from caldav.response import DAVResponse
from yarl import URL

from gateway.backends.caldav.answers import GetCtag, Member, Transparency, ZoneId, read_members
from gateway.backends.fetch import Answer, Outgoing, refusal
from gateway.errors import BackendUnavailable, RefusedByProvider, RemoteConflict

LIMIT: Final = 50_000_000  # bytes of one answer: the names and etags of some 150,000 objects
TIMEOUT: Final = ClientTimeout(total=120, sock_connect=10, sock_read=30)
XML: Final = {"Content-Type": "application/xml; charset=utf-8"}

WHO: Final = (dav.ResourceType, dav.CurrentUserPrincipal, cdav.CalendarHomeSet)
CALENDAR: Final = (
    dav.ResourceType,
    dav.DisplayName,
    dav.Owner,
    dav.CurrentUserPrivilegeSet,
    cdav.SupportedCalendarComponentSet,
    cdav.CalendarTimeZone,
    ZoneId,
    Transparency,
    CalendarColor,
)
STATE: Final = (dav.SyncToken, GetCtag)
LISTING: Final = (dav.GetEtag, dav.ResourceType)


class BrokenAnswer(BackendUnavailable):
    """The server sent XML that cannot be read."""


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """An answer in the shape the caldav package expects of its HTTP library."""

    status_code: int
    headers: Mapping[str, str]
    content: bytes
    reason: str = ""

    @property
    def text(self) -> str:
        return self.content.decode("utf-8", errors="replace")


def accept(answer: Answer) -> None:
    """Raises what a status stands for, with the precondition the server names as the reason."""
    error = refusal(answer)
    if error is None:
        return
    conditions = parse_preconditions(answer.body)
    if UID_CONFLICT_PRECONDITIONS.intersection(conditions):
        raise RemoteConflict(f"{answer.host} has an object with this UID already")
    if conditions and isinstance(error, RefusedByProvider):
        named = ", ".join(condition.rpartition("}")[2] for condition in conditions)
        raise RefusedByProvider(f"{answer.host} refused: {named}")
    raise error


def read_xml(answer: Answer) -> DAVResponse:
    """Raises: BrokenAnswer if there is no XML in it."""
    try:
        response = DAVResponse(RawAnswer(answer.status, answer.headers, answer.body))
    except SyntaxError as error:
        raise BrokenAnswer(f"{answer.host} sent XML that cannot be read: {error.msg}") from error
    if response.tree is None:
        raise BrokenAnswer(f"{answer.host} does not speak CalDAV at this address")
    return response


async def ask(outgoing: Outgoing, method: str, url: str, body: BaseElement, depth: int) -> tuple[DAVResponse, str]:
    """A multistatus, and the URL it came from in the end. Errors as their status says."""
    headers = {**XML, "Depth": str(depth)}
    answer = await outgoing.request(method, url, headers=headers, body=str(body).encode(), limit=LIMIT)
    accept(answer)
    return await asyncio.to_thread(read_xml, answer), answer.url


async def propfind(
    outgoing: Outgoing, url: str, props: Sequence[type[BaseElement]], depth: int = 0
) -> tuple[list[Member], str]:
    """At least one resource, and the URL they came from in the end."""
    body = dav.Propfind() + (dav.Prop() + [prop() for prop in props])
    response, final = await ask(outgoing, "PROPFIND", url, body, depth)
    members = await asyncio.to_thread(read_members, response)
    if not members:
        raise BrokenAnswer(f"{URL(final).host} answered about nothing")
    return members, final


async def promises(outgoing: Outgoing, url: str) -> frozenset[str]:
    """The words of the DAV header there; none where the server does not say."""
    answer = await outgoing.request("OPTIONS", url)
    words = answer.headers.get("DAV", "") if answer.status < 300 else ""
    return frozenset(word.strip().lower() for word in words.split(","))


async def sync_collection(outgoing: Outgoing, calendar: str, token: str) -> DAVResponse:
    """RFC 6578; "" asks for everything."""
    parts = [dav.SyncToken(value=token), dav.SyncLevel(value="1"), dav.Prop() + dav.GetEtag()]
    response, _ = await ask(outgoing, "REPORT", calendar, dav.SyncCollection() + parts, depth=0)
    return response


async def free_busy(outgoing: Outgoing, calendar: str, start: datetime, end: datetime) -> str:
    """free-busy-query: a VFREEBUSY as text."""
    asked: list[BaseElement] = [cdav.TimeRange(start, end)]
    body = str(cdav.FreeBusyQuery() + asked)
    headers = {**XML, "Depth": "1"}
    answer = await outgoing.request("REPORT", calendar, headers=headers, body=body.encode(), limit=LIMIT)
    accept(answer)
    if answer.status != HTTPStatus.OK:
        raise RefusedByProvider(f"{answer.host} does not tell busy time")
    return str(answer.body.decode("utf-8", "replace"))


async def multiget(outgoing: Outgoing, calendar: str, paths: Sequence[str]) -> list[Member]:
    props: list[BaseElement] = [dav.GetEtag(), cdav.CalendarData()]
    parts: list[BaseElement] = [dav.Prop() + props, *(dav.Href(value=path) for path in paths)]
    response, _ = await ask(outgoing, "REPORT", calendar, cdav.CalendarMultiGet() + parts, depth=1)
    return await asyncio.to_thread(read_members, response)
