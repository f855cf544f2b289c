"""What msal does and does not do by itself, and that we count on it rightly."""

import asyncio
import json

import msal
import pytest

from gateway.backends.outlook import OutlookBackend, application, scopes_for
from gateway.config import Microsoft
from gateway.errors import BackendUnavailable
from tests.fakes.microsoft import ALICE, World, running_microsoft


@pytest.fixture
async def world(tmp_path):
    async with running_microsoft(tmp_path) as running:
        yield running


async def test_an_authority_over_plain_http_is_told_in_words(world: World):
    plain = world.settings.model_copy(update={"authority": world.settings.authority.replace("https:", "http:")})
    outside = type(world.outside)(world.http, world.outside.google, plain)

    with pytest.raises(BackendUnavailable, match="https"):
        await OutlookBackend(world.account(), outside, world.clock).calendars()


async def test_an_authority_of_ones_own_is_asked_and_nobody_else(world: World):
    app = await asyncio.to_thread(application, world.settings)

    assert app.authority.token_endpoint.startswith(world.microsoft.origin)
    assert app.authority.authorization_endpoint.startswith(world.microsoft.pages)


def test_scopes_that_msal_adds_by_itself_are_not_asked_for_twice():
    for writes in (True, False):
        assert not {"openid", "profile", "offline_access"} & set(scopes_for(Microsoft().graph_endpoint, writes=writes))


async def test_reading_asks_for_nothing_that_writes():
    assert not [scope for scope in scopes_for(Microsoft().graph_endpoint, writes=False) if "Write" in scope]


async def test_an_error_is_an_answer_and_no_exception(world: World):
    app = await asyncio.to_thread(application, world.settings)

    said = await asyncio.to_thread(app.acquire_token_by_refresh_token, "made-up", ["User.Read"])

    assert said["error"] == "invalid_grant"


async def test_a_silent_failure_hides_its_reason_so_we_ask_for_it(world: World):
    backend = world.backend()
    await backend.calendars()
    cache = msal.SerializableTokenCache()
    cache.deserialize(world.saved[-1])
    app = await asyncio.to_thread(application, world.settings, cache)
    world.microsoft.revoke(ALICE)
    [account] = app.get_accounts()

    def ask(way: str) -> object:
        return getattr(app, way)(["User.Read"], account=account, force_refresh=True)

    assert await asyncio.to_thread(ask, "acquire_token_silent") is None
    assert (await asyncio.to_thread(ask, "acquire_token_silent_with_error"))["error"] == "invalid_grant"


async def test_a_code_for_devices_needs_the_application_without_its_secret(world: World):
    confidential = await asyncio.to_thread(application, world.settings)
    public = await asyncio.to_thread(lambda: application(world.settings, public=True))

    assert not hasattr(confidential, "initiate_device_flow")
    assert "user_code" in await asyncio.to_thread(public.initiate_device_flow, ["User.Read"])


async def test_the_cache_that_is_kept_holds_what_the_next_process_needs(world: World):
    await world.backend().calendars()

    assert {"AccessToken", "RefreshToken", "Account", "IdToken", "AppMetadata"} <= set(json.loads(world.saved[-1]))
