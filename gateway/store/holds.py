"""Time kept for a visitor who is filling in the form."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, bindparam, delete, insert, or_, select

from gateway.store.schema import HOLDS


@dataclass(frozen=True, slots=True)
class HoldRow:
    """start, end, blocked_*, expires: epoch seconds. digest: of what the visitor is known by."""

    user_id: int
    digest: str
    start: int
    end: int
    blocked_from: int
    blocked_until: int
    expires: int


_HOLD: Final = select(*(HOLDS.c[field] for field in HoldRow.__dataclass_fields__))

_BLOCKING: Final = _HOLD.where(
    HOLDS.c.user_id.in_(bindparam("users", expanding=True)),
    HOLDS.c.expires > bindparam("now"),
    HOLDS.c.blocked_from < bindparam("b"),
    HOLDS.c.blocked_until > bindparam("a"),
)


def put(conn: Connection, digest: str, users: Sequence[int], dates: Sequence[Mapping[str, Any]], now: int) -> None:
    """Instead of whatever the visitor held; what has expired goes too. dates: times of each, and when they expire."""
    conn.execute(delete(HOLDS).where(or_(HOLDS.c.digest == digest, HOLDS.c.expires <= now)))
    conn.execute(insert(HOLDS), [{"user_id": user, "digest": digest, **date} for user in users for date in dates])


def drop(conn: Connection, digest: str) -> None:
    conn.execute(delete(HOLDS).where(HOLDS.c.digest == digest))


def blocking(conn: Connection, users: Collection[int], start: int, end: int, now: int) -> list[HoldRow]:
    """Those that take these people's time in [start, end)."""
    given = {"users": list(users), "a": start, "b": end, "now": now}
    return [HoldRow(*row) for row in conn.execute(_BLOCKING, given)]
