"""What the simulated service holds, and how a series comes to its occurrences."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from gateway.demo.microsoft.faults import Json, bad_request, not_found
from gateway.demo.microsoft.recurrence import dates
from gateway.demo.microsoft.times import NEVER, instant, local, midnight, to_utc, zone_named

LETTERS = "AaBbCcDdEeFfGgHhIiJjKkLlMmNnOoPpQqRrSsTtUuVvWwXxYyZz"
SERIES_SHAPE = ("start", "end", "recurrence", "isAllDay")
NOT_INHERITED = frozenset({"start", "end", "recurrence"})


@dataclass(slots=True)
class Person:
    """work: has a work or school account. closed: shows nobody their busy time.

    zone: Windows name, as in the mailbox's settings; read only.
    upn: the name they sign in by, "" where it is the address. kind: Member or Guest. enabled: may sign in.
    mailbox: has one in Exchange Online. purpose: of the mailbox: user, shared, room, equipment …
    """

    address: str
    name: str
    zone: str
    work: bool = True
    closed: bool = False
    upn: str = ""
    aliases: list[str] = field(default_factory=list)
    kind: str = "Member"
    enabled: bool = True
    mailbox: bool = True
    purpose: str = "user"

    @property
    def id(self) -> str:
        return f"user-{self.address}"


@dataclass(slots=True)
class Calendar:
    """mailbox: the address under whose /me it is listed; owner: whose calendar it is."""

    id: str
    mailbox: str
    name: str
    owner: str
    owner_name: str
    color: str = "auto"
    hex_color: str = ""
    editable: bool = True
    default: bool = False


@dataclass(slots=True)
class Event:
    """A single event, the master of a series, or an exception (series set).

    body: the properties of Graph's event that can be written; of an exception only what differs, and its times.
    version: of the whole; shown: of what the delta of a calendar view reports for the item itself.
    moves: how often it changed its folder, and with it its mutable id.
    original: date of the occurrence an exception replaces. cancelled: dates of occurrences that were deleted.
    custom_zone: made by old desktop Outlook in a zone that has no name. sequence: of an invitation from elsewhere.
    """

    key: int
    mailbox: str
    calendar: str
    body: Json
    uid: str
    created: str
    modified: str
    organizer: Json
    response: str = "organizer"
    responded: str = NEVER
    version: int = 1
    shown: int = 1
    moves: int = 0
    series: int | None = None
    original: str = ""
    cancelled: list[str] = field(default_factory=list)
    extended: dict[str, str] = field(default_factory=dict)
    transaction: str = ""
    posted: str = ""
    is_cancelled: bool = False
    custom_zone: bool = False
    join_url: str = ""
    sequence: int = 0


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One date of a series; start and end are UTC; exception is what replaces it, or None."""

    master: Event
    day: str
    start: datetime
    end: datetime
    exception: Event | None = None


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail the service sends. kind: request, cancel, or the response's name. text: the iTIP message."""

    kind: str
    sender: str
    to: str
    subject: str
    comment: str = ""
    text: str = field(default="", compare=False)


def lettered(number: int) -> str:
    """A number in letters of both cases: neighbours often differ by case alone, as real ids do."""
    digits = ""
    while True:
        number, rest = divmod(number, len(LETTERS))
        digits = LETTERS[rest] + digits
        if number == 0:
            return digits.rjust(6, "A")


def event_id(event: Event, *, immutable: bool, day: str = "") -> str:
    suffix = f"-{day.replace('-', '')}" if day else ""
    if immutable:
        return f"AAkALgAAAAAAHYQDEapmEc2byACqAC_EWg0A{lettered(event.key)}{suffix}="
    return f"AAMkAGI1AAA{lettered(event.key)}BGAAA{lettered(event.moves)}{suffix}="


