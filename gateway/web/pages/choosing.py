"""A time is chosen: month, day and clock time, in the visitor's zone. Used for booking and for moving a booking."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from aiohttp import web

from gateway.booking import offer
from gateway.booking.absent import absent
from gateway.booking.offer import Bookable, Visit
from gateway.booking.tokens import digest
from gateway.store.database import Connection
from gateway.web.keys import CLOCK, SETTINGS
from gateway.web.language import Language
from gateway.web.picker import Shown, first_of_next_month, local_date, midnight, picker, read_date, read_month
from gateway.web.render import page
from gateway.web.views import ZoneView, absence_view, zone_name
from gateway.web.visitor import Wish, link, wished_zone
from gateway.web.zones import choices

HOLD: Final = "hold"  # the cookie that a held time is known by


@dataclass(frozen=True, slots=True)
class Choosing:
    """asked: the day, month: the first of a month, that the visitor wants to see; None where they did not say.

    locked: the zone cannot be changed.
    """

    zone: str
    detect: bool
    visit: Visit
    asked: date | None
    month: date | None
    locked: bool = False


def choosing(request: web.Request, of: Bookable, usual: str = "", *, moving: str | None = None) -> Choosing:
    """usual: the zone while nothing is known of the visitor's, "": the host's. An event type may have but one zone."""
    wish = Wish(locked_zone(of), chosen=True) if of.kind.lock_zone else wished_zone(request)
    zone = wish.zone or usual or of.host.zone
    now = int(request.app[CLOCK]())
    held = request.cookies.get(HOLD, "")
    hold = digest(held) if held else ""
    visit = Visit(zone, now, request.app[SETTINGS].booking.stale_after, moving, hold)
    asked = read_date(request.query.get("date", ""))
    month = read_month(request.query.get("month", "")) or (asked and asked.replace(day=1))
    today = local_date(now, zone)
    if month is not None and month < today.replace(day=1):
        month = today.replace(day=1)
    if asked is not None and (month is None or asked.replace(day=1) != month):
        asked = None
    return Choosing(zone, not wish.zone, visit, asked, month, locked=of.kind.lock_zone)


def locked_zone(of: Bookable) -> str:
    return of.kind.zone or of.host.zone


def shown(conn: Connection, of: Bookable, choice: Choosing) -> Shown:
    """The month asked for; else the one with the first free day."""
    visit, zone = choice.visit, choice.zone
    today = local_date(visit.now, zone)
    last = offer.last_day(of, visit)
    month = choice.month or today.replace(day=1)
    starts = _month_starts(conn, of, visit, month)
    further = None
    if not starts or (choice.asked and not any(local_date(start, zone) == choice.asked for start in starts)):
        after = midnight(choice.asked or month, zone) if choice.month else visit.now
        further = offer.next_start(conn, of, visit, max(after, visit.now))
    if further is not None and choice.month is None:
        month = local_date(further, zone).replace(day=1)
        starts, further = _month_starts(conn, of, visit, month), None
    absences = absent(conn, of, max(month, today), first_of_next_month(month) - timedelta(days=1))
    return Shown(starts, zone, month, choice.asked, today, last, further, absences)


def _month_starts(conn: Connection, of: Bookable, visit: Visit, month: date) -> list[int]:
    return offer.starts(conn, of, visit, midnight(month, visit.zone), midnight(first_of_next_month(month), visit.zone))


def picker_values(request: web.Request, spoken: Language, choice: Choosing, month: Shown) -> dict[str, Any]:
    query = _kept(request)

    def address(**changes: str | None) -> str:
        return link(request.path, query, **changes)

    return {
        "picker": picker(month, spoken, address),
        "spoken": spoken,
        "zone": zone_view(request, spoken, choice),
        "absences": [absence_view(one, spoken) for one in month.absences],
    }


def _kept(request: web.Request) -> dict[str, str]:
    """What of the query goes on to the next page."""
    return {key: value for key, value in request.query.items() if key not in {"choose", "search", "detected"}}


def zone_view(request: web.Request, spoken: Language, choice: Choosing) -> ZoneView:
    now = datetime.fromtimestamp(choice.visit.now, ZoneInfo(choice.zone))
    change = "" if choice.locked else link(request.path, dict(request.query), choose="zone", detected=None)
    return ZoneView(choice.zone, zone_name(choice.zone, spoken), spoken.clock(now), change, choice.detect)


def zone_page(request: web.Request, spoken: Language, choice: Choosing, color: str) -> web.Response:
    query = _kept(request)
    search = request.query.get("search", "")
    found = choices(spoken, datetime.fromtimestamp(choice.visit.now, UTC), search)
    values = {
        "choices": [
            {
                "zone": one.zone,
                "place": one.place,
                "country": one.country,
                "clock": one.clock,
                "from_utc": one.from_utc,
                "words": one.words,
                "link": link(request.path, query, zone=one.zone, date=None, month=None),
            }
            for one in sorted(found, key=lambda one: one.zone != choice.zone)
        ],
        "current": choice.zone,
        "search": search,
        "kept": {**query, "choose": "zone"},
        "action": request.path,
        "back": link(request.path, query),
    }
    response = page(request, "zones.html", values, spoken=spoken, color=color)
    response.enable_compression()
    return response
