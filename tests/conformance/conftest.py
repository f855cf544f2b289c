"""The demo, as others' test suites meet it: another process, at a URL."""

import subprocess
import time
from collections.abc import Iterator

import pytest
import requests

from tests.cli.run import COMMAND, PATIENCE, environment
from tests.fakes.radicale import free_port


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Its base URL: alice, bob and carol, password demo."""
    folder, port = tmp_path_factory.mktemp("demo"), free_port()
    base = f"http://127.0.0.1:{port}"
    words = [*COMMAND, "demo", "--port", str(port), "--data", str(folder / "kept")]
    with (
        (folder / "said.txt").open("w") as said,
        subprocess.Popen(
            words, stdin=subprocess.DEVNULL, stdout=said, stderr=said, cwd=folder, env=environment()
        ) as process,
    ):
        try:
            wait_for(process, f"{base}/healthz")
            yield base
        finally:
            process.terminate()
            process.wait(PATIENCE)


def wait_for(process: "subprocess.Popen[bytes]", url: str) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        assert process.poll() is None, "the demo ended"
        try:
            requests.get(url, timeout=PATIENCE).raise_for_status()
        except requests.RequestException:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the demo does not come up")
