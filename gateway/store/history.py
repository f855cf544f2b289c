"""What happened to bookings: rows, oldest first."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, delete, insert, select

from gateway.store.schema import HISTORY


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """at: epoch seconds. sequence: of the booking then. by: invitee, host or calendar; actor_id: which host."""

    id: int
    at: int
    sequence: int
    kind: str
    by: str
    actor_id: int | None
    document: Mapping[str, Any]


_ROW: Final = select(*(HISTORY.c[field] for field in HistoryRow.__dataclass_fields__))


def add(conn: Connection, booking: int, values: Mapping[str, Any]) -> None:
    """values: columns of HistoryRow."""
    conn.execute(insert(HISTORY).values(booking_id=booking, **values))


def of_booking(conn: Connection, booking: int) -> list[HistoryRow]:
    query = _ROW.where(HISTORY.c.booking_id == booking).order_by(HISTORY.c.id)
    return [HistoryRow(*row) for row in conn.execute(query)]


def drop(conn: Connection, booking: int, sequence: int) -> None:
    """What was written down of a change that came to nothing."""
    conn.execute(delete(HISTORY).where(HISTORY.c.booking_id == booking, HISTORY.c.sequence == sequence))
