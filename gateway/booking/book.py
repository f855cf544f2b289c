"""Books, moves and cancels: each one transaction that locks the hosts, looks again, and writes all that follows."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from gateway.booking import mails, offer
from gateway.booking.access import alter, find, locked
from gateway.booking.context import Desk
from gateway.booking.copies import Change, deliver, put_event, take_event
from gateway.booking.guests import invited
from gateway.booking.live import Question, look
from gateway.booking.locations import LOCATIONS
from gateway.booking.locations import Meeting as At
from gateway.booking.mails import Cause
from gateway.booking.model import BookingDetails, EventType, Invitee, Place, details, document, said
from gateway.booking.offer import Bookable, Visit
from gateway.booking.tokens import digest, new_token
from gateway.errors import Flaw, InvalidInput, SlotTaken
from gateway.scheduling.mail import Kind
from gateway.store import bookings, holds
from gateway.store.bookings import BookingRow
from gateway.store.database import Connection
from gateway.store.locks import lock_people
from gateway.store.principals import Principal
from gateway.sync.write import Staged


@dataclass(frozen=True, slots=True)
class Wish:
    """What an invitee asks for.

    start: epoch seconds. length: minutes, 0: the event type's usual one. answers: by the questions' names.
    where: key of the place, "" where there is but one. place: the answer to what the kind of place asks.
    key: the same for each sending of one form, "": none. visitor: the secret that a held time is known by, "": none.
    unchecked: not every provider said whether the hosts are free.
    guests: addresses of whom they bring.
    """

    start: int
    invitee: Invitee
    note: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    where: str = ""
    place: str = ""
    key: str = ""
    visitor: str = ""
    guests: tuple[str, ...] = ()
    length: int = 0
    unchecked: bool = False


@dataclass(frozen=True, slots=True)
class Booked:
    """token: for the links. created: False where the same form had been sent before."""

    row: BookingRow
    token: str
    created: bool


async def book(desk: Desk, name: str, slug: str, wish: Wish) -> Booked:
    """name: see offer.bookable.

    Raises: SlotTaken; NotFound; InvalidInput for a length or a place that is not offered, or for more guests than are
        allowed; BackendUnavailable if a host's calendar refuses the event (nothing is booked).
    """
    token, host_token = new_token(), new_token()
    visit = _visit(desk, wish.invitee.zone, visitor=wish.visitor)

    def choose(conn: Connection, away: frozenset[int]) -> Question | None:
        if wish.key and bookings.by_idempotency(conn, wish.key) is not None:
            return None
        of = offer.apart(offer.bookable(conn, name, slug).lasting(wish.length), away)
        return _question(of.kind, offer.crew(conn, of, visit, wish.start), wish.start)

    looked = await look(desk, choose)

    def write(conn: Connection) -> tuple[Change, bool]:
        of = offer.apart(offer.bookable(conn, name, slug).lasting(wish.length), looked.busy)
        lock_people(conn, *(one.id for one in of.people))
        known = bookings.by_idempotency(conn, wish.key) if wish.key else None
        if known is not None:
            if known.event_type_id != of.row.id:
                raise SlotTaken("this form has been sent already")
            return Change(known, offer.hosts_of(conn, known)), False
        hosts = _crew(conn, of, visit, wish.start)
        row = _insert(conn, desk, of, hosts, replace(wish, unchecked=looked.silent), (token, host_token))
        if wish.visitor:
            holds.drop(conn, digest(wish.visitor))
        staged = _tell(conn, desk, Cause(Kind.BOOKED, row, hosts, of))
        return Change(row, hosts, staged, {"status": "declined", "idempotency": None}), True

    change, created = await desk.db.write(write)
    await deliver(desk, change)
    return Booked(change.row, token if created else desk.sealer.open(details(change.row).token.encode()), created)


def _tell(conn: Connection, desk: Desk, cause: Cause) -> Sequence[Staged]:
    """What waits for a host's answer is no event yet, unless it was one before; and is told as what it is."""
    if cause.row.status == "pending":
        cause = replace(cause, kind=Kind.REQUESTED)
        if not details(cause.row).invited:
            mails.queue(conn, desk, cause, held=False)
            return ()
    return put_event(conn, desk, cause)


