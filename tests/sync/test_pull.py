import asyncio

import pytest

from gateway.errors import BackendUnavailable, RefusedByProvider, SignInExpired
from gateway.model import RemoteCalendar
from gateway.store import accounts, jobs, members, objects, ranges
from gateway.sync.pull import FIRST_WAIT, LIST_EVERY, PULL, back_off, key_of, pull_account, pull_calendar
from gateway.sync.worker import Worker, seed
from gateway.sync.write import put
from tests.fakes.shelf import unavailable
from tests.sync.objects import event


@pytest.fixture(params=["caldav", "google"])
def account(request, connect):
    return connect(request.param)


@pytest.fixture
def shelf(account, shelves):
    return shelves[account]


@pytest.fixture
def calendar(db, account):
    return lambda: db.read_now(accounts.account_calendars, account)[0]


def uids(served):
    return sorted(line[4:] for text in served.values() for line in text.splitlines() if line.startswith("UID:"))


async def test_a_pull_that_is_broken_off_is_due_again_soon(db, sync, clock, account, shelf, served):
    shelf.edit("main", "a.ics", event("a"))

    def broken_off(_name, _count):
        raise KeyError("somebody stopped it")

    with pytest.raises(KeyError):
        await pull_account(sync, account, progress=broken_off)

    job = db.read_now(jobs.get, PULL, key_of(account))
    assert (job.due, job.error) == (clock.now + FIRST_WAIT, "broken off")
    await pull_account(sync, account)
    assert uids(served()) == ["a"]


async def test_everything_comes_in_page_by_page(db, sync, alice, account, shelf, served):
    for number in range(7):
        shelf.edit("main", f"{number}.ics", event(str(number)))
    seen = []

    await pull_account(sync, account, progress=lambda name, count: seen.append((name, count)))

    assert uids(served()) == [str(number) for number in range(7)]
    assert [count for _, count in seen] == [3, 6, 7]
    assert len(db.read_now(ranges.hits, alice.id, alice.merged, 1_795_500_000, 1_795_600_000)) == 7
    row = db.read_now(accounts.get, account)
    assert (row.state, row.error, row.synced) == ("ok", "", sync.now)


async def test_then_only_what_changed(db, sync, alice, account, shelf, served):
    for number in range(4):
        shelf.edit("main", f"{number}.ics", event(str(number)))
    await pull_account(sync, account)
    rev = db.read_now(members.rev, alice.merged)

    await pull_account(sync, account)
    assert db.read_now(members.rev, alice.merged) == rev

    shelf.edit("main", "1.ics", event("1", "New"))
    shelf.erase("main", "2.ics")
    shelf.edit("main", "9.ics", event("9"))
    await pull_account(sync, account)
    assert uids(served()) == ["0", "1", "3", "9"]
    rows, _, _ = db.read_now(members.since, alice.merged, rev, 100)
    assert sorted((row.deleted, row.href) for row in rows)[-1][0]
    assert len(rows) == 3


async def test_a_full_answer_drops_what_it_does_not_mention(sync, account, shelf, served):
    for number in range(5):
        shelf.edit("main", f"{number}.ics", event(str(number)))
    await pull_account(sync, account)
    shelf.erase("main", "1.ics")
    shelf.edit("main", "7.ics", event("7"))
    shelf.forget_tokens()

    await pull_account(sync, account)

    assert uids(served()) == ["0", "2", "3", "4", "7"]


async def test_a_pull_that_breaks_in_the_middle_begins_anew_and_loses_nothing(
    db, sync, clock, account, shelf, served, calendar
):
    for number in range(7):
        shelf.edit("main", f"{number}.ics", event(str(number)))
    shelf.faults = [None, None, *unavailable()]

    with pytest.raises(BackendUnavailable):
        await pull_account(sync, account)
    assert uids(served()) == ["0", "1", "2"]
    assert calendar().token is None

    clock.now += 3_600
    await pull_account(sync, account)
    assert uids(served()) == [str(number) for number in range(7)]


