import pytest

from gateway.store.database import Database
from gateway.store.migrate import migrate


@pytest.fixture
def db(tmp_path):
    url = f"sqlite:///{tmp_path}/gateway.sqlite"
    migrate(url)
    database = Database(url)
    yield database
    database.close()
