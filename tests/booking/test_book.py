"""Booking, moving, cancelling: what stands in the database, the calendar and the outgoing mail afterwards."""

import asyncio
from dataclasses import replace

import icalendar
import pytest

from gateway.booking import offer
from gateway.booking.access import find
from gateway.booking.book import book, cancel, reschedule
from gateway.booking.model import details
from gateway.booking.offer import Visit
from gateway.errors import BackendUnavailable, NotFound, RefusedByProvider, SlotTaken
from gateway.store import bookings, members
from gateway.sync.write import delete, put
from tests.booking.office import NOW, at, wish
from tests.fakes.shelf import unavailable
from tests.sync.objects import event

ZONE = "America/New_York"


def vevent(text):
    [found] = icalendar.Calendar.from_ical(text).walk("VEVENT")
    return found


async def booked(office, **more):
    return await book(office.desk, "alice", "one-on-one", wish(**more))


async def test_a_booking_is_a_row_an_event_and_two_mails(office):
    done = await booked(office, note="About the move.\nSee you!")

    [row] = office.rows()
    assert (row.status, row.start, row.end - row.start, row.sequence) == ("accepted", at("2026-11-24 10:00"), 1800, 0)
    assert (row.blocked_from, row.blocked_until) == (row.start, row.end + 900)
    [text] = office.texts()
    found = vevent(text)
    assert found["UID"] == row.uid == done.row.uid == found["X-GATEWAY-BOOKING"]
    assert (found["DTSTART"].dt.timestamp(), found["DTEND"].dt.timestamp()) == (row.start, row.end)
    assert found["DTSTART"].params["TZID"] == "Europe/Berlin"
    assert found["ORGANIZER"] == "mailto:alice@example.com"
    assert [str(one) for one in found["ATTENDEE"]] == ["mailto:alice@example.com", "mailto:joerg@example.org"]
    assert {one.params["SCHEDULE-AGENT"] for one in found["ATTENDEE"]} == {"CLIENT"}
    assert found["DESCRIPTION"] == "About the move.\nSee you!"
    assert office.mail_jobs() == [("host", "booked", 0), ("invitee", "booked", 0)]


async def test_the_token_opens_this_booking_only(office):
    first = await booked(office)
    second = await booked(office, start="2026-11-24 14:00")

    assert office.db.read_now(find, first.row.uid, first.token).row == first.row
    for uid, token in ((first.row.uid, second.token), (first.row.uid, ""), ("nothing", first.token)):
        with pytest.raises(NotFound):
            office.db.read_now(find, uid, token)
    assert first.token not in repr(office.rows())


async def test_a_form_sent_twice_books_once(office):
    first, second = await asyncio.gather(booked(office, key="k" * 32), booked(office, key="k" * 32))

    assert first.row.uid == second.row.uid
    assert first.token == second.token
    assert sorted([first.created, second.created]) == [False, True]
    assert len(office.rows()) == len(office.texts()) == 1


@pytest.mark.parametrize(
    "start",
    [
        pytest.param("2026-11-24 10:10", id="off the grid"),
        pytest.param("2026-11-24 08:30", id="before hours"),
        pytest.param("2026-11-22 10:00", id="on a Sunday"),
        pytest.param("2026-11-20 10:00", id="in the past"),
        pytest.param("2027-11-24 10:00", id="too far ahead"),
    ],
)
async def test_what_was_not_offered_is_not_booked(office, start):
    with pytest.raises(SlotTaken):
        await booked(office, start=start)
    assert (office.rows(), office.texts(), office.mail_jobs()) == ([], [], [])


async def test_another_event_type_keeps_clear_of_the_buffer(office):
    await booked(office)

    with pytest.raises(SlotTaken):
        await book(office.desk, "alice", "check-in", wish("2026-11-24 10:30"))
    done = await book(office.desk, "alice", "check-in", wish("2026-11-24 10:45"))
    assert done.created


