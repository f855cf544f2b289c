"""Courses of events that the machine of random ones found."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.errors import BackendUnavailable
from gateway.sync.pull import pull_account
from gateway.sync.worker import Worker
from gateway.sync.write import put
from tests.sync.breaking import Breaking
from tests.sync.clouds import KINDS, running_cloud
from tests.sync.conftest import Clock
from tests.sync.connected import Connected, no_wrap, occurrences
from tests.sync.edits import renamed
from tests.sync.objects import event


@pytest.fixture(params=KINDS)
async def world(request: pytest.FixtureRequest, empty: Path, tmp_path: Path) -> AsyncIterator[Connected]:
    clock = Clock()
    there = running_cloud(request.param, lambda: datetime.fromtimestamp(clock(), UTC), tmp_path)
    async with there as (cloud, outside):
        cloud.new_person()
        made = Connected(empty, tmp_path, cloud, outside, clock)
        await made.connect()
        await pull_account(made.sync, made.account)
        yield made
        made.close()


async def test_what_we_made_and_they_deleted_before_we_looked_again_is_gone_here_too(world):
    await put(world.sync, world.alice, "a.ics", event("a@client.example", "Ours"))
    [made] = world.cloud.events()
    world.cloud.delete(made)

    await pull_account(world.sync, world.account)

    assert world.served() == {}


async def test_what_we_made_is_looked_at_until_the_provider_has_told_of_it_and_then_no_more(world):
    await put(world.sync, world.alice, "a.ics", event("a@client.example", "Ours"))
    for _ in range(2):
        await pull_account(world.sync, world.account)
    world.cloud.forget_calls()

    await pull_account(world.sync, world.account)

    assert len(world.cloud.calls()) == 1


async def test_a_change_whose_answer_was_lost_is_no_conflict_with_itself(world):
    await put(world.sync, world.alice, "a.ics", event("a@client.example", "First"))
    world.cloud.lose_answer("PATCH")

    await put(world.sync, world.alice, "a.ics", event("a@client.example", "Second"))
    world.clock.now += 3_600
    await Worker(world.sync).run_due()

    assert [title for title, _ in world.cloud.seen()] == ["Second"]
    assert [title for title, _ in world.seen()] == ["Second"]
    assert len(world.served()) == 1


async def test_who_was_taken_for_dead_and_goes_on_reading_changes_nothing_any_more(world):
    """Two that read a whole calendar at once would each take for gone what only the other was told of."""
    for number in range(4):
        world.cloud.create(f"Single {number}", number, 9)
    world.cloud.forget_sync_state()

    class Late(Breaking):
        async def portions(self, calendar, token, position=None):
            async for page in self.resuming.portions(calendar, token, position):
                world.wrap = no_wrap
                world.clock.now += 1_000
                await pull_account(world.sync, world.account, full=True)
                yield page

    world.wrap = lambda backend: Late(backend, 100)
    with pytest.raises(BackendUnavailable, match="somebody else"):
        await pull_account(world.sync, world.account, full=True)

    assert world.seen() == world.cloud.seen()
    assert len(world.served()) == 4


async def test_a_date_that_was_moved_keeps_its_title_where_only_the_series_gets_another(world):
    """The cloud lets a date follow its series in what it shares with it, also where the client does not want that."""
    lines = ["RRULE:FREQ=WEEKLY;COUNT=3"]
    await put(world.sync, world.alice, "a.ics", event("a@client.example", "First", lines=lines))
    [made] = world.cloud.events()
    world.cloud.move_date(world.cloud.dates(made)[0], 2)
    await pull_account(world.sync, world.account)
    [text] = world.served().values()

    await put(world.sync, world.alice, "a.ics", renamed(text, "Second"))
    await pull_account(world.sync, world.account)

    [text] = world.served().values()
    assert [title for title, _ in occurrences(text)] == ["First", "Second", "Second"]


async def test_a_date_that_was_moved_gets_another_title_with_its_series(world):
    lines = ["RRULE:FREQ=WEEKLY;COUNT=3"]
    await put(world.sync, world.alice, "a.ics", event("a@client.example", "First", lines=lines))
    [made] = world.cloud.events()
    world.cloud.move_date(world.cloud.dates(made)[0], 2)
    await pull_account(world.sync, world.account)
    [text] = world.served().values()

    await put(world.sync, world.alice, "a.ics", text.replace("SUMMARY:First", "SUMMARY:Second"))
    await pull_account(world.sync, world.account)

    [text] = world.served().values()
    assert [title for title, _ in occurrences(text)] == ["Second", "Second", "Second"]
