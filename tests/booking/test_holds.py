"""A time kept while the form is filled in."""

import asyncio

import pytest

from gateway.booking import offer
from gateway.booking.book import book, reschedule
from gateway.booking.holds import hold
from gateway.booking.offer import Visit
from gateway.booking.tokens import digest
from gateway.errors import SlotTaken
from gateway.store import bookings, holds
from tests.booking.office import at, wish
from tests.booking.team import Team, overlaps

TEN, NOON = at("2026-11-24 10:00"), at("2026-11-24 12:00")


def keep(office, start=TEN, visitor="ann", slug="one-on-one", name="alice"):
    return hold(office.desk, name, slug, start, "UTC", visitor)


def is_free(office, start=TEN, visitor="", slug="one-on-one", name="alice"):
    def read(conn):
        held = digest(visitor) if visitor else ""
        visit = Visit("UTC", int(office.now), 3600, hold=held)
        return offer.is_bookable(conn, offer.bookable(conn, name, slug), visit, start)

    return office.db.read_now(read)


async def test_it_stands_in_everybodys_way_but_their_own(office):
    assert await keep(office)
    assert [is_free(office, visitor=who) for who in ("", "ann", "ben")] == [False, True, False]
    assert not is_free(office, slug="check-in")
    assert not await keep(office, visitor="ben")
    with pytest.raises(SlotTaken):
        await book(office.desk, "alice", "check-in", wish())


async def test_it_ends_by_itself(office):
    await keep(office)
    office.now += office.settings.booking.hold_seconds
    assert is_free(office)
    assert await keep(office, visitor="ben")
    assert not is_free(office, visitor="ann")


async def test_one_visitor_holds_one_time(office):
    await keep(office)
    await keep(office, NOON)
    assert [is_free(office, start) for start in (TEN, NOON)] == [True, False]


async def test_whoever_holds_it_books_it_and_it_is_let_go(office):
    await keep(office)
    done = await book(office.desk, "alice", "one-on-one", wish(visitor="ann"))
    await reschedule(office.desk, done.row.uid, done.token, NOON, "UTC")
    assert is_free(office)


async def test_what_is_taken_cannot_be_held(office):
    await book(office.desk, "alice", "one-on-one", wish())
    assert not await keep(office)
    assert is_free(office, NOON)


async def test_of_a_round_robin_one_host_is_held(office):
    team = Team(office)
    start = at("2026-11-24 15:00")
    for visitor in ("ann", "ben", "cem"):
        assert await keep(office, start, visitor, "intro", "sales")
    assert not await keep(office, start, "dan", "intro", "sales")
    done = await book(office.desk, "sales", "intro", wish("2026-11-24 15:00", visitor="ben"))
    assert len(team.hosts(done.row)) == 1
    held = office.db.read_now(
        holds.blocking, [one.id for one in team.people.values()], start, start + 60, int(office.now)
    )
    assert {row.user_id for row in held} == {one.id for one in team.people.values()} - {done.row.user_id}


async def test_of_many_who_hold_and_book_one_has_it(office):
    """Half of them hold first, as the page does; the others send the form at once."""

    async def attempt(number):
        visitor = f"visitor{number}" if number % 2 else ""
        if visitor and not await keep(office, visitor=visitor):
            raise SlotTaken("held by somebody else")
        asked = wish(email=f"guest{number}@example.org", key=f"{number:032}", visitor=visitor)
        return await book(office.desk, "alice", "one-on-one", asked)

    results = await asyncio.gather(*(attempt(number) for number in range(100)), return_exceptions=True)

    assert {type(one) for one in results if isinstance(one, BaseException)} == {SlotTaken}
    assert len([one for one in results if not isinstance(one, BaseException)]) == 1
    assert len([row for row in office.rows() if row.status in bookings.BLOCKING]) == 1


async def test_moving_into_a_time_that_is_being_booked_has_one_winner(office):
    done = await book(office.desk, "alice", "one-on-one", wish("2026-11-24 14:00"))
    others = [
        book(office.desk, "alice", "check-in", wish(email=f"g{n}@example.org", key=f"{n:032}")) for n in range(20)
    ]
    results = await asyncio.gather(
        *others[:10],
        reschedule(office.desk, done.row.uid, done.token, TEN, "UTC"),
        *others[10:],
        return_exceptions=True,
    )
    assert len([one for one in results if not isinstance(one, BaseException)]) == 1
    spans = sorted((row.blocked_from, row.blocked_until) for row in office.rows() if row.status in bookings.BLOCKING)
    assert overlaps(spans) == []
