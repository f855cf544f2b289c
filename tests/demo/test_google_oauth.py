"""Signing in at the simulated Google, in the steps a browser and a client take."""

import hashlib
from base64 import urlsafe_b64encode
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp import ClientSession

from gateway.demo.google import CLIENT_ID, CLIENT_SECRET
from tests.fakes.google import ALICE, Client, running_google

BACK = "http://127.0.0.1:5232/oauth/google/callback"
SCOPE = "https://www.googleapis.com/auth/calendar"
VERIFIER = "v" * 43
CHALLENGE = urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
ASKED = {
    "client_id": CLIENT_ID,
    "redirect_uri": BACK,
    "response_type": "code",
    "scope": f"{SCOPE} openid",
    "state": "s1",
    "access_type": "offline",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
}


@pytest.fixture
async def google():
    async with running_google() as simulator:
        yield simulator


@pytest.fixture
async def http():
    async with ClientSession() as session:
        yield session


async def decided(google, http, **changes):
    """The query the browser is sent back with."""
    form = {**ASKED, "person": ALICE, "granted": SCOPE, "decision": "allow", **changes}
    async with http.post(google.settings().auth_uri, data=form, allow_redirects=False) as answer:
        assert answer.status == 302
        assert answer.headers["Location"].startswith(BACK + "?")
        return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()}


async def exchanged(google, http, **form):
    fields = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, **form}
    async with http.post(google.settings().token_uri, data=fields) as answer:
        return answer.status, await answer.json()


def code_form(code, /, **changes):
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "code_verifier": VERIFIER}
    return form | changes


async def test_the_consent_page_names_accounts_and_scopes_and_asks_nobody_twice(google, http):
    async with http.get(google.settings().auth_uri, params=ASKED) as answer:
        page = await answer.text()

    assert (answer.status, answer.content_type) == (200, "text/html")
    for part in (ALICE, "Bob<small>bob@example.com</small>", SCOPE, ">Allow</button>", ">Deny</button>", CLIENT_ID):
        assert part in page
    async with http.get(google.settings().auth_uri, params={**ASKED, "login_hint": ALICE}) as answer:
        assert "bob@example.com" not in await answer.text()


async def test_the_page_shows_what_was_asked_as_text_only(google, http):
    async with http.get(google.settings().auth_uri, params={**ASKED, "state": '"><script>'}) as answer:
        assert "<script>" not in await answer.text()


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"client_id": "other"}, 401),
        ({"redirect_uri": "http://elsewhere.example/back"}, 400),
        ({"redirect_uri": "javascript:alert(1)"}, 400),
        ({"response_type": "token"}, 400),
        ({"code_challenge_method": "plain"}, 400),
    ],
)
async def test_a_wrong_request_is_not_redirected(google, http, changes, status):
    async with http.get(google.settings().auth_uri, params={**ASKED, **changes}, allow_redirects=False) as answer:
        assert answer.status == status


async def test_a_code_becomes_tokens_that_open_the_calendars(google, http):
    back = await decided(google, http)
    status, tokens = await exchanged(google, http, **code_form(back["code"]))

    assert (status, back["state"], tokens["token_type"], tokens["expires_in"]) == (200, "s1", "Bearer", 3599)
    assert tokens["scope"] == SCOPE
    client = Client(google)
    client.token = tokens["access_token"]
    assert (await client.send(lambda api: api.calendarList().get(calendarId="primary")))["id"] == ALICE


async def test_who_denies_or_unticks_everything_is_denied(google, http):
    assert await decided(google, http, decision="deny") == {"state": "s1", "error": "access_denied"}
    assert await decided(google, http, granted=()) == {"state": "s1", "error": "access_denied"}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({"code_verifier": "w" * 43}, (400, "invalid_grant"), id="wrong verifier"),
        pytest.param({"redirect_uri": BACK + "2"}, (400, "redirect_uri_mismatch"), id="another address"),
        pytest.param({"client_secret": "guess"}, (401, "invalid_client"), id="wrong secret"),
        pytest.param({"code": "4/made-up"}, (400, "invalid_grant"), id="made-up code"),
        pytest.param({"grant_type": "password"}, (400, "unsupported_grant_type"), id="another grant"),
    ],
)
async def test_what_the_token_endpoint_refuses(google, http, changes, expected):
    back = await decided(google, http)

    status, answer = await exchanged(google, http, **code_form(back["code"], **changes))

    assert (status, answer["error"]) == expected


