"""Event types with seats: several parties, each with a booking of their own, share one event in the hosts' calendars.

The event has a UID and a SEQUENCE of its own, as it goes on while parties come and go. What each party is sent has the
UID of their own booking, for its whole life: who moves to another date gets the new time, and nobody can tell from an
invitation whom else there is.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from gateway.booking.model import details
from gateway.booking.offer import Bookable
from gateway.store import bookings, taken
from gateway.store.bookings import BookingRow
from gateway.store.database import Connection
from gateway.store.principals import Principal


@dataclass(frozen=True, slots=True)
class Gathering:
    """rows: of the parties who come, in the order they booked. gone: addresses of those who do not any more.

    uid, sequence: of the event they share.
    """

    uid: str
    sequence: int
    rows: tuple[BookingRow, ...]
    gone: tuple[str, ...]


def is_shared(row: BookingRow) -> bool:
    return row.event != row.uid


def standing(conn: Connection, row: BookingRow) -> tuple[BookingRow, ...]:
    """All bookings of its event that stand or wait, and it itself in any case; in the order they were made."""
    if not is_shared(row):
        return (row,)
    found = bookings.of_event(conn, row.event)
    return tuple(one for one in found if one.id == row.id or one.status in bookings.BLOCKING)


def gathered(conn: Connection, event: str) -> Gathering:
    """With the next SEQUENCE; for whoever writes the event anew."""
    rows = bookings.of_event(conn, event)
    here = tuple(one for one in rows if one.status in bookings.BLOCKING and details(one).invited)
    coming = {details(one).invitee.email.lower() for one in here}
    gone = {details(one).invitee.email.lower() for one in rows} - coming
    return Gathering(event, bookings.count_up(conn, event), here, tuple(sorted(gone)))


def joined(
    conn: Connection, kind: tuple[int, int], hosts: Sequence[Principal], time: tuple[int, int], but: int = 0
) -> str:
    """UID of the event to share: one with seats left at that very time with the same hosts, else a new one.

    kind: id of the event type, and how many seats it has. but: id of a booking that does not count.
    """
    shared: dict[str, list[BookingRow]] = {}
    for row in bookings.at(conn, kind[0], *time):
        if is_shared(row) and row.id != but and taken.is_live(conn, row.id):
            shared.setdefault(row.event, []).append(row)
    ids = [one.id for one in hosts]
    for event, rows in shared.items():
        if len(rows) < kind[1] and taken.hosts_of(conn, rows[0].id) == ids:
            return event
    return str(uuid.uuid4())


def seats_left(conn: Connection, of: Bookable, starts: Sequence[int]) -> dict[int, int]:
    """How many parties can still book each of these bookable starts, in order, with whoever has it next."""
    if not starts:
        return {}
    rows = taken.blocking(conn, [one.id for one in of.people], starts[0], starts[-1] + 1)
    filled: dict[tuple[int, str], set[str]] = {}
    for row in rows:
        if row.event_type_id == of.row.id and row.end - row.start == of.kind.length * 60:
            filled.setdefault((row.start, row.event), set()).add(row.uid)
    left = dict.fromkeys(starts, of.kind.seats)
    for (start, _), parties in filled.items():
        if start in left and len(parties) < of.kind.seats:
            left[start] = min(left[start], of.kind.seats - len(parties))
    return left
