"""Sign-ins of the Outlook backend: the real msal against the simulated Microsoft."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import nullcontext
from html import unescape
from pathlib import Path
from re import findall
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp import ClientSession

from gateway.backends.outlook import OutlookBackend, application, scopes_for
from gateway.backends.outlook.sign_in import read_secret
from gateway.config import Microsoft
from gateway.errors import BackendUnavailable, RefusedByProvider, SignInExpired
from tests.fakes.microsoft import ALICE, World, objects, pull, running_microsoft

CALLBACK = "http://localhost/oauth/microsoft/callback"


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with running_microsoft(tmp_path) as running:
        yield running


async def test_a_bare_refresh_token_is_taken_into_a_cache_and_saved(world):
    await world.backend().calendars()

    assert len(world.saved) == 1
    assert {"AccessToken", "RefreshToken", "Account"} <= json.loads(world.saved[0]).keys()


async def test_a_refresh_token_in_json_is_taken_too(world):
    secret = json.dumps({"refresh_token": world.microsoft.refresh_token(ALICE)})

    assert len(await world.backend(secret).calendars()) == 1
    assert "AccessToken" in json.loads(world.saved[-1])


async def test_a_saved_cache_signs_in_without_asking_again(world):
    await world.backend().calendars()
    cache = world.saved[-1]

    assert len(await world.backend(cache).calendars()) == 1
    assert world.saved == [cache]


async def test_a_rotated_refresh_token_is_saved_before_the_new_token_is_used(world):
    seen: list[int] = []

    async def save(text: str) -> None:
        seen.append(len(world.microsoft.requests))
        world.saved.append(text)

    await OutlookBackend(world.account(save=save), world.outside, world.clock).calendars()

    assert seen == [0]
    assert len(world.microsoft.requests) > 0


async def test_a_sign_in_that_cannot_be_saved_is_not_used_and_saved_later(world):
    full = [True]

    async def save(text: str) -> None:
        if full[0]:
            raise OSError("disk full")
        world.saved.append(text)

    backend = OutlookBackend(world.account(save=save), world.outside, world.clock)
    with pytest.raises(OSError, match="disk full"):
        await backend.calendars()
    assert list(world.microsoft.requests) == []
    full[0] = False

    assert len(await backend.calendars()) == 1
    assert "RefreshToken" in json.loads(world.saved[-1])


async def test_an_expired_access_token_is_renewed_once_and_the_request_repeated(world):
    world.event("Planning")
    backend = world.backend()
    await backend.calendars()
    world.microsoft.expire_access_tokens()

    assert len(objects(await pull(backend, world.calendar))) == 1
    assert [seen.status for seen in world.microsoft.requests].count(401) == 1
    assert len(world.saved) == 2


async def test_the_old_refresh_token_is_good_no_more_and_the_new_one_is(world):
    backend = world.backend()
    await backend.calendars()
    old = world.saved[-1]
    world.microsoft.expire_access_tokens()
    await backend.calendars()

    assert json.loads(old)["RefreshToken"] != json.loads(world.saved[-1])["RefreshToken"]
    assert len(await world.backend(world.saved[-1]).calendars()) == 1


async def test_two_backends_of_one_account_renew_its_sign_in_once(world):
    secret = world.microsoft.refresh_token(ALICE)
    backends = [world.backend(secret) for _ in range(3)]

    assert [len(found) for found in await asyncio.gather(*(one.calendars() for one in backends))] == [1, 1, 1]
    assert len(world.saved) == 1


async def test_whoever_opens_an_account_last_keeps_its_renewed_sign_in(world):
    """What opened it before, with the same secret, may be closed by now."""
    secret = world.microsoft.refresh_token(ALICE)
    kept: list[list[str]] = [[], []]
    backends = []
    for mine in kept:

        async def save(text: str, mine: list[str] = mine) -> None:
            mine.append(text)

        backends.append(OutlookBackend(world.account(secret, save), world.outside, world.clock))
        await backends[-1].calendars()
    world.microsoft.expire_access_tokens()
    await backends[0].calendars()

    assert [len(mine) for mine in kept] == [1, 1]


async def test_many_requests_with_a_token_that_is_past_renew_it_once(world):
    for number in range(10):
        world.event(f"Number {number}")
    backend = world.backend()
    token = (await pull(backend, world.calendar))[-1].token
    for href in [event.key for event in world.microsoft.boxes.events.values()]:
        world.microsoft.boxes.touched(world.microsoft.boxes.events[href])
    world.microsoft.expire_access_tokens()

    assert len(objects(await pull(backend, world.calendar, token))) == 10
    assert len(world.saved) == 2


async def test_giving_up_waiting_does_not_lose_a_renewed_sign_in(world):
    started, go_on = asyncio.Event(), asyncio.Event()

    async def save(text: str) -> None:
        started.set()
        await go_on.wait()
        world.saved.append(text)

    backend = OutlookBackend(world.account(save=save), world.outside, world.clock)
    asked = asyncio.ensure_future(backend.calendars())
    await started.wait()
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    go_on.set()

    assert len(await backend.calendars()) == 1
    assert len(world.saved) == 1


async def test_a_withdrawn_consent_means_signing_in_again(world):
    backend = world.backend()
    await backend.calendars()
    world.microsoft.revoke(ALICE)
    world.microsoft.expire_access_tokens()

    with pytest.raises(SignInExpired, match="bad_token"):
        await backend.calendars()


async def test_a_permission_that_was_never_given_means_signing_in_again(world):
    secret = world.microsoft.refresh_token(ALICE, "User.Read")

    with pytest.raises(SignInExpired, match="consent_required"):
        await world.backend(secret).calendars()


@pytest.mark.parametrize("secret", ["", "{}", "[]", '{"refresh_token": ""}'])
def test_a_secret_that_is_none_means_signing_in_again(secret):
    with pytest.raises(SignInExpired):
        read_secret(secret)


async def test_a_wrong_client_secret_is_not_the_owners_fault(world):
    settings = world.settings.model_copy(update={"client_secret": type(world.settings.client_secret)("wrong")})
    outside = world.outside
    wrong = type(outside)(outside.http, outside.google, settings)

    with pytest.raises(BackendUnavailable, match="AADSTS7000215"):
        await OutlookBackend(world.account(), wrong, world.clock).calendars()


async def test_an_authority_that_cannot_be_reached_is_unavailable(world):
    backend = world.backend()
    await world.microsoft.stop()

    with pytest.raises(BackendUnavailable) as raised:
        await backend.calendars()
    assert str(raised.value) == "Microsoft's sign-in cannot be reached: Connection refused"


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_token_endpoint_out_of_order_is_unavailable(world, status):
    world.microsoft.fail_next(status, path="/token")

    backend = world.backend()
    with pytest.raises(BackendUnavailable):
        await backend.calendars()
    assert len(await backend.calendars()) == 1, "asked again as soon as our own pace allows"


async def test_a_server_under_another_authority_is_not_trusted(world, tmp_path):
    async with running_microsoft(tmp_path / "other") as other:
        settings = world.settings.model_copy(update={"ca_file": other.microsoft.ca_file})
        outside = world.outside
        wrong = type(outside)(outside.http, outside.google, settings)

        with pytest.raises(BackendUnavailable):
            await OutlookBackend(world.account(), wrong, world.clock).calendars()


async def test_the_environment_does_not_replace_the_ca_file(world, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere/ca.pem")

    assert len(await world.backend().calendars()) == 1


def test_sovereign_clouds_are_asked_for_their_own_permissions():
    assert scopes_for("https://graph.microsoft.com/v1.0")[0] == "Calendars.ReadWrite"
    assert scopes_for("https://graph.microsoft.us/v1.0")[0] == "https://graph.microsoft.us/Calendars.ReadWrite"


def fields(page: str) -> dict[str, str]:
    found = findall(r'name="([^"]*)" value="([^"]*)"', page)
    return {unescape(name): unescape(value) for name, value in found if name != "answer"}


@pytest.mark.parametrize("mode", ["query", "form_post"])
async def test_the_consent_page_leads_to_a_sign_in(world, mode):
    app = await asyncio.to_thread(application, world.settings)
    with nullcontext() if mode == "form_post" else pytest.warns(UserWarning, match="form_post"):
        flow = app.initiate_auth_code_flow(
            scopes_for(world.settings.graph_endpoint), redirect_uri=CALLBACK, response_mode=mode, login_hint=ALICE
        )
    tls = ssl.create_default_context(cafile=str(world.microsoft.ca_file))
    async with ClientSession() as browser:
        async with browser.get(flow["auth_uri"], ssl=tls) as answer:
            page = await answer.text()
        assert "Alice Adler<small>alice@example.com</small>" in page
        assert "<small>Calendars.ReadWrite</small>" in page
        place = flow["auth_uri"].split("?")[0]
        form = {**fields(page), "account": ALICE, "answer": "allow"}
        async with browser.post(place, data=form, ssl=tls, allow_redirects=False) as answer:
            if mode == "query":
                asked = parse_qs(urlsplit(answer.headers["Location"]).query)
                given = {name: values[0] for name, values in asked.items()}
            else:
                given = fields(await answer.text())

    result = await asyncio.to_thread(app.acquire_token_by_auth_code_flow, flow, given)

    assert result["id_token_claims"]["preferred_username"] == ALICE
    assert len(await world.backend(result["refresh_token"]).calendars()) == 1


async def test_the_same_code_is_good_once(world):
    app = await asyncio.to_thread(application, world.settings)
    flow = app.initiate_auth_code_flow(["User.Read"], redirect_uri=CALLBACK, response_mode="form_post")
    tls = ssl.create_default_context(cafile=str(world.microsoft.ca_file))
    async with ClientSession() as browser:
        async with browser.get(flow["auth_uri"], ssl=tls) as answer:
            form = {**fields(await answer.text()), "account": ALICE, "answer": "allow"}
        async with browser.post(flow["auth_uri"].split("?")[0], data=form, ssl=tls) as answer:
            given = fields(await answer.text())

    first = await asyncio.to_thread(app.acquire_token_by_auth_code_flow, flow, given)
    second = await asyncio.to_thread(app.acquire_token_by_auth_code_flow, flow, given)

    assert "access_token" in first
    assert second["error"] == "invalid_grant"


async def test_a_refusal_on_the_consent_page_is_told(world):
    app = await asyncio.to_thread(application, world.settings)
    flow = app.initiate_auth_code_flow(["User.Read"], redirect_uri=CALLBACK, response_mode="form_post")
    tls = ssl.create_default_context(cafile=str(world.microsoft.ca_file))
    async with ClientSession() as browser:
        async with browser.get(flow["auth_uri"], ssl=tls) as answer:
            form = {**fields(await answer.text()), "account": ALICE, "answer": "deny"}
        async with browser.post(flow["auth_uri"].split("?")[0], data=form, ssl=tls) as answer:
            given = fields(await answer.text())

    result = await asyncio.to_thread(app.acquire_token_by_auth_code_flow, flow, given)

    assert result["error"] == "access_denied"


async def test_a_redirect_address_nobody_registered_is_never_gone_to(world):
    app = await asyncio.to_thread(application, world.settings)
    flow = app.initiate_auth_code_flow(["User.Read"], redirect_uri="https://evil.example/", response_mode="form_post")
    tls = ssl.create_default_context(cafile=str(world.microsoft.ca_file))
    async with ClientSession() as browser, browser.get(flow["auth_uri"], ssl=tls) as answer:
        page = await answer.text()

    assert (answer.status, "AADSTS50011" in page) == (400, True)


async def test_an_unknown_tenant_is_told_in_words(world):
    settings = Microsoft(**{**world.settings.model_dump(), "authority": world.settings.authority + "x"})
    outside = world.outside
    wrong = type(outside)(outside.http, outside.google, settings)

    with pytest.raises(BackendUnavailable, match="authority"):
        await OutlookBackend(world.account(), wrong, world.clock).calendars()


async def test_a_link_over_plain_http_gets_no_token(world):
    token = json.dumps(
        {"link": "http://localhost/v1.0/x", "begun": "2026-11-21T00:00:00+00:00", "read": "2026-11-21T00:00:00+00:00"}
    )

    with pytest.raises(RefusedByProvider):
        await pull(world.backend(), world.calendar, token)


async def test_an_answer_that_is_none_of_a_sign_in_spoils_no_later_one(world):
    """Such as the JSON of a proxy, or of the service's own front door when it is overloaded."""
    backend = world.backend()
    await backend.calendars()
    world.microsoft.expire_access_tokens()
    world.microsoft.fail_next(429, path="/token")
    with pytest.raises(BackendUnavailable, match="never answers"):
        await backend.calendars()

    assert len(await backend.calendars()) == 1
