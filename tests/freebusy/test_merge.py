"""Merging busy time: a table, and what holds for any busy time."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import TimeRangeTooWide
from gateway.freebusy.merge import MAX_SPAN, check_span, clip_seconds, merge, merge_seconds
from gateway.model import FbType, Period

BUSY, TENTATIVE, OUT = FbType.BUSY, FbType.TENTATIVE, FbType.UNAVAILABLE


def at(hour: float) -> datetime:
    return datetime(2026, 6, 10, tzinfo=UTC) + timedelta(hours=hour)


def span(start: float, end: float, fbtype: FbType = BUSY) -> Period:
    return Period(at(start), at(end), fbtype)


@pytest.mark.parametrize(
    ("given_", "merged"),
    [
        pytest.param([], [], id="nothing"),
        pytest.param([span(9, 9)], [], id="no length is no time"),
        pytest.param([span(9, 10), span(10, 11)], [span(9, 11)], id="touching become one"),
        pytest.param([span(9, 12), span(10, 11)], [span(9, 12)], id="inner is swallowed"),
        pytest.param([span(13, 14), span(9, 10)], [span(9, 10), span(13, 14)], id="sorted"),
        pytest.param(
            [span(9, 10), span(9.5, 10.5, TENTATIVE)],
            [span(9, 10), span(10, 10.5, TENTATIVE)],
            id="busy covers the tentative it overlaps",
        ),
        pytest.param(
            [span(9, 12), span(10, 11, OUT)],
            [span(9, 10), span(10, 11, OUT), span(11, 12)],
            id="out of office cuts a hole into busy",
        ),
        pytest.param(
            [span(9, 10, TENTATIVE), span(10, 11)],
            [span(9, 10, TENTATIVE), span(10, 11)],
            id="touching kinds stay apart",
        ),
    ],
)
def test_merge(given_: list[Period], merged: list[Period]) -> None:
    assert merge(given_) == merged


periods = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 20), st.sampled_from([1, 2, 3])).map(
        lambda t: (t[0], t[0] + t[1], t[2])
    ),
    max_size=25,
)


def minutes(busy: list[tuple[int, int, int]]) -> dict[int, int]:
    strongest: dict[int, int] = {}
    for start, end, fbtype in busy:
        for minute in range(start, end):
            strongest[minute] = max(fbtype, strongest.get(minute, 0))
    return strongest


@given(periods)
def test_merging_keeps_each_minute_and_its_strongest_kind(busy: list[tuple[int, int, int]]) -> None:
    assert minutes(merge_seconds(busy)) == minutes(busy)


@given(periods)
def test_merged_time_is_sorted_apart_and_as_short_as_can_be(busy: list[tuple[int, int, int]]) -> None:
    merged = merge_seconds(busy)
    for before, after in pairwise(merged):
        assert before[1] <= after[0]
        assert before[1] < after[0] or before[2] != after[2]
    assert all(start < end for start, end, _ in merged)


@given(periods)
def test_merging_again_changes_nothing(busy: list[tuple[int, int, int]]) -> None:
    assert merge_seconds(merge_seconds(busy)) == merge_seconds(busy)


@given(periods, st.integers(0, 80), st.integers(0, 80))
def test_clipping_keeps_what_is_inside_and_nothing_else(busy: list[tuple[int, int, int]], a: int, b: int) -> None:
    inside = {minute: kind for minute, kind in minutes(busy).items() if a <= minute < b}
    assert minutes(clip_seconds(busy, a, b)) == inside


def test_a_range_of_many_years_is_refused() -> None:
    longest = int(MAX_SPAN.total_seconds())
    check_span(1_795_500_000, 1_795_500_000 + longest)
    with pytest.raises(TimeRangeTooWide):
        check_span(1_795_500_000, 1_795_500_000 + longest + 1)
