"""Days with all their free times: the week, and the next ones, as the booking page shows them. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from gateway.booking.absent import Absent
from gateway.web.language import Language
from gateway.web.picker import Day, Link, Time, by_date, instant_key, local_date, month_key

WEEK: Final = 7
MOST: Final = 30  # times in a list; the day with the last one is shown whole
VIEWS: Final = ("month", "week", "list")


@dataclass(frozen=True, slots=True)
class Listed:
    """What an agenda is made of.

    starts: free ones, epoch seconds, in order. first, last: the days they are of, both included; today: the visitor's.
    end: the last day that can be booked. further: the first free start after `last`. absences: that touch these days.
    week: all days are shown, the free ones and the others; else it is a list.
    """

    starts: Sequence[int]
    zone: str
    first: date
    last: date
    today: date
    end: date
    further: int | None
    absences: Sequence[Absent] = ()
    week: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """One day. weekday: short; label: in words."""

    date: date
    label: str
    weekday: str
    times: tuple[Time, ...]
    today: bool


@dataclass(frozen=True, slots=True)
class Agenda:
    """earlier, later: links, "" where there is none. next_free: the first free day after these, if none is free."""

    title: str
    days: tuple[Column, ...]
    earlier: str
    later: str
    next_free: Day | None

    @property
    def empty(self) -> bool:
        return not any(day.times for day in self.days)


def week_of(day: date, first_weekday: int) -> date:
    """Its first day. first_weekday: 0 is Monday."""
    return day - timedelta(days=(day.weekday() - first_weekday) % WEEK)


def enough(starts: Sequence[int], zone: str) -> list[int]:
    """Of the first whole days, until there are MOST."""
    found: list[int] = []
    for times in by_date(starts, zone).values():
        if len(found) >= MOST:
            break
        found += times
    return found


def agenda(listed: Listed, spoken: Language, link: Link) -> Agenda:
    """link: as that of a picker."""
    times = by_date(listed.starts, listed.zone)
    days = [listed.first + timedelta(days=at) for at in range(WEEK)] if listed.week else list(times)

    def to(day: date) -> str:
        return link(month=month_key(day), date=day.isoformat(), start=None)

    def at(start: int) -> Time:
        local = datetime.fromtimestamp(start, ZoneInfo(listed.zone))
        address = link(month=month_key(local.date()), date=local.date().isoformat(), start=instant_key(start))
        return Time(spoken.clock(local), address, start)

    found = tuple(
        Column(
            date=day,
            label=spoken.day_in_short(day) if listed.week else spoken.day_of_month(day),
            weekday=spoken.weekday(day, "wide" if not listed.week else "abbreviated"),
            times=tuple(at(start) for start in times.get(day, ())),
            today=day == listed.today,
        )
        for day in days
    )
    next_free = None
    if listed.further is not None and not listed.starts:
        day = local_date(listed.further, listed.zone)
        next_free = Day(day, spoken.day(day), 1, to(day), chosen=False, today=False)
    if listed.week:
        earlier = to(listed.first - timedelta(days=WEEK)) if listed.first > listed.today else ""
        later = "" if listed.last >= listed.end else to(listed.last + timedelta(days=1))
        return Agenda(spoken.days(listed.first, listed.last), found, earlier, later, next_free)
    earlier = link(month=None, date=None, start=None) if listed.first > listed.today else ""
    later = to(local_date(listed.further, listed.zone)) if listed.further is not None and listed.starts else ""
    return Agenda(spoken.text("Next free times"), found, earlier, later, next_free)