async def test_an_event_in_the_calendar_closes_the_time(office):
    busy = event("a", start="20261124T090000Z", end="20261124T093000Z")
    await put(office.sync, office.alice, "a.ics", busy)

    with pytest.raises(SlotTaken):
        await booked(office)


async def test_a_calendar_that_was_not_read_for_long_offers_nothing(office):
    office.connect()
    of = office.db.read_now(offer.bookable, "alice", "one-on-one")
    visit = Visit(ZONE, NOW, office.settings.booking.stale_after)
    span = at("2026-11-24 00:00"), at("2026-11-25 00:00")

    assert office.db.read_now(offer.starts, of, visit, *span)
    late = replace(visit, now=NOW + office.settings.booking.stale_after + 1)
    assert office.db.read_now(offer.starts, of, late, *span) == []


async def test_moving_keeps_the_uid_and_raises_the_sequence(office):
    done = await booked(office)

    row = await reschedule(office.desk, done.row.uid, done.token, at("2026-11-25 09:00"), "Asia/Kolkata")

    assert (row.uid, row.sequence, row.start) == (done.row.uid, 1, at("2026-11-25 09:00"))
    assert details(row).invitee.zone == "Asia/Kolkata"
    [text] = office.texts()
    found = vevent(text)
    assert (found["UID"], found["SEQUENCE"], found["DTSTART"].dt.timestamp()) == (row.uid, 1, row.start)
    assert ("invitee", "rescheduled", 1) in office.mail_jobs()


async def test_what_the_host_wrote_into_the_event_moves_with_it(office):
    done = await booked(office)
    [member] = office.db.read_now(members.listing, office.alice.merged)
    [text] = office.texts()
    noted = text.replace("TRANSP:OPAQUE\r\n", "TRANSP:OPAQUE\r\nX-NOTE:Bring the plans\r\nCATEGORIES:Clients\r\n")
    await put(office.sync, office.alice, member.href, noted)

    await reschedule(office.desk, done.row.uid, done.token, at("2026-11-25 09:00"), ZONE)

    [text] = office.texts()
    assert (vevent(text)["X-NOTE"], vevent(text)["SEQUENCE"]) == ("Bring the plans", 1)
    assert vevent(text)["DTSTART"].dt.timestamp() == at("2026-11-25 09:00")
    assert text.count("BEGIN:VTIMEZONE") == 1


async def test_a_booking_does_not_stand_in_its_own_way(office):
    done = await book(office.desk, "alice", "consulting", wish("2026-11-24 10:00", place="+49 30 1"))

    row = await reschedule(office.desk, done.row.uid, done.token, at("2026-11-24 11:00"), ZONE)
    assert row.start == at("2026-11-24 11:00")
    row = await reschedule(office.desk, done.row.uid, done.token, at("2026-11-24 10:00"), ZONE)
    assert (row.start, row.sequence) == (at("2026-11-24 10:00"), 2)


async def test_it_cannot_be_moved_onto_another(office):
    done = await booked(office)
    other = await booked(office, start="2026-11-24 14:00")

    with pytest.raises(SlotTaken):
        await reschedule(office.desk, done.row.uid, done.token, other.row.start, ZONE)
    assert [row.sequence for row in office.rows()] == [0, 0]


async def test_the_same_time_again_changes_nothing(office):
    done = await booked(office)

    row = await reschedule(office.desk, done.row.uid, done.token, done.row.start, ZONE)
    assert row == done.row
    assert len(office.mail_jobs()) == 2


async def test_cancelling_takes_the_event_away_and_frees_the_time(office):
    done = await booked(office)

    row = await cancel(office.desk, done.row.uid, done.token, "I am ill.")

    assert (row.status, row.sequence, details(row).reason) == ("cancelled", 1, "I am ill.")
    assert office.texts() == []
    assert ("host", "cancelled", 1) in office.mail_jobs()
    assert await cancel(office.desk, done.row.uid, done.token) == row
    assert (await booked(office)).created


