"""Books, moves and cancels: each one transaction that locks the hosts, looks again, and writes all that follows."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from gateway.booking import mails, offer
from gateway.booking.access import Found, alter, find, locked
from gateway.booking.context import Desk
from gateway.booking.copies import Change, deliver, left, put_event, take_event
from gateway.booking.gathering import is_shared, joined
from gateway.booking.guests import invited
from gateway.booking.live import Question, look
from gateway.booking.locations import LOCATIONS
from gateway.booking.locations import Meeting as At
from gateway.booking.mails import Cause
from gateway.booking.model import BookingDetails, EventType, Invitee, Place, details, document, said
from gateway.booking.moving import Goal, Moved, goal, moved, without
from gateway.booking.offer import Bookable, Visit
from gateway.booking.tokens import digest, new_token
from gateway.booking.turns import lost, planned, starts, times, to_come, turns
from gateway.errors import BackendUnavailable, Flaw, InvalidInput, LinkOver, NotFound, SlotTaken
from gateway.scheduling.mail import Kind
from gateway.store import bookings, holds, links
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
    link: the secret of the link they came by, "": none. unchecked: not every provider said whether the hosts are free.
    guests: addresses of whom they bring.
    dates: how many of a series they want, where they may choose; 0: all.
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
    link: str = ""
    dates: int = 0


@dataclass(frozen=True, slots=True)
class Booked:
    """token: for the links. created: False where the same form had been sent before."""

    row: BookingRow
    token: str
    created: bool


async def book(desk: Desk, name: str, slug: str, wish: Wish) -> Booked:
    """name: see offer.bookable.

    Raises: SlotTaken; NotFound; LinkOver; InvalidInput for a length or a place that is not offered, or for more
        guests than are allowed; BackendUnavailable if a host's calendar refuses the event (nothing is booked).
    """
    token, host_token = new_token(), new_token()
    visit = _visit(desk, wish.invitee.zone, visitor=wish.visitor)

    def choose(conn: Connection, away: frozenset[int]) -> Question | None:
        if wish.key and bookings.by_idempotency(conn, wish.key) is not None:
            return None
        of = offer.apart(_wished(conn, name, slug, wish), away)
        return _question(conn, of, offer.crew(conn, of, visit, wish.start), wish.start, visit.now)

    looked = await look(desk, choose)

    def write(conn: Connection) -> tuple[Change, bool]:
        of = offer.apart(_wished(conn, name, slug, wish), looked.busy)
        lock_people(conn, *(one.id for one in of.people))
        known = bookings.by_idempotency(conn, wish.key) if wish.key else None
        if known is not None:
            if known.event_type_id != of.row.id:
                raise SlotTaken("this form has been sent already")
            return Change(known, offer.hosts_of(conn, known)), False
        hosts = _crew(conn, of, visit, wish.start)
        if wish.link and not links.use(conn, digest(wish.link), of.row.id, visit.now):
            raise LinkOver("this link is used up, or its time is over")
        row = _insert(conn, desk, of, hosts, replace(wish, unchecked=looked.silent), (token, host_token))
        if wish.visitor:
            holds.drop(conn, digest(wish.visitor))
        staged = _tell(conn, desk, Cause(Kind.BOOKED, row, hosts, of))
        return Change(row, hosts, staged, {"status": "declined", "idempotency": None}), True

    change, created = await desk.db.write(write)
    try:
        await deliver(desk, change)
    except BackendUnavailable:
        if wish.link:
            await desk.db.write(links.give_back, digest(wish.link))
        raise
    return Booked(change.row, token if created else desk.sealer.open(details(change.row).token.encode()), created)


def _wished(conn: Connection, name: str, slug: str, wish: Wish) -> Bookable:
    of = offer.bookable(conn, name, slug)
    if of.kind.links_only and not wish.link:
        raise NotFound("there is nothing of that name to book here")
    return of.lasting(wish.length).with_dates(wish.dates)


def _tell(conn: Connection, desk: Desk, cause: Cause) -> Sequence[Staged]:
    """What waits for a host's answer is no event yet, unless it was one before; and is told as what it is."""
    if cause.row.status == "pending":
        cause = replace(cause, kind=Kind.REQUESTED)
        if not details(cause.row).invited:
            mails.queue(conn, desk, cause, held=False)
            return ()
    return put_event(conn, desk, cause)


