"""Graph's recurrence <-> RRULE: a table, and the law that both mean the same dates."""

from datetime import UTC, date, datetime, timedelta
from itertools import islice, takewhile
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.backends.outlook.recurrence import DAYS, recurrence_of, rule_of
from gateway.demo.microsoft.faults import GraphFault
from gateway.demo.microsoft.recurrence import checked, dates
from gateway.errors import RefusedByProvider
from gateway.ical.objects import read_lenient
from gateway.ical.recurrence import format_rule, instances, parse_rule
from tests.fakes.microsoft import BERLIN, ics

ZONE = ZoneInfo("Europe/Berlin")
START = datetime(2026, 11, 23, 10)  # noqa: DTZ001 - a Monday, local time


def graph(kind: str, **pattern: object) -> dict[str, object]:
    return {
        "pattern": {"type": kind, "interval": 1, **pattern},
        "range": {"type": "noEnd", "startDate": "2026-11-23", "recurrenceTimeZone": BERLIN},
    }


@pytest.mark.parametrize(
    ("recurrence", "rrule"),
    [
        pytest.param(graph("daily", interval=3), "FREQ=DAILY;INTERVAL=3", id="daily"),
        pytest.param(
            graph("weekly", interval=2, daysOfWeek=["monday", "thursday"]),
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH;WKST=SU",
            id="weeks begin on Sunday unless said otherwise",
        ),
        pytest.param(
            graph("weekly", daysOfWeek=["monday"], firstDayOfWeek="monday"),
            "FREQ=WEEKLY;BYDAY=MO",
            id="weeks from Monday",
        ),
        pytest.param(graph("absoluteMonthly", dayOfMonth=23), "FREQ=MONTHLY;BYMONTHDAY=23", id="day of the month"),
        pytest.param(graph("absoluteMonthly", dayOfMonth=31), "FREQ=MONTHLY;BYMONTHDAY=-1", id="the 31st is clamped"),
        pytest.param(
            graph("absoluteMonthly", dayOfMonth=30), "FREQ=MONTHLY;BYMONTHDAY=28,29,30;BYSETPOS=-1", id="the 30th too"
        ),
        pytest.param(
            graph("absoluteMonthly", dayOfMonth=29), "FREQ=MONTHLY;BYMONTHDAY=28,29;BYSETPOS=-1", id="and the 29th"
        ),
        pytest.param(
            graph("absoluteYearly", dayOfMonth=23, month=11), "FREQ=YEARLY;BYMONTHDAY=23;BYMONTH=11", id="birthday"
        ),
        pytest.param(
            graph("absoluteYearly", dayOfMonth=29, month=2),
            "FREQ=YEARLY;BYMONTHDAY=28,29;BYMONTH=2;BYSETPOS=-1",
            id="leap day",
        ),
        pytest.param(
            graph("absoluteYearly", dayOfMonth=30, month=4),
            "FREQ=YEARLY;BYMONTHDAY=30;BYMONTH=4",
            id="30 April is no edge",
        ),
        pytest.param(
            graph("relativeMonthly", daysOfWeek=["monday"], index="fourth"),
            "FREQ=MONTHLY;BYSETPOS=4;BYDAY=MO",
            id="fourth Monday",
        ),
        pytest.param(
            graph("relativeMonthly", daysOfWeek=list(DAYS[:5]), index="last"),
            "FREQ=MONTHLY;BYSETPOS=-1;BYDAY=MO,TU,WE,TH,FR",
            id="last working day",
        ),
        pytest.param(
            graph("relativeMonthly", daysOfWeek=["monday"]), "FREQ=MONTHLY;BYSETPOS=1;BYDAY=MO", id="first unless said"
        ),
        pytest.param(
            graph("relativeYearly", daysOfWeek=["sunday"], index="last", month=3),
            "FREQ=YEARLY;BYMONTH=3;BYSETPOS=-1;BYDAY=SU",
            id="last Sunday in March",
        ),
    ],
)
def test_patterns_become_rules(recurrence, rrule):
    assert format_rule(rule_of(recurrence, ZONE)) == rrule


