"""Series: every date is taken, stands in one event, and can be cancelled or moved by itself."""

import asyncio

import icalendar
import pytest

from gateway.booking import offer
from gateway.booking.book import book, cancel, reschedule
from gateway.booking.confirm import confirm, decline
from gateway.booking.holds import hold
from gateway.booking.model import details
from gateway.booking.offer import Visit
from gateway.booking.turns import turns
from gateway.errors import BackendUnavailable, RefusedByProvider, SlotTaken
from gateway.store import bookings, members, taken
from gateway.sync.write import put
from tests.booking.office import NOW, at, wish
from tests.sync.objects import event

ZONE = "America/New_York"
DAY = 86_400
FIRST = "2027-03-09 10:00"
DATES = [at(f"2027-03-{day} 10:00") for day in ("09", "23")] + [at("2027-04-06 10:00"), at("2027-04-20 10:00")]
SERIES = {
    "title": {"en": "Coaching", "de": "Begleitung"},
    "length": 60,
    "before": 15,
    "after": 15,
    "window": {"kind": "rolling", "days": 365},
    "series": {"every": 2, "per": "week", "count": 4},
}


@pytest.fixture
def kind(office):
    """Changes the event type `coaching`: four dates, fortnightly, while the clocks change."""

    def put_kind(**changed):
        office.db.write_now(bookings.put_event_type, office.alice.id, "coaching", {**SERIES, **changed})

    put_kind()
    return put_kind


@pytest.fixture
async def done(office, kind):
    return await book(office.desk, "alice", "coaching", wish(FIRST))


def starts(office, first, last, slug="coaching", dates=0):
    of = office.db.read_now(offer.bookable, "alice", slug).with_dates(dates)
    visit = Visit(ZONE, int(office.now), office.settings.booking.stale_after)
    return office.db.read_now(offer.starts, of, visit, at(first), at(last))


def spans(office):
    """(start, end) of all that is taken."""
    rows = office.db.read_now(taken.blocking, [office.alice.id], NOW, NOW + 730 * DAY)
    assert all((row.start - row.blocked_from, row.blocked_until - row.end) == (900, 900) for row in rows)
    return [(row.start, row.end) for row in rows]


def hours(*dates):
    return [(one, one + 3600) for one in dates]


def parts(text):
    return icalendar.Calendar.from_ical(text).walk("VEVENT")


def event_text(office):
    [text] = office.texts()
    return text


async def test_a_series_is_one_booking_one_event_and_each_of_its_dates(office, done):
    [row] = office.rows()
    assert (row.status, row.start, row.end) == ("accepted", DATES[0], DATES[0] + 3600)
    assert [one.start for one in turns(row)] == DATES
    assert spans(office) == hours(*DATES)
    [found] = parts(event_text(office))
    assert found["RRULE"] == {"FREQ": ["WEEKLY"], "COUNT": [4], "INTERVAL": [2]}
    assert (found["DTSTART"].dt.timestamp(), found["DTSTART"].params["TZID"]) == (DATES[0], "Europe/Berlin")
    assert "BEGIN:VTIMEZONE" in event_text(office)
    assert office.mail_jobs() == [("host", "booked", 0), ("invitee", "booked", 0)]


async def test_no_time_is_offered_unless_every_date_is_free(office, kind):
    assert DATES[0] in starts(office, "2027-03-09 00:00", "2027-03-10 00:00")
    await put(office.sync, office.alice, "a.ics", event("a", start="20270420T080000Z", end="20270420T083000Z"))

    assert DATES[0] not in starts(office, "2027-03-09 00:00", "2027-03-10 00:00")
    with pytest.raises(SlotTaken):
        await book(office.desk, "alice", "coaching", wish(FIRST))


async def test_fewer_dates_where_the_invitee_may_choose(office, kind):
    await put(office.sync, office.alice, "a.ics", event("a", start="20270420T080000Z", end="20270420T083000Z"))
    with pytest.raises(SlotTaken):
        await book(office.desk, "alice", "coaching", wish(FIRST, dates=3))

    kind(series={**SERIES["series"], "fewer": True})
    assert DATES[0] in starts(office, "2027-03-09 00:00", "2027-03-10 00:00", dates=3)
    for too_few in (1, -4):
        with pytest.raises(SlotTaken):
            await book(office.desk, "alice", "coaching", wish(FIRST, dates=too_few))
    await book(office.desk, "alice", "coaching", wish(FIRST, dates=3))
    assert spans(office) == hours(*DATES[:3])


