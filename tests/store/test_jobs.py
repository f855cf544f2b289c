"""Jobs: one for each key, under a lease, never lost."""

from gateway.store import jobs
from gateway.store.database import Database


def add(db: Database, key: str = "k", due: float = 10.0, payload: dict[str, object] | None = None) -> int:
    return db.write_now(jobs.add, "push", key, payload or {}, due=due)


def take(db: Database, now: float) -> list[jobs.Job]:
    return db.write_now(jobs.take, now=now, lease=60.0)


def test_a_job_waits_until_it_is_due(db: Database) -> None:
    add(db)
    assert take(db, 9.0) == []
    assert [job.key for job in take(db, 10.0)] == ["k"]


def test_two_of_one_key_are_one_with_the_latest_payload_and_the_earlier_time(db: Database) -> None:
    add(db, due=20.0, payload={"n": 1})
    add(db, due=10.0, payload={"n": 2})
    add(db, due=30.0, payload={"n": 3})
    [job] = take(db, 10.0)
    assert job.payload == {"n": 3}


def test_nobody_else_gets_a_leased_job_until_the_lease_ends(db: Database) -> None:
    add(db)
    take(db, 10.0)
    assert take(db, 69.0) == []
    assert [job.attempts for job in take(db, 70.0)] == [2]


def test_what_is_added_while_it_is_being_done_is_done_once_more(db: Database) -> None:
    add(db)
    [job] = take(db, 10.0)
    add(db, due=11.0)
    db.write_now(jobs.finish, job)
    assert [again.key for again in take(db, 11.0)] == ["k"]


def test_of_why_it_failed_the_beginning_is_kept(db: Database) -> None:
    add(db)
    [job] = take(db, 10.0)
    db.write_now(jobs.retry, job, due=20.0, error="<html>" * 1_000)
    [job] = take(db, 20.0)
    assert (len(job.error), job.error[:12]) == (1_000, "<html><html>")
    db.write_now(jobs.bury, job, "x" * 5_000)
    dead = db.read_now(jobs.get, "push", "k")
    assert dead is not None
    assert dead.error == "x" * 1_000


def test_a_finished_job_is_gone(db: Database) -> None:
    add(db)
    [job] = take(db, 10.0)
    db.write_now(jobs.finish, job)
    assert db.read_now(jobs.get, "push", "k") is None


def test_a_buried_job_is_shown_and_comes_back_when_added_again(db: Database) -> None:
    add(db)
    [job] = take(db, 10.0)
    db.write_now(jobs.bury, job, "no such host")
    assert [(dead.key, dead.error) for dead in db.read_now(jobs.dead)] == [("k", "no such host")]
    assert take(db, 1e9) == []
    add(db, due=11.0)
    assert [again.key for again in take(db, 11.0)] == ["k"]


def test_a_retry_comes_at_its_time(db: Database) -> None:
    add(db)
    [job] = take(db, 10.0)
    db.write_now(jobs.retry, job, due=50.0, error="later")
    assert take(db, 49.0) == []
    assert [again.error for again in take(db, 50.0)] == ["later"]


def test_many_that_have_to_be_are_added_hastened_or_begun_again(db: Database) -> None:
    for key, due in (("early", 5.0), ("late", 90.0), ("patient", 90.0), ("given up", 20.0)):
        add(db, key, due, {"key": key})
    given_up = db.read_now(jobs.get, "push", "given up")
    assert given_up is not None
    db.write_now(jobs.bury, given_up, "no such host")
    wanted = [
        jobs.Wanted("early", {"n": 1}, None, due=30.0, hasten=50.0),
        jobs.Wanted("late", {"n": 1}, None, due=30.0, hasten=50.0),
        jobs.Wanted("patient", {"n": 1}, None, due=30.0),
        jobs.Wanted("given up", {"n": 1}, None, due=30.0),
        jobs.Wanted("new", {"n": 1}, None, due=30.0),
    ]

    db.write_now(jobs.ensure, "push", wanted)

    assert [job.key for job in take(db, 29.0)] == ["early"]
    assert {job.key: job.payload for job in take(db, 30.0)} == {
        "late": {"key": "late"},
        "given up": {"key": "given up"},
        "new": {"n": 1},
    }
    assert db.read_now(jobs.dead) == []


def test_one_that_is_hastened_while_it_is_being_done_is_done_once_more(db: Database) -> None:
    add(db, due=10.0)
    [job] = take(db, 10.0)
    db.write_now(jobs.ensure, "push", [jobs.Wanted("k", {}, None, due=7.0, hasten=9.0)])
    db.write_now(jobs.again, job, due=1e9)
    assert [again.key for again in take(db, 10.0)] == ["k"]
