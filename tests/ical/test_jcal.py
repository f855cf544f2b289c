"""jCal, both ways, and against the icalendar package."""

import json
from pathlib import Path
from typing import Any

import icalendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import InvalidCalendarData
from gateway.ical.jcal import from_jcal, to_jcal
from gateway.ical.text import Component, parse, serialise, text_prop
from tests.ical import calendar, component, event

CLIENTS = sorted((Path(__file__).parent.parent / "data").rglob("*.ics"))
LINES = {
    "DTSTART:20250609T070000Z": ["dtstart", {}, "date-time", "2025-06-09T07:00:00Z"],
    "DTSTART;TZID=Europe/Berlin:20250609T070000": [
        *("dtstart", {"tzid": "Europe/Berlin"}, "date-time", "2025-06-09T07:00:00"),
    ],
    "DTSTART;VALUE=DATE:20250609": ["dtstart", {}, "date", "2025-06-09"],
    "DURATION:PT1H": ["duration", {}, "duration", "PT1H"],
    "SUMMARY;LANGUAGE=de:Straße\\, naïv\\nund so": ["summary", {"language": "de"}, "text", "Straße, naïv\nund so"],
    "CATEGORIES:a\\,b,c": ["categories", {}, "text", "a,b", "c"],
    "PRIORITY:5": ["priority", {}, "integer", 5],
    "GEO:48.5;-9.25": ["geo", {}, "float", [48.5, -9.25]],
    "REQUEST-STATUS:2.0;Success": ["request-status", {}, "text", ["2.0", "Success"]],
    "RRULE:FREQ=WEEKLY;BYDAY=MO,-1TU;UNTIL=20251231T225959Z;INTERVAL=2": [
        "rrule",
        {},
        "recur",
        {"freq": "WEEKLY", "byday": ["MO", "-1TU"], "until": "2025-12-31T22:59:59Z", "interval": 2},
    ],
    "RDATE;VALUE=PERIOD:20250610T070000Z/PT1H,20250611T070000Z/20250611T080000Z": [
        "rdate",
        {},
        "period",
        ["2025-06-10T07:00:00Z", "PT1H"],
        ["2025-06-11T07:00:00Z", "2025-06-11T08:00:00Z"],
    ],
    "EXDATE;VALUE=DATE:20250610,20250611": ["exdate", {}, "date", "2025-06-10", "2025-06-11"],
    'ATTENDEE;MEMBER="mailto:a@example.com","mailto:b@example.com";RSVP=TRUE:mailto:c@example.com': [
        "attendee",
        {"member": ["mailto:a@example.com", "mailto:b@example.com"], "rsvp": "TRUE"},
        "cal-address",
        "mailto:c@example.com",
    ],
    "ATTACH;ENCODING=BASE64;VALUE=BINARY:YQ==": ["attach", {"encoding": "BASE64"}, "binary", "YQ=="],
    "X-FLAG;VALUE=BOOLEAN:TRUE": ["x-flag", {}, "boolean", True],
    "X-ODD:a\\,b;c": ["x-odd", {}, "unknown", "a\\,b;c"],
    "X-TIME;VALUE=TIME:093000": ["x-time", {}, "time", "09:30:00"],
    "TZOFFSETTO:+0530": ["tzoffsetto", {}, "utc-offset", "+05:30"],
    "PRIORITY:high": ["priority", {}, "integer", "high"],
    "DTSTAMP:yesterday": ["dtstamp", {}, "date-time", "yesterday"],
}


def properties(text: str) -> list[Any]:
    found: list[Any] = json.loads(text)[2][0][1]
    return found


@pytest.mark.parametrize("line", LINES)
def test_a_line_and_its_json(line: str) -> None:
    made = to_jcal(parse(event(line)))
    assert properties(made)[2] == LINES[line]
    assert serialise(from_jcal(made)).replace("\r\n ", "") == event(line)


def flat(given: Any) -> Any:
    """Without the choices that RFC 7265 leaves open: lists of one, order and letter case of rules, seconds of zero."""
    if isinstance(given, dict):
        return {name: flat(value) for name, value in given.items()}
    if isinstance(given, list):
        return flat(given[0]) if len(given) == 1 else [flat(one) for one in given]
    return given


@pytest.mark.parametrize(
    "line",
    [line for line in LINES if not line.startswith(("X-", "PRIORITY:high", "DTSTAMP:y", "REQUEST", "ATTACH", "TZ"))],
)
def test_the_icalendar_package_says_the_same(line: str) -> None:
    text = event(line)
    theirs = icalendar.Calendar.from_ical(text).to_jcal()
    ours = properties(to_jcal(parse(text)))[2]
    [same] = [one for one in theirs[2][0][1] if one[0] == ours[0]]
    assert flat(ours) == flat(list(same))


@pytest.mark.parametrize("path", CLIENTS, ids=lambda path: path.stem)
def test_what_clients_write_comes_back(path: Path) -> None:
    there = to_jcal(parse(path.read_bytes(), lenient=True))
    assert to_jcal(from_jcal(there)) == there


@given(
    st.text(
        st.characters(
            codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\u2028\u2029\ufeff\ufffe\uffff\x85"
        )
    )
)
def test_any_text_survives(text: str) -> None:
    one = Component("VEVENT", "BEGIN:VEVENT\r\n", "END:VEVENT\r\n")
    one.properties = [text_prop("SUMMARY", text)]
    whole = Component("VCALENDAR", "BEGIN:VCALENDAR\r\n", "END:VCALENDAR\r\n")
    whole.components = [one]
    assert from_jcal(to_jcal(whole)).components[0].text("SUMMARY") == text


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("BEGIN:VCALENDAR", id="iCalendar"),
        pytest.param("{}", id="an object"),
        pytest.param('["vevent",[],[]]', id="no calendar"),
        pytest.param('["vcalendar",[]]', id="no components"),
        pytest.param('["vcalendar",[["version",{},"text"]],[]]', id="no value"),
        pytest.param('["vcalendar",[["version",[],"text","2.0"]],[]]', id="parameters in a list"),
        pytest.param('["vcalendar",[["version",{"x":1},"text","2.0"]],[]]', id="a number as parameter"),
        pytest.param('["vcalendar",[["version",{},"text",null]],[]]', id="null"),
        pytest.param('["vcalendar",[["ver:sion",{},"text","2.0"]],[]]', id="a name that is none"),
        pytest.param('["vcalendar",[["rrule",{},"recur",{"freq":{}}]],[]]', id="a rule that is none"),
        pytest.param('["vcalendar",[],' * 30 + "[]" + "]" * 30, id="too deep"),
        pytest.param("[" * 100_000, id="far too deep"),
        pytest.param(b"\xff\xfe\xfd", id="no UTF-8"),
    ],
)
def test_what_is_no_jcal(text: str | bytes) -> None:
    with pytest.raises(InvalidCalendarData):
        from_jcal(text)


def test_a_value_cannot_end_its_line() -> None:
    inner = ["x-a", {"p": "1\r\nX:2"}, "unknown", "a\r\nEND:VCALENDAR"]
    text = serialise(from_jcal(json.dumps(["vcalendar", [inner], []])))
    assert text.count("\r\n") == 3
    assert parse(text).first("X-A") is not None


def test_components_nest() -> None:
    text = calendar(*component("VEVENT", "BEGIN:VALARM", "TRIGGER:-PT5M", "END:VALARM"))
    found = json.loads(to_jcal(parse(text)))
    assert (found[0], found[2][0][2][0]) == ("vcalendar", ["valarm", [["trigger", {}, "duration", "-PT5M"]], []])
