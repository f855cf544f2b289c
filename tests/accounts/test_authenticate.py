import asyncio

import pytest

from gateway.accounts.authenticate import RECHECK, REMEMBER, Authenticator
from gateway.accounts.passwords import hash_password, new_app_password
from gateway.accounts.people import add_person, add_team
from gateway.config import Settings
from gateway.errors import NotSignedIn, TooManyAttempts
from gateway.store import principals

HERE = "192.0.2.1"
HASHED = hash_password("demo")


class Clock:
    def __init__(self):
        self.now = 1_000_000.0
        self.slept = []

    def __call__(self):
        return self.now

    async def sleep(self, seconds):
        self.slept.append(seconds)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def alice(db):
    return db.write_now(add_person, "alice", "alice@example.com", password=HASHED, now=1)


@pytest.fixture
def sign_in(db, clock, alice):
    return Authenticator(db, Settings(), clock, sleep=clock.sleep)


async def test_the_right_password_opens(sign_in, alice):
    assert (await sign_in.basic("alice", "demo", HERE)).id == alice
    assert (await sign_in.basic("alice", "demo", HERE)).id == alice


@pytest.mark.parametrize(
    ("name", "password"),
    [("alice", "Demo"), ("alice", ""), ("Alice", "demo"), ("nobody", "demo"), ("", ""), ("a\0b", "x"),
     ("sales", "demo"), ("alice", "\ud800"), ("alice", "x" * 100_000)],
)  # fmt: skip
async def test_wrong_ones_do_not(db, sign_in, name, password):
    db.write_now(add_team, "sales", "sales@example.com", now=1)

    with pytest.raises(NotSignedIn):
        await sign_in.basic(name, password, HERE)


async def test_app_passwords_open_and_show_their_last_use(db, clock, sign_in, alice):
    plain, kept = new_app_password()
    db.write_now(principals.add_app_password, alice, "phone", kept, 5)

    assert (await sign_in.basic("alice", plain, HERE)).id == alice

    [phone] = db.read_now(principals.app_passwords, alice)
    assert (phone.label, phone.last_used) == ("phone", int(clock.now))


async def test_an_app_password_opens_its_owners_account_only(db, sign_in, alice):
    bob = db.write_now(add_person, "bob", "bob@example.com", now=1)
    plain, kept = new_app_password()
    db.write_now(principals.add_app_password, bob, "phone", kept, 5)

    with pytest.raises(NotSignedIn):
        await sign_in.basic("alice", plain, HERE)


async def test_a_revoked_app_password_is_noticed(db, clock, sign_in, alice):
    plain, kept = new_app_password()
    db.write_now(principals.add_app_password, alice, "phone", kept, 5)
    await sign_in.basic("alice", plain, HERE)
    [phone] = db.read_now(principals.app_passwords, alice)
    db.write_now(principals.revoke_app_password, alice, phone.id)

    clock.now += RECHECK
    with pytest.raises(NotSignedIn):
        await sign_in.basic("alice", plain, HERE)


async def test_a_changed_password_is_noticed_at_once_where_it_was_changed(db, sign_in, alice):
    await sign_in.basic("alice", "demo", HERE)
    db.write_now(principals.change, alice, {"password": hash_password("new")})
    sign_in.forget(alice)

    with pytest.raises(NotSignedIn):
        await sign_in.basic("alice", "demo", HERE)
    assert (await sign_in.basic("alice", "new", HERE)).id == alice


async def test_what_changed_about_the_person_is_noticed(db, clock, sign_in, alice):
    await sign_in.basic("alice", "demo", HERE)
    db.write_now(principals.change, alice, {"zone": "Europe/Berlin"})

    clock.now += RECHECK
    assert (await sign_in.basic("alice", "demo", HERE)).zone == "Europe/Berlin"


async def test_after_a_few_wrong_ones_the_right_one_must_wait_here_but_not_elsewhere(clock, sign_in, alice):
    for _ in range(5):
        with pytest.raises(NotSignedIn):
            await sign_in.basic("alice", "guess", HERE)

    with pytest.raises(TooManyAttempts) as refused:
        await sign_in.basic("alice", "demo", HERE)
    assert refused.value.retry_after == 1
    assert (await sign_in.basic("alice", "demo", "198.51.100.4")).id == alice

    clock.now += 1
    assert (await sign_in.basic("alice", "demo", HERE)).id == alice


async def test_whoever_was_right_before_stays_signed_in_while_somebody_guesses(clock, sign_in, alice):
    await sign_in.basic("alice", "demo", HERE)
    for _ in range(5):
        with pytest.raises(NotSignedIn):
            await sign_in.basic("alice", "guess", HERE)

    assert (await sign_in.basic("alice", "demo", HERE)).id == alice
    clock.now += REMEMBER
    assert (await sign_in.basic("alice", "demo", HERE)).id == alice


async def test_guesses_at_the_same_time_are_counted_too(sign_in, alice):
    results = await asyncio.gather(
        *(sign_in.basic("alice", f"guess {number}", HERE) for number in range(20)), return_exceptions=True
    )

    assert sum(isinstance(one, NotSignedIn) for one in results) <= 7
    assert sum(isinstance(one, TooManyAttempts) for one in results) >= 13


async def test_an_unknown_name_is_throttled_like_a_known_one(sign_in):
    for _ in range(5):
        with pytest.raises(NotSignedIn):
            await sign_in.basic("nobody", "guess", HERE)

    with pytest.raises(TooManyAttempts):
        await sign_in.basic("nobody", "guess", HERE)


async def test_passwords_checked_elsewhere(db, clock, alice):
    async def outsider(name, password):
        return {"Alice@corp": "alice", "ghost": "ghost"}.get(name) if password == "corp" else None

    sign_in = Authenticator(db, Settings(), clock, outsider=outsider, sleep=clock.sleep)

    assert (await sign_in.basic("Alice@corp", "corp", HERE)).id == alice
    assert (await sign_in.basic("Alice@corp", "corp", HERE)).id == alice
    clock.now += RECHECK
    assert (await sign_in.basic("Alice@corp", "corp", HERE)).id == alice
    for name, password in [("alice", "demo"), ("ghost", "corp"), ("Alice@corp", "wrong")]:
        with pytest.raises(NotSignedIn):
            await sign_in.basic(name, password, HERE)
