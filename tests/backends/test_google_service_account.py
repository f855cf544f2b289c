"""Service accounts that act for people: keys, scopes, and what Google's refusals mean."""

import json
import re
from pathlib import Path

import pytest
from aiohttp import ClientSession
from google.auth.exceptions import RefreshError

import gateway.backends.google as package
from gateway.backends.base import Account, Outside
from gateway.backends.google import GoogleBackend, directory
from gateway.backends.google.service_account import DIRECTORY, READING, WRITING, quota_user, read_key, refusal
from gateway.config import Google, Microsoft
from gateway.demo.google import schema
from gateway.errors import BackendUnavailable, RefusedByProvider, SignInExpired, UsageError
from tests.fakes.google import ALICE, BOB, meeting, running_google

ROBOT = "gateway@project.example"


@pytest.fixture
async def google():
    async with running_google() as simulator:
        simulator.state.people[ALICE].admin = True
        yield simulator


@pytest.fixture
def key(google):
    return google.service_account(ROBOT, "example.com", (*WRITING, *DIRECTORY))


@pytest.fixture
async def opened(google, key):
    """A backend for somebody's mailbox, and the secrets it asked to keep."""
    saved: list[str] = []

    async def save(secret: str) -> None:
        saved.append(secret)

    async with ClientSession() as http:

        def backend(subject: str = BOB, secret: str = key, **settings: str) -> GoogleBackend:
            told = {"subject": subject, "email": subject, **settings}
            return GoogleBackend(Account(told, secret, save), Outside(http, google.settings(), Microsoft()))

        yield backend, saved


async def test_it_sees_what_the_person_sees(google, opened):
    backend, saved = opened
    google.add_event(BOB, meeting("Bob's own"))

    assert [calendar.id for calendar in await backend().calendars()] == [BOB]
    pages = [page async for page in backend().changes(BOB, None)]

    assert sum(len(page.objects) for page in pages) == 1
    assert saved == []  # there is nothing to keep: the key is not renewed by its use


async def test_a_token_that_is_past_is_replaced(google, opened):
    backend = opened[0]()
    await backend.calendars()
    google.expire_access_tokens()

    assert len(await backend.calendars()) == 1


async def test_assertions_go_where_the_settings_say(google, key, opened):
    assert json.loads(key)["token_uri"] != google.settings().token_uri

    assert len(await opened[0]().calendars()) == 1


async def test_one_key_is_good_for_everybody(opened):
    backend, _ = opened

    assert [(await backend(person).calendars())[0].id for person in (ALICE, BOB)] == [ALICE, BOB]


async def test_what_is_connected_for_reading_asks_for_no_more(google, opened):
    google.delegate(ROBOT, "example.com", READING)

    assert len(await opened[0](access="read").calendars()) == 1
    with pytest.raises(SignInExpired, match="Domain-wide"):
        await opened[0](access="write").calendars()


async def test_a_key_that_is_none(opened):
    with pytest.raises(SignInExpired):
        await opened[0](secret="{}").calendars()


CALL = re.compile(r"\b\w+\.(acl|calendarList|calendars|channels|colors|events|freebusy|settings|users)\(\)\.(\w+?)_?\(")
BY_NAME = {method.name: method for method in schema.methods()}


def calls() -> frozenset[str]:
    """Every method of the API that our backend calls, as the discovery document names it."""
    text = "\n".join(file.read_text(encoding="utf-8") for file in Path(package.__file__).parent.glob("*.py"))
    assert "getattr(api.events(), method)" in text  # of which a search sees nothing
    named = {f"{'directory' if one == 'users' else 'calendar'}.{one}.{method}" for one, method in CALL.findall(text)}
    return frozenset({*named, "calendar.events.list", "calendar.events.instances"})


def reads(name: str) -> bool:
    return BY_NAME[name].verb == "GET" or name in {"calendar.freebusy.query", "calendar.events.watch"}


def test_the_scopes_are_enough_for_every_call_that_we_make():
    assert {"calendar.calendarList.list", "calendar.freebusy.query", "directory.users.list"} <= calls()

    for name in calls():
        scopes = DIRECTORY if name.startswith("directory") else WRITING
        assert BY_NAME[name].scopes & set(scopes), name
        assert name.startswith("directory") or not reads(name) or BY_NAME[name].scopes & set(READING), name


