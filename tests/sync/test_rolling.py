"""A year of days that pass, and what a pull keeps together."""

import sqlite3
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError

from gateway.backends.outlook.rounds import AHEAD, WINDOW_LIFE
from gateway.store import jobs
from gateway.sync.pull import PULL, pull_account
from gateway.sync.worker import Worker
from tests.sync.clouds import FIRST, KINDS, running_cloud
from tests.sync.conftest import Clock
from tests.sync.connected import Connected

DAY = 86_400


@pytest.fixture(params=KINDS)
async def world(request: pytest.FixtureRequest, empty: Path, tmp_path: Path) -> AsyncIterator[Connected]:
    clock = Clock()
    there = running_cloud(request.param, lambda: datetime.fromtimestamp(clock(), UTC), tmp_path)
    async with there as (cloud, outside):
        cloud.new_person()
        made = Connected(empty, tmp_path, cloud, outside, clock)
        await made.connect()
        yield made
        made.close()


only_outlook = pytest.mark.parametrize("world", ["outlook"], indirect=True)


def titles(world: Connected) -> set[str]:
    return {line[8:] for text in world.served().values() for line in text.splitlines() if line.startswith("SUMMARY:")}


@only_outlook
async def test_the_window_rolls_on_over_a_year_and_leaves_no_gap(world):
    """A new thing every few days, always at its very end: it is there as soon as the window can have reached it."""
    cloud, made = world.cloud, datetime.fromtimestamp(world.clock(), UTC)
    edge = (made + AHEAD).date()
    far = {number: f"Far {number}" for number in range(0, 380, 12)}
    for number, title in far.items():
        cloud.create(title, (edge - FIRST).days + number, 12)
    week = 6
    for passed in range(0, 372, week):
        title = f"On day {passed}"
        cloud.create(title, passed + 30, 9)

        await pull_account(world.sync, world.account)

        found = titles(world)
        reached = {text for number, text in far.items() if number + WINDOW_LIFE.days <= passed - 1}
        beyond = {text for number, text in far.items() if number > passed + 1}
        assert title in found
        assert reached <= found
        assert beyond.isdisjoint(found)
        world.clock.now += week * DAY
    assert {f"On day {passed}" for passed in range(0, 372, week)} <= titles(world)


@only_outlook
async def test_what_changes_on_the_very_day_the_window_is_begun_anew_is_seen(world):
    cloud = world.cloud
    event, series = cloud.create("Single", 40, 9), cloud.create("Series", 41, 9, dates=4)
    await pull_account(world.sync, world.account)
    for days in (29, 30, 31, 61):
        world.clock.now = world.clock.now - world.clock.now % DAY + days * DAY
        cloud.rename(event, f"Single after {days}")
        cloud.rename_date(cloud.dates(series)[1], f"A date after {days}")

        await pull_account(world.sync, world.account)

        assert world.seen() == cloud.seen()


@pytest.mark.parametrize("column", ["token", "page"])
async def test_where_the_provider_is_and_what_it_said_are_kept_together_or_not_at_all(world, column):
    """The database refuses to keep the one, so it has nothing of the other."""
    world.cloud.create("Single", 1, 9)
    await pull_account(world.sync, world.account)
    before = world.served(), world.calendar
    world.cloud.create("Another", 2, 9)
    world.cloud.forget_sync_state()
    path = world.url.removeprefix("sqlite:///")
    with sqlite3.connect(path) as file:
        file.execute(
            f"CREATE TRIGGER refuse BEFORE UPDATE OF {column} ON calendars WHEN NEW.{column} IS NOT OLD.{column}"
            " BEGIN SELECT RAISE(ABORT, 'refused'); END"
        )

    with pytest.raises(IntegrityError):
        await pull_account(world.sync, world.account)

    assert world.calendar.token == before[1].token
    if column == "page" or world.cloud.kind == "google":
        assert (world.served(), world.calendar) == before
    with sqlite3.connect(path) as file:
        file.execute("DROP TRIGGER refuse")
    await pull_account(world.sync, world.account)
    assert world.seen() == world.cloud.seen()


@pytest.mark.parametrize("random", [0.0, 0.5, 0.999])
async def test_without_push_a_change_there_is_seen_within_the_poll_interval(world, random):
    world.random = random
    world.open()
    worker, poll = Worker(world.sync), world.sync.settings.sync.poll
    await worker.run_due()
    for number in range(4):
        changed = world.clock.now = world.clock.now + number * poll / 4
        await worker.run_due()
        world.cloud.create(f"Change {number}", number, 9)
        while f"Change {number}" not in titles(world):
            due = world.db.read_now(jobs.next_due, [PULL])
            assert due <= changed + poll
            world.clock.now = max(world.clock.now, due)
            await worker.run_due()
