"""Which calendars of an account a pull reads, and when the next one comes.

A notice has its own calendar read. Besides, the calendars whose notices are believed have one time at which all of
them are read, far apart, and the others another one, soon. Both are in the payload of the account's pull.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.store.accounts import AccountRow, CalendarRow
from gateway.store.database import Connection
from gateway.sync.context import Sync
from gateway.sync.notices.standing import Told, address, channels_of, counting, interval, listening


@dataclass(frozen=True, slots=True)
class Looks:
    """When those that are live are read next, and the rest; epoch seconds. None: there were none."""

    live: float | None = None
    rest: float | None = None

    def as_payload(self) -> dict[str, float | None]:
        return {"live": self.live, "rest": self.rest}


def of_payload(payload: Mapping[str, Any]) -> Looks:
    return Looks(payload.get("live"), payload.get("rest"))


@dataclass(frozen=True, slots=True)
class Due:
    """calendars: to be read now. live, rest: whether these are all that are live, all of the rest."""

    calendars: tuple[CalendarRow, ...]
    live: bool
    rest: bool


def due(conn: Connection, sync: Sync, account: AccountRow, looks: Looks, *, everything: bool) -> Due:
    """everything: whatever their time."""
    now, calendars = sync.clock(), counting(conn, account.id)
    known = listening(channels_of(conn, account), calendars, address(sync.settings, account.kind), now)
    live, rest = (everything or at is None or at <= now for at in (looks.live, looks.rest))
    chosen = (row for row in calendars if row.wanted or (live if row.id in known.live else rest))
    return Due(tuple(chosen), live, rest)


def after(sync: Sync, calendars: Sequence[CalendarRow], known: Told, before: Looks, done: Due) -> tuple[Looks, float]:
    """The next times, and when the next pull comes: at once, where a calendar was wanted again meanwhile.

    calendars, known: as they are now. before: as it was when this pull began. done: what it has read.
    """
    now, poll, spread = sync.clock(), float(sync.settings.sync.poll), 0.75 + 0.25 * sync.random()
    slow = interval(sync.settings, known.until, now)
    looks = Looks(
        live=_next(before.live, now, slow, spread, done=done.live) if known.live else None,
        rest=_next(before.rest, now, poll, spread, done=done.rest) if known.rest else None,
    )
    if any(row.wanted for row in calendars):
        return looks, now
    return looks, min((at for at in (looks.live, looks.rest) if at is not None), default=now + poll * spread)


def _next(at: float | None, now: float, wait: float, spread: float, *, done: bool) -> float:
    return now + wait * spread if done or at is None else min(at, now + wait)