@pytest.mark.parametrize(
    ("bounds", "zone", "rrule"),
    [
        pytest.param(
            {"type": "endDate", "endDate": "2026-12-24"},
            ZONE,
            "FREQ=DAILY;UNTIL=20261224T225959Z",
            id="to the end of that day",
        ),
        pytest.param({"type": "endDate", "endDate": "2026-12-24"}, None, "FREQ=DAILY;UNTIL=20261224", id="all-day"),
        pytest.param(
            {"type": "numbered", "numberOfOccurrences": 5, "endDate": "0001-01-01"},
            ZONE,
            "FREQ=DAILY;COUNT=5",
            id="numbered",
        ),
        pytest.param(
            {"type": "noEnd", "numberOfOccurrences": 0, "endDate": "0001-01-01"},
            ZONE,
            "FREQ=DAILY",
            id="unused fields are zero",
        ),
    ],
)
def test_ranges_become_ends(bounds, zone, rrule):
    recurrence = {"pattern": {"type": "daily", "interval": 1}, "range": {"startDate": "2026-11-23", **bounds}}

    assert format_rule(rule_of(recurrence, zone)) == rrule


@pytest.mark.parametrize(
    ("rrule", "pattern"),
    [
        pytest.param("FREQ=DAILY", {"type": "daily", "interval": 1}, id="daily"),
        pytest.param(
            "FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR",
            {"type": "weekly", "interval": 1, "daysOfWeek": list(DAYS[:5]), "firstDayOfWeek": "monday"},
            id="every working day",
        ),
        pytest.param(
            "FREQ=WEEKLY",
            {"type": "weekly", "interval": 1, "daysOfWeek": ["monday"], "firstDayOfWeek": "monday"},
            id="the weekday of the start, weeks from Monday",
        ),
        pytest.param(
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU;WKST=SU",
            {"type": "weekly", "interval": 2, "daysOfWeek": ["monday", "sunday"], "firstDayOfWeek": "sunday"},
            id="weeks from Sunday",
        ),
        pytest.param("FREQ=MONTHLY", {"type": "absoluteMonthly", "interval": 1, "dayOfMonth": 23}, id="monthly"),
        pytest.param(
            "FREQ=MONTHLY;BYDAY=4MO",
            {"type": "relativeMonthly", "interval": 1, "daysOfWeek": ["monday"], "index": "fourth"},
            id="numbered weekday",
        ),
        pytest.param(
            "FREQ=YEARLY", {"type": "absoluteYearly", "interval": 1, "month": 11, "dayOfMonth": 23}, id="yearly"
        ),
        pytest.param(
            "FREQ=YEARLY;BYMONTH=11;BYDAY=4MO",
            {"type": "relativeYearly", "interval": 1, "month": 11, "daysOfWeek": ["monday"], "index": "fourth"},
            id="yearly by weekday",
        ),
        pytest.param(
            "FREQ=YEARLY;BYMONTH=5,11",
            {"type": "absoluteMonthly", "interval": 6, "dayOfMonth": 23},
            id="months equally far apart",
        ),
        pytest.param(
            "FREQ=YEARLY;BYMONTHDAY=23",
            {"type": "absoluteMonthly", "interval": 1, "dayOfMonth": 23},
            id="a day of every month of the year",
        ),
        pytest.param(
            "FREQ=MONTHLY;BYMONTH=11;BYMONTHDAY=23",
            {"type": "absoluteYearly", "interval": 1, "month": 11, "dayOfMonth": 23},
            id="monthly in one month",
        ),
        pytest.param(
            "FREQ=MONTHLY;BYDAY=MO;BYMONTHDAY=22,23,24,25,26,27,28",
            {"type": "relativeMonthly", "interval": 1, "daysOfWeek": ["monday"], "index": "fourth"},
            id="the weekday within its week of the month",
        ),
    ],
)
def test_rules_become_patterns(rrule, pattern):
    assert recurrence_of(parse_rule(rrule), START, ZONE, BERLIN)["pattern"] == pattern


