"""Applications of their own, device codes and the directory of the simulated Microsoft, as strict as the real one."""

import ssl
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientSession

from gateway.demo.microsoft.tokens import Grant
from tests.fakes.microsoft import ALICE, World, running_microsoft

CAROL = "carol@elsewhere.example"
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"


class Client:
    def __init__(self, world: World) -> None:
        self.of = world.microsoft
        self._http = world.http
        self._tls = ssl.create_default_context(cafile=str(world.microsoft.ca_file))

    async def post(self, path: str, **form: str) -> tuple[int, dict[str, Any]]:
        async with self._http.post(f"{self.of.origin}/{path}", data=form, ssl=self._tls) as answer:
            return answer.status, await answer.json(content_type=None)

    async def token(self, tenant: str = "example.com", **other: str) -> tuple[int, dict[str, Any]]:
        form = {
            "grant_type": "client_credentials", "client_id": self.of.client_id, "client_secret": self.of.client_secret,
            "scope": f"{self.of.origin}/.default", **other,
        }  # fmt: skip
        return await self.post(f"{tenant}/oauth2/v2.0/token", **form)

    async def get(self, path: str, token: str, **query: str) -> tuple[int, dict[str, Any]]:
        url = path if path.startswith("https://") else f"{self.of.graph_endpoint}/{path}"
        headers = {"Authorization": f"Bearer {token}"}
        async with self._http.get(url, params=query, headers=headers, ssl=self._tls) as answer:
            return answer.status, await answer.json()

    async def app_token(self, tenant: str = "example.com") -> str:
        return str((await self.token(tenant))[1]["access_token"])

    async def device(self) -> dict[str, Any]:
        form = {"client_id": self.of.client_id, "scope": "Calendars.ReadWrite User.Read"}
        return (await self.post("common/oauth2/v2.0/devicecode", **form))[1]

    async def ask(self, code: str, **other: str) -> tuple[int, dict[str, Any]]:
        form = {"grant_type": DEVICE, "client_id": self.of.client_id, "device_code": code, **other}
        return await self.post("common/oauth2/v2.0/token", **form)

    async def enter(self, code: str, answer: str = "allow") -> int:
        form = {"user_code": code, "account": ALICE, "answer": answer}
        url = f"{self.of.origin}/common/oauth2/deviceauth"
        async with self._http.post(url, data=form, ssl=self._tls) as page:
            return page.status


@pytest.fixture
async def world(tmp_path) -> AsyncIterator[World]:
    async with running_microsoft(tmp_path) as running:
        running.microsoft.add_person(CAROL, "Carol Conte")
        yield running


@pytest.fixture
def client(world: World) -> Client:
    return Client(world)


async def test_an_application_has_a_token_of_its_own_and_nothing_to_renew_it_by(client):
    status, said = await client.token()

    assert (status, sorted(said)) == (200, ["access_token", "expires_in", "ext_expires_in", "token_type"])


@pytest.mark.parametrize(
    ("tenant", "other", "error", "number"),
    [
        ("common", {}, "invalid_request", "AADSTS50059"),
        ("example.com", {"scope": "Calendars.ReadWrite"}, "invalid_scope", "AADSTS1002012"),
        ("example.com", {"scope": "https://elsewhere.example/.default"}, "invalid_resource", "AADSTS500011"),
        ("example.com", {"client_secret": "wrong"}, "invalid_client", "AADSTS7000215"),
        ("example.com", {"client_id": "stranger"}, "unauthorized_client", "AADSTS700016"),
    ],
)
async def test_tokens_that_an_application_does_not_get(client, tenant, other, error, number):
    status, said = await client.token(tenant, **other)

    assert (status >= 400, said["error"], said["error_description"].partition(":")[0]) == (True, error, number)


async def test_an_application_is_nobody_and_says_whose_mailbox_it_means(client):
    token = await client.app_token()

    assert (await client.get("me/calendars", token))[0] == 400
    status, page = await client.get(f"users/{ALICE}/calendars", token)
    assert (status, len(page["value"])) == (200, 1)


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("users/nobody@example.com/calendars", 404, "ErrorInvalidUser"),
        (f"users/{CAROL}/calendars", 404, "ErrorInvalidUser"),
        ("users/nobox@example.com/calendars", 404, "MailboxNotEnabledForRESTAPI"),
        ("users/closed@example.com/calendars", 403, "ErrorAccessDenied"),
    ],
)
async def test_mailboxes_that_an_application_does_not_open(world, client, path, status, code):
    world.microsoft.add_person("nobox@example.com", "No Box", mailbox=False)
    world.microsoft.add_person("closed@example.com", "Closed")
    world.microsoft.app_mailboxes = frozenset({ALICE})

    found, said = await client.get(path, await client.app_token())

    assert (found, said["error"]["code"]) == (status, code)


async def test_a_person_opens_no_mailbox_of_others(world, client):
    grant = world.microsoft.tokens.answer
    token = grant(_grant(world), world.microsoft.boxes.people[ALICE], "issuer")["access_token"]
    world.microsoft.add_person("bob@example.com", "Bob")

    assert (await client.get(f"users/{ALICE}/calendars", token))[0] == 200
    assert (await client.get("users/bob@example.com/calendars", token))[0] == 403


