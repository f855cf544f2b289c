"""Brings Google's events in line with an object that a client wrote, with as little as possible."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from gateway.backends.google.api import AlreadyThere
from gateway.backends.google.events import Events, Held, is_cancelled
from gateway.backends.google.reading import from_events
from gateway.backends.google.source import Event, Source
from gateway.backends.google.writing import (
    SHAPE,
    Bodies,
    changed,
    guests,
    inserted,
    reshaped,
    series_times,
    to_events,
    with_exdates,
)
from gateway.errors import RefusedByProvider, RemoteConflict, RemoteGone
from gateway.ical.objects import read_lenient


@dataclass(frozen=True, slots=True)
class Storing:
    """One object on its way to Google. own: addresses of the account, lower-case."""

    events: Events
    source: Source
    wanted: Bodies
    own: Collection[str]

    async def create(self) -> Held:
        """Safe to repeat: the UID is taken then, by what the first try left."""
        wanted = self.wanted
        if wanted.master is None:
            raise RefusedByProvider("Google cannot take single dates of a series that it does not have")
        body = inserted(wanted.master) | {"iCalUID": wanted.uid}
        if wanted.sequence:
            body["sequence"] = wanted.sequence
        if "recurrence" in body:
            body["recurrence"] = with_exdates(body["recurrence"], wanted.exdates, body["start"])
        if self._as_away():
            body["eventType"] = "outOfOffice"
        try:
            made = await self._make(body)
        except AlreadyThere:
            return await self._adopt(body)
        if wanted.exceptions:
            return await self._follow(await self.events.complete(made))
        return Held(made["id"], made, [])

    async def _make(self, body: Event) -> Event:
        organizer = self.wanted.organizer
        if not organizer or organizer["email"] in self.own:
            return await self.events.insert(body, self._updates(None))
        if self.wanted.exceptions:
            raise RefusedByProvider("Google takes somebody else's series only as a whole, without changed dates")
        return await self.events.import_(body | {"organizer": dict(organizer)})

    def _as_away(self) -> bool:
        """Out-of-office events must be timed, without guests, and on the primary calendar."""
        master = self.wanted.master or {}
        return self.wanted.away and self.source.primary and "dateTime" in master["start"] and not master["attendees"]

    async def _adopt(self, body: Event) -> Held:
        """What has our UID: our own earlier try, a deleted event to be brought back, or somebody else's doing."""
        same_uid = await self.events.all(iCalUID=self.wanted.uid, showDeleted=True)
        found = [event for event in same_uid if "recurringEventId" not in event]
        if not found:
            raise RefusedByProvider("Google holds a deleted event of this UID and does not give it back")
        there = found[0]
        if is_cancelled(there):
            fields = {name: value for name, value in body.items() if name not in {"iCalUID", "eventType", "sequence"}}
            updates = self._updates(None)
            there = await self.events.patch(there["id"], fields | {"status": body["status"]}, updates)
            return await self._follow(await self.events.complete(there))
        now = await self.events.complete(there)
        had = self.read(now)
        if not _alike(had.master or {}, self.wanted.master or {}):
            raise RemoteConflict(f"Google already has another event with the UID {self.wanted.uid}")
        return await self._follow(now)

    async def change(self, href: str, if_etag: str) -> Held:
        now = await self.events.whole(href, self.wanted.uid)
        if now is None:
            raise RemoteGone("the event is no longer at Google")
        had = self.read(now)
        if self._same(had):
            return now
        if if_etag != now.etag:
            raise RemoteConflict("the event was changed at Google meanwhile")
        return await self._follow(now)

    def read(self, now: Held) -> Bodies:
        """What Google holds, in the form of what is wanted."""
        return to_events(read_lenient(from_events(now.master, now.exceptions, self.source)), self.source)

    def _same(self, had: Bodies) -> bool:
        return (had.master, had.exceptions, had.exdates) == (
            self.wanted.master,
            self.wanted.exceptions,
            self.wanted.exdates,
        )

    async def _follow(self, now: Held) -> Held:
        """Writes whatever differs. The first write carries the etag of what was read."""
        if (now.master is None) != (self.wanted.master is None):
            raise RefusedByProvider("Google cannot turn single dates into a series, or a series into single dates")
        had = self.read(now)
        touched = False
        if now.master is not None and self.wanted.master is not None:
            patch = self._master_patch(now.master, had, self.wanted.master)
            if patch:
                updates = self._updates(now.master)
                master = await self.events.patch(now.master["id"], patch, updates, now.master.get("etag", ""))
                now = await self.events.complete(master) if reshaped(patch) else replace(now, master=master)
                had = self.read(now)
                touched = True
        wrote = await self._dates(now, had)
        if not wrote:
            return now
        again = await self.events.whole(now.href, self.wanted.uid)
        if again is None:
            raise RemoteGone("the event is no longer at Google" if touched else "all its dates are cancelled")
        return again

    def _master_patch(self, master: Event, had: Bodies, wanted: Event) -> Event:
        patch = changed(had.master or {}, wanted)
        given_back = had.exdates - self.wanted.exdates - self.wanted.exceptions.keys()
        in_rule = {line for line in master.get("recurrence") or () if line.upper().startswith("EXDATE")}
        if reshaped(patch) or (given_back and in_rule):
            lines = with_exdates(wanted["recurrence"], self.wanted.exdates, wanted["start"])
            patch["recurrence"] = lines or None
            if not lines and not master.get("recurrence"):
                del patch["recurrence"]
        if patch.get("attendees"):
            patch["attendees"] = guests(patch["attendees"], master.get("attendees") or ())
        mine = (master.get("organizer") or {}).get("self")
        if patch and mine and self.wanted.sequence > master.get("sequence", 0):
            patch["sequence"] = self.wanted.sequence
        return patch

    async def _dates(self, now: Held, had: Bodies) -> bool:
        """Writes the single dates of a series that differ. Returns whether there were any."""
        wrote = False
        known = now.by_key()
        for each, body in self.wanted.exceptions.items():
            before = had.exceptions.get(each)
            patch = changed(before, body) if before else _whole(body)
            if patch:
                await self._patch_date(now, known.get(each), each, patch)
                wrote = True
        for each in sorted(self.wanted.exdates - had.exdates):
            await self._patch_date(now, known.get(each), each, {"status": "cancelled"})
            wrote = True
        for each in sorted((had.exceptions.keys() | had.exdates) - self.wanted.exceptions.keys() - self.wanted.exdates):
            if each in known and self.wanted.master is not None:
                await self._patch_date(now, known[each], each, _as_series(self.wanted.master, each))
                wrote = True
        return wrote

    async def _patch_date(self, now: Held, held: Event | None, wanted: str, patch: Event) -> None:
        event = held["id"] if held else await self.events.instance(now.href, wanted)
        if patch.get("attendees"):
            patch["attendees"] = guests(patch["attendees"], (held or now.master or {}).get("attendees") or ())
        await self.events.patch(event, patch, self._updates(now.master or held), (held or {}).get("etag", ""))

    def _updates(self, held: Event | None) -> str:
        """Google invites for us, unless this is a booking, the client does it, or nobody is there to be told."""
        bodies = [self.wanted.master or {}, *self.wanted.exceptions.values()]
        involved = any(body.get("attendees") for body in bodies) or (held or {}).get("attendees")
        return "all" if involved and not self.wanted.quiet else "none"


def _alike(one: Event, other: Event) -> bool:
    """Whether one may be the other's first writing; Google adds to the rest, such as answers of guests."""
    return all(one.get(name) == other.get(name) for name in ("summary", *SHAPE))


def _whole(body: Event) -> Event:
    """A date that had no body of its own: all of it is sent, but for what only a series has."""
    return {name: value for name, value in changed({}, body).items() if name != "recurrence"}


def _as_series(master: Event, wanted: str) -> Event:
    """A date put back to what the series says."""
    start, end = series_times(master, wanted)
    return _whole({**master, "start": start, "end": end})