async def test_what_is_over_or_cancelled_stays_so(office):
    over, gone = await booked(office), await booked(office, start="2026-11-24 14:00")
    await cancel(office.desk, gone.row.uid, gone.token)
    with pytest.raises(SlotTaken):
        await reschedule(office.desk, gone.row.uid, gone.token, at("2026-11-25 09:00"), ZONE)

    office.now = over.row.end + 1
    with pytest.raises(SlotTaken):
        await cancel(office.desk, over.row.uid, over.token)
    with pytest.raises(SlotTaken):
        await reschedule(office.desk, over.row.uid, over.token, at("2026-11-27 09:00"), ZONE)


async def test_cancelling_works_when_the_event_is_gone_already(office):
    done = await booked(office)
    [member] = office.db.read_now(members.listing, office.alice.merged)
    await delete(office.sync, office.alice, member.href)

    assert (await cancel(office.desk, done.row.uid, done.token)).status == "cancelled"


@pytest.mark.parametrize("kind", ["caldav", "google"])
async def test_the_event_is_at_the_provider_at_once(office, kind):
    shelf = office.connect(kind)

    done = await booked(office)
    [text] = shelf.texts().values()
    assert vevent(text)["UID"] == done.row.uid

    await reschedule(office.desk, done.row.uid, done.token, at("2026-11-25 09:00"), ZONE)
    [text] = shelf.texts().values()
    assert vevent(text)["DTSTART"].dt.timestamp() == at("2026-11-25 09:00")

    await cancel(office.desk, done.row.uid, done.token)
    assert shelf.texts() == {}


async def test_a_provider_that_is_down_does_not_stop_a_booking(office):
    shelf = office.connect()
    shelf.faults = unavailable()

    done = await booked(office)

    assert (done.created, len(office.texts()), len(office.mail_jobs())) == (True, 1, 2)


async def test_what_the_provider_refuses_was_never_booked(office):
    shelf = office.connect()
    shelf.faults = [RefusedByProvider("no")]

    with pytest.raises(BackendUnavailable):
        await booked(office, key="k" * 32)

    assert [row.status for row in office.rows()] == ["declined"]
    assert (office.texts(), office.mail_jobs()) == ([], [])
    assert (await booked(office, key="k" * 32)).created


async def test_a_move_that_the_provider_refuses_changes_nothing(office):
    shelf = office.connect()
    done = await booked(office)
    shelf.faults = [RefusedByProvider("no")]

    with pytest.raises(BackendUnavailable):
        await reschedule(office.desk, done.row.uid, done.token, at("2026-11-25 09:00"), ZONE)

    [row] = office.rows()
    assert (row.start, row.end, row.blocked_until) == (done.row.start, done.row.end, done.row.blocked_until)
    assert office.mail_jobs() == [("host", "booked", 0), ("invitee", "booked", 0)]


async def test_of_two_hundred_at_once_one_is_accepted(office):
    """Starts, lengths and buffers differ; each overlaps each other one."""
    slots = [("one-on-one", "2026-11-24 10:00"), ("consulting", "2026-11-24 10:00"), ("check-in", "2026-11-24 10:15")]

    async def attempt(number):
        slug, start = slots[number % 3]
        asked = wish(start, email=f"guest{number}@example.org", key=f"{number:032}", place="+49 30 1")
        return await book(office.desk, "alice", slug, asked)

    results = await asyncio.gather(*(attempt(number) for number in range(200)), return_exceptions=True)

    accepted = [one for one in results if not isinstance(one, BaseException)]
    assert {type(one) for one in results if isinstance(one, BaseException)} == {SlotTaken}
    live = [row for row in office.rows() if row.status in bookings.BLOCKING]
    # a check-in at 10:15 and nothing else, or one of the two at 10:00 and nothing else
    assert [row.uid for row in live] == [one.row.uid for one in accepted]
    assert (len(accepted), len(office.texts()), len(office.mail_jobs())) == (1, 1, 2)
