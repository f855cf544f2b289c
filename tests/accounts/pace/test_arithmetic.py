"""Laws of the arithmetic: no window sees more than the provider allows, and people do not wait for the machine."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.accounts.pace.arithmetic import (
    KEPT,
    LONGEST_HOLD,
    Limit,
    after_fault,
    after_success,
    closed_until,
    hold_after,
    places_for,
    take,
)
from gateway.errors import BackendUnavailable, ProviderUnreachable, Throttled
from gateway.store.budgets import Budget

limits = st.builds(Limit, st.floats(3, 20_000), st.sampled_from([10.0, 60.0, 600.0]))
# Seconds since the request before, how many are wanted, whether it is background work.
asks = st.lists(st.tuples(st.floats(0, 30) | st.just(0.0), st.integers(1, 300), st.booleans()), min_size=1, max_size=60)
NOW = 1_795_262_400.0


def grants(limit, asked):
    """(when, how many, background) of what was granted, all processes taking from one bucket."""
    full_at, now, found = 0.0, NOW, []
    for pause, wanted, background in asked:
        now += pause
        taken = take(full_at, limit, now, wanted, background=background)
        full_at = taken.full_at
        found.append((now, taken.granted, background))
    return found


@given(limits, asks)
def test_no_window_sees_more_than_is_allowed_even_if_all_is_used_as_late_as_it_may_be(limit, asked):
    granted = grants(limit, asked)
    for end, _, _ in granted:
        inside = sum(count for when, count, _ in granted if end - limit.window - KEPT <= when <= end)
        assert inside <= max(1.0, limit.most) + 0.01


@given(limits, asks)
def test_background_work_alone_always_leaves_the_reserve(limit, asked):
    full_at, now = 0.0, NOW
    for pause, wanted, _ in asked:
        now += pause
        full_at = take(full_at, limit, now, wanted, background=True).full_at
        person = take(full_at, limit, now, 10_000, background=False)
        assert person.granted >= int(limit.reserve)


@given(limits, asks)
def test_nobody_is_told_to_wait_in_vain_or_longer_than_the_window(limit, asked):
    full_at, now = 0.0, NOW
    for pause, wanted, background in asked:
        now += pause
        taken = take(full_at, limit, now, wanted, background=background)
        full_at = taken.full_at
        assert taken.granted or 0 < taken.wait <= limit.window + KEPT + 1 or limit.burst < 2
        if not taken.granted and limit.burst >= 2:
            assert take(full_at, limit, now + taken.wait + 0.001, 1, background=background).granted == 1


@given(limits, st.floats(0, 1e9), st.booleans())
def test_a_clock_that_is_put_back_locks_nobody_out_for_longer_than_a_window(limit, far, background):
    assert (
        take(NOW + far, limit, NOW + limit.window * 2 + 2 * KEPT, 1, background=False).wait <= limit.window + KEPT + 1
    )


def test_what_providers_allow():
    google, mailbox = Limit(540, 60.0), Limit(9_000, 600.0, 4)
    assert (int(google.burst), round(google.rate, 1), google.slice) == (180, 5.5, 11)
    assert (int(mailbox.burst), round(mailbox.rate, 1), mailbox.slice) == (3_000, 9.9, 50)


@given(st.integers(1, 8), st.integers(0, 8), st.integers(0, 8), st.integers(0, 12), st.booleans())
def test_places_of_all_processes_together_are_never_too_many(at_once, others, in_use, wanted, background):
    others, limit = min(others, at_once), Limit(100, 60.0, at_once)
    in_use = min(in_use, at_once - others)
    places = places_for(limit, others, in_use, wanted, background=background)
    assert others + places <= at_once
    assert places >= in_use
    if background and in_use == 0 and at_once > 1:
        assert places_for(limit, others, 0, wanted, background=False) >= places


@given(st.integers(1, 99), st.floats(0, 0.999))
def test_holds_grow_are_spread_and_end(failures, random):
    hold = hold_after(failures, 15.0, random)
    assert 11.25 <= hold <= LONGEST_HOLD * 1.25
    assert hold <= hold_after(failures + 1, 15.0, random) + 0.001
    assert hold_after(failures, 15.0, 0.0) < hold_after(failures, 15.0, 0.9)


@pytest.mark.parametrize(
    ("faults", "hold"),
    [
        pytest.param([BackendUnavailable("503")], 0.0, id="once is an accident"),
        pytest.param([BackendUnavailable("503")] * 2, 15.0, id="twice is not"),
        pytest.param([BackendUnavailable("503")] * 4, 60.0, id="and it doubles"),
        pytest.param([BackendUnavailable("503")] * 40, 900.0, id="up to a quarter of an hour"),
        pytest.param([BackendUnavailable("503", 120.0)], 126.0, id="told how long to wait"),
        pytest.param([BackendUnavailable("503", 1e9)], 86_400.0 * 1.05, id="not for ever"),
        pytest.param([ProviderUnreachable("nobody there")], 15.0, id="no answer"),
        pytest.param([Throttled("slower")], 2.0, id="asked too much"),
        pytest.param([Throttled("slower")] * 3, 8.0, id="asked too much, again"),
        pytest.param([Throttled("slower", 30.0)], 31.5, id="asked too much, and told how long"),
    ],
)
def test_how_long_nobody_asks(faults, hold):
    budget = Budget("k")
    for fault in faults:
        budget = after_fault(replace(budget, held_until=0.0), fault, budget.failures, NOW, 0.5)
    assert closed_until(budget, NOW) == (NOW + hold if hold else 0.0)
    assert after_success(budget, budget.failures) == Budget("k")


def test_requests_that_fail_together_count_once_and_an_old_success_says_nothing():
    first = after_fault(Budget("k"), ProviderUnreachable("down"), 0, NOW, 0.5)
    second = after_fault(first, ProviderUnreachable("down"), 0, NOW + 1, 0.5)
    assert second == first
    assert after_fault(first, Throttled("slower", 100.0), 0, NOW, 0.0).held_until == NOW + 100.0
    assert after_success(first, 0) == first


def test_a_clock_that_was_put_back_locks_nobody_out():
    limit = Limit(600.0, 60.0)
    emptied = take(0.0, limit, 1_000_000.0, int(limit.burst), background=False)
    assert take(emptied.full_at, limit, 1_000_000.0, 1, background=False).granted == 0
    assert take(emptied.full_at, limit, 900_000.0, 1, background=False).granted == 1
