"""One process's requests: within the budget, people first, and none to a provider that is known to be down."""

import asyncio
import sqlite3
from contextlib import closing, contextmanager

import pytest

from gateway.accounts.pace import Paces, background, key_of
from gateway.config import Google, Limits, Microsoft, Settings
from gateway.errors import BackendUnavailable, NotYet, ProviderUnreachable, RefusedByProvider, Throttled
from gateway.store import accounts, budgets, principals

NOW = 1_795_262_400.0


class Clock:
    """Sleepers have their time pass at once, and it is counted."""

    def __init__(self):
        self.now = NOW

    def __call__(self):
        return self.now

    async def sleep(self, seconds):
        await asyncio.sleep(0)
        self.now += seconds


@pytest.fixture
def clock():
    return Clock()


def settings(**numbers):
    google = Google(per_user_minute=numbers.get("user", 600), per_minute=numbers.get("app", 10_000))
    microsoft = Microsoft(per_ten_minutes=numbers.get("mailbox", 10_000), at_once=numbers.get("at_once", 4))
    return Settings(google=google, microsoft=microsoft, limits=Limits(quota_share=1.0))


@pytest.fixture
def process(db, clock):
    """Another process each time, as far as the database can tell."""

    def start(**numbers):
        return Paces(db, settings(**numbers), clock, clock.sleep, lambda: 0.5)

    return start


async def ask(pace, error=None, *, later=False):
    """One request; its error if it got one."""

    async def request():
        async with pace.turn():
            if error is not None:
                raise error

    try:
        if later:
            with background():
                await request()
        else:
            await request()
    except BackendUnavailable as raised:
        return raised
    return None


async def how_many(pace, *, later=False):
    """Requests that go out before we are told to wait for long."""
    count = 0
    while count < 20_000:
        if await ask(pace, later=later) is not None:
            return count
        count += 1
    return count


def row(db, key):
    return db.read_now(budgets.look, [key]).get(key)


async def test_two_processes_share_an_accounts_budget(process, clock):
    first, second = (process(user=600).of("google", 1) for _ in range(2))
    sent = 0
    began = clock.now
    while clock.now < began + 60:
        for pace in (first, second):
            assert await ask(pace) is None
            sent += 1
    assert 350 < sent <= 600


@pytest.mark.parametrize(("kind", "at_once"), [("google", 50), ("outlook", 13)])
async def test_accounts_of_the_same_mailbox_share_its_budget(db, kind, at_once):
    async def nap(_seconds):
        await asyncio.sleep(0)

    numbers = settings(user=150, mailbox=40)
    here, there = (Paces(db, numbers, lambda: NOW, nap, lambda: 0.5) for _ in range(2))
    mailbox = "AAMkAG" * 40  # as long as Graph's are
    assert await how_many(here.of(kind, 1, mailbox)) == at_once
    assert isinstance(await ask(there.of(kind, 2, mailbox)), NotYet)
    assert await ask(there.of(kind, 3, "of somebody else")) is None
    assert here.of(kind, 2, mailbox) is here.of(kind, 1, mailbox)
    key = key_of(kind, 1, mailbox)
    assert len(key) <= 64
    assert row(db, key) is not None


async def test_servers_of_peoples_own_may_name_their_main_calendars_alike(process):
    here = process()
    await ask(here.of("caldav", 1, "/calendars/main/"), ProviderUnreachable("no answer"))
    assert await ask(here.of("caldav", 2, "/calendars/main/")) is None


async def test_accounts_share_the_apps_budget_whatever_their_own(process, clock):
    paces = process(app=300, user=600)
    began, sent = clock.now, 0
    while clock.now < began + 60:
        for account in range(1, 8):
            if await ask(paces.of("google", account)) is None:
                sent += 1
            else:
                clock.now += 0.5
    assert 200 < sent <= 300


async def test_an_account_that_is_being_connected_counts_for_the_app(process, db):
    assert await ask(process().of("google", None)) is None
    assert row(db, "google").full_at > NOW


