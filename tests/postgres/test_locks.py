"""What two processes do to the same rows at the same moment: each is done once, and nothing is lost."""

from functools import partial
from threading import Barrier

from gateway.accounts.people import add_person
from gateway.errors import UsageError
from gateway.store import jobs, mails, members, objects, principals, sessions
from gateway.store.database import Connection, Database
from gateway.store.locks import lock_people
from gateway.store.objects import Remote
from gateway.store.sessions import SignIn
from tests.postgres.race import Race
from tests.store.conftest import ALICE, BOB, HOME, MERGED, fill
from tests.store.test_members import indexed

Pair = tuple[Database, Database]


def test_two_workers_do_each_job_once(pair: Pair, race: Race) -> None:
    def add(conn: Connection) -> None:
        for number in range(60):
            jobs.add(conn, "note", str(number), {}, due=float(number))

    def work(db: Database) -> list[str]:
        done = []
        while taken := db.write_now(jobs.take, now=100.0, lease=60.0, most=3):
            for job in taken:
                done.append(job.key)
                db.write_now(jobs.finish, job)
        return done

    pair[0].write_now(add)
    did = race(*(partial(work, db) for db in (*pair, *pair)))
    assert sorted(int(key) for keys in did for key in keys) == list(range(60))
    assert pair[0].read_now(jobs.next_due) is None


def test_one_job_is_begun_by_one(pair: Pair, race: Race) -> None:
    key = pair[0].write_now(jobs.add, "pull", "account 1", {}, due=1.0)
    begun = race(*(partial(db.write_now, jobs.claim, key, now=5.0, lease=60.0) for db in pair * 4))
    assert len([job for job in begun if job is not None]) == 1


def test_first_inserts_of_one_job_key_are_one_job(pair: Pair, race: Race) -> None:
    for key in "abcdefgh":
        calls = [
            partial(db.write_now, jobs.add, "push", key, {"n": number}, due=10.0 - number)
            for number, db in enumerate(pair * 4)
        ]
        made = race(*calls)
        job = pair[0].read_now(jobs.get, "push", key)
        assert job is not None
        assert made == [job.id] * 8
        assert (job.version, job.due) == (8, 3.0)


def test_a_job_that_is_added_while_another_transaction_adds_it_is_the_same(pair: Pair, race: Race) -> None:
    """The second one has looked before the first one's row can be seen, and waits for it as it inserts."""
    looked = Barrier(2, timeout=60)

    def add(conn: Connection, number: int) -> int:
        assert jobs.get(conn, "push", "k") is None
        looked.wait()
        return jobs.add(conn, "push", "k", {"n": number}, due=1.0)

    made = race(*(partial(db.write_now, add, number) for number, db in enumerate(pair)))
    assert made[0] == made[1]
    job = pair[0].read_now(jobs.get, "push", "k")
    assert job is not None
    assert job.version == 2


def test_whoever_waits_for_each_other_is_done_again(pair: Pair, race: Race) -> None:
    """A deadlock: PostgreSQL ends one of the two, and that one begins anew, perhaps with the same misfortune."""
    pair[0].write_now(fill)
    held, tries = Barrier(2, timeout=60), []

    def rename(conn: Connection, first: int, second: int, name: str) -> None:
        tries.append(name)
        principals.change(conn, first, {"displayname": name})
        if len(tries) <= 2:
            held.wait()
        principals.change(conn, second, {"displayname": name})

    calls = partial(pair[0].write_now, rename, ALICE, BOB, "one"), partial(pair[1].write_now, rename, BOB, ALICE, "two")
    assert race(*calls) == [None, None]
    assert len(tries) > 2
    names = {pair[0].read_now(principals.by_id, key).displayname for key in (ALICE, BOB)}
    assert names == {tries[-1]}


def test_a_row_that_somebody_else_has_added_meanwhile_is_found_the_second_time(pair: Pair, race: Race) -> None:
    looked, tries = Barrier(2, timeout=60), []

    def add(conn: Connection, email: str) -> int:
        tries.append(email)
        if principals.by_name(conn, "dora") is not None:
            raise UsageError("that name is taken")
        if len(tries) <= 2:
            looked.wait()
        return principals.add(conn, name="dora", email=email, zone="UTC", created=1)

    found = race(*(partial(db.write_now, add, f"dora{number}@example.com") for number, db in enumerate(pair)))
    assert sorted(type(one).__name__ for one in found) == ["UsageError", "int"]
    assert len(tries) == 3
    assert len(pair[0].read_now(principals.everybody)) == 1


def test_one_of_many_gets_the_name(pair: Pair, race: Race) -> None:
    calls = [
        partial(db.write_now, add_person, "emil", f"emil{number}@example.com", now=1)
        for number, db in enumerate(pair * 4)
    ]
    found = race(*calls)
    assert sorted(type(one).__name__ for one in found) == ["UsageError"] * 7 + ["int"]


def test_a_sign_in_ends_once(pair: Pair, race: Race) -> None:
    pair[0].write_now(fill)
    pair[0].write_now(sessions.begin_sign_in, SignIn("digest", ALICE, "google", "session", b"flow", 100), 1)
    taken = race(*(partial(db.write_now, sessions.take_sign_in, "digest", 2) for db in pair * 4))
    assert len([one for one in taken if one is not None]) == 1


def test_a_mail_is_read_once(pair: Pair, race: Race) -> None:
    firsts = race(*(partial(db.write_now, mails.remember, "digest", 1) for db in pair * 4))
    assert sorted(firsts, key=bool) == [False] * 7 + [True]


def test_revs_are_given_out_without_a_gap(pair: Pair, race: Race) -> None:
    pair[0].write_now(fill)

    def put(conn: Connection, uid: str) -> None:
        lock_people(conn, ALICE)
        objects.put(conn, ALICE, HOME, f"{uid}.ics", "text", indexed(uid, "1"), Remote(), 0)
        members.refresh(conn, ALICE, [uid])

    def puts(db: Database, name: str) -> None:
        for number in range(5):
            db.write_now(put, f"{name}{number}")

    assert race(*(partial(puts, db, name) for db, name in zip(pair * 4, "abcdefgh", strict=True))) == [None] * 8
    rows, reached, _ = pair[0].read_now(members.since, MERGED[ALICE], 0, 100)
    assert [row.rev for row in rows] == list(range(1, 41))
    assert reached == 40


def test_whoever_has_locked_somebody_goes_first(pair: Pair, race: Race) -> None:
    """What the second one reads once it goes on is what the first one has left."""
    pair[0].write_now(fill)
    locked, seen = Barrier(2, timeout=60), []

    def first(conn: Connection) -> None:
        lock_people(conn, ALICE)
        locked.wait()
        principals.change(conn, ALICE, {"displayname": "first"})

    def second(conn: Connection) -> None:
        locked.wait()
        lock_people(conn, ALICE)
        seen.append(principals.by_id(conn, ALICE).displayname)

    assert race(partial(pair[0].write_now, first), partial(pair[1].write_now, second)) == [None, None]
    assert seen == ["first"]


def test_a_lock_on_one_person_keeps_nobody_else_waiting(pair: Pair, race: Race) -> None:
    pair[0].write_now(fill)
    both = Barrier(2, timeout=30)

    def hold(conn: Connection, key: int) -> None:
        lock_people(conn, key)
        both.wait()

    calls = (partial(db.write_now, hold, key) for db, key in zip(pair, (ALICE, BOB), strict=True))
    assert race(*calls) == [None, None]
