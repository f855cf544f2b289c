"""The pair of keys by which push services know this server (VAPID): made once, the secret one sealed."""

from typing import NamedTuple

from sqlalchemy import Connection, select

from gateway.store.insert import add_missing
from gateway.store.schema import PUSH_KEYS


class Pair(NamedTuple):
    """public: as clients get it. secret: sealed."""

    public: str
    secret: bytes


def get(conn: Connection) -> Pair | None:
    row = conn.execute(select(PUSH_KEYS.c.public, PUSH_KEYS.c.secret)).first()
    return None if row is None else Pair(*row)


def keep(conn: Connection, pair: Pair, now: int) -> None:
    """Unless there is one already."""
    add_missing(conn, PUSH_KEYS, [{"id": 1, "public": pair.public, "secret": pair.secret, "created": now}])
