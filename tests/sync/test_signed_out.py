"""A sign-in that has ended: the account says so, its owner is told once, and nothing is lost until it is renewed."""

import asyncio
from dataclasses import replace

import pytest

from gateway.errors import AccessTooNarrow, BackendUnavailable, RefusedByProvider, SignInExpired, Throttled
from gateway.store import accounts, jobs, members, ranges
from gateway.sync.calendars import remove_account, send_unsent, unsent
from gateway.sync.pull import SIGNED_OUT_MAIL, pull_account
from gateway.sync.worker import Worker
from gateway.sync.write import delete, put
from tests.fakes.shelf import unavailable
from tests.sync.objects import event

DAY = 86_400


@pytest.fixture
async def account(connect, shelves, sync):
    key = connect("google")
    shelves[key].edit("main", "a", event("a"))
    await pull_account(sync, key)
    return key


@pytest.fixture
def shelf(account, shelves):
    return shelves[account]


@pytest.fixture
def told(db, alice):
    """How often a mail to the owner is to be sent, from now on."""

    def count():
        found = db.read_now(jobs.waiting, SIGNED_OUT_MAIL, alice.id)
        for job in found:
            db.write_now(jobs.finish, job)
        return len(found)

    return count


@pytest.fixture
def fail(sync, account, shelf):
    async def call(error):
        shelf.faults = [error]
        with pytest.raises(type(error)):
            await pull_account(sync, account, full=True)

    return call


async def test_the_owner_is_told_once_however_often_it_fails(db, account, fail, told):
    for _ in range(3):
        await fail(SignInExpired("revoked"))
    assert told() == 1
    await fail(SignInExpired("revoked"))
    assert told() == 0
    row = db.read_now(accounts.get, account)
    assert (row.state, row.trouble, row.error) == ("signed-out", "signed-out", "revoked")


@pytest.mark.parametrize("way", ["service-account", "app-only"])
async def test_nobody_is_told_to_sign_in_where_only_an_admin_could(db, account, fail, told, way):
    db.write_now(lambda conn: accounts.change(conn, account, settings={"sign_in": way}))
    await fail(SignInExpired("no longer delegated"))

    assert told() == 0
    assert db.read_now(accounts.get, account).state == "signed-out"


async def test_other_troubles_in_between_change_nothing_about_it(db, account, fail, told):
    await fail(SignInExpired("revoked"))
    await fail(BackendUnavailable("down"))
    row = db.read_now(accounts.get, account)
    assert (row.state, row.trouble, row.error) == ("signed-out", "signed-out", "revoked")
    await fail(SignInExpired("revoked"))
    assert told() == 1


async def test_after_signing_in_again_a_new_revocation_is_told_anew(db, sync, account, fail, told):
    await fail(SignInExpired("revoked"))
    assert told() == 1
    db.write_now(accounts.change, account, state="ok", trouble="", error="", failures=0, secret=b"new")
    await pull_account(sync, account)
    assert told() == 0

    await fail(SignInExpired("revoked"))
    assert told() == 1


@pytest.mark.parametrize(
    ("error", "state", "trouble", "mails"),
    [
        (SignInExpired("x"), "signed-out", "signed-out", 1),
        (AccessTooNarrow("x"), "signed-out", "too-little", 1),
        (BackendUnavailable("x"), "failing", "unreachable", 0),
        (Throttled("x"), "failing", "throttled", 0),
        (RefusedByProvider("x"), "failing", "refused", 0),
    ],
)
async def test_kinds_of_trouble(db, sync, account, fail, told, error, state, trouble, mails):
    await fail(error)
    row = db.read_now(accounts.get, account)
    assert (row.state, row.trouble, row.error) == (state, trouble, "x")
    assert told() == mails

    await pull_account(sync, account)
    row = db.read_now(accounts.get, account)
    assert (row.state, row.trouble, row.error) == ("ok", "", "")


async def test_a_pull_with_the_old_sign_in_that_fails_late_does_not_sign_out_the_new_one(
    db, sync, account, shelf, told
):
    for number in range(9):  # several pages
        shelf.edit("main", str(number), event(str(number)))
    shelf.during = lambda: db.write_now(accounts.change, account, secret=b"new")
    shelf.faults = [None, SignInExpired("the old one was replaced")]

    with pytest.raises(SignInExpired):
        await pull_account(sync, account)

    assert told() == 0
    assert db.read_now(accounts.get, account).state == "ok"
    assert db.read_now(jobs.get, "pull", f"account {account}").due == sync.clock()

    shelf.faults = [SignInExpired("this one as well")]
    with pytest.raises(SignInExpired):
        await pull_account(sync, account)
    assert told() == 1