def _grant(world: World) -> Grant:
    return Grant(ALICE, "Calendars.ReadWrite", world.microsoft.client_id)


async def test_permissions_that_no_admin_gave(world, client):
    world.microsoft.app_permissions = frozenset({"Calendars.ReadWrite"})
    token = await client.app_token()

    assert (await client.get(f"users/{ALICE}/calendars", token))[0] == 200
    assert (await client.get(f"users/{ALICE}/mailboxSettings", token))[0] == 403
    assert (await client.get("users", token))[0] == 403


async def test_links_lead_on_in_the_same_mailbox(world, client):
    for number in range(15):
        world.event(f"Number {number}")
    token = await client.app_token()

    _, page = await client.get(f"users/{ALICE}/events", token)
    status, rest = await client.get(page["@odata.nextLink"], token)

    assert f"/users/{ALICE}/" in page["@odata.nextLink"]
    assert (status, len(page["value"]) + len(rest["value"])) == (200, 15)


async def test_the_directory_page_by_page(world, client):
    for number in range(5):
        world.microsoft.add_person(f"p{number}@example.com", f"Person {number}")
    world.microsoft.add_person("guest@example.com", "Guest", kind="Guest")
    world.microsoft.add_person("away@example.com", "Away", enabled=False)
    token = await client.app_token()
    asked = {"$filter": "accountEnabled eq true and userType eq 'Member'", "$select": "id,mail", "$top": "2"}

    status, page = await client.get("users", token, **asked)
    found = page["value"]
    while link := page.get("@odata.nextLink"):
        _, page = await client.get(link, token)
        found += page["value"]

    assert status == 200
    assert [one["mail"] for one in found] == [ALICE, *(f"p{number}@example.com" for number in range(5))]
    assert set(found[0]) == {"id", "mail"}


@pytest.mark.parametrize(
    "query",
    [
        {"$filter": "endsWith(mail,'@example.com')"},
        {"$select": "id,shoeSize"},
        {"$top": "1000"},
        {"$top": "0"},
        {"$skip": "2"},
        {"$skiptoken": "made-up"},
    ],
    ids=str,
)
async def test_questions_that_the_directory_does_not_answer(client, query):
    assert (await client.get("users", await client.app_token(), **query))[0] == 400


async def test_a_device_code_from_its_beginning_to_the_token(client):
    given = await client.device()
    assert {"user_code", "device_code", "verification_uri", "expires_in", "interval", "message"} <= set(given)
    assert (await client.ask(given["device_code"]))[1]["error"] == "authorization_pending"
    client.of.devices.hasty = 1
    assert (await client.ask(given["device_code"]))[1]["error"] == "slow_down"
    assert await client.enter(given["user_code"].lower()) == 200

    status, said = await client.ask(given["device_code"])

    assert (status, "refresh_token" in said) == (200, True)
    assert (await client.ask(given["device_code"]))[1]["error"] == "bad_verification_code"
    assert await client.enter(given["user_code"]) == 400


async def test_a_device_code_that_is_denied_or_too_late(client):
    denied, late = await client.device(), await client.device()
    await client.enter(denied["user_code"], "deny")
    client.of.devices.expire()
    assert (await client.ask(late["device_code"]))[1]["error"] == "expired_token"
    assert await client.enter(late["user_code"]) == 400

    fresh = await client.device()
    await client.enter(fresh["user_code"], "deny")
    assert (await client.ask(fresh["device_code"]))[1]["error"] == "authorization_declined"


async def test_what_came_by_a_device_code_is_renewed_without_a_secret(client):
    given = await client.device()
    await client.enter(given["user_code"])
    token = (await client.ask(given["device_code"]))[1]["refresh_token"]
    form = {"grant_type": "refresh_token", "client_id": client.of.client_id, "refresh_token": token}

    wrong = await client.post("common/oauth2/v2.0/token", **form, client_secret=client.of.client_secret)
    right = await client.post("common/oauth2/v2.0/token", **form)

    assert "AADSTS700025" in wrong[1]["error_description"]
    assert right[0] == 200


async def test_no_public_flow_where_the_registration_forbids_it(client):
    given = await client.device()
    await client.enter(given["user_code"])
    client.of.public_flows = False

    assert "AADSTS7000218" in (await client.ask(given["device_code"]))[1]["error_description"]


async def test_the_page_asks_for_the_code_and_shows_what_is_asked_for(client, world):
    given = await client.device()
    tls = ssl.create_default_context(cafile=str(world.microsoft.ca_file))
    async with ClientSession() as browser:
        async with browser.get(given["verification_uri"], ssl=tls) as page:
            assert 'name="user_code"' in await page.text()
        async with browser.get(given["verification_uri"], params={"user_code": given["user_code"]}, ssl=tls) as page:
            text = await page.text()
        assert "Have full access to your calendars" in text
        async with browser.get(given["verification_uri"], params={"user_code": "WRONG"}, ssl=tls) as page:
            assert page.status == 400
