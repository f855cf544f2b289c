"""Books, moves and cancels: each one transaction that locks the host, looks again, and writes all that follows."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from gateway.booking import mails, offer
from gateway.booking.context import Desk
from gateway.booking.event import Meeting, Person, event, moved
from gateway.booking.locations import LOCATIONS
from gateway.booking.locations import Meeting as At
from gateway.booking.mails import Cause
from gateway.booking.model import BookingDetails, EventType, Invitee, details, document, said
from gateway.booking.offer import Bookable, Visit
from gateway.booking.tokens import digest, matches, new_token
from gateway.errors import BackendUnavailable, GatewayError, NotFound, SlotTaken
from gateway.scheduling.mail import Kind
from gateway.store import bookings, members, objects, principals
from gateway.store.bookings import BookingRow
from gateway.store.database import Connection
from gateway.store.locks import lock_people
from gateway.store.principals import Principal
from gateway.sync.write import Staged, settle, stage_delete, stage_put


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


@dataclass(frozen=True, slots=True)
class Change:
    """What a transaction has done. row: the booking now. undo: columns that make it what it was."""

    row: BookingRow
    host: Principal
    staged: Staged | None = None
    undo: Mapping[str, Any] = field(default_factory=dict)


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


async def book(desk: Desk, user: str, slug: str, wish: Wish) -> Booked:
    """Raises: SlotTaken; NotFound; BackendUnavailable if the host's calendar refuses the event (nothing is booked)."""
    token = new_token()

    def write(conn: Connection) -> tuple[Change, bool]:
        of = offer.bookable(conn, user, slug)
        lock_people(conn, of.host.id)
        known = bookings.by_idempotency(conn, wish.key) if wish.key else None
        if known is not None:
            if known.user_id != of.host.id:
                raise SlotTaken("this form has been sent already")
            return Change(known, of.host), False
        _check(conn, desk, of, wish.invitee.zone, wish.start)
        row = _insert(conn, desk, of, wish, token)
        staged = _put_event(conn, desk, of, row, Kind.BOOKED)
        return Change(row, of.host, staged, {"status": "declined", "idempotency": None}), True

    change, created = await desk.db.write(write)
    await _deliver(desk, change)
    return Booked(change.row, token if created else desk.sealer.open(details(change.row).token.encode()), created)


async def reschedule(desk: Desk, uid: str, token: str, start: int, zone: str) -> BookingRow:
    """zone: the invitee's, IANA name. The same time again changes nothing.

    Raises: NotFound; SlotTaken, also for a booking that is over, cancelled, or of an event type that is no more;
        BackendUnavailable if the host's calendar refuses (nothing was changed).
    """

    def write(conn: Connection) -> Change:
        row = _locked(conn, uid, token)
        of = offer.bookable_by_id(conn, row.event_type_id or 0)
        if of is None or not is_open(row, desk.clock()):
            raise SlotTaken("this booking cannot be moved any more")
        if row.start == start:
            return Change(row, of.host)
        _check(conn, desk, of, zone, start, uid)
        written = details(row)
        invitee = written.invitee.model_copy(update={"zone": zone})
        row, undo = _alter(conn, desk, row, written.model_copy(update={"invitee": invitee}), _times(of.kind, start))
        staged = _put_event(conn, desk, of, row, Kind.RESCHEDULED, before=(undo["start"], undo["end"]))
        return Change(row, of.host, staged, undo)

    change = await desk.db.write(write)
    await _deliver(desk, change)
    return change.row


async def cancel(desk: Desk, uid: str, token: str, reason: str = "") -> BookingRow:
    """Once cancelled it stays so; cancelling again changes nothing.

    Raises: NotFound; SlotTaken for a booking that is over; BackendUnavailable if the host's calendar refuses.
    """

    def write(conn: Connection) -> Change:
        row = _locked(conn, uid, token)
        host = principals.by_id(conn, row.user_id)
        if row.status == "cancelled":
            return Change(row, host)
        if not is_open(row, desk.clock()):
            raise SlotTaken("this booking is over")
        written = details(row).model_copy(update={"reason": reason})
        row, undo = _alter(conn, desk, row, written, {"status": "cancelled"})
        staged = _take_event(conn, desk, host, row)
        return Change(row, host, staged, undo)

    change = await desk.db.write(write)
    await _deliver(desk, change)
    return change.row


