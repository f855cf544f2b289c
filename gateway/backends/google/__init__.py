"""Google calendars."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from gateway.backends.base import Account, Backend, BusyTime, Outside, Row
from gateway.backends.google import busy
from gateway.backends.google.api import Api, SyncTokenExpired
from gateway.backends.google.events import Events, Held, grouped, held, href, is_cancelled
from gateway.backends.google.source import BOOKING, Event, Source
from gateway.backends.google.storing import Storing
from gateway.backends.google.writing import to_events
from gateway.errors import ReadOnlyCalendar, RefusedByProvider, RemoteConflict
from gateway.ical.objects import read_lenient
from gateway.model import CalendarObject, Changes, RemoteCalendar

OWNING: Final = frozenset(("owner", "writer"))
WRITING: Final = OWNING | {"writerWithoutPrivateAccess"}
READING: Final = WRITING | {"reader"}
OBJECTS_A_PAGE: Final = 200


def read_calendar(entry: Mapping[str, Any]) -> RemoteCalendar:
    """An entry of the calendar list, with our defaults: own ones count as busy, merely readable ones do not."""
    role = entry.get("accessRole", "")
    shown = bool(entry.get("selected")) and not entry.get("hidden")
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
    return Source(
        id=calendar.id,
        name=calendar.displayname,
        zone=calendar.zone or "UTC",
        reminders=tuple(entry.get("defaultReminders") or ()),
        address=calendar.id if calendar.primary else address,
        primary=calendar.primary,
    )


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

    async def changes(self, calendar: str, token: str | None) -> AsyncIterator[Changes]:
        if token is not None:
            try:
                news = await self._since(calendar, token)
            except (SyncTokenExpired, RefusedByProvider):  # too old, or no token of Google's at all
                token = None
            else:
                if news.objects or news.gone or news.token != token:
                    yield news
                return
        async for page in self._everything(calendar):
            yield page

    async def put(self, calendar: str, obj: CalendarObject, if_etag: str | None) -> CalendarObject:
        source = await self._writable(calendar)
        wanted = to_events(read_lenient(obj.text), source)
        own = {source.id.lower(), source.address.lower(), self._address.lower()}
        if wanted.organizer and wanted.organizer["email"] not in own:
            own.add((await self._entry("primary"))["id"].lower())
        storing = Storing(Events(self._api, calendar), source, wanted, own)
        stored = await (storing.create() if if_etag is None else storing.change(obj.href, if_etag))
        return stored.as_object(source)

    async def delete(self, calendar: str, href: str, if_etag: str | None) -> None:
        await self._writable(calendar)
        events = Events(self._api, calendar)
        now = await events.whole(href)
        if now is None:
            return
        if if_etag is not None and now.etag != if_etag:
            raise RemoteConflict("the event was changed at Google meanwhile")
        for event in [now.master] if now.master else now.exceptions:
            await events.delete(event["id"], _updates_on_delete(event), event["etag"] if if_etag else "")

    async def busy(self, addresses: Sequence[str], start: datetime, end: datetime) -> Mapping[str, BusyTime]:
        return await busy.ask(self._api, addresses, start, end)

    async def watch(self, calendar: str, callback_url: str) -> float | None:
        return None  # polled

    async def _entry(self, calendar: str) -> dict[str, Any]:
        return await self._api.call(lambda api: api.calendarList().get(calendarId=calendar))

    async def _source(self, calendar: str) -> Source:
        return read_source(await self._entry(calendar), self._address)

    async def _writable(self, calendar: str) -> Source:
        entry = await self._entry(calendar)
        if entry.get("accessRole") not in WRITING:
            raise ReadOnlyCalendar(f"{read_calendar(entry).displayname} can only be read")
        return read_source(entry, self._address)

    async def _everything(self, calendar: str) -> AsyncIterator[Changes]:
        """Single events page by page, series at the end: their parts may lie on different pages."""
        source = await self._source(calendar)
        parts: list[Event] = []
        token: str | None = None
        async for page in Events(self._api, calendar).pages():
            items = page.get("items", ())
            token = page.get("nextSyncToken")
            series = [event for event in items if event.get("recurrence") or event.get("recurringEventId")]
            parts += series
            single = [Held(e["id"], e, ()) for e in items if href(e) == e["id"] and not e.get("recurrence")]
            for objects in _mapped([each for each in single if not is_cancelled(each.master or {})], source):
                yield Changes(objects, full=True)
        for objects in _mapped([each for name, some in grouped(parts).items() if (each := held(name, some))], source):
            yield Changes(objects, full=True)
        yield Changes((), token=token, full=True)

    async def _since(self, calendar: str, token: str) -> Changes:
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


def _mapped(found: Sequence[Held], source: Source) -> Iterator[list[CalendarObject]]:
    """In portions small enough that nobody else waits long while one is worked out."""
    for begin in range(0, len(found), OBJECTS_A_PAGE):
        yield [each.as_object(source) for each in found[begin : begin + OBJECTS_A_PAGE]]


def _list_page(page: str) -> Callable[[Any], Any]:
    query = {"pageToken": page} if page else {}
    return lambda api: api.calendarList().list(maxResults=250, **query)


def _updates_on_delete(event: Event) -> str:
    """Guests and organizers hear of it from Google, except of bookings: there the mail is ours."""
    booking = ((event.get("extendedProperties") or {}).get("private") or {}).get(BOOKING)
    return "all" if event.get("attendees") and not booking else "none"


def connect(account: Account, outside: Outside) -> Backend:
    return GoogleBackend(account, outside)


ROW: Final = Row(kind="google", connect=connect, verbatim=False, sends_mail=True)
