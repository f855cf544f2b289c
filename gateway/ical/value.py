"""Dates, times, durations and periods: iCalendar text <-> Python values.

Everything that cannot be read raises InvalidCalendarData.
"""

import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final, NamedTuple

from gateway.errors import DateOutOfRange, InvalidCalendarData

MIN_YEAR: Final = 2
MAX_YEAR: Final = 9998
"""Years we take; one year away from what datetime can hold, so that no offset leads out of it."""

EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001 - for arithmetic on naive times
ONE_DAY: Final = timedelta(days=1)
DAY: Final = 86_400
DURATION = re.compile(
    r"([+-]?)P(?:(\d{1,7})W|(?:(\d{1,8})D)?(?:T(?:(\d{1,9})H)?(?:(\d{1,10})M)?(?:(\d{1,12})S)?)?)", re.I
)
OFFSET = re.compile(r"([+-])(\d\d)(\d\d)(\d\d)?")
MAX_DAYS = 366 * 10_000


class Duration(NamedTuple):
    """Nominal days and exact seconds (RFC 5545 3.3.6); both have the same sign."""

    days: int
    seconds: int

    @property
    def timedelta(self) -> timedelta:
        return timedelta(days=self.days, seconds=self.seconds)


def parse_date(value: str) -> date:
    if not (len(value) == 8 and value.isdigit() and value.isascii()):
        raise InvalidCalendarData(f"not a date: {value[:40]}")
    try:
        read = date(int(value[:4]), int(value[4:6]), int(value[6:]))
    except ValueError as error:
        raise InvalidCalendarData(f"not a date: {value[:40]}") from error
    return _in_range(read)


def parse_datetime(value: str) -> datetime:
    """UTC-aware for the form with Z, naive for local and floating times. A leap second becomes second 59."""
    digits = value[:8] + value[9:15]
    form = len(value) == 15 or (len(value) == 16 and value[15] in "Zz")
    if not (form and value[8] in "Tt" and digits.isdigit() and digits.isascii()):
        raise InvalidCalendarData(f"not a date-time: {value[:40]}")
    try:
        read = datetime(  # noqa: DTZ001 - local times are naive until their zone is known
            int(value[:4]),
            int(value[4:6]),
            int(value[6:8]),
            int(value[9:11]),
            int(value[11:13]),
            min(int(value[13:15]), 59),
        )
    except ValueError as error:
        raise InvalidCalendarData(f"not a date-time: {value[:40]}") from error
    _in_range(read)
    return read.replace(tzinfo=UTC) if len(value) == 16 else read


def _in_range(when: date) -> date:
    if not MIN_YEAR <= when.year <= MAX_YEAR:
        raise DateOutOfRange(f"year {when.year} is out of range", early=when.year < MIN_YEAR)
    return when


def parse_when(value: str) -> datetime | date:
    """A DATE, or a DATE-TIME as parse_datetime gives it, by the look of it."""
    return parse_date(value) if len(value) == 8 else parse_datetime(value)


def parse_duration(value: str) -> Duration:
    found = DURATION.fullmatch(value)
    if found is None or not any(map(str.isdigit, value)):  # some programs write P1DT
        raise InvalidCalendarData(f"not a duration: {value[:40]}")
    sign = -1 if found[1] == "-" else 1
    weeks, days, hours, minutes, seconds = (int(found[part] or 0) for part in range(2, 7))
    read = Duration(sign * (weeks * 7 + days), sign * (hours * 3600 + minutes * 60 + seconds))
    if abs(read.days) > MAX_DAYS or abs(read.seconds) > MAX_DAYS * DAY:
        raise InvalidCalendarData(f"duration out of range: {value[:40]}")
    return read


def parse_period(value: str) -> tuple[datetime, datetime | Duration]:
    """Start, and end or duration, as written."""
    start, slash, end = value.partition("/")
    if not slash:
        raise InvalidCalendarData(f"not a period: {value[:40]}")
    return parse_datetime(start), parse_duration(end) if end[:1] in "Pp+-" else parse_datetime(end)


def parse_offset(value: str) -> timedelta:
    """A UTC offset, positive east of Greenwich."""
    found = OFFSET.fullmatch(value)
    if found is None or int(found[2]) > 23 or int(found[3]) > 59 or int(found[4] or 0) > 59:
        raise InvalidCalendarData(f"not a UTC offset: {value[:40]}")
    offset = timedelta(hours=int(found[2]), minutes=int(found[3]), seconds=int(found[4] or 0))
    return -offset if found[1] == "-" else offset


def format_date(when: date) -> str:
    return f"{when.year:04d}{when.month:02d}{when.day:02d}"


def format_local(when: datetime) -> str:
    """The clock reading, without Z and without zone."""
    return f"{when.year:04d}{when.month:02d}{when.day:02d}T{when.hour:02d}{when.minute:02d}{when.second:02d}"


def format_utc(when: datetime | int) -> str:
    """when: aware, or epoch seconds."""
    if isinstance(when, datetime):
        return format_local(when.astimezone(UTC)) + "Z"
    days, seconds = divmod(when, DAY)
    return _day_text(days) + _clock_text(seconds) + "Z"


@lru_cache(maxsize=8192)
def _day_text(days: int) -> str:
    return format_date(EPOCH + timedelta(days=days))


@lru_cache(maxsize=4096)
def _clock_text(seconds: int) -> str:
    return f"T{seconds // 3600:02d}{seconds // 60 % 60:02d}{seconds % 60:02d}"


def format_offset(offset: timedelta) -> str:
    total = round(offset.total_seconds())
    hours, rest = divmod(abs(total), 3600)
    text = f"{'-' if total < 0 else '+'}{hours:02d}{rest // 60:02d}"
    return f"{text}{rest % 60:02d}" if rest % 60 else text


def epoch(when: datetime) -> int:
    """when: aware."""
    return round(when.timestamp())


def from_epoch(seconds: int) -> datetime:
    """Aware, UTC."""
    return datetime.fromtimestamp(seconds, UTC)
