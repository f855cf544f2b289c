"""The API against its own document: schemathesis makes requests of every shape, and looks at every answer."""

import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.accounts.api_keys import SCOPES, new_api_key
from gateway.store import api_keys
from tests.conformance.fetch import SCHEMATHESIS
from tests.story.stage import running_stage

NOW = datetime(2026, 10, 27, 9, tzinfo=UTC)
CONFIG = Path(__file__).with_name("schemathesis.toml")
SEED, EXAMPLES = 27, 12


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    with running_stage(tmp_path_factory.mktemp("demo"), NOW, limits={"api_per_minute": 1_000_000}) as running:
        yield running


@pytest.fixture
def key(stage):
    plain, digest = new_api_key()
    alice = stage.person("alice")
    stage.run(stage.parts.db.write(api_keys.add, alice.id, "schemathesis", digest, frozenset(SCOPES), 0))
    return plain


def test_no_answer_is_a_fault_or_undocumented(stage, key, tmp_path):
    program = SCHEMATHESIS / "bin" / "schemathesis"
    if not program.exists():
        pytest.skip("schemathesis is not there: python tests/conformance/fetch.py")
    command = [program, "--config-file", CONFIG, "run", f"{stage.base}/api/v1/openapi.json"]
    command += ["--header", f"Authorization: Bearer {key}", "--phases", "examples,coverage,fuzzing,stateful"]
    command += ["--seed", str(SEED), "--max-examples", str(EXAMPLES), "--generation-database", "none"]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    options = {"cwd": tmp_path, "env": environment, "capture_output": True, "text": True}
    done = subprocess.run([*command, "--warnings", "off", "--no-color"], check=False, **options)
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2_000:]
