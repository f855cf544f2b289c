"""Every conversation of the folder, held with the pure functions alone."""

from pathlib import Path

import pytest

from tests.scheduling.conversation import Conversation

FOLDER = Path(__file__).parent / "conversations"
ALL = sorted(FOLDER.rglob("*.txt"))


@pytest.mark.parametrize("path", [pytest.param(path, id=f"{path.parent.name}/{path.stem}") for path in ALL])
def test_conversation(path):
    Conversation(path).hold()


def test_each_says_what_it_shows():
    assert [path.name for path in ALL if not path.read_text(encoding="utf-8").startswith("# ")] == []
    assert len(ALL) >= 80