@pytest.mark.parametrize(
    ("rrule", "start", "month", "index"),
    [
        ("FREQ=YEARLY;BYDAY=2MO", START.replace(month=1, day=12), 1, "second"),
        ("FREQ=YEARLY;BYDAY=-1MO", START.replace(month=12, day=28), 12, "last"),
    ],
)
def test_a_weekday_of_the_year_is_one_of_its_first_or_last_month(rrule, start, month, index):
    pattern = recurrence_of(parse_rule(rrule), start, ZONE, BERLIN)["pattern"]

    assert pattern == {
        "type": "relativeYearly", "interval": 1, "month": month, "daysOfWeek": ["monday"], "index": index,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("rrule", "end"),
    [
        pytest.param("FREQ=DAILY;UNTIL=20261224T090000Z", "2026-12-24", id="the last start itself"),
        pytest.param("FREQ=DAILY;UNTIL=20261224T085959Z", "2026-12-23", id="a second too early for that day"),
        pytest.param(
            "FREQ=DAILY;UNTIL=20261223T230000Z", "2026-12-23", id="midnight here is the evening before in UTC"
        ),
        pytest.param("FREQ=DAILY;UNTIL=20261224", "2026-12-24", id="a date"),
        pytest.param("FREQ=DAILY;UNTIL=20261224T120000", "2026-12-24", id="local"),
    ],
)
def test_ends_become_dates_of_the_series_zone(rrule, end):
    bounds = recurrence_of(parse_rule(rrule), START, ZONE, BERLIN)["range"]

    assert bounds == {"type": "endDate", "startDate": "2026-11-23", "endDate": end, "recurrenceTimeZone": BERLIN}


@pytest.mark.parametrize(
    "rrule",
    [
        "FREQ=HOURLY",
        "FREQ=DAILY;BYHOUR=9,17",
        "FREQ=DAILY;INTERVAL=2;BYDAY=MO",
        "FREQ=DAILY;BYMONTH=1",
        "FREQ=WEEKLY;BYDAY=TU",
        "FREQ=MONTHLY;BYMONTHDAY=31",
        "FREQ=MONTHLY;BYMONTHDAY=23,24",
        "FREQ=MONTHLY;BYMONTHDAY=-2",
        "FREQ=MONTHLY;BYDAY=MO",
        "FREQ=MONTHLY;BYDAY=5MO",
        "FREQ=MONTHLY;BYDAY=1MO,3MO",
        "FREQ=MONTHLY;BYDAY=MO;BYMONTHDAY=23",
        "FREQ=YEARLY;BYMONTH=5,10",
        "FREQ=YEARLY;BYMONTH=4,10",
        "FREQ=YEARLY;INTERVAL=2;BYMONTH=5,11",
        "FREQ=YEARLY;BYMONTH=5,11;BYDAY=MO;BYSETPOS=4",
        "FREQ=MONTHLY;INTERVAL=2;BYMONTH=11",
        "FREQ=MONTHLY;BYDAY=MO,TU;BYMONTHDAY=22,23,24,25,26,27,28",
        "FREQ=YEARLY;BYDAY=20MO",
        "FREQ=YEARLY;BYWEEKNO=20",
        "FREQ=YEARLY;BYYEARDAY=100",
        "FREQ=DAILY;UNTIL=20261101T000000Z",
    ],
)
def test_what_outlook_would_follow_differently_is_refused(rrule):
    with pytest.raises(RefusedByProvider):
        recurrence_of(parse_rule(rrule), START, ZONE, BERLIN)


def test_the_29th_of_each_month_is_refused_because_outlook_moves_it():
    with pytest.raises(RefusedByProvider, match="last day of the month"):
        recurrence_of(parse_rule("FREQ=MONTHLY"), START.replace(day=29), ZONE, BERLIN)


