"""What is offered, as the index has it."""

import pytest

from gateway.booking import offer
from gateway.booking.offer import Visit
from gateway.errors import NotFound
from gateway.freebusy.availability import Window, WorkingHours, week, write_availability
from gateway.store import bookings, properties, schedules
from tests.booking.office import NOW, at

VISIT = Visit("Europe/Berlin", NOW, 3600)
MONDAY = at("2026-11-23 00:00"), at("2026-11-24 00:00")


def find(office, slug="one-on-one"):
    return office.db.read_now(offer.bookable, "alice", slug)


def clock(starts):
    return [(start - MONDAY[0]) // 60 for start in starts]


def test_without_working_hours_it_is_nine_to_five(office):
    found = clock(office.db.read_now(offer.starts, find(office), VISIT, *MONDAY))
    assert (found[0], found[-1], len(found)) == (9 * 60, 16 * 60 + 30, 16)


def test_working_hours_are_the_hosts(office):
    hours = WorkingHours("Asia/Tokyo", week(range(5), [Window(17 * 60, 18 * 60)]))
    office.db.write_now(schedules.set_availability, office.alice.id, write_availability(hours, 1))
    assert clock(office.db.read_now(offer.starts, find(office), VISIT, *MONDAY)) == [9 * 60, 9 * 60 + 30]


def test_an_event_type_may_have_hours_of_its_own(office):
    document = {"title": "Late", "length": 60, "hours": {"weekly": [["20:00-22:00"]] * 7}}
    office.db.write_now(bookings.put_event_type, office.alice.id, "late", document)
    assert clock(office.db.read_now(offer.starts, find(office, "late"), VISIT, *MONDAY)) == [20 * 60, 21 * 60]


def test_nothing_is_offered_in_the_past(office):
    start = at("2026-11-20 00:00")
    found = office.db.read_now(offer.starts, find(office), VISIT, start, MONDAY[1])
    assert found[0] == at("2026-11-23 09:00")


def test_the_next_free_start(office):
    read = office.db.read_now
    assert read(offer.next_start, find(office), VISIT, NOW) == at("2026-11-23 09:00")
    assert read(offer.next_start, find(office, "far-away"), VISIT, NOW) == at("2026-12-11 10:00")
    assert read(offer.next_start, find(office, "never"), VISIT, NOW) is None


def test_the_nearest_ones_come_in_order(office):
    found = office.db.read_now(offer.nearest, find(office), VISIT, at("2026-11-23 10:10"), 3)
    assert found == [at("2026-11-23 09:30"), at("2026-11-23 10:00"), at("2026-11-23 10:30")]


@pytest.mark.parametrize(("user", "slug"), [("nobody", "one-on-one"), ("alice", "nothing"), ("bob", "one-on-one")])
def test_what_is_not_there(office, user, slug):
    with pytest.raises(NotFound):
        office.db.read_now(offer.bookable, user, slug)


def test_an_event_type_that_cannot_be_read_is_not_there(office):
    office.db.write_now(bookings.put_event_type, office.alice.id, "broken", {"length": "long"})
    with pytest.raises(NotFound):
        find(office, "broken")


def test_the_accent_is_the_colour_of_the_hosts_calendar(office):
    value = '<C xmlns="http://apple.com/ns/ical/" symbolic-color="custom">#E4572EFF</C>'
    path = "/dav/calendars/alice/merged/"
    office.db.write_now(properties.put, office.alice.id, path, {offer.CALENDAR_COLOR: value})
    assert find(office).color == "#E4572EFF"


def test_an_event_type_may_name_a_schedule_of_its_host(office):
    evenings = WorkingHours("Europe/Berlin", week(range(5), [Window(18 * 60, 19 * 60)]))
    office.db.write_now(schedules.add, office.alice.id, "", write_availability(evenings, 1))
    key = office.db.write_now(
        schedules.add, office.alice.id, "Mornings",
        write_availability(WorkingHours("Europe/Berlin", week(range(5), [Window(6 * 60, 7 * 60)])), 1),
    )  # fmt: skip
    for slug, named in (("early", key), ("usual", None), ("lost", key + 99)):
        document = {"title": slug, "length": 60, "schedule": named}
        office.db.write_now(bookings.put_event_type, office.alice.id, slug, document)
    found = {slug: clock(office.db.read_now(offer.starts, find(office, slug), VISIT, *MONDAY)) for slug in
             ("early", "usual", "lost")}  # fmt: skip
    assert found == {"early": [6 * 60], "usual": [18 * 60], "lost": [18 * 60]}
