"""Instances, checked by hand. The first table is what other servers get wrong."""

from datetime import UTC
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import TooManyInstances
from gateway.ical.objects import read, read_lenient
from gateway.ical.recurrence import MAX_TIME, MIN_TIME, instances, span
from gateway.ical.value import format_utc
from tests.ical import calendar, component, event, stamp

BERLIN = ZoneInfo("Europe/Berlin")
WEEKLY = ("DTSTART;TZID=Europe/Berlin:20250106T090000", "DTEND;TZID=Europe/Berlin:20250106T100000", "RRULE:FREQ=WEEKLY")
DAILY = ("DTSTART:20250609T070000Z", "DTEND:20250609T080000Z", "RRULE:FREQ=DAILY")
ZONE = [
    "BEGIN:VTIMEZONE",
    "TZID:Custom",
    *("BEGIN:STANDARD", "DTSTART:16011028T030000", "TZOFFSETFROM:+0200", "TZOFFSETTO:+0100"),
    *("RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10", "END:STANDARD"),
    *("BEGIN:DAYLIGHT", "DTSTART:16010325T020000", "TZOFFSETFROM:+0100", "TZOFFSETTO:+0200"),
    *("RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3", "END:DAYLIGHT"),
    "END:VTIMEZONE",
]


def override(rid: str, *lines: str) -> list[str]:
    return component("VEVENT", f"RECURRENCE-ID{rid}", *lines)


