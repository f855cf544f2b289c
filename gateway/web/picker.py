"""The month and the times of a day, as the booking page shows them. Pure: starts in, a page's values out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from gateway.booking.absent import Absent
from gateway.web.language import Language, msg

NOON: Final = 12
EVENING: Final = 17
PARTS: Final = ((msg("Morning"), 0, NOON), (msg("Afternoon"), NOON, EVENING), (msg("Evening"), EVENING, 24))

Link = Callable[..., str]


@dataclass(frozen=True, slots=True)
class Day:
    """free: how many starts it has; link: "" where it has none."""

    date: date
    label: str
    free: int
    link: str
    chosen: bool
    today: bool


@dataclass(frozen=True, slots=True)
class Time:
    label: str
    link: str
    start: int


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the day; name: a message of the catalogue."""

    name: str
    times: tuple[Time, ...]


@dataclass(frozen=True, slots=True)
class Picker:
    """weeks: seven days each, None outside the month. folded: on a phone only the week of the chosen day is shown.

    earlier, later, whole: links, "" where there is nothing. next_free: the first free day after a month without any.
    """

    title: str
    weekdays: tuple[tuple[str, str], ...]
    weeks: tuple[tuple[Day | None, ...], ...]
    chosen: date | None
    parts: tuple[Part, ...]
    folded: bool
    earlier: str
    later: str
    whole: str
    next_free: Day | None

    @property
    def current_week(self) -> int:
        """Position of the week with the chosen day."""
        for position, week in enumerate(self.weeks):
            if any(day is not None and day.date == self.chosen for day in week):
                return position
        return 0


def local_date(instant: int, zone: str) -> date:
    return datetime.fromtimestamp(instant, ZoneInfo(zone)).date()


def by_date(starts: Sequence[int], zone: str) -> dict[date, list[int]]:
    found: dict[date, list[int]] = {}
    for start in starts:
        found.setdefault(local_date(start, zone), []).append(start)
    return found


def first_of_next_month(month: date) -> date:
    return (month.replace(day=1) + timedelta(days=32)).replace(day=1)


def first_of_previous_month(month: date) -> date:
    return (month.replace(day=1) - timedelta(days=1)).replace(day=1)


def midnight(day: date, zone: str) -> int:
    """Epoch seconds of the beginning of a local date (RFC 5545 rules where midnight is missing or comes twice)."""
    return int(datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).astimezone(UTC).timestamp())


@dataclass(frozen=True, slots=True)
class Shown:
    """What a picker is made of.

    starts: free ones in `month` (its first day), epoch seconds, in order. asked: the day the visitor chose, if any.
    last: the last day that can be booked, None: no end. further: the first free start after this month, if none in it.
    absences: that touch the month and are not over.
    """

    starts: Sequence[int]
    zone: str
    month: date
    asked: date | None
    today: date
    last: date | None
    further: int | None
    absences: Sequence[Absent] = ()


def picker(shown: Shown, spoken: Language, link: Link) -> Picker:
    """link: the page's address with changed parameters; None takes one away."""
    days = by_date(shown.starts, shown.zone)
    chosen = shown.asked or min(days, default=None)
    month, later = shown.month, first_of_next_month(shown.month)

    def cell(day: date) -> Day:
        free = len(days.get(day, ()))
        address = link(month=month_key(day), date=day.isoformat(), start=None) if free else ""
        return Day(day, spoken.day(day), free, address, chosen=day == chosen, today=day == shown.today)

    weeks = month_weeks(month, spoken.first_weekday)
    first = shown.today.replace(day=1)
    beyond = shown.last is not None and later > shown.last
    next_free = None
    if shown.further is not None:
        day = local_date(shown.further, shown.zone)
        address = link(month=month_key(day), date=day.isoformat(), start=None)
        next_free = Day(day, spoken.day(day), 1, address, chosen=False, today=False)
    return Picker(
        title=spoken.month(month),
        weekdays=tuple((spoken.weekday(day, "short"), spoken.weekday(day)) for day in _week_of(month, spoken)),
        weeks=tuple(tuple(None if day is None else cell(day) for day in week) for week in weeks),
        chosen=chosen,
        parts=_parts(days.get(chosen, ()) if chosen else (), shown.zone, spoken, link),
        folded=shown.asked is not None,
        earlier=link(month=month_key(first_of_previous_month(month)), date=None, start=None) if month > first else "",
        later="" if beyond else link(month=month_key(later), date=None, start=None),
        whole=link(month=month_key(month), date=None, start=None),
        next_free=next_free,
    )


def month_key(day: date) -> str:
    """A month as it stands in addresses."""
    return f"{day.year:04}-{day.month:02}"


def _week_of(month: date, spoken: Language) -> list[date]:
    first = month - timedelta(days=(month.weekday() - spoken.first_weekday) % 7)
    return [first + timedelta(days=offset) for offset in range(7)]


def month_weeks(month: date, first_weekday: int) -> list[list[date | None]]:
    """first_weekday: 0 is Monday."""
    length = (first_of_next_month(month) - month).days
    cells: list[date | None] = [None] * ((month.weekday() - first_weekday) % 7)
    cells += [month + timedelta(days=offset) for offset in range(length)]
    cells += [None] * (-len(cells) % 7)
    return [cells[at : at + 7] for at in range(0, len(cells), 7)]


def _parts(starts: Sequence[int], zone: str, spoken: Language, link: Link) -> tuple[Part, ...]:
    found: Mapping[str, list[Time]] = {name: [] for name, _, _ in PARTS}
    for start in starts:
        local = datetime.fromtimestamp(start, ZoneInfo(zone))
        name = next(name for name, low, high in PARTS if low <= local.hour < high)
        day = local.date()
        address = link(month=month_key(day), date=day.isoformat(), start=instant_key(start))
        found[name].append(Time(spoken.clock(local), address, start))
    return tuple(Part(name, tuple(times)) for name, times in found.items() if times)


def instant_key(start: int) -> str:
    """An instant as it stands in addresses and forms."""
    return datetime.fromtimestamp(start, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def read_instant(text: str) -> int | None:
    """Epoch seconds of what `instant_key` wrote; None if it is none."""
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        return None
    return None if parsed.tzinfo is None else int(parsed.timestamp())


def read_month(text: str) -> date | None:
    """The first day of YYYY-MM."""
    return read_date(f"{text}-01")


def read_date(text: str) -> date | None:
    try:
        found = date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None
    return found if found is not None and 1970 < found.year < 9000 else None
