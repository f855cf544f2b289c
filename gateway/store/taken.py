"""Whose time bookings take, and when; and who takes turns."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, bindparam, delete, func, insert, or_, select, update

from gateway.store.objects import chunks
from gateway.store.schema import BOOKINGS, HOSTS, TAKEN

LONGEST: Final = 16 * 86_400  # no booking blocks more at a stretch: what began before that need not be looked at
STANDING: Final = ("accepted", "pending")
TIMES: Final = ("start", "end", "blocked_from", "blocked_until")


@dataclass(frozen=True, slots=True)
class HostRow:
    """Somebody an event type is booked with. fixed: there each time, where the others take turns."""

    user_id: int
    fixed: bool = False
    priority: int = 0
    weight: int = 100


@dataclass(frozen=True, slots=True)
class TakenRow:
    """One host's time that a date of a booking takes.

    start, end, blocked_*: epoch seconds; blocked_*: with its own buffers. event: UID of its event in calendars, which
    several may share.
    """

    user_id: int
    uid: str
    event: str
    event_type_id: int | None
    status: str
    start: int
    end: int
    blocked_from: int
    blocked_until: int


_BOOKED: Final = (
    select(BOOKINGS.c.uid, BOOKINGS.c.event)
    .distinct()
    .join(TAKEN, TAKEN.c.booking_id == BOOKINGS.c.id)
    .where(
        or_(*(BOOKINGS.c[name].in_(bindparam("uids", expanding=True)) for name in ("uid", "event"))),
        BOOKINGS.c.status.in_(STANDING),
        TAKEN.c.user_id == bindparam("user"),
    )
)
_TAKEN: Final = select(
    TAKEN.c.user_id,
    BOOKINGS.c.uid,
    BOOKINGS.c.event,
    BOOKINGS.c.event_type_id,
    BOOKINGS.c.status,
    *(TAKEN.c[name] for name in TIMES),
).join(BOOKINGS, BOOKINGS.c.id == TAKEN.c.booking_id)

_BLOCKING: Final = _TAKEN.where(
    TAKEN.c.user_id.in_(bindparam("users", expanding=True)),
    TAKEN.c.live,
    TAKEN.c.blocked_from > bindparam("back"),
    TAKEN.c.blocked_from < bindparam("b"),
    TAKEN.c.blocked_until > bindparam("a"),
).order_by(TAKEN.c.start)
_HOSTS_OF: Final = (
    select(*(HOSTS.c[field] for field in HostRow.__dataclass_fields__))
    .where(HOSTS.c.event_type_id == bindparam("event_type"))
    .order_by(HOSTS.c.position)
)


def set_hosts(conn: Connection, event_type: int, hosts: Sequence[HostRow]) -> None:
    """In that order; none: the event type is its owner's alone, or that of everybody in the team."""
    conn.execute(delete(HOSTS).where(HOSTS.c.event_type_id == event_type))
    if hosts:
        rows = [
            {
                "event_type_id": event_type,
                "user_id": host.user_id,
                "position": position,
                "fixed": host.fixed,
                "priority": host.priority,
                "weight": host.weight,
            }
            for position, host in enumerate(hosts)
        ]
        conn.execute(insert(HOSTS), rows)


def hosts(conn: Connection, event_type: int) -> list[HostRow]:
    """Those set, in order."""
    return [HostRow(*row) for row in conn.execute(_HOSTS_OF, {"event_type": event_type})]


def take(
    conn: Connection, booking: int, users: Sequence[int], dates: Sequence[Mapping[str, Any]], *, live: bool
) -> None:
    """users: the booking's hosts, in order. dates: times of each of its dates. live: whether it takes them."""
    rows = [
        {"booking_id": booking, "user_id": user, "position": at, "live": live, **{name: date[name] for name in TIMES}}
        for at, user in enumerate(users)
        for date in dates
    ]
    conn.execute(insert(TAKEN), rows)


def retake(conn: Connection, booking: int, dates: Sequence[Mapping[str, Any]], *, live: bool) -> None:
    """Other dates than until now, of the same hosts; one at least."""
    users = hosts_of(conn, booking)
    conn.execute(delete(TAKEN).where(TAKEN.c.booking_id == booking))
    take(conn, booking, users, dates, live=live)


def dates(conn: Connection, booking: int) -> list[dict[str, Any]]:
    """Times of each of its dates, in order."""
    columns = [TAKEN.c[name] for name in TIMES]
    query = select(*columns).where(TAKEN.c.booking_id == booking).distinct().order_by(TAKEN.c.start)
    return [dict(row) for row in conn.execute(query).mappings()]


def change(conn: Connection, booking: int, values: dict[str, Any]) -> None:
    conn.execute(update(TAKEN).where(TAKEN.c.booking_id == booking).values(values))


def spans(conn: Connection, booking: int, user: int) -> list[tuple[int, int]]:
    """[blocked_from, blocked_until) of what the booking takes of that host's time; of each date of a series."""
    mine = (TAKEN.c.booking_id == booking, TAKEN.c.user_id == user)
    query = select(TAKEN.c.blocked_from, TAKEN.c.blocked_until).where(*mine).order_by(TAKEN.c.start)
    return [(start, end) for start, end in conn.execute(query)]


def hand_over(conn: Connection, booking: int, old: int, new: int) -> None:
    """The booking is the other host's, in the same place among its hosts, and takes their time."""
    theirs = (TAKEN.c.booking_id == booking, TAKEN.c.user_id == old)
    conn.execute(update(TAKEN).where(*theirs).values(user_id=new))


def is_live(conn: Connection, booking: int) -> bool:
    query = select(TAKEN.c.live).where(TAKEN.c.booking_id == booking, TAKEN.c.live)
    return conn.execute(query.limit(1)).first() is not None


def hosts_of(conn: Connection, booking: int) -> list[int]:
    """Ids of the booking's hosts, in order."""
    query = select(TAKEN.c.user_id).where(TAKEN.c.booking_id == booking).group_by(TAKEN.c.user_id)
    return list(conn.execute(query.order_by(func.min(TAKEN.c.position))).scalars())


def blocking(conn: Connection, users: Collection[int], start: int, end: int) -> list[TakenRow]:
    """What takes these people's time in [start, end), buffers included; in order."""
    given = {"users": list(users), "a": start, "b": end, "back": start - LONGEST}
    return [TakenRow(*row) for row in conn.execute(_BLOCKING, given)]


def shares(conn: Connection, event_type: int, since: int) -> dict[int, tuple[int, int]]:
    """Host -> (live events of the event type that begin at `since` or later, when the latest of them was made)."""
    query = (
        select(TAKEN.c.user_id, func.count(BOOKINGS.c.event.distinct()), func.max(BOOKINGS.c.created))
        .join(BOOKINGS, BOOKINGS.c.id == TAKEN.c.booking_id)
        .where(BOOKINGS.c.event_type_id == event_type, BOOKINGS.c.start >= since, TAKEN.c.live)
        .group_by(TAKEN.c.user_id)
    )
    return {user: (count, last) for user, count, last in conn.execute(query)}


def booked(conn: Connection, user: int, uids: Collection[str]) -> list[str]:
    """Those of these UIDs that are of bookings, or their events, which stand or wait for an answer with this host."""
    found: dict[str, None] = {}
    for some in chunks(uids):
        for row in conn.execute(_BOOKED, {"uids": some, "user": user}):
            found |= dict.fromkeys(uid for uid in row if uid in some)
    return list(found)
