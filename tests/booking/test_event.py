"""The calendar object of a booking, read by a library that is not ours."""

from dataclasses import replace

import icalendar
import pytest

from gateway.booking.event import Meeting, Person, event, moved
from gateway.ical.objects import read
from tests.booking.office import at
from tests.sync.objects import event as plain

MEETING = Meeting(
    uid="b-1",
    sequence=0,
    start=at("2026-12-01 10:00"),
    end=at("2026-12-01 11:30"),
    zone="Europe/Berlin",
    title="Talk: Alice – Bob",
    description="One\nTwo; three, four",
    location="Torstraße 1",
    host=Person('Alice "Al" Hartmann', "alice@example.com"),
    invitee=Person("Bob\r\nATTENDEE:mailto:evil@example.org", "bob@example.org"),
    created=at("2026-10-01 09:00"),
    changed=at("2026-10-01 09:00"),
)


def vevent(text):
    [found] = icalendar.Calendar.from_ical(text).walk("VEVENT")
    return found


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "UTC"])
@pytest.mark.parametrize(
    "start",
    [
        pytest.param(MEETING.start, id="an ordinary day"),
        pytest.param(at("2026-10-25 01:30"), id="into the hour that comes twice"),
        pytest.param(at("2026-10-25 03:00") - 1800, id="out of the hour that comes twice"),
        pytest.param(at("2027-03-28 01:30"), id="over the hour that is missing"),
    ],
)
def test_it_is_one_object_at_the_right_instants(zone, start):
    meeting = replace(MEETING, zone=zone, start=start, end=start + 5400)
    text = event(meeting)
    assert read(text).uid == "b-1"
    found = vevent(text)
    assert (found["DTSTART"].dt.timestamp(), found["DTEND"].dt.timestamp()) == (start, start + 5400)
    assert (found["SUMMARY"], found["DESCRIPTION"]) == ("Talk: Alice – Bob", "One\nTwo; three, four")


def test_names_cannot_add_lines():
    found = vevent(event(MEETING))
    assert [str(one) for one in found["ATTENDEE"]] == ["mailto:alice@example.com", "mailto:bob@example.org"]
    assert found["ORGANIZER"].params["CN"] == 'Alice "Al" Hartmann'


def test_a_moved_object_keeps_the_rest_and_gains_its_zone():
    stored = plain("b-1", lines=["X-NOTE:kept", "RELATED-TO:other"])
    text = moved(stored, replace(MEETING, sequence=3))
    found = vevent(text)
    assert (found["DTSTART"].dt.timestamp(), found["SEQUENCE"], found["X-NOTE"]) == (MEETING.start, 3, "kept")
    assert text.count("BEGIN:VTIMEZONE") == 1
    assert moved(text, replace(MEETING, sequence=3)) == text
    assert read(text).uid == "b-1"
