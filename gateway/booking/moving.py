"""Where a booking, or what is meant of a series, can be moved to, and what it is then."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from gateway.booking import offer
from gateway.booking.access import Found
from gateway.booking.model import BookingDetails, FixedRange, details
from gateway.booking.offer import Bookable, Visit
from gateway.booking.repeats import Turn
from gateway.booking.turns import planned, standing, starts, times, turns
from gateway.freebusy.availability.clocks import local_date
from gateway.store.bookings import BookingRow
from gateway.store.database import Connection

AFTERWARDS = timedelta(days=31)
"""How long after the last date of a series one of them can be moved to."""


@dataclass(frozen=True, slots=True)
class Goal:
    """of: what is looked for. meant: the dates that move; all of a single booking."""

    of: Bookable
    meant: tuple[Turn, ...]

    @property
    def first(self) -> Turn:
        return self.meant[0]

    @property
    def ats(self) -> tuple[int, ...]:
        return tuple(one.at for one in self.meant)

    def visit(self, visit: Visit) -> Visit:
        return replace(visit, dates=frozenset(one.start for one in self.meant))


def goal(found: Found, now: float, at: int | None = None) -> Goal | None:
    """at: RECURRENCE-ID of the one date that is meant; None: all that can still be moved. None: there are none."""
    meant = tuple(one for one in found.movable(now) if at in (None, one.at))
    of, plan = found.target, found.details.series
    if of is None or not meant:
        return None
    if plan is None:
        return Goal(replace(of, kind=of.kind.model_copy(update={"series": None})), meant)
    if len(meant) > 1:
        series = plan.repeats.model_copy(update={"count": len(meant)})
        return Goal(replace(of, kind=of.kind.model_copy(update={"series": series})), meant)
    today = local_date(int(now) // 60, plan.zone)
    last = local_date(max(one.at for one in turns(found.row)) // 60, plan.zone) + AFTERWARDS
    window = FixedRange(first=today, last=max(last, offer.last_day(of, Visit(plan.zone, int(now), 0))))
    return Goal(replace(of, kind=of.kind.model_copy(update={"series": None, "window": window})), meant)


@dataclass(frozen=True, slots=True)
class Moved:
    """columns: for `alter`. whole: not only some of its dates."""

    details: BookingDetails
    columns: dict[str, Any]
    whole: bool


def moved(conn: Connection, found: Found, aim: Goal, start: int, now: int) -> Moved | None:
    """None: that is where it is."""
    row, written, kind = found.row, found.details, aim.of.kind
    zone = offer.event_zone(conn, aim.of, now)
    series = written.series
    times_of = {
        one.at: (at, at + kind.length * 60) for one, at in zip(aim.meant, starts(kind, start, zone), strict=True)
    }
    if all((one.start, one.end) == times_of[one.at] for one in aim.meant):
        return None
    if series is None:
        return Moved(written, offer.times(kind, start), whole=True)
    if kind.series is not None and list(aim.meant) == standing(row):
        plan = planned(kind, start, zone)
        written = written.model_copy(update={"series": plan, "reply": "", "proposal": None})
        dates = [offer.times(kind, one) for one in starts(kind, start, zone)]
        return Moved(written, {**dates[0], "dates": dates}, whole=True)
    series = series.moved(times_of)
    written = written.model_copy(update={"series": series, "proposal": None})
    return Moved(written, {"dates": _dates(row, series.turns)}, whole=False)


def without(row: BookingRow, ats: Collection[int], now: float) -> Moved:
    """The booking once those dates are cancelled; itself, where nothing is left that is to come."""
    written = details(row)
    if written.series is None:
        return Moved(written, {"status": "cancelled"}, whole=True)
    series = written.series.without(ats)
    written = written.model_copy(update={"series": series})
    if any(one.end > now for one in series.turns if not one.gone):
        return Moved(written, {"dates": _dates(row, series.turns)}, whole=False)
    return Moved(written, {"status": "cancelled"}, whole=True)


def _dates(row: BookingRow, given: Sequence[Turn]) -> list[dict[str, Any]]:
    return times(row, [one for one in given if not one.gone])