async def test_what_cannot_be_read_is_reported_and_stops_nothing(db, sync, account, shelf, served):
    shelf.edit("main", "0.ics", event("0"))
    shelf.edit("main", "1.ics", "no calendar")
    shelf.edit("main", "2.ics", event("2"))

    await pull_account(sync, account)

    assert uids(served()) == ["0", "2"]
    row = db.read_now(accounts.get, account)
    assert row.state == "ok"
    assert "1.ics" in row.error

    shelf.edit("main", "0.ics", "broken now")
    await pull_account(sync, account)
    assert uids(served()) == ["0", "2"]


async def test_an_echo_in_other_words_changes_nothing(db, sync, alice, account, shelf, served):
    await pull_account(sync, account)
    await put(sync, alice, "a.ics", event("a"))
    rev, before = db.read_now(members.rev, alice.merged), served()
    [(href, text)] = shelf.texts().items()
    if not shelf.verbatim:
        text = text.replace("SUMMARY:Talk", "SUMMARY:Talk\r\nDTSTAMP:20261121T000000Z\r\nSEQUENCE:1")
    shelf.edit("main", href, text)

    await pull_account(sync, account)

    assert served() == before
    assert db.read_now(members.rev, alice.merged) == rev
    await put(sync, alice, "a.ics", event("a", "New"))
    assert "SUMMARY:New" in next(iter(shelf.texts().values()))


async def test_a_provider_that_gives_another_uid_to_what_we_gave_it(sync, alice, connect, shelves, served):
    account = connect("outlook")
    await pull_account(sync, account)
    await put(sync, alice, "a.ics", event("a"))
    [href] = shelves[account].texts()
    shelves[account].edit("main", href, event("040000008200E00074C5B7101A82E008", "Theirs"))

    await pull_account(sync, account)

    [(name, text)] = served().items()
    assert name == "a.ics"
    assert "UID:a\r\n" in text
    assert "SUMMARY:Theirs" in text


async def test_an_objects_pending_change_survives_a_full_pull(sync, alice, account, shelf, served):
    await pull_account(sync, account)
    shelf.faults = unavailable()
    await put(sync, alice, "a.ics", event("a"))

    await pull_account(sync, account, full=True)

    assert uids(served()) == ["a"]


async def test_what_is_pushed_while_the_whole_calendar_is_read_is_not_taken_for_gone(
    sync, alice, account, shelf, served
):
    for number in range(7):
        shelf.edit("main", f"{number}.ics", event(str(number)))
    await pull_account(sync, account)
    once = []

    def meanwhile():
        if not once:
            once.append(asyncio.ensure_future(put(sync, alice, "a.ics", event("a"))))

    shelf.during = meanwhile
    shelf.forget_tokens()
    await pull_account(sync, account)
    await once[0]

    assert uids(served()) == ["0", "1", "2", "3", "4", "5", "6", "a"]
    await pull_account(sync, account, full=True)
    assert uids(served()) == ["0", "1", "2", "3", "4", "5", "6", "a"]


async def test_calendars_come_change_and_go(db, sync, clock, account, shelf, served):
    shelf.edit("main", "0.ics", event("0"))
    shelf.add_calendar("team", displayname="Team", busy=False)
    shelf.edit("team", "1.ics", event("1"))
    await pull_account(sync, account)
    assert uids(served()) == ["0", "1"]

    shelf.calendars_["team"].calendar = RemoteCalendar("team", "Renamed", color="#123456", writable=False)
    clock.now += LIST_EVERY
    await pull_account(sync, account)
    [_, team] = db.read_now(accounts.account_calendars, account)
    assert (team.displayname, team.color, team.writable, team.merged, team.busy) == (
        "Renamed", "#123456", False, True, False,
    )  # fmt: skip

    gone = shelf.calendars_.pop("team")
    await pull_account(sync, account)
    assert uids(served()) == ["0"]
    assert db.read_now(accounts.account_calendars, account)[1].gone

    shelf.calendars_["team"] = gone
    clock.now += LIST_EVERY
    await pull_account(sync, account)
    assert uids(served()) == ["0", "1"]


async def test_calendars_that_count_for_nothing_are_not_read(db, sync, account, shelf):
    shelf.add_calendar("other", merged=False, busy=False)
    shelf.edit("other", "1.ics", event("1"))

    await pull_account(sync, account)

    other = db.read_now(accounts.account_calendars, account)[1]
    assert db.read_now(objects.uids, other.id) == []


