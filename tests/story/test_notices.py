"""With push on: what happens at a cloud arrives by its own notices, and by nothing else, as the clock stands still."""

import time
from collections.abc import Callable, Iterator

import caldav
import pytest
import requests

from gateway.demo.post import Post
from gateway.store import accounts, channels, jobs
from gateway.store.accounts import AccountRow
from gateway.store.database import Connection
from gateway.sync.calendars import remove_account
from gateway.sync.notices.plan import GRACE, REPLACE_EVERY
from gateway.sync.notices.standing import WATCH, How, counting, standing
from gateway.sync.notices.watch import close
from gateway.sync.pull import PULL, key_of
from tests.story.conftest import NOW
from tests.story.stage import MERGED, Stage, running_stage

PATIENCE = 60.0
KIND = {"google": "google", "microsoft": "outlook"}
both = pytest.mark.parametrize("provider", list(KIND))


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with running_stage(tmp_path_factory.mktemp("demo"), NOW, push=True) as running:
        for provider in KIND:
            until(lambda provider=provider: how(running, provider) == How.PUSH)
        settle(running)
        yield running


@pytest.fixture
def merged(stage: Stage) -> Iterator[caldav.Calendar]:
    with stage.merged() as found:
        yield found


def until(true: Callable[[], object]) -> None:
    """Looks again and again; what never comes true fails."""
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.01)


def account(stage: Stage, provider: str) -> AccountRow:
    return stage.account("alice", KIND[provider])


def how(stage: Stage, provider: str) -> How:
    return stage.read(standing, stage.parts.settings, account(stage, provider), stage.clock()).how


def settle(stage: Stage) -> None:
    """All that was sent is delivered, and nothing is due."""
    for simulator in (stage.world.google, stage.world.microsoft):
        stage.run(simulator.delivered())
    until(lambda: not stage.read(due, stage.clock()))


def due(conn: Connection, now: float) -> list[str]:
    keys = [key_of(row.id) for row in accounts.everyone(conn)]
    found = [jobs.get(conn, kind, key) for kind in (PULL, WATCH) for key in keys]
    return [job.key for job in found if job is not None and job.due <= now]


def later(stage: Stage, seconds: float) -> None:
    """Time passes, and what is due by then is done."""
    stage.clock.now += seconds
    stage.do(stage.parts.worker.wake)
    settle(stage)


def titles(known: caldav.SynchronizableCalendarObjectCollection) -> set[str]:
    known.sync()
    return {str(one.icalendar_component.get("SUMMARY")) for one in known}


def simulator(stage: Stage, provider: str):
    return stage.world.google if provider == "google" else stage.world.microsoft


def requests_of(stage: Stage, provider: str) -> int:
    """Questions for changes so far."""
    if provider == "google":
        return sum("/events?" in asked and "GET" in asked for asked in stage.world.google.requests)
    return sum("/calendarView/delta" in asked.path for asked in stage.world.microsoft.requests)


@both
def test_a_change_at_the_cloud_is_in_the_merged_calendar_without_any_poll(stage, merged, provider):
    known = merged.get_objects_by_sync_token(load_objects=True)
    title = f"Told by {provider}"
    made = stage.at(provider, do="add", summary=title, start="2026-10-29T07:00")
    until(lambda: title in titles(known))

    stage.at(provider, do="delete", id=made)
    until(lambda: title not in titles(known))


@both
def test_a_change_costs_one_question_however_many_calendars_there_are(stage, merged, provider):
    assert len(stage.read(counting, account(stage, provider).id)) > 1
    known = merged.get_objects_by_sync_token(load_objects=True)
    for title in (f"{provider} one", f"{provider} two"):
        settle(stage)
        before = requests_of(stage, provider)
        stage.at(provider, do="add", summary=title, start="2026-10-29T07:00")
        settle(stage)

        assert title in titles(known)
        assert requests_of(stage, provider) - before == 1


@both
def test_a_burst_of_changes_is_seen_whole_and_costs_few_looks(stage, merged, provider):
    settle(stage)
    before = requests_of(stage, provider)
    calendars = len(stage.read(accounts.account_calendars, account(stage, provider).id))
    known = merged.get_objects_by_sync_token(load_objects=True)
    simulator(stage, provider).notices.post = Post.LATE
    wanted = {f"{provider} {number}" for number in range(30)}
    for title in sorted(wanted):
        stage.at(provider, do="add", summary=title, start="2026-10-29T07:00")
    stage.do(simulator(stage, provider).notices.release)
    until(lambda: wanted <= titles(known))
    settle(stage)

    # Delivered one by one while pulls go on: each pull answers all notices that came before it.
    assert requests_of(stage, provider) - before <= calendars * 12


@both
@pytest.mark.parametrize("fault", ["TWICE", "REVERSED"])
def test_notices_that_come_twice_or_in_any_order_lose_and_double_nothing(stage, merged, provider, fault):
    known = merged.get_objects_by_sync_token(load_objects=True)
    notices = simulator(stage, provider).notices
    notices.post = Post[fault]
    wanted = {f"{provider} {fault} {number}" for number in range(3)}
    for title in sorted(wanted):
        stage.at(provider, do="add", summary=title, start="2026-10-29T07:00")
    stage.do(notices.release)
    until(lambda: wanted <= titles(known))
    settle(stage)

    for title in wanted:
        assert len(merged.search(event=True, summary=title)) == 1


