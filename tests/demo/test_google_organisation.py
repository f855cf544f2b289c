"""Service accounts and the directory of the simulated Google, as strict as the real one."""

import base64
import json
import time
from asyncio import to_thread
from collections.abc import Callable
from typing import Any

import pytest
import requests
from google.auth import crypt, jwt

from gateway.demo.google import GoogleSimulator
from tests.fakes.google import ALICE, BOB, running_google

ROBOT = "gateway@project.example"
CALENDAR = "https://www.googleapis.com/auth/calendar"
DIRECTORY = "https://www.googleapis.com/auth/admin.directory.user.readonly"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
Claims = dict[str, Any]


@pytest.fixture
async def google():
    async with running_google() as simulator:
        simulator.state.people[ALICE].admin = True
        yield simulator


@pytest.fixture
def key(google: GoogleSimulator) -> dict[str, str]:
    held: dict[str, str] = json.loads(google.service_account(ROBOT, "example.com", [CALENDAR, DIRECTORY]))
    return held


def claims(**other: Any) -> Claims:
    now = int(time.time())
    usual = {"iss": ROBOT, "sub": BOB, "scope": CALENDAR, "aud": "https://oauth2.googleapis.com/token"}
    return {
        name: value for name, value in ({**usual, "iat": now, "exp": now + 3600} | other).items() if value is not None
    }


def signed(key: dict[str, str], payload: Claims) -> str:
    signer = crypt.RSASigner.from_string(key["private_key"], key["private_key_id"])
    return jwt.encode(signer, payload).decode()


async def answer(google: GoogleSimulator, assertion: str) -> tuple[int, dict[str, Any]]:
    form = {"grant_type": GRANT, "assertion": assertion}
    found = await to_thread(requests.post, f"{google.root}/token", data=form, timeout=30)
    return found.status_code, found.json()


async def test_an_assertion_is_worth_an_access_token_and_no_more(google, key):
    status, said = await answer(google, signed(key, claims()))

    assert (status, said["token_type"], said["scope"]) == (200, "Bearer", CALENDAR)
    assert "refresh_token" not in said
    assert google.state.access[said["access_token"]].person == BOB


async def test_the_simulators_own_address_is_an_audience_too(google, key):
    assert (await answer(google, signed(key, claims(aud=f"{google.root}/token"))))[0] == 200


HOUR = 3600


@pytest.mark.parametrize(
    ("other", "error", "words"),
    [
        ({"iss": "stranger@project.example"}, "invalid_grant", "account not found"),
        ({"aud": "https://elsewhere.example/token"}, "invalid_grant", "audience"),
        ({"exp": int(time.time()) + 2 * HOUR}, "invalid_grant", "short-lived"),
        ({"iat": int(time.time()) - 2 * HOUR, "exp": int(time.time()) - HOUR}, "invalid_grant", "short-lived"),
        ({"iat": int(time.time()) + HOUR, "exp": int(time.time()) + 2 * HOUR}, "invalid_grant", "short-lived"),
        ({"exp": None}, "invalid_grant", "short-lived"),
        ({"scope": ""}, "invalid_scope", "scope"),
        ({"scope": "https://www.googleapis.com/auth/drive"}, "unauthorized_client", "not authorized"),
        ({"scope": f"{CALENDAR} https://www.googleapis.com/auth/drive"}, "unauthorized_client", "not authorized"),
        ({"sub": "nobody@example.com"}, "invalid_grant", "User ID"),
    ],
    ids=lambda value: ", ".join(value) if isinstance(value, dict) else "",
)
async def test_assertions_that_are_refused(google, key, other, error, words):
    status, said = await answer(google, signed(key, claims(**other)))

    assert (status in {400, 401}, said["error"]) == (True, error)
    assert words in said["error_description"]


def _unsigned(key: dict[str, str]) -> str:
    head = base64.urlsafe_b64encode(json.dumps({"alg": "none", "kid": key["private_key_id"]}).encode()).decode()
    body = base64.urlsafe_b64encode(json.dumps(claims()).encode()).decode()
    return f"{head.rstrip('=')}.{body.rstrip('=')}."


