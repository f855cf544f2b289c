"""A room is there: its address becomes the booking's place, and everybody gets to know it."""

from dataclasses import replace

from gateway.backends.rooms import Room
from gateway.booking import mails, offer
from gateway.booking.access import alter
from gateway.booking.context import Desk
from gateway.booking.mails import Cause
from gateway.booking.model import details, document
from gateway.booking.rooms.plan import Step
from gateway.booking.spread import send, spread
from gateway.scheduling.mail import Kind
from gateway.store import bookings, rooms
from gateway.store.database import Connection
from gateway.store.locks import lock_people


def arrive(conn: Connection, desk: Desk, step: Step, room: Room) -> None:
    """Mails that still wait for it say it; where they have gone already, one more goes to each.

    A place that a host chose meanwhile stays.
    """
    lock_people(conn, *(one.id for one in step.hosts))
    settled = {"failing_since": None, "trouble": "", "error": "", "told": ""}
    times = {"start": step.wish.start, "end": step.wish.end}
    rooms.change(conn, step.room.id, remote_id=room.id, join_url=room.join_url, **times, **settled)
    row = bookings.by_uid(conn, step.booking.uid)
    if row is None or row.status not in bookings.BLOCKING:
        return
    written = details(row)
    if written.place not in {step.kind.name, step.room.join_url} or written.place == room.join_url:
        return
    written = written.model_copy(update={"place": room.join_url, "dial_in": room.dial_in})
    hosts, of = offer.hosts_of(conn, row), offer.of_booking(conn, row)
    cause = Cause(Kind.CHANGED, row, hosts, of, by_host=True)
    if mails.all_wait(conn, cause):
        bookings.change(conn, row.id, document=document(written))
        cause = replace(cause, row=replace(row, document=document(written)))
        mails.say_again(conn, cause)
    else:
        row, _ = alter(conn, desk, row, written, {})
        cause = replace(cause, row=row)
        mails.queue(conn, desk, cause, held=False)
    send(conn, desk, cause, spread(conn, desk, cause, room.join_url))
