"""Books, moves and cancels: each one transaction that locks the hosts, looks again, and writes all that follows."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from gateway.booking import offer
from gateway.booking.context import Desk
from gateway.booking.copies import Change, deliver, put_event, take_event
from gateway.booking.locations import LOCATIONS
from gateway.booking.locations import Meeting as At
from gateway.booking.mails import Cause
from gateway.booking.model import BookingDetails, EventType, Invitee, details, document, said
from gateway.booking.offer import Bookable, Visit
from gateway.booking.tokens import digest, matches, new_token
from gateway.errors import NotFound, SlotTaken
from gateway.scheduling.mail import Kind
from gateway.store import bookings, taken
from gateway.store.bookings import BookingRow
from gateway.store.database import Connection
from gateway.store.principals import Principal


@dataclass(frozen=True, slots=True)
class Wish:
    """What an invitee asks for.

    start: epoch seconds. answers: by the questions' names. place: the answer to what the kind of place asks.
    key: the same for each sending of one form, "": none.
    """

    start: int
    invitee: Invitee
    note: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    place: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Booked:
    """token: for the links. created: False where the same form had been sent before."""

    row: BookingRow
    token: str
    created: bool


def find(conn: Connection, uid: str, token: str) -> BookingRow:
    """The booking a link leads to.

    Raises: NotFound, alike for unknown bookings and wrong tokens.
    """
    row = bookings.by_uid(conn, uid)
    if not matches(token, None if row is None else row.digest) or row is None:
        raise NotFound("there is no such booking, or the link is not complete")
    return row


def is_open(row: BookingRow, now: float) -> bool:
    """Whether it can still be moved or cancelled."""
    return row.status in bookings.BLOCKING and row.end > now


async def book(desk: Desk, name: str, slug: str, wish: Wish) -> Booked:
    """name: see offer.bookable.

    Raises: SlotTaken; NotFound; BackendUnavailable if a host's calendar refuses the event (nothing is booked).
    """
    token = new_token()

    def write(conn: Connection) -> tuple[Change, bool]:
        of = offer.bookable(conn, name, slug)
        taken.lock(conn, [one.id for one in of.people])
        known = bookings.by_idempotency(conn, wish.key) if wish.key else None
        if known is not None:
            if known.event_type_id != of.row.id:
                raise SlotTaken("this form has been sent already")
            return Change(known, offer.hosts_of(conn, known)), False
        hosts = _crew(conn, desk, of, wish.invitee.zone, wish.start)
        row = _insert(conn, desk, of, hosts, wish, token)
        staged = put_event(conn, desk, Cause(Kind.BOOKED, row, hosts, of))
        return Change(row, hosts, staged, {"status": "declined", "idempotency": None}), True

    change, created = await desk.db.write(write)
    await deliver(desk, change)
    return Booked(change.row, token if created else desk.sealer.open(details(change.row).token.encode()), created)


async def reschedule(desk: Desk, uid: str, token: str, start: int, zone: str) -> BookingRow:
    """zone: the invitee's, IANA name. The same time again changes nothing.

    Raises: NotFound; SlotTaken, also for a booking that is over, cancelled, or of an event type that is no more;
        BackendUnavailable if a host's calendar refuses (nothing was changed).
    """

    def write(conn: Connection) -> Change:
        row, hosts, of = _locked(conn, uid, token)
        if of is None or not is_open(row, desk.clock()):
            raise SlotTaken("this booking cannot be moved any more")
        if row.start == start:
            return Change(row, hosts)
        _crew(conn, desk, of, zone, start, uid)
        written = details(row)
        invitee = written.invitee.model_copy(update={"zone": zone})
        row, undo = _alter(conn, desk, row, written.model_copy(update={"invitee": invitee}), _times(of.kind, start))
        staged = put_event(conn, desk, Cause(Kind.RESCHEDULED, row, hosts, of, before=(undo["start"], undo["end"])))
        return Change(row, hosts, staged, undo)

    change = await desk.db.write(write)
    await deliver(desk, change)
    return change.row


async def cancel(desk: Desk, uid: str, token: str, reason: str = "") -> BookingRow:
    """Once cancelled it stays so; cancelling again changes nothing.

    Raises: NotFound; SlotTaken for a booking that is over; BackendUnavailable if a host's calendar refuses.
    """

    def write(conn: Connection) -> Change:
        row, hosts, of = _locked(conn, uid, token)
        if row.status == "cancelled":
            return Change(row, hosts)
        if not is_open(row, desk.clock()):
            raise SlotTaken("this booking is over")
        written = details(row).model_copy(update={"reason": reason})
        row, undo = _alter(conn, desk, row, written, {"status": "cancelled"})
        staged = take_event(conn, desk, Cause(Kind.CANCELLED, row, hosts, of))
        return Change(row, hosts, staged, undo)

    change = await desk.db.write(write)
    await deliver(desk, change)
    return change.row


def _crew(
    conn: Connection, desk: Desk, of: Bookable, zone: str, start: int, moving: str | None = None
) -> tuple[Principal, ...]:
    visit = Visit(zone, int(desk.clock()), desk.settings.booking.stale_after, moving)
    hosts = offer.crew(conn, of, visit, start)
    if not hosts:
        raise SlotTaken("this time is not free any more")
    return hosts


def _locked(conn: Connection, uid: str, token: str) -> tuple[BookingRow, tuple[Principal, ...], Bookable | None]:
    """The booking, its hosts and its event type, once nobody else can change them."""
    row = find(conn, uid, token)
    hosts, of = offer.hosts_of(conn, row), offer.of_booking(conn, row)
    taken.lock(conn, [one.id for one in (*hosts, *(of.people if of else ()))])
    return find(conn, uid, token), hosts, of


def _times(kind: EventType, start: int) -> dict[str, Any]:
    end = start + kind.length * 60
    return {
        "start": start,
        "end": end,
        "blocked_from": start - kind.before * 60,
        "blocked_until": end + kind.after * 60,
    }


def _insert(
    conn: Connection, desk: Desk, of: Bookable, hosts: Sequence[Principal], wish: Wish, token: str
) -> BookingRow:
    uid, now = str(uuid.uuid4()), int(desk.clock())
    place = LOCATIONS.get(of.kind.place.kind, LOCATIONS["none"])
    written = BookingDetails(
        invitee=wish.invitee,
        title=said(of.kind.title, hosts[0].locale),
        note=wish.note,
        answers=dict(wish.answers),
        place=place.where(At(uid, of.kind.place.text, wish.place, of.host.name, wish.invitee.name)),
        token=desk.sealer.seal(token).decode(),
    )
    values: dict[str, Any] = {
        "user_id": hosts[0].id,
        "event_type_id": of.row.id,
        "uid": uid,
        "status": "accepted",
        "sequence": 0,
        "digest": digest(token),
        "document": document(written),
        "created": now,
        "changed": now,
        **_times(of.kind, wish.start),
    }
    key = bookings.add(conn, {**values, "idempotency": wish.key or None}, [one.id for one in hosts])
    return BookingRow(id=key, **values)


def _alter(
    conn: Connection, desk: Desk, row: BookingRow, written: BookingDetails, changed: Mapping[str, Any]
) -> tuple[BookingRow, dict[str, Any]]:
    """The booking with its new columns and the next SEQUENCE; and the columns it had before.

    Undone, it keeps the SEQUENCE: a number that may have been seen is never given twice.
    """
    values = {**changed, "changed": int(desk.clock()), "document": document(written)}
    undo = {name: getattr(row, name) for name in values}
    values["sequence"] = row.sequence + 1
    bookings.change(conn, row.id, **values)
    return replace(row, **values), undo