async def test_a_code_works_once_and_ten_minutes(google, http):
    back = await decided(google, http)
    await exchanged(google, http, **code_form(back["code"]))
    assert (await exchanged(google, http, **code_form(back["code"])))[1]["error"] == "invalid_grant"

    late = await decided(google, http)
    google.clock.forward(minutes=11)
    assert (await exchanged(google, http, **code_form(late["code"])))[1]["error"] == "invalid_grant"


async def test_a_refresh_token_comes_only_offline_and_at_the_first_consent_or_when_prompted(google, http):
    async def refreshable(**changes):
        back = await decided(google, http, **changes)
        return "refresh_token" in (await exchanged(google, http, **code_form(back["code"])))[1]

    assert not await refreshable(access_type="online")
    assert await refreshable()
    assert not await refreshable()
    assert await refreshable(prompt="consent")


async def test_a_refresh_gives_a_new_access_token_and_no_new_refresh_token(google, http):
    client = Client(google)
    google.clock.forward(hours=2)
    assert await client.refusal(lambda api: api.colors().get()) == (401, "authError")

    status, tokens = await exchanged(google, http, grant_type="refresh_token", refresh_token=client.refresh_token)

    assert (status, "refresh_token" in tokens) == (200, False)
    client.token = tokens["access_token"]
    await client.send(lambda api: api.colors().get())


async def test_after_revocation_neither_token_works(google, http):
    client = Client(google)
    async with http.post(google.settings().revoke_uri, data={"token": client.refresh_token}) as answer:
        assert answer.status == 200

    _, answer = await exchanged(google, http, grant_type="refresh_token", refresh_token=client.refresh_token)
    assert answer["error"] == "invalid_grant"
    assert await client.refusal(lambda api: api.colors().get()) == (401, "authError")
    async with http.post(google.settings().revoke_uri, data={"token": client.refresh_token}) as answer:
        assert (answer.status, (await answer.json())["error"]) == (400, "invalid_token")


async def asked(google, http, **changes):
    """The page's status and text, or where the browser is sent at once."""
    async with http.get(google.settings().auth_uri, params={**ASKED, **changes}, allow_redirects=False) as answer:
        return answer.status, await answer.text(), answer.headers.get("Location", "")


async def test_whoever_is_named_and_has_consented_is_not_asked_again_unless_told_to(google, http):
    hint = {"login_hint": ALICE, "scope": SCOPE}
    assert (await asked(google, http, **hint))[0] == 200
    back = await decided(google, http)
    await exchanged(google, http, **code_form(back["code"]))

    status, _, place = await asked(google, http, **hint)
    assert (status, "code=" in place) == (302, True)
    for prompt in ("consent", "select_account", "consent select_account"):
        assert (await asked(google, http, **hint, prompt=prompt))[0] == 200
    assert (await asked(google, http, **{**hint, "scope": f"{SCOPE} openid"}))[0] == 200  # more than before
    assert (await asked(google, http, scope=SCOPE))[0] == 200  # who it is, is not known


async def test_the_account_can_be_chosen_anew_although_one_was_named(google, http):
    _, page, _ = await asked(google, http, login_hint=ALICE, prompt="select_account")
    assert "bob@example.com" in page


async def test_without_a_page_there_is_an_answer_at_once(google, http):
    status, _, place = await asked(google, http, prompt="none")
    assert (status, "error=interaction_required" in place) == (302, True)
    assert (await asked(google, http, prompt="none consent"))[0] == 400
    assert (await asked(google, http, prompt="please"))[0] == 400


async def test_access_is_taken_back_on_a_page_of_its_own(google, http):
    client = Client(google)
    place = google.settings().permissions_url
    async with http.get(place) as answer:
        assert ALICE in await answer.text()
    async with http.post(place, data={"person": ALICE}) as answer:
        assert ALICE not in await answer.text()

    assert await client.refusal(lambda api: api.colors().get()) == (401, "authError")
