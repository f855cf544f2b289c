"""Sign-in at Microsoft by device code, question by question."""

import ssl
from asyncio import to_thread
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import ClientSession

from gateway.accounts.oauth.device import DeviceSignIn, refusal
from gateway.config import Microsoft, Settings
from gateway.errors import BackendUnavailable, ConfigError, InvalidRequest
from tests.fakes.microsoft import ALICE, World, running_microsoft


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with running_microsoft(tmp_path) as running:
        yield running


def begun(world: World) -> DeviceSignIn:
    return DeviceSignIn(Settings(microsoft=world.settings), "write")


async def enter(world: World, code: str) -> None:
    tls = ssl.create_default_context(cafile=str(world.microsoft.ca_file))
    form = {"user_code": code, "account": ALICE, "answer": "allow"}
    async with (
        ClientSession() as http,
        http.post(f"{world.microsoft.origin}/common/oauth2/deviceauth", data=form, ssl=tls) as page,
    ):
        assert page.status == 200


async def test_somebody_enters_the_code(world):
    device = begun(world)
    await to_thread(device.begin)
    await enter(world, device.code)

    granted = await to_thread(device.look)

    assert granted.email == ALICE
    assert "RefreshToken" in granted.secret
    assert device.url.startswith(world.microsoft.pages)


async def test_nobody_has_answered_yet(world):
    device = begun(world)
    await to_thread(device.begin)

    assert await to_thread(device.look) is None
    assert device.interval == 5


async def test_whoever_asks_too_often_waits_longer(world):
    device = begun(world)
    await to_thread(device.begin)
    world.microsoft.devices.hasty = 1

    assert await to_thread(device.look) is None
    assert device.interval == 10


async def test_the_code_is_too_old(world):
    device = begun(world)
    await to_thread(device.begin)
    world.microsoft.devices.expire()

    with pytest.raises(InvalidRequest, match="expired"):
        await to_thread(device.look)


async def test_microsoft_cannot_be_reached(world):
    early, late = begun(world), begun(world)
    await to_thread(late.begin)
    await world.microsoft.stop()

    for call in (early.begin, late.look):
        with pytest.raises(BackendUnavailable):
            await to_thread(call)


async def test_an_application_that_microsoft_does_not_know(world):
    settings = world.settings.model_copy(update={"client_id": "stranger"})
    device = DeviceSignIn(Settings(microsoft=settings), "write")

    with pytest.raises(ConfigError, match="AADSTS700016"):
        await to_thread(device.begin)


def test_without_an_application_nobody_can_sign_in():
    with pytest.raises(ConfigError, match="client_id"):
        DeviceSignIn(Settings(microsoft=Microsoft()), "write")


@pytest.mark.parametrize(
    ("error", "said", "kind", "words"),
    [
        ("authorization_declined", "AADSTS65004", InvalidRequest, "not allowed"),
        ("access_denied", "", InvalidRequest, "not allowed"),
        ("expired_token", "", InvalidRequest, "expired"),
        ("code_expired", "", InvalidRequest, "expired"),
        ("invalid_client", "AADSTS7000218: secret", ConfigError, "Allow public client flows"),
        ("server_error", "AADSTS90033: try later", InvalidRequest, "AADSTS90033"),
    ],
)
def test_what_ends_the_waiting(error, said, kind, words):
    found = refusal(error, said)

    assert type(found) is kind
    assert words in str(found)
