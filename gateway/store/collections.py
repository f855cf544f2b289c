"""What a person's home holds: the merged calendar, calendars that are shown separately, and the inbox.

A name that a calendar once had is never another's, unless a client asks for a new calendar by that very name.
"""

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, and_, bindparam, delete, insert, select, update

from gateway.store.schema import CALENDARS, COLLECTIONS

MERGED: Final = "merged"
INBOX: Final = "inbox"
CALENDAR: Final = "calendar"
RESERVED: Final = frozenset({MERGED, INBOX, "outbox"})


@dataclass(frozen=True, slots=True)
class Collection:
    """kind: MERGED, CALENDAR, INBOX. name: segment of its URL. rev, floor: as in gateway.store.schema.

    calendar_id: of the one calendar it shows (of the inbox: where its messages are kept); None: of the merged calendar.
    components: the kinds of objects it takes, with commas; "": whatever its calendar can hold.
    """

    id: int
    user_id: int
    kind: str
    name: str
    calendar_id: int | None = None
    components: str = ""
    rev: int = 0
    floor: int = 0


_COLLECTION: Final = select(*(COLLECTIONS.c[field] for field in Collection.__dataclass_fields__))
_INBOX: Final = _COLLECTION.where(COLLECTIONS.c.user_id == bindparam("user"), COLLECTIONS.c.name == INBOX)
_SHOWN: Final = (
    _COLLECTION.join(
        CALENDARS,
        and_(CALENDARS.c.id == COLLECTIONS.c.calendar_id, CALENDARS.c.separate, CALENDARS.c.gone.is_(False)),
    )
    .where(COLLECTIONS.c.user_id == bindparam("user"), COLLECTIONS.c.kind == CALENDAR)
    .order_by(CALENDARS.c.position, CALENDARS.c.id)
)
_BY_NAME: Final = _SHOWN.where(COLLECTIONS.c.name == bindparam("name"))


def _collection(row: Any | None) -> Collection | None:
    return None if row is None else Collection(*row)


def begin(conn: Connection, user: int) -> None:
    """What everybody has from the first day."""
    conn.execute(insert(COLLECTIONS), [{"user_id": user, "kind": name, "name": name} for name in (MERGED, INBOX)])


def inbox(conn: Connection, user: int) -> Collection:
    return Collection(*conn.execute(_INBOX, {"user": user}).one())


def shown(conn: Connection, user: int) -> list[Collection]:
    """The calendars that are shown separately, in their owner's order."""
    return [Collection(*row) for row in conn.execute(_SHOWN, {"user": user})]


def by_name(conn: Connection, user: int, name: str) -> Collection | None:
    """Of those that are shown separately."""
    return _collection(conn.execute(_BY_NAME, {"user": user, "name": name}).first())


def of_calendar(conn: Connection, calendar: int) -> Collection | None:
    """Also one that is not shown now, but was."""
    return _collection(conn.execute(_COLLECTION.where(COLLECTIONS.c.calendar_id == calendar)).first())


def named(conn: Connection, user: int, name: str) -> Collection | None:
    """Whoever has the name, or had it."""
    mine = and_(COLLECTIONS.c.user_id == user, COLLECTIONS.c.name == name)
    return _collection(conn.execute(_COLLECTION.where(mine)).first())


def add(conn: Connection, user: int, name: str, calendar: int, components: str = "") -> Collection:
    """Under a name that none has now; one that was another calendar's goes on with its rev, as clients remember it."""
    known = named(conn, user, name)
    if known is None:
        values = {
            "user_id": user,
            "kind": CALENDAR,
            "name": name,
            "calendar_id": calendar,
            "components": components,
        }
        [key] = conn.execute(insert(COLLECTIONS).values(values)).inserted_primary_key or (0,)
        return Collection(int(key), user, CALENDAR, name, calendar, components)
    change(conn, known.id, calendar_id=calendar, components=components)
    return Collection(known.id, user, CALENDAR, name, calendar, components, known.rev, known.floor)


def change(conn: Connection, key: int, **values: object) -> None:
    conn.execute(update(COLLECTIONS).where(COLLECTIONS.c.id == key).values(values))


def rename(conn: Connection, collection: Collection, name: str) -> None:
    """To a name that none has now. Tokens of either name from before are answered no more."""
    known = named(conn, collection.user_id, name)
    rev = max(collection.rev, 0 if known is None else known.rev) + 1
    if known is not None:
        conn.execute(delete(COLLECTIONS).where(COLLECTIONS.c.id == known.id))
    change(conn, collection.id, name=name, rev=rev, floor=rev)
    left = {"user_id": collection.user_id, "kind": CALENDAR, "name": collection.name}
    conn.execute(insert(COLLECTIONS).values(**left, rev=collection.rev + 1, floor=collection.rev + 1))
