"""What is still to be done so that a booking has the room it should have."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from gateway.backends.rooms import RoomWish
from gateway.booking import offer
from gateway.booking.access import is_open
from gateway.booking.context import Desk
from gateway.booking.meeting import meeting
from gateway.booking.model import BookingDetails, details
from gateway.booking.rooms.kinds import ROOM_KINDS, RoomKind
from gateway.store import bookings, jobs, principals, rooms, taken
from gateway.store.bookings import BookingRow
from gateway.store.database import Connection
from gateway.store.locks import lock_people
from gateway.store.principals import Principal
from gateway.store.rooms import RoomRow

ROOM: Final = "room"
WAITS: Final = 30.0
"""Seconds that the worker leaves a room to whoever makes it while the invitee waits for their page."""
OPEN: Final = "open"
CHANGE: Final = "change"
CLOSE: Final = "close"
REFUSED: Final = "refused"
SETTLED: Final[Mapping[str, Any]] = {"failing_since": None, "trouble": "", "error": "", "told": ""}
"""Columns of a room that nothing is wrong with."""


@dataclass(frozen=True, slots=True)
class Step:
    """op: OPEN, CHANGE or CLOSE. host: whose room it is.

    room: as it is before. booking: as it is now, with its hosts.
    """

    op: str
    kind: RoomKind
    room: RoomRow
    host: Principal
    booking: BookingRow
    hosts: Sequence[Principal]
    wish: RoomWish


def wake(conn: Connection, desk: Desk, row: BookingRow) -> bool:
    """After every change of the booking, its room is seen to; whether one is yet to be made, and mails wait for it."""
    if details(row).room not in ROOM_KINDS:
        return False
    now = desk.clock()
    rooms.forgive(conn, row.id)
    hosts = set(taken.hosts_of(conn, row.id))
    there = any(one.remote_id and one.user_id in hosts for one in rooms.of_booking(conn, row.id))
    awaited = row.status == "accepted" and not there
    jobs.add(conn, ROOM, row.uid, {"uid": row.uid}, due=now + WAITS if awaited else now, user=row.user_id)
    return awaited


def parted(conn: Connection, row: BookingRow, written: BookingDetails, leaving: Principal) -> BookingDetails:
    """What is known of a booking once that host does not have it any more: a room of theirs is its place no longer."""
    kind = ROOM_KINDS.get(written.room)
    theirs = {one.join_url for one in rooms.of_booking(conn, row.id) if one.user_id == leaving.id} - {""}
    if kind is None or written.place not in theirs:
        return written
    return written.model_copy(update={"place": kind.name, "dial_in": ()})


def wake_all(conn: Connection, desk: Desk, user: int) -> None:
    """They have connected an account: rooms that were missing are made."""
    now = desk.clock()
    for booking, one in rooms.without(conn, user, int(now)):
        rooms.forgive(conn, booking)
        jobs.add(conn, ROOM, one, {"uid": one}, due=now, user=user)


def next_step(conn: Connection, desk: Desk, uid: str) -> Step | None:
    """None: all is as it should be, or nothing can be done about it. What is begun is written down before."""
    found = _locked(conn, uid)
    if found is None:
        return None
    row, hosts = found
    written, wants = details(row), ROOM_KINDS.get(details(row).room)
    current: RoomRow | None = None
    for room in rooms.of_booking(conn, row.id):
        fits = row.status in bookings.BLOCKING and room.kind == written.room and room.user_id in {h.id for h in hosts}
        if fits:
            current = room
        elif room.begun:
            owner = principals.by_id(conn, room.user_id)
            return _step(CLOSE, ROOM_KINDS[room.kind], room, owner, row, hosts)
        else:
            rooms.drop(conn, room.id)
    if wants is None or not is_open(row, desk.clock()):
        return None
    if current is not None and current.remote_id:
        return _kept(current, wants, row, hosts)
    return _new(conn, desk, current, wants, row, hosts)


def _locked(conn: Connection, uid: str) -> tuple[BookingRow, tuple[Principal, ...]] | None:
    row = bookings.by_uid(conn, uid)
    if row is None:
        return None
    hosts = offer.hosts_of(conn, row)
    lock_people(conn, *(one.id for one in hosts))
    row = bookings.by_uid(conn, uid)
    return None if row is None or not hosts else (row, hosts)


def _kept(room: RoomRow, kind: RoomKind, row: BookingRow, hosts: Sequence[Principal]) -> Step | None:
    if (room.start, room.end) == (row.start, row.end) or room.trouble == REFUSED:
        return None
    host = next(one for one in hosts if one.id == room.user_id)
    return _step(CHANGE, kind, room, host, row, hosts)


def _new(
    conn: Connection, desk: Desk, room: RoomRow | None, kind: RoomKind, row: BookingRow, hosts: Sequence[Principal]
) -> Step | None:
    if row.status != "accepted" or (room is not None and room.trouble == REFUSED):
        return None
    here = [one for one in hosts if not one.is_outside]
    able = [one for one in here if kind.able(conn, desk, one, row.uid)]
    if not here:
        return None
    host = able[0] if able else here[0]
    if room is None or (room.user_id != host.id and not room.begun):
        if room is not None:
            rooms.drop(conn, room.id)
        room = rooms.add(conn, row.id, host.id, kind.kind, f"Booking {uuid.uuid4()}")
    host = next((one for one in hosts if one.id == room.user_id), host)
    if able:
        rooms.change(conn, room.id, begun=True)
    return _step(OPEN, kind, room, host, row, hosts)


def _step(op: str, kind: RoomKind, room: RoomRow, host: Principal, row: BookingRow, hosts: Sequence[Principal]) -> Step:
    said = meeting(row, hosts, None, host)
    repeats = details(row).series is not None
    wish = RoomWish(room.mark, said.title, row.start, row.end, host.zone, repeats)
    return Step(op, kind, room, host, row, hosts, wish)
