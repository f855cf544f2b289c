"""The whole way to the simulated clouds and back, over their real backends."""

from datetime import UTC, datetime

import pytest
from aiohttp import ClientSession
from cryptography.fernet import Fernet

from gateway.accounts.connect import Connections, add_account
from gateway.accounts.sealed import Sealer
from gateway.backends.base import Outside
from gateway.config import Microsoft
from gateway.demo.google import GoogleSimulator
from gateway.demo.microsoft import MicrosoftSimulator
from gateway.ical.objects import read_lenient
from gateway.store import members
from gateway.sync.context import Sync
from gateway.sync.pull import pull_account
from gateway.sync.write import delete, put
from tests.sync.objects import event

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
SERIES = event(
    "series@client.example",
    "Jour fixe",
    lines=[
        "RRULE:FREQ=WEEKLY;BYDAY=TU;COUNT=10",
        "EXDATE:20261201T090000Z",
        "LOCATION:Raum 3",
        "DESCRIPTION:Zeile 1\\nZeile 2",
        "X-NOTE:the cloud cannot hold this",
        "BEGIN:VALARM",
        "ACTION:AUDIO",
        "TRIGGER:-PT7M",
        "END:VALARM",
    ],
)


@pytest.fixture
async def google():
    simulator = GoogleSimulator(lambda: NOW)
    await simulator.start()
    simulator.add_person("alice@gmail.example", "Alice")
    yield simulator
    await simulator.stop()


@pytest.fixture
async def microsoft(tmp_path):
    simulator = MicrosoftSimulator(lambda: NOW, tmp_path / "ca.pem")
    await simulator.start()
    simulator.add_person("alice@contoso.example", "Alice")
    yield simulator
    await simulator.stop()


@pytest.fixture(params=["google", "outlook"])
async def cloud(request, db, clock, sync, alice, google, microsoft):
    """(Sync, account id) with one account there."""
    sealer = Sealer([Fernet.generate_key()])
    settings = Microsoft(
        client_id=microsoft.client_id,
        client_secret=microsoft.client_secret,
        authority=microsoft.authority,
        graph_endpoint=microsoft.graph_endpoint,
        ca_file=microsoft.ca_file,
    )
    async with ClientSession() as http:
        outside = Outside(http, google.settings(), settings)
        secrets = {
            "google": lambda: google.authorized_user("alice@gmail.example"),
            "outlook": lambda: microsoft.refresh_token("alice@contoso.example"),
        }
        account = await add_account(
            db, sealer, outside, user=alice.id, kind=request.param, settings={}, secret=secrets[request.param](), now=1
        )
        connected = Sync(
            db, sync.settings, Connections(db, sealer, outside).backend, clock, clock.sleep, random=lambda: 0.5
        )
        await pull_account(connected, account)
        yield connected, account


async def test_what_a_client_puts_comes_back_as_it_went_and_stays(db, alice, cloud, served):
    sync, account = cloud

    await put(sync, alice, "s.ics", SERIES)
    first, rev = served()["s.ics"], db.read_now(members.rev, alice.merged)

    component = read_lenient(first).components[0]
    for name in ("UID", "SUMMARY", "LOCATION", "DESCRIPTION", "X-NOTE", "DTSTART"):
        assert component.text(name) == read_lenient(SERIES).components[0].text(name)
    assert [alarm.text("TRIGGER") for alarm in component.components] == ["-PT7M"]
    for full in (False, True):
        await pull_account(sync, account, full=full)
        assert served() == {"s.ics": first}
        assert db.read_now(members.rev, alice.merged) == rev

    await put(sync, alice, "s.ics", SERIES.replace("Jour fixe", "Neuer Titel"))
    await pull_account(sync, account)
    assert "SUMMARY:Neuer Titel\r\n" in served()["s.ics"]

    await delete(sync, alice, "s.ics")
    await pull_account(sync, account, full=True)
    assert served() == {}
