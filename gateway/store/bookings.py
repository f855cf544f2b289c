"""Event types and bookings: rows, no rules."""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import Connection, Select, bindparam, delete, func, insert, select, update

from gateway.store import managed, taken
from gateway.store.schema import BOOKINGS, EVENT_TYPES, TAKEN

BLOCKING: Final = taken.STANDING
UNREAD: Final = frozenset({"token", "host_token", "zone", "language", "kind", "reply"})
"""Parts of a booking's document that no search looks in."""


@dataclass(frozen=True, slots=True)
class EventTypeRow:
    """managed_by: the team's event type that it follows, None: none. open: the fields that it may have otherwise."""

    id: int
    user_id: int
    slug: str
    position: int
    hidden: bool
    document: Mapping[str, Any]
    managed_by: int | None = None
    open: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BookingRow:
    """user_id: of its first host. start, end, blocked_*: epoch seconds; blocked_*: with the booking's own buffers.

    digest, host_digest: of the tokens in the invitee's and in the hosts' links. event: UID of its event in calendars,
    another than its own where several bookings share it.
    """

    id: int
    user_id: int
    event_type_id: int | None
    uid: str
    event: str
    status: str
    start: int
    end: int
    blocked_from: int
    blocked_until: int
    sequence: int
    digest: str
    host_digest: str
    document: Mapping[str, Any]
    created: int
    changed: int


_TEAMS: Final = EVENT_TYPES.alias("teams")
_TYPE: Final = select(
    *(EVENT_TYPES.c[field] for field in EventTypeRow.__dataclass_fields__ if field in EVENT_TYPES.c),
    _TEAMS.c.document.label("rules"),
).select_from(EVENT_TYPES.outerjoin(_TEAMS, _TEAMS.c.id == EVENT_TYPES.c.managed_by))
_TYPE_BY_SLUG: Final = _TYPE.where(EVENT_TYPES.c.user_id == bindparam("user"), EVENT_TYPES.c.slug == bindparam("slug"))
_TYPE_BY_ID: Final = _TYPE.where(EVENT_TYPES.c.id == bindparam("id"))
_BOOKING: Final = select(*(BOOKINGS.c[field] for field in BookingRow.__dataclass_fields__))


def _event_type(row: Any) -> EventTypeRow:
    *columns, rules = row
    found = EventTypeRow(*columns)
    if rules is None:
        return found
    return replace(found, document=managed.followed(rules, found.document), open=managed.left_open(rules))


def put_event_type(
    conn: Connection, user: int, slug: str, document: Mapping[str, Any], *, position: int = 0, hidden: bool = False
) -> int:
    """Creates or replaces the one of that slug."""
    known = event_type(conn, user, slug)
    values = {"document": dict(document), "position": position, "hidden": hidden}
    if known is not None:
        conn.execute(update(EVENT_TYPES).where(EVENT_TYPES.c.id == known.id).values(values))
        return known.id
    [key] = conn.execute(insert(EVENT_TYPES).values(user_id=user, slug=slug, **values)).inserted_primary_key or (0,)
    return int(key)


def change_event_type(conn: Connection, key: int, **values: Any) -> None:
    """values: columns of it: slug, position, hidden, document."""
    conn.execute(update(EVENT_TYPES).where(EVENT_TYPES.c.id == key).values(values))


def drop_event_type(conn: Connection, key: int) -> None:
    """Its bookings stay, and are of no event type any more."""
    conn.execute(delete(EVENT_TYPES).where(EVENT_TYPES.c.id == key))


def event_types(conn: Connection, user: int) -> list[EventTypeRow]:
    query = _TYPE.where(EVENT_TYPES.c.user_id == user).order_by(EVENT_TYPES.c.position, EVENT_TYPES.c.id)
    return [_event_type(row) for row in conn.execute(query)]


def event_type(conn: Connection, user: int, slug: str) -> EventTypeRow | None:
    row = conn.execute(_TYPE_BY_SLUG, {"user": user, "slug": slug}).first()
    return None if row is None else _event_type(row)


def event_type_by_id(conn: Connection, key: int) -> EventTypeRow | None:
    row = conn.execute(_TYPE_BY_ID, {"id": key}).first()
    return None if row is None else _event_type(row)


def add(
    conn: Connection,
    values: Mapping[str, Any],
    hosts: Sequence[int],
    *,
    live: bool = True,
    dates: Sequence[Mapping[str, Any]] = (),
) -> int:
    """hosts: whose time it takes, in order. live: whether it does. dates: times of each date of a series."""
    row = {**values, "words": words_of(values["document"])}
    [key] = conn.execute(insert(BOOKINGS).values(row)).inserted_primary_key or (0,)
    taken.take(conn, int(key), hosts, dates or [values], live=live)
    return int(key)


