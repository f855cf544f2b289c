"""Outlook calendars: Microsoft 365 and outlook.com, over Graph."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from gateway.backends.base import Account, BusyTime, Channel, Hook, Outside, Row
from gateway.backends.outlook import busy, notices
from gateway.backends.outlook.graph import PREFER, Graph, together
from gateway.backends.outlook.listing import Progress, known_objects
from gateway.backends.outlook.push import Push
from gateway.backends.outlook.read import Whole, nameless_series, object_text, whole_of
from gateway.backends.outlook.rounds import (
    AHEAD,
    LINK_LIFE,
    PAST,
    WINDOW_LIFE,
    Position,
    Told,
    graph_time,
    told,
)
from gateway.backends.outlook.sign_in import PERMISSIONS, application, scopes_for, sign_in
from gateway.backends.outlook.values import OUR_PROPERTIES, UID_PROPERTY, WRITING_PROPERTY, Json, Place, extended
from gateway.backends.outlook.words import bound, own_response
from gateway.backends.outlook.write import transaction_of
from gateway.backends.portions import whole
from gateway.errors import InvalidSyncToken, RefusedByProvider, RemoteConflict, RemoteGone
from gateway.ical.objects import read_lenient
from gateway.ical.zones import iana
from gateway.model import CalendarObject, Changes, Period, RemoteCalendar

__all__ = ["PERMISSIONS", "ROW", "OutlookBackend", "application", "scopes_for"]

PAGE: Final = 100
PAGE_OF_LIST: Final = 500
PAGE_OF_ROUND: Final = 500
DELTA_PREFER: Final = f"{PREFER}, odata.maxpagesize={PAGE_OF_ROUND}"
MARKS: Final = " or ".join(f"id eq '{name}'" for name in OUR_PROPERTIES)
EXTENDED: Final = f"singleValueExtendedProperties($filter={MARKS})"
OURS: Final = f"singleValueExtendedProperties/any(ep:ep/id eq '{UID_PROPERTY}' and ep/value ne null)"
FIELDS: Final = (
    "id,createdDateTime,lastModifiedDateTime,iCalUId,uid,subject,body,importance,sensitivity,isAllDay,isCancelled,"
    "isOrganizer,responseRequested,responseStatus,seriesMasterId,showAs,type,onlineMeeting,recurrence,start,end,"
    "originalStartTimeZone,originalEndTimeZone,location,locations,attendees,organizer,categories,isReminderOn,"
    "reminderMinutesBeforeStart,exceptionOccurrences,cancelledOccurrences"
)
# Names of the calendars of holidays and of contacts' birthdays, which no property marks.
MADE_BY_OUTLOOK: Final = re.compile(
    r"\b(holidays?|birthdays?|feiertage?|geburtstage|jours fériés|anniversaires|días festivos|cumpleaños|festività"
    r"|compleanni|feestdagen|verjaardagen|feriados|aniversários|święta|urodziny|helgdagar|födelsedagar)\b",
    re.IGNORECASE,
)


def read_calendar(row: Json, own: frozenset[str], zone: str) -> RemoteCalendar:
    """own: addresses of the account. What somebody else shared is not the account's busy time, and neither is what
    its owner cannot edit: Graph lets owners edit all they made themselves, so that was subscribed to or comes from
    Outlook. Of the latter, holidays and birthdays, nothing is taken; they are told by their names alone.
    """
    mine = bool(row.get("isDefaultCalendar")) or owner_of(row) in own
    editable = bool(row.get("canEdit"))
    made_by_outlook = mine and not editable and bool(MADE_BY_OUTLOOK.search(row.get("name") or ""))
    color = str(row.get("hexColor") or "").lower()
    return RemoteCalendar(
        id=row["id"],
        displayname=row.get("name") or "",
        color=color if len(color) == 7 else "",
        zone=zone,
        writable=editable,
        merged=not made_by_outlook,
        busy=mine and editable,
        primary=bool(row.get("isDefaultCalendar")),
    )


def owner_of(row: Json) -> str:
    return str((row.get("owner") or {}).get("address") or "").lower()


class OutlookBackend:
    """clock: the present, aware; None: that of outside.

    Of the account's settings, `email` chooses among several people in one token cache, and `addresses` are further
    ones its owner organizes by (between blanks or commas): whose organizer is somebody else is only a guest's copy.
    `mailbox` is what an application opens without its owner.
    """

    def __init__(self, account: Account, outside: Outside, clock: Callable[[], datetime] | None = None) -> None:
        self._account = account
        self._outside = outside
        self._clock = clock or (lambda: datetime.fromtimestamp(outside.clock(), UTC))
        self._connected: Graph | None = None
        self._owner: tuple[tuple[str, ...], str] | None = None

    @property
    def _graph(self) -> Graph:
        if self._connected is None:
            mailbox = self._account.settings.get("mailbox", "")
            signed_in = sign_in(self._account, self._outside.microsoft)
            self._connected = Graph(self._outside, signed_in, self._account.pace, mailbox)
        return self._connected

    async def _whose(self) -> tuple[tuple[str, ...], str]:
        """The account's own addresses, lower-case, and the mailbox's zone."""
        if self._owner is None:
            graph = self._graph
            settings = self._account.settings
            me = {"mail": settings.get("email"), "userPrincipalName": settings.get("mailbox")}
            if not settings.get("mailbox"):  # an application would need to see the whole directory for this
                me = await graph.call("GET", graph.mine(query={"$select": "mail,userPrincipalName"}))
            kept = await graph.call("GET", graph.mine("mailboxSettings"))
            names = [str(me.get(name) or "").lower() for name in ("mail", "userPrincipalName")]
            names += [self._account.settings.get("email", "").lower()]
            names += self._account.settings.get("addresses", "").lower().replace(",", " ").split()
            zone = iana(str(kept.get("timeZone") or "")) or "UTC"
            self._owner = (tuple(dict.fromkeys(name for name in names if name)), zone)
        return self._owner

    async def _place(self, calendar: str) -> Place:
        """Raises: RemoteGone if the calendar is no more."""
        addresses, zone = await self._whose()
        row = await self._graph.call("GET", self._graph.mine("calendars", calendar))
        teams = "teamsForBusiness" in row.get("allowedOnlineMeetingProviders", ["teamsForBusiness"])
        return Place(addresses, zone, row.get("name") or "", teams)

    async def calendars(self) -> Sequence[RemoteCalendar]:
        addresses, zone = await self._whose()
        rows = await self._graph.rows(self._graph.mine("calendars", query={"$top": "100"}))
        default = {owner_of(row) for row in rows if row.get("isDefaultCalendar")}
        own = frozenset({*addresses, *default} - {""})
        return [read_calendar(row, own, zone) for row in rows]

    def changes(self, calendar: str, token: str | None) -> AsyncIterator[Changes]:
        return whole(self, calendar, token)

    async def portions(self, calendar: str, token: str | None, position: str | None = None) -> AsyncIterator[Changes]:
        """A window older than a month is begun anew and compared, as is one whose link the service has forgotten."""
        known = Position.of(token) if position is None else None
        if known is not None and self._clock() - known.begun < WINDOW_LIFE:
            news = await self._round(known.link)
            if news is not None:
                async for page in self._news(calendar, known, *news):
                    yield page
                return
        async for page in self._everything(calendar, None if position is None else Progress.of(position)):
            yield page

    async def join(
        self, calendar: str, parts: AsyncIterator[Mapping[str, Sequence[str]]]
    ) -> AsyncIterator[Sequence[CalendarObject]]:
        place = await self._place(calendar)
        async for some in parts:
            known = await asyncio.to_thread(known_objects, some, place)
            missing = [identifier for identifier, obj in known.items() if obj is None]
            read = await together(self._find(identifier) for identifier in missing)
            objects = [obj for obj in known.values() if obj is not None]
            yield objects + [self._object(each, place) for each in read if each is not None]

    async def _round(self, link: str) -> tuple[Told, str] | None:
        """Everything one round tells, and the link of the next; None if the service has forgotten this one."""
        items: list[Json] = []
        following = ""
        try:
            async for page in self._graph.pages(link, prefer=DELTA_PREFER):
                items += page.get("value", [])
                following = page.get("@odata.deltaLink", following)
        except InvalidSyncToken:
            return None
        return told(items), following

    async def _news(self, calendar: str, position: Position, found: Told, link: str) -> AsyncIterator[Changes]:
        read = self._clock()
        following = Position(link, position.begun, read)
        if found.empty:
            if read - position.read >= LINK_LIFE:
                yield Changes((), token=following.token)
            return
        ids = {*found.singles, *found.series}
        if found.removed:
            ids |= await self._changed_since(calendar, position.since, set(found.removed))
        objects, missing = await self._objects(calendar, sorted(ids))
        held = {obj.href for obj in objects}
        gone = sorted({*found.removed, *missing} - held)
        async for page in self._in_pages(objects, gone, following.token, full=False):
            yield page

    async def _everything(self, calendar: str, at: Progress | None) -> AsyncIterator[Changes]:
        """Raises: InvalidSyncToken where the service does not go on from `at`."""
        if at is None:
            begun = self._clock()
            window = {"startDateTime": graph_time(begun - PAST), "endDateTime": graph_time(begun + AHEAD)}
            first = self._graph.mine("calendars", calendar, "calendarView", "delta", query=window)
            at = Progress(begun, first)
        else:
            first = ""
        asked = {"$filter": OURS, "$expand": EXTENDED, "$top": str(PAGE_OF_LIST)}
        ours = self._graph.mine("calendars", calendar, "events", query=asked)
        while not at.ended:
            answer = await self._listed(at, fresh=at.link in {first, ours})
            parts = at.parts(answer.get("value", ()))
            at = at.after(answer, ours)
            yield Changes((), full=True, parts=parts, position=str(at))
        token = Position(at.delta, at.begun, at.begun).token
        yield Changes((), token=token, full=True, position=str(at))

    async def _listed(self, at: Progress, *, fresh: bool) -> Json:
        try:
            return await self._graph.call("GET", at.link, prefer=PREFER if at.delta else DELTA_PREFER)
        except RefusedByProvider as error:
            if fresh:
                raise
            raise InvalidSyncToken(f"Outlook does not go on with this list: {error}") from error

    async def _in_pages(
        self, objects: Sequence[CalendarObject], gone: Iterable[str], token: str, *, full: bool
    ) -> AsyncIterator[Changes]:
        pages = [objects[at : at + PAGE] for at in range(0, len(objects), PAGE)] or [()]
        for page in pages[:-1]:
            yield Changes(page, full=full)
        yield Changes(pages[-1], gone=tuple(gone), token=token, full=full)

    async def _changed_since(self, calendar: str, since: datetime, removed: Collection[str]) -> set[str]:
        """Series changed lately, as a deleted occurrence is told by its own id alone, which names no series; and of
        what was told as removed, what only changed beyond the window.
        """
        asked = {
            "$filter": f"lastModifiedDateTime ge {graph_time(since)}",
            "$select": "id,type",
            "$top": str(PAGE_OF_LIST),
        }
        rows = await self._graph.rows(self._graph.mine("calendars", calendar, "events", query=asked))
        return {row["id"] for row in rows if row.get("type") == "seriesMaster" or row["id"] in removed}

    async def look(self, calendar: str, hrefs: Sequence[str]) -> Changes:
        objects, missing = await self._objects(calendar, hrefs)
        return Changes(objects, missing)

    async def _objects(self, calendar: str, ids: Sequence[str]) -> tuple[list[CalendarObject], list[str]]:
        """The events read whole, and the ids of those that are no more."""
        if not ids:
            return [], []
        place = await self._place(calendar)
        read = dict(zip(ids, await together(self._find(identifier) for identifier in ids), strict=True))
        objects = [self._object(whole, place) for whole in read.values() if whole is not None]
        return objects, [identifier for identifier, whole in read.items() if whole is None]

    async def _find(self, identifier: str) -> Whole | None:
        try:
            return await self._whole(identifier)
        except RemoteGone:
            return None

    async def _whole(self, identifier: str) -> Whole:
        """Raises: RemoteGone."""
        graph = self._graph
        query = {"$select": FIELDS, "$expand": f"exceptionOccurrences,{EXTENDED}"}
        event = await graph.call("GET", graph.mine("events", identifier, query=query))
        more = event.get("exceptionOccurrences@odata.nextLink")
        if more:
            event["exceptionOccurrences"] = [*event.get("exceptionOccurrences", ()), *await graph.rows(more)]
        if not nameless_series(event):
            return whole_of(event)
        at = self._clock()
        window = {"startDateTime": graph_time(at - PAST), "endDateTime": graph_time(at + AHEAD), "$top": "500"}
        return whole_of(event, await graph.rows(graph.mine("events", identifier, "instances", query=window)))

    def _object(self, whole: Whole, place: Place) -> CalendarObject:
        return CalendarObject(whole.id, object_text(whole, place), whole.etag)

    async def put(self, calendar: str, obj: CalendarObject, if_etag: str | None) -> CalendarObject:
        """A change that broke off half-way is gone on with: the event then carries the mark of that very change."""
        place = await self._place(calendar)
        push, new = Push(self._graph, place, self._whole), read_lenient(obj.text)
        if if_etag is None:
            href = await push.create(calendar, new)
            return self._object(await self._whole(href), place)
        current, mark = await self._find(obj.href), transaction_of(obj.href, if_etag, obj.text)
        if current is None and own_response(new.components[0], place) == "decline":
            return CalendarObject(obj.href, obj.text)  # as is every invitation once it is declined
        if current is None:
            raise RemoteGone("Outlook has this event no more")
        if current.etag != if_etag and extended(current.event, WRITING_PROPERTY) != mark:
            raise RemoteConflict("The event was changed in Outlook meanwhile")
        if not await push.update(current, new, mark):
            return CalendarObject(obj.href, obj.text)
        return self._object(await self._whole(obj.href), place)

    async def delete(self, calendar: str, href: str, if_etag: str | None) -> None:
        """An invitation by somebody else is declined, so that its organizer knows."""
        current = await self._find(href)
        if current is None:
            return
        if if_etag is not None and current.etag != if_etag:
            raise RemoteConflict("The event was changed in Outlook meanwhile")
        graph, event = self._graph, current.event
        answered = (event.get("responseStatus") or {}).get("response") == "declined"
        decline = not event.get("isOrganizer", True) and not event.get("isCancelled") and not answered
        try:
            if decline:
                await graph.call("POST", graph.mine("events", href, "decline"), body={"sendResponse": True})
            if_match = "" if decline else event["@odata.etag"]
            await graph.call("DELETE", graph.mine("events", href), if_match=if_match)
        except RemoteGone:
            return

    async def taken(self, calendars: Sequence[str], start: datetime, end: datetime) -> Sequence[Period]:
        graph = self._graph
        found = await together(busy.of_calendar(graph, calendar, start, end) for calendar in calendars)
        return [period for one in found for period in one]

    async def busy(self, addresses: Sequence[str], start: datetime, end: datetime) -> Mapping[str, BusyTime]:
        return await busy.ask(self._graph, addresses, start, end)

    async def watch(self, calendar: str, hook: Hook, until: float) -> Channel | None:
        return await notices.watch(self._graph, calendar, hook, until, self._clock())

    async def renew(self, channel: Channel, until: float) -> Channel | None:
        return await notices.renew(self._graph, channel, until, self._clock())

    async def open_channels(self, address: str) -> Sequence[Channel]:
        """An application would be told those of everybody in the directory, so it does not ask."""
        if self._account.settings.get("mailbox"):
            return ()
        return await notices.open_channels(self._graph, address)

    async def unwatch(self, channel: Channel) -> None:
        await notices.unwatch(self._graph, channel)


ROW: Final = Row(kind="outlook", connect=OutlookBackend, verbatim=False, sends_mail=True, bound=bound)
