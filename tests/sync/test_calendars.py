import pytest

from gateway.errors import NotFound, UsageError
from gateway.store import accounts, jobs, members, objects, principals, ranges
from gateway.sync.calendars import (
    add_addresses,
    known_since,
    remove_account,
    set_busy,
    set_destination,
    set_merged,
    set_order,
    set_zone,
)
from gateway.sync.context import DAY
from gateway.sync.horizon import SLACK, extend
from gateway.sync.pull import pull_account
from gateway.sync.worker import Worker
from gateway.sync.write import put
from tests.fakes.shelf import unavailable
from tests.sync.objects import event


@pytest.fixture
async def account(sync, connect, shelves):
    key = connect("caldav")
    shelves[key].edit("main", "a.ics", event("a"))
    await pull_account(sync, key)
    return key


@pytest.fixture
def calendar(db, account):
    [row] = db.read_now(accounts.account_calendars, account)
    return row


async def test_turning_a_calendar_off_and_on_shows_in_the_change_log(db, sync, alice, calendar, served):
    await put(sync, alice, "t.ics", event("t"))
    db.write_now(set_destination, alice.id, db.read_now(accounts.calendars, alice.id)[0].id)
    token = db.read_now(members.rev, alice.merged)

    db.write_now(set_merged, alice.id, calendar.id, False, sync.now)
    assert served() == {}
    rows, token, _ = db.read_now(members.since, alice.merged, token, 10)
    assert [row.deleted for row in rows] == [True, True]

    db.write_now(set_merged, alice.id, calendar.id, True, sync.now)
    assert len(served()) == 2
    rows, _, _ = db.read_now(members.since, alice.merged, token, 10)
    assert [row.deleted for row in rows] == [False, False]


async def test_a_calendar_that_counted_for_nothing_is_pulled_at_once(
    db, sync, alice, calendar, shelves, account, served
):
    db.write_now(set_destination, alice.id, db.read_now(accounts.calendars, alice.id)[0].id)
    db.write_now(set_merged, alice.id, calendar.id, False, sync.now)
    db.write_now(set_busy, alice.id, calendar.id, False, sync.now)
    shelves[account].edit("main", "b.ics", event("b"))

    db.write_now(set_merged, alice.id, calendar.id, True, sync.now)
    await Worker(sync).run_due()

    assert len(served()) == 2


async def test_busy_off_frees_the_time(db, sync, alice, calendar):
    span = (1_795_500_000, 1_795_600_000)
    assert len(db.read_now(ranges.busy, [alice.id], *span)) == 1

    db.write_now(set_busy, alice.id, calendar.id, False, sync.now, tentative=False)

    assert db.read_now(ranges.busy, [alice.id], *span) == []
    assert not db.read_now(accounts.calendar, calendar.id).tentative_busy


async def test_the_destination_must_take_events_and_be_seen(db, sync, alice, calendar):
    [local, remote] = db.read_now(accounts.calendars, alice.id)
    assert remote.destination
    with pytest.raises(UsageError, match="destination"):
        db.write_now(set_merged, alice.id, remote.id, False, sync.now)
    db.write_now(set_destination, alice.id, local.id)
    assert [row.destination for row in db.read_now(accounts.calendars, alice.id)] == [True, False]
    db.write_now(set_merged, alice.id, remote.id, False, sync.now)
    with pytest.raises(UsageError, match="merged"):
        db.write_now(set_destination, alice.id, remote.id)
    db.write_now(lambda conn: accounts.change_calendar(conn, remote.id, merged=True, writable=False))
    with pytest.raises(UsageError, match="no changes"):
        db.write_now(set_destination, alice.id, remote.id)


async def test_nobody_changes_anothers_calendars(db, sync, alice, calendar, account):
    for change in (
        lambda conn: set_merged(conn, alice.id + 1, calendar.id, False, sync.now),
        lambda conn: set_busy(conn, alice.id + 1, calendar.id, False, sync.now),
        lambda conn: set_destination(conn, alice.id + 1, calendar.id),
        lambda conn: remove_account(conn, alice.id + 1, account),
    ):
        with pytest.raises(NotFound):
            db.write_now(change)


