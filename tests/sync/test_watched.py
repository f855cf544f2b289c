"""What happens at a provider is noted for those who subscribed to the calendar."""

from gateway.model import RemoteCalendar
from gateway.store import accounts, collections, jobs, subscriptions
from gateway.store.subscriptions import TELL, Subscription
from gateway.sync import separate
from gateway.sync.pull import LIST_EVERY, pull_account
from tests.sync.conftest import NOW
from tests.sync.objects import event


def watch(conn, user, calendar):
    separate.set_separate(conn, user, calendar, True, NOW)
    shown = collections.of_calendar(conn, calendar)
    row = Subscription(user, shown.id, "token", "digest", b"", True, True, int(NOW) + 86_400, shown.rev, NOW)
    subscriptions.put(conn, row)
    return shown.id


async def test_a_new_event_and_a_new_name_of_a_watched_calendar_are_to_be_told(
    db, sync, clock, alice, connect, shelves
):
    account = connect("google")
    shelf = shelves[account]
    await pull_account(sync, account)
    [main] = db.read_now(accounts.account_calendars, account)
    shown = db.write_now(watch, alice.id, main.id)
    clock.now += LIST_EVERY
    await pull_account(sync, account)
    assert db.read_now(jobs.next_due, {TELL}) is None

    shelf.edit("main", "a.ics", event("a"))
    await pull_account(sync, account)
    watched = db.read_now(subscriptions.watched, shown)
    [one] = watched.subscriptions
    assert (one.rev < watched.rev, one.stirred) == (True, 0)
    assert db.read_now(jobs.get, TELL, str(shown)).user_id == alice.id

    shelf.calendars_["main"].calendar = RemoteCalendar("main", "Renamed", writable=True)
    clock.now += LIST_EVERY
    await pull_account(sync, account)
    [one] = db.read_now(subscriptions.watched, shown).subscriptions
    assert one.stirred == 1
