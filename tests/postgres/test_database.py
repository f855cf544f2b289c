"""What PostgreSQL does otherwise than SQLite: its errors, its snapshots, and when it is away."""

from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from gateway.errors import BackendUnavailable, ConfigError, InsufficientStorage, InvalidRequest
from gateway.store import jobs, principals
from gateway.store.database import Connection, Database
from gateway.store.migrate import is_current, migrate
from tests.fakes.postgres import Cluster
from tests.store.conftest import ALICE, fill

Pair = tuple[Database, Database]


def test_a_database_of_another_encoding_is_refused(postgres: Cluster) -> None:
    with postgres.blank("SQL_ASCII") as url, pytest.raises(ConfigError, match="UTF8"):
        migrate(url)


def test_reads_see_one_snapshot(pair: Pair) -> None:
    pair[0].write_now(fill)

    def look(conn: Connection) -> list[str]:
        before = principals.by_id(conn, ALICE).displayname
        pair[1].write_now(principals.change, ALICE, {"displayname": "Changed"})
        return [before, principals.by_id(conn, ALICE).displayname]

    assert pair[0].read_now(look) == ["alice", "alice"]
    assert pair[0].read_now(principals.by_id, ALICE).displayname == "Changed"


def test_a_read_writes_nothing(db: Database) -> None:
    with pytest.raises(InsufficientStorage):
        db.read_now(jobs.add, "push", "k", {}, due=1.0)


@pytest.mark.parametrize("value", ["a\0b", "x" * 100_000])
def test_a_value_that_it_cannot_hold_is_refused(db: Database, value: str) -> None:
    with pytest.raises(InvalidRequest):
        db.write_now(principals.add, name=value, email="a@example.com", zone="UTC", created=1)
    assert db.read_now(principals.everybody) == []


def test_a_name_with_nul_is_nobodys(db: Database) -> None:
    with pytest.raises(InvalidRequest):
        db.read_now(principals.by_name, "a\0b")


def test_a_mistake_of_ours_stays_one(db: Database) -> None:
    with pytest.raises(DBAPIError):
        db.write_now(lambda conn: conn.execute(text("SELECT nothing")))


def end_sessions(conn: Connection) -> None:
    """Of everybody else, as a server does that is started anew."""
    conn.execute(text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
                      "AND pid <> pg_backend_pid()"))  # fmt: skip


def test_connections_that_were_ended_are_made_anew(pair: Pair) -> None:
    for db in pair:
        db.write_now(jobs.add, "push", "k", {}, due=1.0)
        assert db.read_now(jobs.next_due) == 1.0
    pair[0].write_now(end_sessions)
    assert pair[1].read_now(jobs.next_due) == 1.0
    pair[1].write_now(jobs.add, "push", "k", {}, due=0.5)
    assert pair[0].read_now(jobs.next_due) == 0.5


def test_a_connection_that_ends_in_the_middle_is_to_try_again_and_nothing_was_changed(pair: Pair) -> None:
    def broken_off(conn: Connection) -> None:
        jobs.add(conn, "push", "k", {}, due=1.0)
        pair[1].write_now(end_sessions)
        jobs.add(conn, "push", "other", {}, due=1.0)

    with pytest.raises(BackendUnavailable):
        pair[0].write_now(broken_off)
    assert pair[0].read_now(jobs.next_due) is None


def test_a_server_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    url = f"postgresql://gateway@/gateway?host={tmp_path}"
    db = Database(url)
    for call in (partial(db.read_now, jobs.next_due), partial(migrate, url), partial(is_current, url)):
        with pytest.raises(BackendUnavailable, match="cannot be reached"):
            call()
    db.close()
