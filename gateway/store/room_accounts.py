"""Sign-ins at providers of conferences, one of each kind for a person."""

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, delete, insert, select, update

from gateway.store.schema import ROOM_ACCOUNTS


@dataclass(frozen=True, slots=True)
class RoomAccountRow:
    """remote_id: of the person there. secret: sealed. state: ok, or signed-out, which only its owner can mend."""

    id: int
    user_id: int
    kind: str
    remote_id: str
    displayname: str
    secret: bytes
    state: str
    error: str


_ROW: Final = select(*(ROOM_ACCOUNTS.c[field] for field in RoomAccountRow.__dataclass_fields__))


def put(conn: Connection, user: int, kind: str, remote_id: str, displayname: str, secret: bytes, now: int) -> None:
    """Instead of the one they had."""
    drop(conn, user, kind)
    values = {"remote_id": remote_id, "displayname": displayname, "secret": secret, "created": now}
    conn.execute(insert(ROOM_ACCOUNTS).values(user_id=user, kind=kind, **values))


def drop(conn: Connection, user: int, kind: str) -> None:
    conn.execute(delete(ROOM_ACCOUNTS).where(ROOM_ACCOUNTS.c.user_id == user, ROOM_ACCOUNTS.c.kind == kind))


def change(conn: Connection, key: int, **values: Any) -> None:
    conn.execute(update(ROOM_ACCOUNTS).where(ROOM_ACCOUNTS.c.id == key).values(values))


def mark_signed_out(conn: Connection, user: int, kind: str, error: str) -> None:
    theirs = (ROOM_ACCOUNTS.c.user_id == user) & (ROOM_ACCOUNTS.c.kind == kind)
    conn.execute(update(ROOM_ACCOUNTS).where(theirs).values(state="signed-out", error=error))


def get(conn: Connection, user: int, kind: str) -> RoomAccountRow | None:
    row = conn.execute(_ROW.where(ROOM_ACCOUNTS.c.user_id == user, ROOM_ACCOUNTS.c.kind == kind)).first()
    return None if row is None else RoomAccountRow(*row)
