"""The reading of a whole calendar, broken off at any page: it goes on there, and ends as if it never had been."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.backends.base import Outside
from gateway.errors import BackendUnavailable
from gateway.store import rounds
from gateway.sync.pull import pull_account
from gateway.sync.write import delete, put
from tests.sync.breaking import Breaking
from tests.sync.clouds import KINDS, Cloud, running_cloud
from tests.sync.conftest import Clock
from tests.sync.connected import Connected, no_wrap
from tests.sync.objects import event

BESIDE = {"google": 3, "outlook": 6}
"""Requests besides those for pages, each time: who, which calendars, which zone."""


Fresh = Callable[[], Awaitable[Connected]]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=KINDS)
async def reached(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> AsyncIterator[tuple[Cloud, Outside]]:
    now: Callable[[], datetime] = lambda: datetime.fromtimestamp(clock(), UTC)  # noqa: E731
    async with running_cloud(request.param, now, tmp_path) as (cloud, outside):
        cloud.new_person()
        yield cloud, outside


@pytest.fixture
def cloud(reached: tuple[Cloud, Outside]) -> Cloud:
    return reached[0]


@pytest.fixture
async def fresh(reached: tuple[Cloud, Outside], empty: Path, tmp_path: Path, clock: Clock) -> AsyncIterator[Fresh]:
    """One gateway after the other that knows nothing yet of the person's calendar."""
    made: list[Connected] = []

    async def another() -> Connected:
        folder = tmp_path / f"gateway{len(made)}"
        folder.mkdir()
        made.append(Connected(empty, folder, *reached, clock))
        await made[-1].connect()
        return made[-1]

    yield another
    for one in made:
        one.close()


def fill(cloud: Cloud) -> None:
    """Singles and series, with dates moved and cancelled, and the parts of one series far apart."""
    weekly = [cloud.create(f"Weekly {number}", number, 9, dates=4) for number in range(3)]
    for number in range(9):
        cloud.create(f"Single {number}", number, 12)
    cloud.rename_date(cloud.dates(weekly[0])[1], "Weekly, changed")
    cloud.move_date(cloud.dates(weekly[0])[2], 3)
    cloud.cancel_date(cloud.dates(weekly[1])[1])
    cloud.limit_pages(4)


async def read_to_the_end(world: Connected, pages: int, most: int = 100) -> int:
    """Each time another process reads so many pages; how often it was broken off."""
    for broken in range(most):
        world.open()
        world.wrap = lambda backend: Breaking(backend, pages)
        try:
            await pull_account(world.sync, world.account)
        except BackendUnavailable:
            world.clock.now += 1
        else:
            return broken
    raise AssertionError("it never comes to an end")


async def test_it_ends_the_same_wherever_it_was_broken_off_and_asks_no_page_twice(cloud, fresh):
    fill(cloud)
    one = await fresh()
    cloud.forget_calls()
    await pull_account(one.sync, one.account)
    calls, whole = len(cloud.calls()), one.served()
    news = 2  # pages of what changed since it was begun: the first one is empty
    assert one.seen() == cloud.seen()

    for pages in range(1, 9):
        other = await fresh()
        cloud.forget_calls()
        broken = await read_to_the_end(other, pages)

        assert other.served() == whole
        assert other.calendar.token is not None
        assert (other.calendar.page, other.calendar.arrived) == (None, None)
        assert len(cloud.calls()) <= calls + broken * BESIDE[cloud.kind] + news


async def broken_off(world: Connected, pages: int) -> None:
    world.open()
    world.wrap = lambda backend: Breaking(backend, pages)
    with pytest.raises(BackendUnavailable):
        await pull_account(world.sync, world.account)
    world.clock.now += 1


