"""Channels through their lives, under a clock that stands still: opened, believed, renewed, mistrusted, ended."""

from dataclasses import replace

import pytest

from gateway.backends.base import Hook, Notifying
from gateway.config import Settings
from gateway.errors import BackendUnavailable, Conflict, RefusedByProvider, RemoteGone, SignInExpired
from gateway.store import accounts, channels, jobs
from gateway.store.channels import State
from gateway.sync import calendars
from gateway.sync.context import Sync
from gateway.sync.notices import arrivals
from gateway.sync.notices.arrivals import What
from gateway.sync.notices.plan import GRACE, REPLACE_EVERY
from gateway.sync.notices.standing import WATCH, How, standing, watch_soon
from gateway.sync.notices.watch import ANSWER, ASK_AGAIN, close
from gateway.sync.pull import PULL, key_of, pull_soon
from gateway.sync.worker import Worker, seed
from tests.fakes.teller import DAY
from tests.sync.objects import event
from tests.sync.stand import SETTINGS, Stand

SLOW = 1_800.0


@pytest.fixture
def sync(db, clock, shelves):
    return Sync(db, SETTINGS, lambda row: shelves[row.id], clock, clock.sleep, random=lambda: 0.5)


@pytest.fixture
def stand(db, sync, clock, alice, shelves):
    def make(*, renews=False):
        return Stand(db, sync, clock, alice, shelves, renews=renews)

    return make


@pytest.fixture(params=[False, True], ids=["replaced", "renewed"])
def either(request, stand):
    return stand(renews=request.param)


# Opening


async def test_channels_are_opened_after_the_first_pull_and_the_poll_slows_down(either):
    await either.begin()

    assert isinstance(either.teller, Notifying)
    assert either.states == [State.LIVE]
    assert either.how == How.PUSH
    assert [hook.address for hook in either.teller.hooks] == [
        f"https://gateway.example/hooks/{'microsoft' if either.teller.renews else 'google'}"
    ]
    await either.work(SETTINGS.sync.poll)
    assert SETTINGS.sync.poll < either.wait() <= SLOW


async def test_google_is_not_believed_before_its_first_message(stand):
    google = stand()
    await google.work()

    assert google.states == [State.NEW]
    assert google.how == How.POLL
    assert google.wait() <= SETTINGS.sync.poll


async def test_secrets_are_random_and_not_kept(either):
    either.teller.add_calendar("second")
    await either.work()

    hooks = either.teller.hooks
    assert len({hook.secret for hook in hooks}) == len({hook.key for hook in hooks}) == 2
    assert all(len(hook.secret) >= 43 and len(hook.key) <= 64 for hook in hooks)
    stored = repr(either.rows)
    assert not any(hook.secret in stored or hook.secret in repr(hook) for hook in hooks)


async def test_what_changed_before_a_channel_was_open_is_pulled(either):
    await either.work()

    assert either.teller.calls[-1] == "changes"
    assert either.teller.calls.index("watch main") < len(either.teller.calls) - 1


async def test_channels_wait_until_our_own_pages_answer(either, sync):
    """A provider may try the address before it answers."""
    either.worker = Worker(sync, reachable=False)
    await either.work()
    assert either.pulls() == 1
    assert either.teller.hooks == []

    either.worker.listening()
    await either.work()
    assert len(either.teller.hooks) == 1


async def test_only_calendars_that_count_are_watched(either, db):
    either.teller.add_calendar("holidays", merged=False, busy=False)
    await either.work()

    assert [calendar for calendar, _ in either.teller.open.values()] == ["main"]


async def test_without_a_public_url_everything_is_polled(db, clock, shelves, alice):
    sync = Sync(db, Settings(), lambda row: shelves[row.id], clock, clock.sleep, random=lambda: 0.5)
    google = Stand(db, sync, clock, alice, shelves, renews=False)
    await google.work()

    assert google.teller.hooks == []
    assert google.wait() <= SETTINGS.sync.poll
    assert google.job(WATCH) is None


async def test_a_calendar_without_notices_is_polled_and_asked_for_again_after_a_day(either):
    either.teller.silent.add("main")
    await either.work()

    assert either.states == [State.REFUSED]
    assert either.how == How.POLL
    await either.work(DAY / 2)
    assert either.teller.calls.count("watch main") == 1
    await either.work(DAY)
    assert either.teller.calls.count("watch main") == 2


