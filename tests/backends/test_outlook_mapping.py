"""Graph's events <-> iCalendar, without a network."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.backends.outlook.graph import refusal
from gateway.backends.outlook.read import object_text, whole_of
from gateway.backends.outlook.rounds import AHEAD, PAST, Position, told
from gateway.backends.outlook.values import BOOKING_PROPERTY, UID_PROPERTY, Place, plain_text, whole_date
from gateway.backends.outlook.words import above_block, with_block, words_of
from gateway.backends.outlook.write import Times, times_of, transaction_of
from gateway.errors import (
    BackendUnavailable,
    Conflict,
    InvalidSyncToken,
    ReadOnlyCalendar,
    RefusedByProvider,
    RemoteConflict,
    RemoteGone,
    SignInExpired,
    Throttled,
)
from gateway.ical.objects import read, read_lenient
from tests.fakes.microsoft import ALICE, BERLIN, at, ics, lines_of, weekly

PLACE = Place((ALICE, "alice@example.onmicrosoft.com"), "Europe/Berlin", "Calendar")


def event(**given: Any) -> dict[str, Any]:
    """An event as Graph answers with; times in UTC."""
    return {
        "@odata.etag": 'W/"1"',
        "id": "AAkA=",
        "uid": "040000008200E00074C5",
        "iCalUId": "040000008200E00074C5",
        "createdDateTime": "2026-11-20T07:00:00.1234567Z",
        "lastModifiedDateTime": "2026-11-21T07:30:00.7654321Z",
        "type": "singleInstance",
        "subject": "Planning",
        "body": {"contentType": "text", "content": ""},
        "start": at("2026-11-23T09:00:00.0000000", "UTC"),
        "end": at("2026-11-23T10:00:00.0000000", "UTC"),
        "originalStartTimeZone": BERLIN,
        "originalEndTimeZone": BERLIN,
        "showAs": "busy",
        "sensitivity": "normal",
        "importance": "normal",
        "isOrganizer": True,
        "isReminderOn": False,
        "responseRequested": True,
        "responseStatus": {"response": "organizer"},
        "organizer": {"emailAddress": {"name": "Alice", "address": ALICE}},
        "attendees": [],
        **given,
    }


def text_of(**given: Any) -> str:
    return object_text(whole_of(event(**given)), PLACE)


def test_a_plain_event_is_this_text_and_no_other():
    zone_end = "END:VTIMEZONE\r\n"
    text = text_of()

    assert text[text.index(zone_end) + len(zone_end) :].split("\r\n") == [
        "BEGIN:VEVENT",
        "UID:040000008200E00074C5",
        "DTSTAMP:20261121T073000Z",
        "CREATED:20261120T070000Z",
        "LAST-MODIFIED:20261121T073000Z",
        "DTSTART;TZID=Europe/Berlin:20261123T100000",
        "DTEND;TZID=Europe/Berlin:20261123T110000",
        "SUMMARY:Planning",
        "X-GATEWAY-CALENDAR:Calendar",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]
    assert read(text).uid == "040000008200E00074C5"


@pytest.mark.parametrize(
    ("given", "lines"),
    [
        pytest.param({"showAs": "free"}, ["TRANSP:TRANSPARENT"], id="free"),
        pytest.param(
            {"showAs": "tentative"}, ["STATUS:TENTATIVE", "X-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE"], id="tentative"
        ),
        pytest.param({"showAs": "oof"}, ["X-MICROSOFT-CDO-BUSYSTATUS:OOF"], id="out of office"),
        pytest.param(
            {"showAs": "workingElsewhere"},
            ["TRANSP:TRANSPARENT", "X-MICROSOFT-CDO-BUSYSTATUS:WORKINGELSEWHERE"],
            id="working elsewhere does not block",
        ),
        pytest.param({"isCancelled": True}, ["STATUS:CANCELLED"], id="cancelled"),
        pytest.param({"sensitivity": "private"}, ["CLASS:PRIVATE"], id="private"),
        pytest.param({"sensitivity": "personal"}, ["CLASS:PRIVATE"], id="personal is private too"),
        pytest.param({"sensitivity": "confidential"}, ["CLASS:CONFIDENTIAL"], id="confidential"),
        pytest.param({"importance": "high"}, ["PRIORITY:1"], id="important"),
        pytest.param({"importance": "low"}, ["PRIORITY:9"], id="unimportant"),
        pytest.param({"categories": ["Red, bright", "Blue"]}, ["CATEGORIES:Red\\, bright,Blue"], id="categories"),
        pytest.param({"location": {"displayName": "Room 1; East"}}, ["LOCATION:Room 1\\; East"], id="location"),
        pytest.param(
            {"isReminderOn": True, "reminderMinutesBeforeStart": 90}, ["TRIGGER:-PT90M"], id="reminder"
        ),
        pytest.param({"isReminderOn": True, "reminderMinutesBeforeStart": 0}, ["TRIGGER:PT0S"], id="at the start"),
        pytest.param(
            {"onlineMeeting": {"joinUrl": "https://teams.example.com/1"}},
            ["CONFERENCE;VALUE=URI;FEATURE=AUDIO,VIDEO:https://teams.example.com/1", "URL:https://teams.example.com/1"],
            id="online meeting",
        ),
        pytest.param(
            {"body": {"contentType": "text", "content": "One\r\nTwo\r\n\r\n"}}, ["DESCRIPTION:One\\nTwo"], id="text"
        ),
        pytest.param(
            {"body": {"contentType": "html", "content": "<head><style>p{}</style></head><p>A &amp; B</p><p>C</p>"}},
            ["DESCRIPTION:A & B\\nC"],
            id="html",
        ),
    ],
)  # fmt: skip
def test_properties_read(given, lines):
    names = {line.split(":")[0].split(";")[0] for line in lines}

    assert lines_of(text_of(**given), *names) == lines


@pytest.mark.parametrize(
    ("given", "lines"),
    [
        pytest.param(
            {"originalStartTimeZone": "UTC", "originalEndTimeZone": "UTC"},
            ["DTSTART:20261123T090000Z", "DTEND:20261123T100000Z"], id="utc"
        ),
        pytest.param(
            {"originalStartTimeZone": "tzone://Microsoft/Custom", "originalEndTimeZone": "tzone://Microsoft/Custom"},
            ["DTSTART:20261123T090000Z", "DTEND:20261123T100000Z"],
            id="a zone without name",
        ),
        pytest.param(
            {"originalStartTimeZone": "America/New_York", "originalEndTimeZone": "America/New_York"},
            ["DTSTART;TZID=America/New_York:20261123T040000", "DTEND;TZID=America/New_York:20261123T050000"],
            id="an IANA name",
        ),
        pytest.param(
            {"originalEndTimeZone": "GMT Standard Time"},
            ["DTSTART;TZID=Europe/Berlin:20261123T100000", "DTEND;TZID=Europe/London:20261123T100000"],
            id="a journey ends by another clock",
        ),
        pytest.param(
            {"originalEndTimeZone": "UTC"},
            ["DTSTART;TZID=Europe/Berlin:20261123T100000", "DTEND:20261123T100000Z"],
            id="an end in utc",
        ),
        pytest.param(
            {"start": at("2026-11-23T04:00:00.0000000", "Eastern Standard Time"),
             "end": at("2026-11-23T04:00:00.0000000", "Eastern Standard Time")},
            ["DTSTART;TZID=Europe/Berlin:20261123T100000"],
            id="a reply in another zone, and no length",
        ),
        pytest.param(
            {"isAllDay": True, "start": at("2026-11-23T00:00:00.0000000", "UTC"),
             "end": at("2026-11-24T00:00:00.0000000", "UTC")},
            ["DTSTART;VALUE=DATE:20261123", "DTEND;VALUE=DATE:20261124"],
            id="all-day, midnight in the reply's zone",
        ),
        pytest.param(
            {"isAllDay": True, "start": at("2026-11-22T23:00:00.0000000", "UTC"),
             "end": at("2026-11-23T23:00:00.0000000", "UTC")},
            ["DTSTART;VALUE=DATE:20261123", "DTEND;VALUE=DATE:20261124"],
            id="all-day, converted to the reply's zone",
        ),
    ],
)  # fmt: skip
def test_times_read(given, lines):
    assert lines_of(text_of(**given), "DTSTART", "DTEND") == lines


def guest(address: str, response: str = "none", kind: str = "required", name: str = "") -> dict[str, Any]:
    return {
        "emailAddress": {"address": address, "name": name or address},
        "type": kind,
        "status": {"response": response},
    }


@pytest.mark.parametrize(
    ("given", "lines"),
    [
        pytest.param({}, [], id="an event of one's own has no organizer"),
        pytest.param(
            {"attendees": [
                guest("bob@example.com", "accepted", name="Bob"), guest("room1@example.com", kind="resource")
            ]},
            [
                "ORGANIZER;CN=Alice:mailto:alice@example.com",
                "ATTENDEE;CN=Bob;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED:mailto:bob@example.com",
                "ATTENDEE;CUTYPE=RESOURCE;ROLE=NON-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:room1@example.com",
            ],
            id="one's own meeting",
        ),
        pytest.param(
            {"isOrganizer": False, "responseStatus": {"response": "declined"}, "responseRequested": False,
             "organizer": {"emailAddress": {"name": "Gina", "address": "gina@example.net"}},
             "attendees": [guest(ALICE, "none"), guest("hal@example.net", kind="optional")]},
            [
                "ORGANIZER;CN=Gina:mailto:gina@example.net",
                "ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=DECLINED:mailto:alice@example.com",
                "ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=OPT-PARTICIPANT;PARTSTAT=NEEDS-ACTION:mailto:hal@example.net",
            ],
            id="the own answer is that of the event, not of the list",
        ),
        pytest.param(
            {"isOrganizer": False, "responseStatus": {"response": "notResponded"},
             "organizer": {"emailAddress": {"name": "Gina", "address": "gina@example.net"}},
             "attendees": [guest("list@example.net")]},
            [
                "ORGANIZER;CN=Gina:mailto:gina@example.net",
                "ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:list@example.net",
                "ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:alice@example.com",
            ],
            id="invited through a list",
        ),
    ],
)  # fmt: skip
def test_people_read(given, lines):
    assert lines_of(text_of(**given), "ORGANIZER", "ATTENDEE") == lines


def test_a_clients_uid_and_a_bookings_mark_come_back():
    marks = [{"id": UID_PROPERTY.lower(), "value": "one@client"}, {"id": BOOKING_PROPERTY, "value": "42"}]

    assert lines_of(text_of(singleValueExtendedProperties=marks), "UID", "X-GATEWAY-BOOKING") == [
        "UID:one@client",
        "X-GATEWAY-BOOKING:42",
    ]


def test_an_exception_without_original_start_is_known_by_its_occurrence_id():
    moved = event(id="B=", type="exception", occurrenceId="OID.A=.2026-12-07", start=at("2026-12-08T09:00:00", "UTC"))
    master = event(type="seriesMaster", recurrence=weekly(), exceptionOccurrences=[moved])

    assert lines_of(object_text(whole_of(master), PLACE), "RECURRENCE-ID") == [
        "RECURRENCE-ID;TZID=Europe/Berlin:20261207T100000"
    ]


def test_left_out_dates_follow_the_clock_of_the_series_across_summer_time():
    cancelled = ["OID.A=.2027-03-22", "OID.A=.2027-03-29"]

    text = text_of(type="seriesMaster", recurrence=weekly(), cancelledOccurrences=cancelled)

    assert lines_of(text, "EXDATE") == [
        "EXDATE;TZID=Europe/Berlin:20270322T100000",
        "EXDATE;TZID=Europe/Berlin:20270329T100000",
    ]


def test_an_etag_changes_with_exceptions_and_left_out_dates():
    master = event(type="seriesMaster", recurrence=weekly())
    etags = {
        whole_of(master).etag,
        whole_of({**master, "exceptionOccurrences": [event(id="B=", originalStart="2026-12-07T09:00:00Z")]}).etag,
        whole_of({**master, "cancelledOccurrences": ["OID.A=.2026-12-07"]}).etag,
        whole_of({**master, "@odata.etag": 'W/"2"'}).etag,
    }

    assert len(etags) == 4


def written(*lines: str) -> dict[str, Any]:
    return words_of(read_lenient(ics("DTSTART:20261123T090000Z", *lines)).components[0], PLACE)


@pytest.mark.parametrize(
    ("lines", "name", "value"),
    [
        pytest.param(["TRANSP:TRANSPARENT"], "showAs", "free", id="transparent"),
        pytest.param(
            ["TRANSP:TRANSPARENT", "X-MICROSOFT-CDO-BUSYSTATUS:OOF"], "showAs", "free", id="TRANSP before a stale word"
        ),
        pytest.param(["X-MICROSOFT-CDO-BUSYSTATUS:OOF"], "showAs", "oof", id="out of office"),
        pytest.param(["STATUS:TENTATIVE"], "showAs", "tentative", id="tentative"),
        pytest.param(["STATUS:CONFIRMED"], "showAs", "busy", id="confirmed"),
        pytest.param(["CLASS:PRIVATE"], "sensitivity", "private", id="private"),
        pytest.param(["CLASS:CONFIDENTIAL"], "sensitivity", "confidential", id="confidential"),
        pytest.param(["PRIORITY:3"], "importance", "high", id="priority 3"),
        pytest.param(["PRIORITY:5"], "importance", "normal", id="priority 5"),
        pytest.param(["PRIORITY:7"], "importance", "low", id="priority 7"),
        pytest.param(["PRIORITY:²"], "importance", "normal", id="a digit that is no number"),
        pytest.param(["CATEGORIES:A\\, B,C", "CATEGORIES:D"], "categories", ["A, B", "C", "D"], id="categories"),
        pytest.param(["DESCRIPTION:A\\nB"], "body", {"contentType": "text", "content": "A\nB"}, id="description"),
        pytest.param(
            ["BEGIN:VALARM", "ACTION:DISPLAY", "TRIGGER:-P1DT1H", "END:VALARM"],
            "reminderMinutesBeforeStart",
            1500,
            id="alarm",
        ),
        pytest.param(
            ["BEGIN:VALARM", "ACTION:DISPLAY", "TRIGGER;RELATED=END:-PT5M", "END:VALARM"],
            "isReminderOn",
            False,
            id="an alarm Outlook cannot hold",
        ),
    ],
)
def test_properties_written(lines, name, value):
    assert written(*lines)[name] == value


def test_guests_are_written_without_the_organizer_himself():
    lines = (
        f"ORGANIZER:mailto:{ALICE}",
        f"ATTENDEE:mailto:{ALICE}",
        "ATTENDEE:MAILTO:Alice@example.onmicrosoft.com",
        "ATTENDEE;CN=Room 1;CUTYPE=ROOM:mailto:room1@example.com",
        "ATTENDEE:urn:uuid:1",
    )

    assert written(*lines)["attendees"] == [
        {"emailAddress": {"address": "room1@example.com", "name": "Room 1"}, "type": "resource"}
    ]


def spans(*lines: str) -> Times:
    obj = read_lenient(ics(*lines))
    return times_of(obj.components[0], obj, PLACE)


@pytest.mark.parametrize(
    ("lines", "body"),
    [
        pytest.param(
            ["DTSTART;TZID=Europe/Berlin:20261123T100000", "DURATION:PT1H"],
            [at("2026-11-23T10:00:00"), at("2026-11-23T11:00:00"), False],
            id="a duration",
        ),
        pytest.param(
            ["DTSTART:20261123T090000Z"],
            [at("2026-11-23T09:00:00", "UTC"), at("2026-11-23T09:00:00", "UTC"), False],
            id="utc, no end",
        ),
        pytest.param(
            ["DTSTART:20261123T100000", "DTEND:20261123T110000"],
            [at("2026-11-23T10:00:00"), at("2026-11-23T11:00:00"), False],
            id="floating is in the mailbox's zone",
        ),
        pytest.param(
            ["DTSTART;VALUE=DATE:20261123"], [at("2026-11-23T00:00:00"), at("2026-11-24T00:00:00"), True], id="a day"
        ),
        pytest.param(
            ["DTSTART;TZID=Europe/Berlin:20261123T100000", "DTEND;TZID=America/New_York:20261123T060000"],
            [at("2026-11-23T10:00:00"), at("2026-11-23T06:00:00", "Eastern Standard Time"), False],
            id="an end in another zone",
        ),
        pytest.param(
            ["DTSTART;TZID=Europe/Berlin:20261123T100000", "DTEND:20261123T110000Z"],
            [at("2026-11-23T10:00:00"), at("2026-11-23T11:00:00", "UTC"), False],
            id="an end in UTC",
        ),
        pytest.param(
            ["DTSTART;TZID=Europe/Berlin:20261123T100000", "DTEND;TZID=Europe/Vienna:20261123T110000"],
            [at("2026-11-23T10:00:00"), at("2026-11-23T11:00:00"), False],
            id="an end in a zone of the same name there",
        ),
        pytest.param(
            ["DTSTART;TZID=Antarctica/Troll:20261123T100000", "DTEND;TZID=Antarctica/Troll:20261123T110000"],
            [at("2026-11-23T10:00:00", "UTC"), at("2026-11-23T11:00:00", "UTC"), False],
            id="a zone without a Windows name",
        ),
        pytest.param(
            ["DTSTART;TZID=America/Fort_Nelson:20140110T103000", "DTEND;TZID=America/Fort_Nelson:20140110T113000"],
            [at("2014-01-10T18:30:00", "UTC"), at("2014-01-10T19:30:00", "UTC"), False],
            id="a zone whose namesake had another clock then",
        ),
    ],
)
def test_times_written(lines, body):
    assert list(spans(*lines).body.values()) == body


def test_a_zone_only_the_client_knows_is_written_in_utc_and_refused_for_a_series():
    zone = (
        "BEGIN:VTIMEZONE\r\nTZID:Mine\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nTZOFFSETFROM:+0317\r\n"
        "TZOFFSETTO:+0317\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
    )
    lines = ("DTSTART;TZID=Mine:20261123T100000", "DTEND;TZID=Mine:20261123T110000")
    once, series = (
        read_lenient(ics(*lines, *more).replace("BEGIN:VEVENT", zone + "BEGIN:VEVENT", 1))
        for more in ((), ("RRULE:FREQ=DAILY",))
    )

    assert times_of(once.components[0], once, PLACE).body["start"] == at("2026-11-23T06:43:00", "UTC")
    with pytest.raises(RefusedByProvider, match="Mine"):
        times_of(series.components[0], series, PLACE)


words = st.text(
    st.characters(
        codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp"), exclude_characters="\x85\ufeff\ufffe\uffff"
    ),
    max_size=30,
)


@settings(deadline=None, max_examples=60)
@given(
    subject=words,
    content=words.map(str.strip),
    categories=st.lists(words.filter(bool), max_size=3),
    shown=st.sampled_from(["free", "tentative", "busy", "oof", "workingElsewhere"]),
    sensitivity=st.sampled_from(["normal", "private", "confidential"]),
    importance=st.sampled_from(["low", "normal", "high"]),
    minutes=st.none() | st.integers(0, 20_000),
)
def test_what_came_from_outlook_goes_back_unchanged(
    subject, content, categories, shown, sensitivity, importance, minutes
):
    reminder = (
        {"isReminderOn": False} if minutes is None else {"isReminderOn": True, "reminderMinutesBeforeStart": minutes}
    )
    told_by_graph = {
        "subject": subject,
        "body": {"contentType": "text", "content": content},
        "location": {"displayName": subject},
        "categories": categories,
        "showAs": shown,
        "sensitivity": sensitivity,
        "importance": importance,
        **reminder,
        "attendees": [],
    }
    obj = read_lenient(text_of(**told_by_graph))

    assert words_of(obj.components[0], PLACE) == told_by_graph
    assert times_of(obj.components[0], obj, PLACE).body["start"] == at("2026-11-23T10:00:00")


def test_a_window_is_no_wider_than_graph_takes():
    assert timedelta(days=1825) >= PAST + AHEAD


def test_a_position_survives_its_token():
    position = Position(
        "https://x/delta?$deltatoken=a%3D", datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 2, tzinfo=UTC)
    )

    assert Position.of(position.token) == position
    assert [Position.of(text) for text in (None, "", "{}", "[]", "null", "x")] == [None] * 6


def test_occurrences_only_name_their_series():
    found = told(
        [
            {"id": "s", "type": "singleInstance"},
            {"id": "o", "type": "occurrence", "seriesMasterId": "m1"},
            {"id": "m2", "type": "seriesMaster"},
            {"id": "x", "type": "exception", "seriesMasterId": "m3"},
            {"id": "r", "@removed": {"reason": "deleted"}},
        ]
    )

    assert (list(found.singles), found.series, found.removed) == (["s"], {"m1", "m2", "m3"}, ["r"])


@pytest.mark.parametrize(
    ("method", "status", "code", "kind"),
    [
        ("GET", 401, "InvalidAuthenticationToken", SignInExpired),
        ("GET", 403, "ErrorAccessDenied", RefusedByProvider),
        ("POST", 403, "ErrorAccessDenied", ReadOnlyCalendar),
        ("GET", 404, "ErrorItemNotFound", RemoteGone),
        ("POST", 409, "ErrorDuplicateTransactionId", Conflict),
        ("GET", 410, "SyncStateNotFound", InvalidSyncToken),
        ("GET", 400, "resyncRequired", InvalidSyncToken),
        ("PATCH", 412, "ErrorIrresolvableConflict", RemoteConflict),
        ("POST", 400, "RequestBodyRead", RefusedByProvider),
        ("GET", 408, "x", BackendUnavailable),
        ("GET", 429, "ApplicationThrottled", Throttled),
        ("GET", 504, "x", BackendUnavailable),
    ],
)
def test_refusals_told_apart(method, status, code, kind):
    text = f'{{"error": {{"code": "{code}", "message": "No."}}}}'

    assert type(refusal(method, status, {}, text)) is kind
    assert type(refusal(method, 400, {}, "<html>")) is RefusedByProvider


def test_a_join_block_is_kept_once_with_its_links():
    block = f'<div><span>{"_" * 30}</span></div><a href="https://teams.example.com/1?a&amp;b">Join</a></body></html>'
    url = "https://teams.example.com/1?a&b"
    before = {"contentType": "html", "content": f"<html><body><p>Old</p>{block}"}
    shown = f"{'_' * 30}\nJoin<{url}>"

    kept = with_block({"contentType": "text", "content": f"New & more\n\n{shown}"}, before, url)

    assert kept == {"contentType": "html", "content": "New &amp; more\n" + block.replace("</body></html>", "")}
    assert with_block({"contentType": "html", "content": f"<p>{url}</p>"}, before, url)["content"] == f"<p>{url}</p>"
    assert above_block(f"Old\n\n{shown}", url) == "Old"
    assert above_block(f"{'_' * 30}\na rule of one's own", url) == f"{'_' * 30}\na rule of one's own"


def test_a_meeting_without_its_part_gets_its_address_back():
    url = "https://teams.example.com/1"

    for before in ({}, {"contentType": "text", "content": "Old"}, {"contentType": "html", "content": "<p>Old</p>"}):
        kept = with_block({"contentType": "text", "content": "New"}, before, url)["content"]
        assert kept == f'New\n<p>{"_" * 80}</p>\n<a href="{url}">{url}</a>'


def test_transactions_are_stable():
    assert transaction_of("a") == transaction_of("a") != transaction_of("b")
    assert transaction_of("a", attempt=1) != transaction_of("a")
    assert transaction_of("calendar", "a") != transaction_of("other", "a")


def test_dates_and_plain_text_at_the_edges():
    assert whole_date({"dateTime": "2026-11-23T00:00:00.0000000"}, UTC) == date(2026, 11, 23)
    assert plain_text(None) == plain_text({"contentType": "html", "content": "<script>x</script>"}) == ""
