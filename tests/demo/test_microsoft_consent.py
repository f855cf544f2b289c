"""The consent pages of the simulated Microsoft, in the steps a browser takes."""

import hashlib
from base64 import urlsafe_b64encode
from datetime import UTC, datetime

import pytest
from aiohttp import ClientSession

from gateway.demo.microsoft import MicrosoftSimulator

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
BACK = "http://127.0.0.1:5232/oauth/outlook/callback"
ALICE, BOB = "alice@contoso.example", "bob@contoso.example"
VERIFIER = "v" * 43
ASKED = {
    "client_id": "demo-client",
    "redirect_uri": BACK,
    "response_type": "code",
    "scope": "Calendars.Read User.Read openid profile offline_access",
    "state": "s1",
    "code_challenge": urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("="),
    "code_challenge_method": "S256",
}


@pytest.fixture
async def microsoft(tmp_path):
    simulator = MicrosoftSimulator(lambda: NOW, tmp_path / "ca.pem", redirect_uris=[BACK])
    await simulator.start()
    simulator.add_person(ALICE, "Alice")
    simulator.add_person(BOB, "Bob")
    yield simulator
    await simulator.stop()


@pytest.fixture
async def ask(microsoft):
    """Status, text, and where the browser is sent. form: the answer on the page; without one, the page."""

    async def call(form=None, **changes):
        place = f"{microsoft.pages}/common/oauth2/v2.0/authorize"
        given = {**ASKED, **changes}
        async with ClientSession() as http:
            sent = (
                http.get(place, params=given, allow_redirects=False)
                if form is None
                else http.post(place, data=given | form, allow_redirects=False)
            )
            async with sent as answer:
                return answer.status, await answer.text(), answer.headers.get("Location", "")

    return call


async def test_the_page_needs_no_certificate_and_names_people_and_permissions(ask):
    status, page, _ = await ask()
    assert status == 200
    for part in (ALICE, BOB, "Calendars.Read", ">Allow</button>", ">Deny</button>"):
        assert part in page


@pytest.mark.parametrize(
    "changes",
    [
        {"code_challenge": ""},
        {"code_challenge_method": "plain"},
        {"redirect_uri": "https://elsewhere.example"},
        {"client_id": "another"},
        {"response_type": "token"},
        {"prompt": "consent select_account"},  # one value only, unlike Google
    ],
)
async def test_a_wrong_request_is_not_sent_back(ask, changes):
    assert (await ask(**changes))[0] == 400
    assert (await ask({"account": ALICE, "answer": "allow"}, **changes))[0] == 400


async def test_whoever_is_named_and_has_consented_is_not_asked_again_unless_told_to(ask):
    assert (await ask(login_hint=ALICE))[0] == 200
    status, _, place = await ask({"account": ALICE, "answer": "allow"})
    assert (status, "code=" in place, "state=s1" in place) == (303, True, True)

    assert "code=" in (await ask(login_hint=ALICE))[2]
    assert "code=" in (await ask(login_hint=ALICE, prompt="none"))[2]
    assert (await ask(login_hint=ALICE, prompt="consent"))[0] == 200
    status, page, _ = await ask(login_hint=ALICE, prompt="select_account")
    assert (status, BOB in page) == (200, True)
    assert (await ask(login_hint=ALICE, scope="Calendars.ReadWrite openid"))[0] == 200  # more than before
    assert "error=interaction_required" in (await ask(login_hint=BOB, prompt="none"))[2]


async def test_a_denial_goes_back_as_an_error(ask):
    assert "error=access_denied" in (await ask({"answer": "deny"}))[2]


async def test_access_is_taken_back_on_a_page_of_its_own(microsoft, ask):
    microsoft.refresh_token(ALICE)
    place = f"{microsoft.pages}/connections"
    async with ClientSession() as http:
        async with http.get(place) as answer:
            assert ALICE in await answer.text()
        async with http.post(place, data={"person": ALICE}) as answer:
            assert ALICE not in await answer.text()
    assert (await ask(login_hint=ALICE))[0] == 200
