"""What to do about the channels of an account; pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from gateway.store.accounts import CalendarRow
from gateway.store.channels import OPEN, ChannelRow, State

GRACE: Final = 300.0
"""Seconds that a notice may come later than a pull that found what it tells of."""
REPLACE_EVERY: Final = 3_600.0


class Verdict(Enum):
    KEEP = auto()
    RENEW = auto()
    REPLACE = auto()
    STOP = auto()
    FORGET = auto()


@dataclass(frozen=True, slots=True)
class Plan:
    """open: without a channel. renew, stop: at the provider. replace: no more believed. forget: here only.

    due: when the channels that stay have to be looked at again; None: never.
    """

    open: tuple[CalendarRow, ...] = ()
    renew: tuple[ChannelRow, ...] = ()
    replace: tuple[ChannelRow, ...] = ()
    stop: tuple[ChannelRow, ...] = ()
    forget: tuple[ChannelRow, ...] = ()
    due: float | None = None

    @property
    def work(self) -> bool:
        return bool(self.open or self.renew or self.replace or self.stop)


def verdict(row: ChannelRow, *, useful: bool, now: float) -> Verdict:
    """useful: its calendar counts for something, and its address is still ours."""
    if row.expires <= now:
        return Verdict.FORGET
    if row.state in {State.OPENING, State.ENDING}:
        return Verdict.STOP if row.remote_id else Verdict.KEEP
    if row.state is State.REFUSED:
        return Verdict.KEEP if useful and now < row.renew else Verdict.FORGET
    if not useful:
        return Verdict.STOP
    if row.state is State.MISSED and replacing(row) <= now:
        return Verdict.REPLACE
    return Verdict.RENEW if row.renew <= now else Verdict.KEEP


def replacing(row: ChannelRow) -> float:
    """When a channel that told of nothing is replaced, unless it makes up for it."""
    return max(row.since + GRACE, row.opened + REPLACE_EVERY)


def plan(rows: Sequence[ChannelRow], counting: Sequence[CalendarRow], address: str | None, now: float) -> Plan:
    """counting: the calendars that are read. address: where the provider reaches us; None: nowhere."""
    counted = {calendar.id for calendar in counting} if address else set[int]()
    found: dict[Verdict, list[ChannelRow]] = {each: [] for each in Verdict}
    for row in rows:
        useful = row.calendar_id in counted and row.address == address
        found[verdict(row, useful=useful, now=now)].append(row)
    staying = [*found[Verdict.KEEP], *found[Verdict.RENEW], *found[Verdict.REPLACE]]
    covered = {row.calendar_id for row in staying if row.state in OPEN or row.state is State.REFUSED}
    return Plan(
        open=tuple(calendar for calendar in counting if calendar.id in counted - covered),
        renew=tuple(found[Verdict.RENEW]),
        replace=tuple(found[Verdict.REPLACE]),
        stop=tuple(found[Verdict.STOP]),
        forget=tuple(found[Verdict.FORGET]),
        due=_due(staying),
    )


def _due(rows: Collection[ChannelRow]) -> float | None:
    times = [
        min(row.expires, row.renew) if row.state in OPEN or row.state is State.REFUSED else row.expires for row in rows
    ]
    times += [replacing(row) for row in rows if row.state is State.MISSED]
    return min(times, default=None)
