"""What is read of an event is what was written into it, in every zone and on nights when clocks change."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.booking.event import Meeting, Person, event, moved, placed, replied
from gateway.booking.seen import HIGHEST, seen
from tests.booking.office import NOW, at
from tests.sync.objects import event as plain

ALICE, JOERG = Person("Alice", "alice@example.com"), Person("Jörg", "Joerg@example.org")
MEETING = Meeting("u", 0, NOW, NOW + 1800, "Europe/Berlin", "Talk", "", "Room 1", ALICE, JOERG, NOW, NOW)
TEN = at("2026-11-24 10:00"), at("2026-11-24 11:00")
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata")
meetings = st.builds(
    lambda start, minutes, zone, sequence: replace(
        MEETING, start=start * 60, end=(start + minutes) * 60, zone=zone, sequence=sequence
    ),
    st.integers(NOW // 60, NOW // 60 + 2 * 366 * 1440),
    st.integers(1, 1440),
    st.sampled_from(ZONES),
    st.integers(0, 99),
)


@given(meetings, meetings)
def test_what_was_written_is_seen_and_writing_it_again_is_a_move(first, second):
    text = event(first)
    known = seen(text, first.zone)
    assert (known.time, known.sequence, known.place) == ((first.start, first.end), first.sequence, "Room 1")

    after = seen(moved(text, second), second.zone)
    assert after.time == (second.start, second.end)
    assert after.sequence == max(first.sequence, second.sequence)


@given(meetings)
def test_the_time_it_has_already_is_not_written_anew(meeting):
    text = event(meeting)
    assert moved(text, meeting) == text


@pytest.mark.parametrize(
    ("lines", "start", "end", "time"),
    [
        pytest.param((), "20261124T090000Z", "20261124T100000Z", TEN, id="utc"),
        pytest.param((), "20261124T100000", "20261124T110000", TEN, id="floating"),
        pytest.param((), "20261124T100000", "20261124T100000", None, id="no length"),
        pytest.param(("RRULE:FREQ=DAILY",), "20261124T090000Z", "20261124T100000Z", None, id="without end"),
        pytest.param(("RRULE:FREQ=DAILY;COUNT=1",), "20261124T090000Z", "20261124T100000Z", None, id="a series of one"),
    ],
)
def test_a_time_is_a_single_one(lines, start, end, time):
    assert seen(plain("u", start=start, end=end, lines=lines), "Europe/Berlin").time == time


@pytest.mark.parametrize(
    ("given", "number"),
    [("7", 7), ("-1", 0), ("many", 0), ("99999999999", HIGHEST), ("9" * 400, 0)],
    ids=["a number", "negative", "none", "too high", "absurd"],
)
def test_a_sequence_is_taken_as_far_as_it_makes_sense(given, number):
    assert seen(plain("u", lines=(f"SEQUENCE:{given}",)), "UTC").sequence == number


@pytest.mark.parametrize("text", ["", "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "not a calendar"])
def test_what_is_no_event_says_nothing(text):
    assert seen(text, "UTC") is None


def test_an_answer_and_a_place_are_written_down_once():
    text = replied(event(MEETING), "joerg@example.org", "DECLINED")
    assert seen(text, "UTC").replies == {"alice@example.com": "ACCEPTED", "joerg@example.org": "DECLINED"}
    assert replied(text, "JOERG@example.org", "DECLINED") == text
    assert replied(text, "nobody@example.org", "DECLINED") == text
    assert seen(placed(text, "Room\n2, left"), "UTC").place == "Room 2, left"
    assert seen(placed(text, ""), "UTC").place == ""