async def reschedule(desk: Desk, uid: str, token: str, start: int, zone: str) -> BookingRow:
    """zone: IANA name, of who moves it. The same time again changes nothing.

    What an invitee moves may have to be confirmed again; a host who moves it agrees to it.
    Raises: NotFound; SlotTaken, also for a booking that is over, cancelled, or of an event type that is no more;
        BackendUnavailable if a host's calendar refuses (nothing was changed).
    """

    def choose(conn: Connection, away: frozenset[int]) -> Question | None:
        found = find(conn, uid, token)
        if found.of is None or found.row.start == start or not found.may_move(desk.clock()) or away:
            return None
        return _question(found.of.kind, found.hosts, start)

    looked = await look(desk, choose)

    def write(conn: Connection) -> Change:
        found = locked(conn, uid, token)
        row, hosts, of = found.row, found.hosts, found.of
        if of is None or not found.may_move(desk.clock()):
            raise SlotTaken("this booking cannot be moved any more")
        if row.start == start:
            return Change(row, hosts)
        _crew(conn, offer.apart(of, looked.busy), _visit(desk, zone, uid), start)
        asked = of.kind.waits(start, int(desk.clock()))
        unchecked = not asked and of.kind.waits(start, int(desk.clock()), unchecked=looked.silent)
        waits = not found.by_host and (row.status == "pending" or asked or unchecked)
        now_so = {"invited": found.details.invited or not waits, "unchecked": waits and unchecked}
        written = found.details.model_copy(update=now_so)
        if not found.by_host:
            written = written.model_copy(update={"invitee": written.invitee.model_copy(update={"zone": zone})})
        row, undo = alter(conn, desk, row, written, {**offer.times(of.kind, start), **_state(of.kind, waits=waits)})
        staged = _tell(
            conn, desk, Cause(Kind.RESCHEDULED, row, hosts, of, (undo["start"], undo["end"]), by_host=found.by_host)
        )
        return Change(row, hosts, staged, undo)

    change = await desk.db.write(write)
    await deliver(desk, change)
    return change.row


async def cancel(desk: Desk, uid: str, token: str, reason: str = "", *, disowned: bool = False) -> BookingRow:
    """Once cancelled it stays so; cancelling again changes nothing.

    disowned: by the invitee's link, from somebody who booked nothing: that is never too late.

    Raises: NotFound; SlotTaken for a booking that is over; BackendUnavailable if a host's calendar refuses.
    """

    def write(conn: Connection) -> Change:
        found = locked(conn, uid, token)
        row, hosts = found.row, found.hosts
        if row.status == "cancelled":
            return Change(row, hosts)
        if not (found.may_disown(desk.clock()) if disowned else found.may_cancel(desk.clock())):
            raise SlotTaken("this booking cannot be cancelled any more")
        written = found.details.model_copy(update={"reason": reason, "disowned": disowned})
        row, undo = alter(conn, desk, row, written, {"status": "cancelled"})
        staged = take_event(conn, desk, Cause(Kind.CANCELLED, row, hosts, found.of, by_host=found.by_host))
        return Change(row, hosts, staged, undo)

    change = await desk.db.write(write)
    await deliver(desk, change)
    return change.row


def _visit(desk: Desk, zone: str, moving: str | None = None, *, visitor: str = "") -> Visit:
    hold = digest(visitor) if visitor else ""
    return Visit(zone, int(desk.clock()), desk.settings.booking.stale_after, moving, hold)


def _crew(conn: Connection, of: Bookable, visit: Visit, start: int) -> tuple[Principal, ...]:
    hosts = offer.crew(conn, of, visit, start)
    if not hosts:
        raise SlotTaken("this time is not free any more")
    return hosts


def _question(kind: EventType, hosts: Sequence[Principal], start: int) -> Question | None:
    at = offer.times(kind, start)
    return Question(tuple(hosts), at["blocked_from"], at["blocked_until"]) if hosts else None


def _state(kind: EventType, *, waits: bool) -> dict[str, Any]:
    """live: whether it takes the hosts' time."""
    return {"status": "pending" if waits else "accepted", "live": not waits or kind.pending_blocks}


def _meets(desk: Desk, of: Bookable, wish: Wish, where: Place, uid: str) -> At:
    jitsi = desk.settings.booking.jitsi_url
    return At(uid, where.text, wish.place, of.host.name, wish.invitee.name, wish.start, jitsi)


def _insert(
    conn: Connection, desk: Desk, of: Bookable, hosts: Sequence[Principal], wish: Wish, tokens: tuple[str, str]
) -> BookingRow:
    """tokens: the invitee's and the hosts'."""
    uid, now = str(uuid.uuid4()), int(desk.clock())
    where = of.kind.place(wish.where)
    if where is None:
        raise InvalidInput("choose one of the places", (Flaw("choose one of the places", pointer="/where"),))
    place = LOCATIONS.get(where.kind, LOCATIONS["none"])
    waits = of.kind.waits(wish.start, now, unchecked=wish.unchecked)
    written = BookingDetails(
        invitee=wish.invitee,
        title=said(of.kind.title, hosts[0].locale),
        note=wish.note,
        answers=dict(wish.answers),
        place=place.where(_meets(desk, of, wish, where, uid)),
        where=where,
        token=desk.sealer.seal(tokens[0]).decode(),
        host_token=desk.sealer.seal(tokens[1]).decode(),
        invited=not waits,
        room=place.kind if place.room else "",
        unchecked=wish.unchecked and waits and not of.kind.waits(wish.start, now),
    )
    written = invited(desk, written, of.kind, hosts, wish.guests)
    values: dict[str, Any] = {
        "user_id": hosts[0].id,
        "event_type_id": of.row.id,
        "uid": uid,
        "sequence": 0,
        "digest": digest(tokens[0]),
        "host_digest": digest(tokens[1]),
        "document": document(written),
        "created": now,
        "changed": now,
        **offer.times(of.kind, wish.start),
        **_state(of.kind, waits=waits),
    }
    live = values.pop("live")
    key = bookings.add(conn, {**values, "idempotency": wish.key or None}, [one.id for one in hosts], live=live)
    return BookingRow(id=key, **values)