async def reschedule(desk: Desk, uid: str, token: str, start: int, zone: str, at: int | None = None) -> BookingRow:
    """zone: IANA name, of who moves it. The same time again changes nothing.

    at: RECURRENCE-ID of the one date of a series that is moved; None: all that can still be, to a series that begins
    at `start`. What an invitee moves may have to be confirmed again; a host who moves it agrees to it. Of an event with
    seats a host moves all parties, each of which is told; an invitee goes to another event alone.
    Raises: NotFound; SlotTaken, also for a booking that is over, cancelled, or of an event type that is no more;
        BackendUnavailable if a host's calendar refuses (nothing was changed).
    """

    def choose(conn: Connection, away: frozenset[int]) -> Question | None:
        found, now = find(conn, uid, token), int(desk.clock())
        aim = goal(found, now, at)
        if aim is None or away or moved(conn, found, aim, start, now) is None:
            return None
        return _question(conn, aim.of, found.hosts, start, now)

    looked = await look(desk, choose)

    def write(conn: Connection) -> Change:
        found, now = locked(conn, uid, token), int(desk.clock())
        row, hosts, aim = found.row, found.hosts, goal(found, now, at)
        if aim is None:
            raise SlotTaken("this booking cannot be moved any more")
        after = moved(conn, found, aim, start, now)
        if after is None:
            return Change(row, hosts)
        _crew(conn, offer.apart(aim.of, looked.busy), aim.visit(_visit(desk, zone, found.moving)), start)
        if found.whole:
            return _move_all(conn, desk, found, offer.times(aim.of.kind, start))
        return _move_one(conn, desk, found, (aim, after), (start, zone), looked.silent)

    change = await desk.db.write(write)
    await deliver(desk, change)
    return change.row


def _move_one(
    conn: Connection, desk: Desk, found: Found, aims: tuple[Goal, Moved], to: tuple[int, str], silent: bool
) -> Change:
    """to: the start, and the zone of who moves it."""
    (aim, after), (start, zone), row, hosts, now = aims, to, found.row, found.hosts, int(desk.clock())
    asked = aim.of.kind.waits(start, now)
    unchecked = not asked and aim.of.kind.waits(start, now, unchecked=silent)
    waits = not found.by_host and (row.status == "pending" or asked or unchecked)
    now_so = {"invited": found.details.invited or not waits, "unchecked": waits and unchecked}
    written = after.details.model_copy(update=now_so)
    if not found.by_host:
        written = written.model_copy(update={"invitee": written.invitee.model_copy(update={"zone": zone})})
    changed = {**after.columns, **_state(aim.of.kind, waits=waits)}
    leaves = row.event if is_shared(row) else ""
    if leaves:
        changed["event"] = _event(conn, aim.of, hosts, start)
    row, undo = alter(conn, desk, row, written, changed)
    kind = Kind.DATE_MOVED if len(aim.meant) == 1 and written.series is not None else Kind.RESCHEDULED
    cause = Cause(kind, row, hosts, found.of, before=(aim.first.start, aim.first.end), by_host=found.by_host)
    staged = [*_tell(conn, desk, replace(cause, dates=() if after.whole else aim.ats))]
    staged += left(conn, desk, cause, leaves) if leaves else ()
    return Change(row, hosts, staged, undo, left=leaves)


def _move_all(conn: Connection, desk: Desk, found: Found, columns: Mapping[str, Any]) -> Change:
    """A host moves an event with all its parties, to a time that has none of its kind."""
    before = found.row.start, found.row.end
    (first, undo), *more = [alter(conn, desk, one, details(one), columns) for one in found.parties]
    rows = (first, *(one for one, _ in more))
    cause = Cause(Kind.RESCHEDULED, first, found.hosts, found.of, before=before, by_host=True, rows=rows)
    return Change(first, found.hosts, put_event(conn, desk, cause), undo, more=tuple(more))


async def cancel(
    desk: Desk,
    uid: str,
    token: str,
    reason: str = "",
    at: int | None = None,
    *,
    disowned: bool = False,
    whole: bool = False,
) -> BookingRow:
    """Once cancelled it stays so; cancelling again changes nothing.

    at: RECURRENCE-ID of the one date of a series that is cancelled; None: all that can still be.
    disowned: by the invitee's link, from somebody who booked nothing: that is never too late.
    whole: a host calls off the event with all who share it.

    Raises: NotFound; SlotTaken for a booking that is over; BackendUnavailable if a host's calendar refuses.
    """

    def write(conn: Connection) -> Change:
        found = locked(conn, uid, token)
        row, hosts = found.row, found.hosts
        if row.status == "cancelled" or any(one.gone for one in turns(row) if one.at == at):
            return Change(row, hosts)
        now = desk.clock()
        if disowned:
            meant = [one.at for one in to_come(row, now)] if found.may_disown(now) else []
        else:
            meant = [one.at for one in found.cancellable(now) if at in (None, one.at)]
        if not meant:
            raise SlotTaken("this booking cannot be cancelled any more")
        if whole and found.whole:
            return _end_all(conn, desk, found, reason)
        after = without(row, meant, now)
        written = after.details.model_copy(update={"reason": reason, "disowned": disowned})
        row, undo = alter(conn, desk, row, written, after.columns)
        kind = Kind.CANCELLED if row.status == "cancelled" else Kind.DATE_CANCELLED
        cause = Cause(kind, row, hosts, found.of, by_host=found.by_host, dates=lost(found.row, row))
        staged = take_event(conn, desk, cause)
        return Change(row, hosts, staged, undo)

    change = await desk.db.write(write)
    await deliver(desk, change)
    return change.row


