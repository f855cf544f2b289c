"""Which calendars a notice or a poll reads: those that are named, and those whose time has come."""

import pytest

from gateway.errors import BackendUnavailable, RefusedByProvider
from gateway.store import accounts, channels, jobs
from gateway.store.accounts import CalendarRow
from gateway.store.channels import State
from gateway.sync import calendars
from gateway.sync.context import Sync
from gateway.sync.notices.arrivals import What
from gateway.sync.notices.looks import Due, Looks, after
from gateway.sync.notices.standing import WATCH, How, Told
from gateway.sync.pull import LIST_EVERY, PULL, key_of, pull_calendar
from gateway.sync.worker import Worker, seed
from tests.sync.objects import event
from tests.sync.stand import SETTINGS, Stand

SLOW = 1_800.0
MANY = [f"calendar {number}" for number in range(11)]
ALL = sorted(["main", *MANY])


@pytest.fixture
def sync(db, clock, shelves):
    return Sync(db, SETTINGS, lambda row: shelves[row.id], clock, clock.sleep, random=lambda: 1.0)


@pytest.fixture(params=[False, True], ids=["replaced", "renewed"])
def either(request, db, sync, clock, alice, shelves):
    return Stand(db, sync, clock, alice, shelves, renews=request.param)


@pytest.fixture
async def dozen(either):
    """An account with twelve calendars, all of them live."""
    for name in MANY:
        either.teller.add_calendar(name)
    await either.work()
    for name in ["main", *MANY]:
        if not either.teller.renews:
            either.tell(What.HELLO, 1, name)
    await either.work(SETTINGS.sync.poll)
    assert either.how == How.PUSH
    either.teller.asked.clear()
    return either


async def test_a_notice_pulls_the_calendar_that_it_names_and_no_other(dozen, served):
    dozen.teller.edit("calendar 7", "a", event("a"))
    dozen.tell(number=10, calendar="calendar 7")
    await dozen.work()

    assert dozen.teller.asked == ["calendar 7"]
    assert len(served()) == 1


async def test_several_named_calendars_are_one_pull(dozen, served):
    for name in ("calendar 2", "calendar 5", "calendar 2", "calendar 9"):
        dozen.teller.edit(name, "a", event(f"a-{name}"))
        dozen.tell(number=10, calendar=name)
    taken = await dozen.worker.run_due()

    assert taken == 1
    assert sorted(dozen.teller.asked) == ["calendar 2", "calendar 5", "calendar 9"]
    assert len(served()) == 3


async def test_a_pull_of_all_that_is_due_swallows_what_was_named(dozen):
    dozen.clock.now = max(dozen.job().due, dozen.clock.now)
    dozen.tell(number=10, calendar="calendar 7")
    await dozen.work()

    assert sorted(dozen.teller.asked) == ALL


async def test_a_named_calendar_does_not_move_the_time_of_the_others(dozen):
    due = dozen.job().due
    for number in range(10, 15):
        dozen.tell(number=number, calendar="calendar 7")
        await dozen.work(60)

    assert dozen.job().due == due
    assert dozen.teller.asked == ["calendar 7"] * 5


async def test_notices_during_a_pull_have_the_named_calendar_pulled_once_more(dozen):
    def told():
        dozen.teller.during = None
        for number in range(20, 40):
            dozen.tell(number=number, calendar="calendar 3")
        dozen.tell(number=20, calendar="calendar 7")

    dozen.teller.edit("calendar 7", "a", event("a"))
    dozen.teller.during = told
    dozen.tell(number=10, calendar="calendar 7")
    await dozen.work()

    assert dozen.teller.asked[0] == "calendar 7"
    assert sorted(dozen.teller.asked[1:]) == ["calendar 3", "calendar 7"]


async def test_what_was_named_is_not_forgotten_when_its_pull_fails_or_breaks_off(dozen, db):
    dozen.teller.edit("calendar 7", "a", event("a"))
    dozen.tell(number=10, calendar="calendar 7")
    dozen.teller.faults = [BackendUnavailable("busy")]
    await dozen.work()
    dozen.tell(number=11, calendar="calendar 4")  # while it fails: it does not hurry, and is not lost
    assert dozen.teller.asked == ["calendar 7"]
    await dozen.work(60)

    assert sorted(dozen.teller.asked[1:]) == ["calendar 4", "calendar 7"]
    assert dozen.how == How.PUSH