@pytest.mark.parametrize("scopes", [WRITING, DIRECTORY], ids=["writing", "directory"])
def test_no_scope_is_asked_for_without_a_call_that_needs_it(scopes):
    needed = [BY_NAME[name].scopes & set(scopes) for name in calls()]

    assert {next(iter(alone)) for alone in needed if len(alone) == 1} == set(scopes)


def test_a_quota_user_is_short_and_tells_nobodys_name():
    told = quota_user("somebody.with.a.very.long.name.indeed@a-long-domain.example")

    assert len(told) <= 40
    assert told != quota_user("somebody.else@a-long-domain.example")
    assert "somebody" not in told


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"type": "authorized_user"}, "'authorized_user'"),
        ({"type": None}, "no type"),
        ({"client_email": ""}, "lacks client_email"),
        ({"private_key": 5}, "lacks private_key"),
        ({"private_key": "nothing"}, "private_key of this key file is none"),
        ({"token_uri": "https://evil.example/token"}, "evil.example"),
        ({"universe_domain": "sovereign.example"}, "sovereign.example"),
    ],
    ids=lambda value: ", ".join(value) if isinstance(value, dict) else "",
)
async def test_what_is_no_key_file(google, key, change, words):
    with pytest.raises(UsageError, match=words):
        read_key(json.dumps({**json.loads(key), **change}), google.settings())


@pytest.mark.parametrize("text", ["", "[]", '"x"', "not JSON"])
def test_what_is_no_file_of_a_key(text):
    with pytest.raises(UsageError):
        read_key(text, Google())


@pytest.mark.parametrize(
    ("error", "description", "kind", "words"),
    [
        ("unauthorized_client", "Client is unauthorized …", SignInExpired, "authorise 123"),
        ("access_denied", "Requested client not authorized.", SignInExpired, "authorise 123"),
        ("invalid_grant", "Invalid JWT Signature.", SignInExpired, "it was deleted"),
        ("invalid_grant", "Invalid grant: account not found", SignInExpired, "no service account"),
        ("invalid_grant", "Invalid email or User ID", SignInExpired, "there is no bob@"),
        ("invalid_grant", "Invalid JWT: Token must be a short-lived token", SignInExpired, "set its clock"),
        ("invalid_scope", "Empty or missing scope not allowed.", SignInExpired, "invalid_scope"),
        ("", "", BackendUnavailable, "failed"),
    ],
)
def test_refusals_in_words_that_an_admin_understands(error, description, kind, words):
    answer = {"error": error, "error_description": description} if error else {}
    said = refusal(RefreshError("told", answer), {"client_email": ROBOT, "client_id": "123"}, "bob@example.com")

    assert type(said) is kind
    assert words in str(said)


async def test_an_outage_is_not_the_keys_fault(google, opened):
    google.fail_next(503, times=20, path="/token")

    with pytest.raises(BackendUnavailable):
        await opened[0]().calendars()


async def people(google, key, admin=ALICE, domain="example.com"):
    return [one async for one in directory.colleagues(google.settings(), key, admin, domain)]


async def test_the_directory_without_those_who_are_away(google, key):
    google.add_person("carla@example.com", "Carla", aliases=["Conte@Example.com"])
    for number in range(3):
        google.add_person(f"away{number}@example.com", "Away")
    google.state.people["away0@example.com"].suspended = True
    google.state.people["away1@example.com"].archived = True
    google.limit_pages(2)

    found = await people(google, key)

    assert [one.mailbox for one in found] == [ALICE, "away2@example.com", BOB, "carla@example.com"]
    assert found[3].addresses == ("carla@example.com", "conte@example.com")
    assert found[3].name == "Carla"


@pytest.mark.parametrize(
    ("admin", "domain", "words"),
    [(BOB, "example.com", "has to be an admin"), (ALICE, "elsewhere.example", "no organisation with the domain")],
)
async def test_directories_that_are_not_shown(google, key, admin, domain, words):
    with pytest.raises(RefusedByProvider, match=words):
        await people(google, key, admin, domain)
