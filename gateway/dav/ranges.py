"""CALDAV:time-range, and the dates in it."""

import re
from datetime import UTC, datetime
from typing import Final, NamedTuple

from gateway.dav.xml import Element
from gateway.errors import InvalidFilter, InvalidRequest, TimeRangeTooWide

MIN_DATE: Final = "19000101T000000Z"
MAX_DATE: Final = "21001231T235959Z"
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


def stamp(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y%m%dT%H%M%SZ")


def read(element: Element) -> Range:
    """An end that is left open reaches as far as calendars do here.

    Raises: InvalidRequest for what is no range, InvalidFilter for one that is empty or has no bound.
    """
    start, end = element.get("start"), element.get("end")
    if start is None and end is None:
        raise InvalidFilter("a time-range has a start or an end")
    span = Range(instant(str(start)) if start else EARLIEST, instant(str(end)) if end else LATEST)
    if span.start >= span.end:
        raise InvalidFilter("a time-range ends after it starts")
    return span


def read_bounded(element: Element) -> Range:
    """One with both ends, as expand, limit-recurrence-set and free-busy-query need it.

    Raises: InvalidRequest, InvalidFilter, TimeRangeTooWide.
    """
    if not element.get("start") or not element.get("end"):
        raise InvalidRequest("this time range needs a start and an end")
    span = read(element)
    if span.end < EARLIEST or span.start > LATEST:
        raise TimeRangeTooWide("outside the dates of this calendar")
    return span
