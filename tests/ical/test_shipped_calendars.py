"""Every calendar file that icalendar and recurring-ical-events ship with their own tests.

Text comes back byte for byte, or is refused for the reason listed; instances are those of the two packages, or the
difference is explained.
"""

import contextlib
import datetime as dt
import warnings
from collections import Counter
from functools import cache
from pathlib import Path

import icalendar
import pytest
import recurring_ical_events
from icalendar.timezone import tzp

from gateway.errors import InvalidCalendarData, Precondition
from gateway.ical.objects import read, read_lenient, split
from gateway.ical.recurrence import instances
from gateway.ical.text import parse, serialise
from gateway.ical.value import epoch
from tests.ical import HEAD

UTC = dt.UTC
FROM, TO = dt.datetime(1990, 1, 1, tzinfo=UTC), dt.datetime(2031, 1, 1, tzinfo=UTC)
KINDS = ("VEVENT", "VTODO", "VJOURNAL")
FOLDERS = {
    "icalendar": Path(icalendar.__file__).parent / "tests",
    "recurring": Path(recurring_ical_events.__file__).parent / "test",
}
FILES = sorted(
    f"{package}/{path.relative_to(folder).as_posix()}"
    for package, folder in FOLDERS.items()
    for path in folder.rglob("*")
    if path.suffix == ".ics" or (path.parent.name == "calendars" and path.suffix == ".txt")
)

REFUSED = {
    "icalendar/calendars/big_bad_calendar.ics": "END:VCALENDAR is missing",
    "icalendar/calendars/fuzz_testcase_0_char_in_component_name.ics": "line 4: control character",
    "icalendar/calendars/fuzz_testcase_invalid_month.ics": "line 6: END:VCALENDAR without its BEGIN",
    "icalendar/calendars/fuzz_testcase_vtimezone_lone_cr.ics": "line 5: control character",
    "icalendar/calendars/issue_104_broken_calendar.ics": "line 13: not a content line",
    "icalendar/calendars/issue_1050_multiple_calendars.ics": "line 9: a second top-level component, VCALENDAR",
    "icalendar/calendars/issue_168_input.ics": "line 6: not a content line",
    "icalendar/calendars/issue_178_component_with_invalid_name_represented.ics": "line 1: MYCOMP outside VCALENDAR",
    "icalendar/calendars/issue_178_custom_component_contains_other.ics": "line 1: MYCOMPTOO outside VCALENDAR",
    "icalendar/calendars/issue_348_exception_parsing_value.ics": "line 8: not a content line",
    "icalendar/calendars/issue_350.ics": "line 36: text outside VCALENDAR",
    "icalendar/calendars/issue_351_whitespace_in_property_and_params.ics": "line 4: not a content line",
    "icalendar/calendars/multiple_calendar_components.ics": "line 2: not a content line",
    "icalendar/calendars/pr_480_summary_with_colon.ics": "END:VCALENDAR is missing",
    "icalendar/calendars/small_bad_calendar.ics": "END:VCALENDAR is missing",
    "icalendar/calendars/timezone_rdate.ics": "line 53: not a content line",
    "icalendar/calendars/timezone_same_start_and_offset.ics": "line 23: END:VCALENDARD without its BEGIN",
    "icalendar/events/issue_104_mark_events_broken.ics": "line 12: not a content line",
    "recurring/calendars/issue_201_test_matrix.ics": "line 11: END:VTOOD without its BEGIN",
    "recurring/calendars/issue_61_time_zone_error.ics": "line 211: not a content line",
}
"""Not iCalendar: read leniently (as feeds are), refused from clients."""

DAY = "a day that ends on itself lasts that day; the oracle gives it no length"
JOURNAL = "a journal entry of a date lasts that day (RFC 4791 9.9)"
UNDATED = "an undated task is in every window (RFC 4791 9.9)"
DIFFERENT = {
    "icalendar/calendars/example.ics": DAY,
    "recurring/calendars/Germany_Holidays.ics": DAY,
    "icalendar/journals/example.ics": JOURNAL,
    "recurring/calendars/issue_97_simple_journal.ics": JOURNAL,
    "icalendar/calendars/issue_1050_all_components.ics": UNDATED,
    "icalendar/calendars/issue_1050_calendar_with_events_and_todos.ics": UNDATED,
    "icalendar/calendars/rfc_7986_image.ics": UNDATED,
    "icalendar/calendars/broken_ical.ics": "two semicolons in DTSTART are one; the oracle drops the line",
    "icalendar/calendars/issue_722_missing_timezones.ics": "an override without a start stands where its instance was",
    "recurring/calendars/end_before_start_event.ics": "an end before the start is none; the oracle swaps them",
    "recurring/calendars/issue_132_swapped_start_and_end.ics": "the same; of two kinds with one UID the event counts",
    "recurring/calendars/issue_253_additional_recurrence_id.ics": "an override is shown, though its series is over",
    "recurring/calendars/issue_201_test_matrix.ics": "hours of a date are the days they reach into",
    "recurring/calendars/issue_75_range_parameter.ics": "UNTIL as a date includes that day, to the oracle its midnight",
}
"""Other instances than the oracle's, and why."""

