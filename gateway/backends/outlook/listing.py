"""A whole calendar of Outlook's in parts: a round of calendarView/delta, then our clients' events wherever they lie.

A round tells a series by its dates, so a master is read by itself only where something of it cannot be known from
those: dates changed, deleted or before the window, or a zone without name. Pure.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from gateway.backends.outlook.read import nameless_series, object_text, whole_of
from gateway.backends.outlook.rounds import AHEAD, PAST
from gateway.backends.outlook.values import Json, Place, instant
from gateway.errors import GatewayError, InvalidSyncToken
from gateway.ical.objects import read_lenient
from gateway.ical.recurrence import instances
from gateway.model import CalendarObject, Part

MOST_DATES: Final = 20_000


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a calendar has been read. begun: when the round was. link: of the next page, "" after the last one.

    delta: the link of the next round, "" as long as this one goes on; then come the events of our clients.
    """

    begun: datetime
    link: str
    delta: str = ""

    @classmethod
    def of(cls, text: str) -> "Progress":
        """Raises: InvalidSyncToken for one of another making."""
        try:
            held = json.loads(text)
            return cls(datetime.fromisoformat(held["begun"]), str(held["link"]), str(held["delta"]))
        except (ValueError, KeyError, TypeError) as error:
            raise InvalidSyncToken("this is no position in a list of Outlook's") from error

    def __str__(self) -> str:
        return json.dumps({**asdict(self), "begun": self.begun.isoformat()})

    @property
    def ended(self) -> bool:
        return not self.link

    @property
    def window(self) -> tuple[datetime, datetime]:
        return self.begun - PAST, self.begun + AHEAD

    def after(self, answer: Json, ours: str) -> "Progress":
        """ours: where the list of our clients' events begins."""
        following = str(answer.get("@odata.nextLink") or "")
        if following or self.delta:
            return replace(self, link=following)
        return replace(self, link=ours, delta=str(answer.get("@odata.deltaLink") or ""))

    def parts(self, rows: Iterable[Json]) -> list[Part]:
        """Those of one page; what it has of one series is one part."""
        if self.delta:
            return [_part(row["id"], ours=row) for row in rows]
        found: list[Part] = []
        dates: Counter[str] = Counter()
        for row in rows:
            series = row.get("seriesMasterId")
            if series and row.get("type") == "occurrence":
                dates[series] += 1
            elif series:
                found.append(_part(series, altered=True))
            elif "@removed" not in row:
                found.append(_part(row["id"], told=row))
        begin, end = (int(when.timestamp()) for when in self.window)
        return found + [_part(series, dates=number, begin=begin, end=end) for series, number in dates.items()]


def _part(name: str, **values: Any) -> Part:
    return Part(name, json.dumps(values))


def known_objects(parts: Mapping[str, Sequence[str]], place: Place) -> dict[str, CalendarObject | None]:
    """By id; None for what has to be read by itself."""
    return {name: _known(list(map(json.loads, texts)), place) for name, texts in parts.items()}


def _known(parts: Sequence[Json], place: Place) -> CalendarObject | None:
    """A row of our clients' events is the later one, and has the UID."""
    rows = [part["ours"] for part in parts if "ours" in part] or [part["told"] for part in parts if "told" in part]
    if not rows or nameless_series(rows[-1]) or any("altered" in part for part in parts):
        return None
    whole = whole_of(rows[-1])
    if not whole.event.get("recurrence"):
        return CalendarObject(whole.id, object_text(whole, place), whole.etag)
    dates = [part for part in parts if "dates" in part]
    if not dates or instant(whole.event["start"]).timestamp() <= dates[0]["begin"]:
        return None
    text = object_text(whole, place)
    as_told = sum(part["dates"] for part in dates) == _dates(text, place, dates[0]["begin"], dates[0]["end"])
    return CalendarObject(whole.id, text, whole.etag) if as_told else None


def _dates(text: str, place: Place, begin: int, end: int) -> int | None:
    try:
        return len(instances(read_lenient(text), begin, end, ZoneInfo(place.zone), MOST_DATES))
    except GatewayError:
        return None
