from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tests.story.stage import Stage, running_stage

NOW = datetime(2026, 10, 27, 9, tzinfo=UTC)
"""A Tuesday, two days after clocks went back in Berlin, and five before they do in Seattle."""


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """One demo for each module; its tests leave the days of others alone."""
    with running_stage(tmp_path_factory.mktemp("demo"), NOW) as running:
        yield running
