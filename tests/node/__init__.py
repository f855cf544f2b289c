"""JavaScript readers of what we write; skipped where they are not installed."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
INSTALL = "npm ci --prefix tests/node"

needs_node = [
    pytest.mark.node,
    pytest.mark.skipif(shutil.which("node") is None, reason="node is missing: apt-get install nodejs npm"),
    pytest.mark.skipif(not (HERE / "node_modules" / "ical.js").is_dir(), reason=f"ical.js is missing: {INSTALL}"),
]


def read_with_ical_js(text: str) -> dict[str, Any]:
    """Method, zones and events of an iCalendar text, as ical.js sees them."""
    done = subprocess.run(
        ["node", HERE / "read_ics.mjs"], input=text.encode(), capture_output=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)
