"""The dates of a recurring booking."""

from calendar import monthrange
from collections.abc import Iterable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from gateway.booking.slots.values import Per, Series


def dates(first: date, series: Series) -> list[date]:
    """All of them, the first included; months that lack the day are passed over."""
    if series.per is not Per.MONTH:
        days = series.every * (7 if series.per is Per.WEEK else 1)
        return [date.fromordinal(first.toordinal() + days * k) for k in range(series.count)]
    found: list[date] = []
    month = first.year * 12 + first.month - 1
    while len(found) < series.count:
        year, index = divmod(month, 12)
        if first.day <= monthrange(year, index + 1)[1]:
            found.append(date(year, index + 1, first.day))
        month += series.every
    return found


def starts(minute: int, series: Series, zone: ZoneInfo) -> list[int]:
    """Each start at the clock time of the first (minutes of the epoch); what a zone skips is read as before the gap."""
    local = datetime.fromtimestamp(minute * 60, UTC).astimezone(zone)
    at = local.time().replace(fold=0)
    later = dates(local.date(), series)[1:]
    return [minute, *(int(datetime.combine(day, at, zone).timestamp()) // 60 for day in later)]


def days_after(first: date, last: date, series: Series) -> int:
    """Days from `last` to the end of the longest series that begins on a date from `first` to `last`."""
    days: Iterable[date] = [last]
    if series.per is Per.MONTH:
        every = (date.fromordinal(n) for n in range(first.toordinal(), last.toordinal() + 1))
        days = [last, *(day for day in every if day.day > 28)]
    return max(dates(day, series)[-1] for day in days).toordinal() - last.toordinal()
