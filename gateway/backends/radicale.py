"""An existing Radicale folder as a live, writable source, beside a running Radicale.

Radicale's own storage code reads and writes the folder, under its lock, so either side sees the other's changes. We
take names, texts, ETags and sync tokens from it and nothing else: no filters, and never a time, as vobject keeps a
process-wide table of zones that spoils later series. Neither the rights nor the storage hook of the running Radicale
apply to what we write.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Final, TypeVar

from radicale import config, pathutils
from radicale import item as radicale_item
from radicale import storage as radicale_storage
from vobject.base import VObjectError

from gateway.backends.base import Account, Outside, Row
from gateway.errors import (
    BackendUnavailable,
    InvalidCalendarData,
    RefusedByProvider,
    RemoteConflict,
    RemoteGone,
    TooManyInstances,
)
from gateway.ical.objects import ParsedObject, href_of, read_lenient
from gateway.ical.recurrence import instances, span
from gateway.ical.rules.rule import lenient_rule
from gateway.ical.text import parse
from gateway.ical.zones import iana
from gateway.model import CalendarObject, Changes, RemoteCalendar

PAGE: Final = 200
LONGEST_NAME: Final = 200  # bytes; file systems take 255, and Radicale adds to it
POOL: Final = ThreadPoolExecutor(max_workers=4, thread_name_prefix="radicale-folder")
WITHIN_DAYS: Final = frozenset({"SECONDLY", "MINUTELY", "HOURLY"})
CYCLE: Final = 40 * 366 * 86_400  # seconds; even 29 February on a given weekday comes back sooner
UNREADABLE: Final = (ValueError, RuntimeError, AttributeError, TypeError, LookupError, ArithmeticError, VObjectError)

_storages: dict[Path, radicale_storage.BaseStorage] = {}
_opening = Lock()

T = TypeVar("T")


def storage_of(folder: Path) -> radicale_storage.BaseStorage:
    """One storage for each folder in this process, as its lock counts readers in memory.

    Raises: BackendUnavailable if the folder is not there: a disk not mounted must not look like emptied calendars.
    """
    if not (folder / "collection-root").is_dir():
        raise BackendUnavailable(f"{folder} holds no Radicale collections (no folder collection-root in it)")
    with _opening:
        if folder not in _storages:
            settings = config.load()
            settings.update({"storage": {"type": "multifilesystem", "filesystem_folder": str(folder)}}, "gateway")
            _storages[folder] = radicale_storage.load(settings)
        return _storages[folder]


def bare(etag: str) -> str:
    return etag.strip('"')


def _since(collection: radicale_storage.BaseCollection, token: str) -> tuple[str, Iterable[str]] | None:
    """New token and hrefs; None for a token that is unknown or too old."""
    try:
        return collection.sync(token)
    except ValueError:
        return None


def as_object(href: str, item: radicale_item.Item) -> CalendarObject:
    return CalendarObject(href, item.serialize(), bare(item.etag))


def read_zone(vtimezone: str) -> str:
    """IANA name of a calendar-timezone property, "" if it has none."""
    try:
        zones = parse(vtimezone).children("VTIMEZONE") if vtimezone else []
    except InvalidCalendarData:
        return ""
    return (iana(zones[0].text("TZID")) or "") if zones else ""


def is_endless_search(obj: ParsedObject) -> bool:
    """Whether vobject, which goes from date to date without a limit, would look for seconds or for ever."""
    lines = [line for component in obj.components if (line := component.first("RRULE")) is not None]
    for rule in (lenient_rule(line.value) for line in lines):
        picked = rule.by_month or rule.by_month_day or rule.by_year_day or rule.by_week_no or rule.by_set_pos
        if picked and rule.freq in WITHIN_DAYS:
            return True
        if picked and rule.until is None and rule.count != 1 and not _goes_on(obj):
            return True
    return False


def _goes_on(obj: ParsedObject) -> bool:
    """Whether there is a second instance within a calendar's whole cycle of 40 years."""
    first, _ = span(obj, UTC)
    try:
        return len(instances(obj, first, first + CYCLE, UTC, limit=2)) > 1
    except TooManyInstances:
        return True


def prepared(path: str, text: str) -> radicale_item.Item:
    """What Radicale stores for this text: the text itself, and what its cache keeps about it.

    Raises: RefusedByProvider for what Radicale could not read again.
    """
    if is_endless_search(read_lenient(text)):
        raise RefusedByProvider("Radicale cannot hold this object: its recurrence takes too long to follow")
    try:
        components = radicale_item.read_components(text)
        radicale_item.check_and_sanitize_items(components, max_vevent_rrule_occurrence=10_000, tag="VCALENDAR")
        item = radicale_item.Item(collection_path=path, text=text, vobject_item=components[0])
        item.prepare()
    except UNREADABLE as error:
        raise RefusedByProvider(f"Radicale cannot hold this object: {error}") from error
    return item