async def test_a_refusal_is_told_and_asked_again_later(either, db):
    either.teller.refusals = [RefusedByProvider("push.webhookUrlUnauthorized")]
    await either.work()

    account = db.read_now(accounts.get, either.account)
    assert db.read_now(standing, SETTINGS, account, either.clock.now).why == "push.webhookUrlUnauthorized"
    assert account.state == "ok"
    await either.work(ASK_AGAIN + 1)
    await either.begin()
    assert either.how == How.PUSH


async def test_a_restart_asks_again_at_once_where_we_were_refused(either, db, sync):
    either.teller.refusals = [RefusedByProvider("the address did not answer")]
    await either.work()
    await db.write(seed, sync)
    await either.work(SETTINGS.sync.poll)

    assert len(either.teller.open) == 1


async def test_a_key_that_was_used_before_is_not_used_again(stand):
    google = stand()
    google.teller.refusals = [Conflict("channelIdNotUnique")]
    await google.work()

    assert google.teller.calls.count("watch main") == 2
    assert len(google.rows) == 1


async def test_a_calendar_that_is_no_more_needs_no_channel(either):
    either.teller.refusals = [RemoteGone("no calendar")]
    await either.work()

    assert either.rows == []


async def test_trouble_with_channels_never_stops_a_pull(either, served):
    either.teller.refusals = [BackendUnavailable("busy", 500.0), BackendUnavailable("busy", 500.0)]
    await either.work()
    either.teller.edit("main", "a", event("a"))
    await either.work(SETTINGS.sync.poll)

    assert len(served()) == 1
    assert either.job(WATCH).error == "busy"


async def test_a_channel_that_fails_to_open_keeps_its_own_time(either):
    """Its next try is not brought forward by the pulls that succeed meanwhile."""
    either.teller.refusals = [BackendUnavailable("busy", 2_000.0)]
    await either.work()
    await either.work(SETTINGS.sync.poll)

    assert either.teller.calls.count("watch main") == 1
    await either.work(2_000)
    assert either.teller.calls.count("watch main") == 2


async def test_one_calendar_in_trouble_does_not_keep_the_others_from_being_watched(either):
    either.teller.add_calendar("second")
    either.teller.refusals = [BackendUnavailable("this one only")]
    await either.work()

    assert len(either.teller.open) == 1


async def test_an_expired_sign_in_is_left_to_the_pull(either, db):
    either.teller.refusals = [SignInExpired("sign in again")]
    await either.work()
    either.teller.faults = [SignInExpired("sign in again")] * 3
    db.write_now(pull_soon, either.alice.id, either.account, either.clock.now)
    await either.work()
    await either.work(600)

    assert either.job(WATCH) is None
    assert either.how == How.SIGNED_OUT


async def test_an_answer_that_was_lost_leaves_nothing_behind(stand):
    """Google has opened it all the same, and says so: then it is stopped, as we cannot know whether we hold it."""
    google = stand()
    google.teller.loses_answers = True
    await google.work()
    [row] = google.rows
    assert (row.state, row.remote_id) == (State.OPENING, "")
    google.teller.loses_answers = False
    [first] = google.teller.notices(what=What.HELLO, number=1)
    google.take([replace(first, resource="told by its first message")])
    await google.work(60)

    [now] = google.rows
    assert list(google.teller.open) == [now.remote_id]
    assert now.key != row.key


async def test_a_subscription_whose_answer_was_lost_is_ended_before_another_is_opened(stand):
    """Graph lists what it has; Google has told of it itself by then."""
    graph = stand(renews=True)
    graph.teller.loses_answers = True
    await graph.work()
    assert len(graph.teller.open) == 1
    graph.teller.loses_answers = False
    await graph.work(60)

    assert [row.remote_id for row in graph.rows if row.remote_id] == list(graph.teller.open)


async def test_subscriptions_that_tell_somebody_else_are_left_alone(stand):
    graph = stand(renews=True)
    graph.teller.open["elsewhere"] = ("main", Hook("https://other.example/hooks/microsoft", "key", "secret"))
    await graph.work()

    assert len(graph.teller.open) == 2
    assert "elsewhere" in graph.teller.open


async def test_what_another_account_of_the_same_mailbox_has_open_or_opens_is_left_alone(stand, db, shelves):
    first = stand(renews=True)
    await first.work()
    second = stand(renews=True)
    second.teller.open = first.teller.open
    second.teller.hooks = first.teller.hooks
    await second.work()
    assert len(first.teller.open) == 2

    db.write_now(channels.change, first.rows[0].key, state=State.OPENING, remote_id="")  # its answer is under way
    db.write_now(channels.remove, second.rows[0].key)
    db.write_now(watch_soon, second.alice.id, second.account, second.clock.now)
    await second.work()
    assert len(first.teller.open) == 3

    db.write_now(channels.remove, first.rows[0].key)
    db.write_now(channels.remove, second.rows[0].key)
    db.write_now(watch_soon, second.alice.id, second.account, second.clock.now)
    await second.work()
    assert list(first.teller.open) == [row.remote_id for row in second.rows]


