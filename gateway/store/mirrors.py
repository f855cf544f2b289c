"""Mirrors: whose busy time appears in which calendar, and what was told of each block."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, bindparam, delete, insert, select, union, update

from gateway.store.objects import ObjectRow
from gateway.store.schema import CALENDARS, MIRROR_BLOCKS, MIRROR_SOURCES, MIRRORS, OBJECTS


@dataclass(frozen=True, slots=True)
class MirrorRow:
    """days: how far ahead. summary: of its blocks, "": the word of the owner's language. ending: is being taken away.

    problem: a word for what is in its way, "" for nothing; error: the provider's own. left: changes still to be made.
    settled: when the calendar last had what it should have. mark: stands in each of its blocks.
    """

    id: int
    user_id: int
    target_id: int
    mark: str
    days: int
    summary: str
    ending: bool
    problem: str
    error: str
    failures: int
    left: int
    settled: int | None


@dataclass(frozen=True, slots=True)
class BlockRow:
    """What was last told of a block. etag: of the text that came of it; "" until that is known."""

    uid: str
    start: int
    end: int
    fbtype: int
    summary: str
    etag: str = ""


_MIRROR: Final = select(*(MIRRORS.c[field] for field in MirrorRow.__dataclass_fields__))
_BLOCK: Final = select(*(MIRROR_BLOCKS.c[field] for field in BlockRow.__dataclass_fields__))
_IDS: Final = select(MIRRORS.c.id).where(MIRRORS.c.user_id == bindparam("user"))
_USED: Final = union(
    select(MIRRORS.c.target_id).join(CALENDARS, CALENDARS.c.id == MIRRORS.c.target_id)
    .where(CALENDARS.c.account_id == bindparam("account")),
    select(MIRROR_SOURCES.c.calendar_id).join(CALENDARS, CALENDARS.c.id == MIRROR_SOURCES.c.calendar_id)
    .where(CALENDARS.c.account_id == bindparam("account")),
)  # fmt: skip
_STUCK: Final = (
    select(MIRRORS.c.user_id, MIRRORS.c.id)
    .join(CALENDARS, CALENDARS.c.id == MIRRORS.c.target_id)
    .where(CALENDARS.c.account_id == bindparam("account"), MIRRORS.c.problem.not_in(["", "refused"]))
)
_HELD: Final = select(*(OBJECTS.c[field] for field in ObjectRow.__dataclass_fields__)).where(
    OBJECTS.c.user_id == bindparam("user"), OBJECTS.c.mirror == bindparam("mark"), OBJECTS.c.mirror != ""
)


def add(
    conn: Connection,
    user: int,
    target: int,
    sources: Collection[int],
    *,
    mark: str,
    days: int,
    summary: str,
    now: int,
) -> int:
    values = {"user_id": user, "target_id": target, "mark": mark, "days": days, "summary": summary, "created": now}
    [key] = conn.execute(insert(MIRRORS).values(values)).inserted_primary_key or (0,)
    set_sources(conn, int(key), sources)
    return int(key)


def set_sources(conn: Connection, mirror: int, sources: Collection[int]) -> None:
    conn.execute(delete(MIRROR_SOURCES).where(MIRROR_SOURCES.c.mirror_id == mirror))
    if sources:
        conn.execute(insert(MIRROR_SOURCES), [{"mirror_id": mirror, "calendar_id": one} for one in sources])


def get(conn: Connection, key: int) -> MirrorRow | None:
    return _row(conn.execute(_MIRROR.where(MIRRORS.c.id == key)).first())


def of_user(conn: Connection, user: int) -> list[MirrorRow]:
    rows = conn.execute(_MIRROR.where(MIRRORS.c.user_id == user).order_by(MIRRORS.c.id))
    return [MirrorRow(*row) for row in rows]


def into(conn: Connection, target: int) -> MirrorRow | None:
    """The one whose blocks are in that calendar."""
    return _row(conn.execute(_MIRROR.where(MIRRORS.c.target_id == target)).first())


def everyone(conn: Connection) -> list[MirrorRow]:
    return [MirrorRow(*row) for row in conn.execute(_MIRROR.order_by(MIRRORS.c.id))]


def _row(row: Any | None) -> MirrorRow | None:
    return None if row is None else MirrorRow(*row)


def ids(conn: Connection, user: int) -> Sequence[int]:
    return conn.execute(_IDS, {"user": user}).scalars().all()


def sources(conn: Connection, mirror: int) -> list[int]:
    query = select(MIRROR_SOURCES.c.calendar_id).where(MIRROR_SOURCES.c.mirror_id == mirror)
    return list(conn.execute(query.order_by(MIRROR_SOURCES.c.calendar_id)).scalars())


def used(conn: Connection, account: int) -> frozenset[int]:
    """Calendars of an account that some mirror reads or writes: they are pulled, whatever else they count for."""
    return frozenset(conn.execute(_USED, {"account": account}).scalars())


def stuck(conn: Connection, account: int) -> Sequence[tuple[int, int]]:
    """(user, mirror) of those into its calendars that something about the account was in the way of."""
    return [(row.user_id, row.id) for row in conn.execute(_STUCK, {"account": account})]


def change(conn: Connection, mirror: int, **values: object) -> None:
    conn.execute(update(MIRRORS).where(MIRRORS.c.id == mirror).values(values))


def remove(conn: Connection, mirror: int) -> None:
    """With what was told of its blocks."""
    conn.execute(delete(MIRRORS).where(MIRRORS.c.id == mirror))


def held(conn: Connection, user: int, mark: str) -> list[ObjectRow]:
    """The blocks of a mirror as they are, whichever calendar of that person they are in."""
    return [ObjectRow(*row) for row in conn.execute(_HELD, {"user": user, "mark": mark})]


def told(conn: Connection, mirror: int) -> dict[str, BlockRow]:
    """By UID."""
    return {row.uid: BlockRow(*row) for row in conn.execute(_BLOCK.where(MIRROR_BLOCKS.c.mirror_id == mirror))}


def tell(conn: Connection, mirror: int, block: BlockRow) -> None:
    forget(conn, mirror, [block.uid])
    values = {field: getattr(block, field) for field in BlockRow.__dataclass_fields__}
    conn.execute(insert(MIRROR_BLOCKS).values(mirror_id=mirror, **values))


def forget(conn: Connection, mirror: int, uids: Collection[str]) -> None:
    mine = delete(MIRROR_BLOCKS).where(MIRROR_BLOCKS.c.mirror_id == mirror, MIRROR_BLOCKS.c.uid == bindparam("gone"))
    if uids:
        conn.execute(mine, [{"gone": uid} for uid in uids])