def found(text: str, start: str = "20250609", end: str = "20250616") -> list[str]:
    """start/end of the instances in a window, without the date's year and the seconds."""
    obj = read_lenient(text)
    spans = instances(obj, stamp(start), stamp(end), BERLIN)
    return [f"{format_utc(one.start)[4:13]}/{format_utc(one.end)[4:13]}" for one in spans]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            event(
                "DTSTART;TZID=W. Europe Standard Time:20250610T090000",
                "DTEND;TZID=W. Europe Standard Time:20250610T100000",
            ),
            ["0610T0700/0610T0800"],
            id="Windows zone without VTIMEZONE",
        ),
        pytest.param(event(*WEEKLY), ["0609T0700/0609T0800"], id="weekly across the clock change, no VTIMEZONE"),
        pytest.param(
            event(
                *DAILY, "RRULE:FREQ=DAILY;COUNT=2", more=(override(":20250610T070000Z", "DTSTART:20250720T070000Z"),)
            ).replace("RRULE:FREQ=DAILY\r\n", ""),
            ["0609T0700/0609T0800"],
            id="override moved out of the window",
        ),
        pytest.param(
            event(
                *WEEKLY,
                more=(override(";TZID=Europe/Berlin:20250630T090000", "DTSTART:20250612T120000Z", "DURATION:PT2H"),),
            ),
            ["0609T0700/0609T0800", "0612T1200/0612T1400"],
            id="override moved into the window",
        ),
        pytest.param(
            calendar(*override(":20250610T070000Z", "DTSTART:20250610T080000Z", "DTEND:20250610T090000Z")),
            ["0610T0800/0610T0900"],
            id="one override without master",
        ),
        pytest.param(
            calendar(
                *override(":20250610T070000Z", "DTSTART:20250610T080000Z", "DTEND:20250610T090000Z"),
                *override(":20250611T070000Z", "DTSTART:20250611T080000Z", "DTEND:20250611T090000Z"),
            ),
            ["0610T0800/0610T0900", "0611T0800/0611T0900"],
            id="two overrides without master",
        ),
        pytest.param(
            event(
                "DTSTART:20250501T070000Z",
                "DURATION:PT1H",
                "RDATE;VALUE=PERIOD:20250610T070000Z/PT2H,20250611T070000Z/20250611T093000Z",
            ),
            ["0610T0700/0610T0900", "0611T0700/0611T0930"],
            id="RDATE with PERIOD",
        ),
        pytest.param(
            event("DTSTART:20250501T070000Z", "DURATION:PT1H", "RDATE:20250610T070000Z,20250612T070000Z"),
            ["0610T0700/0610T0800", "0612T0700/0612T0800"],
            id="RDATE without RRULE",
        ),
        pytest.param(
            event("DTSTART;VALUE=DATE:20250614", "DURATION:P1D", "RRULE:FREQ=DAILY"),
            ["0613T2200/0614T2200", "0614T2200/0615T2200", "0615T2200/0616T2200"],
            id="all-day series in its owner's zone",
        ),
        pytest.param(
            event(
                *DAILY,
                more=(
                    override(
                        ";RANGE=THISANDFUTURE:20250612T070000Z", "DTSTART:20250612T090000Z", "DTEND:20250612T093000Z"
                    ),
                ),
            ),
            [
                "0609T0700/0609T0800",
                "0610T0700/0610T0800",
                "0611T0700/0611T0800",
                "0612T0900/0612T0930",
                "0613T0900/0613T0930",
                "0614T0900/0614T0930",
                "0615T0900/0615T0930",
            ],
            id="THISANDFUTURE moves the later instances",
        ),
        pytest.param(
            event(
                "DTSTART;TZID=Custom:20250106T090000", "DTEND;TZID=Custom:20250106T100000", "RRULE:FREQ=WEEKLY"
            ).replace("BEGIN:VEVENT", "\r\n".join([*ZONE, "BEGIN:VEVENT"])),
            ["0609T0700/0609T0800"],
            id="unknown zone as its VTIMEZONE says",
        ),
        pytest.param(
            event("DTSTART;TZID=Nowhere:20250610T090000", "DURATION:PT1H"),
            ["0610T0700/0610T0800"],
            id="unknown zone without VTIMEZONE floats",
        ),
        pytest.param(event("DTSTART:20250610T090000", "DURATION:PT1H"), ["0610T0700/0610T0800"], id="floating"),
        pytest.param(event("DTSTART;VALUE=DATE:20250610"), ["0609T2200/0610T2200"], id="all-day without end"),
        pytest.param(
            event("DTSTART;VALUE=DATE:20250610", "DTEND;VALUE=DATE:20250610"),
            ["0609T2200/0610T2200"],
            id="all-day ends at once",
        ),
        pytest.param(
            event("DTSTART;VALUE=DATE:20250610", "DURATION:PT1H"), ["0609T2200/0610T2200"], id="an hour of a day"
        ),
        pytest.param(
            event("DTSTART;VALUE=DATE:20250610", "DURATION:P1DT1S"), ["0609T2200/0611T2200"], id="a day and some"
        ),
        pytest.param(event("DTSTART:20250609T000000Z"), ["0609T0000/0609T0000"], id="no length, at the window's start"),
        pytest.param(event("DTSTART:20250616T000000Z"), [], id="at the window's end"),
        pytest.param(event("DTSTART:20250608T230000Z", "DURATION:PT1H"), [], id="ends as the window begins"),
        pytest.param(
            event("DTSTART:20250601T000000Z", "DURATION:P30D"), ["0601T0000/0701T0000"], id="covers the window"
        ),
        pytest.param(
            event("DTSTART:20250610T070000Z", "DTEND:20250609T070000Z"), ["0610T0700/0610T0700"], id="end before start"
        ),
        pytest.param(event(), [], id="no start"),
        pytest.param(event("DTSTART:soon"), [], id="unreadable start"),
    ],
)
def test_instances(text: str, expected: list[str]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param(["UNTIL=20250611T070000Z"], 3, id="UNTIL is included"),
        pytest.param(["UNTIL=20250611T065959Z"], 2, id="UNTIL just before"),
        pytest.param(["UNTIL=20250611"], 3, id="UNTIL as a date means the whole day"),
        pytest.param(["UNTIL=20250611T090000"], 3, id="UNTIL on the clock of the series"),
        pytest.param(["UNTIL=20250608T070000Z"], 0, id="ended before it began"),
        pytest.param(["COUNT=3"], 3, id="COUNT"),
        pytest.param(["COUNT=3", "RRULE:FREQ=DAILY;COUNT=5"], 5, id="two rules"),
        pytest.param(["COUNT=5", "EXDATE:20250610T070000Z"], 4, id="EXDATE in UTC"),
        pytest.param(["COUNT=5", "EXDATE;TZID=America/New_York:20250610T030000"], 4, id="EXDATE in another zone"),
        pytest.param(["COUNT=5", "EXDATE;VALUE=DATE:20250610"], 4, id="EXDATE as a date"),
        pytest.param(["COUNT=5", "EXDATE;TZID=Europe/Berlin:20250610T090000,20250612T090000"], 3, id="several EXDATEs"),
        pytest.param(["COUNT=5", "EXDATE;TZID=Europe/Berlin:20250610T093000"], 5, id="EXDATE that hits nothing"),
        pytest.param(["COUNT=5", "EXDATE;TZID=Europe/Berlin:20250609T090000"], 4, id="EXDATE of the start"),
        pytest.param(["COUNT=5", "RDATE;TZID=Europe/Berlin:20250610T090000"], 5, id="RDATE of an instance"),
        pytest.param(["COUNT=5", "RDATE;TZID=Europe/Berlin:20250610T120000"], 6, id="RDATE besides"),
        pytest.param(["COUNT=5", "EXRULE:FREQ=DAILY;INTERVAL=2"], 2, id="EXRULE"),
        pytest.param(["COUNT=5", "EXRULE:FREQ=DAILY"], 0, id="EXRULE that leaves nothing"),
        pytest.param(["INTERVAL=0"], 1, id="a rule that cannot be read is no rule"),
    ],
)
def test_recurrence_set(lines: list[str], expected: int) -> None:
    text = event(
        "DTSTART;TZID=Europe/Berlin:20250609T090000",
        "DTEND;TZID=Europe/Berlin:20250609T100000",
        f"RRULE:FREQ=DAILY;{lines[0]}",
        *lines[1:],
    )
    assert len(found(text)) == expected


