"""iTIP messages, as RFC 5546 and the big clients want them."""

import icalendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.errors import InvalidCalendarObject
from gateway.ical.objects import read
from gateway.ical.text import parse
from gateway.scheduling.itip import cancel, publish, reply, request
from tests.node import needs_node, read_with_ical_js
from tests.scheduling.sample import event

STAMP = 1_795_600_000
HOSTILE = 'a\r\nATTENDEE:mailto:evil@x\nb\x85c\u2028d\u2029e\x00f"g;h:i,j\\k^l\x0bm\x1fn'
SIGNS = st.sampled_from(list('\r\n\x85\u2028\u2029\x00";:,\\^ \t\x0b\x0cabäß€😀='))
hostile = st.one_of(st.text(SIGNS, max_size=60), st.text(st.characters(codec="utf-8"), max_size=60))


def lines(text: str) -> list[str]:
    return text.replace("\r\n ", "").split("\r\n")


def test_a_request_names_everything_clients_ask_for():
    text = request(read(event()), sent_by="calendar@gateway.example")
    made = icalendar.Calendar.from_ical(text)
    [meeting] = made.walk("VEVENT")

    assert lines(text)[1:5] == [
        "PRODID:-//gateway//calendar gateway//EN",
        "VERSION:2.0",
        "CALSCALE:GREGORIAN",
        "METHOD:REQUEST",
    ]
    assert [zone["TZID"] for zone in made.walk("VTIMEZONE")] == ["Europe/Berlin"]
    assert meeting["DTSTART"].params["TZID"] == "Europe/Berlin"
    assert {
        "UID",
        "DTSTAMP",
        "DTSTART",
        "DTEND",
        "SEQUENCE",
        "SUMMARY",
        "ORGANIZER",
        "ATTENDEE",
        "STATUS",
    } <= meeting.keys()
    assert meeting["ORGANIZER"] == "mailto:alice@example.com"
    assert meeting["ORGANIZER"].params == {"CN": "Alice Example", "SENT-BY": "mailto:calendar@gateway.example"}


def test_what_is_between_a_client_and_its_server_stays_there():
    text = request(read(event()))

    assert "SCHEDULE-" not in text
    assert "X-GATEWAY" not in text
    assert "VALARM" not in text
    assert "SENT-BY" not in text


def test_the_organizer_who_sends_it_needs_no_deputy():
    assert "SENT-BY" not in request(read(event()), sent_by="Alice@example.com")


def test_a_list_of_members_keeps_its_values_apart():
    members = (
        'ATTENDEE;MEMBER="mailto:a@example.org","mailto:b;c@example.org";SCHEDULE-AGENT=CLIENT:mailto:g@example.org\r\n'
    )
    text = request(read(event().replace("X-GATEWAY-BOOKING:b-1\r\n", members)))

    assert 'ATTENDEE;MEMBER="mailto:a@example.org","mailto:b;c@example.org":mailto:g@example.org' in lines(text)


def test_a_cancellation_raises_the_sequence_and_says_so():
    text = cancel(read(event()), stamp=STAMP, sequence=3)
    [meeting] = icalendar.Calendar.from_ical(text).walk("VEVENT")

    assert "METHOD:CANCEL" in lines(text)
    assert (meeting["UID"], meeting["SEQUENCE"], meeting["STATUS"]) == ("b-1", 3, "CANCELLED")
    assert "DTSTAMP:20261125T094640Z" in lines(text)
    assert "DTSTART;TZID=Europe/Berlin:20261127T110000" in lines(text)


def test_a_cancellation_for_one_names_only_that_one_and_leaves_the_event():
    text = cancel(read(event()), stamp=STAMP, sequence=1, only={"bob@example.org"})

    assert [line.rpartition(":")[2] for line in lines(text) if line.startswith("ATTENDEE")] == ["bob@example.org"]
    assert "STATUS:CONFIRMED" in lines(text)


