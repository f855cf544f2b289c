"""The functional tests of python-caldav and the storage tests of vdirsyncer, from their own sources."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.run import environment
from tests.conformance.explained import EXPLAINED
from tests.conformance.fetch import suite

PEOPLE = ("alice", "bob", "carol")
OUTCOME = re.compile(r"^(PASSED|FAILED|ERROR) \S+::(\w+)", re.MULTILINE)
MIXIN = """
import os

import pytest


class ServerMixin:
    @pytest.fixture
    def get_storage_args(self, slow_create_collection, aio_connector):
        async def inner(collection="test"):
            args = {"url": os.environ["SERVER"], "username": "alice", "password": "demo", "connector": aio_connector}
            return args if collection is None else await slow_create_collection(self.storage_class, args, collection)

        return inner
"""


def present(package: str) -> Path:
    """A test without its suite is skipped, and says how to get it."""
    folder = suite(package)
    if not (folder / "tests").is_dir():
        pytest.skip(f"the sources of {package} are not there: python tests/conformance/fetch.py")
    return folder


def outcomes(folder: Path, *words: str, **variables: str) -> dict[str, set[str]]:
    """PASSED, FAILED, ERROR -> names of tests. As they configure pytest, not as we do."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-rA",
        "-W",
        "ignore",
        "-o",
        "addopts=",
        "--no-header",
        "--tb=short",
    ]
    command += [
        "-p",
        "no:randomly",
        "-p",
        "no:xdist",
        "-p",
        "no:cacheprovider",
        "-o",
        "asyncio_default_fixture_loop_scope=function",
    ]
    kept = {name: value for name, value in environment().items() if name not in {"PYTHONPATH", "PYTEST_ADDOPTS"}}
    env = {**kept, "PYTHONDONTWRITEBYTECODE": "1", **variables}
    done = subprocess.run(
        [*command, *words], capture_output=True, text=True, check=False, timeout=1_200, cwd=folder, env=env
    )
    found: dict[str, set[str]] = {"PASSED": set(), "FAILED": set(), "ERROR": set()}
    for outcome, name in OUTCOME.findall(done.stdout):
        found[outcome].add(name)
    assert found["PASSED"], done.stdout[-5_000:] + done.stderr[-5_000:]
    return found


def test_python_caldav(demo: str, tmp_path: Path) -> None:
    """Nothing excused by a profile of this server: features are what the library takes for granted."""
    folder = present("caldav")
    one = {"url": f"{demo}/", "username": "alice", "password": "demo"}
    users = [one | {"username": name} for name in PEOPLE]
    server = {"type": "external", "enabled": True, "features": {}, "scheduling_users": users, **one}
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "caldav_test_servers.json").write_text(json.dumps({"test-servers": {"gateway": server}}))
    found = outcomes(
        tmp_path,
        *(str(folder / "tests" / "test_caldav.py"), "-k", "ForServer"),
        PYTHON_CALDAV_TEST_EMBEDDED="0",
        PYTHON_CALDAV_TEST_DOCKER="0",
    )
    assert found["FAILED"] | found["ERROR"] == set(EXPLAINED["python-caldav"])
    assert len(found["PASSED"]) >= 60


def test_vdirsyncer_storage(demo: str) -> None:
    folder = present("vdirsyncer")
    mixin = folder / "tests" / "storage" / "servers" / "here" / "__init__.py"
    mixin.parent.mkdir(exist_ok=True)
    mixin.write_text(MIXIN)
    found = outcomes(folder, "tests/storage/dav/test_caldav.py", SERVER=f"{demo}/", DAV_SERVER="here")
    assert (found["FAILED"], found["ERROR"]) == (set(), set())
