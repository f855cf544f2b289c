"""What a reading keeps until its last page."""

import pytest

from gateway.accounts.people import add_person
from gateway.model import Part, RemoteCalendar
from gateway.store import accounts, rounds


@pytest.fixture
def calendar(db):
    user = db.write_now(add_person, "ruth", "ruth@example.com", now=1)
    account = db.write_now(accounts.add, user, "google", "Google", {}, None, 1)
    return db.write_now(accounts.add_calendar, user, account, RemoteCalendar("main", "Main"))


def test_it_begins_with_nothing_and_what_is_left_of_another_is_no_use(db, calendar):
    assert db.read_now(rounds.is_clean, calendar)
    for leave in (
        lambda conn: rounds.mention(conn, calendar, ["a"]),
        lambda conn: rounds.tell(conn, calendar, "a"),
        lambda conn: rounds.keep_parts(conn, calendar, [Part("s", "1")]),
        lambda conn: rounds.go_on(conn, calendar, "page 2"),
        lambda conn: rounds.count(conn, calendar),
    ):
        db.write_now(leave)
        assert not db.read_now(rounds.is_clean, calendar)
        db.write_now(rounds.begin, calendar)
        assert db.read_now(rounds.is_clean, calendar)


def test_a_note_twice_is_one(db, calendar):
    for _ in range(2):
        db.write_now(rounds.mention, calendar, ["a", "b", "a"])
        db.write_now(rounds.tell, calendar, "b")

    assert db.read_now(rounds.told, calendar, ["a", "b", "c"]) == {"b"}
    assert db.write_now(rounds.count, calendar) == 2


def test_a_calendar_that_was_removed_meanwhile_is_told_nothing(db, calendar):
    db.write_now(rounds.tell, calendar + 1, "a")

    assert db.read_now(rounds.told, calendar + 1, ["a"]) == set()


def test_parts_come_back_by_name_in_the_order_they_came_in(db, calendar):
    for texts in (["a1", "b1"], ["a2", "c1"], ["b2"]):
        db.write_now(rounds.keep_parts, calendar, [Part(text[0], text) for text in texts])

    assert db.write_now(rounds.count, calendar) == 3
    assert db.read_now(rounds.next_parts, calendar, 2) == {"a": ["a1", "a2"], "b": ["b1", "b2"]}
    db.write_now(rounds.drop_parts, calendar, ["a", "b"])
    assert db.read_now(rounds.next_parts, calendar, 2) == {"c": ["c1"]}


def test_how_far_it_is_stands_on_the_calendar(db, calendar):
    db.write_now(rounds.go_on, calendar, "page 2")
    db.write_now(rounds.mention, calendar, ["a", "b"])
    db.write_now(rounds.count, calendar)

    row = db.read_now(accounts.calendar, calendar)
    assert (row.page, row.arrived) == ("page 2", 2)
