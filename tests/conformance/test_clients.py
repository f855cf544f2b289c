"""Calendar programs and libraries, each driven through what its users do."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.clients.run import CLIENTS, PEER, environment

CLIENTS_FOLDER = Path(__file__).parents[1] / "clients"


@pytest.mark.parametrize("name", ["apple", "vdirsyncer", pytest.param("tsdav", marks=pytest.mark.node)])
def test_a_client_gets_along(demo: str, name: str, tmp_path: Path) -> None:
    installed, how = CLIENTS[name]
    if not installed():
        pytest.skip(f"{name} is not installed: {how}")
    words = [sys.executable, str(CLIENTS_FOLDER / f"{name}_client.py"), "--base-url", demo]
    words += ["--user", "alice", "--password", "demo", *(PEER if name != "vdirsyncer" else ())]
    done = subprocess.run(
        words, capture_output=True, text=True, check=False, timeout=600, cwd=tmp_path, env=environment()
    )
    assert (done.returncode, [line for line in done.stdout.splitlines() if line.startswith("FAIL")]) == (0, []), (
        done.stderr
    )
