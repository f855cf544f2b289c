"""The time that a question is about."""

from typing import Final

from gateway.errors import Flaw, InvalidInput

DAY: Final = 86_400


def check_span(start: int, end: int, longest: int) -> None:
    """longest: days. Raises: InvalidInput."""
    if not start < end <= start + longest * DAY:
        reason = f"end comes after start, by {longest} days at most"
        raise InvalidInput(reason, (Flaw(reason, parameter="end"),))
