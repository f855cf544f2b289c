"""How much may be asked of a provider, and when again after it failed. Pure; times in epoch seconds."""

from dataclasses import dataclass, replace
from typing import Final

from gateway.backends.answers import LONGEST_WAIT
from gateway.errors import BackendUnavailable, ProviderUnreachable, Throttled
from gateway.store.budgets import Budget

KEPT: Final = 5.0
"""Seconds that a process may use what it has taken; then it is forfeit."""

PUT_BACK: Final = 60.0
"""Seconds that the clocks of two processes may differ."""

AT_A_TIME: Final = 1 / 3
RESERVE: Final = 0.25  # of that, how much background work leaves for people who wait
SLICE: Final = 1 / 16
LARGEST_SLICE: Final = 50

SHORTEST_WAIT: Final = 0.05
FIRST_HOLD: Final = 15.0
FIRST_THROTTLE: Final = 2.0
LONGEST_HOLD: Final = 900.0
PROBE: Final = 120.0
"""Seconds by which a request that finds out whether a provider works again has surely ended."""


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` requests in any `window` seconds. at_once: requests out at a time; None: as many as you like.

    at_a_time: of what a window allows, how much may go out at once after a rest; the less, the more in the long run.

    Kept as a bucket: `burst` after a rest, then `rate` a second. What is taken may be used up to KEPT seconds later, so
    that any window sees at most burst + rate * (window + KEPT) = most.
    """

    most: float
    window: float
    at_once: int | None = None
    at_a_time: float = AT_A_TIME

    @property
    def burst(self) -> float:
        return max(1.0, self.most * self.at_a_time)

    @property
    def rate(self) -> float:
        return max(0.0, self.most - self.burst) / (self.window + KEPT)

    @property
    def slice(self) -> int:
        """How much a process takes at a time, so that not every request is a transaction."""
        return max(1, min(LARGEST_SLICE, int(self.burst * SLICE)))

    @property
    def reserve(self) -> float:
        return self.burst * RESERVE


@dataclass(frozen=True, slots=True)
class Taken:
    """full_at: of the bucket afterwards. granted: how many. wait: seconds until one is there, if none was."""

    full_at: float
    granted: int
    wait: float


def take(full_at: float, limit: Limit, now: float, wanted: int, *, background: bool) -> Taken:
    """Up to `wanted` out of a bucket that is full again at `full_at`.

    background: it leaves the reserve to those that are not.
    """
    refill = limit.burst / limit.rate if limit.rate else limit.window
    rate = limit.burst / refill
    if full_at > now + refill + PUT_BACK:
        full_at = now  # no bucket is emptier than empty: a clock was put back, which must not lock anybody out
    full_at = min(max(full_at, now), now + refill)
    there = limit.burst - (full_at - now) * rate - (limit.reserve if background else 0.0)
    granted = min(wanted, int(there + 1e-4))
    if granted < 1:
        enough = max(1.0, min(wanted, limit.slice) / 2) if background else 1.0  # it is worth a transaction
        return Taken(full_at, 0, max(SHORTEST_WAIT, (enough - there) / rate))
    return Taken(full_at + granted / rate, granted, 0.0)


def hold_after(failures: int, first: float, random: float) -> float:
    """Seconds that nobody asks after so many failures in a row. random: in [0, 1); spreads those that fell together."""
    return min(LONGEST_HOLD, first * 2.0 ** min(failures - 1, 16)) * (0.75 + 0.5 * random)


def after_fault(before: Budget, fault: BackendUnavailable, seen: int, now: float, random: float) -> Budget:
    """What is known of the provider after a request failed.

    seen: failures that were known when the request went out; of several that were out together only one counts.
    A single failure with an answer keeps nobody from trying; to be told how long to wait, or to hear nothing, does.
    """
    asked = 0.0
    if fault.retry_after:
        asked = min(fault.retry_after, LONGEST_WAIT) * (1.0 + 0.1 * random)
    if before.failures > seen:
        return replace(before, held_until=max(before.held_until, now + asked if asked else 0.0))
    failures = before.failures + 1
    if isinstance(fault, Throttled):
        wait = max(asked, hold_after(failures, FIRST_THROTTLE, random))
    elif isinstance(fault, ProviderUnreachable) or asked:
        wait = max(asked, hold_after(failures, FIRST_HOLD, random))
    elif failures > 1:
        wait = hold_after(failures - 1, FIRST_HOLD, random)
    else:
        wait = 0.0
    held = max(before.held_until, now + wait) if wait else before.held_until
    return replace(before, failures=failures, held_until=held, probed_until=0.0, reason=str(fault)[:500])


def after_success(before: Budget, seen: int) -> Budget:
    """seen: as for after_fault; an answer from before the trouble says nothing about it."""
    if before.failures > seen:
        return before
    return replace(before, failures=0, held_until=0.0, probed_until=0.0, reason="")


def closed_until(budget: Budget, now: float) -> float:
    """Until when nobody may ask; 0.0: one may."""
    return max((time for time in (budget.held_until, budget.probed_until) if time > now), default=0.0)


def places_for(limit: Limit, others: int, in_use: int, wanted: int, *, background: bool) -> int:
    """How many requests a process may have out at a time.

    others: places of other processes. in_use: requests it has out. wanted: how many it would like to have.
    """
    if limit.at_once is None:
        return wanted
    kept = 1 if background and limit.at_once > 1 else 0
    return max(in_use, min(wanted, limit.at_once - kept - others))


def at_most(limit: Limit) -> int:
    """Background requests out at a time, of one process."""
    return max(1, (limit.at_once or 64) - 1)
