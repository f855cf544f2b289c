"""Notices that are quicker than the answer: a pull reads what we wrote, or half of it, before we know it is there."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.errors import BackendUnavailable
from gateway.store import jobs, members
from gateway.sync.pull import pull_account
from gateway.sync.worker import Worker
from gateway.sync.write import put
from tests.sync.breaking import Breaking
from tests.sync.clouds import KINDS, running_cloud
from tests.sync.conftest import Clock
from tests.sync.connected import Connected, no_wrap, occurrences
from tests.sync.objects import event

UID = "ours@client.example"
GUESTS = ("ORGANIZER:mailto:person1@example.com", "ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:bob@example.com")
ALARM = ("BEGIN:VALARM", "ACTION:DISPLAY", "DESCRIPTION:Soon", "TRIGGER:-PT25M", "END:VALARM")
SERIES = ("RRULE:FREQ=WEEKLY;COUNT=4", "EXDATE:20261208T080000Z")


class Interrupted:
    """Before the request of that number (1: the next one), a whole pull. fails: then that request does."""

    def __init__(self):
        self.pull, self.left, self.fails = None, 0, False

    @asynccontextmanager
    async def turn(self):
        self.left -= 1
        if self.left == 0:
            await self.pull()
            if self.fails:
                raise BackendUnavailable("not now")
        yield


class Overtaken(Breaking):
    """Its answers to our writes come after a whole pull, or whatever is to happen meanwhile."""

    def __init__(self, backend, world, meanwhile=None):
        super().__init__(backend, 1_000)
        self.meanwhile = meanwhile or (lambda: pull_account(world.sync, world.account))

    async def put(self, calendar, obj, if_etag):
        answer = await super().put(calendar, obj, if_etag)
        await self.meanwhile()
        return answer


@pytest.fixture
def pace():
    return Interrupted()


@pytest.fixture(params=KINDS)
async def world(request: pytest.FixtureRequest, empty: Path, tmp_path: Path, pace) -> AsyncIterator[Connected]:
    clock = Clock()
    there = running_cloud(request.param, lambda: datetime.fromtimestamp(clock(), UTC), tmp_path)
    async with there as (cloud, outside):
        cloud.new_person()
        made = Connected(empty, tmp_path, cloud, replace(outside, pace=lambda _kind, _account, _primary: pace), clock)
        pace.pull = lambda: pull_account(made.sync, made.account)
        await made.connect()
        await pull_account(made.sync, made.account)
        yield made
        made.close()


def texts(title):
    plain = event(UID, title, start="20261124T080000Z", end="20261124T090000Z")
    return {
        "plain": plain,
        "guests": with_lines(plain, GUESTS),
        "alarm": with_lines(plain, (*ALARM, "X-CLIENT-OWN:kept")),
        "series": with_lines(plain, SERIES),
        "changed date": with_lines(plain, SERIES[:1], moved=True),
    }


def with_lines(text, lines, *, moved=False):
    made = text.replace("END:VEVENT", "\r\n".join([*lines, "END:VEVENT"]))
    if not moved:
        return made
    begin, end = text.index("BEGIN:VEVENT"), text.index("END:VCALENDAR")
    date = text[begin:end].replace("20261124T08", "20261201T10").replace("20261124T09", "20261201T11")
    date = date.replace("END:VEVENT", "RECURRENCE-ID:20261201T080000Z\r\nEND:VEVENT")
    return made.replace("END:VCALENDAR", date + "END:VCALENDAR")


@pytest.mark.parametrize("kind", texts(""))
async def test_it_is_known_as_ours(world, kind):
    for title in ("First", "Second"):
        world.wrap = lambda backend: Overtaken(backend, world)
        written = await put(world.sync, world.alice, "a.ics", texts(title)[kind])
        world.wrap = no_wrap
        [(href, text)] = world.served().items()
        assert href == "a.ics"
        assert written.etag is None or text == texts(title)[kind]
        await nothing_is_new(world)


@pytest.mark.parametrize("fails", [False, True], ids=["goes on", "fails"])
@pytest.mark.parametrize("number", [3, 4, 6])
@pytest.mark.parametrize("kind", ["series", "changed date"])
async def test_half_of_a_change_is_neither_a_conflict_nor_the_whole(world, pace, kind, number, fails):
    """A change of a series takes several requests; a pull between two of them meets what is not all of ours."""
    for title in ("First", "Second"):
        pace.left, pace.fails = number, fails
        await put(world.sync, world.alice, "a.ics", texts(title)[kind])
        pace.left = 0
        world.clock.now += 3_600
        await Worker(world.sync).run_due()

        await nothing_is_new(world)
        assert occurrences(world.served()["a.ics"]) == occurrences(texts(title)[kind])


async def test_what_somebody_else_changed_meanwhile_comes_right_afterwards(world, pace):
    async def renamed():
        await pull_account(world.sync, world.account)
        [made] = world.cloud.events()
        world.cloud.rename(made, "Theirs")
        await pull_account(world.sync, world.account)

    await put(world.sync, world.alice, "a.ics", texts("First")["plain"])
    world.wrap = lambda backend: Overtaken(backend, world, renamed)
    await put(world.sync, world.alice, "a.ics", texts("Second")["plain"])
    world.wrap = no_wrap

    await Worker(world.sync).run_due()

    assert [title for title, _ in world.seen()] == ["Theirs"]
    assert [title for title, _ in world.cloud.seen()] == ["Theirs"]
    assert list(world.served()) == ["a.ics"]


async def nothing_is_new(world):
    served, rev = world.served(), world.db.read_now(members.rev, world.user)
    assert list(served) == ["a.ics"]
    assert world.db.read_now(jobs.waiting, "push", world.user) == []
    for full in (False, True):
        await pull_account(world.sync, world.account, full=full)
    assert world.served() == served
    assert world.db.read_now(members.rev, world.user) == rev
    assert world.seen() == world.cloud.seen()
