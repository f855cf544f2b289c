from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.cli.organisations import Shell, organisations
from tests.story.stage import Stage, running_stage


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A demo at the present time, as commands have no other."""
    with running_stage(tmp_path_factory.mktemp("demo"), datetime.now(UTC)) as running:
        yield running


@pytest.fixture
def shell(stage: Stage, tmp_path: Path) -> Iterator[Shell]:
    """With organisations that no other test knows."""
    with organisations(stage, tmp_path) as made:
        yield made