async def test_trouble_with_an_account_that_is_being_connected_holds_nobody(process):
    here = process()
    connecting, connected = here.of("google", None), here.of("google", 1)
    for _ in range(3):
        await ask(connecting, ProviderUnreachable("nothing heard"))
    assert await ask(connected) is None

    await ask(connecting, Throttled("the day's requests are used up", 600.0, whole_app=True))
    assert isinstance(await ask(connected), NotYet)


async def test_background_work_leaves_room_for_people(db):
    """While nothing is given back: neither waits in vain, and the pages of a first sync take no client's place."""

    async def nap(_seconds):
        await asyncio.sleep(0)

    pace = Paces(db, settings(user=600), lambda: NOW, nap, lambda: 0.5).of("google", 1)
    machine = await how_many(pace, later=True)
    people = await how_many(pace)
    assert machine == 150
    assert people == 50


async def test_a_few_requests_are_one_transaction(process, db, clock):
    pace = process().of("google", 1)
    with background():
        async with pace.turn():
            before = row(db, "account 1")
        for _ in range(5):
            async with pace.turn():
                assert row(db, "account 1") == before


async def held(pace, go, *, later=True):
    """A request that is out until it is told to go."""
    if not later:
        async with pace.turn():
            await go.wait()
        return
    with background():
        async with pace.turn():
            await go.wait()


async def others():
    """All that can go on does."""
    await asyncio.sleep(0)


async def until(condition):
    while not condition():
        await others()


async def test_a_mailbox_has_four_places_and_the_last_is_for_people(db):
    pace = Paces(db, settings(), lambda: NOW, forever, lambda: 0.5).of("outlook", 1)
    go = asyncio.Event()
    machines = [asyncio.create_task(held(pace, go)) for _ in range(10)]
    await until(lambda: len(pace.out) == 3 and pace.waiting == 7)

    people = [asyncio.create_task(held(pace, go, later=False)) for _ in range(3)]
    await until(lambda: len(pace.out) == 4 and pace.people == 2)
    go.set()
    await asyncio.gather(*machines, *people)
    assert pace.is_idle


async def test_people_are_served_before_what_waited_longer(db):
    pace = Paces(db, settings(at_once=1), lambda: NOW, forever, lambda: 0.5).of("outlook", 1)
    served, first = [], asyncio.Event()

    async def request(name, *, later):
        await held(pace, first, later=later)
        served.append(name)

    begun = asyncio.create_task(request("begun", later=True))
    await until(lambda: len(pace.out) == 1)
    machine = asyncio.create_task(request("machine", later=True))
    await until(lambda: pace.waiting == 1)
    person = asyncio.create_task(request("person", later=False))
    await until(lambda: pace.people == 1)
    first.set()
    await asyncio.gather(begun, machine, person)
    assert served == ["begun", "person", "machine"]


async def forever(_seconds):
    await asyncio.Event().wait()


async def test_places_are_shared_with_other_processes_and_given_back(process, db, clock):
    here, there = (process() for _ in range(2))
    go = asyncio.Event()
    mine = here.of("outlook", 1)
    four = [asyncio.create_task(held(mine, go, later=False)) for _ in range(4)]
    await until(lambda: len(mine.out) == 4)

    refused = await ask(there.of("outlook", 1))
    assert isinstance(refused, NotYet)
    assert not refused.down
    assert await ask(there.of("outlook", 2)) is None

    go.set()
    await asyncio.gather(*four)
    await here.close()
    assert await ask(there.of("outlook", 1)) is None


async def test_whoever_goes_away_without_a_request_gives_its_place_back(process, db):
    here = process(mailbox=10)
    mine = here.of("outlook", 1)
    assert await how_many(mine) == 3
    await here.close()
    assert db.read_now(budgets.taken, "account 1", "somebody else", NOW) == 0


async def test_places_of_a_process_that_died_are_free_again_after_a_while(process, clock):
    go = asyncio.Event()
    died = process().of("outlook", 1)
    four = [asyncio.create_task(held(died, go, later=False)) for _ in range(4)]
    await until(lambda: len(died.out) == 4)

    other = process().of("outlook", 1)
    assert isinstance(await ask(other), NotYet)
    clock.now += 240
    assert await ask(other) is None
    go.set()
    await asyncio.gather(*four)


