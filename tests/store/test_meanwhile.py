"""What another process adds between our look and our insert: nothing fails, and there is one row."""

import pytest

from gateway.store import jobs, refusals
from gateway.store.database import Database
from tests.store.conftest import ALICE, SQLITE

pytestmark = SQLITE

# PostgreSQL lets two processes write at once (tests/postgres). SQLite does not: here a trigger is the other one.
ADDS_JOB = """CREATE TRIGGER somebody_else BEFORE INSERT ON jobs WHEN NEW.payload != '"theirs"' BEGIN
    INSERT INTO jobs (kind, key, payload, due, created) VALUES (NEW.kind, NEW.key, '"theirs"', 50.0, 50.0); END"""
ADDS_REFUSAL = """CREATE TRIGGER somebody_else BEFORE INSERT ON refusals WHEN NEW.reason != 'theirs' BEGIN
    INSERT INTO refusals (user_id, account_id, uid, summary, reason, trouble, created)
    VALUES (NEW.user_id, NEW.account_id, NEW.uid, NEW.summary, 'theirs', 'gone', 1); END"""


@pytest.fixture
def besides(db: Database):
    return lambda trigger: db.write_now(lambda conn: conn.exec_driver_sql(trigger) and None)


def test_a_job_that_somebody_else_adds_at_the_same_moment_is_one(db, besides):
    besides(ADDS_JOB)
    made = db.write_now(jobs.add, "push", "k", {"n": 1}, due=60.0)
    [job] = db.write_now(jobs.take, now=50.0, lease=60.0)
    assert (job.id, job.payload, job.version) == (made, {"n": 1}, 2)


def test_a_refusal_that_somebody_else_notes_at_the_same_moment_is_one(db, besides):
    besides(ADDS_REFUSAL)
    db.write_now(refusals.add, ALICE, 1, "uid", "Lunch", "too long", 2, trouble="refused")
    [row] = db.read_now(refusals.of_user, ALICE)
    assert (row.summary, row.reason, row.trouble, row.created) == ("Lunch", "too long", "refused", 2)
