"""Which blocks there should be, and how few changes lead there."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.freebusy.merge import merge_seconds
from gateway.mirror.plan import Change, Held, plan, wanted

HOUR = 3_600


def span(start, end, kind=2):
    return start * HOUR, end * HOUR, kind


@pytest.mark.parametrize(
    ("sources", "target", "blocks"),
    [
        pytest.param([span(9, 10), span(10, 11)], [], [span(9, 11)], id="what touches is one block"),
        pytest.param([span(9, 12, 1), span(10, 11)], [], [span(9, 10, 1), span(10, 11), span(11, 12, 1)], id="kinds"),
        pytest.param([span(9, 10, 0)], [], [], id="free time is no block"),
        pytest.param([span(9, 10)], [span(8, 12)], [], id="what the calendar says itself is left out"),
        pytest.param([span(9, 10)], [span(8, 9), span(9, 10)], [], id="also in parts"),
        pytest.param([span(9, 10)], [span(8, 12, 1)], [span(9, 10)], id="unless it says less"),
        pytest.param([span(9, 11)], [span(9, 10)], [span(9, 11)], id="or less long"),
        pytest.param([span(-5, 1), span(-9, -6)], [], [span(-5, 1)], id="what reaches in is whole"),
        pytest.param([span(99, 120), span(100, 101)], [], [span(99, 120)], id="what reaches out is whole as well"),
    ],
)
def test_wanted(sources, target, blocks):
    assert wanted(sources, target, 0, 100 * HOUR, away=True) == blocks


def test_out_of_office_is_busy_where_it_cannot_be_said():
    assert wanted([span(9, 10, 3), span(10, 11)], [], 0, 100 * HOUR, away=False) == [span(9, 11)]
    assert wanted([span(9, 10, 3)], [span(9, 10)], 0, 100 * HOUR, away=False) == []


def test_there_is_an_end_to_blocks():
    half_hours = [(at * HOUR, at * HOUR + 60, 2) for at in range(50)]
    assert wanted(half_hours, [], 0, 100 * HOUR, away=True, most=3) == half_hours[:3]


@pytest.mark.parametrize(
    ("should", "held", "deleted", "changes"),
    [
        pytest.param([span(9, 10)], [], (), [Change(None, span(9, 10))], id="new"),
        pytest.param([span(9, 10)], [Held(1, span(9, 10))], (), [], id="as it should be"),
        pytest.param([span(9, 11)], [Held(1, span(9, 10))], (), [Change(1, span(9, 11))], id="longer"),
        pytest.param([span(9, 10, 1)], [Held(1, span(9, 10))], (), [Change(1, span(9, 10, 1))], id="of another kind"),
        pytest.param([span(14, 15)], [Held(1, span(9, 10))], (), [Change(1, span(14, 15))], id="moved"),
        pytest.param([], [Held(1, span(9, 10))], (), [Change(1, None)], id="over"),
        pytest.param([span(9, 10)], [Held(1, span(9, 10), right=False)], (), [Change(1, span(9, 10))], id="renamed"),
        pytest.param([span(9, 10)], [Held(1, span(9, 10)), Held(2, span(9, 10))], (), [Change(2, None)], id="doubled"),
        pytest.param([span(9, 10)], [], {(9 * HOUR, 10 * HOUR)}, [], id="taken away by hand"),
        pytest.param([span(9, 11)], [], {(9 * HOUR, 10 * HOUR)}, [Change(None, span(9, 11))], id="but changed since"),
        pytest.param(
            [span(9, 10), span(12, 14)],
            [Held(1, span(8, 9)), Held(2, span(12, 13))],
            (),
            [Change(1, span(9, 10)), Change(2, span(12, 14))],
            id="each that begins at the same time stays itself",
        ),
    ],
)
def test_plan(should, held, deleted, changes):
    assert plan(should, held, deleted) == changes


periods = st.lists(
    st.builds(lambda start, length, kind: (start, start + length, kind), st.integers(0, 60), st.integers(1, 9),
              st.integers(1, 3)),
    max_size=8,
)  # fmt: skip
blocks = periods.map(merge_seconds)
there = st.lists(st.tuples(st.tuples(st.integers(0, 60), st.integers(61, 70), st.integers(1, 3)), st.booleans()),
                 max_size=8).map(lambda rows: [Held(key, *row) for key, row in enumerate(rows, 1)])  # fmt: skip


def carried_out(held, changes):
    now = {one.key: one for one in held}
    for number, change in enumerate(changes, 1_000):
        key = number if change.key is None else change.key
        now.pop(key, None)
        if change.busy is not None:
            now[key] = Held(key, change.busy)
    return list(now.values())


@given(blocks, there)
def test_the_changes_lead_to_what_is_wanted_and_then_there_are_none(should, held):
    after = carried_out(held, plan(should, held))
    assert sorted(one.busy for one in after) == should
    assert plan(should, after) == []


@given(blocks, there)
def test_there_are_never_more_changes_than_blocks_that_are_wrong(should, held):
    kept = sum(any(one.right and one.busy == busy for one in held) for busy in should)
    assert len(plan(should, held)) == max(len(should), len(held)) - kept


@given(periods, periods)
def test_somebody_is_as_busy_with_the_blocks_as_with_what_they_stand_for(sources, target):
    found = wanted(sources, target, 0, 1_000, away=True)
    assert merge_seconds([*found, *target]) == merge_seconds([*sources, *target])
    assert merge_seconds(found) == found
