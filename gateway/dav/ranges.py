"""CALDAV:time-range, and the dates in it."""

import re
from datetime import UTC, datetime
from typing import Final, NamedTuple

from gateway.dav.xml import Element
from gateway.errors import DateOutOfRange, InvalidFilter, InvalidRequest
from gateway.ical.value import MAX_YEAR, MIN_YEAR

MIN_DATE: Final = f"{MIN_YEAR:04d}0101T000000Z"
MAX_DATE: Final = f"{MAX_YEAR:04d}1231T235959Z"
STAMP: Final = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z", re.ASCII)


class Range(NamedTuple):
    """[start, end), epoch seconds."""

    start: int
    end: int


def instant(text: str) -> int:
    """Epoch seconds of a UTC DATE-TIME.

    Raises: InvalidRequest.
    """
    wrong = f"{text[:40]!r} is no UTC date-time, such as 20260301T000000Z"
    found = STAMP.fullmatch(text.strip())
    if found is None:
        raise InvalidRequest(wrong)
    year, month, day, hour, minute, second = map(int, found.groups())
    try:
        return int(datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC).timestamp())
    except ValueError as error:
        raise InvalidRequest(wrong) from error


EARLIEST: Final = instant(MIN_DATE)
LATEST: Final = instant(MAX_DATE)


def read(element: Element) -> Range:
    """An end that is left open, or lies beyond all dates there are, reaches as far as calendars do here.

    Raises: InvalidRequest for what is no range, InvalidFilter for one that is empty or has no bound,
        DateOutOfRange for one that lies beyond all dates.
    """
    start, end = element.get("start"), element.get("end")
    if start is None and end is None:
        raise InvalidFilter("a time-range has a start or an end")
    span = Range(instant(str(start)) if start else EARLIEST, instant(str(end)) if end else LATEST)
    if span.end <= EARLIEST or span.start >= LATEST:
        raise DateOutOfRange("outside the dates of this calendar", early=span.end <= EARLIEST)
    if span.start >= span.end:
        raise InvalidFilter("a time-range ends after it starts")
    return Range(max(span.start, EARLIEST), min(span.end, LATEST))


def read_bounded(element: Element) -> Range:
    """One with both ends, as expand, limit-recurrence-set and free-busy-query need it.

    Raises: InvalidRequest, InvalidFilter, DateOutOfRange.
    """
    if not element.get("start") or not element.get("end"):
        raise InvalidRequest("this time range needs a start and an end")
    return read(element)
