import asyncio

import pytest

from gateway.errors import BackendUnavailable, RefusedByProvider
from gateway.store import accounts, jobs
from gateway.sync.worker import AT_ONCE, GRACE, MOST_ATTEMPTS, Worker, seed
from tests.sync.objects import event


def add(db, kind="note", key="k", *, due=0.0, user=None):
    return db.write_now(jobs.add, kind, key, {"n": key}, due=due, user=user)


@pytest.fixture
def done():
    return []


@pytest.fixture
def worker(sync, done):
    async def note(job):
        done.append(job.key)

    return Worker(sync, {"note": note})


async def test_due_jobs_are_done_and_gone(db, worker, clock, done):
    add(db)
    add(db, key="later", due=clock.now + 60)

    assert await worker.run_due() == 1
    assert done == ["k"]
    clock.now += 60
    await worker.run_due()
    assert done == ["k", "later"]
    assert db.read_now(jobs.get, "note", "k") is None


@pytest.mark.parametrize(
    ("error", "dead", "wait"),
    [
        (BackendUnavailable("later"), False, 15.0),
        (BackendUnavailable("later", retry_after=77.0), False, 77.0),
        (RefusedByProvider("never"), True, None),
        (ValueError("a mistake of ours"), False, 15.0),
    ],
)
async def test_errors(db, sync, clock, error, dead, wait):
    async def fail(job):
        raise error

    add(db)
    await Worker(sync, {"note": fail}).run_due()

    if dead:
        [job] = db.read_now(jobs.dead)
        assert job.error == "never"
    else:
        job = db.read_now(jobs.get, "note", "k")
        assert job.due == clock.now + wait
        assert str(error) in job.error


async def test_a_mistake_is_not_repeated_for_ever(db, sync, clock):
    async def fail(job):
        raise ValueError("a mistake of ours")

    add(db)
    worker = Worker(sync, {"note": fail})
    for _ in range(MOST_ATTEMPTS + 3):
        await worker.run_due()
        clock.now += 3_600 * 2

    [job] = db.read_now(jobs.dead)
    assert job.attempts == MOST_ATTEMPTS


async def test_one_failing_job_stops_no_other(db, sync, done):
    async def some(job):
        if job.key == "bad":
            raise ValueError("a mistake of ours")
        done.append(job.key)

    for key in ("a", "bad", "b"):
        add(db, key=key)
    await Worker(sync, {"note": some}).run_due()

    assert sorted(done) == ["a", "b"]


async def test_a_job_that_is_added_again_while_it_is_done_is_done_again(db, sync, clock):
    seen = []

    async def note(job):
        seen.append(job.payload["n"])
        if len(seen) == 1:
            await sync.db.write(jobs.add, "note", "k", {"n": "newer"}, due=clock.now)

    add(db)
    await Worker(sync, {"note": note}).run_due()

    assert seen == ["k", "newer"]


async def test_a_person_whose_jobs_hang_keeps_nobody_waiting(db, sync, alice, clock, done):
    hang, other, all_done = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def note(job):
        if job.user_id is not None:
            await hang.wait()
        else:
            other.set()
        done.append(job.key)
        if len(done) == 31:
            all_done.set()

    for number in range(30):
        add(db, key=f"hanging {number}", user=alice.id)
    add(db, key="other", due=1.0)
    clock.hurry.set()
    worker = Worker(sync, {"note": note})
    await worker.start()
    await other.wait()
    assert done == ["other"]
    hang.set()
    await all_done.wait()
    await worker.stop()


async def test_the_end_of_a_job_makes_room_at_once(db, sync):
    go, last = asyncio.Event(), asyncio.Event()

    async def note(job):
        if job.key == "last":
            last.set()
        await go.wait()

    for number in range(AT_ONCE):
        add(db, key=str(number))
    add(db, key="last", due=1.0)
    worker = Worker(sync, {"note": note})
    await worker.start()
    go.set()
    await last.wait()
    await worker.stop()


async def test_the_bell_wakes_it(db, sync):
    done = asyncio.Event()

    async def note(job):
        done.set()

    worker = Worker(sync, {"note": note})
    await worker.start()
    add(db)
    worker.wake()
    await done.wait()
    await worker.stop()


async def test_stopping_lets_jobs_finish(db, sync, clock):
    begun, go, done = asyncio.Event(), asyncio.Event(), []

    async def note(job):
        begun.set()
        await go.wait()
        done.append(job.key)

    add(db)
    worker = Worker(sync, {"note": note})
    await worker.start()
    await begun.wait()
    stopping = asyncio.create_task(worker.stop())
    await asyncio.sleep(0)
    go.set()
    await stopping

    assert done == ["k"]
    assert GRACE == 10.0


async def test_two_workers_do_no_job_twice(db, sync, done):
    async def note(job):
        await asyncio.sleep(0)
        done.append(job.key)

    for number in range(40):
        add(db, key=str(number))
    await asyncio.gather(*(Worker(sync, {"note": note}).run_due() for _ in range(2)))

    assert sorted(done, key=int) == [str(number) for number in range(40)]


async def test_jobs_of_kinds_it_does_not_know_are_left_alone(db, worker):
    add(db, kind="of a newer version")

    assert await worker.run_due() == 0
    assert db.read_now(jobs.get, "of a newer version", "k") is not None


async def test_accounts_are_pulled_again_and_again(db, sync, clock, alice, connect, shelves, served):
    account = connect("caldav")
    worker = Worker(sync)
    await db.write(seed, sync)
    await worker.run_due()
    assert db.read_now(accounts.get, account).synced == sync.now

    shelves[account].edit("main", "a.ics", event("a"))
    await worker.run_due()
    assert served() == {}
    clock.now += sync.settings.sync.poll
    await worker.run_due()
    assert len(served()) == 1
    assert db.read_now(jobs.waiting, "pull", alice.id) != []
