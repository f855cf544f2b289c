import pytest

from gateway.store.migrate import migrate
from tests.booking.office import open_office
from tests.web.site import make_site


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


@pytest.fixture
async def client(aiohttp_client, office, outside):
    return await aiohttp_client(make_site(office, outside))
