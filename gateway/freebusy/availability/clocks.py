"""Zones in whole minutes of the epoch, for arithmetic without datetimes."""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from gateway.freebusy.availability.hours import DAY

EPOCH = date(1970, 1, 1).toordinal()
STRIDE = 2 * DAY  # no zone changes its offset there and back within two days


class Span(NamedTuple):
    """Minutes in [start, end) of the epoch in which local time is UTC + offset minutes."""

    start: int
    end: int
    offset: int


def offset(zone: ZoneInfo, minute: int) -> int:
    """Minutes local time is ahead of UTC at a minute of the epoch."""
    ahead = datetime.fromtimestamp(minute * 60, UTC).astimezone(zone).utcoffset() or timedelta()
    return ahead // timedelta(minutes=1)


@lru_cache(maxsize=512)
def spans(zone: str, start: int, end: int) -> tuple[Span, ...]:
    """[start, end) cut where the zone's offset changes, in order."""
    tz = ZoneInfo(zone)
    found: list[Span] = []
    begin, ahead = start, offset(tz, start)
    low = start
    while low < end:
        high = min(low + STRIDE, end)
        after = offset(tz, high)
        if after != ahead:
            change = _change(tz, low, high)
            found.append(Span(begin, change, ahead))
            begin, ahead = change, after
        low = high
    found.append(Span(begin, end, ahead))
    return tuple(span for span in found if span.start < span.end)


def _change(zone: ZoneInfo, low: int, high: int) -> int:
    """First minute in (low, high] with another offset than `low`."""
    before = offset(zone, low)
    while high - low > 1:
        middle = (low + high) // 2
        if offset(zone, middle) == before:
            low = middle
        else:
            high = middle
    return high


@lru_cache(maxsize=4096)
def midnight(day: date, zone: str) -> int:
    """First minute of the epoch of a local date; where midnight is skipped, the minute of the change."""
    local = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone))
    return int(local.timestamp()) // 60


def local_date(minute: int, zone: str) -> date:
    """The date a clock in the zone shows."""
    return datetime.fromtimestamp(minute * 60, ZoneInfo(zone)).date()


def ordinal_of(day: date) -> int:
    """Days since 1970-01-01."""
    return day.toordinal() - EPOCH


def date_of(ordinal: int) -> date:
    """The date that many days after 1970-01-01."""
    return date.fromordinal(EPOCH + ordinal)