async def test_a_notice_during_the_reading_of_one_calendar_for_a_write_is_not_lost(dozen, sync, db):
    """A write that met a change of somebody else reads that calendar, under the pull's own lease."""
    [seventh] = [row for row in db.read_now(accounts.account_calendars, dozen.account) if row.remote_id == "calendar 7"]

    def told():
        dozen.teller.during = None
        dozen.tell(number=20, calendar="calendar 3")

    dozen.teller.edit("calendar 7", "a", event("a"))
    dozen.teller.during = told
    await pull_calendar(sync, seventh.id)
    await dozen.work()

    assert "calendar 3" in dozen.teller.asked


async def test_what_is_wrong_with_one_calendar_stays_known_while_another_is_read(dozen, db):
    dozen.teller.broken = {"calendar 7": RefusedByProvider("not this one")}
    dozen.tell(number=10, calendar="calendar 7")
    await dozen.work()
    assert "not this one" in db.read_now(accounts.get, dozen.account).error
    asked = len(dozen.teller.asked)
    dozen.tell(number=10, calendar="calendar 3")
    await dozen.work()
    assert "not this one" in db.read_now(accounts.get, dozen.account).error
    assert dozen.teller.asked[asked:] == ["calendar 3"]

    dozen.teller.broken = {}
    dozen.tell(number=11, calendar="calendar 7")
    await dozen.work()
    assert db.read_now(accounts.get, dozen.account).error == ""


async def test_a_sign_in_that_is_renewed_has_all_calendars_read(dozen, db):
    anew = {"account": dozen.account, "listed": 0.0}
    db.write_now(jobs.add, PULL, key_of(dozen.account), anew, due=dozen.clock.now)
    await dozen.work()

    assert sorted(dozen.teller.asked) == ALL


async def test_what_was_read_is_kept_although_another_calendar_fails(dozen, db):
    for name in ("calendar 3", "calendar 7"):
        dozen.tell(number=10, calendar=name)
    dozen.teller.broken = {"calendar 7": BackendUnavailable("busy")}
    dozen.clock.now += 1
    await dozen.work()

    rows = {row.remote_id: row for row in db.read_now(accounts.account_calendars, dozen.account)}
    assert (rows["calendar 3"].synced, rows["calendar 3"].wanted) == (int(dozen.clock.now), 0)
    assert (rows["calendar 7"].synced, rows["calendar 7"].wanted) == (rows["main"].synced, 1)


async def test_after_a_start_everything_is_read_once_within_the_poll_interval(dozen, db, sync):
    """Notices that came while no server ran are lost."""
    watch = dozen.job(WATCH)
    dozen.worker = Worker(sync)
    await db.write(seed, sync)

    assert dozen.job(WATCH) == watch
    assert sorted(await dozen.asked_in(SETTINGS.sync.poll)) == ALL


async def test_after_a_start_an_account_that_fails_is_read_whole_in_its_own_time(dozen, db, sync):
    dozen.tell(number=10, calendar="calendar 7")
    dozen.teller.faults = [BackendUnavailable("busy", retry_after=1_000.0)]
    await dozen.work()
    due = dozen.job().due
    dozen.worker = Worker(sync)
    await db.write(seed, sync)

    assert dozen.job().due == due
    dozen.teller.asked.clear()
    await dozen.work(due - dozen.clock.now)
    assert sorted(dozen.teller.asked) == ALL


# Calendars without notices beside others


async def test_one_calendar_without_notices_is_polled_alone(either):
    either.teller.add_calendar("birthdays")
    either.teller.silent.add("birthdays")
    await either.begin()
    await either.work(SETTINGS.sync.poll)

    assert (either.how, either.standing.others) == (How.PARTLY, 1)
    asked = await either.asked_in(4 * SLOW)
    # Beside what is due at once, each is read in its own time: the silent one 24 times, the other 4 times.
    assert 23 <= asked.count("birthdays") <= 25
    assert 3 <= asked.count("main") <= 5


async def test_a_calendar_that_tells_nothing_more_is_polled_alone_until_it_is_believed_again(either):
    either.teller.add_calendar("second")
    await either.begin()
    await either.work(SETTINGS.sync.poll)
    either.teller.edit("second", "a", event("a"))
    await either.work(SLOW)
    assert sorted(either.states) == [State.LIVE, State.MISSED]
    assert (either.how, either.standing.others) == (How.PARTLY, 1)
    assert either.wait() <= SETTINGS.sync.poll

    either.tell(number=20, calendar="second")
    await either.work()
    assert either.how == How.PUSH
    assert (await either.asked_in(SLOW)).count("main") <= 2


