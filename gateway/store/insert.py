"""Rows that several processes may add at the same moment."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def add_missing(conn: Connection, table: Table, rows: Sequence[Mapping[str, object]]) -> None:
    """Those whose key is taken already stay as they are."""
    insert = postgresql.insert if conn.dialect.name == "postgresql" else sqlite.insert
    conn.execute(insert(table).on_conflict_do_nothing(), rows)
