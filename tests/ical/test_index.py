"""What the store keeps of an object, and how it blocks time."""

from datetime import UTC
from zoneinfo import ZoneInfo

import pytest

from gateway.errors import TooManyInstances
from gateway.ical.busy import fbtype
from gateway.ical.index import COMPLETE, MAX_TIME, MIN_TIME, MOST, Indexed, Occurrence, index
from gateway.ical.objects import etag_of, read, read_lenient
from gateway.model import FbType
from tests.ical import calendar, component, event, stamp

BERLIN = ZoneInfo("Europe/Berlin")
START, END = stamp("20240101"), stamp("20280101")
TIMED = ("DTSTART:20250609T070000Z", "DTEND:20250609T080000Z")
ANN = frozenset({"ann@example.com", "ann@work.example"})


def indexed(text: str, zone: ZoneInfo = BERLIN) -> Indexed:
    return index(read_lenient(text), text, ANN, zone, START, END)


def test_an_event() -> None:
    text = event(
        *TIMED,
        "SUMMARY:Lunch\\, with Bob",
        "ORGANIZER;CN=Bob:MAILTO:Bob@Example.com",
        "ATTENDEE;PARTSTAT=TENTATIVE:mailto:ann@work.example",
        "ATTENDEE:mailto:bob@example.com",
        "X-GATEWAY-CALENDAR:Work",
    )
    start, end = stamp("20250609T070000Z"), stamp("20250609T080000Z")

    assert index(read(text), text, ANN, BERLIN, START, END) == Indexed(
        uid="one",
        kind="VEVENT",
        summary="Lunch, with Bob",
        etag=etag_of(text),
        first=start,
        last=end,
        covered_from=None,
        covered_until=None,
        local=False,
        organizer="bob@example.com",
        attendees=("ann@work.example", "bob@example.com"),
        calendar_name="Work",
        occurrences=(Occurrence(start, end, FbType.TENTATIVE, "", 0, False),),
        scheduled=True,
    )


@pytest.mark.parametrize(
    ("lines", "count", "covered", "last"),
    [
        pytest.param(["RRULE:FREQ=DAILY;COUNT=5"], 5, (None, None), "20250613T080000Z", id="all of a short series"),
        pytest.param(
            [f"RRULE:FREQ=DAILY;COUNT={COMPLETE}"], COMPLETE, (None, None), "20280304T080000Z", id="just short enough"
        ),
        pytest.param(
            [f"RRULE:FREQ=DAILY;COUNT={COMPLETE + 1}"],
            936,
            (START, END),
            "20280305T080000Z",
            id="the window of a long one",
        ),
        pytest.param(["RRULE:FREQ=WEEKLY"], 134, (START, END), None, id="the window of an endless one"),
        pytest.param(
            ["RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"], 1, (START, END), None, id="a rule that never matches"
        ),
        pytest.param(
            ["RDATE:19900101T070000Z,20900101T070000Z"], 3, (None, None), "20900101T080000Z", id="dates far apart"
        ),
    ],
)
def test_series(lines: list[str], count: int, covered: tuple[int | None, int | None], last: str | None) -> None:
    got = indexed(event(*TIMED, *lines))

    assert len(got.occurrences) == count
    assert (got.covered_from, got.covered_until) == covered
    assert got.last is None if last is None else stamp(last) <= (got.last or 0) < stamp(last) + 86400


def test_a_dense_series_is_cut_to_what_may_be_kept() -> None:
    got = indexed(event(*TIMED, "RRULE:FREQ=HOURLY"))

    assert len(got.occurrences) == MOST
    assert got.covered_until == got.occurrences[-1].start + 3600


@pytest.mark.parametrize("rule", ["SECONDLY", "MINUTELY", "MINUTELY;INTERVAL=30", "SECONDLY;COUNT=1000000000"])
def test_a_flood_is_refused(rule: str) -> None:
    with pytest.raises(TooManyInstances):
        indexed(event(*TIMED, f"RRULE:FREQ={rule}"))


def test_each_override_has_its_own_busy_type() -> None:
    text = event(
        *TIMED,
        "RRULE:FREQ=DAILY;COUNT=3",
        more=(
            component(
                "VEVENT",
                "RECURRENCE-ID:20250610T070000Z",
                "DTSTART:20250610T090000Z",
                "DURATION:PT1H",
                "STATUS:CANCELLED",
            ),
            component("VEVENT", "RECURRENCE-ID:20250611T070000Z", "DTSTART:20250611T090000Z"),
        ),
    )
    assert [(one.rid, one.fbtype, one.component) for one in indexed(text).occurrences] == [
        ("20250609T070000Z", FbType.BUSY, 0),
        ("20250610T070000Z", FbType.FREE, 1),
        ("20250611T070000Z", FbType.FREE, 2),  # no length
    ]


def test_whole_days_depend_on_the_owner() -> None:
    text = event("DTSTART;VALUE=DATE:20250609")

    berlin, tokyo = indexed(text), indexed(text, ZoneInfo("Asia/Tokyo"))

    assert berlin.local
    assert (berlin.first, tokyo.first) == (stamp("20250608T220000Z"), stamp("20250608T150000Z"))