def _changed(key: dict[str, str]) -> str:
    head, _, signature = signed(key, claims()).split(".")
    body = base64.urlsafe_b64encode(json.dumps(claims(sub=ALICE)).encode()).decode().rstrip("=")
    return f"{head}.{body}.{signature}"


@pytest.mark.parametrize(
    "made", [_unsigned, _changed, lambda _key: "x.y", lambda _key: ""], ids=["unsigned", "changed", "torn", "none"]
)
async def test_what_the_key_has_not_signed(google, key, made: Callable[[dict[str, str]], str]):
    status, said = await answer(google, made(key))

    assert (status, said["error"]) == (400, "invalid_grant")


async def test_a_withdrawn_key_signs_nothing(google, key):
    google.withdraw_keys(ROBOT)

    assert (await answer(google, signed(key, claims())))[1]["error_description"] == "Invalid JWT Signature."


async def test_somebody_of_another_organisation_is_not_acted_for(google, key):
    google.add_person("carol@elsewhere.example", "Carol")

    assert (await answer(google, signed(key, claims(sub="carol@elsewhere.example"))))[1][
        "error"
    ] == "unauthorized_client"


@pytest.fixture
async def listed(google, key):
    """A question to the directory in somebody's name: status, and JSON."""

    async def ask(person: str = ALICE, scope: str = DIRECTORY, **query: Any) -> tuple[int, dict[str, Any]]:
        _, said = await answer(google, signed(key, claims(sub=person, scope=scope)))
        headers = {"Authorization": f"Bearer {said['access_token']}"}
        url = f"{google.root}/admin/directory/v1/users"
        found = await to_thread(requests.get, url, params=query, headers=headers, timeout=30)
        return found.status_code, found.json()

    return ask


async def test_the_directory_page_by_page(google, listed):
    for number in range(5):
        google.add_person(f"p{number}@example.com", f"Person {number}", aliases=[f"alias{number}@example.com"])
    google.add_person("x@elsewhere.example", "Elsewhere")
    found, token, pages = [], "", 0
    while token is not None:
        query = {"pageToken": token} if token else {}
        _, page = await listed(domain="example.com", maxResults=3, **query)
        found += page["users"]
        token, pages = page.get("nextPageToken"), pages + 1

    assert [one["primaryEmail"] for one in found] == [ALICE, BOB, *(f"p{number}@example.com" for number in range(5))]
    assert pages == 3
    assert found[2]["aliases"] == ["alias0@example.com"]
    assert (await listed(customer="my_customer"))[1]["users"] == found


async def test_those_who_are_away_are_in_the_directory_and_say_so(google, listed):
    google.state.people[BOB].suspended = True

    _, page = await listed(domain="example.com")

    assert [(one["primaryEmail"], one["suspended"]) for one in page["users"]] == [(ALICE, False), (BOB, True)]


@pytest.mark.parametrize(
    ("asked", "status", "reason"),
    [
        ({}, 400, "badRequest"),
        ({"domain": "example.com", "customer": "my_customer"}, 400, "badRequest"),
        ({"customer": "C0123"}, 400, "badRequest"),
        ({"domain": "elsewhere.example"}, 404, "notFound"),
        ({"domain": "example.com", "maxResults": 501}, 400, "invalid"),
        ({"domain": "example.com", "pageToken": "made-up"}, 400, "invalid"),
        ({"domain": "example.com", "orderBy": "age"}, 400, "invalid"),
        ({"domain": "example.com", "strange": "x"}, 400, "invalid"),
        ({"domain": "example.com", "person": BOB}, 403, "forbidden"),
        ({"domain": "example.com", "scope": CALENDAR}, 403, "insufficientPermissions"),
    ],
    ids=str,
)
async def test_questions_that_the_directory_does_not_answer(listed, asked, status, reason):
    found, said = await listed(**asked)

    assert (found, said["error"]["errors"][0]["reason"]) == (status, reason)


async def test_a_quota_user_has_forty_characters_at_most(listed):
    assert (await listed(domain="example.com", quotaUser="x" * 40))[0] == 200
    assert (await listed(domain="example.com", quotaUser="x" * 41))[0] == 400
