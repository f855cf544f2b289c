"""What is taken of the hosts' time is what their event says, whatever the rule, the zone and the clock."""

import asyncio
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar
import recurring_ical_events
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.booking import offer
from gateway.booking.book import book, cancel, reschedule
from gateway.booking.offer import Visit
from gateway.booking.turns import turns
from gateway.errors import SlotTaken
from gateway.store import bookings, principals, taken
from tests.booking.office import NOW, wish

ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC")
DAY = 86_400
ALWAYS = [["00:00-24:00"]] * 7
rules = st.one_of(
    st.fixed_dictionaries({"per": st.just("day"), "every": st.integers(1, 40), "count": st.integers(2, 6)}),
    st.fixed_dictionaries({"per": st.just("week"), "every": st.integers(1, 6), "count": st.integers(2, 6)}),
    st.fixed_dictionaries({"per": st.just("month"), "every": st.integers(1, 2), "count": st.integers(2, 5)}),
)
steps = st.lists(
    st.tuples(st.sampled_from(["cancel", "move", "all"]), st.integers(0, 5), st.integers(1, 200)), max_size=4
)


def spans(office):
    rows = office.db.read_now(taken.blocking, [office.alice.id], NOW, NOW + 900 * DAY)
    return sorted((row.start, row.end) for row in rows)


def expanded(office):
    """By a library that is not ours."""
    found = []
    for text in office.texts():
        calendar = icalendar.Calendar.from_ical(text)
        first, last = (datetime.fromtimestamp(at, UTC) for at in (NOW - DAY, NOW + 900 * DAY))
        dates = recurring_ical_events.of(calendar).between(first, last)
        found += [(int(one["DTSTART"].dt.timestamp()), int(one["DTEND"].dt.timestamp())) for one in dates]
    return sorted(found)


async def change(office, done, step):
    what, number, hours = step
    now = {row.uid: row for row in office.rows()}[done.row.uid]
    dates = [one for one in turns(now) if not one.gone]
    one = dates[number % len(dates)] if dates else turns(now)[0]
    try:
        if what == "cancel":
            await cancel(office.desk, now.uid, done.token, at=one.at)
        else:
            at = one.at if what == "move" else None
            start = one.start + hours * 3600
            await reschedule(office.desk, now.uid, done.token, start, "UTC", at=at)
    except SlotTaken:
        return


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(zone=st.sampled_from(ZONES), rule=rules, day=st.integers(1, 300), hour=st.integers(0, 23), changes=steps)
def test_taken_is_what_the_event_says(office, zone, rule, day, hour, changes):
    office.db.write_now(principals.change, office.alice.id, {"zone": zone})
    kind = {
        **{"title": "Any", "length": 60, "zone": zone, "notice": 0, "series": rule},
        **{"hours": {"zone": zone, "weekly": ALWAYS}, "window": {"kind": "rolling", "days": 3000}},
    }
    office.db.write_now(bookings.put_event_type, office.alice.id, "any", kind)
    local = datetime.fromtimestamp(NOW, ZoneInfo(zone)).replace(hour=hour, minute=0, tzinfo=None)
    start = int((local + timedelta(days=day)).replace(tzinfo=ZoneInfo(zone)).timestamp())
    of = office.db.read_now(offer.bookable, "alice", "any")
    free = office.db.read_now(offer.starts, of, Visit(zone, NOW, 10**9), start, start + DAY)

    async def live():
        given_ = wish()
        done = await book(office.desk, "alice", "any", type(given_)(free[0], given_.invitee))
        assert spans(office) == expanded(office)
        for step in changes:
            await change(office, done, step)
            assert spans(office) == expanded(office)
        await cancel(office.desk, done.row.uid, done.token)
        assert (spans(office), office.texts()) == ([], [])

    if free:
        asyncio.run(live())