def meeting(row: BookingRow, host: Principal, of: Bookable | None) -> Meeting:
    """What the calendar object and the invitations say. of: the event type, None if it is no more."""
    written = details(row)
    invitee = written.invitee
    labels = {} if of is None else {one.name: said(one.label, host.locale) for one in of.kind.questions}
    answered = [f"{labels.get(name, name)}: {text}" for name, text in written.answers.items()]
    return Meeting(
        uid=row.uid,
        sequence=row.sequence,
        start=row.start,
        end=row.end,
        zone=host.zone,
        title=f"{written.title}: {host.displayname} – {invitee.name}",
        description="\n".join(part for part in (written.note, *answered) if part),
        location=written.place,
        host=Person(host.displayname, host.email),
        invitee=Person(invitee.name, invitee.email),
        created=row.created,
        changed=row.changed,
        url=written.place if written.place.startswith(("https://", "http://")) else "",
    )


def _check(conn: Connection, desk: Desk, of: Bookable, zone: str, start: int, moving: str | None = None) -> None:
    visit = Visit(zone, int(desk.clock()), desk.settings.booking.stale_after, moving)
    if not offer.is_bookable(conn, of, visit, start):
        raise SlotTaken("this time is not free any more")


def _locked(conn: Connection, uid: str, token: str) -> BookingRow:
    """The booking, read anew once nobody else can change it."""
    lock_people(conn, find(conn, uid, token).user_id)
    return find(conn, uid, token)


def _times(kind: EventType, start: int) -> dict[str, Any]:
    end = start + kind.length * 60
    return {
        "start": start,
        "end": end,
        "blocked_from": start - kind.before * 60,
        "blocked_until": end + kind.after * 60,
    }


def _insert(conn: Connection, desk: Desk, of: Bookable, wish: Wish, token: str) -> BookingRow:
    uid, now = str(uuid.uuid4()), int(desk.clock())
    place = LOCATIONS.get(of.kind.place.kind, LOCATIONS["none"])
    written = BookingDetails(
        invitee=wish.invitee,
        title=said(of.kind.title, of.host.locale),
        note=wish.note,
        answers=dict(wish.answers),
        place=place.where(At(uid, of.kind.place.text, wish.place, of.host.name, wish.invitee.name)),
        token=desk.sealer.seal(token).decode(),
    )
    values: dict[str, Any] = {
        "user_id": of.host.id,
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
    key = bookings.add(conn, {**values, "idempotency": wish.key or None})
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


def _put_event(
    conn: Connection, desk: Desk, of: Bookable, row: BookingRow, kind: Kind, before: tuple[int, int] | None = None
) -> Staged:
    """The event in the host's calendar, new or in its place; and the mails about it."""
    written = meeting(row, of.host, of)
    stored = _stored(conn, of.host, row.uid)
    text = event(written) if stored is None else moved(stored, written)
    staged = stage_put(conn, desk.sync, of.host, text)
    cause = Cause(kind, row, of.host, of.kind.title, event(written, asking=True), before)
    mails.queue(conn, desk, cause, held=bool(staged.pushes))
    return staged


def _stored(conn: Connection, host: Principal, uid: str) -> str | None:
    """The event as the host's calendar has it."""
    member = members.by_uid(conn, host.merged, uid)
    found = None if member is None else objects.by_id(conn, member.object_id)
    return None if found is None else found.text


def _take_event(conn: Connection, desk: Desk, host: Principal, row: BookingRow) -> Staged | None:
    """Out of the host's calendar, None where it is there no more; and the mails about it."""
    member = members.by_uid(conn, host.merged, row.uid)
    staged = None if member is None else stage_delete(conn, desk.sync, host, member.href)
    of = offer.bookable_by_id(conn, row.event_type_id or 0)
    titles = {} if of is None else of.kind.title
    cause = Cause(Kind.CANCELLED, row, host, titles, event(meeting(row, host, of)))
    mails.queue(conn, desk, cause, held=staged is not None and bool(staged.pushes))
    return staged


async def _deliver(desk: Desk, change: Change) -> None:
    """Has the provider take the event, then the mails go. What it cannot take now stays a job.

    Raises: BackendUnavailable if it refuses for good; the booking is then what it was before.
    """
    row, staged = change.row, change.staged
    if staged is None:
        desk.sync.bell.ring()
        return
    try:
        await settle(desk.sync, staged)
    except GatewayError as error:
        await desk.db.write(_undo, change)
        raise BackendUnavailable("the host's calendar does not take this at the moment") from error
    if staged.pushes:
        await desk.db.write(mails.release, desk, row, change.host)
    desk.sync.bell.ring()


def _undo(conn: Connection, change: Change) -> None:
    """Nothing where the booking has been changed again meanwhile."""
    now = bookings.by_uid(conn, change.row.uid)
    if now is not None and now.sequence == change.row.sequence:
        bookings.change(conn, now.id, **change.undo)
        mails.drop(conn, change.row, change.host)
