"""Bookings of a host a page at a time, as programs list them."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, Connection, and_, or_, select

from gateway.store.bookings import BookingRow
from gateway.store.schema import BOOKINGS, EVENT_TYPES, TAKEN

_BOOKING: Final = select(*(BOOKINGS.c[field] for field in BookingRow.__dataclass_fields__))


@dataclass(frozen=True, slots=True)
class Filter:
    """What is listed: None: of any kind. start, end: those that overlap [start, end), epoch seconds.

    slug: of the event type. after: (start, id) of a booking: those behind it.
    """

    status: str | None = None
    start: int | None = None
    end: int | None = None
    slug: str | None = None
    after: tuple[int, int] | None = None


def listed(conn: Connection, user: int, only: Filter, limit: int) -> list[BookingRow]:
    """Those they are a host of, in order of their starts."""
    theirs = select(TAKEN.c.booking_id).where(TAKEN.c.user_id == user)
    query = _BOOKING.where(BOOKINGS.c.id.in_(theirs), *_conditions(only))
    if only.slug is not None:
        query = query.join(EVENT_TYPES, EVENT_TYPES.c.id == BOOKINGS.c.event_type_id).where(
            EVENT_TYPES.c.slug == only.slug
        )
    return [BookingRow(*row) for row in conn.execute(query.order_by(BOOKINGS.c.start, BOOKINGS.c.id).limit(limit))]


def _conditions(only: Filter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if only.status is not None:
        found.append(BOOKINGS.c.status == only.status)
    if only.start is not None:
        found.append(BOOKINGS.c.end > only.start)
    if only.end is not None:
        found.append(BOOKINGS.c.start < only.end)
    if only.after is not None:
        start, key = only.after
        found.append(or_(BOOKINGS.c.start > start, and_(BOOKINGS.c.start == start, BOOKINGS.c.id > key)))
    return found
