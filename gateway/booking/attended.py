"""What hosts write down of a booking for themselves: that nobody came, and notes. The invitee hears of neither."""

from dataclasses import replace

from gateway.booking.access import Found, locked
from gateway.booking.context import Desk
from gateway.booking.history import NO_SHOW, Change, Happened, happened
from gateway.booking.model import document
from gateway.errors import NotFound, SlotTaken
from gateway.store import bookings
from gateway.store.bookings import BookingRow
from gateway.store.database import Connection


def may_be_no_show(row: BookingRow, now: float) -> bool:
    """Once it has begun."""
    return row.status == "accepted" and row.start <= now


async def mark_no_show(desk: Desk, uid: str, token: str, *, no_show: bool) -> BookingRow:
    """Whether nobody came; the same again changes nothing.

    Raises: NotFound, also with an invitee's token; SlotTaken for what has not begun yet, or does not take place.
    """

    def write(conn: Connection) -> BookingRow:
        found = theirs(conn, uid, token)
        if not may_be_no_show(found.row, desk.clock()):
            raise SlotTaken("only of a confirmed booking that has begun it can be said whether somebody came")
        if found.details.no_show == no_show:
            return found.row
        changed = document(found.details.model_copy(update={"no_show": no_show}))
        bookings.change(conn, found.row.id, document=changed)
        row = replace(found.row, document=changed)
        happened(conn, desk, row, Happened(NO_SHOW, by_host=True, change=Change(no_show=no_show)), desk.clock())
        return row

    row = await desk.db.write(write)
    desk.sync.bell.ring()
    return row


async def note_for_hosts(desk: Desk, uid: str, token: str, text: str) -> BookingRow:
    """In place of the one before; "": none. Raises: NotFound, also with an invitee's token."""

    def write(conn: Connection) -> BookingRow:
        found = theirs(conn, uid, token)
        changed = document(found.details.model_copy(update={"host_note": text}))
        bookings.change(conn, found.row.id, document=changed)
        return replace(found.row, document=changed)

    return await desk.db.write(write)


def theirs(conn: Connection, uid: str, token: str) -> Found:
    """The booking, locked, for a host. Raises: NotFound, also with an invitee's token."""
    found = locked(conn, uid, token)
    if not found.by_host:
        raise NotFound("there is no such booking, or the link is not complete")
    return found
