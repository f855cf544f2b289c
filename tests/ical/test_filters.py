"""CALDAV:filter, part by part."""

from zoneinfo import ZoneInfo

import pytest

from gateway.errors import UnsupportedCollation
from gateway.ical.filters import CompFilter, Match, ParamFilter, PropFilter, TextMatch, matches
from gateway.ical.objects import read
from gateway.ical.recurrence import MAX_TIME, MIN_TIME
from tests.ical import calendar, component, event, stamp

BERLIN = ZoneInfo("Europe/Berlin")
TEXT = event(
    "DTSTART;TZID=Europe/Berlin:20250609T090000",
    "DTEND;TZID=Europe/Berlin:20250609T100000",
    "RRULE:FREQ=DAILY;COUNT=10",
    "SUMMARY;LANGUAGE=de:Straße\\, naïve ÄRGER",
    "LAST-MODIFIED:20250101T120000Z",
    "ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:ann@example.com",
    "ATTENDEE;PARTSTAT=ACCEPTED;ROLE=CHAIR:mailto:bob@example.com",
    "BEGIN:VALARM",
    "TRIGGER:-PT30M",
    "REPEAT:2",
    "DURATION:PT10M",
    "END:VALARM",
    more=(
        component(
            "VEVENT",
            "RECURRENCE-ID:20250610T070000Z",
            "DTSTART:20250610T120000Z",
            "DTEND:20250610T130000Z",
            "SUMMARY:Moved",
            "BEGIN:VALARM",
            "TRIGGER;RELATED=END:PT5M",
            "END:VALARM",
        ),
    ),
)


def window(start: str, end: str) -> tuple[int, int]:
    return stamp(start), stamp(end)


def answers(inner: CompFilter, text: str = TEXT) -> bool:
    return matches(read(text), CompFilter("VCALENDAR", comps=(inner,)), BERLIN)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        pytest.param(CompFilter("VEVENT"), True, id="has events"),
        pytest.param(CompFilter("vevent"), True, id="letter case"),
        pytest.param(CompFilter("VTODO"), False, id="has no tasks"),
        pytest.param(CompFilter("VTODO", is_not_defined=True), True, id="tasks not defined"),
        pytest.param(CompFilter("VEVENT", is_not_defined=True), False, id="events not defined"),
        pytest.param(CompFilter("VEVENT", time_range=window("20250618", "20250619")), True, id="last instance"),
        pytest.param(CompFilter("VEVENT", time_range=window("20250619", "20250620")), False, id="after the last"),
        pytest.param(CompFilter("VEVENT", time_range=(stamp("20250618"), MAX_TIME)), True, id="open end"),
        pytest.param(CompFilter("VEVENT", time_range=(MIN_TIME, stamp("20250609"))), False, id="open start"),
        pytest.param(
            CompFilter("VEVENT", time_range=window("20250610T070000Z", "20250610T080000Z")), False, id="moved away"
        ),
        pytest.param(
            CompFilter("VEVENT", time_range=window("20250610T120000Z", "20250610T130000Z")), True, id="moved to"
        ),
        pytest.param(
            CompFilter(
                "VEVENT",
                time_range=window("20250610T120000Z", "20250610T130000Z"),
                props=(PropFilter("SUMMARY", text_match=TextMatch("ärger", "i;unicode-casemap")),),
            ),
            False,
            id="range and property on the same component",
        ),
        pytest.param(CompFilter("VEVENT", comps=(CompFilter("VALARM"),)), True, id="has alarms"),
        pytest.param(
            CompFilter("VEVENT", comps=(CompFilter("VALARM", is_not_defined=True),)), False, id="has no alarms"
        ),
    ],
)
def test_components(wanted: CompFilter, expected: bool) -> None:
    assert answers(wanted) == expected


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        pytest.param("20250609T063000Z", "20250609T063001Z", True, id="trigger"),
        pytest.param("20250609T063001Z", "20250609T064000Z", False, id="just after"),
        pytest.param("20250609T064000Z", "20250609T064001Z", True, id="first repetition"),
        pytest.param("20250609T065000Z", "20250609T065001Z", True, id="second repetition"),
        pytest.param("20250609T070000Z", "20250609T071000Z", False, id="no third"),
        pytest.param("20250612T063000Z", "20250612T064000Z", True, id="of a later instance"),
        pytest.param("20250610T063000Z", "20250610T064000Z", False, id="of an instance moved away"),
        pytest.param("20250610T130500Z", "20250610T130501Z", True, id="after the end"),
    ],
)
def test_alarms(start: str, end: str, expected: bool) -> None:
    alarm = CompFilter("VALARM", time_range=window(start, end))
    assert answers(CompFilter("VEVENT", comps=(alarm,))) == expected


