"""Google calendars."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from gateway.backends.base import Account, Backend, BusyTime, Channel, Hook, Outside, Row, Unanswered
from gateway.backends.google import busy, limits, notices
from gateway.backends.google.api import Api, SyncTokenExpired
from gateway.backends.google.events import Events, Held, grouped, held, href, is_cancelled, is_part
from gateway.backends.google.source import BOOKING, Event, Source, own_properties
from gateway.backends.google.storing import Storing
from gateway.backends.google.writing import to_events
from gateway.backends.portions import whole
from gateway.errors import (
    BackendUnavailable,
    InvalidSyncToken,
    ReadOnlyCalendar,
    RefusedByProvider,
    RemoteConflict,
    RemoteGone,
)
from gateway.ical.objects import read_lenient
from gateway.model import CalendarObject, Changes, Part, Period, RemoteCalendar

OWNING: Final = frozenset(("owner", "writer"))
WRITING: Final = OWNING | {"writerWithoutPrivateAccess"}
READING: Final = WRITING | {"reader"}
OBJECTS_A_PAGE: Final = 200
# In ids of calendars that Google makes for everybody: of holidays, of contacts' birthdays, of week numbers.
MADE_BY_GOOGLE: Final = re.compile(r"#(holiday|contacts|weeknum)@group\.v\.calendar\.")


def read_calendar(entry: Mapping[str, Any]) -> RemoteCalendar:
    """An entry of the calendar list, with our defaults: own ones count as busy, merely readable ones do not, and of
    holidays and birthdays nothing is taken.
    """
    role = entry.get("accessRole", "")
    shown = bool(entry.get("selected")) and not entry.get("hidden") and not MADE_BY_GOOGLE.search(entry["id"])
    return RemoteCalendar(
        id=entry["id"],
        displayname=entry.get("summaryOverride") or entry.get("summary") or entry["id"],
        color=entry.get("backgroundColor", ""),
        zone=entry.get("timeZone", ""),
        writable=role in WRITING,
        merged=shown and role in READING,
        busy=shown and role in OWNING,
        primary=bool(entry.get("primary")),
    )


def read_source(entry: Mapping[str, Any], address: str) -> Source:
    calendar = read_calendar(entry)
    offered = (entry.get("conferenceProperties") or {}).get("allowedConferenceSolutionTypes")
    return Source(
        id=calendar.id,
        name=calendar.displayname,
        zone=calendar.zone or "UTC",
        reminders=tuple(entry.get("defaultReminders") or ()),
        address=calendar.id if calendar.primary else address,
        primary=calendar.primary,
        meets="hangoutsMeet" in offered if offered is not None else True,
    )


@dataclass(frozen=True, slots=True)
class Position:
    """Where in the list of a whole calendar one is. page: token of the next page, "" for the first.

    token: the sync token, once the list has ended; "" where Google gave none.
    """

    page: str = ""
    token: str = ""
    ended: bool = False

    @classmethod
    def of(cls, text: str | None) -> "Position":
        """Raises: InvalidSyncToken for one of another making."""
        try:
            return cls() if text is None else cls(**json.loads(text))
        except (ValueError, TypeError) as error:
            raise InvalidSyncToken("this is no position in a list of Google's") from error

    @classmethod
    def after(cls, answer: Mapping[str, Any]) -> "Position":
        following = answer.get("nextPageToken", "")
        return cls(following) if following else cls(token=answer.get("nextSyncToken", ""), ended=True)

    def __str__(self) -> str:
        return json.dumps(asdict(self))


class GoogleBackend:
    def __init__(self, account: Account, outside: Outside) -> None:
        self._api = Api(account, outside.google)
        self._address = account.settings.get("email", "")

    async def calendars(self) -> Sequence[RemoteCalendar]:
        found: list[RemoteCalendar] = []
        page: str | None = ""
        while page is not None:
            answer = await self._api.call(_list_page(page))
            found += [read_calendar(entry) for entry in answer.get("items", ()) if not entry.get("deleted")]
            page = answer.get("nextPageToken")
        return found

    def changes(self, calendar: str, token: str | None) -> AsyncIterator[Changes]:
        return whole(self, calendar, token)

    async def portions(self, calendar: str, token: str | None, position: str | None = None) -> AsyncIterator[Changes]:
        if token and position is None:
            news = await self._since(calendar, token)
            if news is not None:
                if news.objects or news.gone or news.token != token:
                    yield news
                return
        async for page in self._everything(calendar, Position.of(position)):
            yield page

    async def join(
        self, calendar: str, parts: AsyncIterator[Mapping[str, Sequence[str]]]
    ) -> AsyncIterator[Sequence[CalendarObject]]:
        source = await self._source(calendar)
        async for some in parts:
            yield await asyncio.to_thread(_joined, some, source)

    async def put(self, calendar: str, obj: CalendarObject, if_etag: str | None) -> CalendarObject:
        source = await self._writable(calendar)
        storing = await self._storing(source, obj, if_etag or "")
        stored = await (storing.create() if if_etag is None else storing.change(obj.href))
        return stored.as_object(source)

    async def _storing(self, source: Source, obj: CalendarObject, base: str) -> Storing:
        read = read_lenient(obj.text)
        wanted = to_events(read, source)
        own = {source.id.lower(), source.address.lower(), self._address.lower()}
        if wanted.organizer and wanted.organizer["email"] not in own:
            own.add((await self._entry("primary"))["id"].lower())
        return Storing(Events(self._api, source.id), source, read, wanted, own, base)

    async def move(self, calendar: str, obj: CalendarObject, if_etag: str, target: str) -> CalendarObject | None:
        """Changed first and moved then: either half can be repeated, and neither is done twice."""
        source, goal = await self._writable(calendar), await self._writable(target)
        there = Events(self._api, goal.id)
        now = await Events(self._api, source.id).whole(obj.href)
        if now is None:
            moved = await there.whole(obj.href)
            if moved is None:
                raise RemoteGone("the event is no longer at Google")
            return moved.as_object(goal)
        if now.master is None or limits.is_guest(now.master):
            raise RefusedByProvider("an invitation stays in the calendar that was invited: Google would decline it")
        if (now.master.get("eventType") or "default") != "default":
            return None
        storing = await self._storing(source, obj, if_etag)
        changed = await storing.change(obj.href)
        master = changed.master or now.master
        moved_event = await Events(self._api, source.id).move(obj.href, goal.id, master.get("etag", ""))
        return (await there.complete(moved_event)).as_object(goal)

    async def leave(self, calendar: str, href: str, if_etag: str | None) -> None:
        await self._delete(calendar, href, if_etag, quiet=True)

    async def delete(self, calendar: str, href: str, if_etag: str | None) -> None:
        await self._delete(calendar, href, if_etag, quiet=False)

    async def _delete(self, calendar: str, href: str, if_etag: str | None, *, quiet: bool) -> None:
        """quiet: nobody is told."""
        await self._writable(calendar)
        events = Events(self._api, calendar)
        now = await events.whole(href)
        if now is None:
            return
        if if_etag is not None and now.etag != if_etag:
            raise RemoteConflict("the event was changed at Google meanwhile")
        for event in [now.master] if now.master else now.exceptions:
            updates = "none" if quiet else _updates_on_delete(event)
            await events.delete(event["id"], updates, event["etag"] if if_etag else "")

    async def busy(self, addresses: Sequence[str], start: datetime, end: datetime) -> Mapping[str, BusyTime]:
        return await busy.ask(self._api, addresses, start, end)

    async def taken(self, calendars: Sequence[str], start: datetime, end: datetime) -> Sequence[Period]:
        told = await busy.ask(self._api, calendars, start, end)
        if any(isinstance(one, Unanswered) for one in told.values()):
            raise BackendUnavailable("Google does not tell the busy time of every calendar at the moment")
        return [period for one in told.values() if not isinstance(one, Unanswered) for period in one]

    async def watch(self, calendar: str, hook: Hook, until: float) -> Channel | None:
        return await notices.watch(self._api, calendar, hook, until)

    async def renew(self, channel: Channel, until: float) -> Channel | None:
        return None  # Google renews none

    async def unwatch(self, channel: Channel) -> None:
        await notices.unwatch(self._api, channel)

    async def _entry(self, calendar: str) -> dict[str, Any]:
        return await self._api.call(lambda api: api.calendarList().get(calendarId=calendar))

    async def _source(self, calendar: str) -> Source:
        return read_source(await self._entry(calendar), self._address)

    async def _writable(self, calendar: str) -> Source:
        entry = await self._entry(calendar)
        if entry.get("accessRole") not in WRITING:
            raise ReadOnlyCalendar(f"{read_calendar(entry).displayname} can only be read")
        return read_source(entry, self._address)

    async def _everything(self, calendar: str, at: Position) -> AsyncIterator[Changes]:
        """Single events page by page; series in parts, since their exceptions may lie on different pages.

        Raises: InvalidSyncToken where Google does not go on from `at`.
        """
        if at.ended:
            yield Changes((), token=at.token, full=True, position=str(at))
            return
        source = await self._source(calendar)
        events = Events(self._api, calendar)
        while not at.ended:
            answer = await self._listed(events, at)
            at = Position.after(answer)
            items = answer.get("items", ())
            parts = [Part(href(event), json.dumps(event)) for event in items if is_part(event)]
            single = [Held(each["id"], each, ()) for each in items if not is_part(each) and not is_cancelled(each)]
            portions = [single[n : n + OBJECTS_A_PAGE] for n in range(0, len(single), OBJECTS_A_PAGE)] or [[]]
            for portion in portions[:-1]:
                yield Changes(await asyncio.to_thread(_as_objects, portion, source), full=True)
            last = await asyncio.to_thread(_as_objects, portions[-1], source)
            yield Changes(last, (), at.token if at.ended else None, full=True, parts=parts, position=str(at))

    async def _listed(self, events: Events, at: Position) -> dict[str, Any]:
        try:
            return await events.page({"pageToken": at.page} if at.page else {})
        except (SyncTokenExpired, RefusedByProvider) as error:
            if not at.page:
                raise
            raise InvalidSyncToken(f"Google does not go on with this list: {error}") from error

    async def _since(self, calendar: str, token: str) -> Changes | None:
        """None: the token is too old, or none of Google's at all.

        Raises: RefusedByProvider for whatever else is refused: a full reading at each poll would only hide that.
        """
        try:
            return await self._news(calendar, token)
        except SyncTokenExpired:
            return None

    async def _news(self, calendar: str, token: str) -> Changes:
        """What changed, read to the last page: the new token is on that one only."""
        events = Events(self._api, calendar)
        items: list[Event] = []
        latest: str | None = None
        async for page in events.pages(syncToken=token):
            items += page.get("items", ())
            latest = page.get("nextSyncToken")
        if not items:
            return Changes((), token=latest)
        source = await self._source(calendar)
        objects: list[CalendarObject] = []
        gone: list[str] = []
        for name, group in grouped(items).items():
            now = await self._now(events, name, group)
            if now is None:
                gone.append(name)
            else:
                objects.append(now.as_object(source))
        return Changes(objects, gone, latest)

    async def _now(self, events: Events, name: str, news: Sequence[Event]) -> Held | None:
        """The whole object of which some events changed; None if it is gone."""
        master = next((event for event in news if event["id"] == name), None)
        if master is None:
            return await events.whole(name, next((e["iCalUID"] for e in news if e.get("iCalUID")), ""))
        return None if is_cancelled(master) else await events.complete(master)


def _as_objects(found: Sequence[Held], source: Source) -> list[CalendarObject]:
    """In portions small enough that nobody else waits long while one is worked out."""
    return [each.as_object(source) for each in found]


def _joined(parts: Mapping[str, Sequence[str]], source: Source) -> list[CalendarObject]:
    found = (held(name, [json.loads(text) for text in texts]) for name, texts in parts.items())
    return [each.as_object(source) for each in found if each is not None]


def _list_page(page: str) -> Callable[[Any], Any]:
    query = {"pageToken": page} if page else {}
    return lambda api: api.calendarList().list(maxResults=250, **query)


def _updates_on_delete(event: Event) -> str:
    """Guests and organizers hear of it from Google, except of bookings: there the mail is ours."""
    return "all" if event.get("attendees") and not own_properties(event).get(BOOKING) else "none"


def connect(account: Account, outside: Outside) -> Backend:
    return GoogleBackend(account, outside)


ROW: Final = Row(kind="google", connect=connect, verbatim=False, sends_mail=True)
