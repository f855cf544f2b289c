"""A fresh database with two people in it."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from gateway.model import RemoteCalendar
from gateway.store import accounts, principals
from gateway.store.database import Connection, Database
from tests.fakes.postgres import Cluster

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


SQLITE: Final = pytest.mark.parametrize("url", ["sqlite"], indirect=True)
"""For tests of what is SQLite's own; all others run on both databases."""


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, empty: Path, tmp_path: Path) -> Iterator[str]:
    """Of a database up to date, with nobody in it."""
    if request.param == "sqlite":
        shutil.copy(empty, tmp_path / "test.sqlite")
        yield f"sqlite:///{tmp_path}/test.sqlite"
    else:
        cluster: Cluster = request.getfixturevalue("postgres")
        with cluster.database() as url:
            yield url


@pytest.fixture
def db(url: str) -> Iterator[Database]:
    database = Database(url)
    database.write_now(fill)
    yield database
    database.close()
