"""Leases, turns and times of jobs, beyond the first taking."""

import pytest

from gateway.store import jobs, principals


@pytest.fixture
def people(db):
    return [
        db.write_now(principals.add, name=name, email=f"{name}@example.com", zone="UTC", created=1)
        for name in ("dora", "emil")
    ]


def add(db, key, *, kind="note", due=1.0, user=None):
    return db.write_now(jobs.add, kind, key, {"n": key}, due=due, user=user)


def test_a_person_has_so_many_jobs_done_at_once_and_others_get_their_turn(db, people):
    alice, bob = people
    for number in range(10):
        add(db, f"a{number}", user=alice)
    add(db, "b", due=2.0, user=bob)
    add(db, "nobody's", due=3.0)

    taken = db.write_now(jobs.take, now=9.0, lease=60.0, most=8, running={alice: 1}, each=3)
    assert [job.key for job in taken] == ["a0", "a1", "b", "nobody's"]
    assert db.write_now(jobs.take, now=9.0, lease=60.0, most=8, running={alice: 3}, each=3) == []


def test_only_known_kinds_are_taken_and_waited_for(db):
    add(db, "new", kind="new")
    add(db, "old", due=7.0)

    assert db.read_now(jobs.next_due, ["note"]) == 7.0
    assert [job.key for job in db.write_now(jobs.take, now=9.0, lease=60.0, kinds=["note"])] == ["old"]


def test_a_leased_job_is_next_due_when_its_lease_ends_and_that_can_be_put_off(db):
    add(db, "k")
    [job] = db.write_now(jobs.take, now=5.0, lease=60.0)
    assert db.read_now(jobs.next_due) == 65.0

    db.write_now(jobs.renew, [job.id], until=100.0)
    assert db.read_now(jobs.next_due) == 100.0
    assert db.write_now(jobs.claim, job.id, now=99.0, lease=60.0) is None


def test_a_job_that_comes_again_keeps_its_new_payload(db):
    add(db, "k")
    [job] = db.write_now(jobs.take, now=5.0, lease=60.0)

    db.write_now(jobs.again, job, due=300.0, payload={"n": "later"})

    kept = db.read_now(jobs.get, "note", "k")
    assert (kept.due, kept.payload, kept.attempts) == (300.0, {"n": "later"}, 0)


def test_a_job_added_meanwhile_comes_again_at_once(db):
    add(db, "k")
    [job] = db.write_now(jobs.take, now=5.0, lease=60.0)
    add(db, "k", due=6.0)

    db.write_now(jobs.again, job, due=300.0)

    assert [one.key for one in db.write_now(jobs.take, now=6.0, lease=60.0)] == ["k"]


def test_what_somebody_is_doing_cannot_be_withdrawn(db):
    add(db, "k")
    db.write_now(jobs.take, now=5.0, lease=60.0)

    assert not db.write_now(jobs.withdraw, "note", "k", now=6.0)
    assert db.write_now(jobs.withdraw, "note", "k", now=65.0)
    assert db.read_now(jobs.get, "note", "k") is None


def test_a_job_that_was_dropped_and_made_anew_is_another_one(db):
    add(db, "k")
    [job] = db.write_now(jobs.take, now=5.0, lease=60.0)
    db.write_now(jobs.drop, "note", "k")
    add(db, "k")

    db.write_now(jobs.finish, job)

    assert db.read_now(jobs.get, "note", "k") is not None


def test_what_waits_for_a_person(db, people):
    alice, bob = people
    for key, user in (("a", alice), ("b", bob), ("c", alice)):
        add(db, key, user=user)
    [job, *_] = db.write_now(jobs.take, now=5.0, lease=60.0)
    db.write_now(jobs.bury, job, "never")

    assert [one.key for one in db.read_now(jobs.waiting, "note", alice)] == ["c"]


def test_zone_and_addresses_of_a_person(db, people):
    db.write_now(principals.add_address, people[0], "Dora@work.example")

    assert db.read_now(principals.scope, people[0]) == ("UTC", frozenset({"dora@example.com", "dora@work.example"}))
