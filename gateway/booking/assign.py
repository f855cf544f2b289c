"""Which host of a round robin takes a booking."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Candidate:
    """A rotating host. weight: share of the bookings relative to the others; priority: higher goes first.

    bookings: how many they have of the event type; last: when the latest was made, epoch seconds, None for never.
    """

    name: str
    weight: int = 100
    priority: int = 0
    bookings: int = 0
    last: int | None = None


def choose(rotating: Sequence[Candidate], free: Collection[str]) -> str | None:
    """The name of the host who takes the next booking; None if none of them is free.

    rotating: all of the event type in listed order, busy ones too, as shares count over all of them.
    Largest shortfall against the weighted share, then priority, then least recently booked, then listed order.
    """
    total = sum(candidate.bookings for candidate in rotating)
    weights = sum(candidate.weight for candidate in rotating)
    able = [candidate for candidate in rotating if candidate.name in free]

    def rank(candidate: Candidate) -> tuple[int, int, float]:
        shortfall = total * candidate.weight - weights * candidate.bookings  # times the sum of weights: no fractions
        return -shortfall, -candidate.priority, float("-inf") if candidate.last is None else candidate.last

    return min(able, key=rank).name if able else None