async def test_to_be_throttled_is_heard_by_all_processes(process, clock):
    one, other = (process().of("google", 1) for _ in range(2))
    assert await ask(other) is None
    await ask(one, Throttled("Google: slower", 100.0))

    refused = await ask(one)
    assert isinstance(refused, NotYet)
    assert refused.down
    assert str(refused) == "Google: slower"
    assert refused.retry_after == 105.0
    clock.now += 5  # what the other one has taken already is good no longer
    assert isinstance(await ask(other), NotYet)
    clock.now += 100
    assert await ask(other) is None
    assert await ask(one) is None


async def test_the_app_being_throttled_holds_all_its_accounts(process, clock):
    paces = process()
    await ask(paces.of("google", 1), Throttled("Google: the day's limit", 600.0, whole_app=True))

    assert isinstance(await ask(paces.of("google", 2)), NotYet)
    assert await ask(paces.of("outlook", 3)) is None
    clock.now += 700
    assert await ask(paces.of("google", 2)) is None
    assert await ask(paces.of("google", 1)) is None


async def test_a_provider_that_is_down_is_asked_by_one_request_at_a_time(process, clock, db):
    paces = process()
    pace, down = paces.of("google", 1), BackendUnavailable("Google: 503")
    asked = 0
    began = clock.now
    while clock.now < began + 3_600:
        answered = await ask(pace, down)
        asked += answered is down
        clock.now += 1
    assert 8 <= asked <= 12
    assert row(db, "account 1").failures == asked

    clock.now += 900
    go = asyncio.Event()
    probe = asyncio.create_task(held(pace, go))
    await until(lambda: len(pace.out) == 1)
    assert isinstance(await ask(process().of("google", 1)), NotYet)
    go.set()
    await probe
    assert row(db, "account 1").failures == 0
    assert await ask(process().of("google", 1)) is None


async def test_whoever_waits_for_the_one_that_finds_out_goes_on_when_it_has(process, clock):
    pace = process().of("google", 1)
    await ask(pace, ProviderUnreachable("nobody there"))
    clock.now += 15
    go = asyncio.Event()
    probe = asyncio.create_task(held(pace, go))
    await until(lambda: len(pace.out) == 1)
    rest = [asyncio.create_task(ask(pace, later=True)) for _ in range(3)]
    await until(lambda: pace.waiting == 3)
    go.set()
    assert await asyncio.gather(*rest) == [None, None, None]
    await probe


async def test_one_that_was_broken_off_lets_another_find_out(process, clock):
    pace = process().of("google", 1)
    await ask(pace, ProviderUnreachable("nobody there"))
    clock.now += 15
    probe = asyncio.create_task(held(pace, asyncio.Event()))
    await until(lambda: len(pace.out) == 1)
    probe.cancel()
    await asyncio.gather(probe, return_exceptions=True)
    assert await ask(process().of("google", 1)) is None
    assert await ask(pace) is None


