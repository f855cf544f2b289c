"""The chosen time is looked at once more at the source: busy there, silent, slow, or as the index knows it."""

import asyncio
from datetime import UTC, datetime

import pytest

from gateway.booking import offer
from gateway.booking.book import book, cancel, reschedule
from gateway.booking.model import details
from gateway.booking.offer import Visit
from gateway.booking.turns import turns
from gateway.errors import BackendUnavailable, RefusedByProvider, SlotTaken
from gateway.model import Period
from gateway.store import bookings, jobs
from tests.booking.office import NOW, at, open_office, wish
from tests.booking.team import Team
from tests.fakes.shelf import Shelf


class Source(Shelf):
    """busy: (start, end) in epoch seconds, as its provider would tell. slow: it does not answer at all."""

    def __init__(self):
        super().__init__()
        self.busy, self.error, self.slow, self.asked = [], None, False, []

    async def taken(self, calendars, start, end):
        self.asked.append((tuple(calendars), int(start.timestamp()), int(end.timestamp())))
        if self.slow:
            await asyncio.Event().wait()
        if self.error is not None:
            raise self.error
        return [Period(datetime.fromtimestamp(a, UTC), datetime.fromtimestamp(b, UTC)) for a, b in self.busy]


@pytest.fixture
def office(empty, tmp_path):
    return open_office(empty, tmp_path, booking={"live_seconds": 0.2})


@pytest.fixture
def source(office):
    known = office.connect()
    [account] = [key for key, shelf in office.shelves.items() if shelf is known]
    found = office.shelves[account] = Source()
    found.calendars_ = known.calendars_
    return found


def put_kind(office, **more):
    document = {"title": "Talk", "length": 30, **more}
    office.db.write_now(bookings.put_event_type, office.alice.id, "talk", document)


def pulls(office):
    taken = office.db.write_now(jobs.take, now=office.now, lease=0, most=1000)
    return sum(job.kind == "pull" for job in taken)


async def test_what_the_index_does_not_know_yet_takes_the_time_and_is_learnt(office, source):
    source.busy = [(at("2026-11-24 10:29"), at("2026-11-24 11:00"))]
    with pytest.raises(SlotTaken):
        await book(office.desk, "alice", "check-in", wish("2026-11-24 10:15"))
    assert (office.rows(), office.texts(), pulls(office)) == ([], [], 1)
    assert (await book(office.desk, "alice", "check-in", wish("2026-11-24 10:00"))).created


async def test_asked_are_the_calendars_that_count_about_this_time_with_its_buffers(office, source):
    put_kind(office, before=10, after=5)
    await book(office.desk, "alice", "talk", wish("2026-11-24 10:00"))
    assert source.asked == [(("main",), at("2026-11-24 09:50"), at("2026-11-24 10:35"))]


@pytest.mark.parametrize(
    ("taken", "free"),
    [("2026-11-24", False), ("2026-12-22", False), ("2027-01-19", False), ("2027-02-02", True), ("2026-12-01", True)],
)
async def test_of_a_series_every_date_of_two_months_is_looked_at(office, source, taken, free):
    """Fortnightly from 24 November on; 60 days end with 23 January."""
    put_kind(office, series={"every": 2, "count": 8}, window={"kind": "rolling", "days": 365})
    source.busy = [(at(f"{taken} 10:10"), at(f"{taken} 10:20"))]
    booking = book(office.desk, "alice", "talk", wish("2026-11-24 10:00"))
    if free:
        assert len(turns((await booking).row)) == 8
    else:
        with pytest.raises(SlotTaken):
            await booking
    assert source.asked == [(("main",), at("2026-11-24 10:00"), at("2027-01-19 10:30"))]