class Folder:
    """One person's calendars in a Radicale folder; everything here blocks."""

    def __init__(self, folder: str, owner: str) -> None:
        if not pathutils.is_safe_filesystem_path_component(owner):
            raise RefusedByProvider(f"{owner!r} cannot be the name of a Radicale user")
        self._folder = Path(folder).expanduser().absolute()
        self._owner = owner

    @contextmanager
    def _locked(self, mode: str) -> Iterator[radicale_storage.BaseStorage]:
        storage = storage_of(self._folder)
        try:
            with storage.acquire_lock(mode, self._owner):
                yield storage
        except (OSError, RuntimeError) as error:
            raise BackendUnavailable(f"the Radicale folder cannot be used: {error}") from error

    def _collection(self, storage: radicale_storage.BaseStorage, calendar: str) -> radicale_storage.BaseCollection:
        path = pathutils.sanitize_path(calendar)
        if path.startswith(f"/{self._owner}/"):
            for found in storage.discover(path):
                if isinstance(found, radicale_storage.BaseCollection) and found.tag == "VCALENDAR":
                    return found
        raise RemoteGone(f"the Radicale folder has no calendar {calendar} any more")

    def calendars(self) -> list[RemoteCalendar]:
        with self._locked("r") as storage:
            found = [
                (f"/{collection.path}/", dict(collection.get_meta()))
                for collection in storage.discover(f"/{self._owner}/", depth="1")
                if isinstance(collection, radicale_storage.BaseCollection) and collection.tag == "VCALENDAR"
            ]
        return read_calendars(sorted(found, key=lambda row: row[0]))

    def sync(self, calendar: str, token: str) -> tuple[str, list[str], bool]:
        """New token, hrefs that changed or went, and whether these are all there are."""
        with self._locked("r") as storage:
            collection = self._collection(storage, calendar)
            since = _since(collection, token) if token else None
            fresh, hrefs = collection.sync() if since is None else since
            return fresh, sorted(hrefs), since is None

    def read(self, calendar: str, hrefs: Sequence[str]) -> tuple[list[CalendarObject], list[str]]:
        """Those that are there, and the names of those that are not, or that Radicale does not show."""
        with self._locked("r") as storage:
            found = dict(self._collection(storage, calendar).get_multi(hrefs))
            objects = [as_object(href, item) for href, item in found.items() if item is not None]
        return objects, sorted(set(hrefs) - {obj.href for obj in objects})

    def put(self, calendar: str, obj: CalendarObject, if_etag: str | None) -> CalendarObject:
        item = prepared(pathutils.strip_path(pathutils.sanitize_path(calendar)), obj.text)
        href = obj.href if if_etag is not None else self._name(obj.href, item.uid)
        with self._locked("w") as storage:
            collection = self._collection(storage, calendar)
            old = dict(collection.get_multi([href])).get(href)
            if old is not None and old.serialize() == obj.text:
                return as_object(href, old)  # an earlier try got through, though its answer was lost
            if if_etag is not None and old is None:
                raise RemoteGone(f"{href} is not in the Radicale folder any more")
            if old is not None and bare(old.etag) != if_etag:
                raise RemoteConflict(f"{href} changed in the Radicale folder meanwhile")
            if old is None and any(other.uid == item.uid for other in collection.get_all()):
                raise RemoteConflict("the Radicale folder has an object with this UID already")
            try:
                stored, _ = collection.upload(href, item)
            except ValueError as error:
                raise BackendUnavailable(f"the Radicale folder did not take the object: {error}") from error
            return as_object(href, stored)

    @staticmethod
    def _name(proposed: str, uid: str) -> str:
        fits = pathutils.is_safe_filesystem_path_component(proposed) and len(proposed.encode()) <= LONGEST_NAME
        return proposed if fits else href_of(uid)

    def delete(self, calendar: str, href: str, if_etag: str | None) -> None:
        with self._locked("w") as storage:
            collection = self._collection(storage, calendar)
            old = dict(collection.get_multi([href])).get(href)
            if old is None:
                return
            if if_etag is not None and bare(old.etag) != if_etag:
                raise RemoteConflict(f"{href} changed in the Radicale folder meanwhile")
            collection.delete(href)


def read_calendars(rows: Sequence[tuple[str, dict[str, str]]]) -> list[RemoteCalendar]:
    """rows: path and properties of each calendar, as Radicale keeps them."""
    events = [path for path, meta in rows if "VEVENT" in meta.get("C:supported-calendar-component-set", "VEVENT")]
    return [
        RemoteCalendar(
            id=path,
            displayname=meta.get("D:displayname") or path.strip("/").rpartition("/")[2],
            color=meta.get("ICAL:calendar-color", "")[:7].lower(),
            zone=read_zone(meta.get("C:calendar-timezone", "")),
            writable=True,
            merged=True,
            busy=True,
            primary=path in events[:1],
        )
        for path, meta in rows
    ]


async def threaded(function: Callable[..., T], *args: object) -> T:
    return await asyncio.get_running_loop().run_in_executor(POOL, partial(function, *args))


class RadicaleBackend:
    """account settings: folder (Radicale's filesystem_folder), owner (the user whose calendars these are)."""

    def __init__(self, account: Account, outside: Outside) -> None:
        self._folder = Folder(account.settings["folder"], account.settings["owner"])

    async def calendars(self) -> Sequence[RemoteCalendar]:
        return await threaded(self._folder.calendars)

    async def changes(self, calendar: str, token: str | None) -> AsyncIterator[Changes]:
        fresh, hrefs, full = await threaded(self._folder.sync, calendar, token or "")
        if fresh == token:
            return
        starts = range(0, len(hrefs), PAGE) or range(1)
        for start in starts:
            objects, gone = await threaded(self._folder.read, calendar, hrefs[start : start + PAGE])
            last = start == starts[-1]
            yield Changes(objects, gone, token=fresh if last else None, full=full)

    async def put(self, calendar: str, obj: CalendarObject, if_etag: str | None) -> CalendarObject:
        return await threaded(self._folder.put, calendar, obj, if_etag)

    async def delete(self, calendar: str, href: str, if_etag: str | None) -> None:
        await threaded(self._folder.delete, calendar, href, if_etag)


ROW: Final = Row("radicale", RadicaleBackend)
