"""What can be booked with a host: everything a search needs, read from the index in one transaction."""

import re
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from gateway.booking import slots
from gateway.booking.model import EventType, Hours, read_event_type, working_hours
from gateway.booking.slots import Asked, Between, Host, Rolling, Taken
from gateway.booking.slots.search import rolling_end
from gateway.errors import NotFound
from gateway.freebusy.availability import WorkingHours, read_availability
from gateway.freebusy.availability.clocks import local_date
from gateway.freebusy.busy import busy_seconds, stale
from gateway.model import FbType
from gateway.store import bookings, principals, properties
from gateway.store.bookings import EventTypeRow
from gateway.store.database import Connection
from gateway.store.principals import Principal

FURTHEST: Final = 366  # days ahead that are searched for a free day where an event type sets no end
BLOCK: Final = 31 * 86_400
CALENDAR_COLOR: Final = "{http://apple.com/ns/ical/}calendar-color"
COLOR: Final = re.compile(r"#[0-9a-fA-F]{6}([0-9a-fA-F]{2})?\b")


@dataclass(frozen=True, slots=True)
class Bookable:
    """An event type with its host. color: accent of its page, "#rrggbb" or "#rrggbbaa", "": the standard one."""

    host: Principal
    row: EventTypeRow
    kind: EventType
    color: str = ""


@dataclass(frozen=True, slots=True)
class Visit:
    """Who asks, and when. zone: the invitee's; now: epoch seconds; stale_after: seconds, see settings.

    moving: UID of the booking that is being moved, which does not stand in its own way.
    """

    zone: str
    now: int
    stale_after: int
    moving: str | None = None


def person(conn: Connection, name: str) -> Principal:
    """Raises: NotFound, also for teams."""
    found = principals.by_name(conn, name)
    if found is None or found.is_team:
        raise NotFound("there is nobody of that name here")
    return found


def bookable(conn: Connection, user: str, slug: str) -> Bookable:
    """Raises: NotFound."""
    host = person(conn, user)
    row = bookings.event_type(conn, host.id, slug)
    if row is None:
        raise NotFound("there is nothing of that name to book here")
    return _bookable(conn, host, row)


def _bookable(conn: Connection, host: Principal, row: EventTypeRow) -> Bookable:
    kind = _kind(row)
    return Bookable(host, row, kind, kind.color or host_color(conn, host))


def host_color(conn: Connection, host: Principal) -> str:
    """The colour that the host's calendar app gave the merged calendar."""
    stored = properties.get(conn, host.id, f"/dav/calendars/{host.name}/merged/").get(CALENDAR_COLOR, "")
    found = COLOR.search(stored)
    return found[0] if found else ""


def bookable_by_id(conn: Connection, key: int) -> Bookable | None:
    row = bookings.event_type_by_id(conn, key)
    return None if row is None else _bookable(conn, principals.by_id(conn, row.user_id), row)


def profile(conn: Connection, user: str) -> tuple[Principal, list[Bookable]]:
    """A person with the event types they show. Raises: NotFound."""
    host = person(conn, user)
    rows = bookings.event_types(conn, host.id)
    return host, [_bookable(conn, host, row) for row in rows if not row.hidden]


def _kind(row: EventTypeRow) -> EventType:
    try:
        return read_event_type(row.document)
    except ValidationError as error:
        raise NotFound(f"the event type {row.slug} cannot be read") from error


def host_hours(conn: Connection, of: Bookable) -> WorkingHours:
    """The event type's own, else the host's, else Monday to Friday from nine to five."""
    if of.kind.hours is not None:
        return working_hours(of.kind.hours, of.host.zone)
    text = bookings.availability(conn, of.host.id)
    return read_availability(text, of.host.zone) if text else working_hours(Hours(), of.host.zone)


def asked(conn: Connection, of: Bookable, visit: Visit, start: int, end: int) -> Asked:
    """The question about starts in [start, end), with the host's busy time as the index has it now."""
    hours = host_hours(conn, of)
    moving = frozenset() if visit.moving is None else frozenset({visit.moving})
    bare = Asked(of.kind.rules, (Host(of.host.name, hours),), visit.now, visit.zone, moving)
    low, high = slots.reach(bare, start, end)
    busy = tuple((a, b, FbType(kind)) for a, b, kind in busy_seconds(conn, of.host, low, high, without=visit.moving))
    taken = tuple(
        Taken(
            key=row.uid,
            start=row.start,
            end=row.end,
            blocked_from=row.blocked_from,
            blocked_until=row.blocked_until,
            own=row.event_type_id == of.row.id,
            pending=row.status == "pending",
        )
        for row in bookings.blocking(conn, of.host.id, low, high)
    )
    return replace(bare, hosts=(Host(of.host.name, hours, busy, taken),))


def is_closed(conn: Connection, of: Bookable, visit: Visit) -> bool:
    """A busy calendar that has not been read for too long might hide anything: nothing is offered then."""
    return bool(stale(conn, of.host, visit.now, visit.stale_after))


def starts(conn: Connection, of: Bookable, visit: Visit, start: int, end: int) -> list[int]:
    """Bookable starts in [start, end), epoch seconds, in order."""
    start = max(start, visit.now)
    if start >= end or is_closed(conn, of, visit):
        return []
    return slots.slots(asked(conn, of, visit, start, end), start, end)


def is_bookable(conn: Connection, of: Bookable, visit: Visit, start: int) -> bool:
    return not is_closed(conn, of, visit) and slots.is_bookable(asked(conn, of, visit, start, start + 1), start)


def last_day(of: Bookable, visit: Visit) -> date:
    """The last of the invitee's dates that may have something."""
    today = local_date(visit.now // 60, visit.zone)
    window = of.kind.rules.window
    if isinstance(window, Rolling):
        return rolling_end(today, window) - timedelta(days=1)
    if isinstance(window, Between):
        return max(window.last + timedelta(days=1), today)  # a date in the event's zone may reach into the next one
    return today + timedelta(days=FURTHEST)


def next_start(conn: Connection, of: Bookable, visit: Visit, after: int) -> int | None:
    """The first bookable start at or after that instant, as far as the event type is open."""
    last = last_day(of, visit) + timedelta(days=2)
    end = min(_epoch(last, visit.zone), visit.now + FURTHEST * 86_400)
    at = max(after, visit.now)
    while at < end:
        found = starts(conn, of, visit, at, min(at + BLOCK, end))
        if found:
            return found[0]
        at += BLOCK
    return None


def nearest(conn: Connection, of: Bookable, visit: Visit, start: int, most: int = 6) -> list[int]:
    """Bookable starts closest to one that is not, within a week either way; in order of time."""
    found = starts(conn, of, visit, start - 7 * 86_400, start + 7 * 86_400)
    return sorted(sorted(found, key=lambda one: abs(one - start))[:most])


def _epoch(day: date, zone: str) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).timestamp())