async def test_the_dates_of_a_series_do_not_stand_in_the_way_of_its_move(office, source):
    put_kind(office, series={"count": 4}, window={"kind": "rolling", "days": 365})
    done = await book(office.desk, "alice", "talk", wish("2026-11-24 10:00"))
    source.busy = [(one.start, one.end) for one in turns(done.row)]
    row = await reschedule(office.desk, done.row.uid, done.token, at("2026-12-01 10:00"), "UTC")
    assert row.start == at("2026-12-01 10:00")
    source.busy = [(at("2026-12-08 09:00"), at("2026-12-08 10:00"))]
    with pytest.raises(SlotTaken):
        await reschedule(office.desk, row.uid, done.token, at("2026-12-01 09:30"), "UTC")


async def test_nobody_is_asked_for_a_look_at_the_page(office, source):
    def read(conn):
        of = offer.bookable(conn, "alice", "talk")
        return offer.starts(conn, of, Visit("UTC", NOW, 10**9), at("2026-11-24 00:00"), at("2026-11-25 00:00"))

    put_kind(office)
    assert office.db.read_now(read)
    assert (source.asked, source.calls) == ([], [])


@pytest.mark.parametrize("trouble", ["slow", "down"])
@pytest.mark.parametrize(("rule", "status"), [("accept", "accepted"), ("pending", "pending")])
async def test_who_does_not_answer_in_time(office, source, trouble, rule, status):
    put_kind(office, unreachable=rule)
    source.slow, source.error = trouble == "slow", BackendUnavailable("down")
    booked = await book(office.desk, "alice", "talk", wish("2026-11-24 10:00"))
    assert (booked.row.status, details(booked.row).unchecked) == (status, status == "pending")
    taken = office.db.write_now(jobs.take, now=office.now + 1e6, lease=0, most=1000)
    assert {job.payload["why"] != "" for job in taken if job.kind == "mail"} == {status == "pending"}
    source.slow, source.error = False, None
    moved = await reschedule(office.desk, booked.row.uid, booked.token, at("2026-11-25 10:00"), "UTC")
    assert (moved.status, details(moved).unchecked) == (status, False)


async def test_a_server_that_tells_nobody_is_not_asked_to_confirm(office, source):
    put_kind(office, unreachable="pending")
    source.error = RefusedByProvider("no such report")
    assert (await book(office.desk, "alice", "talk", wish())).row.status == "accepted"


async def test_its_own_event_does_not_stand_in_its_way(office, source):
    booked = await book(office.desk, "alice", "talk" if put_kind(office) else "one-on-one", wish("2026-11-24 10:00"))
    source.busy = [(booked.row.start, booked.row.end)]
    moved = await reschedule(office.desk, booked.row.uid, booked.token, at("2026-11-24 10:30"), "UTC")
    assert moved.start == at("2026-11-24 10:30")
    source.busy = [(moved.start, moved.end), (at("2026-11-25 09:00"), at("2026-11-25 09:10"))]
    with pytest.raises(SlotTaken):
        await reschedule(office.desk, booked.row.uid, booked.token, at("2026-11-25 09:00"), "UTC")
    await cancel(office.desk, booked.row.uid, booked.token)
    assert len(source.asked) == 3


async def test_the_same_form_again_is_answered_as_before(office, source):
    first = await book(office.desk, "alice", "check-in", wish(key="k" * 32))
    source.busy = [(first.row.start, first.row.end)]
    again = await book(office.desk, "alice", "check-in", wish(key="k" * 32))
    assert (again.row.uid, again.created) == (first.row.uid, False)


async def test_in_a_round_robin_the_next_one_comes(office):
    team = Team(office)
    shelves = {}
    for name in team.people:
        known = team.connect(name)
        [key] = [key for key, shelf in office.shelves.items() if shelf is known]
        shelves[name] = office.shelves[key] = Source()
        shelves[name].calendars_ = known.calendars_
    start = at("2026-11-24 15:00")
    booked = await book(office.desk, "sales", "intro", wish("2026-11-24 15:00"))
    [first] = [name for name, one in team.people.items() if one.id == booked.row.user_id]
    await cancel(office.desk, booked.row.uid, booked.token)
    shelves[first].busy = [(start, start + 600)]
    other = await book(office.desk, "sales", "intro", wish("2026-11-24 15:00", email="b@example.org"))
    assert other.row.user_id != booked.row.user_id
