"""The dates of a series, as the pages show them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from aiohttp import web

from gateway.booking import offer, turns
from gateway.booking.access import Found
from gateway.booking.offer import Bookable
from gateway.booking.repeats import Turn
from gateway.store import bookings
from gateway.store.database import Connection
from gateway.web.keys import DATABASE
from gateway.web.language import Language, msg
from gateway.web.picker import instant_key, read_instant
from gateway.web.views import REPLIES, Moment, count_text, moment
from gateway.web.visitor import link

DIGITS: Final = 3
ASKING_SERIES: Final = {
    "cancel": msg("Cancel all dates that are still to come?"),
    "move": msg("Move all dates that are still to come?"),
    "confirm": msg("Confirm this series?"),
    "decline": msg("Decline this series?"),
}
ASKING_DATE: Final = {"cancel": msg("Cancel this date?"), "move": msg("Move this date?")}


@dataclass(frozen=True, slots=True)
class DateView:
    """gone: it is cancelled. said: what else there is to say of it. move, cancel: links, "" where that cannot be.

    proposal: when the invitee would rather have it. propose: the link that moves it there, "" for whoever may not.
    """

    moment: Moment
    gone: bool = False
    said: str = ""
    move: str = ""
    cancel: str = ""
    proposal: Moment | None = None
    propose: str = ""


@dataclass(frozen=True, slots=True)
class DatesView:
    """title: "4 dates". shifts: not all begin at the same time of the reader's clock."""

    title: str
    items: tuple[DateView, ...]
    shifts: bool


def wanted(query: Mapping[str, Any]) -> int:
    """How many dates somebody wants; 0: as many as there are."""
    text = str(query.get("dates", ""))
    return int(text) if text.isascii() and text.isdecimal() and len(text) < DIGITS else 0


def choice_of_count(request: web.Request, full: Bookable, of: Bookable) -> dict[str, Any] | None:
    """What a visitor chooses the number of dates with; None where that is not theirs. full: with all dates."""
    series, chosen = full.kind.series, of.kind.series
    if series is None or chosen is None or not series.fewer:
        return None
    kept = {name: value for name, value in request.query.items() if name not in {"dates", "start"}}
    return {"counts": range(2, series.count + 1), "chosen": chosen.count, "kept": kept, "action": request.path}


async def dates_of(request: web.Request, of: Bookable, start: int, now: int) -> list[int]:
    """Starts of all dates of what begins at `start`."""

    def read(conn: Connection) -> list[int]:
        return turns.starts(of.kind, start, offer.event_zone(conn, of, now))

    return [start] if of.kind.series is None else await request.app[DATABASE].read(read)


def starts_view(starts: Sequence[int], length: int, zone: str, spoken: Language) -> DatesView | None:
    """length: minutes. None for one date alone."""
    if len(starts) < 2:
        return None
    items = tuple(DateView(moment(one, one + length * 60, zone, spoken)) for one in starts)
    return DatesView(count_text(len(starts), spoken), items, _shifts(starts, zone))


def _shifts(starts: Sequence[int], zone: str) -> bool:
    return len({datetime.fromtimestamp(one, ZoneInfo(zone)).time() for one in starts}) > 1


def asking(found: Found, one: Turn | None) -> Mapping[str, str]:
    """How a page asks whether to, where it is not asked about a single booking. one: the date that is meant."""
    return {} if found.details.series is None else ASKING_SERIES if one is None else ASKING_DATE


def meant(found: Found, given: str) -> Turn | None:
    """The one date of a series that somebody speaks of. given: its key; see DateView."""
    at = read_instant(given)
    if found.details.series is None or at is None:
        return None
    return next((one for one in turns.turns(found.row) if one.at == at), None)


def dates_view(found: Found, zone: str, spoken: Language, now: float, query: Mapping[str, str]) -> DatesView | None:
    """All dates of a booking with what can be done about each; None: it is no series."""
    if found.details.series is None:
        return None
    all_of = turns.turns(found.row)
    movable, cancellable = found.movable(now), found.cancellable(now)
    path = f"/booking/{found.row.uid}"
    ended = found.row.status in {"cancelled", "declined"}
    items = []
    for one in all_of:
        key, gone = instant_key(one.at), one.gone or (ended and one.end > now)
        wished = None if gone or one.end <= now else one.proposal
        items.append(
            DateView(
                moment(one.start, one.end, zone, spoken),
                gone,
                _said(one, now, spoken, gone=gone),
                link(path, query, move="1", at=key) if one in movable else "",
                link(path, query, cancel="1", at=key) if one in cancellable else "",
                None if wished is None else moment(*wished, zone, spoken),
                link(path, query, move="1", at=key, start=instant_key(wished[0])) if wished and found.by_host else "",
            )
        )
    stand = [one.start for one in all_of if not one.gone]
    return DatesView(count_text(len(stand) or len(all_of), spoken), tuple(items), _shifts(stand, zone))


def _said(one: Turn, now: float, spoken: Language, *, gone: bool) -> str:
    if gone:
        return spoken.text("cancelled")
    if one.end <= now:
        return spoken.text("over")
    return spoken.text(REPLIES[one.reply]) if one.reply else ""


def may(open_: Sequence[Turn], one: Turn | None) -> bool:
    """one: the date of a series that is meant, None: all."""
    return bool(open_) if one is None else one in open_


def state_of(found: Found, now: float) -> str:
    over = found.row.status in bookings.BLOCKING and not turns.to_come(found.row, now)
    return "over" if over else found.row.status


def again(one: Turn | None, moving: int | None) -> dict[str, str | None]:
    """What leads back to the choice of a time, or else to the booking."""
    return {} if moving is None else {"move": "1", "at": instant_key(one.at) if one else None}


def times_of(
    found: Found, one: Turn, zone: str, spoken: Language, moving: int | None, later: Sequence[int]
) -> dict[str, Any]:
    """one: the date that is spoken of."""
    lasts = one.end - one.start
    return {
        "moment": moment(one.start, one.end, zone, spoken),
        "theirs": _theirs(found, zone, spoken, one),
        "moving": None if moving is None else moment(moving, moving + lasts, zone, spoken),
        "later": starts_view(later, lasts // 60, zone, spoken),
    }


def _theirs(found: Found, zone: str, spoken: Language, one: Turn) -> Moment | None:
    """The host's time, where their clock shows another one."""
    mine = moment(one.start, one.end, zone, spoken)
    theirs = moment(one.start, one.end, found.host.zone, spoken)
    return None if theirs.text == mine.text else theirs
