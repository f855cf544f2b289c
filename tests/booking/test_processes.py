"""Several processes on one database, and many who want the same thing at once."""

import asyncio
import json
import shutil
import sys
from asyncio.subprocess import PIPE
from collections import Counter

import icalendar
import pytest

from gateway.accounts.sealed import load_or_create
from gateway.booking.book import book
from gateway.booking.context import Desk
from gateway.booking.links import LinkWish, make, path
from gateway.booking.model import details
from gateway.config import Settings
from gateway.store import bookings
from gateway.store.database import Database
from tests.booking.office import Office, at, wish
from tests.booking.rush import mixed
from tests.booking.team import Team, check

TEN = at("2026-11-24 10:00")


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, empty, tmp_path):
    """Of a database up to date, with nobody in it."""
    if request.param == "sqlite":
        shutil.copy(empty, tmp_path / "gateway.sqlite")
        yield f"sqlite:///{tmp_path}/gateway.sqlite"
    else:
        with request.getfixturevalue("postgres").database() as url:
            yield url


@pytest.fixture
def office(url, tmp_path):
    found = Office(Database(url), Settings())
    found.desk = Desk(found.db, found.settings, found.sync, load_or_create(tmp_path / "secret.key"), found.clock)
    yield found
    found.db.close()


@pytest.fixture
def rush(office, url, tmp_path):
    """What became of each attempt, in no order."""

    async def run(attempts, processes=2):
        command = (sys.executable, "-m", "tests.booking.rush", url, str(tmp_path / "secret.key"))
        workers = [await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE) for _ in range(processes)]
        parts = (json.dumps(attempts[number::processes]).encode() for number in range(processes))
        said = await asyncio.gather(*(one.communicate(part) for one, part in zip(workers, parts, strict=True)))
        return [one for out, _ in said for one in json.loads(out)]

    return run


def offer(office, slug, **document):
    return office.db.write_now(bookings.put_event_type, office.alice.id, slug, {"title": slug, **document})


def opened(office, sealed):
    return office.desk.sealer.open(sealed.encode())


def booking(slug, number, start=TEN, **more):
    return {"do": "book", "name": "alice", "slug": slug, "start": start, "number": number, **more}


async def test_nobody_is_booked_twice(office, rush):
    """Lengths, event types and teams differ, some hold their time first, and ten bookings of another day move in."""
    team = Team(office)
    moving = []
    for number, start in enumerate(f"2026-11-{day} {hour:02}:00" for day in (25, 26) for hour in (9, 10, 11, 13, 14)):
        slug, length = (("check-in", 15), ("consulting", 60))[number % 2]
        done = await book(office.desk, "alice", slug, wish(start, place="+49 30 1", answers={"topic": "CalDAV"}))
        goal = at("2026-11-24 15:00") + number // 2 % (120 // length) * length * 60
        moving.append({"do": "move", "uid": done.row.uid, "token": done.token, "start": goal})
    wishes = list(mixed(range(200)))
    told = await rush([one for number in range(10) for one in (moving[number], *wishes[number::10])], processes=4)

    assert len(told) == 210
    assert {one.get("error", "SlotTaken") for one in told} == {"SlotTaken"}
    check(team, {one["uid"] for one in told if "uid" in one} | {one["uid"] for one in moving})


async def test_ten_seats_are_ten_parties_in_one_event(office, rush):
    offer(office, "workshop", length=120, step=60, seats=10)
    told = await rush([booking("workshop", number) for number in range(60)])

    assert Counter(one.get("error") for one in told) == {None: 10, "SlotTaken": 50}
    [text] = office.texts()
    [event] = icalendar.Calendar.from_ical(text).walk("VEVENT")
    assert len(event["ATTENDEE"]) == 11  # the host too
    assert len({row.event for row in office.rows()}) == 1


async def test_dates_of_series_never_meet(office, rush):
    """Of four dates each, a week apart, begun within three weeks, any two series share one."""
    offer(office, "lesson", length=60, series={"count": 4})
    starts = [at(f"2026-{day} 10:00") for day in ("11-24", "12-01", "12-08", "12-15")]
    told = await rush([booking("lesson", number, starts[number % 4]) for number in range(40)])

    assert Counter(one.get("error") for one in told) == {None: 1, "SlotTaken": 39}
    assert len(office.texts()) == len(office.rows()) == 1


async def test_of_those_that_wait_for_the_same_time_one_is_confirmed(office, rush):
    offer(office, "open", length=30, confirmation={"blocks": False})
    waiting = [(await book(office.desk, "alice", "open", wish(email=f"g{n}@example.org"))).row for n in range(12)]
    tokens = [opened(office, details(row).host_token) for row in waiting]
    asked = [{"do": "confirm", "uid": row.uid, "token": token} for row, token in zip(waiting, tokens, strict=True)]
    told = await rush(asked)

    assert Counter(one.get("error") for one in told) == {None: 1, "SlotTaken": 11}
    assert Counter(row.status for row in office.rows()) == {"accepted": 1, "pending": 11}
    assert len(office.texts()) == 1


async def test_a_link_that_is_good_once_is_one_booking(office, rush):
    offer(office, "private", length=15, links_only=True)
    secret = path(office.desk, await make(office.desk, office.alice, LinkWish("private"))).rpartition("/")[2]
    starts = [TEN + number * 900 for number in range(8)]
    told = await rush([booking("private", number, starts[number % 8], link=secret) for number in range(40)])

    assert Counter("uid" in one for one in told) == {True: 1, False: 39}
    assert "LinkOver" in {one.get("error") for one in told}
    assert len(office.rows()) == 1
