"""Mirrors into calendars of a real Radicale, over CalDAV."""

import re
from pathlib import PurePosixPath

import pytest

from gateway.backends.base import Account
from gateway.backends.caldav import CalDavBackend
from gateway.mirror import choose
from gateway.store import accounts
from tests.fakes.objects import event
from tests.fakes.radicale import PASSWORD
from tests.mirror.conftest import spans

NINE, TEN = ("20261125T090000Z", "20261125T100000Z"), ("20261126T100000Z", "20261126T110000Z")


async def never(secret):
    raise AssertionError("a password is not renewed")


class Server:
    """What the owner of two calendars there sees and does with another client."""

    def __init__(self, radicale):
        self.radicale = radicale
        self.person = radicale.person("work", "team")

    def texts(self, calendar="work"):
        """By name."""
        listing, _ = self.radicale.request(self.person, "PROPFIND", self.person.path(calendar), Depth="1")
        names = [PurePosixPath(href).name for href in re.findall(r"<href>([^<]+)</href>", listing) if href[-1] != "/"]
        return {name: self.radicale.request(self.person, "GET", self.person.path(calendar) + name)[0] for name in names}

    def blocks(self, calendar="work"):
        return spans(text for text in self.texts(calendar).values() if "SUMMARY:Busy" in text)

    def put(self, name, text, calendar="work"):
        self.radicale.put(self.person, self.person.path(calendar) + name, text)

    def remove(self, name, calendar="work"):
        self.radicale.request(self.person, "DELETE", self.person.path(calendar) + name)

    def move(self, name):
        there = self.radicale.root + self.person.path("team") + name
        self.radicale.request(self.person, "MOVE", self.person.path("work") + name, Destination=there)

    def name_of(self, start):
        [name] = [name for name, text in self.texts().items() if start in text]
        return name


@pytest.fixture
async def server(net, outside, radicale):
    """Two calendars there, beside Alice's own with two events."""
    found = Server(radicale)
    told = {"url": found.person.url, "username": found.person.name}
    backend = CalDavBackend(Account(told, PASSWORD, never), outside)
    account = net.db.write_now(accounts.add, net.alice.id, "caldav", "server", told, None, 1)
    net.shelves[account] = backend
    for one in await backend.calendars():
        net.calendars[one.displayname.lower()] = net.db.write_now(accounts.add_calendar, net.alice.id, account, one)
    home = net.add("home", "google")
    home.edit("main", "one", event("one@home.example", "Zahnarzt", NINE[0]))
    home.edit("main", "two", event("two@home.example", "Bank", TEN[0]))
    return found


async def test_blocks_follow_and_go(net, server):
    server.put("own.ics", event("own@client.example", "Busy by name", "20261128T090000Z"))
    mirror = net.mirror(["home"], "work")
    await net.settle()
    assert server.blocks() == [NINE, TEN, ("20261128T090000Z", "20261128T100000Z")]
    assert all("Zahnarzt" not in text and "Bank" not in text for text in server.texts().values())
    before = server.texts()
    await net.settle()
    assert server.texts() == before
    assert len(net.members()) == 3

    net.shelf("home").edit("main", "one", event("one@home.example", "Zahnarzt", "20261125T110000Z"))
    net.shelf("home").erase("main", "two")
    await net.settle()
    assert server.blocks()[:-1] == [("20261125T110000Z", "20261125T120000Z")]

    net.db.write_now(choose.stop, net.alice.id, mirror, net.clock())
    await net.settle()
    assert net.row(mirror) is None
    assert [*server.texts()] == ["own.ics"]


async def test_what_hands_change_there_is_set_right_and_what_they_delete_stays_away(net, server):
    net.mirror(["home"], "work")
    await net.settle()
    name = server.name_of(NINE[0])
    server.put(name, server.texts()[name].replace("SUMMARY:Busy", "SUMMARY:Dentist").replace("T09", "T08"))
    server.remove(server.name_of(TEN[0]))
    await net.settle()
    assert server.blocks() == [NINE]


async def test_a_block_that_is_moved_to_another_calendar_stays_there_as_long_as_it_is_true(net, server):
    mirror = net.mirror(["home"], "work")
    await net.settle()
    server.move(server.name_of(NINE[0]))
    for _ in range(2):
        await net.settle()
        assert (server.blocks(), server.blocks("team")) == ([TEN], [NINE])
        assert len(net.members()) == 2

    net.shelf("home").edit("main", "one", event("one@home.example", "Zahnarzt", "20261125T110000Z"))
    await net.settle()
    assert server.blocks() == [("20261125T110000Z", "20261125T120000Z"), TEN]
    assert server.blocks("team") == []

    server.move(server.name_of(TEN[0]))
    await net.settle()
    net.db.write_now(choose.stop, net.alice.id, mirror, net.clock())
    await net.settle()
    assert (server.texts(), server.texts("team")) == ({}, {})


async def test_a_block_that_hands_moved_and_changed_is_theirs_to_keep_until_the_mirror_ends(net, server):
    mirror = net.mirror(["home"], "work")
    await net.settle()
    name = server.name_of(NINE[0])
    server.move(name)
    server.put(name, server.texts("team")[name].replace("T09", "T07").replace("T10", "T08"), "team")
    net.shelf("home").erase("main", "one")
    await net.settle()
    assert (server.blocks(), server.blocks("team")) == ([TEN], [("20261125T070000Z", "20261125T080000Z")])
    net.db.write_now(choose.stop, net.alice.id, mirror, net.clock())
    await net.settle()
    assert (server.texts(), server.texts("team")) == ({}, {})
