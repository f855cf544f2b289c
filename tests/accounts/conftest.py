import shutil

import pytest

from gateway.store.database import Database
from gateway.store.migrate import migrate


@pytest.fixture(scope="session")
def empty(tmp_path_factory):
    """A new database; making one takes longer than copying it."""
    path = tmp_path_factory.mktemp("empty") / "gateway.sqlite"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def db(empty, tmp_path):
    shutil.copy(empty, tmp_path / "gateway.sqlite")
    database = Database(f"sqlite:///{tmp_path}/gateway.sqlite")
    yield database
    database.close()
