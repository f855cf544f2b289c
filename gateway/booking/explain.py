"""Why a day is as it is for those who book: each minute's reasons, and by name what takes the hosts' time."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from gateway.booking import offer, slots
from gateway.booking.model import details
from gateway.booking.offer import Bookable, Visit
from gateway.booking.own_calendars import counted
from gateway.booking.slots import Asked, Host, Reason, Stretch, Taken
from gateway.errors import GatewayError
from gateway.freebusy.availability import runs, working
from gateway.freebusy.busy import stale
from gateway.ical.objects import read_lenient
from gateway.ical.veil import veiled
from gateway.model import FbType
from gateway.store import accounts, bookings, delegates, objects, ranges, taken
from gateway.store.accounts import AccountRow
from gateway.store.database import Connection
from gateway.store.principals import Principal
from gateway.store.ranges import Named

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Block:
    """Busy time of one event. calendar, title: "" for those who may not know them, or where there is none."""

    start: int
    end: int
    tentative: bool = False
    calendar: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Booked:
    """A booking. around: with its buffers. title, invitee: "" for those who may not know them."""

    start: int
    end: int
    around: Span
    pending: bool
    title: str = ""
    invitee: str = ""


@dataclass(frozen=True, slots=True)
class Unread:
    """A calendar that counts as busy and has not been read for too long. synced: epoch seconds, None: never."""

    calendar: str
    account: AccountRow
    synced: int | None


@dataclass(frozen=True, slots=True)
class HostDay:
    """What one host has. known: whether the reader may know what it is. Spans in epoch seconds, in order."""

    person: Principal
    known: bool
    working: tuple[Span, ...]
    busy: tuple[Block, ...]
    bookings: tuple[Booked, ...]
    held: tuple[Span, ...]
    unread: tuple[Unread, ...]

    def at(self, start: int, end: int) -> list[Block]:
        """Busy time that touches [start, end)."""
        return [one for one in self.busy if one.start < end and start < one.end]


@dataclass(frozen=True, slots=True)
class Explained:
    """A stretch of time without a gap. stretches: see slots.stretches."""

    of: Bookable
    asked: Asked
    stretches: tuple[Stretch, ...]
    hosts: tuple[HostDay, ...]

    def host(self, name: str) -> HostDay:
        return next(one for one in self.hosts if one.person.name == name)

    def why(self, start: int) -> tuple[Reason, ...]:
        """() if a booking can begin at that second."""
        return slots.why(self.asked, start)

    @property
    def offered(self) -> list[int]:
        return [at for one in self.stretches if not one.reasons for at in range(one.start, one.end, 60)]


def seen_by(conn: Connection, viewer: Principal) -> frozenset[int]:
    """Ids of those whose events they may know."""
    return frozenset({viewer.id, *delegates.owners(conn, viewer.id)})


def explain(conn: Connection, of: Bookable, visit: Visit, viewer: Principal | None, start: int, end: int) -> Explained:
    """viewer: who reads it; None: whoever has the database before them, and may know all."""
    everybody = frozenset(one.id for one in of.people)
    known = everybody if viewer is None else seen_by(conn, viewer)
    asked = offer.asked(conn, of, visit, start, end)
    hosts = tuple(
        _day(conn, of, who, host, known, viewer, (start, end)) if not host.unread else
        _unread(conn, of, who, host, known, visit, (start, end))
        for host, who in zip(asked.hosts, of.people, strict=True)
    )  # fmt: skip
    return Explained(of, asked, tuple(slots.stretches(asked, start, end)), hosts)


def _works(host: Host, span: Span) -> tuple[Span, ...]:
    first, last = span[0] // 60, -(-span[1] // 60)
    return tuple((low * 60, high * 60) for low, high in runs(working(host.hours, first, last), first))


def _unread(
    conn: Connection, of: Bookable, who: Principal, host: Host, known: Collection[int], visit: Visit, span: Span
) -> HostDay:
    only = counted(conn, of.host, of.kind, who)
    late = set(stale(conn, who, visit.now, visit.stale_after, only))
    states = {row.id: row for row in accounts.of_user(conn, who.id)}
    rows = [
        row
        for row in accounts.calendars(conn, who.id)
        if row.displayname in late and (row.busy if only is None else row.id in only)
    ]
    unread = tuple(
        Unread(row.displayname, states[row.account_id], row.synced or states[row.account_id].synced)
        for row in rows
        if row.kind != "local"
    )
    return HostDay(who, who.id in known, _works(host, span), (), (), (), unread)


def _day(
    conn: Connection,
    of: Bookable,
    who: Principal,
    host: Host,
    known: Collection[int],
    viewer: Principal | None,
    span: Span,
) -> HostDay:
    may_know = who.id in known
    uids = {one.key for one in host.taken}
    named = _blocks(conn, of, who, uids, span, whose=viewer is None or viewer.id == who.id) if may_know else []
    standing = [one for one in host.taken if one.expires is None and one.start < span[1] and span[0] < one.end]
    covered = sorted([(one.start, one.end) for one in named] + [(one.start, one.end) for one in standing])
    nameless = [
        Block(low, high, tentative=kind == FbType.TENTATIVE)
        for start, end, kind in host.busy
        for low, high in _left(max(start, span[0]), min(end, span[1]), covered)
    ]
    held = tuple((one.start, one.end) for one in host.taken if one.expires is not None)
    return HostDay(
        who,
        may_know,
        _works(host, span),
        tuple(sorted([*named, *nameless], key=lambda one: (one.start, one.end))),
        tuple(_booked(conn, one, may_know, viewer) for one in standing),
        held,
        (),
    )


def _left(start: int, end: int, covered: Sequence[Span]) -> Iterator[Span]:
    """What of [start, end) none of them covers. covered: in order."""
    for low, high in covered:
        if start < min(low, end):
            yield start, min(low, end)
        start = max(start, high)
    if start < end:
        yield start, end


def _booked(conn: Connection, one: Taken, may_know: bool, viewer: Principal | None) -> Booked:
    """One date of it, if it has several."""
    row = bookings.by_uid(conn, one.key)
    theirs = row is not None and viewer is not None and viewer.id in taken.hosts_of(conn, row.id)
    title, invitee = "", ""
    if row is not None and (may_know or theirs):
        written = details(row)
        title, invitee = written.title, written.invitee.name
    return Booked(one.start, one.end, slots.blocked(one), one.pending, title, invitee)


def _blocks(
    conn: Connection, of: Bookable, who: Principal, booked: Collection[str], span: Span, *, whose: bool
) -> list[Block]:
    """The events themselves, without those of bookings. whose: the reader is their owner."""
    names = {row.id: row.title for row in accounts.calendars(conn, who.id)}
    found, only = [], counted(conn, of.host, of.kind, who)
    for row in ranges.named(conn, who.id, *span):
        stored = objects.by_id(conn, row.object_id)
        if stored is None or stored.uid in booked or (only is not None and row.calendar_id not in only):
            continue
        title = _title(stored.text if whose else _veil(stored.text), row)
        found.append(Block(row.start, row.end, row.fbtype == FbType.TENTATIVE, names.get(row.calendar_id, ""), title))
    return found


def _veil(text: str) -> str:
    try:
        return veiled(text, "")
    except GatewayError:
        return ""


def _title(text: str, row: Named) -> str:
    """ "" where it cannot be read."""
    try:
        return read_lenient(text).components[row.component].text("SUMMARY").strip() if text else ""
    except (GatewayError, IndexError):
        return ""
