"""Busy time put together: sorted, half-open, never overlapping, the strongest kind winning."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from itertools import pairwise

from gateway.errors import TimeRangeTooWide
from gateway.model import FbType, Period

MAX_SPAN = timedelta(days=3 * 366)

# (start, end, fbtype) in epoch seconds: what the index gives, and what arithmetic is quick on.
Busy = tuple[int, int, int]


def merge_seconds(busy: Iterable[Busy]) -> list[Busy]:
    """Like `merge`, in epoch seconds."""
    ordered = sorted(one for one in busy if one[1] > one[0])
    merged: list[Busy] = []
    for run in _runs(ordered):
        if len(run) == 1 or all(one[2] == run[0][2] for one in run):
            merged.append((run[0][0], max(one[1] for one in run), run[0][2]))
        else:
            merged.extend(_strongest(run))
    return merged


def _runs(ordered: Sequence[Busy]) -> Iterable[list[Busy]]:
    """Groups that touch or overlap; most hold one period only, and those that hold more are short."""
    run: list[Busy] = []
    until = 0
    for one in ordered:
        if run and one[0] > until:
            yield run
            run = []
        until = one[1] if not run else max(until, one[1])
        run.append(one)
    if run:
        yield run


def _strongest(run: list[Busy]) -> list[Busy]:
    """One run cut wherever its strongest kind changes."""
    edges = sorted({edge for one in run for edge in one[:2]})
    waiting = sorted(run, reverse=True)
    open_: list[tuple[int, int]] = []  # (-fbtype, end): the strongest on top
    cut: list[Busy] = []
    for start, end in pairwise(edges):
        while waiting and waiting[-1][0] <= start:
            begun = waiting.pop()
            heappush(open_, (-begun[2], begun[1]))
        while open_ and open_[0][1] <= start:
            heappop(open_)
        if not open_:
            continue
        fbtype = -open_[0][0]
        if cut and cut[-1][1] == start and cut[-1][2] == fbtype:
            cut[-1] = (cut[-1][0], end, fbtype)
        else:
            cut.append((start, end, fbtype))
    return cut


def clip_seconds(busy: Iterable[Busy], start: int, end: int) -> list[Busy]:
    """Merged, and cut to [start, end)."""
    return merge_seconds((max(one[0], start), min(one[1], end), one[2]) for one in busy)


def merge(periods: Iterable[Period]) -> list[Period]:
    """The same busy time with no overlap.

    periods: any order, may overlap.
    Returns: in order; touching periods of one kind are one; none empty; where kinds overlap the strongest stands.
    Source: RFC 4791 7.10, RFC 5545 3.6.4.
    """
    return as_periods(merge_seconds((seconds(p.start), seconds(p.end), p.fbtype) for p in periods))


def check_span(start: int, end: int) -> None:
    """Raises: TimeRangeTooWide."""
    if end - start > MAX_SPAN.total_seconds():
        raise TimeRangeTooWide(f"{(end - start) // 86_400} days asked, {MAX_SPAN.days} allowed")


def seconds(instant: datetime) -> int:
    return int(instant.timestamp())


def as_periods(busy: Iterable[Busy]) -> list[Period]:
    return [
        Period(datetime.fromtimestamp(start, UTC), datetime.fromtimestamp(end, UTC), FbType(fbtype))
        for start, end, fbtype in busy
    ]
