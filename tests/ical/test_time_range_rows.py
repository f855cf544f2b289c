"""RFC 4791 9.9, row by row: every range around the marks of a component, against the formula of its row."""

from collections.abc import Callable
from itertools import combinations
from zoneinfo import ZoneInfo

import pytest

from gateway.ical.filters import CompFilter, matches
from gateway.ical.index import index
from gateway.ical.objects import read_lenient
from tests.ical import calendar, component, stamp

BERLIN = ZoneInfo("Europe/Berlin")
HOUR = 3_600
S, E = stamp("20250609T080000Z"), stamp("20250609T100000Z")  # DTSTART, and DTEND, DUE or the end of DURATION
CREATED, COMPLETED = stamp("20250609T070000Z"), stamp("20250609T110000Z")
DAY = stamp("20250608T220000Z")  # 9 June in Berlin
START, END, DUE = "DTSTART:20250609T080000Z", "DTEND:20250609T100000Z", "DUE:20250609T100000Z"
LENGTH, NONE, DATE = "DURATION:PT2H", "DURATION:PT0S", "DTSTART;VALUE=DATE:20250609"
MADE, DONE = "CREATED:20250609T070000Z", "COMPLETED:20250609T110000Z"
MARKS = sorted({mark + by for mark in (S, E, CREATED, COMPLETED, DAY, DAY + 24 * HOUR) for by in (-HOUR, -1, 0, 1)})

Formula = Callable[[int, int], bool]