async def test_months_without_the_day_are_passed_over(office, kind):
    kind(series={"every": 1, "per": "month", "count": 3}, hours={"weekly": [["09:00-17:00"]] * 7})
    done = await book(office.desk, "alice", "coaching", wish("2027-01-31 10:00"))

    days = [at("2027-01-31 10:00"), at("2027-03-31 10:00"), at("2027-05-31 10:00")]
    assert [one.start for one in turns(done.row)] == days
    assert spans(office) == hours(*days)


async def test_each_date_counts_towards_the_limits(office, kind):
    kind(limits=[{"per": "month", "count": 2}])
    await book(office.desk, "alice", "coaching", wish(FIRST))

    assert starts(office, "2027-03-29 00:00", "2027-04-30 00:00") == []
    assert starts(office, "2027-05-03 00:00", "2027-05-04 00:00") == []


async def test_each_date_takes_its_time_from_others(office, done):
    for date in ("2027-03-23 10:00", "2027-04-20 10:30", "2027-04-06 11:00"):
        with pytest.raises(SlotTaken):
            await book(office.desk, "alice", "one-on-one", wish(date))
    office.now = at("2027-03-20 09:00")
    with pytest.raises(SlotTaken):
        await book(office.desk, "alice", "check-in", wish("2027-04-06 11:00"))
    assert (await book(office.desk, "alice", "check-in", wish("2027-04-06 11:15"))).created


async def test_all_dates_are_kept_while_the_form_is_filled_in(office, kind):
    assert await hold(office.desk, "alice", "coaching", DATES[0], ZONE, "ann")
    assert not await hold(office.desk, "alice", "coaching", DATES[1], ZONE, "ben")

    with pytest.raises(SlotTaken):
        await book(office.desk, "alice", "coaching", wish("2027-03-23 10:00", visitor="ben"))
    assert (await book(office.desk, "alice", "coaching", wish(FIRST, visitor="ann"))).created


async def test_of_overlapping_series_and_single_bookings_one_is_accepted(office, kind):
    kind(hours={"weekly": [["10:00-11:00"]] * 7}, window={"kind": "rolling", "days": 60})
    office.now = at("2027-02-28 09:00")
    single = {"title": "One", "length": 60, "hours": {"weekly": [["10:00-11:00"]] * 7}}
    office.db.write_now(bookings.put_event_type, office.alice.id, "single", single)
    tries = [("coaching", FIRST), ("coaching", "2027-03-23 10:00"), ("single", "2027-04-06 10:00")]

    async def attempt(number):
        slug, start = tries[number % 3]
        return await book(office.desk, "alice", slug, wish(start, email=f"g{number}@example.org", key=f"{number:032}"))

    results = await asyncio.gather(*(attempt(number) for number in range(60)), return_exceptions=True)

    won = [one for one in results if not isinstance(one, BaseException)]
    assert {type(one) for one in results if isinstance(one, BaseException)} == {SlotTaken}
    assert (len(won), len(office.texts()), len(office.mail_jobs())) == (1, 1, 2)


async def test_all_that_is_still_to_come_is_cancelled(office, done):
    row = await cancel(office.desk, done.row.uid, done.token, "I am ill.")

    assert (row.status, details(row).reason, row.sequence) == ("cancelled", "I am ill.", 1)
    assert (office.texts(), spans(office)) == ([], [])
    assert ("invitee", "cancelled", 1) in office.mail_jobs()


async def test_what_was_stays_in_the_calendar(office, done):
    office.now = DATES[1] + 3600
    row = await cancel(office.desk, done.row.uid, done.token)

    assert row.status == "cancelled"
    assert [one.gone for one in turns(row)] == [False, False, True, True]
    [found] = parts(event_text(office))
    assert [one.dt.timestamp() for one in found["EXDATE"].dts] == DATES[2:]


