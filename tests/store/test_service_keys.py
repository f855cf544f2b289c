"""Keys that several accounts share."""

from gateway.store import accounts, service_keys
from tests.store.conftest import ALICE, BOB

NAME = "gateway@project.example"


def opened_by(conn, user, name, secret, now=0):
    account = accounts.add(conn, user, "google", name, {}, None, now)
    accounts.change(conn, account, service_key=service_keys.put(conn, name, secret, now))
    return account


def secrets(conn):
    return [row.secret for row in accounts.everyone(conn) if row.kind == "google"]


def test_all_accounts_of_a_service_account_have_its_key(db):
    def add(conn):
        opened_by(conn, ALICE, NAME, b"sealed")
        opened_by(conn, BOB, NAME, b"sealed")
        opened_by(conn, BOB, "other@project.example", b"another")

    db.write_now(add)

    assert db.read_now(secrets) == [b"sealed", b"sealed", b"another"]


def test_a_new_key_opens_them_all(db):
    for user in (ALICE, BOB):
        db.write_now(opened_by, user, NAME, b"old")

    db.write_now(service_keys.put, NAME, b"new", 1)

    assert db.read_now(secrets) == [b"new", b"new"]
    assert db.read_now(service_keys.secret, NAME) == b"new"


def test_a_secret_of_its_own_comes_first(db):
    account = db.write_now(opened_by, ALICE, NAME, b"shared")

    db.write_now(lambda conn: accounts.change(conn, account, secret=b"own", service_key=None))

    assert db.read_now(secrets) == [b"own"]


def test_a_key_goes_with_the_last_account_that_it_opens(db):
    first, last = (db.write_now(opened_by, user, NAME, b"sealed") for user in (ALICE, BOB))

    db.write_now(accounts.remove, first)
    assert db.read_now(service_keys.secret, NAME) == b"sealed"
    db.write_now(accounts.remove, last)
    assert db.read_now(service_keys.secret, NAME) is None