def _end_all(conn: Connection, desk: Desk, found: Found, reason: str) -> Change:
    said = {"reason": reason}
    ended = [
        alter(conn, desk, one, details(one).model_copy(update=said), {"status": "cancelled"}) for one in found.parties
    ]
    (first, undo), *more = ended
    rows = tuple(one for one, _ in ended)
    cause = Cause(Kind.CANCELLED, first, found.hosts, found.of, by_host=True, rows=rows)
    return Change(first, found.hosts, take_event(conn, desk, cause), undo, more=tuple(more))


def _visit(desk: Desk, zone: str, moving: str | None = None, *, visitor: str = "") -> Visit:
    hold = digest(visitor) if visitor else ""
    return Visit(zone, int(desk.clock()), desk.settings.booking.stale_after, moving, hold)


def _crew(conn: Connection, of: Bookable, visit: Visit, start: int) -> tuple[Principal, ...]:
    hosts = offer.crew(conn, of, visit, start)
    if not hosts:
        raise SlotTaken("this time is not free any more")
    return hosts


def _question(conn: Connection, of: Bookable, hosts: Sequence[Principal], start: int, now: int) -> Question | None:
    if not hosts:
        return None
    each = [offer.times(of.kind, one) for one in starts(of.kind, start, offer.event_zone(conn, of, now))]
    return Question(tuple(hosts), tuple((one["blocked_from"], one["blocked_until"]) for one in each))


def _state(kind: EventType, *, waits: bool) -> dict[str, Any]:
    """live: whether it takes the hosts' time."""
    return {"status": "pending" if waits else "accepted", "live": not waits or kind.pending_blocks}


def _meets(desk: Desk, of: Bookable, wish: Wish, where: Place, uid: str) -> At:
    jitsi = desk.settings.booking.jitsi_url
    who = wish.invitee.name if of.kind.seats == 1 else ""  # others read it too
    return At(uid, where.text, wish.place, of.host.name, who, wish.start, jitsi)


def _place(conn: Connection, event: str, made: str, *, own: bool) -> str:
    """As the parties have it whom this one joins, who may have been told of another since. own: each has theirs."""
    there = [details(one).place for one in bookings.of_event(conn, event) if one.status in bookings.BLOCKING]
    return there[0] if there and not own else made


def _event(conn: Connection, of: Bookable, hosts: Sequence[Principal], start: int) -> str:
    return joined(conn, (of.row.id, of.kind.seats), hosts, (start, start + of.kind.length * 60))


def _insert(
    conn: Connection, desk: Desk, of: Bookable, hosts: Sequence[Principal], wish: Wish, tokens: tuple[str, str]
) -> BookingRow:
    """tokens: the invitee's and the hosts'."""
    uid, now = str(uuid.uuid4()), int(desk.clock())
    where = of.kind.place(wish.where)
    if where is None:
        raise InvalidInput("choose one of the places", (Flaw("choose one of the places", pointer="/where"),))
    event = _event(conn, of, hosts, wish.start) if of.kind.seats > 1 else uid
    place = LOCATIONS.get(where.kind, LOCATIONS["none"])
    waits = of.kind.waits(wish.start, now, unchecked=wish.unchecked)
    series = planned(of.kind, wish.start, offer.event_zone(conn, of, now))
    written = BookingDetails(
        invitee=wish.invitee,
        title=said(of.kind.title, hosts[0].locale),
        note=wish.note,
        answers=dict(wish.answers),
        place=_place(conn, event, place.where(_meets(desk, of, wish, where, event)), own=bool(place.asks)),
        where=where,
        token=desk.sealer.seal(tokens[0]).decode(),
        host_token=desk.sealer.seal(tokens[1]).decode(),
        invited=not waits,
        room=place.kind if place.room else "",
        unchecked=wish.unchecked and waits and not of.kind.waits(wish.start, now),
        series=series,
    )
    written = invited(desk, written, of.kind, hosts, wish.guests)
    values: dict[str, Any] = {
        "user_id": hosts[0].id,
        "event_type_id": of.row.id,
        "uid": uid,
        "event": event,
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
    row, users = BookingRow(id=0, **values), [one.id for one in hosts]
    values["idempotency"] = wish.key or None
    key = bookings.add(conn, values, users, live=live, dates=times(row, turns(row)))
    return replace(row, id=key)
