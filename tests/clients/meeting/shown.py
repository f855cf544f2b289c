"""What a program shows of an event: the same for each of them, so that they can be compared."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

HOUR = timedelta(hours=1)
LOOK = (-2, 60)
"""Days from today that are looked at."""


@dataclass(frozen=True, order=True)
class Shown:
    """One date. start: in UTC, basic format. answers: by address, in lower case."""

    start: str
    status: str
    answers: tuple[tuple[str, str], ...]
    title: str = field(compare=False, default="")
    sequence: int = field(compare=False, default=0)

    def __str__(self) -> str:
        said = ", ".join(f"{who.partition('@')[0]} {word}" for who, word in self.answers)
        return f"{self.start}{f' {self.status}' if self.status else ''} [{said}]"


def shown(start: str, status: str | None, answers: Mapping[str, str], title: str, sequence: int) -> Shown:
    """CONFIRMED is what an event is that says nothing."""
    people = sorted((who.lower().removeprefix("mailto:"), word) for who, word in answers.items())
    return Shown(start, "" if status in {None, "CONFIRMED"} else str(status), tuple(people), title, sequence)


def stamp(moment: date) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ") if isinstance(moment, datetime) else f"{moment:%Y%m%d}"


def day(offset: int, hour: int = 0) -> datetime:
    """Whole hours in the days to come."""
    return datetime.now(UTC).replace(hour=hour, minute=0, second=0, microsecond=0) + timedelta(days=offset)


def brief(found: list[Shown]) -> str:
    return "; ".join(str(one) for one in found) or "nothing"
