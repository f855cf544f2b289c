"""Real processes at one database: together they stay within what one of them would be allowed."""

import asyncio
import multiprocessing
from contextlib import AsyncExitStack

import pytest

from gateway.accounts.pace import Paces, background
from gateway.config import Google, Limits, Settings
from gateway.errors import NotYet
from gateway.store.database import Database

NOW = 1_795_262_400.0
SPAWN = multiprocessing.get_context("spawn")
SETTINGS = Settings(google=Google(per_user_minute=600), limits=Limits(quota_share=1.0))


async def nap(_seconds):
    await asyncio.sleep(0)


def paces(url, now=NOW):
    return Paces(Database(url), SETTINGS, lambda: now, nap, lambda: 0.5)


def spend(url, pipe, later):
    """All that there is, at a moment that stands still."""

    async def run():
        pace, count = paces(url).of("google", 1), 0
        try:
            while True:
                async with pace.turn():
                    count += 1
        except NotYet:
            return count

    async def run_later():
        with background():
            return await run()

    pipe.recv()
    pipe.send(asyncio.run(run_later() if later else run()))


def occupy(url, pipe):
    """As many places of one mailbox as there are; kept until told to go on."""

    async def run():
        mine = paces(url)
        pace = mine.of("outlook", 1)
        async with AsyncExitStack() as held:
            count = 0
            try:
                while True:
                    await held.enter_async_context(pace.turn())
                    count += 1
            except NotYet:
                pipe.send(count)
            await asyncio.to_thread(pipe.recv)
        await mine.close()

    pipe.recv()
    asyncio.run(run())


@pytest.fixture
def start(tmp_path, db):
    """Starts a process; its end of the conversation."""
    started = []

    def begin(work, *more):
        ours, theirs = SPAWN.Pipe()
        process = SPAWN.Process(target=work, args=(f"sqlite:///{tmp_path}/gateway.sqlite", theirs, *more))
        process.start()
        started.append(process)
        return process, ours

    yield begin
    for process in started:
        process.kill()
        process.join()


def test_three_processes_spend_one_budget_and_what_is_left_is_for_people(start):
    running = [start(spend, later)[1] for later in (True, True, False)]
    for pipe in running:
        pipe.send("go")
    first, second, person = (pipe.recv() for pipe in running)
    assert first + second <= 150
    assert person >= 50
    assert first + second + person == 200


def test_four_places_for_two_processes_and_those_of_a_killed_one_come_back(start, tmp_path):
    (_, one), (killed, other) = (start(occupy) for _ in range(2))
    for pipe in (one, other):
        pipe.send("go")
    assert one.recv() + other.recv() == 4

    killed.kill()
    killed.join()
    one.send("go on")

    async def occupied(now):
        pace, count = paces(f"sqlite:///{tmp_path}/gateway.sqlite", now).of("outlook", 1), 0
        async with AsyncExitStack() as held:
            while count < 4:
                await held.enter_async_context(pace.turn())
                count += 1
        return count

    assert asyncio.run(occupied(NOW + 241)) == 4
