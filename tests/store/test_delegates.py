"""Who reads or writes somebody else's calendars."""

import pytest

from gateway.store import delegates, principals, subscriptions
from gateway.store.delegates import READ, WRITE
from gateway.store.subscriptions import Subscription
from tests.store.conftest import ALICE, BOB, MERGED


@pytest.fixture
def team(db):
    """bob and carol; carol's id is 3, the team's 4."""

    def add(conn):
        carol = principals.add(conn, name="carol", email="carol@example.com", zone="UTC", created=0)
        key = principals.add(conn, name="crew", kind="GROUP", email="crew@example.com", zone="UTC", created=0)
        for member in (BOB, carol):
            principals.join_team(conn, key, member)
        return carol, key

    return db.write_now(add)


def named(db, access):
    return [one.name for one in db.read_now(delegates.named, ALICE, access)]


def test_what_is_granted_replaces_what_was(db):
    assert db.read_now(delegates.owners, BOB) == {}
    db.write_now(delegates.grant, ALICE, BOB, READ)
    db.write_now(delegates.grant, ALICE, BOB, WRITE)
    assert (named(db, READ), named(db, WRITE)) == ([], ["bob"])
    assert db.read_now(delegates.owners, BOB) == {ALICE: {WRITE}}
    assert db.read_now(delegates.everyone) == [(ALICE, BOB, WRITE)]
    assert db.write_now(delegates.revoke, ALICE, BOB)
    assert not db.write_now(delegates.revoke, ALICE, BOB)
    assert db.read_now(delegates.owners, BOB) == {}


def test_a_group_is_what_it_is_set_to_and_never_holds_its_owner(db, team):
    carol, crew = team
    db.write_now(delegates.put, ALICE, READ, {ALICE, BOB, crew})
    assert named(db, READ) == ["bob", "crew"]
    db.write_now(delegates.put, ALICE, READ, {carol})
    assert named(db, READ) == ["carol"]


def test_a_team_stands_for_its_people(db, team):
    carol, crew = team
    db.write_now(delegates.grant, ALICE, crew, READ)
    db.write_now(delegates.grant, ALICE, BOB, WRITE)
    assert db.read_now(delegates.owners, BOB) == {ALICE: {READ, WRITE}}
    assert db.read_now(delegates.owners, carol) == {ALICE: {READ}}
    assert db.read_now(delegates.reached, ALICE) == {BOB, carol, crew}


def test_somebody_in_the_team_that_they_named_is_no_delegate_of_their_own(db, team):
    _, crew = team
    db.write_now(delegates.grant, BOB, crew, WRITE)
    assert db.read_now(delegates.owners, BOB) == {}


def test_who_may_not_look_any_more_is_not_told_of_changes_either(db, team):
    carol, _ = team
    for delegate in (BOB, carol):
        db.write_now(delegates.grant, ALICE, delegate, READ)
    for number, person in enumerate((ALICE, BOB, carol)):
        row = Subscription(person, MERGED[ALICE], f"t{number}", "d", b"", True, False, 9_999_999_999, 0, 0.0)
        db.write_now(subscriptions.put, row)
    db.write_now(delegates.revoke, ALICE, BOB)
    watched = db.read_now(subscriptions.watched, MERGED[ALICE])
    assert [one.user_id for one in watched.subscriptions] == [ALICE, carol]
    db.write_now(delegates.put, ALICE, READ, ())
    assert [one.user_id for one in db.read_now(subscriptions.watched, MERGED[ALICE]).subscriptions] == [ALICE]
