"""How people and teams show themselves on their booking pages."""

import hashlib
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, bindparam, insert, select, update

from gateway.store.schema import FACES


@dataclass(frozen=True, slots=True)
class Face:
    """color: "#rrggbb", "": none of their own. note: Markdown. digest: of the picture, "": none."""

    color: str = ""
    note: str = ""
    digest: str = ""


NONE: Final = Face()
_FACE: Final = select(FACES.c.color, FACES.c.note, FACES.c.digest).where(FACES.c.user_id == bindparam("user"))


def of(conn: Connection, user: int) -> Face:
    row = conn.execute(_FACE, {"user": user}).first()
    return NONE if row is None else Face(*row)


def say(conn: Connection, user: int, color: str, note: str) -> None:
    _change(conn, user, color=color, note=note)


def show(conn: Connection, user: int, picture: bytes | None) -> None:
    """picture: WebP; None takes it away."""
    digest = "" if picture is None else hashlib.sha256(picture).hexdigest()[:32]
    _change(conn, user, picture=picture, digest=digest)


def _change(conn: Connection, user: int, **values: object) -> None:
    if conn.execute(update(FACES).where(FACES.c.user_id == user).values(values)).rowcount == 0:
        conn.execute(insert(FACES).values(user_id=user, **values))


def picture(conn: Connection, digest: str) -> bytes | None:
    """The one of that digest, whoever's it is."""
    row = conn.execute(select(FACES.c.picture).where(FACES.c.digest == digest).limit(1)).first()
    return None if row is None or not digest else bytes(row.picture)