@st.composite
def recurrences(draw: st.DrawFn) -> dict[str, object]:
    """Any recurrence of Graph that begins on a date of its own."""
    kind = draw(
        st.sampled_from(["daily", "weekly", "absoluteMonthly", "relativeMonthly", "absoluteYearly", "relativeYearly"])
    )
    days = draw(st.lists(st.sampled_from(DAYS), min_size=1, max_size=4, unique=True))
    pattern = {
        "type": kind,
        "interval": draw(st.integers(1, 3)),
        "month": draw(st.integers(1, 12)),
        "dayOfMonth": draw(st.integers(1, 31)),
        "daysOfWeek": sorted(days, key=DAYS.index),
        "firstDayOfWeek": draw(st.sampled_from(DAYS)),
        "index": draw(st.sampled_from(["first", "second", "third", "fourth", "last"])),
    }
    around = date(2024, 1, 1) + timedelta(days=draw(st.integers(0, 500)))
    start = next(dates({"pattern": pattern, "range": {"type": "noEnd", "startDate": around.isoformat()}}))
    bounds: dict[str, object] = {"type": "noEnd", "startDate": start.isoformat()}
    choice = draw(st.sampled_from(["noEnd", "numbered", "endDate"]))
    if choice == "numbered":
        bounds |= {"type": "numbered", "numberOfOccurrences": draw(st.integers(1, 20))}
    if choice == "endDate":
        bounds |= {"type": "endDate", "endDate": (start + timedelta(days=draw(st.integers(0, 900)))).isoformat()}
    return checked({"pattern": pattern, "range": bounds}, start, BERLIN)


def local_dates(recurrence: dict[str, object], until: date) -> list[date]:
    return list(islice(takewhile(lambda day: day < until, dates(recurrence)), 400))


@settings(deadline=None, max_examples=60)
@given(recurrences())
def test_the_rule_means_the_dates_outlook_finds(recurrence):
    first = next(dates(recurrence))
    until = first + timedelta(days=1500)
    rule = format_rule(rule_of(recurrence, ZONE))
    text = ics(f"DTSTART;TZID=Europe/Berlin:{first:%Y%m%d}T100000", f"RRULE:{rule}")
    begin = int(datetime(first.year, first.month, first.day, tzinfo=UTC).timestamp()) - 86_400
    end = int(datetime(until.year, until.month, until.day, tzinfo=ZONE).timestamp())

    found = instances(read_lenient(text), begin, end, ZONE)

    assert [datetime.fromtimestamp(row.start, ZONE).date() for row in found][:400] == local_dates(recurrence, until)


@settings(deadline=None, max_examples=60)
@given(recurrences())
def test_what_came_from_outlook_goes_back_as_the_same_dates(recurrence):
    first = next(dates(recurrence))
    start = datetime(first.year, first.month, first.day, 10)  # noqa: DTZ001 - local

    back = recurrence_of(rule_of(recurrence, ZONE), start, ZONE, BERLIN)

    whole = checked(back, first, BERLIN)
    until = first + timedelta(days=1500)
    assert local_dates(whole, until) == local_dates(recurrence, until)


@pytest.mark.parametrize(
    "broken",
    [
        graph("weekly"),
        graph("absoluteMonthly"),
        graph("absoluteYearly", dayOfMonth=23),
        graph("relativeMonthly"),
        graph("relativeYearly", daysOfWeek=["monday"]),
        graph("weekly", daysOfWeek=["tuesday"]),
        graph("fortnightly"),
    ],
)
def test_the_simulator_refuses_a_recurrence_without_its_parts(broken):
    with pytest.raises(GraphFault) as fault:
        checked(broken, date(2026, 11, 23), BERLIN)

    assert (fault.value.status, fault.value.code) == (400, "ErrorInvalidRecurrence")