class Mailboxes:
    """All people, calendars and events; every change goes through here, so that delta sees it."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.clock = clock
        self.people: dict[str, Person] = {}
        self.calendars: dict[str, Calendar] = {}
        self.events: dict[int, Event] = {}
        self.mails: list[Mail] = []
        self.serial = 0

    def next(self) -> int:
        self.serial += 1
        return self.serial

    def now(self) -> str:
        return f"{self.clock().astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}0Z"

    def calendars_of(self, address: str) -> list[Calendar]:
        return [row for row in self.calendars.values() if row.mailbox == address]

    def calendar(self, address: str, identifier: str | None) -> Calendar:
        """By id, or the default one. Raises: GraphFault 404."""
        for row in self.calendars_of(address):
            if row.id == identifier or (identifier is None and row.default):
                return row
        raise not_found()

    def touched(self, event: Event, *, shown: bool = True) -> None:
        event.version += 1
        event.shown += shown
        event.modified = self.now()

    def exceptions(self, master: Event) -> dict[str, Event]:
        return {event.original: event for event in self.events.values() if event.series == master.key}

    def whole(self, event: Event) -> Json:
        """The body as Graph shows it: that of an exception with what it has from its master."""
        if event.series is None:
            return event.body
        master = {k: v for k, v in self.events[event.series].body.items() if k not in NOT_INHERITED}
        return {**master, **event.body}

    def occurrence_of(self, master: Event, day: date, exception: Event | None) -> Occurrence:
        if exception is not None:
            start, end = instant(exception.body["start"]), instant(exception.body["end"])
            return Occurrence(master, day.isoformat(), start, end, exception)
        zone = zone_named(master.body["start"]["timeZone"])
        first, last = local(master.body["start"]), local(master.body["end"])
        begin = midnight(day) + (first - midnight(first.date()))
        return Occurrence(master, day.isoformat(), to_utc(begin, zone), to_utc(begin + (last - first), zone))

    def occurrences(self, master: Event, until: datetime) -> Iterator[Occurrence]:
        """In order of their original dates; those that start after `until` are left out, cancelled ones too."""
        exceptions = self.exceptions(master)
        for day in dates(master.body["recurrence"]):
            if midnight(day).replace(tzinfo=UTC) > until + timedelta(days=400):
                return
            if day.isoformat() in master.cancelled:
                continue
            found = self.occurrence_of(master, day, exceptions.get(day.isoformat()))
            if found.start <= until:
                yield found

    def occurrence(self, master: Event, day: str) -> Occurrence:
        """Raises: GraphFault 404 if the series has none on that date."""
        until = midnight(date.fromisoformat(day)).replace(tzinfo=UTC) + timedelta(days=400)
        for found in self.occurrences(master, until):
            if found.day == day:
                return found
        raise not_found()

    def find(self, address: str, identifier: str, *, immutable: bool) -> tuple[Event, str]:
        """The event of an id, and the date if it is that of an occurrence. Ids are compared case by case."""
        for event in self.events.values():
            if event.mailbox != address or event.series is not None:
                continue
            plain = event_id(event, immutable=immutable)
            if identifier == plain:
                return event, ""
            stem, _, day = identifier.rstrip("=").rpartition("-")
            if event.body.get("recurrence") and f"{stem}=" == plain and len(day) == 8 and day.isdigit():
                found = f"{day[:4]}-{day[4:6]}-{day[6:]}"
                return self.occurrence(event, found).exception or event, found
        raise not_found()

    def reshape(self, event: Event, body: Json) -> None:
        """Gives it another body; a new time or pattern of a series discards what was changed on single dates."""
        if event.body.get("recurrence") and any(body.get(name) != event.body.get(name) for name in SERIES_SHAPE):
            for exception in self.exceptions(event).values():
                del self.events[exception.key]
            event.cancelled = []
        event.body = body

    def remove(self, event: Event) -> None:
        for exception in self.exceptions(event).values():
            del self.events[exception.key]
        del self.events[event.key]

    def cancel_occurrence(self, master: Event, day: str) -> None:
        exception = self.exceptions(master).get(day)
        if exception is not None:
            del self.events[exception.key]
        master.cancelled = sorted({*master.cancelled, day})
        self.touched(master, shown=False)

    def exception_for(self, master: Event, day: str) -> Event:
        """The exception of that date, made from the plain occurrence where there is none yet."""
        there = self.exceptions(master).get(day)
        if there is not None:
            return there
        plain = self.occurrence(master, day)
        zone = zone_named(master.body["start"]["timeZone"])
        times = {
            name: {
                "dateTime": f"{when.astimezone(zone):%Y-%m-%dT%H:%M:%S}.0000000",
                "timeZone": master.body[name]["timeZone"],
            }
            for name, when in (("start", plain.start), ("end", plain.end))
        }
        return Event(
            self.next(), master.mailbox, master.calendar, times, master.uid, self.now(), self.now(), master.organizer,
            response=master.response, responded=master.responded, series=master.key, original=day,
        )  # fmt: skip

    def check_boundary(self, master: Event, day: str, moved: Json) -> None:
        """Raises: GraphFault 400 if the occurrence would reach or pass the one before or after it."""
        target = local(moved).date()
        until = midnight(max(target, date.fromisoformat(day))).replace(tzinfo=UTC) + timedelta(days=400)
        zone = zone_named(master.body["start"]["timeZone"])
        row = list(self.occurrences(master, until))
        place = [found.day for found in row].index(day)
        before = row[place - 1].start.astimezone(zone).date() if place else None
        after = row[place + 1].start.astimezone(zone).date() if place + 1 < len(row) else None
        if (before and target <= before) or (after and target >= after):
            raise bad_request(
                "Modified occurrence is crossing or overlapping adjacent occurrence.", "ErrorOccurrenceCrossingBoundary"
            )

    def state(self) -> Json:
        return {
            "people": [asdict(row) for row in self.people.values()],
            "calendars": [asdict(row) for row in self.calendars.values()],
            "events": [asdict(row) for row in self.events.values()],
            "mails": [asdict(row) for row in self.mails],
            "serial": self.serial,
        }

    def restore(self, state: dict[str, Any]) -> None:
        self.people = {row["address"]: Person(**row) for row in state["people"]}
        self.calendars = {row["id"]: Calendar(**row) for row in state["calendars"]}
        self.events = {row["key"]: Event(**row) for row in state["events"]}
        self.mails = [Mail(**row) for row in state["mails"]]
        self.serial = state["serial"]
