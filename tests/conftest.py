"""What several parts' tests share."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from aiohttp import ClientSession

from gateway.backends.base import Outside
from gateway.config import Google, Microsoft
from tests.fakes.radicale import RadicaleServer, running_radicale


@pytest.fixture(scope="session")
def radicale(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RadicaleServer]:
    """One real Radicale for the whole run; each test takes a person of its own."""
    with running_radicale(Path(tmp_path_factory.mktemp("radicale"))) as server:
        yield server


@pytest.fixture
async def outside() -> AsyncIterator[Outside]:
    """The world as backends reach it in tests: servers on this machine are allowed."""
    async with ClientSession() as http:
        yield Outside(http, Google(), Microsoft(), private_networks=("127.0.0.0/8", "::1"))
