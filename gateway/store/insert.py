"""Rows that several processes may add at the same moment."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

Values = Mapping[str, object]


def add_missing(conn: Connection, table: Table, rows: Sequence[Values]) -> None:
    """Those whose key is taken already stay as they are."""
    conn.execute(_insert(conn, table).on_conflict_do_nothing(), rows)


def is_added(conn: Connection, table: Table, values: Values) -> bool:
    """False: its key is taken, perhaps since the caller looked."""
    made = _insert(conn, table).values(values).on_conflict_do_nothing().returning(*table.primary_key)
    return conn.execute(made).first() is not None


def add_unless_there(conn: Connection, table: Table, values: Values) -> int | None:
    """The id of the new row; None: its key is taken, perhaps since the caller looked."""
    made = _insert(conn, table).values(values).on_conflict_do_nothing().returning(table.c.id)
    return conn.execute(made).scalar()


def claim(conn: Connection, table: Table, values: Values) -> bool:
    """Whether the row is new; False: its key is taken, perhaps since the caller looked."""
    return conn.execute(_insert(conn, table).values(values).on_conflict_do_nothing()).rowcount > 0


def put(conn: Connection, table: Table, key: Sequence[str], values: Values) -> None:
    """The row of that key has these values from now on, whoever made it."""
    changed = {name: value for name, value in values.items() if name not in key}
    conn.execute(_insert(conn, table).values(values).on_conflict_do_update(index_elements=key, set_=changed))


def _insert(conn: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    return postgresql.insert(table) if conn.dialect.name == "postgresql" else sqlite.insert(table)