async def test_an_opening_nobody_heard_of_is_forgotten(either):
    either.teller.refusals = [BackendUnavailable("nobody there")]
    await either.work()
    await either.work(ANSWER + 100)

    assert State.OPENING not in either.states
    assert len(either.rows) == 1


async def test_an_account_that_is_removed_while_a_channel_opens_leaves_none(either, db):
    either.teller.meanwhile = lambda: db.write_now(calendars.remove_account, either.alice.id, either.account)
    await either.work()

    assert len(either.teller.hooks) == 1

    assert either.teller.open == {}


# Notices


async def test_a_notice_makes_a_pull_due_at_once(either, served):
    await either.begin()
    await either.work(SETTINGS.sync.poll)
    either.teller.edit("main", "a", event("a"))

    assert either.tell(number=10)
    await either.work()

    assert len(served()) == 1


async def test_a_burst_of_notices_costs_one_pull(either):
    await either.begin()
    before = either.pulls()
    for number in range(200):
        either.tell(number=10 + number)
    await either.work()

    assert either.pulls() == before + 1


async def test_notices_during_a_pull_cost_one_more(either):
    await either.begin()
    before = either.pulls()
    either.teller.edit("main", "a", event("a"))

    def told():
        either.teller.during = None
        for number in range(50):
            either.tell(number=10 + number)

    either.teller.during = told
    either.tell(number=2)
    await either.work()

    assert either.pulls() == before + 2


async def test_a_message_that_comes_twice_or_late_does_nothing(stand):
    google = stand()
    await google.begin()
    assert google.tell(number=7)
    await google.work()

    assert not google.tell(number=7)
    assert not google.tell(number=5)
    assert google.tell(number=8)


@pytest.mark.parametrize("secret", ["", "guess", "ä", "\x00", "\ud800"])
async def test_a_wrong_secret_changes_nothing(either, secret):
    await either.begin()
    before = (either.rows, either.job(), either.job(WATCH))
    [notice] = either.teller.notices(number=99)
    wrong = type(notice)(notice.key, secret, What.REMOVED, remote=notice.remote, number=99)

    assert either.db.read_now(arrivals.genuine, [wrong]) == []
    assert not either.take([wrong])
    assert (either.rows, either.job(), either.job(WATCH)) == before


async def test_a_secret_is_good_for_its_own_channel_only(either):
    either.teller.add_calendar("second")
    await either.begin()
    [first], [second] = either.teller.notices("main"), either.teller.notices("second")
    crossed = type(first)(first.key, second.secret, What.CHANGE, remote=first.remote)

    assert either.db.read_now(arrivals.genuine, [crossed]) == []


async def test_notices_do_not_hurry_an_account_that_fails(either, db):
    await either.begin()
    db.write_now(accounts.change, either.account, state="failing")

    due = either.job().due
    either.tell(number=10)
    assert either.job().due == due


async def test_notices_for_accounts_that_were_removed_are_unknown(either, db):
    await either.begin()
    notices = either.teller.notices(number=10)
    db.write_now(calendars.remove_account, either.alice.id, either.account)

    assert db.read_now(arrivals.genuine, notices) == []
    assert db.read_now(jobs.get, PULL, key_of(either.account)) is None


# Life and death


async def test_a_channel_is_renewed_or_replaced_well_before_its_end(either):
    await either.begin()
    [first] = either.rows
    assert 0.5 * 7 * DAY <= first.renew - first.opened <= 0.75 * 7 * DAY

    await either.work(first.renew - either.clock.now)
    either.hello()

    [now] = either.rows
    assert now.expires >= first.renew + 6 * DAY
    assert now.state == State.LIVE
    assert (now.key == first.key) == either.teller.renews
    assert list(either.teller.open) == [now.remote_id]


async def test_the_new_channel_is_open_before_the_old_one_ends(stand):
    google = stand()
    await google.begin()
    await google.work(google.rows[0].renew - google.clock.now)

    calls = [call for call in google.teller.calls if "watch" in call]
    assert calls == ["watch main", "watch main", "unwatch"]


