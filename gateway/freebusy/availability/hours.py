"""When a person works: weekly windows, dates with hours of their own, dates away, dates in another zone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

DAY = 1440


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """Clock time in minutes of the day: start 0..1439, end 0..1440. An end not after the start is on the next day."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not (0 <= self.start < DAY and 0 <= self.end <= DAY):
            raise ValueError(f"no window of a day: {self.start} to {self.end} minutes")

    @property
    def until(self) -> int:
        """The end counted from the start's midnight; more than 1440 where it runs into the next day."""
        return self.end if self.end > self.start else self.end + DAY


@dataclass(frozen=True, slots=True, order=True)
class Override:
    """Exactly the hours of one date; no windows: closed."""

    date: date
    windows: tuple[Window, ...] = ()


@dataclass(frozen=True, slots=True, order=True)
class Away:
    """Out of office from the first date to the last, both included."""

    first: date
    last: date


@dataclass(frozen=True, slots=True, order=True)
class Travel:
    """Dates, both included, on which the person's clock is that of `zone` (IANA name). The dates are that zone's."""

    first: date
    last: date
    zone: str


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """The rules by which a minute is working time.

    zone: IANA name; weekly: seven days, Monday first.
    An override, a holiday or a date away also drops what would spill in from the evening before. Where travels
    overlap, the first one counts. A holiday is closed unless there is an override for it.
    """

    zone: str
    weekly: tuple[tuple[Window, ...], ...] = ((),) * 7
    overrides: tuple[Override, ...] = ()
    away: tuple[Away, ...] = ()
    travel: tuple[Travel, ...] = ()
    holidays: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        if len(self.weekly) != 7:
            raise ValueError(f"a week has seven days, not {len(self.weekly)}")
        for name in (self.zone, *(travel.zone for travel in self.travel)):
            ZoneInfo(name)  # raises for names that are none


def week(days: Iterable[int], windows: Sequence[Window]) -> tuple[tuple[Window, ...], ...]:
    """The same windows on each of the days (Monday is 0), nothing on the others."""
    chosen = set(days)
    return tuple(tuple(windows) if day in chosen else () for day in range(7))


def clock(text: str) -> int:
    """Minutes of "HH:MM"; 24:00 is 1440. Raises: ValueError."""
    hours, _, minutes = text.partition(":")
    if not (hours.isdecimal() and minutes.isdecimal() and len(hours) <= 2 and len(minutes) == 2):
        raise ValueError(f"not a time of day: {text!r}")
    value = int(hours) * 60 + int(minutes)
    if value > DAY or int(minutes) > 59:
        raise ValueError(f"not a time of day: {text!r}")
    return value