ROWS: dict[str, tuple[str, tuple[str, ...], Formula]] = {
    "VEVENT with DTEND": ("VEVENT", (START, END), lambda a, b: a < E and b > S),
    "VEVENT with DURATION": ("VEVENT", (START, LENGTH), lambda a, b: a < E and b > S),
    "VEVENT with DURATION of nothing": ("VEVENT", (START, NONE), lambda a, b: a <= S < b),
    "VEVENT with a start alone": ("VEVENT", (START,), lambda a, b: a <= S < b),
    "VEVENT with a date alone": ("VEVENT", (DATE,), lambda a, b: a < DAY + 24 * HOUR and b > DAY),
    "VTODO with DTSTART and DURATION": ("VTODO", (START, LENGTH), lambda a, b: a <= E and (b > S or b >= E)),
    "VTODO with DTSTART and DURATION of nothing": ("VTODO", (START, NONE), lambda a, b: a <= S <= b),
    "VTODO with DTSTART and DUE": ("VTODO", (START, DUE), lambda a, b: (a < E or a <= S) and (b > S or b >= E)),
    "VTODO due as it starts": ("VTODO", (START, "DUE:20250609T080000Z"), lambda a, b: a <= S <= b),
    "VTODO with DTSTART": ("VTODO", (START,), lambda a, b: a <= S < b),
    "VTODO with DUE": ("VTODO", (DUE,), lambda a, b: a < E <= b),
    "VTODO with COMPLETED and CREATED": (
        "VTODO",
        (MADE, DONE),
        lambda a, b: (a <= CREATED or a <= COMPLETED) and (b >= CREATED or b >= COMPLETED),
    ),
    "VTODO with COMPLETED": ("VTODO", (DONE,), lambda a, b: a <= COMPLETED <= b),
    "VTODO with CREATED": ("VTODO", (MADE,), lambda _, b: b > CREATED),
    "VTODO with none of them": ("VTODO", (), lambda *_: True),
    "VJOURNAL with a time": ("VJOURNAL", (START,), lambda a, b: a <= S < b),
    "VJOURNAL with a date": ("VJOURNAL", (DATE,), lambda a, b: a < DAY + 24 * HOUR and b > DAY),
    "VJOURNAL without start": ("VJOURNAL", (), lambda *_: False),
    "VFREEBUSY with DTSTART and DTEND": ("VFREEBUSY", (START, END), lambda a, b: a <= E and b > S),
    "VFREEBUSY with periods": (
        "VFREEBUSY",
        ("FREEBUSY:20250609T080000Z/PT30M,20250609T093000Z/20250609T100000Z",),
        lambda a, b: (a < S + HOUR // 2 and b > S) or (a < E and b > E - HOUR // 2),
    ),
    "VFREEBUSY with nothing": ("VFREEBUSY", (), lambda *_: False),
}
STORED = [name for name in ROWS if not name.startswith("VFREEBUSY")]


@pytest.mark.parametrize("name", ROWS)
def test_the_filter_follows_the_row(name: str) -> None:
    kind, lines, formula = ROWS[name]
    obj = read_lenient(calendar(*component(kind, *lines)))
    for start, end in combinations(MARKS, 2):
        inner = CompFilter("VCALENDAR", comps=(CompFilter(kind, time_range=(start, end)),))
        assert matches(obj, inner, BERLIN) == formula(start, end), (start, end)
        whole = CompFilter("VCALENDAR", time_range=(start, end))
        assert matches(obj, whole, BERLIN) == formula(start, end), (start, end)


@pytest.mark.parametrize("name", STORED)
def test_the_index_follows_the_row(name: str) -> None:
    kind, lines, formula = ROWS[name]
    text = calendar(*component(kind, *lines))
    rows = index(read_lenient(text), text, (), BERLIN, 0, 4_000_000_000).occurrences
    for start, end in combinations(MARKS, 2):
        found = any(row.start < end and (row.end > start or start <= row.start == row.end) for row in rows)
        assert found == formula(start, end), (start, end)


ALARMS: dict[str, tuple[str, tuple[str, ...], tuple[str, ...], tuple[int, ...]]] = {
    "before the start": ("VEVENT", (START, END), ("TRIGGER:-PT30M",), (S - HOUR // 2,)),
    "at the start": ("VEVENT", (START, END), ("TRIGGER;RELATED=START:PT0S",), (S,)),
    "after the end": ("VEVENT", (START, END), ("TRIGGER;RELATED=END:PT1H",), (E + HOUR,)),
    "before the end of a DURATION": ("VEVENT", (START, LENGTH), ("TRIGGER;RELATED=END:-PT1H",), (E - HOUR,)),
    "at a time": ("VEVENT", (START, END), ("TRIGGER;VALUE=DATE-TIME:20250609T070000Z",), (CREATED,)),
    "again and again": (
        "VEVENT",
        (START, END),
        ("TRIGGER:-PT1H", "REPEAT:2", "DURATION:PT1H"),
        (S - HOUR, S, S + HOUR),
    ),
    "of a date": ("VEVENT", (DATE,), ("TRIGGER:PT9H",), (DAY + 9 * HOUR,)),
    "of a task": ("VTODO", (START, DUE), ("TRIGGER:-PT30M",), (S - HOUR // 2,)),
    "of a task that is due": ("VTODO", (START, DUE), ("TRIGGER;RELATED=END:-PT30M",), (E - HOUR // 2,)),
    "of a task that is only due": ("VTODO", (DUE,), ("TRIGGER;RELATED=END:-PT30M",), (E - HOUR // 2,)),
    "every day": (
        "VEVENT",
        (START, END, "RRULE:FREQ=DAILY"),
        ("TRIGGER:-P1D",),
        tuple(S + number * 24 * HOUR for number in range(-1, 4)),
    ),
    "without a trigger": ("VEVENT", (START, END), ("ACTION:DISPLAY",), ()),
    "with one that nobody can read": ("VEVENT", (START, END), ("TRIGGER:soon",), ()),
}


@pytest.mark.parametrize("name", ALARMS)
def test_alarms_go_off(name: str) -> None:
    kind, lines, alarm, times = ALARMS[name]
    obj = read_lenient(calendar(*component(kind, *lines, "BEGIN:VALARM", *alarm, "END:VALARM")))
    for start, end in combinations([*MARKS, S - HOUR // 2, E - HOUR // 2, E + HOUR], 2):
        if start < end:
            inner = CompFilter("VALARM", time_range=(start, end))
            wanted = CompFilter("VCALENDAR", comps=(CompFilter(kind, comps=(inner,)),))
            assert matches(obj, wanted, BERLIN) == any(start <= at < end for at in times), (start, end)


@pytest.mark.parametrize("rule", ["FREQ=DAILY", "FREQ=MINUTELY;INTERVAL=7", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29"])
def test_what_never_ends_is_found_in_a_range_without_end(rule: str) -> None:
    obj = read_lenient(
        calendar(*component("VEVENT", START, f"RRULE:{rule}", "BEGIN:VALARM", "TRIGGER:PT0S", "END:VALARM"))
    )
    for begin in (0, S + 400 * 24 * HOUR):
        for inner in (
            CompFilter("VEVENT", time_range=(begin, 250_000_000_000)),
            CompFilter("VEVENT", comps=(CompFilter("VALARM", time_range=(begin, 250_000_000_000)),)),
        ):
            assert matches(obj, CompFilter("VCALENDAR", comps=(inner,)), BERLIN)