async def test_a_calendar_whose_notices_ended_is_polled_soon(either, db):
    either.teller.add_calendar("second")
    await either.begin()
    await either.work(SETTINGS.sync.poll)
    [row] = [row for row in either.rows if row.remote_id in either.channels("second")]
    either.teller.refusals = [RefusedByProvider("not now")] * 3
    db.write_now(channels.change, row.key, renew=either.clock.now, expires=either.clock.now)
    db.write_now(jobs.add, WATCH, key_of(either.account), {"account": either.account}, due=either.clock.now)
    await either.work()

    assert (await either.asked_in(SETTINGS.sync.poll))[:1] == ["second"]


async def test_a_calendar_that_counts_for_nothing_is_not_read_whatever_names_it(dozen, db):
    [third] = [row for row in db.read_now(accounts.account_calendars, dozen.account) if row.remote_id == "calendar 3"]
    db.write_now(accounts.change_calendar, third.id, merged=False, busy=False)
    dozen.tell(number=10, calendar="calendar 3")
    await dozen.work()
    assert dozen.teller.asked == []

    db.write_now(calendars.set_merged, dozen.alice.id, third.id, True, dozen.clock.now)
    await dozen.work()
    assert set(dozen.teller.asked) == {"calendar 3"}


async def test_a_calendar_that_is_new_there_is_read_with_the_list_that_names_it(dozen):
    dozen.teller.add_calendar("brand new")
    await dozen.work(LIST_EVERY)
    dozen.teller.asked.clear()
    dozen.tell(number=10, calendar="calendar 3")
    await dozen.work()

    assert sorted(set(dozen.teller.asked) & {"brand new", "calendar 3"}) == ["brand new", "calendar 3"]


async def test_lost_notices_are_made_up_for_by_the_slow_poll(dozen, served):
    dozen.teller.edit("calendar 3", "a", event("a"))
    asked = await dozen.asked_in(SLOW)

    assert set(asked) == set(ALL)
    assert len(served()) == 1


def calendar(key, wanted=0):
    return CalendarRow(
        *(key, 1, 1, "google", f"remote {key}", f"Calendar {key}", "", "UTC"),
        **{"writable": True, "merged": True, "busy": True, "tentative_busy": True, "destination": False, "gone": False},
        **{"position": key, "token": None, "synced": None, "wanted": wanted},
    )


@pytest.mark.parametrize(
    ("told", "before", "done", "looks", "soon"),
    [
        pytest.param(Told({1}, (), 9e9), Looks(None, None), "live rest", Looks(1_800, None), 1_800, id="all live"),
        pytest.param(Told((), {1}, 0), Looks(None, None), "live rest", Looks(None, 300), 300, id="none live"),
        pytest.param(Told({1}, {2}, 9e9), Looks(500, 0), "rest", Looks(500, 300), 300, id="the rest was read"),
        pytest.param(Told({1}, {2}, 9e9), Looks(-1, 100), "live", Looks(1_800, 100), 100, id="the live were read"),
        pytest.param(Told({1}, {2}, 9e9), Looks(500, 100), "", Looks(500, 100), 100, id="named ones were read"),
        pytest.param(Told({1}, {2}, 9e9), Looks(500, None), "", Looks(500, 300), 300, id="one is believed no more"),
        pytest.param(Told({1}, (), 9e9), Looks(500, 100), "", Looks(500, None), 500, id="one is believed again"),
        pytest.param(Told({1}, (), 400), Looks(1_700, None), "", Looks(400, None), 400, id="notices end soon"),
        pytest.param(Told((), (), 0), Looks(500, 100), "live rest", Looks(None, None), 300, id="nothing counts"),
    ],
)
def test_when_the_next_pull_comes(sync, clock, told, before, done, looks, soon):
    clock.now = 0.0
    rows = [calendar(key) for key in (*told.live, *told.rest)]
    read = Due((), live="live" in done, rest="rest" in done)

    assert after(sync, rows, told, before, read) == (looks, soon)
    wanted = [*rows, calendar(9, wanted=1)]
    assert after(sync, wanted, told, before, read) == (looks, 0.0)