def test_an_alarm_at_a_fixed_time() -> None:
    text = event("DTSTART:20250609T070000Z", "BEGIN:VALARM", "TRIGGER;VALUE=DATE-TIME:20250101T000000Z", "END:VALARM")
    alarm = CompFilter("VALARM", time_range=window("20250101", "20250102"))
    assert answers(CompFilter("VEVENT", comps=(alarm,)), text)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        pytest.param(PropFilter("SUMMARY"), True, id="there"),
        pytest.param(PropFilter("LOCATION"), False, id="not there"),
        pytest.param(PropFilter("LOCATION", is_not_defined=True), True, id="not defined"),
        pytest.param(
            PropFilter("SUMMARY", text_match=TextMatch("STRASSE, NAÏ", "i;unicode-casemap")), True, id="unicode"
        ),
        pytest.param(
            PropFilter("SUMMARY", text_match=TextMatch("ärger", "i;ascii-casemap")), False, id="ASCII knows no umlauts"
        ),
        pytest.param(PropFilter("SUMMARY", text_match=TextMatch("Ärger")), True, id="ASCII case"),
        pytest.param(PropFilter("SUMMARY", text_match=TextMatch("moved", "i;octet")), False, id="octets"),
        pytest.param(PropFilter("SUMMARY", text_match=TextMatch("Moved", "i;octet")), True, id="octets of an override"),
        pytest.param(PropFilter("SUMMARY", text_match=TextMatch("x", negate=True)), True, id="negated"),
        pytest.param(
            PropFilter("LAST-MODIFIED", time_range=window("20250101", "20250102")), True, id="time of a property"
        ),
        pytest.param(PropFilter("LAST-MODIFIED", time_range=window("20250102", "20250103")), False, id="another time"),
        pytest.param(PropFilter("SUMMARY", time_range=window("20250102", "20250103")), False, id="no time at all"),
        pytest.param(PropFilter("ATTENDEE", params=(ParamFilter("ROLE"),)), True, id="parameter there"),
        pytest.param(
            PropFilter("SUMMARY", params=(ParamFilter("LANGUAGE", defined=False),)),
            True,
            id="of an override, without it",
        ),
        pytest.param(
            PropFilter(
                "ATTENDEE", text_match=TextMatch("ann@"), params=(ParamFilter("PARTSTAT", text=TextMatch("needs")),)
            ),
            True,
            id="text and parameter of one line",
        ),
        pytest.param(
            PropFilter(
                "ATTENDEE", text_match=TextMatch("bob@"), params=(ParamFilter("PARTSTAT", text=TextMatch("needs")),)
            ),
            False,
            id="text and parameter of different lines",
        ),
        pytest.param(
            PropFilter(
                "ATTENDEE",
                text_match=TextMatch("bob@"),
                params=(ParamFilter("PARTSTAT", text=TextMatch("x")),),
                test="anyof",
            ),
            True,
            id="any of them",
        ),
    ],
)
def test_properties(wanted: PropFilter, expected: bool) -> None:
    assert answers(CompFilter("VEVENT", props=(wanted,))) == expected


def test_any_or_all() -> None:
    props = (PropFilter("SUMMARY"), PropFilter("LOCATION"))
    assert not answers(CompFilter("VEVENT", props=props))
    assert answers(CompFilter("VEVENT", props=props, test="anyof"))


def test_busy_time() -> None:
    text = calendar(*component("VJOURNAL", "X-PERIOD:20250609T070000Z/PT1H"))
    for start, end, expected in (("20250609T073000Z", "20250610", True), ("20250609T080000Z", "20250610", False)):
        wanted = PropFilter("X-PERIOD", time_range=window(start, end))
        assert answers(CompFilter("VJOURNAL", props=(wanted,)), text) == expected


def test_other_roots_never_match() -> None:
    assert not matches(read(TEXT), CompFilter("VEVENT"), BERLIN)
    assert not matches(read(TEXT), CompFilter("VCALENDAR", is_not_defined=True), BERLIN)
    assert matches(read(TEXT), CompFilter("VCALENDAR"), BERLIN)


@pytest.mark.parametrize(
    ("match", "value", "expected"),
    [
        ("contains", "oVe", True),
        ("starts-with", "mov", True),
        ("starts-with", "oved", False),
        ("ends-with", "OVED", True),
        ("ends-with", "move", False),
        ("equals", "moved", True),
        ("equals", "move", False),
    ],
)
def test_kinds_of_matches(match: Match, value: str, expected: bool) -> None:
    assert TextMatch(value, match=match).matches("Moved") == expected
    assert TextMatch(value, match=match, negate=True).matches("Moved") != expected


def test_an_unknown_collation_is_refused() -> None:
    with pytest.raises(UnsupportedCollation):
        TextMatch("x", "i;klingon")
