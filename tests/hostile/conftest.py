"""One running server for all rows of a file: they leave nothing behind."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.whole import Whole, event, running, settings

KEPT = event("kept")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def whole(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Whole]:
    """Alice has one event, kept.ics."""
    async with running(settings(tmp_path_factory.mktemp("hostile"))) as found:
        assert (await found.put("kept.ics", KEPT)).status == 201
        yield found
