"""What is private, as those see it who may only know that somebody has no time."""

import pytest

from gateway.errors import GatewayError
from gateway.ical.objects import read
from gateway.ical.veil import veiled

OPEN = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//tests//EN
METHOD-NOTE:x
BEGIN:VTIMEZONE
TZID:Here
BEGIN:STANDARD
DTSTART:19700101T000000
TZOFFSETFROM:+0100
TZOFFSETTO:+0100
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
UID:one
DTSTAMP:20260101T000000Z
DTSTART;TZID=Here:20260105T090000
DURATION:PT1H
RRULE:FREQ=WEEKLY
SUMMARY:Doctor
LOCATION:Clinic
ATTENDEE:mailto:a@example.com
X-MINE:secret
BEGIN:VALARM
ACTION:DISPLAY
DESCRIPTION:Doctor
TRIGGER:-PT5M
END:VALARM
END:VEVENT
BEGIN:VEVENT
UID:one
DTSTAMP:20260101T000000Z
RECURRENCE-ID;TZID=Here:20260112T090000
DTSTART;TZID=Here:20260112T100000
DURATION:PT1H
CLASS:PUBLIC
SUMMARY:Moved
END:VEVENT
END:VCALENDAR
""".replace("\n", "\r\n")


@pytest.mark.parametrize(
    "line",
    [
        "CLASS:PRIVATE",
        "class:confidential",
        "CLASS;X-A=B:X-OURS",
        "CLA\r\n SS:PRIVATE",
        "CLASS:PUBLIC\r\nCLASS:PRIVATE",
    ],
)
def test_any_part_that_is_private_hides_all_but_the_times(line):
    text = veiled(OPEN.replace("SUMMARY:Doctor", f"{line}\r\nSUMMARY:Doctor"), "Busy")
    for word in ("Doctor", "Clinic", "mailto", "secret", "VALARM", "Moved"):
        assert word not in text
    obj = read(text)
    assert [one.text("SUMMARY") for one in obj.components] == ["Busy", "Busy"]
    assert [one.text("RRULE") for one in obj.components] == ["FREQ=WEEKLY", ""]
    assert "TZID:Here" in text
    assert veiled(text, "Busy") == text


@pytest.mark.parametrize("text", [OPEN, OPEN.replace("SUMMARY:Doctor", "SUMMARY:CLASS:PRIVATE")])
def test_what_is_open_stays_as_it_is(text):
    assert veiled(text, "Busy") is text


def test_what_cannot_be_read_is_not_shown():
    with pytest.raises(GatewayError):
        veiled("CLASS:PRIVATE\r\n", "Busy")
