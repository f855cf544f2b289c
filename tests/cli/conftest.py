from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tests.story.stage import Stage, running_stage


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A demo at the present time, as commands have no other."""
    with running_stage(tmp_path_factory.mktemp("demo"), datetime.now(UTC)) as running:
        yield running
