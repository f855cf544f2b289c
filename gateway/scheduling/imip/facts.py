"""What an iTIP message says, as its reader is told it."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from hashlib import blake2b
from typing import Any, Final
from zoneinfo import ZoneInfo

from gateway.errors import InvalidCalendarData
from gateway.ical.objects import ParsedObject
from gateway.ical.text import Component, Property
from gateway.ical.times import Form, Moment, Reading, read_timing
from gateway.ical.zones import iana
from gateway.scheduling.addresses import plain
from gateway.scheduling.itip import address
from gateway.scheduling.shown import is_web, lines

LINKS: Final = ("CONFERENCE", "X-GOOGLE-CONFERENCE", "X-MICROSOFT-SKYPETEAMSMEETINGURL", "URL")
LONGEST_NOTE: Final = 2_000


@dataclass(frozen=True, slots=True)
class Person:
    """name: the address where there is none. partstat: upper case."""

    name: str
    address: str
    partstat: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """One component. rid: its RECURRENCE-ID as written, "" for an event or the whole series.

    start, end: epoch seconds, None where it says none; of whole days (day) those of the clock in `zone`.
    zone: IANA name. note, comment: with their lines.
    """

    rid: str
    title: str
    start: int | None
    end: int | None
    day: bool
    zone: str
    rule: str
    where: str
    link: str
    note: str
    comment: str
    cancelled: bool
    organizer: Person | None
    people: tuple[Person, ...]

    @property
    def told(self) -> dict[str, Any]:
        """What of it is kept, to be compared with what is said the next time."""
        digest = blake2b(self.note.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest() if self.note else ""
        whole = asdict(self)
        return {name: whole[name] for name in KEPT} | {"note": digest}


KEPT: Final = ("title", "start", "end", "day", "zone", "rule", "where", "link")


def facts(obj: ParsedObject, zone: str) -> list[Facts]:
    """In the order of the components. zone: for times that name none, and for those in zones that only they know."""
    return [_facts(obj, one, zone) for one in obj.components]


def _facts(obj: ParsedObject, one: Component, zone: str) -> Facts:
    line = one.first("DTSTART") or one.first("DUE")
    shown = _zone(line, zone)
    start, end, day = _span(obj, one, shown)
    rid = one.first("RECURRENCE-ID")
    rule = one.first("RRULE")
    organizer = one.first("ORGANIZER")
    return Facts(
        rid="" if rid is None else rid.value,
        title=plain(one.text("SUMMARY")),
        start=start,
        end=end,
        day=day,
        zone=shown,
        rule="" if rule is None else rule.value,
        where=plain(one.text("LOCATION")),
        link=next(_links(one), ""),
        note=_words(one.text("DESCRIPTION")),
        comment=_words(one.text("COMMENT")),
        cancelled=one.text("STATUS").strip().upper() == "CANCELLED",
        organizer=None if organizer is None else _person(organizer),
        people=tuple(_person(line) for line in one.all("ATTENDEE") if _is_person(line)),
    )


def _zone(line: Property | None, zone: str) -> str:
    tzid = None if line is None else line.param("TZID")
    return zone if tzid is None else iana(tzid) or zone


def _span(obj: ParsedObject, one: Component, zone: str) -> tuple[int | None, int | None, bool]:
    reading = Reading(obj.zones, ZoneInfo(zone))
    first: Mapping[str, Property] = {line.name: line for line in reversed(one.properties)}
    try:
        timing = read_timing(one.name, first, reading)
        if timing is None:
            return *_instance(one, reading), False
        start: Moment = timing.start
        end = timing.length.end(start.epoch, start.local, start.zone)
    except InvalidCalendarData:
        return None, None, False
    return start.epoch, end, start.form == Form.DATE


def _instance(one: Component, reading: Reading) -> tuple[int | None, int | None]:
    """Of a component that says no more than which instance it is about."""
    line = one.first("RECURRENCE-ID")
    at = None if line is None else reading.moment(line).epoch
    return at, at


def _links(one: Component) -> Iterator[str]:
    for name in LINKS:
        for line in one.all(name):
            if is_web(line.value.strip()):
                yield line.value.strip()


def _is_person(line: Property) -> bool:
    """Rooms and resources are places; where they are stands in LOCATION."""
    return (line.param("CUTYPE") or "INDIVIDUAL").upper() not in {"ROOM", "RESOURCE"}


def _person(line: Property) -> Person:
    known = address(line)
    return Person(plain(line.param("CN") or "") or known, known, (line.param("PARTSTAT") or "NEEDS-ACTION").upper())


def _words(text: str) -> str:
    shown = lines(text)
    return shown if len(shown) <= LONGEST_NOTE else shown[:LONGEST_NOTE].rstrip() + " …"


def changes(one: Facts, told: Mapping[str, Any]) -> dict[str, Any]:
    """By name: what was told the last time and is otherwise now. told: Facts.told by RECURRENCE-ID; {} for nothing."""
    known = told.get(one.rid)
    if known is None and one.rid and "" in told:
        whole = told[""]
        known = {**whole, "start": None, "end": None, "rule": one.rule}
    if known is None:
        return {}
    now = one.told
    changed = {name: known.get(name) for name in now if name not in {"zone", "day"} and known.get(name) != now[name]}
    if one.rid and known.get("start") is None:
        changed.pop("start", None)
        changed.pop("end", None)
    return changed