UNREADABLE = {
    "icalendar/calendars/america_new_york_forward_reference.ics": 1,
    "icalendar/calendars/broken_dtstart.ics": 0,
    "icalendar/calendars/fuzz_testcase_invalid_month.ics": 0,
    "icalendar/calendars/fuzz_testcase_vtimezone_lone_cr.ics": 0,
    "icalendar/calendars/invalid_duration.ics": 1,
    "icalendar/calendars/issue_104_broken_calendar.ics": 1,
    "icalendar/calendars/issue_1081_invalid_rrule_freq.ics": 1,
    "icalendar/calendars/issue_1081_invalid_start_and_end.ics": 0,
    "icalendar/calendars/issue_1081_invalid_start_valid_end.ics": 0,
    "icalendar/calendars/issue_165_missing_event.ics": 14,
    "icalendar/calendars/multiple_timezones.ics": 3,
    "icalendar/calendars/pacific_fiji.ics": 1,
    "icalendar/calendars/parsing_error.ics": 40,
    "icalendar/calendars/parsing_error_in_UTC_offset.ics": 0,
    "icalendar/calendars/rfc_7529.ics": 4,
    "icalendar/events/issue_464_invalid_rdate.ics": 2,
    "recurring/calendars/bad_rrule_missing_until_event.ics": 596,
}
"""Files that the oracle raises an error for, with the number of instances we find."""


def body_of(name: str) -> bytes:
    package, _, path = name.partition("/")
    return (FOLDERS[package] / path).read_bytes()


def whole(body: bytes) -> bytes:
    """The file as a calendar; many of them hold a single component."""
    if b"BEGIN:VCALENDAR" in body or b"BEGIN:MYCOMP" in body:
        return body
    return "\r\n".join(HEAD).encode() + b"\r\n" + body.strip() + b"\r\nEND:VCALENDAR\r\n"


@pytest.mark.parametrize("name", FILES)
def test_text_comes_back_byte_for_byte(name: str) -> None:
    body = whole(body_of(name))
    if name not in REFUSED:
        assert serialise(parse(body)).encode() == body
        return
    with pytest.raises(InvalidCalendarData) as refused:
        parse(body)
    assert str(refused.value) == REFUSED[name]


@pytest.mark.parametrize("name", FILES)
def test_each_object_can_be_stored_or_is_refused(name: str) -> None:
    for obj in split_all(name):
        assert read_lenient(obj).components
        with contextlib.suppress(Precondition):
            read(obj)


Counted = Counter[tuple[str, int, int]]


def split_all(name: str) -> list[str]:
    try:
        return [obj.text for obj in split(whole(body_of(name)))]
    except InvalidCalendarData:
        return []


def ours(name: str) -> Counted:
    found: Counted = Counter()
    for text in split_all(name):
        obj = read_lenient(text)
        uid = "" if obj.uid.endswith("@gateway") else obj.uid
        if obj.kind in KINDS:
            for one in instances(obj, epoch(FROM), epoch(TO), UTC, 20_000):
                found[uid, one.start, one.end] += 1
    return found


def instant(when: dt.date) -> int:
    """As we read it, with UTC as the owner's zone."""
    if not isinstance(when, dt.datetime):
        when = dt.datetime(when.year, when.month, when.day, tzinfo=UTC)
    return epoch(when if when.tzinfo else when.replace(tzinfo=UTC))


def theirs(name: str) -> Counted | None:
    """The oracle's instances; None if it cannot read the file."""
    tzp.use_default()  # forgets zones of other files, which it would apply to this one
    found: Counted = Counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            for calendar in icalendar.Calendar.from_ical(whole(body_of(name)), multiple=True):
                parts = (
                    calendar.subcomponents
                )  # an event without a start, which the oracle stumbles over, has no instance
                calendar.subcomponents = [one for one in parts if one.name != "VEVENT" or "DTSTART" in one]
                for one in recurring_ical_events.of(calendar, components=KINDS).between(FROM, TO):
                    start, end = one.get("DTSTART"), one.get("DTEND") or one.get("DUE")
                    if start is not None and start.dt.year >= FROM.year:
                        uid = str(one.get("UID", "")).strip()
                        found[uid, instant(start.dt), instant((end or start).dt)] += 1
        except Exception:  # whatever it raises
            return None
    return found


@cache
def compared(name: str) -> tuple[Counted, Counted | None]:
    return ours(name), theirs(name)


@pytest.mark.parametrize("name", FILES)
def test_instances_are_the_oracles(name: str) -> None:
    found, expected = compared(name)
    if expected is None:
        assert UNREADABLE.get(name) == found.total()
    elif name in DIFFERENT:
        assert found != expected
    else:
        assert found == expected
