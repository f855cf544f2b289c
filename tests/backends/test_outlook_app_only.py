"""Mailboxes that our application opens by itself."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from gateway.backends.base import Account, Outside, Unanswered
from gateway.backends.outlook import OutlookBackend, directory
from gateway.backends.outlook.sign_in import authority_for, default_scope, read_app_result
from gateway.errors import BackendUnavailable, RefusedByProvider, RemoteGone, SignInExpired
from gateway.model import CalendarObject
from tests.fakes.microsoft import ALICE, World, objects, pull, running_microsoft
from tests.fakes.objects import event

BOB = "bob@example.com"
Opened = Callable[..., OutlookBackend]


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with running_microsoft(tmp_path) as running:
        running.microsoft.add_person(BOB, "Bob", upn="bbrandt@example.com")
        yield running


@pytest.fixture
def opened(world: World) -> Opened:
    async def save(_secret: str) -> None:
        raise AssertionError("there is nothing to keep")

    def backend(mailbox: str = ALICE, outside: Outside | None = None, **settings: str) -> OutlookBackend:
        told = {"sign_in": "app-only", "tenant": "example.com", "mailbox": mailbox, "email": mailbox, **settings}
        return OutlookBackend(Account(told, "", save), outside or world.outside, world.clock)

    return backend


async def test_it_reads_and_goes_on_reading(world: World, opened: Opened):
    world.event("Planning")
    first = await pull(opened(), world.calendar)
    world.event("Review")

    assert len(objects(first)) == 1
    assert len(objects(await pull(opened(), world.calendar, first[-1].token))) == 1
    assert {seen.path.split("/")[2] for seen in world.microsoft.requests} == {"users"}


async def test_it_writes_changes_and_deletes(world: World, opened: Opened):
    backend = opened()
    made = await backend.put(world.calendar, CalendarObject("new", event("one@client.example", "Once")), None)
    again = replace(made, text=made.text.replace("SUMMARY:Once", "SUMMARY:Twice"))

    await backend.put(world.calendar, again, made.etag)
    assert [one.body["subject"] for one in world.microsoft.boxes.events.values()] == ["Twice"]
    await backend.delete(world.calendar, made.href, None)

    assert world.microsoft.boxes.events == {}


async def test_it_asks_for_the_busy_time_of_colleagues(world: World, opened: Opened):
    world.event("Planning")
    begin = world.clock().replace(hour=0)

    told = await opened(BOB).busy([ALICE, "nobody@example.com"], begin, begin + timedelta(days=30))

    assert len(told[ALICE]) == 1
    assert isinstance(told["nobody@example.com"], Unanswered)


async def test_a_mailbox_by_its_id_or_its_principal_name(opened: Opened):
    for name in ("user-bob@example.com", "bbrandt@example.com", BOB):
        assert [one.displayname for one in await opened(name).calendars()] == ["Calendar"]


async def test_its_calendars_are_the_owners_own(world: World, opened: Opened):
    world.microsoft.add_calendar(ALICE, "Shared", owner=BOB, editable=False)

    assert [(one.displayname, one.busy) for one in await opened().calendars()] == [
        ("Calendar", True),
        ("Shared", False),
    ]


async def test_one_token_for_all_mailboxes_of_a_tenant(world: World, opened: Opened):
    first, second = opened(), opened(BOB)
    await first.calendars()
    await second.calendars()

    assert len(world.microsoft.tokens.access) == 1


async def test_a_token_that_is_past_is_replaced_although_msal_keeps_it(world: World, opened: Opened):
    backend = opened()
    await backend.calendars()
    world.microsoft.expire_access_tokens()

    assert len(await backend.calendars()) == 1


async def test_no_secret_of_theirs_is_kept_when_ours_is_changed(world: World, opened: Opened):
    backend = opened()
    await backend.calendars()
    world.microsoft.client_secret = "rotated"
    settings = world.settings.model_copy(update={"client_secret": SecretStr("rotated")})
    outside = replace(world.outside, microsoft=settings)

    assert len(await opened(outside=outside).calendars()) == 1


@pytest.mark.parametrize(
    ("mailbox", "kind"),
    [("nobody@example.com", RemoteGone), ("nobox@example.com", RemoteGone), (BOB, RefusedByProvider)],
)
async def test_mailboxes_that_it_cannot_open(world: World, opened: Opened, mailbox: str, kind: type[Exception]):
    world.microsoft.add_person("nobox@example.com", "No Box", mailbox=False)
    world.microsoft.app_mailboxes = frozenset({ALICE})

    with pytest.raises(kind):
        await opened(mailbox).calendars()


async def test_a_tenant_that_is_none(opened: Opened):
    with pytest.raises(SignInExpired, match=r"no organisation nowhere\.example"):
        await opened(tenant="nowhere.example").calendars()


async def test_an_outage_of_the_sign_in_is_for_later(world: World, opened: Opened):
    backend = opened()
    await world.microsoft.stop()

    with pytest.raises(BackendUnavailable):
        await backend.calendars()


@pytest.mark.parametrize(
    ("authority", "tenant", "made"),
    [
        ("https://login.example/common", "example.com", "https://login.example/example.com"),
        ("https://login.example/organizations", "example.com", "https://login.example/example.com"),
        ("https://login.example/consumers", "example.com", "https://login.example/example.com"),
        ("https://login.example/0000-1111", "example.com", "https://login.example/0000-1111"),
    ],
)
def test_the_authority_of_one_tenant(authority: str, tenant: str, made: str):
    assert authority_for(authority, tenant) == made


@pytest.mark.parametrize(
    ("graph", "scope"),
    [
        ("https://graph.microsoft.com/v1.0", "https://graph.microsoft.com/.default"),
        ("https://graph.microsoft.us/v1.0", "https://graph.microsoft.us/.default"),
        ("https://localhost:5350/v1.0", "https://localhost:5350/.default"),
    ],
)
def test_all_that_an_admin_consented_to(graph: str, scope: str):
    assert default_scope(graph) == scope


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        ({"error": "invalid_client", "error_description": "AADSTS7000222: past"}, BackendUnavailable, "has it expired"),
        ({"error": "unauthorized_client", "error_description": "AADSTS700016: none"}, SignInExpired, "an admin of"),
        ({"error": "temporarily_unavailable"}, BackendUnavailable, "temporarily_unavailable"),
    ],
    ids=["expired secret", "no consent", "for later"],
)  # fmt: skip
def test_what_microsofts_answers_mean(answer: dict[str, str], kind: type[Exception], words: str):
    with pytest.raises(kind, match=words):
        read_app_result(answer, "example.com")


async def test_the_directory_without_guests_and_those_who_may_not_sign_in(world: World):
    world.microsoft.add_person("guest@example.com", "Guest", kind="Guest")
    world.microsoft.add_person("away@example.com", "Away", enabled=False)
    world.microsoft.add_person("carla@example.com", "Carla", aliases=["Conte@example.com"])

    found = [one async for one in directory.colleagues(world.outside, "example.com")]

    assert [one.addresses for one in found] == [
        (ALICE,),
        (BOB, "bbrandt@example.com"),
        ("carla@example.com", "conte@example.com"),
    ]
    assert [one.mailbox for one in found] == [f"user-{one.addresses[0]}" for one in found]


@pytest.mark.parametrize(
    ("row", "addresses"),
    [
        ({"id": "1", "mail": None, "userPrincipalName": "x@example.com"}, None),
        ({"id": "1", "mail": "x@other.example", "userPrincipalName": "x@example.com"}, None),
        ({"id": "1", "mail": "X@Example.com", "userPrincipalName": None}, ("x@example.com",)),
        ({"id": "1", "mail": "x@example.com", "proxyAddresses": ["SIP:x@example.com", "smtp:Y@example.com"]},
         ("x@example.com", "y@example.com")),
    ],
    ids=["no mailbox", "of another domain", "no principal name", "proxies"],
)  # fmt: skip
def test_a_row_of_the_directory(row: dict[str, object], addresses: tuple[str, ...] | None):
    found = directory.read_user(row, "example.com")

    assert (found and found.addresses) == addresses


@pytest.mark.parametrize(
    ("purpose", "said"),
    [("user", ""), ("linked", ""), ("room", "room"), ("equipment", "equipment"), ("shared", "shared")],
)
async def test_what_a_mailbox_is_for(world: World, purpose: str, said: str):
    world.microsoft.boxes.people[BOB].purpose = purpose

    assert await directory.purpose(world.outside, "example.com", BOB) == said