async def test_renewals_are_spread(db, stand, sync):
    either = stand(renews=True)
    await either.begin()
    [row] = either.rows
    moved = Sync(db, SETTINGS, sync.backend_for, sync.clock, sync.sleep, random=lambda: 0.0)
    await Worker(moved).run_due()
    db.write_now(channels.change, row.key, renew=either.clock.now)
    db.write_now(jobs.add, WATCH, key_of(either.account), {"account": either.account}, due=either.clock.now)
    await Worker(moved).run_due()

    assert either.rows[0].renew - either.clock.now == 0.5 * 7 * DAY


async def test_a_subscription_that_is_gone_at_renewal_is_opened_anew_and_pulled(stand, served):
    graph = stand(renews=True)
    await graph.begin()
    [first] = graph.rows
    graph.teller.open.clear()
    graph.teller.edit("main", "a", event("a"))
    graph.db.write_now(channels.change, first.key, renew=graph.clock.now)
    graph.db.write_now(jobs.add, WATCH, key_of(graph.account), {"account": graph.account}, due=graph.clock.now)
    await graph.work()

    [now] = graph.rows
    assert now.key != first.key
    assert len(served()) == 1


async def test_a_replacement_that_is_refused_leaves_the_old_channel_alone(stand):
    google = stand()
    await google.begin()
    [first] = google.rows
    google.teller.refusals = [RefusedByProvider("not now")]
    await google.work(first.renew - google.clock.now)
    assert first.remote_id in google.teller.open
    assert google.job(WATCH).due > google.clock.now

    await google.work(2 * ASK_AGAIN)
    google.tell(What.HELLO, 1)
    assert google.states == [State.LIVE]
    assert first.remote_id not in google.teller.open


async def test_channels_that_ended_while_the_server_was_down_are_opened_anew(either, db, sync, served):
    await either.begin()
    either.clock.now += 30 * DAY
    either.teller.open.clear()
    either.teller.edit("main", "a", event("a"))
    either.worker = Worker(sync)
    await db.write(seed, sync)
    await either.work(SETTINGS.sync.poll)
    either.hello()

    assert len(served()) == 1
    assert either.states == [State.LIVE]
    assert len(either.teller.open) == 1


async def test_a_restart_keeps_open_channels_and_pulls_what_was_told_meanwhile(either, db, sync, served):
    await either.begin()
    either.teller.edit("main", "a", event("a"))
    hooks = len(either.teller.hooks)
    either.worker = Worker(sync)
    await db.write(seed, sync)
    await either.work(SETTINGS.sync.poll)

    assert len(served()) == 1
    assert len(either.teller.hooks) == hooks
    assert either.tell(number=50)


async def test_a_calendar_that_is_turned_off_is_not_watched_any_more(either, db):
    await either.begin()
    [calendar] = db.read_now(accounts.account_calendars, either.account)
    db.write_now(accounts.change_calendar, calendar.id, destination=False)
    db.write_now(calendars.set_merged, either.alice.id, calendar.id, False, either.clock.now)
    await either.work()
    assert len(either.teller.open) == 1
    db.write_now(calendars.set_busy, either.alice.id, calendar.id, False, either.clock.now)
    await either.work()
    assert (either.teller.open, either.rows) == ({}, [])

    db.write_now(calendars.set_merged, either.alice.id, calendar.id, True, either.clock.now)
    await either.work()
    assert len(either.teller.open) == 1


async def test_what_cannot_be_stopped_now_is_stopped_later(either, db):
    await either.begin()
    [calendar] = db.read_now(accounts.account_calendars, either.account)
    db.write_now(accounts.change_calendar, calendar.id, merged=False, busy=False)
    db.write_now(jobs.add, WATCH, key_of(either.account), {"account": either.account}, due=either.clock.now)
    either.teller.refusals = [BackendUnavailable("later")]
    await either.work()
    assert either.states == [State.ENDING]
    assert not either.tell(number=90)
    await either.work(60)
    assert (either.teller.open, either.rows) == ({}, [])


async def test_a_public_url_that_is_taken_away_or_changed_ends_the_channels(either, db, clock, shelves):
    await either.begin()
    moved = Settings(server={"base_url": "https://new.example"})
    sync = Sync(db, moved, lambda row: shelves[row.id], clock, clock.sleep, random=lambda: 0.5)
    await db.write(seed, sync)
    clock.now += 300
    await Worker(sync).run_due()
    assert [hook.address.split("/")[2] for _, hook in either.teller.open.values()] == ["new.example"]

    off = Settings(server={"base_url": "https://new.example"}, sync={"push": False})
    sync = Sync(db, off, lambda row: shelves[row.id], clock, clock.sleep, random=lambda: 0.5)
    await db.write(seed, sync)
    clock.now += 300
    await Worker(sync).run_due()
    assert (either.teller.open, either.rows) == ({}, [])