@pytest.mark.parametrize(
    ("rid", "lines", "expected"),
    [
        pytest.param(
            ":20250610T070000Z", ["DTSTART:20250610T100000Z"], ["0609T0700", "0610T1000", "0611T0700"], id="UTC"
        ),
        pytest.param(
            ";TZID=Asia/Tokyo:20250610T160000",
            ["DTSTART:20250610T100000Z"],
            ["0609T0700", "0610T1000", "0611T0700"],
            id="zone",
        ),
        pytest.param(
            ";VALUE=DATE:20250610", ["DTSTART:20250610T100000Z"], ["0609T0700", "0610T1000", "0611T0700"], id="date"
        ),
        pytest.param(
            ":20250610T080000Z",
            ["DTSTART:20250610T100000Z"],
            ["0609T0700", "0610T0700", "0610T1000", "0611T0700"],
            id="of no instance: one more",
        ),
        pytest.param(
            ":20250610T070000Z", ["SUMMARY:x"], ["0609T0700", "0610T0700", "0611T0700"], id="without a start: unmoved"
        ),
    ],
)
def test_overrides(rid: str, lines: list[str], expected: list[str]) -> None:
    text = event(
        "DTSTART;TZID=Europe/Berlin:20250609T090000", "RRULE:FREQ=DAILY;COUNT=3", more=(override(rid, *lines),)
    )
    assert [times[:9] for times in found(text)] == expected


def test_an_excluded_instance_stays_excluded_though_overridden() -> None:
    text = event(*DAILY, "EXDATE:20250610T070000Z", more=(override(":20250610T070000Z", "DTSTART:20250610T100000Z"),))
    assert found(text, end="20250611") == ["0609T0700/0609T0800"]


def test_overrides_keep_their_place_and_name() -> None:
    text = event(*DAILY, more=(override(":20250610T070000Z", "DTSTART:20250611T100000Z", "DURATION:PT1H"),))

    got = instances(read(text), stamp("20250610"), stamp("20250612"), BERLIN)

    assert [(format_utc(one.start), one.rid, one.component, one.local) for one in got] == [
        ("20250611T070000Z", "20250611T070000Z", 0, False),
        ("20250611T100000Z", "20250610T070000Z", 1, False),
    ]


@pytest.mark.parametrize(
    ("start", "rid"),
    [
        (";VALUE=DATE:20250609", "20250609"),
        (":20250609T090000", "20250609T090000"),
        (";TZID=Europe/Berlin:20250609T090000", "20250609T070000Z"),
    ],
)
def test_recurrence_ids_have_the_form_of_the_series(start: str, rid: str) -> None:
    obj = read(event(f"DTSTART{start}", "RRULE:FREQ=DAILY"))
    assert instances(obj, stamp("20250608"), stamp("20250610"), BERLIN)[0].rid == rid


def test_no_recurrence_no_recurrence_id() -> None:
    [one] = instances(read(event("DTSTART:20250609T070000Z")), stamp("20250608"), stamp("20250610"), BERLIN)
    assert one == (stamp("20250609T070000Z"), stamp("20250609T070000Z"), "", 0, False)


