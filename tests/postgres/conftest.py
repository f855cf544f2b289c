"""Databases of a real PostgreSQL: the same one opened twice stands for two processes."""

from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from pathlib import Path
from threading import Barrier

import pytest

from gateway.store.database import Database
from tests.fakes.postgres import Cluster
from tests.postgres.race import Race
from tests.whole import Whole, people, running, settings


@pytest.fixture
def url(postgres: Cluster) -> Iterator[str]:
    """Of a database up to date, with nobody in it."""
    with postgres.database() as url:
        yield url


@pytest.fixture
def pair(url: str) -> Iterator[tuple[Database, Database]]:
    found = Database(url), Database(url)
    yield found
    for one in found:
        one.close()


@pytest.fixture
def db(pair: tuple[Database, Database]) -> Database:
    return pair[0]


@pytest.fixture
def race() -> Iterator[Race]:
    """Calls begun at the same moment, each in a thread of its own: what each gave, or raised, in their order."""
    threads = ThreadPoolExecutor(16)

    def run(*calls: Callable[[], object]) -> list[object]:
        start = Barrier(len(calls), timeout=60)

        def one(call: Callable[[], object]) -> object:
            start.wait()
            return call()

        begun = [threads.submit(one, call) for call in calls]
        return [failed if (failed := each.exception()) is not None else each.result() for each in begun]

    yield run
    threads.shutdown()


@pytest.fixture
async def wholes(url: str, tmp_path: Path) -> AsyncIterator[tuple[Whole, Whole]]:
    """Two servers on one database, with the same keys; neither met anything unforeseen."""
    given = settings(tmp_path, database={"url": url})
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(running(given, fill=people))
        second = await stack.enter_async_context(running(given, fill=None))
        yield first, second
        assert (first.faults, second.faults) == ({}, {})