async def test_closing_an_account_ends_its_channels_at_the_provider(either, db, sync):
    await either.begin()
    await close(sync, db.read_now(accounts.get, either.account))
    db.write_now(calendars.remove_account, either.alice.id, either.account)

    assert (either.teller.open, either.rows, either.job(WATCH)) == ({}, [], None)


async def test_closing_an_account_does_not_depend_on_the_provider(either, db, sync):
    await either.begin()
    either.teller.refusals = [BackendUnavailable("gone")]
    await close(sync, db.read_now(accounts.get, either.account))

    assert either.rows == []


async def test_a_clock_that_is_far_off_does_not_open_channels_for_ever(either):
    either.teller.life = -100.0
    await either.work()

    assert either.states == [State.REFUSED]
    assert either.teller.open == {}


# Mistrust


async def test_a_channel_that_did_not_tell_is_polled_faster_replaced_and_on_probation(either):
    await either.begin()
    await either.work(SETTINGS.sync.poll)
    [first] = either.rows
    either.teller.edit("main", "a", event("a"))
    await either.work(REPLACE_EVERY)
    assert either.states == [State.MISSED]
    assert either.how == How.POLL
    assert either.wait() <= SETTINGS.sync.poll

    await either.work(GRACE)
    either.hello()
    [now] = either.rows
    assert now.key != first.key
    assert now.state == State.PROBATION
    assert list(either.teller.open) == [now.remote_id]
    assert either.how == How.POLL

    either.tell(number=10)
    assert either.states == [State.LIVE]
    assert either.how == How.PUSH


async def test_a_notice_that_comes_late_makes_up_for_it(either):
    await either.begin()
    await either.work(SETTINGS.sync.poll)
    either.teller.edit("main", "a", event("a"))
    await either.work(SLOW)
    assert either.states == [State.MISSED]

    either.tell(number=10)
    await either.work(GRACE)
    assert either.states == [State.LIVE]
    assert len(either.teller.hooks) == 1


async def test_what_was_told_is_no_reason_for_mistrust(either):
    await either.begin()
    for number in range(5):
        either.teller.edit("main", "a", event("a", summary=f"Version {number}"))
        either.tell(number=10 + number)
        await either.work(SLOW)

    assert either.states == [State.LIVE]
    assert len(either.teller.hooks) == 1


async def test_a_change_that_came_before_the_channel_is_no_reason_either(either, served):
    either.teller.refusals = [BackendUnavailable("later")]
    await either.work()
    either.teller.edit("main", "a", event("a"))
    await either.work(60)
    either.hello()
    await either.work(SLOW)
    assert len(served()) == 1

    assert State.MISSED not in either.states


# What Graph says about its subscriptions


async def test_a_wish_to_be_authorized_again_is_met(stand):
    graph = stand(renews=True)
    await graph.begin()
    assert graph.tell(What.RENEW)
    await graph.work(10)

    assert graph.teller.calls.count("renew") == 1
    assert len(graph.teller.hooks) == 1


async def test_a_subscription_that_was_removed_is_opened_anew_and_pulled(stand, served):
    graph = stand(renews=True)
    await graph.begin()
    notices = graph.teller.notices(what=What.REMOVED)
    graph.teller.open.clear()
    graph.teller.edit("main", "a", event("a"))
    assert graph.take(notices)
    await graph.work()

    assert len(served()) == 1
    assert len(graph.teller.open) == 1
    assert graph.states == [State.LIVE]


async def test_missed_notices_are_pulled(stand, served):
    graph = stand(renews=True)
    await graph.begin()
    graph.teller.edit("main", "a", event("a"))
    assert graph.tell(What.LOST)
    await graph.work()

    assert len(served()) == 1


async def test_a_notice_from_another_process_is_dealt_with_there(either, db, sync, served):
    """Each process has a worker: whoever takes the notice in pulls as well, or whoever is pulling does it again."""
    await either.begin()
    other = Worker(sync)
    either.teller.edit("main", "a", event("a"))

    def meanwhile():
        either.teller.during = None
        either.teller.edit("main", "b", event("b"))
        either.tell(number=11)

    either.teller.during = meanwhile
    either.tell(number=10)
    assert await either.worker.run_due() + await other.run_due() >= 2
    assert len(served()) == 2
