import pytest

from tests.web.site import make_site


@pytest.fixture
async def client(aiohttp_client, office, outside):
    return await aiohttp_client(make_site(office, outside))