async def test_one_date_is_cancelled_and_the_others_stand(office, done):
    row = await cancel(office.desk, done.row.uid, done.token, "A holiday.", at=DATES[1])

    assert (row.status, row.sequence) == ("accepted", 1)
    assert spans(office) == hours(DATES[0], DATES[2], DATES[3])
    [found] = parts(event_text(office))
    assert ([one.dt.timestamp() for one in found["EXDATE"].dts], found["SEQUENCE"]) == ([DATES[1]], 1)
    assert [job for job in office.mail_jobs() if job[2] == 1] == [
        ("host", "date_cancelled", 1),
        ("invitee", "date_cancelled", 1),
    ]
    assert await cancel(office.desk, done.row.uid, done.token, at=DATES[1]) == row


async def test_with_its_last_date_the_series_is_cancelled(office, done):
    for date in DATES:
        row = await cancel(office.desk, done.row.uid, done.token, at=date)
    assert (row.status, office.texts(), spans(office)) == ("cancelled", [], [])


async def test_one_date_is_moved(office, done):
    there = at("2027-03-24 14:00")
    row = await reschedule(office.desk, done.row.uid, done.token, there, ZONE, at=DATES[1])

    assert (row.start, row.sequence) == (DATES[0], 1)
    assert spans(office) == hours(DATES[0], there, DATES[2], DATES[3])
    master, other = parts(event_text(office))
    assert (master["DTSTART"].dt.timestamp(), "EXDATE" in master) == (DATES[0], False)
    assert (other["RECURRENCE-ID"].dt.timestamp(), other["DTSTART"].dt.timestamp()) == (DATES[1], there)
    assert ("invitee", "date_moved", 1) in office.mail_jobs()
    back = await reschedule(office.desk, done.row.uid, done.token, DATES[1], ZONE, at=DATES[1])
    assert (back.sequence, spans(office)) == (2, hours(*DATES))


async def test_one_date_is_not_moved_onto_another_of_the_same_series(office, done):
    with pytest.raises(SlotTaken):
        await reschedule(office.desk, done.row.uid, done.token, DATES[2] + 1800, ZONE, at=DATES[1])
    assert spans(office) == hours(*DATES)


async def test_a_late_date_is_moved_beyond_the_window_for_booking(office, kind):
    kind(window={"kind": "rolling", "days": 7})
    office.now = at("2027-03-05 09:00")
    done = await book(office.desk, "alice", "coaching", wish(FIRST))

    there = at("2027-05-18 10:00")
    row = await reschedule(office.desk, done.row.uid, done.token, there, ZONE, at=DATES[3])
    assert turns(row)[3].start == there
    with pytest.raises(SlotTaken):
        await reschedule(office.desk, done.row.uid, done.token, at("2027-05-25 10:00"), ZONE, at=DATES[3])


async def test_the_whole_series_is_moved(office, done):
    first = at("2027-03-10 14:00")
    row = await reschedule(office.desk, done.row.uid, done.token, first, ZONE)

    dates = [at(f"{day} 14:00") for day in ("2027-03-10", "2027-03-24", "2027-04-07", "2027-04-21")]
    assert (row.uid, row.start, row.sequence, spans(office)) == (done.row.uid, first, 1, hours(*dates))
    [found] = parts(event_text(office))
    assert (found["DTSTART"].dt.timestamp(), found["RRULE"]["COUNT"]) == (first, [4])
    assert ("invitee", "rescheduled", 1) in office.mail_jobs()


async def test_moved_as_a_whole_the_dates_that_were_stay_and_cancelled_ones_do_not_come_back(office, done):
    await cancel(office.desk, done.row.uid, done.token, at=DATES[2])
    row = await reschedule(office.desk, done.row.uid, done.token, at("2027-03-08 10:00"), ZONE)
    dates = [at(f"{day} 10:00") for day in ("2027-03-08", "2027-03-22", "2027-04-05")]
    assert spans(office) == hours(*dates)

    office.now = dates[0] + 3600
    row = await reschedule(office.desk, done.row.uid, done.token, at("2027-03-23 12:00"), ZONE)
    later = [at(f"{day} 12:00") for day in ("2027-03-23", "2027-04-06")]
    assert [one.start for one in turns(row)] == [dates[0], *later]
    assert spans(office) == hours(dates[0], *later)
    assert [one["DTSTART"].dt.timestamp() for one in parts(event_text(office))] == [dates[0], *later]


