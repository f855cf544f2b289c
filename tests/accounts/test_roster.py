"""Who of a directory is here, and what is to be done about each."""

import pytest

from gateway.accounts.people import add_person
from gateway.accounts.roster import Action, Step, name_for, plan
from gateway.backends.base import Colleague
from gateway.store import accounts

SERVICE = {"sign_in": "service-account", "access": "write"}


def somebody(name: str, *aliases: str, mailbox: str = "") -> Colleague:
    main = f"{name}@example.com"
    return Colleague(mailbox or main, name.title(), (main, *(f"{alias}@example.com" for alias in aliases)))


@pytest.fixture
def anna(db):
    return db.write_now(lambda conn: add_person(conn, "anna", "anna@example.com", now=0))


def planned(db, *listed: Colleague, create: bool = False, kind: str = "google") -> list[tuple[Action, str, str]]:
    steps: list[Step] = db.read_now(lambda conn: plan(conn, kind, "example.com", listed, create=create, access="write"))
    return [(step.action, step.user, step.note) for step in steps]


def connected(db, user: int, name: str, state: str = "ok", kind: str = "google", **settings: str) -> int:
    def add(conn):
        key = accounts.add(conn, user, kind, name, settings, None, 0)
        accounts.change(conn, key, state=state)
        return key

    return db.write_now(add)


def test_somebody_new_and_somebody_here(db, anna):
    listed = (somebody("anna"), somebody("new"))

    assert planned(db, *listed) == [(Action.CONNECT, "anna", ""), (Action.ABSENT, "", "")]
    assert planned(db, *listed, create=True) == [(Action.CONNECT, "anna", ""), (Action.CREATE, "", "")]


def test_an_alias_is_enough_to_be_known(db, anna):
    assert planned(db, somebody("a.renamed", "anna"))[0][:2] == (Action.CONNECT, "anna")


@pytest.mark.parametrize(
    ("settings", "state", "expected"),
    [
        ({**SERVICE, "email": "anna@example.com"}, "ok", (Action.KEEP, "anna", "")),
        ({**SERVICE, "email": "anna@example.com"}, "failing", (Action.KEEP, "anna", "")),
        ({**SERVICE, "email": "anna@example.com"}, "signed-out", (Action.CONNECT, "anna", "again")),
        ({**SERVICE, "email": "anna@example.com", "access": "read"}, "ok", (Action.CONNECT, "anna", "again")),
        ({"primary": "anna@example.com"}, "ok", (Action.KEEP, "anna", "by a sign-in of their own")),
        ({"email": "anna@elsewhere.example"}, "ok", (Action.CONNECT, "anna", "")),
    ],
    ids=["connected", "failing", "signed out", "other access", "own sign-in", "another mailbox"],
)
def test_somebody_whose_account_is_here(db, anna, settings, state, expected):
    connected(db, anna, "Work", state, **settings)

    assert planned(db, somebody("anna")) == [expected]


def test_an_account_of_the_other_provider_says_nothing(db, anna):
    connected(db, anna, "Work", kind="outlook", **SERVICE, email="anna@example.com")

    assert planned(db, somebody("anna")) == [(Action.CONNECT, "anna", "")]


def test_a_mailbox_is_known_by_its_id(db, anna):
    connected(
        db, anna, "Work", kind="outlook", sign_in="app-only", access="write", email="old@example.com", mailbox="ID-1"
    )

    assert planned(db, somebody("anna", mailbox="id-1"), kind="outlook") == [(Action.KEEP, "anna", "")]


def test_who_is_not_listed_any_more_has_left(db, anna):
    key = connected(db, anna, "anna@example.com", **SERVICE, email="anna@example.com")
    connected(db, anna, "anna@other.example", **SERVICE, email="anna@other.example")  # of another organisation
    connected(db, anna, "own@example.com", primary="own@example.com")  # not the organisation's

    assert planned(db) == [(Action.LEFT, "anna", f"gateway account remove anna {key}")]


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("bob@example.com", "bob"),
        ("Bob.Brandt@example.com", "bob.brandt"),
        ("anna@example.com", "anna-2"),
        ("admin@example.com", "admin-2"),
        ("bob+work@example.com", "bob-work"),
        ("..bob..b@example.com", "bob.b"),
        ("böb@example.com", "b-b"),
        ("!!@example.com", "person"),
        (f"{'x' * 64}@example.com", "x" * 60),
    ],
)
def test_names_for_people_who_are_new(db, anna, address, name):
    assert db.read_now(name_for, address) == name
