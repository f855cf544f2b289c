"""Changes that had to wait are told in the order in which they were made, and none holds up the others for ever."""

import pytest

from gateway.errors import NotYet
from gateway.store import accounts, jobs
from gateway.sync.order import PUSH, call_next, check_turn, failed

NOW = 1_000.0


@pytest.fixture
def account(connect):
    return connect("google")


@pytest.fixture
def add(db, alice, account):
    def one(key, *, of=None, due=NOW, **payload):
        payload = {"op": "put", "account": account if of is None else of, **payload}
        db.write_now(jobs.add, PUSH, key, payload, due=due, user=alice.id)
        return db.read_now(jobs.get, PUSH, key)

    return one


def waits(db, job, **how):
    try:
        db.read_now(check_turn, job, NOW, **how)
    except NotYet as error:
        return error.retry_after
    return None


def test_a_change_waits_for_those_made_before_it(db, add):
    first, second = add("a", due=NOW + 100), add("b")
    assert waits(db, first) is None
    assert waits(db, second) == 101.0
    db.write_now(jobs.finish, first)
    assert waits(db, second) is None


def test_other_accounts_do_not_wait(db, add):
    add("a")
    assert waits(db, add("b", of=99)) is None


def test_what_waits_for_another_account_holds_up_nobody(db, add):
    add("elsewhere", of=99)
    add("gone", after="elsewhere")
    assert waits(db, add("b")) is None


def test_a_first_try_waits_for_no_other_first_try_but_for_what_was_put_off(db, add):
    first, second = add("a"), add("b")
    db.write_now(jobs.claim, first.id, now=NOW, lease=60.0)
    assert waits(db, second, first_try=True) is None
    assert waits(db, second) is not None

    db.write_now(jobs.retry, first, due=NOW, error="")
    assert waits(db, second, first_try=True) is not None
    db.write_now(jobs.claim, first.id, now=NOW, lease=60.0)
    assert waits(db, second, first_try=True) is not None


def test_who_is_next_need_not_wait_for_its_time(db, add):
    first, second, third = add("a"), add("b", due=NOW + 500), add("c", due=NOW + 500)
    assert db.write_now(call_next, first, NOW)
    assert [db.read_now(jobs.get, PUSH, one.key).due for one in (second, third)] == [NOW, NOW + 500]
    db.write_now(jobs.finish, second)
    db.write_now(jobs.finish, third)
    assert not db.write_now(call_next, first, NOW)


def test_what_fails_although_its_account_works_holds_up_nobody(db, add, account):
    second = (add("a"), add("b"))[1]

    def fail(now):
        db.write_now(failed, db.read_now(jobs.get, PUSH, "a"), db.read_now(accounts.get, account), now)

    fail(NOW)
    fail(NOW + 10)
    assert waits(db, second) is not None
    db.write_now(accounts.change, account, synced=int(NOW) + 20, state="failing")
    fail(NOW + 30)
    assert waits(db, second) is not None
    db.write_now(accounts.change, account, synced=int(NOW) + 40, state="ok")
    fail(NOW + 50)
    assert waits(db, second) is None