async def test_the_first_calendars_copy_counts(db, sync, alice, connect, shelves, account, served):
    other = connect("caldav")
    shelves[other].edit("main", "a.ics", event("a", "Other copy"))
    await pull_account(sync, other)
    assert ["Other copy" in text for text in served().values()] == [False]
    calendars = [row.id for row in db.read_now(accounts.calendars, alice.id)]

    db.write_now(set_order, alice.id, calendars[::-1])

    assert ["Other copy" in text for text in served().values()] == [True]
    assert [row.id for row in db.read_now(accounts.calendars, alice.id)] == calendars[::-1]
    db.write_now(set_order, alice.id, [calendars[1]])
    assert ["Other copy" in text for text in served().values()] == [False]


async def test_removing_an_account_takes_all_of_it(db, sync, clock, alice, account, shelves, served):
    shelves[account].faults = unavailable(2)
    await put(sync, alice, "b.ics", event("b"))
    await put(sync, alice, "a2.ics", event("c", lines=["X-GATEWAY-CALENDAR:Personal"]))

    db.write_now(remove_account, alice.id, account)
    clock.now += 3_600
    await Worker(sync).run_due()

    assert list(served()) == ["a2.ics"]
    assert db.read_now(jobs.waiting, "push", alice.id) == []
    assert db.read_now(jobs.waiting, "pull", alice.id) == []
    assert [row.kind for row in db.read_now(accounts.of_user, alice.id)] == ["local"]


async def test_all_day_times_move_with_their_owners_zone(db, sync, alice):
    await put(
        sync,
        alice,
        "a.ics",
        event("a")
        .replace("DTSTART:20261124T090000Z", "DTSTART;VALUE=DATE:20261124")
        .replace("DTEND:20261124T100000Z\r\n", ""),
    )
    [before] = db.read_now(ranges.hits, alice.id, alice.merged, 1_795_400_000, 1_795_600_000)
    assert before.start == 1_795_474_800  # 2026-11-24 in Berlin

    await set_zone(sync, alice.id, "America/New_York")

    [after] = db.read_now(ranges.hits, alice.id, alice.merged, 1_795_400_000, 1_795_600_000)
    assert after.start == before.start + 6 * 3_600
    with pytest.raises(UsageError):
        await set_zone(sync, alice.id, "Mars/Olympus")


async def test_a_new_address_makes_an_answer_ones_own(db, sync, alice):
    declined = event("a", lines=["ORGANIZER:mailto:x@y.z", "ATTENDEE;PARTSTAT=DECLINED:mailto:Alice@work.example"])
    await put(sync, alice, "a.ics", declined)
    span = (1_795_500_000, 1_795_600_000)
    assert len(db.read_now(ranges.busy, [alice.id], *span)) == 1

    await add_addresses(sync, alice.id, ["ALICE@work.example"])

    assert db.read_now(ranges.busy, [alice.id], *span) == []


async def test_an_address_that_came_with_an_account_makes_an_answer_ones_own(db, sync, alice):
    declined = event("a", lines=["ORGANIZER:mailto:x@y.z", "ATTENDEE;PARTSTAT=DECLINED:mailto:Alice@work.example"])
    await put(sync, alice, "a.ics", declined)
    span = (1_795_500_000, 1_795_600_000)
    before = db.read_now(principals.addresses, alice.id)
    await known_since(sync, alice.id, before)
    assert len(db.read_now(ranges.busy, [alice.id], *span)) == 1
    db.write_now(principals.add_address, alice.id, "alice@work.example")

    await known_since(sync, alice.id, before)

    assert db.read_now(ranges.busy, [alice.id], *span) == []


async def test_the_horizon_rolls_on(db, sync, clock, alice):
    await put(sync, alice, "a.ics", event("a", lines=["RRULE:FREQ=DAILY"]))
    [row] = db.read_now(objects.by_uid, alice.id, "a")
    last = sync.horizon[1]
    assert (
        max(one.start for one in db.read_now(ranges.hits, alice.id, alice.merged, last - 5 * DAY, last + 60 * DAY))
        < last
    )

    assert await extend(sync) == 0
    clock.now += SLACK + DAY
    assert await extend(sync) == 1
    assert await extend(sync) == 0

    hits = db.read_now(ranges.hits, alice.id, alice.merged, last - 5 * DAY, last + 60 * DAY)
    assert len(hits) == 36
    assert db.read_now(objects.by_id, row.id).etag == row.etag
