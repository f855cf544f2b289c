"""Event types with calendars of their own: where events go, and what blocks."""

import pytest

from gateway.booking import event_types, offer
from gateway.booking.book import book
from gateway.booking.model import EventType
from gateway.booking.offer import Visit
from gateway.errors import InvalidInput
from gateway.store import accounts, bookings, members, objects
from gateway.sync.write import put
from tests.booking.office import NOW, at, wish
from tests.booking.team import Team

EVENT = """BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//t//t//EN\r\nBEGIN:VEVENT\r
UID:{uid}\r
DTSTAMP:20261101T000000Z\r
DTSTART;TZID=Europe/Berlin:20261124T100000\r\nDTEND;TZID=Europe/Berlin:20261124T110000\r\nSUMMARY:x\r\n\
END:VEVENT\r\nEND:VCALENDAR\r\n"""


@pytest.fixture
def calendars(office):
    """kind -> number: one here, one at a provider that usually gets events."""
    office.connect()
    return {row.kind: row.id for row in office.db.read_now(accounts.calendars, office.alice.id)}


def alter(office, **fields):
    def write(conn):
        of = event_types.named(conn, office.alice, "check-in")
        event_types.change(conn, of, EventType.model_validate({**of.row.document, **fields}))

    office.db.write_now(write)


def home_of(office, uid):
    def read(conn):
        member = members.by_uid(conn, office.alice.merged, uid)
        return objects.by_id(conn, member.object_id).calendar_id

    return office.db.read_now(read)


def is_open(office, moving=None, name="alice", stale_after=10**9):
    def read(conn):
        of = offer.bookable(conn, name, "check-in")
        visit = Visit("Europe/Berlin", NOW, stale_after, moving=moving)
        return offer.is_bookable(conn, of, visit, at("2026-11-24 10:00"))

    return office.db.read_now(read)


async def test_events_go_where_the_event_type_says(office, calendars):
    booked = await book(office.desk, "alice", "check-in", wish())
    assert home_of(office, booked.row.uid) == calendars["caldav"]
    alter(office, destination=calendars["local"])
    booked = await book(office.desk, "alice", "check-in", wish("2026-11-24 11:00"))
    assert home_of(office, booked.row.uid) == calendars["local"]


async def test_only_the_chosen_calendars_block(office, calendars):
    await put(office.sync, office.alice, "a.ics", EVENT.format(uid="a"))  # goes to the usual one
    assert not is_open(office)
    alter(office, busy_calendars=[calendars["local"]])
    assert is_open(office)
    assert is_open(office, moving="b")
    alter(office, busy_calendars=[calendars["caldav"]])
    assert not is_open(office)
    assert is_open(office, moving="a")


async def test_other_bookings_block_whatever_the_calendars(office, calendars):
    alter(office, busy_calendars=[calendars["local"]])
    await book(office.desk, "alice", "one-on-one", wish())
    assert not is_open(office)


async def test_with_others_each_ones_own_calendars_count(office, calendars):
    """Those that the event type names are its owner's; who was read when is asked of the same."""
    team = Team(office)
    team.connect("bob")
    alter(office, busy_calendars=[calendars["local"]])
    await put(office.sync, office.alice, "a.ics", EVENT.format(uid="a"))  # in the other one
    assert is_open(office, name="alice+bob")
    await put(office.sync, team.people["bob"], "b.ics", EVENT.format(uid="b"))
    assert not is_open(office, name="alice+bob")
    assert is_open(office, name="alice+bob", moving="b")


@pytest.mark.parametrize(("late", "free"), [("alice", True), ("bob", False)])
async def test_with_others_each_ones_own_calendars_have_to_be_read(office, calendars, late, free):
    team = Team(office)
    team.connect("bob")
    alter(office, busy_calendars=[calendars["local"]])

    def forget(conn):
        for row in accounts.of_user(conn, team.people[late].id):
            accounts.change(conn, row.id, synced=NOW - 7_200)

    office.db.write_now(forget)
    assert is_open(office, name="alice+bob", stale_after=3_600) is free
    alter(office, busy_calendars=[calendars["caldav"]])
    assert not is_open(office, name="alice+bob", stale_after=3_600)


async def test_where_the_calendars_are_gone_it_is_as_usual(office, calendars):
    alter(office, destination=calendars["caldav"], busy_calendars=[calendars["caldav"]])
    await put(office.sync, office.alice, "a.ics", EVENT.format(uid="a"))
    row = office.db.read_now(accounts.calendar, calendars["caldav"])
    office.db.write_now(accounts.remove, row.account_id)
    assert is_open(office)
    booked = await book(office.desk, "alice", "check-in", wish())
    assert home_of(office, booked.row.uid) == calendars["local"]
    assert not is_open(office)


@pytest.mark.parametrize("field", ["destination", "busy_calendars"])
def test_calendars_of_others_are_refused(office, calendars, field):
    [theirs] = office.db.read_now(accounts.calendars, office.person("bob").id)
    with pytest.raises(InvalidInput):
        alter(office, **{field: theirs.id if field == "destination" else [calendars["local"], theirs.id]})
    assert office.db.read_now(bookings.event_type, office.alice.id, "check-in").document.get(field) is None