async def test_until_when_counts_for_each_date(office, kind):
    kind(cancel_until=1440, move_until=1440)
    done = await book(office.desk, "alice", "coaching", wish(FIRST))
    office.now = DATES[0] - 3600
    with pytest.raises(SlotTaken):
        await cancel(office.desk, done.row.uid, done.token, at=DATES[0])

    row = await reschedule(office.desk, done.row.uid, done.token, at("2027-03-22 10:00"), ZONE)
    assert [one.start - DATES[0] for one in turns(row)] == [0, 13 * DAY, *(n * DAY - 3600 for n in (27, 41))]
    row = await cancel(office.desk, done.row.uid, done.token)
    assert (row.status, spans(office)) == ("accepted", hours(DATES[0]))
    assert ("invitee", "date_cancelled", 2) in office.mail_jobs()


async def test_a_series_is_confirmed_as_one(office, kind):
    kind(confirmation={})
    done = await book(office.desk, "alice", "coaching", wish(FIRST))
    token = office.desk.sealer.open(details(done.row).host_token.encode())
    assert (done.row.status, spans(office), office.texts()) == ("pending", hours(*DATES), [])

    await confirm(office.desk, done.row.uid, token)
    [found] = parts(event_text(office))
    assert (found["STATUS"], found["RRULE"]["COUNT"]) == ("CONFIRMED", [4])


async def test_what_is_declined_takes_no_time(office, kind):
    kind(confirmation={})
    done = await book(office.desk, "alice", "coaching", wish(FIRST))
    token = office.desk.sealer.open(details(done.row).host_token.encode())

    assert (await decline(office.desk, done.row.uid, token)).status == "declined"
    assert spans(office) == []


async def test_a_series_is_not_confirmed_over_another_booking(office, kind):
    kind(confirmation={"blocks": False})
    done = await book(office.desk, "alice", "coaching", wish(FIRST))
    token = office.desk.sealer.open(details(done.row).host_token.encode())
    office.now = at("2027-03-20 09:00")
    await book(office.desk, "alice", "check-in", wish("2027-04-06 10:30"))

    with pytest.raises(SlotTaken):
        await confirm(office.desk, done.row.uid, token)


async def test_what_a_provider_refuses_changes_no_date(office, kind):
    shelf = office.connect()
    done = await book(office.desk, "alice", "coaching", wish(FIRST))
    shelf.faults = [RefusedByProvider("no")]
    with pytest.raises(BackendUnavailable):
        await cancel(office.desk, done.row.uid, done.token, at=DATES[1])
    shelf.faults = [RefusedByProvider("no")]
    with pytest.raises(BackendUnavailable):
        await reschedule(office.desk, done.row.uid, done.token, at("2027-03-10 14:00"), ZONE)

    [row] = office.rows()
    assert [(one.start, one.gone) for one in turns(row)] == [(date, False) for date in DATES]
    assert spans(office) == hours(*DATES)
    assert len(parts(event_text(office))) == 1


async def test_what_the_host_wrote_into_the_series_stays(office, done):
    [member] = office.db.read_now(members.listing, office.alice.merged)
    noted = event_text(office).replace("TRANSP:OPAQUE\r\n", "TRANSP:OPAQUE\r\nX-NOTE:Bring the plans\r\n")
    await put(office.sync, office.alice, member.href, noted)

    await cancel(office.desk, done.row.uid, done.token, at=DATES[1])
    await reschedule(office.desk, done.row.uid, done.token, at("2027-04-07 10:00"), ZONE, at=DATES[2])
    assert [one["X-NOTE"] for one in parts(event_text(office))] == ["Bring the plans"] * 2
    assert event_text(office).count("BEGIN:VTIMEZONE") == 1
