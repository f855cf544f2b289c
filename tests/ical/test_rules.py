"""Recurrence rules: their text, and the starts they give."""

from datetime import UTC, date, datetime, timedelta
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import InvalidCalendarData, TooManyInstances
from gateway.ical.rules import Rule, Steps, format_rule, lenient_rule, parse_rule, rule_starts
from gateway.ical.rules.walk import _by_date, _counted, _Passed, _Watching

START = datetime(2024, 2, 29, 9, 30)
FAR = datetime(2400, 1, 1)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("FREQ=DAILY", Rule("DAILY")),
        ("freq=weekly;byday=mo,-fr".replace("-", ""), Rule("WEEKLY", by_day=((0, 0), (0, 4)))),
        ("FREQ=MONTHLY;BYDAY=-1SU,2MO", Rule("MONTHLY", by_day=((-1, 6), (2, 0)))),
        ("FREQ=YEARLY;UNTIL=20301231T000000Z", Rule("YEARLY", until=datetime(2030, 12, 31, tzinfo=UTC))),
        ("FREQ=YEARLY;UNTIL=20301231", Rule("YEARLY", until=date(2030, 12, 31))),
        ("FREQ=DAILY;COUNT=3;INTERVAL=2;WKST=SU", Rule("DAILY", 2, 3, week_start=6)),
        ("RSCALE=GREGORIAN;FREQ=DAILY;SKIP=OMIT;X-A=1", Rule("DAILY")),
    ],
)
def test_parse(text: str, rule: Rule) -> None:
    assert parse_rule(text) == rule
    assert parse_rule(format_rule(rule)) == rule


@pytest.mark.parametrize(
    "text",
    [
        "",
        "INTERVAL=2",
        "FREQ=FORTNIGHTLY",
        "FREQ=DAILY;FREQ=DAILY",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;INTERVAL=-1",
        "FREQ=DAILY;COUNT=0",
        "FREQ=DAILY;COUNT=2;UNTIL=20250101",
        "FREQ=DAILY;UNTIL=tomorrow",
        "FREQ=DAILY;BYHOUR=24",
        "FREQ=DAILY;BYDAY=1MO",
        "FREQ=MONTHLY;BYDAY=0MO",
        "FREQ=MONTHLY;BYDAY=XX",
        "FREQ=MONTHLY;BYMONTHDAY=0",
        "FREQ=MONTHLY;BYMONTHDAY=32",
        "FREQ=WEEKLY;BYMONTHDAY=1",
        "FREQ=MONTHLY;BYWEEKNO=1",
        "FREQ=DAILY;BYYEARDAY=1",
        "FREQ=DAILY;BYMONTH=13",
        "FREQ=DAILY;COUNT=99999999999999999999",
        "RSCALE=CHINESE;FREQ=YEARLY",
        "FREQ=YEARLY;SKIP=FORWARD;RSCALE=GREGORIAN",
        "FREQ=DAILY;COLOR=red",
        "FREQ",
    ],
)
def test_wrong_rules_are_refused(text: str) -> None:
    with pytest.raises(InvalidCalendarData):
        parse_rule(text)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("FREQ=DAILY;UNTIL=20231218T023000Z;FREQ=DAILY", "FREQ=DAILY;UNTIL=20231218T023000Z"),
        ("FREQ=WEEKLY;COUNT=-1;BYDAY=MO", "FREQ=WEEKLY;BYDAY=MO"),
        ("FREQ=WEEKLY;BYDAY=MO, TU ,1FR", "FREQ=WEEKLY;BYDAY=MO,TU,FR"),
        ("FREQ=DAILY\\;INTERVAL=2", "FREQ=DAILY;INTERVAL=2"),
        ("FREQ=WEEKLY;UNTL=20191023;WKST=SU", "FREQ=WEEKLY;WKST=SU"),
    ],
)
def test_slips_of_others_are_understood(text: str, meant: str) -> None:
    assert lenient_rule(text) == parse_rule(meant)


@pytest.mark.parametrize("text", ["FREQ=DAILY;INTERVAL=0", "FREQ=OFTEN", "RSCALE=CHINESE;FREQ=YEARLY"])
def test_what_means_nothing_stays_refused(text: str) -> None:
    with pytest.raises(InvalidCalendarData):
        lenient_rule(text)


