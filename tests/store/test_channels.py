"""Rows of channels: found by either name, gone with their account, asked again."""

from dataclasses import replace

import pytest

from gateway.accounts.people import add_person
from gateway.model import RemoteCalendar
from gateway.store import accounts, channels
from gateway.store.channels import ChannelRow, State


@pytest.fixture
def row(db):
    def make(conn):
        user = add_person(conn, "carol", "carol@example.com", zone="Europe/Berlin", now=1)
        account = accounts.add(conn, user, "google", "google", {}, None, 1)
        calendar = accounts.add_calendar(conn, user, account, RemoteCalendar("main", "Main"))
        times = {"opened": 1.5, "since": 1.5, "renew": 2.5, "expires": 3.5}
        return ChannelRow("key", user, account, calendar, State.LIVE, "https://here", "0" * 64, **times, remote_id="Id")

    return db.write_now(make)


def test_a_row_comes_back_as_it_went(db, row):
    db.write_now(channels.add, row)

    assert db.read_now(channels.get, "key") == row
    assert db.read_now(channels.of_account, row.account_id) == [row]
    assert db.read_now(channels.named, {"Id", "other"}) == [row]


def test_names_are_compared_case_by_case(db, row):
    db.write_now(channels.add, row)

    assert db.read_now(channels.named, {"id", "ID"}) == []
    assert db.read_now(channels.get, "KEY") is None


def test_changes_say_whether_there_was_anything(db, row):
    db.write_now(channels.add, row)

    assert db.write_now(channels.change, "key", state=State.MISSED, number=2**53)
    assert not db.write_now(channels.change, "none", number=1)
    assert db.read_now(channels.get, "key") == replace(row, state=State.MISSED, number=2**53)


def test_oldest_first(db, row):
    for key, opened in (("b", 3.0), ("a", 2.0), ("c", 2.0)):
        db.write_now(channels.add, replace(row, key=key, opened=opened))

    assert [each.key for each in db.read_now(channels.of_account, row.account_id)] == ["a", "c", "b"]


def test_they_go_with_their_account(db, row):
    db.write_now(channels.add, row)
    db.write_now(accounts.remove, row.account_id)

    assert db.read_now(channels.get, "key") is None


def test_only_refusals_that_may_have_been_mended_are_asked_again(db, row):
    for key, state, error in (("a", State.REFUSED, "no"), ("b", State.REFUSED, ""), ("c", State.LIVE, "")):
        db.write_now(channels.add, replace(row, key=key, state=state, error=error))
    db.write_now(channels.ask_again, 1.0)

    assert [db.read_now(channels.get, key).renew for key in "abc"] == [1.0, 2.5, 2.5]