@pytest.mark.parametrize(
    ("day", "end", "expected"),
    [
        pytest.param(
            "20250330T023000", "DURATION:PT1H", "20250330T013000Z/20250330T023000Z", id="in the gap: offset before it"
        ),
        pytest.param("20251026T023000", "DURATION:PT1H", "20251026T003000Z/20251026T013000Z", id="doubled: the first"),
        pytest.param(
            "20250329T230000", "DURATION:P1D", "20250329T220000Z/20250330T210000Z", id="a nominal day of 23 hours"
        ),
        pytest.param("20250329T230000", "DURATION:PT24H", "20250329T220000Z/20250330T220000Z", id="24 exact hours"),
        pytest.param(
            "20250329T230000",
            "DTEND;TZID=Europe/Berlin:20250330T060000",
            "20250329T220000Z/20250330T040000Z",
            id="DTEND",
        ),
    ],
)
def test_clock_changes(day: str, end: str, expected: str) -> None:
    [one] = instances(read(event(f"DTSTART;TZID=Europe/Berlin:{day}", end)), MIN_TIME, MAX_TIME, UTC)
    assert f"{format_utc(one.start)}/{format_utc(one.end)}" == expected


def test_a_series_with_dtend_has_the_same_exact_length_always() -> None:
    """RFC 5545 3.8.5.3; on the night of the change the clock shows another end."""
    text = event(
        "DTSTART;TZID=Europe/Berlin:20250328T230000",
        "DTEND;TZID=Europe/Berlin:20250329T060000",
        "RRULE:FREQ=DAILY;COUNT=2",
    )
    got = instances(read(text), MIN_TIME, MAX_TIME, UTC)
    assert [one.end - one.start for one in got] == [7 * 3600, 7 * 3600]


def test_this_and_future_twice_and_single_ones_between() -> None:
    text = event(
        *DAILY,
        more=(
            override(";RANGE=THISANDFUTURE:20250610T070000Z", "DTSTART:20250610T080000Z", "DURATION:PT2H"),
            override(":20250611T070000Z", "DTSTART:20250611T170000Z", "DURATION:PT1H"),
            override(";RANGE=THISANDFUTURE:20250613T070000Z", "DTSTART:20250614T080000Z", "DURATION:PT3H"),
        ),
    )
    assert found(text, end="20250615") == [
        "0609T0700/0609T0800",
        "0610T0800/0610T1000",
        "0611T1700/0611T1800",
        "0612T0800/0612T1000",
        "0614T0800/0614T1100",
    ]


@pytest.mark.parametrize(
    ("lines", "start", "end", "there"),
    [
        pytest.param(
            ["DTSTART:20250610T070000Z", "DURATION:PT1H"],
            "20250610T080000Z",
            "20250611T000000Z",
            True,
            id="start and duration",
        ),
        pytest.param(
            ["DTSTART:20250610T070000Z", "DUE:20250610T080000Z"],
            "20250610T080000Z",
            "20250611T000000Z",
            False,
            id="due",
        ),
        pytest.param(["DTSTART:20250610T070000Z"], "20250610T070000Z", "20250611T000000Z", True, id="start"),
        pytest.param(
            ["DUE:20250610T070000Z"], "20250609T000000Z", "20250610T070000Z", True, id="due at the window's end"
        ),
        pytest.param(
            ["DUE:20250610T070000Z"], "20250610T070000Z", "20250611T000000Z", False, id="due at the window's start"
        ),
        pytest.param(["COMPLETED:20250610T070000Z"], "20250610T070000Z", "20250611T000000Z", True, id="completed"),
        pytest.param(
            ["COMPLETED:20250610T070000Z", "CREATED:20250601T070000Z"],
            "20250605T000000Z",
            "20250606T000000Z",
            True,
            id="between",
        ),
        pytest.param(["CREATED:20250610T070000Z"], "20260610T070000Z", "20260611T000000Z", True, id="created before"),
        pytest.param(["CREATED:20250610T070000Z"], "20250601T000000Z", "20250610T070000Z", False, id="created later"),
        pytest.param([], "19990101T000000Z", "19990102T000000Z", True, id="undated"),
        pytest.param(
            ["DUE:20250601T070000Z", "RRULE:FREQ=DAILY"], "20250610T000000Z", "20250611T000000Z", True, id="due daily"
        ),
    ],
)
def test_tasks_in_a_window(lines: list[str], start: str, end: str, there: bool) -> None:
    obj = read(calendar(*component("VTODO", *lines)))
    assert bool(instances(obj, stamp(start), stamp(end), UTC)) == there


def test_journal_entries_in_a_window() -> None:
    dated = read(calendar(*component("VJOURNAL", "DTSTART;VALUE=DATE:20250610")))
    timed = read(calendar(*component("VJOURNAL", "DTSTART:20250610T070000Z")))
    undated = read(calendar(*component("VJOURNAL", "SUMMARY:x")))

    window = stamp("20250610T120000Z"), stamp("20250611")
    assert [len(instances(obj, *window, UTC)) for obj in (dated, timed, undated)] == [1, 0, 0]


