"""What is asked about several people at once is each one's own."""

import pytest

from gateway.model import RemoteCalendar
from gateway.store import accounts, schedules
from gateway.store.database import Connection, Database
from tests.store.conftest import ALICE, BOB, HOME


def connect(conn: Connection, user: int, name: str, read: int | None, *, busy: bool = True) -> int:
    """A calendar of an account of its own, which was read then."""
    account = accounts.add(conn, user, "feed", name, {}, None, 0)
    key = accounts.add_calendar(conn, user, account, RemoteCalendar(id=name, displayname=name, busy=busy))
    accounts.change(conn, account, synced=read)
    return key


def test_who_was_not_read_for_long(db: Database) -> None:
    def fill(conn: Connection) -> None:
        connect(conn, ALICE, "fresh", 1_000)
        connect(conn, BOB, "late", 999)
        connect(conn, BOB, "never", None)
        connect(conn, BOB, "quiet", 999, busy=False)
        by_itself = connect(conn, BOB, "by itself", 999)
        accounts.change_calendar(conn, by_itself, synced=1_000)
        gone = connect(conn, BOB, "gone", 999)
        accounts.change_calendar(conn, gone, gone=True)

    db.write_now(fill)
    assert db.read_now(accounts.unread, [ALICE, BOB], 1_000) == [(BOB, "late"), (BOB, "never")]
    assert db.read_now(accounts.unread, [ALICE], 1_000) == []
    assert db.read_now(accounts.unread, [ALICE], 1_001) == [(ALICE, "fresh")]


def test_other_calendars_may_count(db: Database) -> None:
    quiet = db.write_now(connect, ALICE, "quiet", 999, busy=False)
    db.write_now(connect, ALICE, "late", 999)
    assert db.read_now(accounts.unread, [ALICE], 1_000, [HOME, quiet]) == [(ALICE, "quiet")]
    assert db.read_now(accounts.unread, [ALICE], 1_000, []) == []


@pytest.mark.parametrize(("own", "found"), [(None, "usual"), (0, "usual"), (1, "evenings"), (2, "usual")])
def test_working_hours(db: Database, own: int | None, found: str) -> None:
    """own: none, one that is not there, Alice's other one, one of Bob's."""

    def fill(conn: Connection) -> list[int]:
        schedules.add(conn, ALICE, "usual", "")
        schedules.add(conn, BOB, "Bob's", "")
        return [0, schedules.add(conn, ALICE, "evenings", ""), schedules.add(conn, BOB, "Bob's second", "")]

    keys = db.write_now(fill)
    rows = db.read_now(schedules.chosen, [ALICE, BOB], None if own is None else keys[own])
    assert rows[ALICE].name == found
    assert rows[BOB].name == ("Bob's second" if own == 2 else "Bob's")


def test_who_has_set_no_working_hours(db: Database) -> None:
    assert db.read_now(schedules.chosen, [ALICE, BOB], None) == {}
