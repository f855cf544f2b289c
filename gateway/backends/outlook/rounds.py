"""What a round of calendarView/delta tells, and where the next one begins. Pure."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from gateway.backends.outlook.values import Json

PAST: Final = timedelta(days=366)
AHEAD: Final = timedelta(days=1096)
"""The window; Graph takes at most 1,825 days in all."""

WINDOW_LIFE: Final = timedelta(days=30)
"""After this a new window is begun: the old one never moves."""

LINK_LIFE: Final = timedelta(days=1)
"""How long a link is kept while nothing changes; the service forgets old ones."""

CLOCK_SKEW: Final = timedelta(hours=1)


def graph_time(when: datetime) -> str:
    return f"{when.astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z"


@dataclass(frozen=True, slots=True)
class Position:
    """A sync token: the link of the next round, when its window was begun, when the last round was read."""

    link: str
    begun: datetime
    read: datetime

    @classmethod
    def of(cls, token: str | None) -> "Position | None":
        """None for no token, or one that is not ours."""
        try:
            values = json.loads(token or "")
            begun, read = (datetime.fromisoformat(values[name]) for name in ("begun", "read"))
            return cls(str(values["link"]), begun.astimezone(UTC), read.astimezone(UTC))
        except (ValueError, KeyError, TypeError):
            return None

    @property
    def token(self) -> str:
        values = asdict(self)
        return json.dumps({**values, "begun": self.begun.isoformat(), "read": self.read.isoformat()})

    @property
    def since(self) -> datetime:
        """A time that everything unknown to the last round was changed after, by the service's clock."""
        return self.read - CLOCK_SKEW


@dataclass(slots=True)
class Told:
    """singles: by id. series: ids of masters of whom anything changed. removed: ids that are in the window no more."""

    singles: dict[str, Json] = field(default_factory=dict)
    series: set[str] = field(default_factory=set)
    removed: list[str] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        return not (self.singles or self.series or self.removed)


def told(items: Iterable[Json]) -> Told:
    """Occurrences come with id and times only, and at times without their master: they only name it."""
    found = Told()
    for item in items:
        if "@removed" in item:
            found.removed.append(item["id"])
        elif item.get("seriesMasterId"):
            found.series.add(item["seriesMasterId"])
        elif item.get("type") == "seriesMaster":
            found.series.add(item["id"])
        else:
            found.singles[item["id"]] = item
    return found
