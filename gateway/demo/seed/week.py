"""Days of the demo, counted from the Monday of the present week."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

ZONE = "Europe/Berlin"
WINDOWS_ZONE = "W. Europe Standard Time"


@dataclass(frozen=True, slots=True)
class Week:
    monday: date

    def day(self, offset: int) -> date:
        """0 is this week's Monday, 7 the next, -7 the last."""
        return self.monday + timedelta(days=offset)

    def at(self, offset: int, clock: str) -> datetime:
        """Wall clock, without a zone. clock: HH:MM."""
        return datetime.combine(self.day(offset), time.fromisoformat(clock))


def week_of(today: date) -> Week:
    """At the weekend the week to come, so that there is something to see."""
    monday = today - timedelta(days=today.weekday())
    return Week(monday + timedelta(days=7) if today.weekday() > 4 else monday)
