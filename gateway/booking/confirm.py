"""A host's answer to a booking that waits for it."""

from dataclasses import replace

from gateway.booking.access import Found, alter, is_open, locked, overlapping
from gateway.booking.context import Desk
from gateway.booking.copies import Change, deliver, put_event, take_event
from gateway.booking.gathering import is_shared, joined
from gateway.booking.mails import Cause
from gateway.booking.turns import ended, lost
from gateway.errors import NotFound, SlotTaken
from gateway.scheduling.mail import Kind
from gateway.store import taken
from gateway.store.bookings import BookingRow
from gateway.store.database import Connection


async def confirm(desk: Desk, uid: str, token: str) -> BookingRow:
    """Once confirmed, confirming it again changes nothing.

    The host decides, whatever their calendar says; but two bookings never overlap.
    Raises: NotFound, also with an invitee's token; SlotTaken if another booking has the time by now, or this one is
        over or gone; BackendUnavailable if a host's calendar refuses the event (it goes on waiting).
    """

    def write(conn: Connection) -> Change:
        found = _theirs(conn, uid, token)
        row, hosts = found.row, found.hosts
        if row.status == "accepted":
            return Change(row, hosts)
        if not is_open(row, desk.clock()):
            raise SlotTaken("this booking cannot be confirmed any more")
        event = _event(conn, found)
        if overlapping(conn, replace(row, event=event), hosts, desk.clock()):
            raise SlotTaken("another booking has this time by now")
        written = found.details.model_copy(update={"invited": True})
        row, undo = alter(conn, desk, row, written, {"status": "accepted", "event": event})
        staged = put_event(conn, desk, Cause(Kind.CONFIRMED, row, hosts, found.of))
        return Change(row, hosts, staged, undo)

    change = await desk.db.write(write)
    await deliver(desk, change)
    return change.row


async def decline(desk: Desk, uid: str, token: str, reason: str = "") -> BookingRow:
    """Once declined, declining it again changes nothing.

    Raises: NotFound, also with an invitee's token; SlotTaken for what does not wait any more; BackendUnavailable.
    """

    def write(conn: Connection) -> Change:
        found = _theirs(conn, uid, token)
        row, hosts = found.row, found.hosts
        if row.status == "declined":
            return Change(row, hosts)
        if row.status != "pending":
            raise SlotTaken("this booking does not wait for an answer any more")
        written = ended(found.details, row, desk.clock()).model_copy(update={"reason": reason})
        row, undo = alter(conn, desk, row, written, {"status": "declined"})
        cause = Cause(Kind.DECLINED, row, hosts, found.of, dates=lost(found.row, row))
        staged = take_event(conn, desk, cause)
        return Change(row, hosts, staged, undo)

    change = await desk.db.write(write)
    await deliver(desk, change)
    return change.row


def _event(conn: Connection, found: Found) -> str:
    """The one it shares from now on: who did not take a seat yet may find another one by now."""
    row = found.row
    if found.of is None or not is_shared(row) or taken.is_live(conn, row.id):
        return row.event
    kind = found.of.row.id, found.of.kind.seats
    return joined(conn, kind, found.hosts, (row.start, row.end), but=row.id)


def _theirs(conn: Connection, uid: str, token: str) -> Found:
    found = locked(conn, uid, token)
    if not found.by_host:
        raise NotFound("there is no such booking, or the link is not complete")
    return found
