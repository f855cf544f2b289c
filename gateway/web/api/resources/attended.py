"""What hosts do with bookings besides: who did not come, notes, and another host."""

from dataclasses import replace

from gateway.booking.access import of_person
from gateway.booking.attended import mark_no_show, note_for_hosts
from gateway.booking.reassign import Candidate, candidates, reassign
from gateway.store.database import Connection
from gateway.web.api.operation import Call
from gateway.web.api.resources.bookings import Booking, BookingAsked, found, shown
from gateway.web.api.values import Model, Name, Text


class NoShow(Model):
    """Whether nobody came."""

    no_show: bool


class HostNote(Model):
    """In place of the one before."""

    host_note: Text
    """Empty: none."""


class HandOver(Model):
    """Between whom."""

    old: Name
    """A host of the booking."""
    new: Name
    """Another host of its event type."""


class OtherHost(Model):
    """A host of the event type who does not have the booking."""

    name: Name
    display_name: str
    reasons: tuple[str, ...]
    """Why they are not free then, such as hours, away, busy, buffer, booked, stale; none: they are."""
    possible: bool
    """False where another booking of theirs is in the way."""


class OtherHosts(Model):
    """Those who are free first."""

    items: tuple[OtherHost, ...]


async def mark_booking(call: Call, asked: BookingAsked, given: NoShow) -> Booking:
    own, token = await found(call, asked.uid)
    row = await mark_no_show(call.desk, asked.uid, token, no_show=given.no_show)
    return shown(call, replace(own, row=row))


async def annotate_booking(call: Call, asked: BookingAsked, given: HostNote) -> Booking:
    own, token = await found(call, asked.uid)
    return shown(call, replace(own, row=await note_for_hosts(call.desk, asked.uid, token, given.host_note)))


async def list_other_hosts(call: Call, asked: BookingAsked) -> OtherHosts:
    def read(conn: Connection) -> list[Candidate]:
        return candidates(conn, call.desk, of_person(conn, call.asker.id, asked.uid), call.asker)

    rows = await call.db.read(read)
    return OtherHosts(items=tuple(map(_other, rows)))


def _other(one: Candidate) -> OtherHost:
    causes = tuple(dict.fromkeys(reason.cause.value for reason in one.reasons))
    name = one.person
    return OtherHost(name=name.name, display_name=name.displayname, reasons=causes, possible=not one.booked)


async def reassign_booking(call: Call, asked: BookingAsked, given: HandOver) -> Booking:
    own, token = await found(call, asked.uid)
    row = await reassign(call.desk, asked.uid, token, given.old, given.new)
    hosts = tuple(given.new if name == given.old else name for name in own.hosts)
    return shown(call, replace(own, row=row, hosts=hosts if given.new not in own.hosts else own.hosts))
