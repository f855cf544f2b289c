"""What several parts' tests share."""

import shutil
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from aiohttp import ClientSession
from hypothesis import settings

from gateway.backends.base import Outside
from gateway.config import Google, Microsoft
from gateway.store.database import Database
from gateway.store.migrate import migrate
from tests.booking.office import Office, open_office
from tests.fakes.postgres import MISSING, Cluster, programs, runner, running_postgres
from tests.fakes.radicale import RadicaleServer, running_radicale

settings.register_profile("untimed", deadline=None)  # laws are about results, not about how busy the machine is
settings.load_profile("untimed")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as nohup hands it on; what we start would ignore Ctrl-C as well
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--no-skips", action="store_true", help="fail where a test is skipped, as CI has to run all")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Under xdist the results are all in the process that started the others."""
    report = session.config.pluginmanager.get_plugin("terminalreporter")
    if report is None or hasattr(session.config, "workerinput") or not session.config.getoption("--no-skips"):
        return
    skipped = report.stats.get("skipped", [])
    if skipped and session.exitstatus == pytest.ExitCode.OK:
        report.write_line(f"\n{len(skipped)} skipped although --no-skips was given")
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(scope="session")
def radicale(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RadicaleServer]:
    """One real Radicale for the whole run; each test takes a person of its own."""
    with running_radicale(Path(tmp_path_factory.mktemp("radicale"))) as server:
        yield server


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """One real PostgreSQL for the whole run; each test takes a database of its own."""
    folder, whoever = programs(), runner()
    if folder is None or whoever is None:
        pytest.skip(MISSING)
    with running_postgres(folder, whoever) as cluster:
        yield cluster


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database up to date, with nobody in it; copying it takes less time than making one."""
    path = Path(tmp_path_factory.mktemp("empty")) / "gateway.sqlite"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def db(empty: Path, tmp_path: Path) -> Iterator[Database]:
    shutil.copy(empty, tmp_path / "gateway.sqlite")
    database = Database(f"sqlite:///{tmp_path}/gateway.sqlite")
    yield database
    database.close()


@pytest.fixture
def office(empty: Path, tmp_path: Path) -> Iterator[Office]:
    """A host, her event types, and a server's parts around them."""
    found = open_office(empty, tmp_path)
    yield found
    found.db.close()


@pytest.fixture
async def outside() -> AsyncIterator[Outside]:
    """The world as backends reach it in tests: servers on this machine are allowed."""
    async with ClientSession() as http:
        yield Outside(http, Google(), Microsoft(), private_networks=("127.0.0.0/8", "::1"))
