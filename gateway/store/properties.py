"""Properties that a client set on a resource (RFC 4918 dead properties), each person's own.

They go, and move, with the resource, whoever stored them.
"""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import Connection, bindparam, delete, insert, select

from gateway.store.schema import PROPERTIES

_AT: Final = select(PROPERTIES.c.name, PROPERTIES.c.value).where(
    PROPERTIES.c.user_id == bindparam("user"), PROPERTIES.c.path == bindparam("path")
)


def get(conn: Connection, user: int, path: str) -> dict[str, str]:
    """Clark name -> the element as XML text."""
    return {row.name: row.value for row in conn.execute(_AT, {"user": user, "path": path})}


def below(conn: Connection, user: int, path: str) -> dict[str, dict[str, str]]:
    """Path -> what `get` gives, of everything stored for paths that begin with `path`."""
    query = select(PROPERTIES.c.path, PROPERTIES.c.name, PROPERTIES.c.value).where(
        PROPERTIES.c.user_id == user, PROPERTIES.c.path.startswith(path, autoescape=True)
    )
    found: dict[str, dict[str, str]] = {}
    for row in conn.execute(query):
        found.setdefault(row.path, {})[row.name] = row.value
    return found


def anybody(conn: Connection, path: str) -> bool:
    """Whether anything is stored at a path, by whomever."""
    return conn.execute(select(PROPERTIES.c.path).where(PROPERTIES.c.path == path).limit(1)).first() is not None


def forget(conn: Connection, path: str) -> None:
    """Everybody's, after the resource is gone: a later one of that name starts afresh."""
    conn.execute(delete(PROPERTIES).where(PROPERTIES.c.path == path))


def forget_below(conn: Connection, path: str) -> None:
    """Of a collection and all that was in it."""
    conn.execute(delete(PROPERTIES).where(PROPERTIES.c.path.startswith(path, autoescape=True)))


def copy(conn: Connection, path: str, to: str) -> None:
    """What is stored at `to` afterwards is what is stored at `path`, by each."""
    forget(conn, to)
    rows = conn.execute(select(PROPERTIES).where(PROPERTIES.c.path == path)).mappings().all()
    if rows:
        conn.execute(insert(PROPERTIES), [{**row, "path": to} for row in rows])


def move_below(conn: Connection, path: str, to: str) -> None:
    """Of a collection that has another path now, and all that is in it; what was stored there before goes."""
    forget_below(conn, to)
    rows = conn.execute(select(PROPERTIES).where(PROPERTIES.c.path.startswith(path, autoescape=True))).mappings().all()
    if rows:
        conn.execute(insert(PROPERTIES), [{**row, "path": to + row["path"].removeprefix(path)} for row in rows])
    forget_below(conn, path)


def put(conn: Connection, user: int, path: str, values: Mapping[str, str | None]) -> None:
    """None removes the property."""
    names = list(values)
    conn.execute(
        delete(PROPERTIES).where(PROPERTIES.c.user_id == user, PROPERTIES.c.path == path, PROPERTIES.c.name.in_(names))
    )
    rows = [
        {"user_id": user, "path": path, "name": name, "value": value}
        for name, value in values.items()
        if value is not None
    ]
    if rows:
        conn.execute(insert(PROPERTIES), rows)
