"""caldav-server-tester (PyPI), run as the command it is: every feature is fully supported, or explained."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.run import environment
from tests.conformance.explained import EXPLAINED

COMMAND = shutil.which("caldav-server-tester", path=str(Path(sys.executable).parent))
ROW = re.compile(r"^## (\S+)\nFeature support level found: (\S+)$", re.MULTILINE)
LEAST = 100
"""Features that are full; the best of four other servers has 97."""
NO_LEVEL = {"get-current-user-principal.has-calendar"}


@pytest.mark.skipif(COMMAND is None, reason="not installed: pip install caldav-server-tester")
def test_every_feature_is_full_or_explained(demo: str, tmp_path: Path) -> None:
    """Carol invites: her new events stay here."""
    people = {
        name: {"caldav_url": f"{demo}/", "caldav_username": name, "caldav_password": "demo"}
        for name in ("carol", "bob", "alice")
    }
    config = tmp_path / "people.json"
    config.write_text(json.dumps({"default": people["carol"], **people}))
    words = [str(COMMAND), "--verbose", "--format", "text", "--config-section", "carol", "--config-section", "bob"]
    env = environment() | {"CALDAV_CONFIG_FILE": str(config)}
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=900, env=env)
    found = dict(ROW.findall(done.stdout))
    full = {name for name, level in found.items() if level == "full"}
    assert {
        name: level
        for name, level in found.items()
        if name not in full | NO_LEVEL | set(EXPLAINED["caldav-server-tester"])
    } == {}
    assert {name for name in EXPLAINED["caldav-server-tester"] if name in full or name not in found} == set()
    assert len(full) >= LEAST
