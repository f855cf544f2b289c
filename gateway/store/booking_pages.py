"""Bookings a page at a time, as people and programs list them."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sqlalchemy import ColumnElement, Connection, and_, or_, select

from gateway.store.bookings import BookingRow, folded
from gateway.store.schema import BOOKINGS, EVENT_TYPES, TAKEN
from gateway.store.taken import STANDING


class Shelf(StrEnum):
    """Where a booking is looked for; each is on one at a time."""

    UPCOMING = "upcoming"
    UNCONFIRMED = "unconfirmed"
    PAST = "past"
    CANCELLED = "cancelled"


LATEST_FIRST: Final = frozenset({Shelf.PAST, Shelf.CANCELLED})


@dataclass(frozen=True, slots=True)
class Filter:
    """What is listed; None, "": whatever it is.

    start, end: those of which a date overlaps [start, end), epoch seconds. slug, event_type: of the event type.
    shelf: as of `now`. text: words that are all in it. after: (start, id) of a booking: those behind it.
    """

    status: str | None = None
    start: int | None = None
    end: int | None = None
    slug: str | None = None
    after: tuple[int, int] | None = None
    event_type: int | None = None
    shelf: Shelf | None = None
    now: int = 0
    text: str = ""


@dataclass(frozen=True, slots=True)
class Whose:
    """host: bookings they are a host of; team: of this team's event types; both: those of the team with that host."""

    host: int | None = None
    team: int | None = None


_BOOKING: Final = select(*(BOOKINGS.c[field] for field in BookingRow.__dataclass_fields__))


def listed(conn: Connection, whose: Whose, only: Filter, limit: int) -> list[BookingRow]:
    """In order of their starts; on the shelves of what is over the latest first."""
    columns: list[ColumnElement[int]] = [BOOKINGS.c.start, BOOKINGS.c.id]
    order = [one.desc() for one in columns] if only.shelf in LATEST_FIRST else columns
    query = _BOOKING.where(*_of(whose), *_conditions(only)).order_by(*order).limit(limit)
    return [BookingRow(*row) for row in conn.execute(query)]


def _of(whose: Whose) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if whose.host is not None:
        found.append(BOOKINGS.c.id.in_(select(TAKEN.c.booking_id).where(TAKEN.c.user_id == whose.host)))
    if whose.team is not None:
        theirs = select(EVENT_TYPES.c.id).where(EVENT_TYPES.c.user_id == whose.team)
        found.append(BOOKINGS.c.event_type_id.in_(theirs))
    return found or [BOOKINGS.c.id < 0]


def _conditions(only: Filter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if only.status is not None:
        found.append(BOOKINGS.c.status == only.status)
    times = [] if only.start is None else [TAKEN.c.end > only.start]
    times += [] if only.end is None else [TAKEN.c.start < only.end]
    if times:
        found.append(BOOKINGS.c.id.in_(select(TAKEN.c.booking_id).where(*times)))
    if only.slug is not None:
        found.append(BOOKINGS.c.event_type_id.in_(select(EVENT_TYPES.c.id).where(EVENT_TYPES.c.slug == only.slug)))
    if only.event_type is not None:
        found.append(BOOKINGS.c.event_type_id == only.event_type)
    if only.shelf is not None:
        found += _on(only.shelf, only.now)
    found += [BOOKINGS.c.words.contains(word, autoescape=True) for word in folded(only.text).split()]
    if only.after is not None:
        found.append(_behind(only.after, latest_first=only.shelf in LATEST_FIRST))
    return found


def _on(shelf: Shelf, now: int) -> list[ColumnElement[bool]]:
    if shelf is Shelf.CANCELLED:
        return [BOOKINGS.c.status.not_in(STANDING)]
    to_come = BOOKINGS.c.id.in_(select(TAKEN.c.booking_id).where(TAKEN.c.end > now))  # one of a series, too
    if shelf is Shelf.PAST:
        return [BOOKINGS.c.status.in_(STANDING), ~to_come]
    return [BOOKINGS.c.status == ("pending" if shelf is Shelf.UNCONFIRMED else "accepted"), to_come]


def _behind(after: tuple[int, int], *, latest_first: bool) -> ColumnElement[bool]:
    start, key = after
    if latest_first:
        return or_(BOOKINGS.c.start < start, and_(BOOKINGS.c.start == start, BOOKINGS.c.id < key))
    return or_(BOOKINGS.c.start > start, and_(BOOKINGS.c.start == start, BOOKINGS.c.id > key))


def count(conn: Connection, whose: Whose, only: Filter, most: int) -> int:
    """How many there are, up to `most`."""
    query = select(BOOKINGS.c.id).where(*_of(whose), *_conditions(only)).limit(most)
    return len(conn.execute(query).all())


def hosts_by_id(conn: Connection, bookings: Collection[int]) -> dict[int, list[int]]:
    """Booking -> ids of its hosts, in order, each once."""
    query = select(TAKEN.c.booking_id, TAKEN.c.user_id).where(TAKEN.c.booking_id.in_(list(bookings)))
    found: dict[int, list[int]] = {}
    for booking, user in conn.execute(query.order_by(TAKEN.c.position)):
        hosts = found.setdefault(booking, [])
        if user not in hosts:
            hosts.append(user)
    return found
