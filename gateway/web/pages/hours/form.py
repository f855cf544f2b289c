"""Forms about working hours: what stands in their fields, and what comes of it. No requests, no database."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from hashlib import blake2b
from typing import Final, TypeVar

from multidict import MultiMapping

from gateway.freebusy.availability import Absence, Override, Sheet, Travel, Window, clock
from gateway.freebusy.availability.hours import DAY
from gateway.web.forms import CONTROL
from gateway.web.language import msg
from gateway.web.picker import read_date
from gateway.web.zones import known

MOST_WINDOWS: Final = 12  # of one day
MOST_ITEMS: Final = 200  # single dates, absences or travels
LONGEST_TIME: Final = 366  # days of one absence or travel
LONGEST_REASON: Final = 200
LONGEST_NAME: Final = 60
NO_TIME: Final = msg("Give each time with a beginning and an end, such as 09:00 and 17:00.")
NO_DATE: Final = msg("Choose a date.")
NO_RANGE: Final = msg("The last day must not be before the first, nor more than a year after it.")
TOO_MANY: Final = msg("There are too many of these already; remove some first.")

Week = tuple[tuple[Window, ...], ...]


Dated = TypeVar("Dated", Override, Absence, Travel)


class Refused(Exception):
    """What a form was sent with cannot be. field: that is wrong; message: of the catalogue."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field
        self.message = message


def text_of(posted: MultiMapping[object], name: str) -> str:
    value = posted.get(name, "")
    return value.strip() if isinstance(value, str) else ""


def time_text(minute: int) -> str:
    """As a time field has it; the end of the day is its beginning."""
    return f"{minute % DAY // 60:02}:{minute % 60:02}"


def window_texts(windows: Sequence[Window]) -> list[tuple[str, str]]:
    return [(time_text(window.start), time_text(window.end)) for window in windows]


def week_texts(posted: MultiMapping[object]) -> list[list[tuple[str, str]]]:
    """Seven days as they were typed; fields left empty are left out."""
    return [_pairs(posted, f"-{day}") for day in range(7)]


def _pairs(posted: MultiMapping[object], suffix: str = "") -> list[tuple[str, str]]:
    starts, ends = (
        [str(one).strip() for one in posted.getall(f"{name}{suffix}", [])][:MOST_WINDOWS] for name in ("start", "end")
    )
    return [pair for pair in zip(starts, ends, strict=False) if any(pair)]


def read_windows(texts: Sequence[tuple[str, str]], field: str = "start") -> tuple[Window, ...]:
    """In order; one that ends as it starts lasts a whole day. Raises: Refused."""
    try:
        return tuple(sorted({Window(clock(start[:5]) % DAY, clock(end[:5]) or DAY) for start, end in texts}))
    except ValueError as error:
        raise Refused(field, NO_TIME) from error


def read_week(posted: MultiMapping[object]) -> Week:
    """Raises: Refused; its field is the day's number."""
    return tuple(read_windows(texts, str(day)) for day, texts in enumerate(week_texts(posted)))


def read_zone(posted: MultiMapping[object]) -> str:
    """Raises: Refused."""
    zone = known(text_of(posted, "zone"))
    if zone is None:
        raise Refused("zone", msg("Choose a time zone."))
    return zone


def seal(sheet: Sheet) -> str:
    """What the page showed of the week: tells whether a calendar app changed it meanwhile."""
    return blake2b(repr((sheet.zone, sheet.weekly)).encode(), digest_size=12).hexdigest()


def new_week(sheet: Sheet, posted: MultiMapping[object]) -> Sheet:
    """Raises: Refused."""
    zone, weekly = read_zone(posted), read_week(posted)
    if text_of(posted, "was") != seal(sheet):
        raise Refused(
            "was",
            msg("These hours were changed in a calendar app meanwhile. This is how they are now; change them again."),
        )
    return replace(sheet, zone=zone, weekly=weekly)


def with_date(sheet: Sheet, posted: MultiMapping[object]) -> Sheet:
    """Hours for one date, instead of those it had. Raises: Refused."""
    day = _date(posted, "date")
    windows = read_windows(_pairs(posted))
    kept = [one for one in sheet.overrides if one.date != day]
    return replace(sheet, overrides=_limited([*kept, Override(day, windows)], "date"))


def without_date(sheet: Sheet, posted: MultiMapping[object]) -> Sheet:
    day = read_date(text_of(posted, "date"))
    return replace(sheet, overrides=tuple(one for one in sheet.overrides if one.date != day))


def with_absence(sheet: Sheet, posted: MultiMapping[object], people: Sequence[str]) -> Sheet:
    """people: names that may stand in. Raises: Refused."""
    first, last = _range(posted)
    reason, stand_in = text_of(posted, "reason"), text_of(posted, "stand_in")
    if len(reason) > LONGEST_REASON or CONTROL.search(reason):
        raise Refused("reason", msg("Please shorten this to 200 characters, on one line."))
    if stand_in and stand_in not in people:
        raise Refused("stand_in", msg("Choose one of the people in the list."))
    made = Absence(first, last, reason, bool(reason) and text_of(posted, "shown") == "1", stand_in)
    kept = [one for one in sheet.absences if (one.first, one.last) != (first, last)]
    return replace(sheet, absences=_limited([*kept, made], "first"))


def without_absence(sheet: Sheet, posted: MultiMapping[object]) -> Sheet:
    dates = (read_date(text_of(posted, "first")), read_date(text_of(posted, "last")))
    return replace(sheet, absences=tuple(one for one in sheet.absences if (one.first, one.last) != dates))


def with_travel(sheet: Sheet, posted: MultiMapping[object]) -> Sheet:
    """Raises: Refused."""
    first, last = _range(posted)
    zone = read_zone(posted)
    if any(one.first <= last and first <= one.last for one in sheet.travel):
        raise Refused("first", msg("You are already somewhere else on these days; remove that travel first."))
    zone = "Etc/UTC" if zone == "UTC" else zone  # a travel's zone needs a name that stands in its times
    return replace(sheet, travel=_limited([*sheet.travel, Travel(first, last, zone)], "first"))


def without_travel(sheet: Sheet, posted: MultiMapping[object]) -> Sheet:
    first = read_date(text_of(posted, "first"))
    return replace(sheet, travel=tuple(one for one in sheet.travel if one.first != first))


def _date(posted: MultiMapping[object], field: str) -> date:
    day = read_date(text_of(posted, field))
    if day is None:
        raise Refused(field, NO_DATE)
    return day


def _range(posted: MultiMapping[object]) -> tuple[date, date]:
    first = _date(posted, "first")
    last = first if not text_of(posted, "last") else _date(posted, "last")
    if not timedelta(0) <= last - first <= timedelta(days=LONGEST_TIME):
        raise Refused("last", NO_RANGE)
    return first, last


def _limited(items: list[Dated], field: str) -> tuple[Dated, ...]:
    if len(items) > MOST_ITEMS:
        raise Refused(field, TOO_MANY)
    return tuple(sorted(items))


def read_name(posted: MultiMapping[object]) -> str:
    """Raises: Refused."""
    name = text_of(posted, "name")
    if not name or len(name) > LONGEST_NAME or CONTROL.search(name):
        raise Refused("name", msg("Give it a name of at most 60 characters, such as “Evenings”."))
    return name
