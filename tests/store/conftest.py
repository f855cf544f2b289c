"""A fresh database with two people in it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.model import RemoteCalendar
from gateway.store import accounts, principals
from gateway.store.database import Connection, Database
from gateway.store.migrate import migrate

ALICE, BOB = 1, 2
MERGED = {ALICE: 1, BOB: 3}  # collections
HOME, WORK, BOBS = 1, 2, 3  # calendars, in this order


def fill(conn: Connection) -> None:
    for name in ("alice", "bob"):
        principals.add(conn, name=name, email=f"{name}@example.com", zone="Europe/Berlin", created=0)
    account = accounts.add(conn, ALICE, "local", "Here", {}, None, 0)
    for name in ("Home", "Work"):
        accounts.add_calendar(conn, ALICE, account, RemoteCalendar(id=name, displayname=name, writable=True, busy=True))
    accounts.add_calendar(conn, BOB, accounts.add(conn, BOB, "local", "Here", {}, None, 0), RemoteCalendar("b", "b"))


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    url = f"sqlite:///{tmp_path}/test.sqlite"
    migrate(url)
    database = Database(url)
    database.write_now(fill)
    yield database
    database.close()
