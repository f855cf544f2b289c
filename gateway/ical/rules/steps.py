"""The budget that keeps every recurrence within bounds."""

from collections.abc import Iterator
from contextlib import contextmanager

from gateway.errors import TooManyInstances

STEPS = 60_000
"""Candidates looked at for one object in one question, matching or not; about 0.1 s of work."""

TOGETHER = 10 * STEPS
"""The same for all objects of one request; about 1 s."""


class Steps:
    """How many candidates may still be looked at."""

    __slots__ = ("left",)

    def __init__(self, left: int = STEPS) -> None:
        self.left = left

    def take(self, number: int = 1) -> None:
        """Raises: TooManyInstances once the budget is spent."""
        self.left -= number
        if self.left < 0:
            raise TooManyInstances("a recurrence rule takes too long to follow")


@contextmanager
def one_of(total: Steps) -> Iterator[Steps]:
    """The budget of one object among many: no more than is left for all of them."""
    given = min(STEPS, max(total.left, 0))
    steps = Steps(given)
    try:
        yield steps
    finally:
        total.left -= given - steps.left