async def test_busy_time_and_members_stay(db, sync, alice, account, fail, served):
    before, rev = served(), db.read_now(members.rev, alice.merged)
    busy = db.read_now(ranges.busy, [alice.id], sync.now, sync.now + 30 * DAY)
    assert len(busy) == 1

    await fail(SignInExpired("revoked"))

    assert served() == before
    assert db.read_now(members.rev, alice.merged) == rev
    assert db.read_now(ranges.busy, [alice.id], sync.now, sync.now + 30 * DAY) == busy


async def test_writes_wait_and_arrive_after_signing_in_again_in_order_and_once(
    db, sync, alice, account, shelf, clock, told
):
    [calendar] = db.read_now(accounts.account_calendars, account)
    db.write_now(accounts.set_destination, alice.id, calendar.id)
    shelf.faults = [SignInExpired("revoked")] * 20
    await put(sync, alice, "new.ics", event("new", "First"))
    await put(sync, alice, "new.ics", event("new", "Second"))
    await put(sync, alice, "a.ics", event("a", "Changed"))
    worker = Worker(sync)
    clock.now += 60
    await worker.run_due()
    assert db.read_now(accounts.get, account).state == "signed-out"
    assert told() == 1

    shelf.faults = []
    db.write_now(accounts.change, account, state="ok", trouble="", error="", failures=0)
    db.write_now(jobs.hasten, "push", alice.id, due=clock.now)
    await worker.run_due()
    await pull_account(sync, account)

    found = sorted(line for text in shelf.texts().values() for line in text.splitlines() if line.startswith("SUMMARY:"))
    assert found == ["SUMMARY:Changed", "SUMMARY:Second"]
    assert len(db.read_now(members.texts, alice.merged)) == 2
    assert db.read_now(jobs.waiting, "push", alice.id) == []


async def test_a_write_that_finds_the_sign_in_ended_has_the_account_looked_at(db, sync, alice, account, shelf, clock):
    shelf.faults = [SignInExpired("revoked")] * 20
    await put(sync, alice, "a.ics", event("a", "Changed"))
    clock.now += 31

    await Worker(sync).run_due()

    assert db.read_now(accounts.get, account).state == "signed-out"


async def test_whoever_disconnects_is_not_told(db, alice, account, fail, told):
    await fail(SignInExpired("revoked"))
    db.write_now(remove_account, alice.id, account)
    assert told() == 0


async def test_an_account_for_reading_only_takes_no_write_and_loses_none(db, sync, alice, account, shelf):
    """Queued while writing was allowed; the account was then connected again for reading only."""
    shelf.faults = unavailable()
    await put(sync, alice, "a.ics", event("a", "Ours"))
    db.write_now(accounts.change, account, settings={"access": "read"})

    assert await send_unsent(sync, alice.id, account) == 0

    assert "SUMMARY:Talk" in shelf.texts()["a"]
    served = [row.text for row in db.read_now(members.texts, alice.merged)]
    assert sorted("SUMMARY:Talk" in text for text in served) == [False, True]  # theirs, and our copy in the local one


async def test_each_new_listing_keeps_an_account_for_reading_only_from_being_written(db, sync, account):
    db.write_now(accounts.change, account, settings={"access": "read"})
    await pull_account(sync, account, full=True)
    assert [row.writable for row in db.read_now(accounts.account_calendars, account)] == [False]

    db.write_now(accounts.change, account, settings={"access": "write"})
    await pull_account(sync, account, full=True)
    assert [row.writable for row in db.read_now(accounts.account_calendars, account)] == [True]


async def test_what_waits_is_tried_once_more_before_disconnecting(db, sync, alice, account, shelf):
    shelf.faults = unavailable() * 2
    await put(sync, alice, "a.ics", event("a", "Changed"))
    assert len(db.read_now(unsent, alice.id, account)) == 1

    assert await send_unsent(sync, alice.id, account) == 1  # not reachable yet
    assert await send_unsent(sync, alice.id, account) == 0
    assert "SUMMARY:Changed" in shelf.texts()["a"]


async def test_a_provider_that_does_not_answer_holds_nobody_up(db, sync, alice, account, shelf, clock):
    shelf.faults = unavailable()
    await delete(sync, alice, "a.ics")
    shelf.gate = asyncio.Event()
    clock.hurry.set()

    assert await send_unsent(sync, alice.id, account) == 1

    [job] = db.read_now(unsent, alice.id, account)
    assert replace(job, due=0, attempts=0) == replace(db.read_now(jobs.get, "push", job.key), due=0, attempts=0)