def test_a_reply_carries_the_one_answer():
    text = reply(read(event()), "bob@example.org", "DECLINED", stamp=STAMP, comment="on leave; sorry")
    [meeting] = parse(text).children("VEVENT")

    assert "METHOD:REPLY" in lines(text)
    assert [line.param("PARTSTAT") for line in meeting.all("ATTENDEE")] == ["DECLINED"]
    assert meeting.first("ATTENDEE").param("RSVP") is None
    assert meeting.text("COMMENT") == "on leave; sorry"
    assert meeting.text("REQUEST-STATUS") == "2.0;Success"
    assert meeting.text("SEQUENCE") == "0"


def test_a_reply_of_somebody_not_invited_is_refused():
    with pytest.raises(InvalidCalendarObject, match="not invited"):
        reply(read(event()), "eve@example.net", "ACCEPTED", stamp=STAMP)


def test_what_is_published_invites_nobody():
    text = publish(read(event()))

    assert "METHOD:PUBLISH" in lines(text)
    assert "ATTENDEE" not in text


@pytest.mark.parametrize("line", ["ORGANIZER", "ATTENDEE"])
def test_an_invitation_without_people_is_refused(line):
    without = [one for one in lines(event()) if not one.startswith(line)]

    with pytest.raises(InvalidCalendarObject):
        request(read("\r\n".join(without)))


def test_every_component_of_a_series_goes_along():
    master = event().replace("SEQUENCE:0", "SEQUENCE:0\r\nRRULE:FREQ=WEEKLY;COUNT=3")
    begin, end = master.index("BEGIN:VEVENT"), master.index("END:VCALENDAR")
    moved = master[begin:end].replace("RRULE:FREQ=WEEKLY;COUNT=3", "RECURRENCE-ID;TZID=Europe/Berlin:20261204T110000")
    text = request(read(master[:end] + moved + master[end:]))

    assert len(icalendar.Calendar.from_ical(text).walk("VEVENT")) == 2


@settings(max_examples=100, deadline=None)
@given(title=hostile, note=hostile, place=hostile, name=hostile)
def test_no_text_ever_leaves_its_value(title, note, place, name):
    plain = [line.partition(":")[0].partition(";")[0] for line in lines(request(read(event())))]
    made = request(read(event(title, note, place, name, name)))

    assert [line.partition(":")[0].partition(";")[0] for line in lines(made)] == plain
    assert not set("\x00\x0b\x0c\x85\u2028\u2029") & set(made)
    [meeting] = parse(made).children("VEVENT")
    assert [line.value for line in meeting.all("ATTENDEE")] == ["mailto:alice@example.com", "mailto:bob@example.org"]
    icalendar.Calendar.from_ical(made)


class TestIcalJs:
    pytestmark = needs_node

    def test_it_reads_a_request(self):
        read_back = read_with_ical_js(request(read(event(place="Room 1, left; 2nd floor"))))
        [meeting] = read_back["events"]

        assert (read_back["method"], read_back["zones"]) == ("REQUEST", ["Europe/Berlin"])
        assert (meeting["uid"], meeting["sequence"], meeting["status"]) == ("b-1", 0, "CONFIRMED")
        assert (meeting["start"], meeting["end"]) == ("2026-11-27T10:00:00.000Z", "2026-11-27T11:00:00.000Z")
        assert meeting["location"] == "Room 1, left; 2nd floor"
        assert meeting["organizer"]["address"] == "mailto:alice@example.com"
        assert [one["cn"] for one in meeting["attendees"]] == ["Alice Example", "Bob Müller"]

    def test_it_reads_a_cancellation(self):
        [meeting] = read_with_ical_js(cancel(read(event()), stamp=STAMP, sequence=2))["events"]

        assert (meeting["sequence"], meeting["status"]) == (2, "CANCELLED")

    def test_hostile_names_and_notes_stay_what_they_are(self):
        [plain] = read_with_ical_js(request(read(event())))["events"]
        [meeting] = read_with_ical_js(request(read(event(HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE))))["events"]

        assert meeting["names"] == plain["names"]
        assert [one["address"] for one in meeting["attendees"]] == [
            "mailto:alice@example.com",
            "mailto:bob@example.org",
        ]