async def test_failures_are_told_and_waited_out(db, sync, clock, alice, account, shelf):
    shelf.faults = unavailable(5)
    waits = []
    for _ in range(4):
        with pytest.raises(BackendUnavailable):
            await pull_account(sync, account)
        [job] = db.read_now(jobs.waiting, "pull", alice.id)
        waits.append(job.due - clock.now)

    row = db.read_now(accounts.get, account)
    assert (row.state, row.failures, row.error) == ("failing", 4, "the shelf is closed")
    assert waits == [15.0, 30.0, 60.0, 120.0]

    shelf.faults = [BackendUnavailable("slow down", retry_after=1_000.0)]
    with pytest.raises(BackendUnavailable):
        await pull_account(sync, account)
    [job] = db.read_now(jobs.waiting, "pull", alice.id)
    assert job.due - clock.now == 1_000.0

    shelf.faults = []
    await pull_account(sync, account)
    row = db.read_now(accounts.get, account)
    assert (row.state, row.failures, row.error) == ("ok", 0, "")
    [job] = db.read_now(jobs.waiting, "pull", alice.id)
    assert job.due - clock.now == sync.settings.sync.poll * 0.875


async def test_an_ended_sign_in_is_the_owners_to_mend(db, sync, account, shelf):
    shelf.faults = [SignInExpired("sign in again")]

    with pytest.raises(SignInExpired):
        await pull_account(sync, account)

    assert db.read_now(accounts.get, account).state == "signed-out"


async def test_one_refused_calendar_does_not_stop_the_others(db, sync, account, shelf, served):
    shelf.edit("main", "0.ics", event("0"))
    shelf.add_calendar("team")
    shelf.edit("team", "1.ics", event("1"))
    shelf.faults = [None, RefusedByProvider("not yours")]

    await pull_account(sync, account)

    assert uids(served()) == ["1"]
    row = db.read_now(accounts.get, account)
    assert row.state == "ok"
    assert "not yours" in row.error


async def test_one_accounts_failure_touches_no_other(db, sync, clock, connect, shelves, served):
    broken, sound = connect("caldav"), connect("google")
    shelves[broken].faults = unavailable(9)
    shelves[sound].edit("main", "x", event("x"))
    worker = Worker(sync)
    await db.write(seed, sync)

    await worker.run_due()

    assert uids(served()) == ["x"]
    assert db.read_now(accounts.get, broken).state == "failing"
    assert db.read_now(accounts.get, sound).state == "ok"


async def test_two_at_once_never_read_the_same_account(sync, clock, account, shelf, served):
    for number in range(5):
        shelf.edit("main", f"{number}.ics", event(str(number)))
    clock.hurry.set()
    most = inside = 0

    def count():
        nonlocal most, inside
        most = max(most, len(running))

    running = set()
    shelf.during = count

    async def pull(number):
        await pull_account(sync, account)
        running.discard(number)

    original = shelf.changes

    async def watched(calendar, token):
        running.add(asyncio.current_task())
        try:
            async for page in original(calendar, token):
                yield page
        finally:
            running.discard(asyncio.current_task())

    shelf.changes = watched
    await asyncio.gather(pull(1), pull(2), pull(3))

    assert most == 1
    assert uids(served()) == ["0", "1", "2", "3", "4"]


async def test_one_calendar_alone(db, sync, alice, account, shelf, served, calendar):
    await pull_account(sync, account)
    [before] = db.read_now(jobs.waiting, "pull", alice.id)
    shelf.edit("main", "0.ics", event("0"))

    await pull_calendar(sync, calendar().id)

    assert uids(served()) == ["0"]
    [after] = db.read_now(jobs.waiting, "pull", alice.id)
    assert after.due == before.due
    await pull_account(sync, account)


@pytest.mark.parametrize(
    ("failures", "random", "retry_after", "seconds"),
    [(1, 0.5, None, 15.0), (1, 0.0, None, 11.25), (3, 0.5, None, 60.0), (99, 0.5, None, 900.0), (1, 0.5, 90.0, 90.0)],
)
def test_back_off(failures, random, retry_after, seconds):
    assert back_off(failures, random, retry_after) == seconds
