"""What is kept of subscriptions, and that a change costs nothing where there are none."""

from sqlalchemy import event

from gateway.store import jobs, members, subscriptions
from gateway.store.subscriptions import TELL, Subscription
from tests.store.conftest import ALICE, BOB, MERGED


def row(name="first", digest="digest", **more):
    given = {"contents": True, "properties": False, "expires": 1_000, "rev": 0, "told": 0.0, **more}
    return Subscription(ALICE, MERGED[ALICE], name, digest, b"sealed", **given)


def statements(conn, do):
    """How many `do` takes."""
    seen = []
    event.listen(conn, "before_cursor_execute", lambda _conn, _cursor, text, *_rest: seen.append(text))
    do()
    return len(seen)


def test_a_change_of_what_nobody_watches_is_one_statement(db):
    assert db.write_now(lambda conn: statements(conn, lambda: members.raise_rev(conn, MERGED[ALICE]))) == 1
    db.write_now(subscriptions.put, row())
    assert db.write_now(lambda conn: statements(conn, lambda: members.raise_rev(conn, MERGED[BOB]))) == 1
    assert db.read_now(jobs.next_due, {TELL}) is None
    assert db.write_now(members.raise_rev, MERGED[ALICE]) == 2
    assert db.read_now(jobs.next_due, {TELL}) == 0.0


def test_after_the_last_one_has_gone_nothing_is_noted(db):
    for token, digest in (("one", "d1"), ("two", "d2")):
        assert db.write_now(subscriptions.put, row(token, digest)) == token
    assert db.write_now(subscriptions.remove, BOB, "one", 1) is False
    assert db.write_now(subscriptions.remove, ALICE, "one", 1) is True
    db.write_now(members.raise_rev, MERGED[ALICE])
    assert db.read_now(jobs.get, TELL, str(MERGED[ALICE])) is not None
    db.write_now(jobs.drop, TELL, str(MERGED[ALICE]))
    assert db.write_now(subscriptions.remove, ALICE, "two", 2_000) is False  # it was over
    db.write_now(members.raise_rev, MERGED[ALICE])
    assert db.read_now(jobs.next_due, {TELL}) is None


def test_the_same_push_resource_keeps_its_token(db):
    assert db.write_now(subscriptions.put, row("first")) == "first"
    assert db.write_now(subscriptions.put, row("second", expires=2_000)) == "first"
    [one] = db.read_now(subscriptions.watched, MERGED[ALICE]).subscriptions
    assert (one.token, one.expires) == ("first", 2_000)
    assert db.read_now(subscriptions.count, ALICE, MERGED[ALICE], "digest") == 0
    assert db.read_now(subscriptions.count, ALICE, MERGED[ALICE], "another") == 1


def test_what_happens_while_a_message_is_on_its_way_is_told_by_the_next(db):
    db.write_now(subscriptions.put, row(properties=True))
    db.write_now(subscriptions.stir, MERGED[ALICE], ALICE)
    rev = db.write_now(members.raise_rev, MERGED[ALICE])
    [sent] = db.read_now(subscriptions.watched, MERGED[ALICE]).subscriptions
    db.write_now(subscriptions.stir, MERGED[ALICE], ALICE)
    later = db.write_now(members.raise_rev, MERGED[ALICE])
    db.write_now(subscriptions.took, sent, rev, 50.0)
    now = db.read_now(subscriptions.watched, MERGED[ALICE])
    [one] = now.subscriptions
    assert (one.rev, now.rev, one.stirred, one.told) == (rev, later, 1, 50.0)
