"""The one chosen time is looked at once more where the hosts' calendars really are, before anything is written."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.booking.context import Desk
from gateway.freebusy.busy import busy_of
from gateway.model import FbType
from gateway.store import accounts, taken
from gateway.store.database import Connection
from gateway.store.principals import Principal
from gateway.sync.live import Span, learn, live

FURTHEST: Final = 60 * 86_400
"""Seconds from the first date on; about what is later Google and Outlook would have to be asked again and again."""


@dataclass(frozen=True, slots=True)
class Question:
    """hosts: who would take it. spans: [start, end) of each date, with buffers, epoch seconds, in order; not none."""

    hosts: tuple[Principal, ...]
    spans: tuple[Span, ...]

    @property
    def near(self) -> tuple[Span, ...]:
        """Those that providers can be asked about at once."""
        return tuple(one for one in self.spans if one[1] <= self.spans[0][0] + FURTHEST) or self.spans[:1]


@dataclass(frozen=True, slots=True)
class Looked:
    """busy: hosts who have something there that the index does not know. silent: not every provider answered."""

    busy: frozenset[int] = frozenset()
    silent: bool = False


Choose = Callable[[Connection, frozenset[int]], Question | None]


async def look(desk: Desk, choose: Choose) -> Looked:
    """choose: whom to ask about when, given hosts who cannot come after all; None: nobody.

    Where hosts take turns, the next one is asked as long as there is time.
    """
    seconds = desk.settings.booking.live_seconds
    loop, busy, silent = asyncio.get_running_loop(), frozenset[int](), False
    until = loop.time() + seconds
    while seconds and (question := await desk.db.read(choose, busy)) is not None:
        people = [one.id for one in question.hosts]
        start, end = question.near[0][0], question.near[-1][1]
        told = await live(desk.sync, people, start, end, max(0.0, until - loop.time()))
        silent = silent or told.silent
        known = await desk.db.read(_known, question) if any(told.taken.values()) else {}
        found = {
            who
            for who, spans in told.taken.items()
            if any(_left(spans, known.get(who, ()), *date) for date in question.near)
        }
        if not found:
            return Looked(busy, silent)
        busy |= found
        await learn(desk.sync, sorted(found))
    return Looked(busy, silent)


def _known(conn: Connection, question: Question) -> dict[int, list[Span]]:
    """What the index has there and does not mind: bookings, this one among them, and time that is only tentative."""
    start, end = question.near[0][0], question.near[-1][1]
    found = {}
    for host in question.hosts:
        booked = [(row.start, row.end) for row in taken.blocking(conn, [host.id], start, end)]
        unminded = {one.id: True for one in accounts.calendars(conn, host.id) if one.busy and not one.tentative_busy}
        loose = busy_of(conn, host, unminded, start, end)
        found[host.id] = booked + [(low, high) for low, high, kind in loose if kind == FbType.TENTATIVE]
    return found


def _left(spans: Sequence[Span], known: Sequence[Span], start: int, end: int) -> bool:
    """Whether anything of these lies in [start, end) beside what is known."""
    left = [(max(low, start), min(high, end)) for low, high in spans]
    for low, high in known:
        left = [part for a, b in left for part in ((a, min(b, low)), (max(a, high), b))]
        left = [(a, b) for a, b in left if a < b]
    return any(a < b for a, b in left)