numbers = st.integers
weekdays = st.lists(st.tuples(st.just(0), numbers(0, 6)), max_size=3)
numbered = st.lists(st.tuples(st.integers(-5, 5), numbers(0, 6)), max_size=2)


def some(low: int, high: int) -> st.SearchStrategy[tuple[int, ...]]:
    """Mostly nothing, else a few numbers that are not 0 where negative ones are allowed."""
    number = numbers(low, high) if low >= 0 else numbers(low, high).filter(bool)
    several = st.lists(number, max_size=3).map(lambda found: tuple(sorted(set(found))))
    return st.one_of(st.just(()), several)


@st.composite
def rules(
    draw: st.DrawFn, freqs: tuple[str, ...] = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY"), months: bool = True
) -> Rule:
    freq = draw(st.sampled_from(freqs))
    month_or_year = freq in {"MONTHLY", "YEARLY"}
    by_day = draw(numbered if month_or_year else weekdays)
    if len({bool(number) for number, _ in by_day}) > 1:  # dateutil takes both conditions, RFC 5545 either
        by_day = [(number or 1, day) for number, day in by_day]
    plain = draw(st.booleans())
    parts: dict[str, tuple[int, ...]] = {}
    if not plain:
        parts["by_month"] = draw(some(1, 12)) if months else ()
        parts["by_hour"] = draw(some(0, 23))
        parts["by_minute"] = draw(some(0, 59))
        if freq != "WEEKLY" and months:
            parts["by_month_day"] = draw(some(-31, 31))
        if freq == "YEARLY" and not by_day:
            parts["by_year_day"] = draw(some(-366, 366))
            parts["by_week_no"] = draw(some(-53, 53))
        if by_day and freq != "WEEKLY":  # dateutil begins the first week at its start
            parts["by_set_pos"] = draw(some(-4, 4))
    return Rule(
        freq,
        interval=draw(numbers(1, 5)),
        count=draw(st.one_of(st.none(), numbers(1, 60))),
        week_start=draw(numbers(0, 6)),
        by_day=tuple(sorted(set(by_day))),
        **parts,
    )


starts = st.datetimes(datetime(1990, 1, 1), datetime(2030, 1, 1)).map(lambda when: when.replace(microsecond=0))


def reference(rule: Rule, start: datetime, end: datetime) -> list[datetime]:
    """All starts of a rule by dateutil, from its very beginning."""
    found = []
    try:
        for when in _Watching(rule, start, (end - start).days + 800):
            if when > end or len(found) == rule.count:
                break
            found.append(when)
    except _Passed:
        pass
    return found


def by_the_clock(rule: Rule, start: datetime, end: datetime) -> list[datetime]:
    """All starts of an hourly or minutely rule, by looking at every hour or minute."""
    found: list[datetime] = []
    period = timedelta(hours=1) if rule.freq == "HOURLY" else timedelta(minutes=1)
    at = start.replace(minute=0, second=0) if rule.freq == "HOURLY" else start.replace(second=0)
    while at <= end:
        minutes = rule.by_minute or (start.minute,) if rule.freq == "HOURLY" else (at.minute,)
        whens = [
            at.replace(minute=minute, second=start.second)
            for minute in minutes
            if minute in (rule.by_minute or minutes)
        ]
        fits = at.hour in (rule.by_hour or range(24)) and at.weekday() in ([day for _, day in rule.by_day] or range(7))
        if fits and rule.by_set_pos:
            places = [place - (place > 0) for place in rule.by_set_pos]
            whens = sorted({whens[place] for place in places if -len(whens) <= place < len(whens)})
        found += [when for when in whens if fits and start <= when <= end]
        at += period * rule.interval
    return found[: rule.count]


@given(rules(), starts, numbers(0, 6000), numbers(0, 1500))
def test_a_window_holds_what_the_whole_rule_gives(rule: Rule, start: datetime, ahead: int, days: int) -> None:
    lo = start + timedelta(days=ahead - 300)
    hi = lo + timedelta(days=days)

    found = list(rule_starts(rule, start, lo, hi, None, Steps()))

    assert found == [when for when in reference(rule, start, hi) if when >= lo]


@given(rules(("HOURLY", "MINUTELY"), months=False), starts, numbers(0, 100), numbers(0, 96))
def test_times_of_day_likewise(rule: Rule, start: datetime, ahead: int, hours: int) -> None:
    lo = start + timedelta(hours=ahead)
    hi = lo + timedelta(hours=hours)

    found = list(rule_starts(rule, start, lo, hi, None, Steps()))

    assert found == [when for when in by_the_clock(rule, start, hi) if when >= lo]


