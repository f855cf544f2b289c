"""Further people at a booking, whom its invitee or a host names by their mail addresses.

Strangers have them mailed: those mails say no more than an invitation has to (see meeting.for_guests), and whoever gets
one can take themselves off for good.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from gateway.booking import mails, offer
from gateway.booking.access import alter, is_open, locked
from gateway.booking.context import Desk
from gateway.booking.copies import Change, deliver, put_event, rewrite
from gateway.booking.mails import Cause
from gateway.booking.model import BookingDetails, EventType, Guest, details, document
from gateway.booking.tokens import digest, matches, new_token
from gateway.errors import Flaw, InvalidInput, NotFound, SlotTaken
from gateway.scheduling.mail import Kind
from gateway.store import bookings
from gateway.store.bookings import BookingRow
from gateway.store.database import Connection
from gateway.store.locks import lock_people
from gateway.store.principals import Principal


@dataclass(frozen=True, slots=True)
class Bidden:
    """A booking as one of its guests opens it."""

    row: BookingRow
    guest: Guest
    hosts: tuple[Principal, ...]
    of: offer.Bookable | None


def unlike(addresses: Iterable[str], known: Iterable[str]) -> tuple[str, ...]:
    """Each once, whatever case it is written in, and none that is known."""
    left = {one.lower() for one in known}
    once = {one.lower(): one for one in reversed(list(addresses))}
    return tuple(one for key, one in reversed(once.items()) if key not in left)


def invited(
    desk: Desk, written: BookingDetails, kind: EventType, hosts: Sequence[Principal], addresses: Sequence[str]
) -> BookingDetails:
    """With these guests too; those who come anyway, and those who took themselves off, are passed over.

    Raises: InvalidInput for more than the event type allows.
    """
    known = (written.invitee.email, *(one.email for one in hosts), *(one.email for one in written.asked))
    more = unlike(addresses, known)
    if len(written.coming) + len(more) > kind.guests:
        reason = f"at most {kind.guests} guests can come" if kind.guests else "nobody can be brought along"
        raise InvalidInput(reason, (Flaw(reason, pointer="/guests"),))
    made = [(one, new_token()) for one in more]
    guests = [Guest(email=one, digest=digest(it), token=desk.sealer.seal(it).decode()) for one, it in made]
    again = {one.email.lower() for one in guests}
    kept = (one for one in written.guests if one.email.lower() not in again)
    return written.model_copy(update={"guests": (*kept, *guests)})


async def add_guests(desk: Desk, uid: str, token: str, addresses: Sequence[str]) -> BookingRow:
    """They get their invitation, once the booking stands; its hosts and the invitee hear of it. Known ones stay.

    Raises: NotFound; InvalidInput; SlotTaken for a booking that is over or of an event type that is no more;
        BackendUnavailable if a host's calendar refuses (nothing was changed).
    """

    def write(conn: Connection) -> Change:
        found = locked(conn, uid, token)
        row, hosts, before = found.row, found.hosts, found.details
        if found.of is None or not is_open(row, desk.clock()):
            raise SlotTaken("nobody can be invited to this booking any more")
        written = invited(desk, before, found.of.kind, hosts, addresses)
        more = tuple(one.email for one in written.guests if one not in before.guests)
        if not more:
            return Change(row, hosts)
        row, undo = alter(conn, desk, row, written, {})
        cause = Cause(Kind.GUESTS, row, hosts, found.of, bidden=more)
        return Change(row, hosts, put_event(conn, desk, cause) if written.invited else (), undo)

    change = await desk.db.write(write)
    await deliver(desk, change)
    return change.row


async def uninvite(desk: Desk, uid: str, token: str, address: str) -> BookingRow:
    """The invitee or a host takes a guest off, who alone gets a mail; they may be invited again. Of others nothing
    changes.

    Raises: NotFound; SlotTaken for a booking that is over.
    """

    def write(conn: Connection) -> BookingRow:
        found = locked(conn, uid, token)
        row, written = found.row, found.details
        if not is_open(row, desk.clock()):
            raise SlotTaken("nobody can be taken off this booking any more")
        guest = next((one for one in written.coming if one.email.lower() == address.lower()), None)
        if guest is None:
            return row
        after = amend(conn, row, guest.model_copy(update={"gone": True, "uninvited": True}))
        if written.invited:
            rewrite(conn, desk, Cause(Kind.GUESTS, after, found.hosts, found.of))
            mails.uninvited(conn, desk, Cause(Kind.UNINVITED, row, found.hosts, found.of), guest)
        return after

    row = await desk.db.write(write)
    desk.sync.bell.ring()
    return row


def bidden(conn: Connection, uid: str, token: str) -> Bidden:
    """The booking a guest's link leads to.

    Raises: NotFound, alike for unknown bookings and wrong tokens.
    """
    row = bookings.by_uid(conn, uid)
    known = () if row is None else details(row).guests
    guest = next((one for one in known if matches(token, one.digest)), None)
    if row is None or guest is None:
        raise NotFound("there is no such booking, or the link is not complete")
    return Bidden(row, guest, offer.hosts_of(conn, row), offer.of_booking(conn, row))


async def leave(desk: Desk, uid: str, token: str) -> Bidden:
    """A guest takes themselves off, for good; it stands on the booking's page and in the hosts' calendars.

    Raises: NotFound.
    """

    def write(conn: Connection) -> Bidden:
        lock_people(conn, *(one.id for one in bidden(conn, uid, token).hosts))
        found = bidden(conn, uid, token)
        gone = found.guest.model_copy(update={"gone": True})
        row = amend(conn, found.row, gone)
        if details(row).invited and is_open(row, desk.clock()):
            rewrite(conn, desk, Cause(Kind.GUESTS, row, found.hosts, found.of))
        return replace(found, row=row, guest=gone)

    left = await desk.db.write(write)
    desk.sync.bell.ring()
    return left


def amend(conn: Connection, row: BookingRow, guest: Guest) -> BookingRow:
    """The booking with that guest as they are now."""
    written = details(row)
    guests = tuple(guest if one.digest == guest.digest else one for one in written.guests)
    changed = document(written.model_copy(update={"guests": guests}))
    bookings.change(conn, row.id, document=changed)
    return replace(row, document=changed)
