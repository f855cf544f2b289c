"""Rooms at providers, made for bookings."""

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, delete, insert, select, update

from gateway.store.schema import BOOKINGS, ROOMS


@dataclass(frozen=True, slots=True)
class RoomRow:
    """user_id: the host whose account it is at. mark: what it is found by there, should an answer be lost.

    begun: the provider was asked for it. remote_id: "" as long as it is not known to be there. start, end: as the
    provider has them. trouble: the kind of error, error: its words; told: the trouble that the host knows of.
    """

    id: int
    user_id: int
    booking_id: int
    kind: str
    mark: str
    begun: bool
    remote_id: str
    join_url: str
    start: int
    end: int
    failing_since: int | None
    trouble: str
    error: str
    told: str


_ROW: Final = select(*(ROOMS.c[field] for field in RoomRow.__dataclass_fields__))


def add(conn: Connection, booking: int, user: int, kind: str, mark: str) -> RoomRow:
    conn.execute(insert(ROOMS).values(booking_id=booking, user_id=user, kind=kind, mark=mark))
    return RoomRow(*conn.execute(_ROW.where(ROOMS.c.mark == mark)).one())


def of_booking(conn: Connection, booking: int) -> list[RoomRow]:
    return [RoomRow(*row) for row in conn.execute(_ROW.where(ROOMS.c.booking_id == booking).order_by(ROOMS.c.id))]


def change(conn: Connection, key: int, **values: Any) -> None:
    conn.execute(update(ROOMS).where(ROOMS.c.id == key).values(values))


def drop(conn: Connection, key: int) -> None:
    conn.execute(delete(ROOMS).where(ROOMS.c.id == key))


def forgive(conn: Connection, booking: int) -> None:
    """What went wrong with the rooms of a booking is tried, and told, anew."""
    anew = {"failing_since": None, "trouble": "", "error": "", "told": ""}
    conn.execute(update(ROOMS).where(ROOMS.c.booking_id == booking).values(anew))


def troubled(conn: Connection, now: int) -> list[RoomRow]:
    """Those of bookings to come that something is wrong with."""
    query = _ROW.join(BOOKINGS, ROOMS.c.booking_id == BOOKINGS.c.id).where(ROOMS.c.trouble != "", BOOKINGS.c.end > now)
    return [RoomRow(*row) for row in conn.execute(query.order_by(ROOMS.c.id))]


def without(conn: Connection, user: int, now: int) -> list[tuple[int, str]]:
    """Ids and UIDs of a host's bookings to come that still have no room."""
    query = (
        select(BOOKINGS.c.id, BOOKINGS.c.uid)
        .join(ROOMS, ROOMS.c.booking_id == BOOKINGS.c.id)
        .where(ROOMS.c.user_id == user, ROOMS.c.remote_id == "", BOOKINGS.c.end > now)
    )
    return [(row.id, row.uid) for row in conn.execute(query.order_by(BOOKINGS.c.id))]
