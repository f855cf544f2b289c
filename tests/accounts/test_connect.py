import json
from datetime import UTC, datetime

import pytest
from aiohttp import ClientSession
from cryptography.fernet import Fernet

from gateway.accounts.connect import Connections, add_account, open_backend, revoke, token_secret
from gateway.accounts.people import add_person
from gateway.accounts.sealed import Sealer
from gateway.backends.base import Outside
from gateway.config import Microsoft
from gateway.demo.google import GoogleSimulator
from gateway.errors import BackendError, SignInExpired, UsageError
from gateway.store import accounts, jobs, principals

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def sealer():
    return Sealer([Fernet.generate_key()])


@pytest.fixture
async def simulated():
    simulator = GoogleSimulator(lambda: NOW)
    await simulator.start()
    simulator.add_person("alice@gmail.example", "Alice")
    simulator.add_calendar("alice@gmail.example", "team", "Team", selected=True)
    yield simulator
    await simulator.stop()


@pytest.fixture
async def world(simulated):
    async with ClientSession() as http:
        yield Outside(http, simulated.settings(), Microsoft(), private_networks=("127.0.0.0/8",))


@pytest.fixture
def alice(db):
    return db.write_now(add_person, "alice", "alice@example.com", now=1)


async def connect(db, sealer, world, alice, secret):
    return await add_account(db, sealer, world, user=alice, kind="google", settings={}, secret=secret, now=5)


async def test_calendars_are_listed_and_a_pull_is_due(db, sealer, world, alice, simulated):
    key = await connect(db, sealer, world, alice, simulated.authorized_user("alice@gmail.example"))

    row = db.read_now(accounts.get, key)
    assert (row.kind, row.displayname, row.state) == ("google", "alice@gmail.example", "ok")
    [local, primary, team] = db.read_now(accounts.calendars, alice)
    assert (primary.remote_id, primary.destination, primary.busy) == ("alice@gmail.example", True, True)
    assert not team.destination
    assert not local.destination
    assert [job.key for job in db.read_now(jobs.waiting, "pull", alice)] == [f"account {key}"]
    assert "alice@gmail.example" in db.read_now(principals.addresses, alice)


async def test_the_secret_is_sealed(db, sealer, world, alice, simulated):
    secret = simulated.authorized_user("alice@gmail.example")
    key = await connect(db, sealer, world, alice, secret)

    row = db.read_now(accounts.get, key)
    refresh = json.loads(secret)["refresh_token"]
    assert refresh.encode() not in row.secret
    assert json.loads(sealer.open(row.secret))["refresh_token"] == refresh
    assert refresh not in repr(row)


async def test_the_same_account_again_renews_its_sign_in(db, sealer, world, alice, simulated):
    key = await connect(db, sealer, world, alice, simulated.authorized_user("alice@gmail.example"))
    simulated.revoke("alice@gmail.example")
    db.write_now(_sign_out, key)
    fresh = simulated.authorized_user("alice@gmail.example")

    assert await connect(db, sealer, world, alice, fresh) == key

    row = db.read_now(accounts.get, key)
    assert (row.state, row.error) == ("ok", "")
    backend = open_backend(db, sealer, world, row)
    assert len(await backend.calendars()) == 2


async def test_a_refused_sign_in_stores_nothing(db, sealer, world, alice, simulated):
    secret = simulated.authorized_user("alice@gmail.example")
    simulated.revoke("alice@gmail.example")

    with pytest.raises(SignInExpired):
        await connect(db, sealer, world, alice, secret)
    assert [row.kind for row in db.read_now(accounts.of_user, alice)] == ["local"]


async def test_a_renewed_token_is_stored_before_use_and_the_backend_stays(db, sealer, world, alice, simulated):
    key = await connect(db, sealer, world, alice, simulated.authorized_user("alice@gmail.example"))
    connections = Connections(db, sealer, world)
    backend = connections.backend(db.read_now(accounts.get, key))
    before = db.read_now(accounts.get, key).secret
    simulated.expire_access_tokens()

    await backend.calendars()

    row = db.read_now(accounts.get, key)
    assert row.secret != before
    assert connections.backend(row) is backend
    db.write_now(_replace_secret, key, sealer.seal(simulated.authorized_user("alice@gmail.example")))
    assert connections.backend(db.read_now(accounts.get, key)) is not backend


def _sign_out(conn, key):
    accounts.change(conn, key, state="signed-out", error="sign in again", failures=3)


def _replace_secret(conn, key, sealed):
    accounts.change(conn, key, secret=sealed)


async def test_disconnecting_ends_the_sign_in_there_too(db, sealer, world, alice, simulated):
    key = await connect(db, sealer, world, alice, simulated.authorized_user("alice@gmail.example"))
    row = db.read_now(accounts.get, key)

    await revoke(sealer, world, row)

    with pytest.raises(BackendError):
        await open_backend(db, sealer, world, row).calendars()


@pytest.mark.parametrize(
    ("kind", "settings", "secret"),
    [
        ("caldav", {}, "x"),
        ("nonsense", {}, "x"),
        ("google", {}, ""),
        ("radicale", {"folder": "/x"}, ""),
        ("feed", {}, ""),
    ],
)
async def test_what_is_missing_is_named(db, sealer, world, alice, kind, settings, secret):
    with pytest.raises(UsageError):
        await add_account(db, sealer, world, user=alice, kind=kind, settings=settings, secret=secret, now=5)


async def test_another_local_calendar(db, sealer, world, alice):
    await add_account(db, sealer, world, user=alice, kind="local", settings={}, displayname="Clubs", now=5)

    assert [row.displayname for row in db.read_now(accounts.calendars, alice)] == ["Personal", "Clubs"]


@pytest.mark.parametrize(
    ("kind", "text", "kept"),
    [
        ("google", '{"type": "x", "refresh_token": "r"}', {"type": "x", "refresh_token": "r"}),
        ("google", " 1//bare\n", {"refresh_token": "1//bare"}),
        ("google", '{"type": "service_account", "x": 1}', {"type": "service_account", "x": 1, "subject": "s"}),
        ("outlook", '{"RefreshToken": {"k": {"secret": "r"}}}', {"RefreshToken": {"k": {"secret": "r"}}}),
        ("outlook", '{"refresh_token": "r"}', {"refresh_token": "r"}),
        ("outlook", "0.AXbare", {"refresh_token": "0.AXbare"}),
    ],
)  # fmt: skip
def test_token_files(kind, text, kept):
    assert json.loads(token_secret(kind, text, subject="s")) == kept


@pytest.mark.parametrize("kind", ["google", "outlook"])
@pytest.mark.parametrize(
    "text", ["", "{}", "two words", '{"refresh_token": ""}', '{"refresh_token": 1}', '{"RefreshToken": {}}', "[1]"]
)
def test_what_is_no_token_file(kind, text):
    with pytest.raises(UsageError):
        token_secret(kind, text)
