"""What a client wrote stays as it wrote it where the provider only says it in its own way."""

import pytest

from gateway.ical.objects import read_lenient
from gateway.sync.meaning import by_key
from gateway.sync.rejoin import overlay
from tests.fakes.microsoft import ics

HOUR = ("DTSTART;TZID=Europe/Berlin:20261123T100000", "DTEND;TZID=Europe/Berlin:20261123T110000")


def text_of(*lines: str, overrides: tuple[tuple[str, ...], ...] = ()) -> str:
    return ics(*(lines if any(line.startswith("DTSTART") for line in lines) else (*HOUR, *lines)), overrides=overrides)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        pytest.param(("PRIORITY:3",), ("PRIORITY:1",), id="high is high"),
        pytest.param(("PRIORITY:7",), ("PRIORITY:9",), id="low is low"),
        pytest.param(("CLASS:X-SECRET",), ("CLASS:PRIVATE",), id="an unknown class is private"),
        pytest.param(
            ("STATUS:TENTATIVE",), ("STATUS:TENTATIVE", "X-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE"), id="tentative twice"
        ),
        pytest.param(
            ("STATUS:CONFIRMED", "X-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE"),
            ("STATUS:TENTATIVE", "X-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE"),
            id="tentatively busy with something certain",
        ),
        pytest.param(("DESCRIPTION:A\\n\\nB",), ("DESCRIPTION:A\\nB ",), id="blanks moved about"),
        pytest.param(
            ("URL:https://x.example/a",),
            ("URL:https://x.example/a",),
            id="the same link",
        ),
        pytest.param(("CATEGORIES:A,B,A",), ("CATEGORIES:A,B",), id="a category named twice"),
        pytest.param(
            ("ATTENDEE;ROLE=CHAIR;X-N=1;PARTSTAT=ACCEPTED:mailto:b@x.y", "ATTENDEE:urn:uuid:1"),
            ("ATTENDEE;CUTYPE=INDIVIDUAL;PARTSTAT=ACCEPTED:MAILTO:B@x.y",),
            id="guests described otherwise, and one they do not know",
        ),
        pytest.param(
            ("ATTENDEE;PARTSTAT=DELEGATED;ROLE=NON-PARTICIPANT:mailto:b@x.y",),
            ("ATTENDEE;PARTSTAT=NEEDS-ACTION;ROLE=OPT-PARTICIPANT:mailto:b@x.y",),
            id="answers and roles they have no word for",
        ),
        pytest.param(
            ("ATTACH:https://drive.google.com/1", "ATTACH;VALUE=BINARY;ENCODING=BASE64:aGk="),
            ("ATTACH;FILENAME=1:https://drive.google.com/1",),
            id="files they do not take",
        ),
        pytest.param(
            ("DESCRIPTION:a, b", "X-ALT-DESC;FMTTYPE=text/html:<b>a</b>, b"),
            ("DESCRIPTION:a\\, b", "X-ALT-DESC;FMTTYPE=text/html:<b>a</b>\\, b"),
            id="HTML escaped otherwise",
        ),
        pytest.param(("RRULE:FREQ=WEEKLY",), ("RRULE:FREQ=WEEKLY;BYDAY=MO",), id="what the start says anyway"),
        pytest.param(
            ("RRULE:FREQ=WEEKLY;UNTIL=20261221T090000Z",), ("RRULE:FREQ=WEEKLY;UNTIL=20261221T225959Z",), id="ends"
        ),
        pytest.param(("RRULE:FREQ=MONTHLY;BYDAY=4MO",), ("RRULE:FREQ=MONTHLY;BYDAY=MO;BYSETPOS=4",), id="positions"),
        pytest.param(
            ("RRULE:FREQ=YEARLY;BYMONTH=5,11",), ("RRULE:FREQ=MONTHLY;INTERVAL=6;BYMONTHDAY=23",), id="other words"
        ),
        pytest.param(
            ("RRULE:FREQ=WEEKLY", "EXDATE:20261130T090000Z,20261201T090000Z"),
            ("RRULE:FREQ=WEEKLY", "EXDATE:20261130T090000Z"),
            id="a date that never was",
        ),
        pytest.param(
            ("DTSTART;TZID=Europe/Vienna:20261123T100000", "DURATION:PT1H", "RRULE:FREQ=DAILY"),
            (*HOUR, "RRULE:FREQ=DAILY"),
            id="a zone with the same clock",
        ),
        pytest.param(("DTSTART:20261123T100000", "DTEND:20261123T110000"), HOUR, id="floating"),
        pytest.param(
            ("DTSTART;TZID=America/New_York:20261123T040000", "DURATION:PT1H"), HOUR, id="the same moment elsewhere"
        ),
        pytest.param(
            ("DTSTART;VALUE=DATE:20261123",),
            ("DTSTART;VALUE=DATE:20261123", "DTEND;VALUE=DATE:20261124"),
            id="a day without its end",
        ),
    ],
)
def test_ours_stays(ours, theirs):
    mine = text_of(*ours)

    assert overlay(mine, text_of(*theirs)) == mine


