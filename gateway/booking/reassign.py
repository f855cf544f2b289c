"""A booking changes hands: another host of its event type has it from now on, with the same UID."""

from dataclasses import dataclass, replace

from gateway.booking.access import Found, alter, is_open
from gateway.booking.attended import theirs
from gateway.booking.context import Desk
from gateway.booking.copies import Change, deliver, hand_over
from gateway.booking.explain import Explained, explain
from gateway.booking.gathering import is_shared
from gateway.booking.history import Change as Told
from gateway.booking.mails import Cause
from gateway.booking.offer import Attending, Visit
from gateway.booking.rooms.plan import parted
from gateway.booking.slots import Mode, Reason
from gateway.booking.tokens import digest, new_token
from gateway.errors import NotFound, SlotTaken
from gateway.scheduling.mail import Kind
from gateway.store import taken
from gateway.store.bookings import BookingRow
from gateway.store.database import Connection
from gateway.store.principals import Principal


@dataclass(frozen=True, slots=True)
class Candidate:
    """A host who does not have it yet. reasons: why they are not free then, (): they are.

    booked: another booking of theirs is in the way, so they cannot have it. told: what the reasons are about.
    """

    person: Principal
    reasons: tuple[Reason, ...]
    booked: bool
    told: Explained


def candidates(conn: Connection, desk: Desk, found: Found, viewer: Principal | None) -> list[Candidate]:
    """The other hosts of its event type, those who are free first. viewer: who reads the reasons, see `explain`."""
    of, row = found.of, found.row
    if of is None or is_shared(row):
        return []
    here = {one.id for one in found.hosts}
    stale_after = desk.settings.booking.stale_after
    visit = Visit(found.host.zone, int(desk.clock()), stale_after, row.uid)
    kind = of.kind.model_copy(update={"length": (row.end - row.start) // 60})
    result = []
    for person in (one for one in of.people if one.id not in here):
        alone = replace(of, kind=kind, attending=(Attending(person),), mode=Mode.COLLECTIVE)
        told = explain(conn, alone, visit, viewer, row.start, row.start + 60)
        reasons = tuple(one for one in told.why(row.start) if one.host)
        result.append(Candidate(person, reasons, _is_booked(conn, found, found.host, person), told))
    return sorted(result, key=lambda one: (one.booked, bool(one.reasons)))


def _is_booked(conn: Connection, found: Found, old: Principal, new: Principal) -> bool:
    return any(
        other.uid != found.row.uid
        for start, end in taken.spans(conn, found.row.id, old.id)
        for other in taken.blocking(conn, [new.id], start, end)
    )


async def reassign(desk: Desk, uid: str, token: str, old: str, new: str) -> BookingRow:
    """old: name of a host of the booking; new: of another host of its event type. Links of the hosts change with it.

    Whoever does it decides, whatever the other one's calendar says; but two bookings never overlap.
    Raises: NotFound, also with an invitee's token; SlotTaken if another booking of theirs has the time, or this one
        is over or gone; BackendUnavailable if a calendar refuses (nothing was changed).
    """
    host_token = new_token()

    def write(conn: Connection) -> Change:
        found = theirs(conn, uid, token)
        leaving = next((one for one in found.hosts if one.name == old), None)
        people = () if found.of is None else found.of.people
        coming = next((one for one in people if one.name == new), None)
        if leaving is None or coming is None:
            raise NotFound("there is no such host of this booking, or of its event type")
        if coming in found.hosts:
            return Change(found.row, found.hosts)
        if not is_open(found.row, desk.clock()):
            raise SlotTaken("this booking cannot be handed over any more")
        if is_shared(found.row):
            raise SlotTaken("what several parties share is not handed over")
        if _is_booked(conn, found, leaving, coming):
            raise SlotTaken("the other host has another booking at this time")
        return _hand_over(conn, desk, found, (leaving, coming), host_token)

    change = await desk.db.write(write)
    await deliver(desk, change)
    return change.row


def _hand_over(
    conn: Connection, desk: Desk, found: Found, between: tuple[Principal, Principal], host_token: str
) -> Change:
    leaving, coming = between
    hosts = tuple(coming if one.id == leaving.id else one for one in found.hosts)
    sealed = desk.sealer.seal(host_token).decode()
    written = parted(conn, found.row, found.details, leaving).model_copy(update={"host_token": sealed})
    changed = {"user_id": hosts[0].id, "host_digest": digest(host_token)}
    row, undo = alter(conn, desk, found.row, written, changed)
    taken.hand_over(conn, row.id, leaving.id, coming.id)
    told = Told(old=leaving.name, new=coming.name)
    cause = Cause(Kind.REASSIGNED, row, hosts, found.of, by_host=True, told=told)
    staged = hand_over(conn, desk, cause, leaving)
    return Change(row, (*hosts, leaving), staged, undo, (leaving.id, coming.id))