async def test_how_far_it_is_can_be_seen_meanwhile(cloud, fresh):
    fill(cloud)
    world = await fresh()
    told: list[int] = []

    await broken_off(world, 2)
    first = world.calendar.arrived
    await broken_off(world, 1)
    second = world.calendar.arrived
    world.wrap = no_wrap
    await pull_account(world.sync, world.account, progress=lambda _, number: told.append(number))

    assert 0 < first < second < 12
    assert told == sorted(told)
    assert second <= told[0]
    assert told[-1] == 12
    assert world.calendar.arrived is None


@pytest.mark.parametrize("lost", ["forgotten", "another making", "another list"])
async def test_a_place_the_provider_does_not_go_on_from_means_all_over_again_and_compared(cloud, fresh, lost):
    fill(cloud)
    world = await fresh()
    await pull_account(world.sync, world.account)
    cloud.forget_sync_state()
    await broken_off(world, 3)
    page = world.calendar.page
    other = {"forgotten": page, "another making": "{", "another list": cloud.strange(page)}[lost]
    world.db.write_now(rounds.go_on, world.calendar.id, other)
    cloud.delete(cloud.events()[0])
    cloud.create("New", 2, 15)
    cloud.forget_sync_state()

    world.wrap = no_wrap
    await pull_account(world.sync, world.account)

    assert world.seen() == cloud.seen()
    assert len(world.served()) == len(cloud.events()) == 12


async def test_what_the_whole_does_not_mention_is_gone_however_often_its_reading_was_broken_off(cloud, fresh):
    fill(cloud)
    world = await fresh()
    await pull_account(world.sync, world.account)
    for gone in cloud.events()[::3]:
        cloud.delete(gone)
    cloud.forget_sync_state()

    assert await read_to_the_end(world, 1) >= 3

    assert world.seen() == cloud.seen()
    assert len(world.served()) == len(cloud.events())


async def test_what_clients_do_while_it_is_broken_off_stays_done(cloud, fresh):
    for number in range(9):
        cloud.create(f"Single {number}", number, 12)
    cloud.limit_pages(4)
    world = await fresh()
    await pull_account(world.sync, world.account)
    cloud.forget_sync_state()
    await broken_off(world, 2)

    world.wrap = no_wrap
    texts = {summary(text): (href, text) for href, text in world.served().items()}
    for number in (0, 8):
        await delete(world.sync, world.alice, texts[f"Single {number}"][0])
    for number in (1, 7):
        href, text = texts[f"Single {number}"]
        await put(world.sync, world.alice, href, text.replace(f"Single {number}", f"Edited {number}"))
    await put(world.sync, world.alice, "new.ics", event("new@client.example", "New"))
    wanted = sorted(["Edited 1", "Edited 7", "New", *(f"Single {number}" for number in range(2, 7))])
    assert sorted(map(summary, world.served().values())) == wanted

    for _ in range(2):
        await pull_account(world.sync, world.account)
        assert sorted(map(summary, world.served().values())) == wanted
    assert sorted(title for title, _ in cloud.seen()) == wanted
    assert world.calendar.token is not None


async def test_what_changed_since_it_was_begun_is_there_as_soon_as_it_has_ended(cloud, fresh):
    fill(cloud)
    world = await fresh()
    await broken_off(world, 3)
    cloud.rename(cloud.events()[0], "Renamed meanwhile")
    cloud.create("New", 2, 15)

    world.wrap = no_wrap
    await pull_account(world.sync, world.account)

    assert world.seen() == cloud.seen()


async def test_asked_for_the_whole_it_begins_anew(cloud, fresh):
    fill(cloud)
    world = await fresh()
    await broken_off(world, 2)
    world.wrap = no_wrap
    cloud.forget_calls()

    await pull_account(world.sync, world.account, full=True)

    first = {"google": "pageToken", "outlook": "skiptoken"}[cloud.kind]
    lists = [call for call in cloud.calls() if "/delta?" in call or "/events?" in call]
    assert first not in lists[0]
    assert world.seen() == cloud.seen()


def summary(text: str) -> str:
    return next(line[8:] for line in text.splitlines() if line.startswith("SUMMARY:"))
