"""The simulated Google, and two people who signed in there."""

import pytest
from aiohttp import ClientSession

from tests.fakes.google import BOB, running_google
from tests.fakes.google_account import SignedIn


@pytest.fixture
async def google():
    async with running_google() as simulator:
        yield simulator


@pytest.fixture
async def alice(google):
    async with ClientSession() as http:
        yield SignedIn(google, http)


@pytest.fixture
async def bob(google):
    async with ClientSession() as http:
        yield SignedIn(google, http, BOB)