@both
def test_notices_that_never_come_are_made_up_for_by_the_slow_poll_and_the_channel_is_replaced(stage, merged, provider):
    settle(stage)
    known = merged.get_objects_by_sync_token(load_objects=True)
    later(stage, 2 * stage.parts.settings.sync.poll_with_push)  # looked once since the channels were opened
    notices = simulator(stage, provider).notices
    first = {row.key for row in stage.read(channels.of_account, account(stage, provider).id)}
    notices.post = Post.NEVER
    title = f"Unannounced by {provider}"
    made = stage.at(provider, do="add", summary=title, start="2026-10-29T07:00")
    later(stage, REPLACE_EVERY)
    assert title in titles(known)
    assert how(stage, provider) != How.PUSH

    notices.post = Post.PROMPT
    later(stage, GRACE)
    assert first - {row.key for row in stage.read(channels.of_account, account(stage, provider).id)}
    stage.at(provider, do="delete", id=made)
    until(lambda: how(stage, provider) == How.PUSH)
    until(lambda: title not in titles(known))


def test_our_own_changes_are_told_and_change_nothing(stage, merged):
    """Clouds tell of what we wrote as well: it is looked at once more and found to be the same."""
    settle(stage)
    start, uid = "DTSTART:20261029T070000Z", "ours@gateway"
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test//EN", "BEGIN:VEVENT", f"UID:{uid}"]
    lines += ["DTSTAMP:20261001T000000Z", start, "DTEND:20261029T080000Z", "SUMMARY:Ours", "END:VEVENT"]
    answer = stage.put("ours.ics", "\r\n".join([*lines, "END:VCALENDAR", ""]))
    assert answer.status_code == 201, answer.text
    known = merged.get_objects_by_sync_token(load_objects=False)
    settle(stage)

    updated, deleted = known.sync()
    assert ([one.data for one in updated], [str(one.url) for one in deleted]) == ([], [])
    assert stage.http("DELETE", f"{MERGED}ours.ics").status_code == 204
    settle(stage)


def test_strangers_are_told_nothing_and_pull_nothing(stage):
    settle(stage)
    before = requests_of(stage, "google"), requests_of(stage, "microsoft")
    [row, *_] = stage.read(channels.of_account, account(stage, "google").id)
    headers = {"X-Goog-Channel-ID": row.key, "X-Goog-Channel-Token": "guess", "X-Goog-Message-Number": "99999"}
    headers["X-Goog-Resource-State"] = "exists"
    answer = requests.post(f"{stage.base}/hooks/google", headers=headers, timeout=PATIENCE)
    assert answer.status_code == 404
    [row, *_] = stage.read(channels.of_account, account(stage, "microsoft").id)
    item = {"subscriptionId": row.remote_id, "clientState": "guess", "changeType": "updated"}
    answer = requests.post(f"{stage.base}/hooks/microsoft", json={"value": [item]}, timeout=PATIENCE)
    assert answer.status_code == 202
    settle(stage)

    assert (requests_of(stage, "google"), requests_of(stage, "microsoft")) == before


def test_microsoft_takes_a_subscription_away_and_gets_another(stage, merged):
    settle(stage)
    microsoft = stage.world.microsoft
    known = merged.get_objects_by_sync_token(load_objects=True)
    mine = {row.remote_id for row in stage.read(channels.of_account, account(stage, "microsoft").id)}
    stage.do(microsoft.subscriptions.tell, "subscriptionRemoved", sorted(mine)[0])
    until(lambda: len(_subscriptions(stage)) == len(mine) and _subscriptions(stage) != mine)
    settle(stage)
    made = stage.at("microsoft", do="add", summary="After the removal", start="2026-10-29T07:00")
    until(lambda: "After the removal" in titles(known))
    stage.at("microsoft", do="delete", id=made)
    settle(stage)


def _subscriptions(stage: Stage) -> set[str]:
    rows = stage.read(channels.of_account, account(stage, "microsoft").id)
    return {row.remote_id for row in rows} & set(stage.world.microsoft.subscriptions.made)


def test_a_week_later_all_channels_have_been_renewed_or_replaced(stage):
    for _ in range(8):
        later(stage, 86_400)

    for provider in KIND:
        assert how(stage, provider) == How.PUSH
    rows = [row for provider in KIND for row in stage.read(channels.of_account, account(stage, provider).id)]
    there = {**stage.world.google.state.channels, **stage.world.microsoft.subscriptions.made}
    assert {row.remote_id for row in rows} <= set(there)
    assert all(row.expires > stage.clock() for row in rows)
    assert len(stage.world.google.state.channels) == len(rows) - len(_subscriptions(stage))


def test_an_account_that_is_disconnected_leaves_no_channel_behind(stage):
    """Of Bob, whose Outlook nothing else here looks at."""
    bob = stage.account("bob", "outlook")
    until(lambda: stage.read(channels.of_account, bob.id))
    settle(stage)
    theirs = {row.remote_id for row in stage.read(channels.of_account, bob.id)}
    made = stage.world.microsoft.subscriptions.made
    assert theirs <= set(made)
    stage.run(close(stage.parts.sync, bob))
    stage.calendars(remove_account, bob.user_id, bob.id)

    assert not theirs & set(made)
    assert stage.read(channels.of_account, bob.id) == []
