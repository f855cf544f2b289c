"""Secret links to event types, and how often each has been used."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, delete, insert, or_, select, update

from gateway.store.schema import LINKS


@dataclass(frozen=True, slots=True)
class LinkRow:
    """secret: sealed. uses: bookings it is good for, used: those made. expires, created: epoch seconds.

    user_id: of a person or a team. name, email, note: what stands in the form already.
    """

    id: int
    user_id: int
    event_type_id: int
    digest: str
    secret: str
    label: str
    uses: int
    used: int
    expires: int | None
    name: str
    email: str
    note: str
    created: int

    def is_good(self, now: float) -> bool:
        return self.used < self.uses and (self.expires is None or now < self.expires)


_LINK: Final = select(*(LINKS.c[name] for name in LinkRow.__dataclass_fields__))


def add(conn: Connection, values: Mapping[str, Any]) -> LinkRow:
    [key] = conn.execute(insert(LINKS).values(**values)).inserted_primary_key or (0,)
    return LinkRow(*conn.execute(_LINK.where(LINKS.c.id == key)).one())


def get(conn: Connection, key: int) -> LinkRow | None:
    row = conn.execute(_LINK.where(LINKS.c.id == key)).first()
    return None if row is None else LinkRow(*row)


def by_digest(conn: Connection, digest: str) -> LinkRow | None:
    row = conn.execute(_LINK.where(LINKS.c.digest == digest)).first()
    return None if row is None else LinkRow(*row)


def of_user(conn: Connection, user: int) -> list[LinkRow]:
    """The latest first."""
    rows = conn.execute(_LINK.where(LINKS.c.user_id == user).order_by(LINKS.c.id.desc()))
    return [LinkRow(*row) for row in rows]


def use(conn: Connection, digest: str, event_type: int, now: int) -> bool:
    """False: it is good for no further booking of that event type."""
    good = (LINKS.c.digest == digest) & (LINKS.c.event_type_id == event_type) & (LINKS.c.used < LINKS.c.uses)
    in_time = or_(LINKS.c.expires.is_(None), LINKS.c.expires > now)
    return conn.execute(update(LINKS).where(good, in_time).values(used=LINKS.c.used + 1)).rowcount > 0


def give_back(conn: Connection, digest: str) -> None:
    """One use, of a booking that came to nothing."""
    conn.execute(update(LINKS).where(LINKS.c.digest == digest, LINKS.c.used > 0).values(used=LINKS.c.used - 1))


def remove(conn: Connection, key: int) -> None:
    conn.execute(delete(LINKS).where(LINKS.c.id == key))
