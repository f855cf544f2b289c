"""The fast search gives what the slow, obvious one gives."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.booking.slots import (
    Asked,
    Between,
    BookableDays,
    Cause,
    Host,
    Limit,
    Mode,
    Per,
    Rolling,
    Rules,
    Series,
    Taken,
    is_bookable,
    slots,
    stretches,
    why,
)
from gateway.freebusy.availability import Away, Override, Travel, Window, WorkingHours
from gateway.model import FbType
from tests.booking.slots.slow import slow_slots

ZONES = ["UTC", "Europe/Berlin", "Asia/Kolkata", "America/New_York", "Australia/Lord_Howe"]
# Thursdays before a night on which the clocks change: Berlin, New York, Lord Howe, and a quiet one
DAYS = [date(2026, 3, 26), date(2026, 10, 22), date(2026, 3, 5), date(2026, 10, 1), date(2026, 6, 11)]
LENGTHS = [15, 20, 30, 45, 50, 60, 90]

zones = st.sampled_from(ZONES)
quarters = st.integers(0, 95).map(lambda quarter: quarter * 15)
windows = st.builds(Window, quarters, st.integers(0, 96).map(lambda quarter: quarter * 15))
day_windows = st.lists(windows, max_size=2).map(tuple)
whole_days = st.just((Window(0, 1440),))


@st.composite
def hours_near(draw, day):
    dates = st.integers(-1, 4).map(lambda k: day + timedelta(days=k))
    spans = st.tuples(dates, st.integers(0, 2)).map(lambda pair: (pair[0], pair[0] + timedelta(days=pair[1])))
    days = draw(st.one_of(st.lists(day_windows, min_size=7, max_size=7), st.lists(whole_days, min_size=7, max_size=7)))
    return WorkingHours(
        draw(zones),
        tuple(days),
        tuple(draw(st.lists(st.builds(Override, dates, day_windows), max_size=2, unique_by=lambda o: o.date))),
        tuple(Away(*span) for span in draw(st.lists(spans, max_size=1))),
        tuple(Travel(*span, zone) for span, zone in draw(st.lists(st.tuples(spans, zones), max_size=2))),
        frozenset(draw(st.lists(dates, max_size=2))),
    )


@st.composite
def hosts_near(draw, day, rules, name):
    begin = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
    times = st.integers(-20, 4 * 96).map(lambda quarter: begin + quarter * 900)
    busy = st.tuples(times, st.sampled_from([0, 30, 900, 3630, 40_000]), st.sampled_from(FbType), st.integers(0, 59))
    taken = st.builds(
        lambda start, seats, own, pending, held, buffer, key: Taken(
            f"{name if own else 'x'}{key}",
            start,
            start + rules.length * 60,
            start - buffer,
            start + rules.length * 60 + buffer,
            own,
            pending,
            seats,
            begin + 86_400 if held else None,
        ),
        times,
        st.integers(1, 3),
        st.booleans(),
        st.booleans(),
        st.booleans(),
        st.sampled_from([0, 600]),
        st.integers(0, 50),
    )
    return Host(
        name,
        draw(hours_near(day)),
        tuple((s + odd, s + odd + n, kind) for s, n, kind, odd in draw(st.lists(busy, max_size=4))),
        tuple(draw(st.lists(taken, max_size=3, unique_by=lambda t: t.key))),
        draw(st.booleans()),
    )


@st.composite
def rules_near(draw, day):
    seats = draw(st.sampled_from([1, 1, 3]))
    window = st.one_of(
        st.none(),
        st.builds(Rolling, st.integers(0, 3), st.booleans()),
        st.builds(BookableDays, st.integers(1, 3)),
        st.just(Between(day + timedelta(days=1), day + timedelta(days=2))),
    )
    limits = st.builds(
        Limit, st.sampled_from(Per), st.sampled_from([None, 1, 2]), st.sampled_from([None, 60, 120]), st.booleans()
    )
    return Rules(
        length=draw(st.sampled_from(LENGTHS)),
        step=draw(st.sampled_from([None, 7, 15, 20, 30, 45, 60, 90])),
        offset=draw(st.sampled_from([0, 0, 5, 20])),
        before=draw(st.sampled_from([0, 0, 10])),
        after=draw(st.sampled_from([0, 0, 15])),
        notice=draw(st.sampled_from([0, 0, 90, 1440])),
        window=draw(window),
        limits=tuple(draw(st.lists(limits, max_size=2))),
        seats=seats,
        mode=draw(st.sampled_from(Mode)),
        first_slot_only=draw(st.sampled_from([False, False, True])),
        pending_blocks=draw(st.booleans()),
        series=None
        if seats > 1
        else draw(st.sampled_from([None, None, Series(1, Per.WEEK, 2), Series(1, Per.DAY, 3)])),
        zone=draw(st.sampled_from(["", *ZONES])),
    )


@st.composite
def questions(draw):
    day = draw(st.sampled_from(DAYS))
    begin = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
    rules = draw(rules_near(day))
    hosts = tuple(draw(hosts_near(day, rules, f"host{k}")) for k in range(draw(st.integers(1, 3))))
    without = draw(
        st.sets(st.sampled_from([taken.key for host in hosts for taken in host.taken] or ["none"]), max_size=1)
    )
    now = begin + draw(st.integers(-90_000, 190_000))
    start = begin + draw(st.integers(-3_000, 90_000))
    return (
        Asked(rules, hosts, now, draw(zones), frozenset(without)),
        start,
        start + draw(st.sampled_from([3600, 86_400, 250_000])),
    )


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(questions())
def test_slots_are_those_of_the_slow_search(question):
    asked, start, end = question

    assert slots(asked, start, end) == slow_slots(asked, start, end)


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(questions(), st.integers(0, 400))
def test_a_time_is_bookable_exactly_when_it_is_listed_and_then_nothing_closes_it(question, quarter):
    asked, start, end = question
    listed = slots(asked, start, end)
    at = listed[quarter % len(listed)] if listed and quarter % 2 else (start // 900 + quarter) * 900

    assert is_bookable(asked, at) == (at in slots(asked, at - 7200, at + 7200))
    assert is_bookable(asked, at) == (why(asked, at) == ())


@pytest.mark.parametrize("step", [50, 45, 15])
def test_the_grid_of_somebody_always_free_does_not_hang_on_the_asked_range(step):
    hours = WorkingHours("Europe/Berlin", ((Window(0, 1440),),) * 7)
    begin = int(datetime(2026, 10, 1, tzinfo=UTC).timestamp())
    asked = Asked(Rules(30, step=step), (Host("anna", hours),), begin, "UTC")
    month = slots(asked, begin, begin + 40 * 86_400)

    for first in range(begin, begin + 36 * 86_400, 100_000):
        assert slots(asked, first, first + 86_400) == [start for start in month if first <= start < first + 86_400]


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(questions(), st.data())
def test_a_day_explained_says_of_each_minute_what_why_says_of_it(question, data):
    asked, start, _ = question
    start -= start % 60
    end = start + 1500 * 60
    told = stretches(asked, start, end)
    ends = [edge for one in told for edge in (one.start, one.end - 60)]
    minutes = {data.draw(st.sampled_from(ends)) for _ in range(12)} | {start + data.draw(st.integers(0, 1499)) * 60}

    assert (told[0].start, told[-1].end) == (start, end)
    assert all(one.end == two.start and one.reasons != two.reasons for one, two in pairwise(told))
    for minute in minutes:
        assert [one.reasons for one in told if one.start <= minute < one.end] == [why(asked, minute)]
    offered = {at for one in told if not one.reasons for at in range(one.start, one.end, 60)}
    assert offered == set(slots(asked, start, end))


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(questions())
def test_hosts_whose_calendars_nobody_has_read_have_no_time(question):
    asked, start, end = question
    unread = replace(asked, hosts=tuple(replace(host, unread=True) for host in asked.hosts))

    assert slots(unread, start, end) == []
    crew = unread.hosts[:1] if unread.rules.mode is Mode.SINGLE else unread.hosts
    assert {reason.host for reason in why(unread, start - start % 60) if reason.cause is Cause.STALE} == {
        host.name for host in crew
    }