@given(rules(), starts, numbers(0, 3000), numbers(0, 1500))
def test_arithmetic_gives_what_dateutil_gives(rule: Rule, start: datetime, ahead: int, days: int) -> None:
    lo = start + timedelta(days=ahead)
    hi = lo + timedelta(days=days)
    steps = Steps()

    slow = list(_counted(rule, _by_date(rule, start, lo, hi, steps), start, lo, hi, steps))

    assert list(rule_starts(rule, start, lo, hi, None, steps)) == slow


@pytest.mark.parametrize(
    ("text", "first"),
    [
        pytest.param("FREQ=YEARLY", ["20240229", "20280229"], id="29 February"),
        pytest.param("FREQ=MONTHLY;BYMONTHDAY=31", ["20240331", "20240531"], id="31st"),
        pytest.param("FREQ=MONTHLY;BYDAY=5TH", ["20240229", "20240530"], id="fifth Thursday"),
        pytest.param("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", ["20240229", "20240329"], id="last working day"),
        pytest.param("FREQ=YEARLY;BYWEEKNO=1;BYDAY=MO", ["20241230", "20251229"], id="Monday of week 1"),
        pytest.param("FREQ=YEARLY;BYDAY=20MO", ["20240513", "20250519"], id="20th Monday"),
        pytest.param("FREQ=YEARLY;BYYEARDAY=-1", ["20241231", "20251231"], id="last day of the year"),
        pytest.param(
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=TH,SU;WKST=MO", ["20240229", "20240303", "20240314"], id="WKST Monday"
        ),
        pytest.param(
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=TH,SU;WKST=SU", ["20240229", "20240310", "20240314"], id="WKST Sunday"
        ),
        pytest.param("FREQ=HOURLY;INTERVAL=5;BYHOUR=9", ["20240229", "20240305"], id="odd hours at odd intervals"),
        pytest.param("FREQ=DAILY;BYSECOND=60", ["20240229"], id="leap second"),
    ],
)
def test_starts(text: str, first: list[str]) -> None:
    found = rule_starts(parse_rule(text), START, START, FAR, None, Steps())
    assert [when.strftime("%Y%m%d") for when in islice(found, len(first))] == first


@pytest.mark.parametrize(
    "text",
    [
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=31;BYDAY=MO",
        "FREQ=YEARLY;BYDAY=54MO".replace("54", "53") + ";BYMONTH=2",
        "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=HOURLY;INTERVAL=2;BYHOUR=10",
        "FREQ=YEARLY;INTERVAL=999999999999999",
        "FREQ=WEEKLY;INTERVAL=999999999999999;BYDAY=MO",
        "FREQ=DAILY;INTERVAL=999999999999999;BYHOUR=1",
    ],
)
def test_rules_that_never_match_end_with_the_window(text: str) -> None:
    steps = Steps()
    lo = START + timedelta(days=1)
    assert list(rule_starts(parse_rule(text), START, lo, lo + timedelta(days=1500), None, steps)) == []


@pytest.mark.parametrize(
    "text",
    [
        "FREQ=SECONDLY",
        "FREQ=MINUTELY",
        "FREQ=SECONDLY;BYHOUR=3",
        "FREQ=DAILY;COUNT=1000000000",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;COUNT=3",
        "FREQ=SECONDLY;COUNT=1000000000",
        "FREQ=MINUTELY;BYMONTH=2;BYMONTHDAY=30;COUNT=2",
    ],
)
def test_floods_are_stopped_by_the_budget(text: str) -> None:
    with pytest.raises(TooManyInstances):
        list(rule_starts(parse_rule(text), START, START, datetime(9000, 1, 1), None, Steps()))


def test_until_is_included() -> None:
    found = rule_starts(parse_rule("FREQ=DAILY"), START, START, FAR, START + timedelta(days=2), Steps())
    assert list(found) == [START, START + timedelta(days=1), START + timedelta(days=2)]


def test_a_rule_that_ended_before_it_began_gives_nothing() -> None:
    assert list(rule_starts(parse_rule("FREQ=DAILY"), START, START, FAR, START - timedelta(days=1), Steps())) == []
