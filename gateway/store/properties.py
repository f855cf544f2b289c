"""Properties that a client set on a resource (RFC 4918 dead properties), each person's own."""

from collections.abc import Mapping

from sqlalchemy import Connection, delete, insert, select

from gateway.store.schema import PROPERTIES


def get(conn: Connection, user: int, path: str) -> dict[str, str]:
    """Clark name -> the element as XML text."""
    query = select(PROPERTIES.c.name, PROPERTIES.c.value).where(PROPERTIES.c.user_id == user, PROPERTIES.c.path == path)
    return {row.name: row.value for row in conn.execute(query)}


def below(conn: Connection, user: int, path: str) -> dict[str, dict[str, str]]:
    """Path -> what `get` gives, of everything stored for paths that begin with `path`."""
    query = select(PROPERTIES.c.path, PROPERTIES.c.name, PROPERTIES.c.value).where(
        PROPERTIES.c.user_id == user, PROPERTIES.c.path.startswith(path, autoescape=True)
    )
    found: dict[str, dict[str, str]] = {}
    for row in conn.execute(query):
        found.setdefault(row.path, {})[row.name] = row.value
    return found


def forget(conn: Connection, user: int, path: str) -> None:
    """After the resource is gone: a later one of that name starts afresh."""
    conn.execute(delete(PROPERTIES).where(PROPERTIES.c.user_id == user, PROPERTIES.c.path == path))


def forget_below(conn: Connection, user: int, path: str) -> None:
    """Of a collection and all that was in it."""
    mine = PROPERTIES.c.path.startswith(path, autoescape=True)
    conn.execute(delete(PROPERTIES).where(PROPERTIES.c.user_id == user, mine))


def copy(conn: Connection, user: int, path: str, to: str) -> None:
    """What is stored at `to` afterwards is what is stored at `path`."""
    forget(conn, user, to)
    values = get(conn, user, path)
    put(conn, user, to, values)


def move_below(conn: Connection, user: int, path: str, to: str) -> None:
    """Of a collection that has another path now, and all that is in it."""
    for one, values in below(conn, user, path).items():
        put(conn, user, to + one.removeprefix(path), values)
    forget_below(conn, user, path)


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