@pytest.mark.parametrize(
    ("ours", "theirs", "result"),
    [
        pytest.param(("PRIORITY:3",), ("PRIORITY:9",), ["PRIORITY:9"], id="another rank"),
        pytest.param(("PRIORITY:²",), ("PRIORITY:9",), ["PRIORITY:9"], id="no rank at all"),
        pytest.param(("CLASS:PUBLIC",), ("CLASS:PRIVATE",), ["CLASS:PRIVATE"], id="another class"),
        pytest.param(
            ("URL:https://x.example/a",),
            ("CONFERENCE;VALUE=URI:https://t.example/1", "URL:https://t.example/1"),
            ["URL:https://x.example/a", "CONFERENCE;VALUE=URI:https://t.example/1"],
            id="a link of ours beside that of the meeting",
        ),
        pytest.param(
            ('ATTENDEE;MEMBER="mailto:l@x.y","mailto:m@x.y";PARTSTAT=ACCEPTED:mailto:b@x.y',),
            ("ATTENDEE;PARTSTAT=DECLINED:mailto:b@x.y", "ATTENDEE;PARTSTAT=ACCEPTED:mailto:new@x.y"),
            [
                'ATTENDEE;MEMBER="mailto:l@x.y","mailto:m@x.y";PARTSTAT=DECLINED:mailto:b@x.y',
                "ATTENDEE;PARTSTAT=ACCEPTED:mailto:new@x.y",
            ],
            id="an answer, and who came in there",
        ),
        pytest.param(
            ("ATTENDEE;PARTSTAT=ACCEPTED;ROLE=REQ-PARTICIPANT;X-N=1:mailto:b@x.y",),
            ("ATTENDEE;PARTSTAT=ACCEPTED;ROLE=OPT-PARTICIPANT;X-NUM-GUESTS=2;X-RESPONSE-COMMENT=late:mailto:b@x.y",),
            [
                "ATTENDEE;PARTSTAT=ACCEPTED;ROLE=OPT-PARTICIPANT;X-N=1;X-NUM-GUESTS=2;X-RESPONSE-COMMENT=late:mailto:b@x.y"
            ],
            id="what a guest says there",
        ),
        pytest.param(
            ("ATTACH;FILENAME=1:https://drive.google.com/1", "ATTACH:https://x.example/2"),
            ("ATTACH:https://drive.google.com/1", "ATTACH:https://drive.google.com/3"),
            [
                "ATTACH;FILENAME=1:https://drive.google.com/1",
                "ATTACH:https://x.example/2",
                "ATTACH:https://drive.google.com/3",
            ],
            id="files one by one",
        ),
        pytest.param(
            ("DTSTART;TZID=Europe/Vienna:20261123T100000", "DTEND;TZID=Europe/Vienna:20261123T110000"),
            ("DTSTART;TZID=Europe/Berlin:20261123T103000", "DTEND;TZID=Europe/Berlin:20261123T110000"),
            ["DTEND;TZID=Europe/Vienna:20261123T110000", "DTSTART;TZID=Europe/Berlin:20261123T103000"],
            id="another start",
        ),
        pytest.param(
            ("RRULE:FREQ=WEEKLY;COUNT=3",), ("RRULE:FREQ=WEEKLY;COUNT=4",), [*HOUR, "RRULE:FREQ=WEEKLY;COUNT=4"], id="n"
        ),
        pytest.param(
            ("RRULE:FREQ=WEEKLY",), ("RRULE:FREQ=WEEKLY;COUNT=400",), [*HOUR, "RRULE:FREQ=WEEKLY;COUNT=400"], id="end"
        ),
    ],
)
def test_theirs_is_taken(ours, theirs, result):
    master = by_key(read_lenient(overlay(text_of(*ours), text_of(*theirs))))[("VEVENT", "")]

    names = {line.split(":")[0].split(";")[0] for line in result}
    assert [line.raw.replace("\r\n ", "").strip() for line in master.properties if line.name in names] == result


def test_overrides_of_a_floating_series_find_their_own():
    series = ("DTSTART:20261123T100000", "DTEND:20261123T110000", "RRULE:FREQ=DAILY")
    override = ("RECURRENCE-ID:20261124T100000", "DTSTART:20261124T120000", "DTEND:20261124T130000")
    fixed = tuple(line.replace(":", ";TZID=Europe/Berlin:", 1) for line in override)
    mine = ics(*series, overrides=(override,))

    assert overlay(mine, ics(*HOUR, "RRULE:FREQ=DAILY", overrides=(fixed,))) == mine


def test_dates_cancelled_one_by_one_are_dates_left_out():
    series = (*HOUR, "RRULE:FREQ=DAILY")
    off = ("RECURRENCE-ID:20261124T090000Z", "DTSTART:20261124T090000Z", "STATUS:CANCELLED")
    mine = ics(*series, overrides=(off,))

    assert overlay(mine, ics(*series, "EXDATE:20261124T090000Z")) == mine
