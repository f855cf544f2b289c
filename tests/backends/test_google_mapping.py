"""Google's events <-> iCalendar, without a server. Cases in tests/data/google: NAME.json becomes NAME.ics."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.backends.google.reading import from_events, rule
from gateway.backends.google.source import Source
from gateway.backends.google.writing import Bodies, changed, inserted, to_events, with_exdates
from gateway.demo.google import GoogleSimulator
from gateway.ical.objects import read, read_lenient
from tests.fakes.google import ALICE, Clock

CASES = sorted((Path(__file__).parents[1] / "data" / "google").glob("*.json"))
REMINDERS = ({"method": "popup", "minutes": 10}, {"method": "email", "minutes": 30})
SOURCE = Source(id=ALICE, name="Alice, work", zone="Europe/Berlin", reminders=REMINDERS, address=ALICE, primary=True)


def mapped(case):
    events = json.loads(case.read_text(encoding="utf-8"))
    masters = [event for event in events if "recurringEventId" not in event]
    return from_events(masters[0] if masters else None, [event for event in events if event not in masters], SOURCE)


def without_zones(text):
    kept, inside = [], False
    for line in text.splitlines(keepends=True):
        inside = inside or line.startswith("BEGIN:VTIMEZONE")
        if not inside:
            kept.append(line)
        inside = inside and not line.startswith("END:VTIMEZONE")
    return "".join(kept)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_events_as_icalendar(case):
    expected = case.with_suffix(".ics").read_bytes().decode()

    assert without_zones(mapped(case)) == expected


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_every_zone_named_is_defined_and_a_client_could_store_the_text(case):
    text = mapped(case)

    obj = read(text)

    defined = [zone.text("TZID") for zone in obj.calendar.children("VTIMEZONE")]
    assert defined == sorted(set(obj.zones))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_the_same_events_give_the_same_bytes_in_whatever_order_exceptions_come(case):
    events = json.loads(case.read_text(encoding="utf-8"))
    masters = [event for event in events if "recurringEventId" not in event]
    rest = [event for event in events if event not in masters]

    assert from_events(masters[0] if masters else None, rest[::-1], SOURCE) == mapped(case)


def vevent(*lines):
    head = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test//EN", "BEGIN:VEVENT", "UID:x", "DTSTAMP:20261121T090000Z"]
    return read_lenient("\r\n".join([*head, *lines, "END:VEVENT", "END:VCALENDAR", ""]))


def body(*lines):
    made = to_events(vevent(*lines), SOURCE).master
    assert made is not None
    return made


BERLIN, UTC = "Europe/Berlin", "UTC"


@pytest.mark.parametrize(
    ("lines", "start", "end"),
    [
        pytest.param(
            ["DTSTART;TZID=Europe/Berlin:20261123T090000", "DURATION:PT90M"],
            ("2026-11-23T09:00:00", BERLIN),
            ("2026-11-23T10:30:00", BERLIN),
            id="duration",
        ),
        pytest.param(
            ["DTSTART;TZID=Europe/Berlin:20261024T120000", "DURATION:P1D"],
            ("2026-10-24T12:00:00", BERLIN),
            ("2026-10-25T12:00:00", BERLIN),
            id="a day over a clock change is a day on the calendar",
        ),
        pytest.param(
            ["DTSTART;TZID=Europe/Berlin:20261024T120000", "DURATION:PT24H"],
            ("2026-10-24T12:00:00", BERLIN),
            ("2026-10-25T11:00:00", BERLIN),
            id="24 hours over a clock change are 24 hours",
        ),
        pytest.param(
            ["DTSTART;TZID=Europe/Berlin:20260327T023000", "DURATION:P2D"],
            ("2026-03-27T02:30:00", BERLIN),
            ("2026-03-29T03:30:00", BERLIN),
            id="an end that a clock change leaves out",
        ),
        pytest.param(
            ["DTSTART:20261123T090000Z", "DTEND:20261123T100000Z"],
            ("2026-11-23T09:00:00Z", UTC),
            ("2026-11-23T10:00:00Z", UTC),
            id="UTC",
        ),
        pytest.param(
            [
                "DTSTART;TZID=W. Europe Standard Time:20261123T090000",
                "DTEND;TZID=Eastern Standard Time:20261123T080000",
            ],
            ("2026-11-23T09:00:00", BERLIN),
            ("2026-11-23T08:00:00", "America/New_York"),
            id="Windows names",
        ),
        pytest.param(
            ["DTSTART:20261123T090000", "DTEND:20261123T100000"],
            ("2026-11-23T09:00:00", BERLIN),
            ("2026-11-23T10:00:00", BERLIN),
            id="floating times are in the calendar's zone",
        ),
        pytest.param(
            ["DTSTART;TZID=Europe/Berlin:20261123T090000"],
            ("2026-11-23T09:00:00", BERLIN),
            ("2026-11-23T09:00:00", BERLIN),
            id="no end",
        ),
        pytest.param(["DTSTART;VALUE=DATE:20261123"], ("2026-11-23",), ("2026-11-24",), id="a date without end"),
        pytest.param(
            ["DTSTART;VALUE=DATE:20261123", "DTEND;VALUE=DATE:20261123"], ("2026-11-23",), ("2026-11-24",), id="no day"
        ),
        pytest.param(
            ["DTSTART;VALUE=DATE:20261123", "DURATION:P2D"], ("2026-11-23",), ("2026-11-25",), id="days of duration"
        ),
    ],
)
def test_times_for_google(lines, start, end):
    made = body(*lines)

    assert (tuple(made["start"].values()), tuple(made["end"].values())) == (start, end)


@pytest.mark.parametrize(
    ("lines", "recurrence"),
    [
        (["RRULE:FREQ=DAILY;UNTIL=20261130T080000Z"], ["RRULE:FREQ=DAILY;UNTIL=20261130T080000Z"]),
        (["RRULE:FREQ=DAILY;UNTIL=20261130"], ["RRULE:FREQ=DAILY;UNTIL=20261130T225959Z"]),
        (["RRULE:FREQ=DAILY;UNTIL=20261130T090000"], ["RRULE:FREQ=DAILY;UNTIL=20261130T080000Z"]),
        (["RRULE:FREQ=WEEKLY;BYDAY=MO,WE;WKST=SU"], ["RRULE:FREQ=WEEKLY;BYDAY=MO,WE;WKST=SU"]),
        (
            ["RDATE;TZID=America/New_York:20261201T030000", "RDATE:20261125T080000Z"],
            ["RDATE;TZID=Europe/Berlin:20261125T090000,20261201T090000"],
        ),
    ],
)
def test_rules_for_google(lines, recurrence):
    assert body("DTSTART;TZID=Europe/Berlin:20261123T090000", *lines)["recurrence"] == recurrence


def test_an_end_of_a_rule_that_cannot_be_read_does_not_stop_a_pull():
    start = {"dateTime": "2026-11-23T09:00:00+01:00", "timeZone": BERLIN}

    assert rule("FREQ=WEEKLY;UNTIL=soon", start, BERLIN) == "FREQ=WEEKLY;UNTIL=SOON"


def alarm(*lines):
    return ["BEGIN:VALARM", *lines, "END:VALARM"]


@pytest.mark.parametrize(
    ("alarms", "reminders"),
    [
        pytest.param([], {"useDefault": False, "overrides": []}, id="none"),
        pytest.param(
            alarm("ACTION:DISPLAY", "TRIGGER:-PT10M") + alarm("ACTION:EMAIL", "TRIGGER;RELATED=START:-PT30M"),
            {"useDefault": True},
            id="those of the calendar",
        ),
        pytest.param(
            alarm("ACTION:DISPLAY", "TRIGGER:-P1W") + alarm("ACTION:DISPLAY", "TRIGGER:PT0S"),
            {
                "useDefault": False,
                "overrides": [{"method": "popup", "minutes": 0}, {"method": "popup", "minutes": 10_080}],
            },
            id="a week and at the start",
        ),
        pytest.param(
            alarm("ACTION:AUDIO", "TRIGGER:-PT10M")
            + alarm("ACTION:DISPLAY", "TRIGGER:PT10M")
            + alarm("ACTION:DISPLAY", "TRIGGER:-PT30S")
            + alarm("ACTION:DISPLAY", "TRIGGER;RELATED=END:-PT5M")
            + alarm("ACTION:DISPLAY", "TRIGGER;VALUE=DATE-TIME:20261123T080000Z")
            + alarm("ACTION:DISPLAY", "TRIGGER:-P5W")
            + alarm("ACTION:DISPLAY", "TRIGGER:soon")
            + alarm("ACTION:DISPLAY"),
            {"useDefault": False, "overrides": []},
            id="kinds Google has not",
        ),
    ],
)
def test_reminders_for_google(alarms, reminders):
    assert body("DTSTART;TZID=Europe/Berlin:20261123T090000", *alarms)["reminders"] == reminders


def test_people_for_google():
    made = to_events(
        vevent(
            "DTSTART:20261123T090000Z",
            "ORGANIZER;CN=Boss:MAILTO:Boss@Other.example",
            "ATTENDEE;PARTSTAT=DELEGATED;ROLE=CHAIR;CN=Zoe:mailto:zoe@example.com",
            "ATTENDEE;PARTSTAT=DECLINED;ROLE=NON-PARTICIPANT:mailto:bob@example.com",
            "ATTENDEE;CUTYPE=ROOM;EMAIL=room@example.com:urn:uuid:1",
            "ATTENDEE:urn:uuid:2",
        ),
        SOURCE,
    )

    assert made.organizer == {"email": "boss@other.example", "displayName": "Boss"}
    assert made.master is not None
    assert made.master["attendees"] == [
        {"email": "bob@example.com", "responseStatus": "declined", "optional": True},
        {"email": "room@example.com", "responseStatus": "needsAction", "optional": False, "resource": True},
        {"email": "zoe@example.com", "responseStatus": "needsAction", "optional": False, "displayName": "Zoe"},
    ]


def test_a_patch_names_what_differs_and_erases_what_is_gone():
    had = body("DTSTART;TZID=Europe/Berlin:20261123T090000", "SUMMARY:One", "LOCATION:Here")
    wanted = body("DTSTART;VALUE=DATE:20261123", "SUMMARY:Two")

    assert changed(had, wanted) == {
        "summary": "Two",
        "location": None,
        "start": {"date": "2026-11-23", "dateTime": None, "timeZone": None},
        "end": {"date": "2026-11-24", "dateTime": None, "timeZone": None},
    }


ZONES = ("Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "UTC")
HOURS = st.integers(0, 23)
DAYS = st.integers(1, 28)
MONTHS = st.integers(1, 12)
TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=30).map(str.strip)


@st.composite
def objects(draw):
    """Texts with one event or series: zones, all-day, rules, left-out and changed dates."""
    day = f"2026{draw(MONTHS):02d}{draw(DAYS):02d}"
    zone = draw(st.sampled_from((*ZONES, "date")))

    def when(name, date, hour):
        if zone == "date":
            return f"{name};VALUE=DATE:{date}"
        clock = f"{date}T{hour:02d}1500"
        return f"{name}:{clock}Z" if zone == "UTC" else f"{name};TZID={zone}:{clock}"

    hour = draw(HOURS)
    lines = [when("DTSTART", day, hour), f"DURATION:P{draw(st.integers(1, 3))}D"]
    if draw(st.booleans()):
        lines.append(f"RRULE:FREQ={draw(st.sampled_from(('DAILY', 'WEEKLY', 'MONTHLY')))};COUNT=5")
        if draw(st.booleans()):
            lines.append(when("EXDATE", day, hour))
    for name in ("SUMMARY", "LOCATION"):
        text = draw(TEXT).replace("\\", "").replace(";", "").replace(",", "")
        lines += [f"{name}:{text}"] if text else []
    lines.append(f"TRANSP:{draw(st.sampled_from(('OPAQUE', 'TRANSPARENT')))}")
    lines.append(f"CLASS:{draw(st.sampled_from(('PUBLIC', 'PRIVATE', 'CONFIDENTIAL')))}")
    lines += ["BEGIN:VALARM", "ACTION:DISPLAY", f"TRIGGER:-PT{draw(st.integers(0, 40_320))}M", "END:VALARM"]
    return lines


def stored(wanted: Bodies):
    """As the simulated Google holds it after an insert."""
    simulator = GoogleSimulator(Clock())
    simulator.add_person(ALICE, "Alice")
    assert wanted.master is not None
    new = inserted(wanted.master)
    if "recurrence" in new:
        new["recurrence"] = with_exdates(new["recurrence"], wanted.exdates, new["start"])
    return simulator.add_event(ALICE, new)


@settings(max_examples=60, deadline=None)
@given(objects())
def test_what_was_written_is_read_back_as_it_was(lines):
    wanted = to_events(vevent(*lines), SOURCE)

    again = to_events(read_lenient(from_events(stored(wanted), (), SOURCE)), SOURCE)

    assert (again.master, again.exdates) == (wanted.master, wanted.exdates)
