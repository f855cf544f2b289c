"""Brings Google's events in line with an object that a client wrote, with as little as possible."""

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Final

from gateway.backends.google import limits, links, people
from gateway.backends.google.api import AlreadyThere
from gateway.backends.google.events import Events, Held, is_cancelled
from gateway.backends.google.reading import from_events
from gateway.backends.google.source import PUSH, Event, Source, own_properties
from gateway.backends.google.writing import (
    SHAPE,
    Bodies,
    changed,
    has_date,
    inserted,
    reshaped,
    series_date,
    to_events,
    whole,
    with_exdates,
)
from gateway.errors import RefusedByProvider, RemoteConflict, RemoteGone
from gateway.ical.objects import ParsedObject, read_lenient

PRIVATE: Final = frozenset(("colorId", "reminders", "extendedProperties"))
"""What concerns nobody but the owner of the calendar."""


@dataclass(frozen=True, slots=True)
class Storing:
    """One object on its way to Google.

    own: addresses of the account, lower-case. base: etag of what the client changed, "" for a new object.
    """

    events: Events
    source: Source
    obj: ParsedObject
    wanted: Bodies
    own: Collection[str]
    base: str = ""

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
        body |= self._conference(None)
        try:
            made = await self._make(body)
        except AlreadyThere:
            return await self._adopt(body)
        made = await self.events.settled(made)
        if not wanted.exceptions:
            return Held(made["id"], made, [])
        try:
            return await self._follow(await self.events.complete(made))
        except RefusedByProvider:
            await self.events.delete(made["id"], self._updates(made, body))
            raise

    async def _make(self, body: Event) -> Event:
        organizer = self.wanted.organizer
        if not organizer or organizer["email"] in self.own:
            kind = {"eventType": self.wanted.kind} if self._special() else {}
            return await self.events.insert(body | kind, self._updates(None, body))
        if self.wanted.exceptions:
            raise RefusedByProvider("Google takes somebody else's series only as a whole, without changed dates")
        return await self.events.import_(body | {"organizer": dict(organizer)})

    def _special(self) -> bool:
        """Absences and focus time must be timed and busy, without guests, and on the primary calendar."""
        bodies = [self.wanted.master or {}, *self.wanted.exceptions.values()]
        return (
            self.wanted.kind in {"outOfOffice", "focusTime"}
            and self.source.primary
            and not self.wanted.conference
            and all("dateTime" in body["start"] and not body["attendees"] for body in bodies)
            and all(body["transparency"] == "opaque" for body in bodies)
        )

    async def _adopt(self, body: Event) -> Held:
        """What has our UID: our own earlier try, a deleted event to be brought back, or somebody else's doing."""
        same_uid = await self.events.all(iCalUID=self.wanted.uid, showDeleted=True)
        found = [event for event in same_uid if "recurringEventId" not in event]
        if not found:
            raise RefusedByProvider("Google holds a deleted event of this UID and does not give it back")
        there = found[0]
        if is_cancelled(there):
            fixed = {"iCalUID", "eventType", "sequence", "conferenceData"}
            fields = {name: value for name, value in body.items() if name not in fixed} | self._conference(there)
            updates = self._updates(None, fields)
            there = await self.events.patch(there["id"], fields | {"status": body["status"]}, updates)
            return await self._follow(await self.events.complete(there))
        now = await self.events.complete(there)
        had = self.read(now)
        if not _alike(had.master or {}, self.wanted.master or {}):
            raise RemoteConflict(f"Google already has another event with the UID {self.wanted.uid}")
        return await self._follow(now)

    async def change(self, href: str) -> Held:
        """Raises: RemoteConflict where Google has neither what the client changed nor a part of the change."""
        now = await self.events.whole(href, self.wanted.uid)
        if now is None:
            raise RemoteGone("the event is no longer at Google")
        self._check_kind(now.master or now.exceptions[0])
        had = self.read(now)
        if self._is_done(now, had):
            return now
        if self.base != now.etag and not self._is_begun(now):
            raise RemoteConflict("the event was changed at Google meanwhile")
        try:
            return await self._follow(now)
        except RemoteConflict:
            return await self._after_conflict(href)

    async def _after_conflict(self, href: str) -> Held:
        """A part of the change may be there already, and only a single date have been changed by somebody meanwhile."""
        now = await self.events.whole(href, self.wanted.uid)
        if now is not None and self._is_done(now, self.read(now)):
            return now
        if now is None or not self._is_begun(now):
            raise RemoteConflict("the event was changed at Google meanwhile")
        return await self._follow(now)

    def read(self, now: Held) -> Bodies:
        """What Google holds, in the form of what is wanted; without exceptions of what was all-day once, or timed."""
        dates = [event for event in now.exceptions if not _is_strange(event, now.master)]
        return to_events(read_lenient(from_events(now.master, dates, self.source)), self.source)

    def _is_done(self, now: Held, had: Bodies) -> bool:
        wanted = self.wanted
        if (had.master is None) != (wanted.master is None) or had.exdates != wanted.exdates:
            return False
        if had.exceptions.keys() != wanted.exceptions.keys() or self._conference(now.master):
            return False
        pairs = [(had.exceptions[each], body) for each, body in wanted.exceptions.items()]
        if had.master is not None and wanted.master is not None:
            pairs.append((had.master, wanted.master))
        return not any(changed(before, body) for before, body in pairs)

    @property
    def _mark(self) -> str:
        """Names this very change: the same for the next try, another one for the same words on another day."""
        wanted = self.wanted
        text = json.dumps([self.base, wanted.master, dict(wanted.exceptions), sorted(wanted.exdates)], sort_keys=True)
        return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()

    def _is_begun(self, now: Held) -> bool:
        """An earlier try got only so far."""
        events = [now.master] if now.master else []
        return any(own_properties(event).get(PUSH) == self._mark for event in [*events, *now.exceptions])

    def _check_kind(self, event: Event) -> None:
        kind = event.get("eventType") or "default"
        away = kind == "outOfOffice" and self.wanted.present
        if away or (kind != "default" and self.wanted.kind not in {"", kind}):
            raise RefusedByProvider(f"Google cannot make another kind of event of {limits.NAMES.get(kind, kind)}")

    async def _follow(self, now: Held) -> Held:
        """Writes whatever differs. The first write carries the etag of what was read."""
        if (now.master is None) != (self.wanted.master is None):
            raise RefusedByProvider("Google cannot turn single dates into a series, or a series into single dates")
        had = self.read(now)
        touched = False
        if now.master is not None and self.wanted.master is not None:
            patch = self._master_patch(now.master, had, self.wanted.master)
            if patch:
                several = bool(self.wanted.exceptions if reshaped(patch) else self._dates(now, had))
                master = await self._patch(now.master["id"], now.master, patch, several=several)
                now = await self.events.complete(master) if reshaped(patch) else replace(now, master=master)
                had = self.read(now)
                touched = True
        dates = self._dates(now, had)
        names = {each: await self._name(now, each) for each in dates}
        for each, patch in dates.items():
            await self._patch_date(now, each, names[each], patch, several=touched or len(dates) > 1)
        if not dates:
            return now
        again = await self.events.whole(now.href, self.wanted.uid)
        if again is None:
            raise RemoteGone("the event is no longer at Google" if touched else "all its dates are cancelled")
        return again

    def _master_patch(self, master: Event, had: Bodies, wanted: Event) -> Event:
        patch = self._checked(master, had.master or {}, wanted)
        in_rule = self.read(Held(master["id"], master, ())).exdates
        if reshaped(patch) or in_rule - self.wanted.exdates:
            lines = with_exdates(wanted["recurrence"], self.wanted.exdates, wanted["start"])
            patch["recurrence"] = lines or None
            if not lines and not master.get("recurrence"):
                del patch["recurrence"]
        patch |= self._conference(master)
        limits.check(master, patch)
        mine = (master.get("organizer") or {}).get("self")
        if patch and mine and self.wanted.sequence > master.get("sequence", 0):
            patch["sequence"] = self.wanted.sequence
        return patch

    def _checked(self, held: Event, had: Event, wanted: Event) -> Event:
        """The patch of one event, as far as it is this account's to make.

        held: as Google has it, or the series it is a date of. had: the same as a body.
        """
        patch = changed(had, wanted)
        if "source" in patch and not (held.get("creator") or {}).get("self"):
            del patch["source"]  # nobody else may change it, or even see it
        if limits.is_guest(held):
            patch.pop("attendees", None)
            patch |= people.answer(held, had["attendees"], wanted["attendees"], self.own)
        elif patch.get("attendees"):
            patch["attendees"] = people.merged(patch["attendees"], held.get("attendees") or ())
        if patch.get("attachments"):
            known = {row.get("fileUrl"): row for row in held.get("attachments") or ()}
            patch["attachments"] = [known.get(row["fileUrl"], {}) | row for row in patch["attachments"]]
        limits.check(held, patch)
        return patch

    def _conference(self, held: Event | None) -> Event:
        """{} where the wish is fulfilled, or none was made."""
        there = bool(held and (held.get("conferenceData") or held.get("hangoutLink")))
        if self.wanted.conference == "none" and there:
            return {"conferenceData": None}
        if self.wanted.conference != links.MEET or there:
            return {}
        if not self.source.meets:
            raise RefusedByProvider(f"Google offers no Meet conferences in {self.source.name!r}")
        seed = f"{self.wanted.uid} {(held or {}).get('etag', '')}"
        return {"conferenceData": links.request(hashlib.blake2b(seed.encode(), digest_size=12).hexdigest())}

    def _dates(self, now: Held, had: Bodies) -> Mapping[str, Event]:
        """By key, what to change of single dates of a series; {"status": "cancelled"} leaves one out."""
        known, wanted = now.by_key(), self.wanted
        found: dict[str, Event] = {}
        for each, body in wanted.exceptions.items():
            before = had.exceptions.get(each) or (series_date(had.master, each) if had.master else None)
            if before is None:
                raise RefusedByProvider(f"{each} is no date that Google has, so it cannot be changed")
            patch = self._checked(known.get(each) or now.master or {}, before, body)
            if each in had.exdates:
                patch = whole(body)
            if patch:
                found[each] = patch
        for each in sorted(wanted.exdates - had.exdates):
            found[each] = {"status": "cancelled"}
        for each in sorted((had.exceptions.keys() | had.exdates) - wanted.exceptions.keys() - wanted.exdates):
            if each in known and wanted.master is not None:
                patch = self._given_back(known[each], now.master or {}, had.exceptions.get(each), each)
                if patch:
                    found[each] = patch
        left = {each for each, event in known.items() if not is_cancelled(event) and self._is_left(event, now, each)}
        return found | {each: {"status": "cancelled"} for each in sorted(left)}

    def _is_left(self, event: Event, now: Held, each: str) -> bool:
        """Whether it is of a former time or rule of the series, also if it says nothing but what the series said."""
        if _is_strange(event, now.master):
            return True
        return self.wanted.master is not None and each not in self.wanted.exceptions and not self._is_date(each)

    def _given_back(self, event: Event, series: Event, body: Event | None, each: str) -> Event:
        """A date put back to what the series says; one that the series no longer has goes.

        event, series: as Google has them; of a cancelled date that is next to nothing. body: of the date, if any.
        """
        if self.wanted.master is None or not self._is_date(each):
            return {} if is_cancelled(event) else {"status": "cancelled"}
        plan = series_date(self.wanted.master, each)
        if body is None and limits.is_guest(series):
            raise RefusedByProvider(f"{each} was taken out of this invitation; only its organizer can bring it back")
        return whole(plan) if body is None else self._checked(event, body, plan)

    def _is_date(self, each: str) -> bool:
        timed = "dateTime" in (self.wanted.master or {})["start"]
        return ("T" in each) == timed and has_date(self.obj, each, self.source)

    async def _name(self, now: Held, each: str) -> str:
        """The id of a single date. Raises: RefusedByProvider where there is none."""
        held = now.by_key().get(each)
        return str(held["id"]) if held else await self.events.instance(now.href, each)

    async def _patch_date(self, now: Held, each: str, event: str, patch: Event, *, several: bool) -> None:
        held = now.by_key().get(each)
        base = held or now.master or {}
        if patch == {"status": "cancelled"} and limits.is_guest(base):
            await self.events.delete(
                event, self._updates(base, patch | {"attendees": ()}), (held or {}).get("etag", "")
            )
            return
        await self._patch(event, {**base, "etag": (held or {}).get("etag", "")}, patch, several=several)

    async def _patch(self, event: str, held: Event, patch: Event, *, several: bool) -> Event:
        """several: this is one of several writes, so it carries the mark of the whole change."""
        updates = self._updates(held, patch)
        if several:
            given = (patch.get("extendedProperties") or {}).get("private", {})
            patch = patch | {"extendedProperties": {"private": {**given, PUSH: self._mark}}}
        return await self.events.settled(await self.events.patch(event, patch, updates, held.get("etag", "")))

    def _updates(self, held: Event | None, patch: Event) -> str:
        """Google invites for us, unless this is a booking, the client does it, or nobody is there to be told.

        held: None for what is new. patch: what is about to be sent.
        """
        if held is not None and (patch.keys() <= PRIVATE or (limits.is_guest(held) and "attendees" not in patch)):
            return "none"
        bodies = [self.wanted.master or {}, *self.wanted.exceptions.values()]
        involved = any(body.get("attendees") for body in bodies) or (held or {}).get("attendees")
        return "all" if involved and not self.wanted.quiet else "none"


def _is_strange(event: Event, master: Event | None) -> bool:
    """An exception from before its series became all-day, or timed."""
    return master is not None and ("dateTime" in event["originalStartTime"]) != ("dateTime" in master["start"])


def _alike(one: Event, other: Event) -> bool:
    """Whether one may be the other's first writing; Google adds to the rest, such as answers of guests."""
    return all(one.get(name) == other.get(name) for name in ("summary", *SHAPE))