@pytest.fixture
def hung(tmp_path, db):
    """While somebody else writes to the database."""

    @contextmanager
    def begin():
        with closing(sqlite3.connect(tmp_path / "gateway.sqlite", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
            other.execute("ROLLBACK")

    return begin


async def asked_and_gone(pace, hung, when):
    """Somebody asks the ledger and goes away before it answers. when: how far it has come by then."""
    with hung():
        asker = asyncio.create_task(ask(pace))
        await until(lambda: pace.waiting == 1)
        for _ in range(when):
            await others()
        asker.cancel()
        await asyncio.gather(asker, return_exceptions=True)


AT_ANY_TIME = pytest.mark.parametrize("when", [0, 1, 2, 20])


@AT_ANY_TIME
async def test_whoever_goes_away_before_it_hears_that_it_is_to_find_out_lets_another(process, clock, hung, when):
    here = process()
    pace = here.of("google", 1)
    await ask(pace, ProviderUnreachable("nobody there"))
    clock.now += 20
    await asked_and_gone(pace, hung, when)
    await here.close()

    assert await ask(process().of("google", 1)) is None


@AT_ANY_TIME
async def test_whoever_goes_away_before_it_hears_of_its_place_keeps_none(process, db, hung, when):
    here = process()
    await asked_and_gone(here.of("outlook", 1), hung, when)
    await here.close()

    assert db.read_now(budgets.taken, "account 1", "somebody else", NOW) == 0


async def test_one_that_is_to_find_out_and_may_not_go_out_after_all_lets_another(process, clock, db):
    here = process(app=10)
    pace, other = here.of("google", 1), here.of("google", 2)
    await ask(pace, ProviderUnreachable("nobody there"))
    clock.now += 20
    assert await how_many(other) == 1  # and the app's budget is used up
    refused = await ask(pace)
    assert isinstance(refused, NotYet)
    assert not refused.down
    await here.close()

    assert row(db, "account 1").probed_until == 0.0


async def test_one_that_waits_long_before_it_may_find_out_still_does(process, clock):
    paces = process()
    pace, other = paces.of("google", 1), paces.of("google", 2)
    await ask(pace, ProviderUnreachable("nobody there"))
    await ask(other, Throttled("Google: too much in all", 5.0, whole_app=True))
    clock.now += 20
    go = asyncio.Event()
    probe = asyncio.create_task(held(other, go))
    await until(lambda: len(other.out) == 1)
    began = clock.now
    waits = asyncio.create_task(ask(pace, later=True))
    await until(lambda: clock.now > began + 10 or waits.done())
    go.set()
    await probe

    assert await waits is None


async def test_a_refusal_is_an_answer(process, db):
    pace = process().of("google", 1)
    await ask(pace, BackendUnavailable("503"))
    with pytest.raises(RefusedByProvider):
        async with pace.turn():
            raise RefusedByProvider("no")
    assert row(db, "account 1").failures == 0


async def test_the_same_turns_as_long_as_a_backend_has_them(process):
    paces = process()
    pace = paces.of("outlook", 1)
    assert paces.of("outlook", 1) is pace
    assert paces.of("google", 2) is not pace


async def test_kinds_without_a_provider_are_not_held_up(process, db):
    assert await ask(process().of("radicale", 1)) is None
    assert row(db, "account 1") is None


@pytest.mark.parametrize("kind", ["caldav", "feed"])
async def test_a_server_of_somebodys_own_that_gives_no_answer_is_left_alone_for_a_moment(process, clock, kind):
    paces = process()
    assert isinstance(await ask(paces.of(kind, 1), ProviderUnreachable("no answer")), ProviderUnreachable)
    refused = await ask(paces.of(kind, 1))
    assert isinstance(refused, NotYet)
    assert refused.down
    clock.now += 20
    assert await ask(paces.of(kind, 1)) is None


async def test_an_account_that_is_removed_leaves_no_budget(process, db, clock):
    user = db.write_now(principals.add, name="ann", email="ann@example.com", zone="UTC", created=1)
    account = db.write_now(accounts.add, user, "outlook", "", {}, None, 1)
    await ask(process().of("outlook", account))
    assert row(db, f"account {account}") is not None
    db.write_now(accounts.remove, account)
    assert row(db, f"account {account}") is None


async def test_what_nobody_will_ever_give_back_is_forgotten(db):
    def hold(conn):
        budgets.lock(conn, [("outlook", None), ("account 7", 7)])
        budgets.hold(conn, "account 7", 7, "died with it", 4, NOW + 240)
        budgets.hold(conn, "outlook", None, "died", 4, NOW)
        budgets.hold(conn, "outlook", None, "lives", 1, NOW + 240)

    db.write_now(hold)
    db.write_now(budgets.tidy, NOW)
    assert list(db.read_now(budgets.look, ["outlook", "account 7"])) == ["outlook"]
    assert [db.read_now(budgets.taken, key, "", 0.0) for key in ("outlook", "account 7")] == [1, 0]
