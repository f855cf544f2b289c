"""Properties that a client set on a resource (RFC 4918 dead properties), each person's own."""

from collections.abc import Mapping

from sqlalchemy import Connection, delete, insert, select

from gateway.store.schema import PROPERTIES


def get(conn: Connection, user: int, path: str) -> dict[str, str]:
    """Clark name -> the element as XML text."""
    query = select(PROPERTIES.c.name, PROPERTIES.c.value).where(PROPERTIES.c.user_id == user, PROPERTIES.c.path == path)
    return {row.name: row.value for row in conn.execute(query)}


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