def change(
    conn: Connection,
    key: int,
    *,
    live: bool | None = None,
    dates: Sequence[Mapping[str, Any]] | None = None,
    **values: Any,
) -> None:
    """What it takes of its hosts' time changes with it.

    live: whether it does; None: by its status. dates: times of each of its dates from now on; None: the one that the
    values say, if they do.
    """
    if "document" in values:
        values["words"] = words_of(values["document"])
    conn.execute(update(BOOKINGS).where(BOOKINGS.c.id == key).values(values))
    if live is None and "status" in values:
        live = values["status"] in BLOCKING
    if dates is not None:
        taken.retake(conn, key, dates, live=taken.is_live(conn, key) if live is None else live)
        return
    changed: dict[str, Any] = {name: values[name] for name in taken.TIMES if name in values}
    if live is not None:
        changed["live"] = live
    if changed:
        taken.change(conn, key, changed)


def words_of(document: Mapping[str, Any]) -> str:
    """What a search looks in: every text of the document but secrets and what nobody reads; see `folded`."""
    return folded("\n".join(_texts({key: value for key, value in document.items() if key not in UNREAD})))


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, one in value.items():
            yield from () if key in UNREAD else _texts(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _texts(one)


def folded(text: str) -> str:
    """Without case and accents, so that Muller finds Müller."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in plain if not unicodedata.combining(sign))


def _one(conn: Connection, query: Select[Any]) -> BookingRow | None:
    row = conn.execute(query).first()
    return None if row is None else BookingRow(*row)


def by_uid(conn: Connection, uid: str) -> BookingRow | None:
    return _one(conn, _BOOKING.where(BOOKINGS.c.uid == uid))


def of_event(conn: Connection, event: str) -> list[BookingRow]:
    """All that share it, whether they stand or not, in the order they were made."""
    return [BookingRow(*row) for row in conn.execute(_BOOKING.where(BOOKINGS.c.event == event).order_by(BOOKINGS.c.id))]


def at(conn: Connection, event_type: int, start: int, end: int) -> list[BookingRow]:
    """Those of an event type at that very time that stand or wait, in the order they were made."""
    here = (BOOKINGS.c.event_type_id == event_type, BOOKINGS.c.start == start, BOOKINGS.c.end == end)
    query = _BOOKING.where(*here, BOOKINGS.c.status.in_(BLOCKING)).order_by(BOOKINGS.c.id)
    return [BookingRow(*row) for row in conn.execute(query)]


def count_up(conn: Connection, event: str) -> int:
    """The next SEQUENCE of an event that bookings share; its bookings are locked by their hosts."""
    last = conn.execute(select(func.max(BOOKINGS.c.event_sequence)).where(BOOKINGS.c.event == event)).scalar()
    sequence = 0 if last is None else last + 1
    conn.execute(update(BOOKINGS).where(BOOKINGS.c.event == event).values(event_sequence=sequence))
    return sequence


def by_idempotency(conn: Connection, key: str) -> BookingRow | None:
    return _one(conn, _BOOKING.where(BOOKINGS.c.idempotency == key))


def of_user(conn: Connection, user: int, *, limit: int = 200) -> list[BookingRow]:
    """Those they are a host of, the latest first."""
    theirs = select(TAKEN.c.booking_id).where(TAKEN.c.user_id == user)
    query = _BOOKING.where(BOOKINGS.c.id.in_(theirs)).order_by(BOOKINGS.c.start.desc(), BOOKINGS.c.id).limit(limit)
    return [BookingRow(*row) for row in conn.execute(query)]


def coming(conn: Connection, user: int, now: int, *, limit: int = 200) -> list[BookingRow]:
    """Theirs that stand or wait, and are not over; the next first."""
    theirs = select(TAKEN.c.booking_id).where(
        TAKEN.c.user_id == user,
        TAKEN.c.live.in_([True, False]),  # for the index
        TAKEN.c.blocked_from > now - taken.LONGEST,
        TAKEN.c.end > now,
    )
    query = (
        _BOOKING.where(BOOKINGS.c.id.in_(theirs), BOOKINGS.c.status.in_(BLOCKING))
        .order_by(BOOKINGS.c.start, BOOKINGS.c.id)
        .limit(limit)
    )
    return [BookingRow(*row) for row in conn.execute(query)]


def count_coming(conn: Connection, event_type: int, now: int) -> int:
    """How many of its bookings stand or wait, and are not over."""
    theirs = (BOOKINGS.c.event_type_id == event_type, BOOKINGS.c.status.in_(BLOCKING), BOOKINGS.c.end > now)
    return int(conn.execute(select(func.count()).select_from(BOOKINGS).where(*theirs)).scalar_one())


def count(conn: Connection) -> int:
    return int(conn.execute(select(func.count()).select_from(BOOKINGS)).scalar_one())
