"""The events of one Google calendar: pages of changes, and series with all their exceptions."""

import hashlib
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from gateway.backends.google.api import Api
from gateway.backends.google.links import is_pending
from gateway.backends.google.reading import from_events, key
from gateway.backends.google.source import Event, Source
from gateway.errors import RefusedByProvider, RemoteGone
from gateway.model import CalendarObject

PAGE: Final = 2_500
VERSIONS: Final = {"conferenceDataVersion": 1, "supportsAttachments": True}
"""Without these Google passes over conferences and files in what it is sent."""
CANCELLED_ONLY: Final = "nextPageToken,items(id,status,recurringEventId,originalStartTime)"


@dataclass(frozen=True, slots=True)
class Held:
    """One object as Google has it. master: None where only single dates of a series are ours."""

    href: str
    master: Event | None
    exceptions: Sequence[Event]

    @property
    def etag(self) -> str:
        """Changes with each of the events; a cancelled date counts by being there."""
        rows = [self.master] if self.master else []
        marks = sorted(_mark(event) for event in [*rows, *self.exceptions])
        return hashlib.blake2b("\n".join(marks).encode(), digest_size=16).hexdigest()

    def by_key(self) -> dict[str, Event]:
        return {key(event["originalStartTime"]): event for event in self.exceptions}

    def as_object(self, source: Source) -> CalendarObject:
        return CalendarObject(self.href, from_events(self.master, self.exceptions, source), self.etag)


def _mark(event: Event) -> str:
    return f"{event['id']} {'cancelled' if is_cancelled(event) else event.get('etag', '')}"


def is_cancelled(event: Event) -> bool:
    return bool(event.get("status") == "cancelled")


def href(event: Event) -> str:
    """The id of the series for an exception, else the event's own."""
    return str(event.get("recurringEventId") or event["id"])


def is_part(event: Event) -> bool:
    """Of a series: there may be more events that belong to the same object."""
    return bool(event.get("recurrence") or event.get("recurringEventId"))


def grouped(events: Iterable[Event]) -> dict[str, list[Event]]:
    """By object, in order of appearance: an exception may come before, after or without its series."""
    found: dict[str, list[Event]] = {}
    for event in events:
        found.setdefault(href(event), []).append(event)
    return found


def held(name: str, events: Sequence[Event]) -> Held | None:
    """The object these events make together; None if nothing of it is left."""
    master = next((event for event in events if event["id"] == name), None)
    exceptions = [event for event in events if event["id"] != name]
    if master is not None and is_cancelled(master):
        return None
    if master is None:
        exceptions = [event for event in exceptions if not is_cancelled(event)]
        return Held(name, None, exceptions) if exceptions else None
    return Held(name, master, exceptions if master.get("recurrence") else [])


def _page(method: str, query: Mapping[str, Any]) -> Callable[[Any], Any]:
    return lambda api: getattr(api.events(), method)(**query)


class Events:
    """Reads and writes the events of one calendar."""

    def __init__(self, api: Api, calendar: str) -> None:
        self._api = api
        self.calendar = calendar

    async def pages(self, method: str = "list", **query: Any) -> AsyncIterator[dict[str, Any]]:
        """Every page of events.list or events.instances; a page may be empty though more follow."""
        page: str | None = ""
        while page is not None:
            answer = await self.page(query | ({"pageToken": page} if page else {}), method)
            yield answer
            page = answer.get("nextPageToken")

    async def page(self, query: Mapping[str, Any], method: str = "list") -> dict[str, Any]:
        return await self._api.call(_page(method, {"calendarId": self.calendar, "maxResults": PAGE, **query}))

    async def all(self, method: str = "list", **query: Any) -> list[Event]:
        return [event async for page in self.pages(method, **query) for event in page.get("items", ())]

    async def get(self, event: str) -> Event | None:
        """None: never was, or cancelled."""
        try:
            found = await self._api.call(lambda api: api.events().get(calendarId=self.calendar, eventId=event))
        except RemoteGone:
            return None
        return None if is_cancelled(found) else found

    async def whole(self, name: str, uid: str = "") -> Held | None:
        """The object of that href as it is now. uid: helps to find single dates whose series is not ours."""
        master = await self.get(name)
        if master is None:
            mine = await self.all(iCalUID=uid) if uid else await self.all()
            return held(name, [event for event in mine if event.get("recurringEventId") == name])
        return await self.complete(master)

    async def complete(self, master: Event) -> Held:
        """A series with its exceptions: changed dates by their UID, cancelled ones from the instances, since
        nothing but their id, series and original start is guaranteed and a search by UID may pass them over.
        """
        name = master["id"]
        if not master.get("recurrence"):
            return Held(name, master, [])
        by_uid = await self.all(iCalUID=master["iCalUID"])
        live = [event for event in by_uid if event.get("recurringEventId") == name and not is_cancelled(event)]
        dates = await self.all("instances", eventId=name, showDeleted=True, fields=CANCELLED_ONLY)
        return Held(name, master, [*live, *(event for event in dates if is_cancelled(event))])

    async def instance(self, series: str, wanted: str) -> str:
        """The id of the date of a series with that key."""
        day = f"{wanted[:4]}-{wanted[4:6]}-{wanted[6:8]}"
        start = f"{day}T{wanted[9:11]}:{wanted[11:13]}:{wanted[13:15]}Z" if "T" in wanted else day
        for event in await self.all("instances", eventId=series, originalStart=start, showDeleted=True):
            if key(event["originalStartTime"]) == wanted:
                return str(event["id"])
        raise RefusedByProvider(f"{wanted} is no date of this series, so Google cannot change it")

    async def insert(self, body: Event, updates: str) -> Event:
        return await self._api.call(
            lambda api: api.events().insert(calendarId=self.calendar, body=body, sendUpdates=updates, **VERSIONS)
        )

    async def import_(self, body: Event) -> Event:
        return await self._api.call(lambda api: api.events().import_(calendarId=self.calendar, body=body, **VERSIONS))

    async def patch(self, event: str, body: Event, updates: str, etag: str = "") -> Event:
        query = {"calendarId": self.calendar, "eventId": event, "sendUpdates": updates, **VERSIONS}
        return await self._api.call(lambda api: api.events().patch(body=body, **query), etag)

    async def settled(self, event: Event) -> Event:
        """Read once more where Google was still making its conference; what takes longer comes with the next pull."""
        return (await self.get(event["id"]) or event) if is_pending(event) else event

    async def move(self, event: str, target: str, etag: str) -> Event:
        """Nobody is told: nothing of it changes for the guests."""
        query = {"calendarId": self.calendar, "eventId": event, "destination": target, "sendUpdates": "none"}
        return await self._api.call(lambda api: api.events().move(**query), etag)

    async def delete(self, event: str, updates: str, etag: str = "") -> None:
        """Already deleted is fine."""
        try:
            await self._api.call(
                lambda api: api.events().delete(calendarId=self.calendar, eventId=event, sendUpdates=updates), etag
            )
        except RemoteGone:
            return
