import pytest

from gateway.store.migrate import migrate
from tests.booking.office import open_office


@pytest.fixture(scope="session")
def empty(tmp_path_factory):
    """A database up to date, with nobody in it."""
    path = tmp_path_factory.mktemp("empty") / "gateway.sqlite"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def office(empty, tmp_path):
    found = open_office(empty, tmp_path)
    yield found
    found.db.close()
