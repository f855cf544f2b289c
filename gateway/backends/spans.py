"""Questions cut into the portions that a provider takes, and their answers put together."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from gateway.backends.base import BusyTime, Unanswered
from gateway.model import Period

T = TypeVar("T")


def spans(start: datetime, end: datetime, longest: timedelta) -> Iterator[tuple[datetime, datetime]]:
    """[start, end) in pieces none longer than `longest`."""
    while start < end:
        until = min(end, start + longest)
        yield start, until
        start = until


def portions(given: Sequence[T], most: int) -> Iterator[Sequence[T]]:
    for begin in range(0, len(given), most):
        yield given[begin : begin + most]


def put_together(parts: Sequence[BusyTime]) -> BusyTime:
    """Busy time of all parts; unknown as soon as one of them is."""
    periods: list[Period] = []
    for part in parts:
        if isinstance(part, Unanswered):
            return part
        periods += part
    return periods
