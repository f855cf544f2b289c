"""A complete little provider in memory: calendars, objects with etags, change tokens, conditions, faults on demand."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field

from gateway.errors import BackendUnavailable, GatewayError, ReadOnlyCalendar, RemoteConflict, RemoteGone
from gateway.ical.text import parse, serialise
from gateway.model import CalendarObject, Changes, RemoteCalendar

PAGE = 3
# What a provider that keeps no text cannot hold.
DROPPED = frozenset({"ATTACH", "COMMENT", "DTSTAMP", "X-GATEWAY-CALENDAR", "X-NOTE"})


@dataclass
class Shelved:
    """log: (href, whether it is there) in the order of changes; a token is its length."""

    calendar: RemoteCalendar
    objects: dict[str, CalendarObject] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)
    oldest_token: int = 0


class Shelf:
    """verbatim: keeps texts as they are; else drops what it cannot hold, chooses its own names, and marks its copies.

    faults: errors that the next calls raise, one each, before anything happens. late_faults: likewise, after.
    gate: an event that calls wait for. during: done before each page. noted: told the summary of what was put.
    """

    def __init__(self, *, verbatim: bool = True, page: int = PAGE) -> None:
        self.verbatim = verbatim
        self.page = page
        self.calendars_: dict[str, Shelved] = {}
        self.faults: list[GatewayError | None] = []
        self.late_faults: list[GatewayError | None] = []
        self.gate: asyncio.Event | None = None
        self.calls: list[str] = []
        self.counter = 0
        self.during: Callable[[], None] | None = None
        self.noted: Callable[[str], None] | None = None

    # What its owner does there

    def add_calendar(self, key: str, **more: object) -> None:
        described = {"id": key, "displayname": key, "writable": True, "merged": True, "busy": True, **more}
        self.calendars_[key] = Shelved(RemoteCalendar(**described))

    def remove_calendar(self, key: str) -> None:
        del self.calendars_[key]

    def edit(self, calendar: str, href: str, text: str) -> CalendarObject:
        """Creates or replaces, no questions asked."""
        self.counter += 1
        shelved = self.calendars_[calendar]
        made = CalendarObject(href, text, f"e{self.counter}")
        shelved.objects[href] = made
        shelved.log.append(href)
        return made

    def erase(self, calendar: str, href: str) -> None:
        shelved = self.calendars_[calendar]
        if shelved.objects.pop(href, None) is not None:
            shelved.log.append(href)

    def forget_tokens(self) -> None:
        for shelved in self.calendars_.values():
            shelved.oldest_token = len(shelved.log) + 1
            shelved.log.append("")

    def texts(self, calendar: str = "main") -> dict[str, str]:
        return {href: obj.text for href, obj in self.calendars_[calendar].objects.items()}

    # The Backend protocol

    async def _enter(self, call: str) -> None:
        self.calls.append(call)
        if self.gate is not None:
            await self.gate.wait()
        await asyncio.sleep(0)
        fault = self.faults.pop(0) if self.faults else None
        if fault is not None:
            raise fault

    def _leave(self) -> None:
        fault = self.late_faults.pop(0) if self.late_faults else None
        if fault is not None:
            raise fault

    def _shelved(self, calendar: str) -> Shelved:
        if calendar not in self.calendars_:
            raise RemoteGone(f"no calendar {calendar}")
        return self.calendars_[calendar]

    def _writable(self, calendar: str) -> Shelved:
        shelved = self._shelved(calendar)
        if not shelved.calendar.writable:
            raise ReadOnlyCalendar(calendar)
        return shelved

    def mapped(self, text: str) -> str:
        """The text as it comes back."""
        if self.verbatim:
            return text
        tree = parse(text, lenient=True)
        for component in tree.components:
            component.properties = [line for line in component.properties if line.name not in DROPPED]
            component.components = []
        return serialise(tree).replace("PRODID:-//test//EN", "PRODID:-//shelf//EN")

    async def calendars(self) -> Sequence[RemoteCalendar]:
        await self._enter("calendars")
        return [shelved.calendar for shelved in self.calendars_.values()]

    async def changes(self, calendar: str, token: str | None) -> AsyncIterator[Changes]:
        await self._enter("changes")
        shelved = self._shelved(calendar)
        since = -1 if token is None else int(token)
        full = since < shelved.oldest_token and since != len(shelved.log)
        latest = len(shelved.log)
        changed = list(shelved.objects) if full else list(dict.fromkeys(shelved.log[since:]))
        if not full and not changed:
            return
        present = [shelved.objects[href] for href in changed if href in shelved.objects]
        gone = [] if full else [href for href in changed if href and href not in shelved.objects]
        pages = [present[at : at + self.page] for at in range(0, len(present), self.page)] or [[]]
        for number, page in enumerate(pages):
            last = number == len(pages) - 1
            if number:
                await self._enter("page")
            if self.during is not None:
                self.during()
            yield Changes(page, gone if last else (), str(latest) if last else None, full)

    async def put(self, calendar: str, obj: CalendarObject, if_etag: str | None) -> CalendarObject:
        await self._enter("put")
        shelved = self._writable(calendar)
        current = shelved.objects.get(obj.href)
        if if_etag is None and self._taken(shelved, obj):
            raise RemoteConflict("it is there already")
        if if_etag is not None and current is None:
            raise RemoteGone("no such object")
        if if_etag is not None and current is not None and current.etag != if_etag:
            raise RemoteConflict("it has changed")
        href = obj.href if self.verbatim or if_etag is not None else f"id{self.counter}"
        made = self.edit(calendar, href, self.mapped(obj.text))
        if self.noted is not None:
            self.noted(parse(made.text).components[-1].text("SUMMARY"))
        self._leave()
        return made

    def _taken(self, shelved: Shelved, obj: CalendarObject) -> bool:
        """By the name, or, at a provider that chooses names, by the UID."""
        if self.verbatim:
            return obj.href in shelved.objects
        uid = parse(obj.text, lenient=True).components[-1].text("UID")
        return any(f"\r\nUID:{uid}\r\n" in other.text for other in shelved.objects.values())

    async def delete(self, calendar: str, href: str, if_etag: str | None) -> None:
        await self._enter("delete")
        shelved = self._writable(calendar)
        current = shelved.objects.get(href)
        if current is not None and if_etag is not None and current.etag != if_etag:
            raise RemoteConflict("it has changed")
        self.erase(calendar, href)
        self._leave()


def unavailable(times: int = 1) -> list[GatewayError | None]:
    return [BackendUnavailable("the shelf is closed") for _ in range(times)]
