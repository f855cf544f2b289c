"""The dates of a booking: one, or those of a series. Each takes time, is over, or can be cancelled by itself."""

from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

from gateway.booking.model import BookingDetails, EventType, details
from gateway.booking.repeats import Plan, Turn
from gateway.booking.slots import series
from gateway.store.bookings import BookingRow


def planned(kind: EventType, start: int, zone: str) -> Plan | None:
    """The series that begins at `start`; None: the event type's bookings are single ones. zone: the event's."""
    if kind.series is None:
        return None
    starts = [minute * 60 for minute in series.starts(start // 60, kind.series.series, ZoneInfo(zone))]
    length = kind.length * 60
    turns = tuple(Turn(at=one, start=one, end=one + length) for one in starts)
    return Plan(repeats=kind.series, zone=zone, length=length, turns=turns)


def starts(kind: EventType, start: int, zone: str) -> list[int]:
    """Of all its dates; epoch seconds."""
    plan = planned(kind, start, zone)
    return [start] if plan is None else [one.start for one in plan.turns]


def turns(row: BookingRow) -> tuple[Turn, ...]:
    """All of them, those that are over or cancelled too."""
    plan = details(row).series
    return plan.turns if plan is not None else (Turn(at=row.start, start=row.start, end=row.end),)


def standing(row: BookingRow) -> list[Turn]:
    return [one for one in turns(row) if not one.gone]


def to_come(row: BookingRow, now: float) -> list[Turn]:
    """Those that stand and are not over."""
    return [one for one in standing(row) if one.end > now]


def next_of(row: BookingRow, now: float) -> Turn:
    """The date to come; else the last one that was, or the first one."""
    return next(iter([*to_come(row, now), *reversed(standing(row)), *turns(row)]))


def times(row: BookingRow, of: Iterable[Turn]) -> list[dict[str, Any]]:
    """What these dates take of the hosts' time, with the buffers the booking has."""
    before, after = row.start - row.blocked_from, row.blocked_until - row.end
    return [
        {"start": one.start, "end": one.end, "blocked_from": one.start - before, "blocked_until": one.end + after}
        for one in of
    ]


def ended(written: BookingDetails, row: BookingRow, now: float) -> BookingDetails:
    """What is still to come of a series is cancelled; what was, was."""
    if written.series is None:
        return written
    return written.model_copy(update={"series": written.series.without({one.at for one in to_come(row, now)})})


def lost(before: BookingRow, row: BookingRow) -> tuple[int, ...]:
    """RECURRENCE-IDs of the dates of a series that stood before, and do not now."""
    if details(row).series is None:
        return ()
    gone = {one.at for one in turns(row) if one.gone}
    return tuple(one.at for one in standing(before) if one.at in gone)
