"""litmus (Debian), through a front that makes its folders calendars and its files events."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.run import environment
from tests.conformance.explained import EXPLAINED
from tests.fakes.radicale import free_port

HERE = Path(__file__).parent
GROUPS = ("basic", "copymove", "props", "http", "locks")
ROW = re.compile(r"^ ?(\d+)\. (\w+?)\.{2,} (pass|FAIL|SKIPPED)", re.MULTILINE)
LEFT_OUT = {"locks 3 precond"}
"""litmus asks for no locks where the DAV header does not offer them."""


def outcomes(folder: Path, front: str, group: str) -> dict[str, str]:
    """ "group number name" -> pass, FAIL or SKIPPED."""
    words = ["litmus", "-k", f"{front}/dav/calendars/alice/", "alice", "demo"]
    done = subprocess.run(
        words, capture_output=True, check=False, timeout=300, cwd=folder, env=environment() | {"TESTS": group}
    )
    said = done.stdout.decode("utf-8", "replace").replace("\r", "\n")
    lines = re.sub(r"WARNING:[^\n]*\n\s*\.+", "..", said)
    return {f"{group} {number} {name}": outcome for number, name, outcome in ROW.findall(lines)}


@pytest.mark.skipif(shutil.which("litmus") is None, reason="not installed: apt-get install litmus")
def test_everything_that_calendars_can_do_passes(demo: str, tmp_path: Path) -> None:
    port = free_port()
    words = [sys.executable, str(HERE / "litmus_front.py"), str(port), demo]
    with subprocess.Popen(words, stdout=subprocess.PIPE, env=environment()) as front:
        assert front.stdout is not None
        assert front.stdout.readline() == b"listening\n"
        try:
            found = {
                key: value
                for one in GROUPS
                for key, value in outcomes(tmp_path, f"http://127.0.0.1:{port}", one).items()
            }
        finally:
            front.terminate()
    assert len(found) >= 60
    assert {key for key, outcome in found.items() if outcome != "pass"} == set(EXPLAINED["litmus"]) | LEFT_OUT