@pytest.mark.parametrize(
    ("lines", "start", "end"),
    [
        pytest.param([], MIN_TIME, MAX_TIME, id="undated"),
        pytest.param(["DUE:20250609T070000Z"], stamp("20250609T070000Z") - 1, stamp("20250609T070000Z"), id="due"),
        pytest.param(
            ["DTSTART:20250609T070000Z"], stamp("20250609T070000Z"), stamp("20250609T070000Z") + 1, id="start"
        ),
    ],
)
def test_tasks_have_the_range_that_time_range_tests_need(lines: list[str], start: int, end: int) -> None:
    [one] = indexed(calendar(*component("VTODO", *lines))).occurrences
    assert (one.start, one.end, one.fbtype) == (start, end, FbType.FREE)


def test_published_busy_time() -> None:
    text = calendar(
        *component(
            "VFREEBUSY",
            "FREEBUSY;FBTYPE=BUSY-TENTATIVE:20250609T070000Z/PT1H,20250609T090000Z/20250609T100000Z",
            "FREEBUSY:20250610T070000Z/PT1H,nonsense",
        )
    )
    assert [(one.start, one.fbtype) for one in indexed(text).occurrences] == [
        (stamp("20250609T070000Z"), FbType.TENTATIVE),
        (stamp("20250609T090000Z"), FbType.TENTATIVE),
        (stamp("20250610T070000Z"), FbType.BUSY),
    ]


def test_an_event_without_a_start_has_no_occurrence() -> None:
    assert indexed(event()).occurrences == ()


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param([], FbType.BUSY, id="plain"),
        pytest.param(["TRANSP:OPAQUE"], FbType.BUSY, id="opaque"),
        pytest.param(["TRANSP:TRANSPARENT"], FbType.FREE, id="transparent"),
        pytest.param(["STATUS:CANCELLED"], FbType.FREE, id="cancelled"),
        pytest.param(["STATUS:TENTATIVE"], FbType.TENTATIVE, id="tentative"),
        pytest.param(["STATUS:CONFIRMED"], FbType.BUSY, id="confirmed"),
        pytest.param(["ATTENDEE;PARTSTAT=DECLINED:mailto:ANN@example.com"], FbType.FREE, id="declined"),
        pytest.param(["ATTENDEE;PARTSTAT=DECLINED:mailto:bob@example.com"], FbType.BUSY, id="declined by another"),
        pytest.param(
            ["ATTENDEE;PARTSTAT=TENTATIVE:mailto:ann@example.com"], FbType.TENTATIVE, id="tentatively accepted"
        ),
        pytest.param(["ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:ann@example.com"], FbType.TENTATIVE, id="unanswered"),
        pytest.param(["ATTENDEE:mailto:ann@example.com"], FbType.TENTATIVE, id="unanswered by default"),
        pytest.param(["ATTENDEE;PARTSTAT=ACCEPTED:mailto:ann@example.com"], FbType.BUSY, id="accepted"),
        pytest.param(["ATTENDEE;PARTSTAT=DELEGATED:mailto:ann@example.com"], FbType.FREE, id="delegated"),
        pytest.param(["X-MICROSOFT-CDO-BUSYSTATUS:OOF"], FbType.UNAVAILABLE, id="out of office"),
        pytest.param(
            ["TRANSP:OPAQUE", "X-MICROSOFT-CDO-BUSYSTATUS:WORKINGELSEWHERE"], FbType.FREE, id="working elsewhere"
        ),
        pytest.param(["X-MICROSOFT-CDO-BUSYSTATUS:FREE"], FbType.FREE, id="free for Outlook"),
        pytest.param(
            ["X-MICROSOFT-CDO-BUSYSTATUS:FREE", "TRANSP:OPAQUE"], FbType.BUSY, id="opaque is said in so many words"
        ),
        pytest.param(["X-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE"], FbType.TENTATIVE, id="tentative for Outlook"),
        pytest.param(["X-MICROSOFT-CDO-BUSYSTATUS:OOF", "STATUS:CANCELLED"], FbType.FREE, id="cancelled out of office"),
    ],
)
def test_busy_type(lines: list[str], expected: FbType) -> None:
    [one] = read_lenient(event(*TIMED, *lines)).components
    assert fbtype(one, ANN) == expected


@pytest.mark.parametrize("kind", ["VTODO", "VJOURNAL"])
def test_only_events_block(kind: str) -> None:
    [one] = read_lenient(calendar(*component(kind, "DTSTART:20250609T070000Z"))).components
    assert fbtype(one, ANN) == FbType.FREE


def test_the_window_is_the_owners_choice_not_the_clocks() -> None:
    text = event(*TIMED, "RRULE:FREQ=DAILY")
    got = index(read(text), text, (), UTC, stamp("20300101"), stamp("20300201"))
    assert len(got.occurrences) == 31
