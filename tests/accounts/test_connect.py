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
from gateway.errors import BackendError, OtherAccount, SignInExpired, UsageError
from gateway.store import accounts, jobs, principals, service_keys

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

    assert await revoke(db, sealer, world, row)

    with pytest.raises(BackendError):
        await open_backend(db, sealer, world, row).calendars()


async def test_a_sign_in_that_somebody_else_here_needs_as_well_is_not_ended(db, sealer, world, alice, simulated):
    bob = db.write_now(add_person, "bob", "bob@example.com", now=1)
    keys = [
        await connect(db, sealer, world, user, simulated.authorized_user("alice@gmail.example"))
        for user in (alice, bob)
    ]

    assert not await revoke(db, sealer, world, db.read_now(accounts.get, keys[0]))

    assert await open_backend(db, sealer, world, db.read_now(accounts.get, keys[1])).calendars()


async def test_an_own_sign_in_in_place_of_a_service_accounts_leaves_no_key(db, sealer, world, alice, simulated):
    key = await connect(db, sealer, world, alice, simulated.authorized_user("alice@gmail.example"))

    def shared(conn):
        accounts.change(conn, key, secret=None, service_key=service_keys.put(conn, "gateway@project", b"sealed", 1))

    db.write_now(shared)
    await connect(db, sealer, world, alice, simulated.authorized_user("alice@gmail.example"))
    assert db.read_now(service_keys.secret, "gateway@project") is None


async def test_a_service_account_is_nobodys_sign_in_to_end(db, sealer, world, alice):
    row = accounts.AccountRow(1, alice, "google", "", {}, sealer.seal('{"type": "service_account"}'), "ok", "", 0, None)
    assert not await revoke(db, sealer, world, row)


@pytest.fixture
def renew(db, sealer, world, alice, simulated):
    def call(address="alice@gmail.example", expected=None, **settings):
        secret = simulated.authorized_user(address)
        return add_account(
            db, sealer, world, user=alice, kind="google", settings=settings, secret=secret, expected=expected, now=6
        )

    return call


async def test_signing_in_again_keeps_every_choice(db, renew, alice):
    key = await renew(access="write", colour="kept")
    [_, primary, team] = db.read_now(accounts.calendars, alice)
    db.write_now(_choose, alice, primary, team, key)
    before = db.read_now(accounts.calendars, alice)

    assert await renew(expected=key, access="write") == key

    assert db.read_now(accounts.calendars, alice) == before
    row = db.read_now(accounts.get, key)
    assert (row.displayname, row.state, row.trouble, row.failures) == ("Mine", "ok", "", 0)
    assert row.settings == {"access": "write", "colour": "kept", "primary": "alice@gmail.example"}


def _choose(conn, user, primary, team, key):
    accounts.change_calendar(conn, primary.id, busy=False, position=9, token="t")
    accounts.change_calendar(conn, team.id, merged=False)
    accounts.set_destination(conn, user, team.id)
    accounts.change(conn, key, displayname="Mine", state="signed-out", trouble="signed-out", failures=4)


async def test_what_waits_to_be_told_is_due_after_signing_in_again(db, renew, alice):
    key = await renew()
    db.write_now(jobs.add, "push", "object 1", {}, due=5_000, user=alice)

    await renew(expected=key)

    assert [job.due for job in db.read_now(jobs.waiting, "push", alice)] == [6]


async def test_another_account_than_the_expected_one_changes_nothing(db, renew, simulated, alice):
    simulated.add_person("other@gmail.example", "Other")
    key = await renew()
    before = db.read_now(accounts.get, key)

    with pytest.raises(OtherAccount) as caught:
        await renew("other@gmail.example", expected=key)

    assert (caught.value.name, caught.value.known) == ("other@gmail.example", False)
    assert db.read_now(accounts.get, key) == before
    assert len(db.read_now(accounts.of_user, alice)) == 2


async def test_another_account_that_is_connected_as_well_is_called_so(db, renew, simulated):
    simulated.add_person("other@gmail.example", "Other")
    key = await renew()
    await renew("other@gmail.example")

    with pytest.raises(OtherAccount) as caught:
        await renew("other@gmail.example", expected=key)
    assert caught.value.known


async def test_somebodys_own_calendar_that_is_shared_with_an_account_is_not_that_account(db, renew, simulated):
    """A trap: Google's id of a shared primary calendar is the other person's address."""
    simulated.add_person("other@gmail.example", "Other")
    simulated.share("other@gmail.example", "alice@gmail.example", "reader")
    key = await renew()

    assert await renew("other@gmail.example") != key
    assert await renew() == key


async def test_an_account_for_reading_only_has_no_writable_calendar_until_writing_is_allowed(db, renew, alice):
    key = await renew(access="read")
    [_, *mine] = db.read_now(accounts.calendars, alice)
    assert [(row.writable, row.destination, row.busy) for row in mine] == [(False, False, True), (False, False, True)]

    await renew(expected=key, access="write")
    assert [row.writable for row in db.read_now(accounts.calendars, alice)[1:]] == [True, True]

    await renew(expected=key, access="read")
    assert [row.writable for row in db.read_now(accounts.calendars, alice)[1:]] == [False, False]


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
        ("outlook", '{"RefreshToken": {"k": {"secret": "r"}}}', {"RefreshToken": {"k": {"secret": "r"}}}),
        ("outlook", '{"refresh_token": "r"}', {"refresh_token": "r"}),
        ("outlook", "0.AXbare", {"refresh_token": "0.AXbare"}),
    ],
)  # fmt: skip
def test_token_files(kind, text, kept):
    assert json.loads(token_secret(kind, text)) == kept


@pytest.mark.parametrize("kind", ["google", "outlook"])
@pytest.mark.parametrize(
    "text", ["", "{}", "two words", '{"refresh_token": ""}', '{"refresh_token": 1}', '{"RefreshToken": {}}', "[1]"]
)
def test_what_is_no_token_file(kind, text):
    with pytest.raises(UsageError):
        token_secret(kind, text)
