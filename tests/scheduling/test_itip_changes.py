"""What conversations do not show: bytes, sizes, odd input."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.errors import (
    AttendeeChangeRefused,
    GatewayError,
    InvalidCalendarObject,
    InvalidSchedulingMessage,
    MixedOrganizers,
    OrganizerChangeRefused,
)
from gateway.ical.objects import ParsedObject, read, read_lenient
from gateway.scheduling import itip
from gateway.scheduling.itip import News, Outcome, Role
from tests.scheduling.abridged import calendar

STAMP = 1_795_600_000
ALICE, BOB = frozenset({"alice@example.com"}), frozenset({"bob@example.com"})
ODD = (
    "begin:vcalendar\r\nVERSION:2.0\r\nprodid:-//odd//EN\r\nBEGIN:VEVENT\r\nUID:m-1\r\nDTSTAMP:20261101T000000Z\r\n"
    "dtstart;tzid=Europe/Berlin:20261127T100000\r\nDTEND;TZID=Europe/Berlin:20261127T110000\r\n"
    'SUMMARY;LANGUAGE=de:Mitt\r\n agessen\r\n\r\nORGANIZER;CN="Alice; A.":mailto:alice@example.com\r\n'
    'ATTENDEE;CN=Bob;X-NOTE="a:b";PARTSTAT=NEEDS-ACTION:mailto\r\n :bob@example.com\r\n'
    "BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT5M\r\nEND:VALARM\r\nX-AFTER:1\r\nEND:VEVENT\r\nend:vcalendar\r\n"
)


def obj(*lines: str, method: str = "") -> ParsedObject:
    text = calendar(list(lines), "m-1", method)
    return read_lenient(text) if method else read(text)


def test_what_needs_no_change_is_stored_as_it_came():
    made = itip.organizer_changes(None, read(ODD), organizer=ALICE, stamp=STAMP)

    assert made.text == ODD
    assert [one.recipient for one in made.messages] == ["bob@example.com"]
    again = itip.organizer_changes(read(ODD), read(ODD), organizer=ALICE, stamp=STAMP)
    assert again == itip.Changes(ODD)


def test_only_the_lines_that_change_are_written_anew():
    moved = ODD.replace("T100000", "T120000").replace("T110000", "T130000").replace("NEEDS-ACTION", "ACCEPTED")
    made = itip.organizer_changes(read(ODD), read(moved), organizer=ALICE, stamp=STAMP)

    assert made.text is not None
    expected = moved.replace(
        'ATTENDEE;CN=Bob;X-NOTE="a:b";PARTSTAT=ACCEPTED:mailto\r\n :bob@example.com\r\n',
        'ATTENDEE;CN=Bob;X-NOTE="a:b";PARTSTAT=NEEDS-ACTION:mailto:bob@example.com\r\n',
    )
    assert made.text.replace("SEQUENCE:1\r\n", "") == expected
    assert "SEQUENCE:1\r\n" in made.text


def test_an_attendee_who_only_accepts_changes_one_line():
    accepted = ODD.replace("NEEDS-ACTION", "ACCEPTED")
    made = itip.attendee_changes(read(ODD), read(accepted), me=BOB, stamp=STAMP)

    assert made.text == accepted


def test_schedule_status_touches_nothing_else():
    noted = itip.with_status(ODD, {"bob@example.com": "1.2", "alice@example.com": "2.0,2.4", "eve@example.com": "5.1"})

    assert itip.with_status(noted, {"bob@example.com": "", "alice@example.com": ""}).replace("\r\n ", "") == (
        ODD.replace("\r\n ", "")
    )
    assert 'ORGANIZER;CN="Alice; A.";SCHEDULE-STATUS="2.0,2.4":mailto:alice@example.com\r\n' in noted
    assert ";SCHEDULE-STATUS=1.2:mailto:bob@example.com" in noted.replace("\r\n ", "")
    assert itip.with_status(noted, {"bob@example.com": "1.2"}) == noted
    assert itip.with_status(ODD, {}) is ODD


@pytest.mark.parametrize(
    ("lines", "mine", "role"),
    [
        (["with bob"], ALICE, Role.ORGANIZER),
        (["with bob"], BOB, Role.ATTENDEE),
        (["with bob"], frozenset({"eve@example.com"}), Role.NONE),
        ([], ALICE, Role.NONE),
        (["with alice"], ALICE, Role.NONE),
        (["-ORGANIZER"], ALICE, Role.NONE),
        (["-ORGANIZER", "with bob"], BOB, Role.NONE),
        (["weekly 3", "with carol", "--", "of 20261204T100000", "with bob"], BOB, Role.ATTENDEE),
    ],
)
def test_role(lines, mine, role):
    assert itip.role_of(obj(*lines), mine) is role


def test_an_address_that_is_no_mail_address_may_name_one():
    line = 'ATTENDEE;EMAIL="Bob@Example.com";PARTSTAT=NEEDS-ACTION:urn:uuid:1'
    [message] = itip.organizer_changes(None, obj(line), organizer=ALICE, stamp=STAMP).messages

    assert message.recipient == "bob@example.com"


def test_a_large_meeting_is_one_text():
    names = " ".join(f"guest{number}" for number in range(500))
    made = itip.organizer_changes(None, obj(f"with {names}"), organizer=ALICE, stamp=STAMP)

    assert len(made.messages) == 500
    assert len({id(one.text) for one in made.messages}) == 1


def test_an_answer_in_a_large_meeting_is_one_text_too():
    names = " ".join(f"guest{number}" for number in range(300))
    current = obj(f"with bob {names}")
    message = obj("with bob=ACCEPTED", method="REPLY")
    received = itip.receive(message, current, me=ALICE, sender="bob@example.com", stamp=STAMP)

    assert {one.news for one in received.messages} == {News.ANSWERS}
    assert len({id(one.text) for one in received.messages}) == 1
    assert "bob@example.com" not in {one.recipient for one in received.messages}


@pytest.mark.parametrize(
    "message",
    [
        pytest.param(obj("with bob", method="OBEY"), id="no such method"),
        pytest.param(obj("with bob"), id="no method"),
        pytest.param(obj("with bob", "-ORGANIZER", method="REQUEST"), id="no organizer"),
        pytest.param(obj("with bob", "-DTSTART", "-DTEND", method="REQUEST"), id="no start"),
        pytest.param(obj("with bob", "DTSTART:soon", method="REQUEST"), id="unreadable start"),
        pytest.param(obj("with bob", "RRULE:FREQ=NEVER", method="REQUEST"), id="unreadable rule"),
        pytest.param(obj("task", "with bob", method="REPLY"), id="of another kind"),
    ],
)
def test_messages_that_cannot_be_understood(message):
    current = obj("with bob") if message.kind == "VTODO" else None

    with pytest.raises(InvalidSchedulingMessage):
        itip.receive(message, current, me=BOB, sender="", stamp=STAMP)


def test_a_message_about_several_objects_brings_only_the_first():
    text = calendar(["with bob", "--", "with bob", "UID:other"], "m-1", "REQUEST")
    received = itip.receive(read_lenient(text), None, me=BOB, sender="alice@example.com", stamp=STAMP)

    assert received.outcome is Outcome.NEW
    assert received.text is not None
    assert read(received.text).uid == "m-1"


def test_answers_need_an_invitation_and_an_instance():
    with pytest.raises(InvalidCalendarObject, match="not invited"):
        itip.answer(obj("with bob"), "eve@example.com", "ACCEPTED")
    with pytest.raises(InvalidCalendarObject, match="no instance"):
        itip.answer(obj("weekly 3", "with bob"), "bob@example.com", "ACCEPTED", rid="20261205T090000Z")


def test_the_preconditions_have_their_names():
    names = {error.condition for error in (MixedOrganizers, OrganizerChangeRefused, AttendeeChangeRefused)}

    assert names == {
        "{urn:ietf:params:xml:ns:caldav}same-organizer-in-all-components",
        "{urn:ietf:params:xml:ns:caldav}allowed-organizer-scheduling-object-change",
        "{urn:ietf:params:xml:ns:caldav}allowed-attendee-scheduling-object-change",
    }


LINES = st.sampled_from(
    [
        "RRULE:FREQ=DAILY;COUNT=99999999",
        "RRULE:FREQ=SECONDLY",
        "RRULE:nonsense",
        "RECURRENCE-ID:yesterday",
        "RECURRENCE-ID;RANGE=THISANDFUTURE:20261127T090000Z",
        "RECURRENCE-ID;VALUE=DATE:20261127",
        "EXDATE:20261127T090000Z,,x",
        "RDATE;VALUE=PERIOD:20261128T090000Z/PT1H",
        "RDATE:99999999T999999Z",
        "SEQUENCE:-1",
        "SEQUENCE:99999999999999999999",
        "DTSTAMP:never",
        "DTSTART:00010101T000000Z",
        "DTSTART;VALUE=DATE:20261127",
        "DTSTART;TZID=Nowhere:20261127T100000",
        "DTEND:19700101T000000Z",
        "DURATION:-P1D",
        "STATUS:CANCELLED",
        "ATTENDEE:",
        'ATTENDEE;DELEGATED-TO="":mailto:bob@example.com',
        "ATTENDEE;PARTSTAT=:mailto:bob@example.com",
        "ORGANIZER:mailto:eve@example.com",
        "ORGANIZER:",
        "X-GATEWAY-OWN:DTSTART,,SUMMARY",
        "X-GATEWAY-DECLINED:x,20261127T090000Z",
        "REQUEST-STATUS:;;;",
    ]
)
BLOCKS = st.lists(
    st.lists(st.one_of(LINES, st.sampled_from(["with bob", "with carol=ACCEPTED", "weekly 3", "alarm"])), max_size=5),
    min_size=1,
    max_size=3,
)


def abridge(blocks: list[list[str]]) -> list[str]:
    return [line for number, block in enumerate(blocks) for line in (["--"] if number else []) + block]


@settings(max_examples=40, deadline=None)
@given(blocks=BLOCKS, method=st.sampled_from(list(itip.Method)), me=st.sampled_from([ALICE, BOB]))
def test_no_message_breaks_anything(blocks, method, me):
    current = obj("weekly 3", "with bob carol")
    try:
        message = read_lenient(calendar(abridge(blocks), "m-1", method))
        received = itip.receive(message, current, me=me, sender="", stamp=STAMP)
    except GatewayError:
        return
    if received.text is not None:
        again = read(received.text)
        assert itip.receive(message, again, me=me, sender="", stamp=STAMP).text is None


@settings(max_examples=40, deadline=None)
@given(blocks=BLOCKS, before=BLOCKS, me=st.sampled_from([ALICE, BOB]))
def test_no_change_breaks_anything(blocks, before, me):
    try:
        old, new = (read(calendar(abridge(part), "m-1")) for part in (before, blocks))
    except GatewayError:
        return
    for left, right in ((old, new), (None, new), (old, None)):
        try:
            if me is ALICE:
                made = itip.organizer_changes(left, right, organizer=me, stamp=STAMP)
            else:
                made = itip.attendee_changes(left, right, me=me, stamp=STAMP)
        except GatewayError:
            continue
        for one in made.messages:
            read_lenient(one.text)
        if made.text is not None:
            read(made.text)
