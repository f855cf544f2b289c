"""Which SQL statements are run."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from gateway.store.database import Connection


@contextmanager
def statements(conn: Connection) -> Iterator[list[tuple[str, object]]]:
    """Those that are run inside, with their parameters."""
    seen: list[tuple[str, object]] = []

    def note(_conn: object, _cursor: object, statement: str, parameters: object, *_: object) -> None:
        seen.append((statement, parameters))

    event.listen(conn, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(conn, "before_cursor_execute", note)