@pytest.mark.parametrize(
    ("lines", "first", "last"),
    [
        pytest.param(
            ["DTSTART:20250610T070000Z", "DURATION:PT1H"], "20250610T070000Z", "20250610T080000Z", id="single"
        ),
        pytest.param([*DAILY], "20250609T070000Z", None, id="endless"),
        pytest.param([*DAILY[:2], "RRULE:FREQ=DAILY;COUNT=3"], "20250609T070000Z", "20250611T080000Z", id="counted"),
        pytest.param(
            [*DAILY[:2], "RRULE:FREQ=DAILY;COUNT=1000000000"], "20250609T070000Z", None, id="counted beyond sight"
        ),
        pytest.param(
            [*DAILY[:2], "RDATE:20240101T070000Z,20260101T070000Z"], "20240101T070000Z", "20260101T080000Z", id="dates"
        ),
    ],
)
def test_span(lines: list[str], first: str, last: str | None) -> None:
    begin, end = span(read(event(*lines)), UTC)
    assert begin == stamp(first)
    assert end == (None if last is None else stamp(last))


def test_span_reaches_to_where_overrides_went() -> None:
    text = event(
        *DAILY[:2],
        "RRULE:FREQ=DAILY;COUNT=2",
        more=(
            override(":20250609T070000Z", "DTSTART:20200101T070000Z"),
            override(":20250610T070000Z", "DTSTART:20300101T070000Z", "DURATION:PT1H"),
        ),
    )
    assert span(read(text), UTC) == (stamp("20200101T070000Z"), stamp("20300101T080000Z"))


def test_a_window_in_the_far_past_or_future_is_empty_or_full() -> None:
    obj = read(event(*DAILY))
    assert instances(obj, MIN_TIME, stamp("20250601"), UTC) == []
    assert len(instances(obj, stamp("90000101"), stamp("90000111"), UTC)) == 10


@pytest.mark.parametrize("rule", ["SECONDLY", "MINUTELY", "HOURLY;BYMINUTE=0,1,2,3,4,5,6,7,8,9,10,11,12,13,14"])
def test_more_than_the_limit_is_refused(rule: str) -> None:
    with pytest.raises(TooManyInstances):
        instances(read(event(*DAILY[:2], f"RRULE:FREQ={rule}")), stamp("20250609"), stamp("20250709"), UTC)


def test_the_limit_counts_instances() -> None:
    obj = read(event(*DAILY))
    assert len(instances(obj, stamp("20250609"), stamp("20250619"), UTC, limit=10)) == 10
    with pytest.raises(TooManyInstances):
        instances(obj, stamp("20250609"), stamp("20250620"), UTC, limit=10)


rules = st.sampled_from(
    [
        "FREQ=DAILY;INTERVAL=2",
        "FREQ=WEEKLY;BYDAY=MO,WE,FR",
        "FREQ=MONTHLY;BYDAY=-1FR;COUNT=20",
        "FREQ=MONTHLY;BYMONTHDAY=1,15",
        "FREQ=DAILY;UNTIL=20250801T000000Z",
    ]
)
offsets = st.integers(-400, 400)


@given(
    rules,
    offsets,
    st.lists(st.tuples(st.integers(0, 20), offsets, st.booleans()), max_size=3),
    st.lists(offsets, max_size=3),
)
def test_a_window_shows_what_the_whole_shows_there(
    rule: str, at: int, moves: list[tuple[int, int, bool]], dates: list[int]
) -> None:
    hour = 3600
    begin = stamp("20250310T080000Z")
    base = ["DTSTART;TZID=Europe/Berlin:20250310T090000", "DURATION:PT90M", f"RRULE:{rule}"]
    base += [f"RDATE:{format_utc(begin + day * hour)}" for day in dates]
    whole = read_lenient(event(*base))
    series = instances(whole, begin, begin + 86400 * 60, BERLIN)
    more = []
    for number, by, onward in moves:
        moved = series[number % len(series)]
        rid = ";RANGE=THISANDFUTURE" if onward else ""
        more.append(override(f"{rid}:{moved.rid}", f"DTSTART:{format_utc(moved.start + by * hour)}", "DURATION:PT1H"))
    obj = read_lenient(event(*base, more=tuple(more)))

    everything = instances(obj, begin - 86400 * 60, begin + 86400 * 200, BERLIN)
    lo = begin + at * hour
    hi = lo + 86400 * 14

    assert instances(obj, lo, hi, BERLIN) == [one for one in everything if one.start < hi and one.end > lo]
