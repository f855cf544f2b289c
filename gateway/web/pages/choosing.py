"""A time is chosen: month, day and clock time, in the visitor's zone. Used for booking and for moving a booking."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from aiohttp import web

from gateway.booking import offer
from gateway.booking.absent import absent
from gateway.booking.gathering import seats_left
from gateway.booking.offer import Bookable, Visit
from gateway.booking.tokens import digest
from gateway.store.database import Connection
from gateway.web.agenda import VIEWS, WEEK, Listed, agenda, enough, week_of
from gateway.web.keys import CLOCK, SETTINGS
from gateway.web.language import Language, msg
from gateway.web.picker import Shown, first_of_next_month, local_date, midnight, picker, read_date, read_month
from gateway.web.render import page
from gateway.web.views import ZoneView, absence_view, zone_name
from gateway.web.visitor import Wish, link, speak, wished_zone
from gateway.web.zones import choices

VIEW_LABELS: Final = (msg("Month"), msg("Week"), msg("List"))
LIST_DAYS: Final = 14  # that are looked at for a list
VISITOR: Final = re.compile(r"[0-9A-Za-z_-]{20,64}")
SENT: Final = web.RequestKey("sent", str)
HOLD: Final = "hold"  # the cookie that a held time is known by


@dataclass(frozen=True, slots=True)
class Choosing:
    """asked: the day, month: the first of a month, that the visitor wants to see; None where they did not say.

    locked: the zone cannot be changed. view: one of VIEWS. first_weekday: 0 is Monday.
    """

    zone: str
    detect: bool
    visit: Visit
    asked: date | None
    month: date | None
    locked: bool = False
    view: str = VIEWS[0]
    first_weekday: int = 0


def choosing(request: web.Request, of: Bookable, usual: str = "", *, moving: str | None = None) -> Choosing:
    """usual: the zone while nothing is known of the visitor's, "": the host's. An event type may have but one zone."""
    wish = Wish(locked_zone(of), chosen=True) if of.kind.lock_zone else wished_zone(request)
    zone = wish.zone or usual or of.host.zone
    now = int(request.app[CLOCK]())
    held = visitor_of(request)
    hold = digest(held) if held else ""
    visit = Visit(zone, now, request.app[SETTINGS].booking.stale_after, moving, hold)
    asked = read_date(request.query.get("date", ""))
    month = read_month(request.query.get("month", "")) or (asked and asked.replace(day=1))
    today = local_date(now, zone)
    if month is not None and month < today.replace(day=1):
        month = today.replace(day=1)
    if asked is not None and (month is None or asked.replace(day=1) != month):
        asked = None
    view = request.query.get("view", "")
    return Choosing(
        zone=zone,
        detect=not wish.zone,
        visit=visit,
        asked=asked,
        month=month,
        locked=of.kind.lock_zone,
        view=view if view in VIEWS else VIEWS[0],
        first_weekday=speak(request).first_weekday,
    )


def visitor_of(request: web.Request) -> str:
    """What a held time is known by: the form says it where browsers keep no cookies of ours, in pages of others."""
    sent = request.get(SENT, "")
    return sent if VISITOR.fullmatch(sent) else request.cookies.get(HOLD, "")


def locked_zone(of: Bookable) -> str:
    return of.kind.zone or of.host.zone


def shown(conn: Connection, of: Bookable, choice: Choosing) -> Shown | Listed:
    """What the chosen view is made of."""
    if choice.view == "week":
        return _week(conn, of, choice)
    return _list(conn, of, choice) if choice.view == "list" else _month(conn, of, choice)


def _week(conn: Connection, of: Bookable, choice: Choosing) -> Listed:
    """The week asked for; else the one with the first free day."""
    visit, zone = choice.visit, choice.zone
    today = local_date(visit.now, zone)
    begin = None if choice.asked or choice.month else offer.next_start(conn, of, visit, visit.now)
    day = choice.asked or choice.month or (today if begin is None else local_date(begin, zone))
    first = week_of(max(day, today), choice.first_weekday)
    last = first + timedelta(days=WEEK - 1)
    after = midnight(last + timedelta(days=1), zone)
    starts = offer.starts(conn, of, visit, midnight(first, zone), after)
    further = None if starts else offer.next_start(conn, of, visit, after)
    absences = absent(conn, of, max(first, today), last)
    return Listed(starts, zone, first, last, today, offer.last_day(of, visit), further, absences, week=True)


def _list(conn: Connection, of: Bookable, choice: Choosing) -> Listed:
    """The next free times from the day asked for on."""
    visit, zone = choice.visit, choice.zone
    today, end = local_date(visit.now, zone), offer.last_day(of, visit)
    first = max(choice.asked or choice.month or today, today)
    begin = offer.next_start(conn, of, visit, max(midnight(first, zone), visit.now))
    if begin is None:
        return Listed((), zone, first, first, today, end, None, absent(conn, of, first, first))
    after = midnight(local_date(begin, zone) + timedelta(days=LIST_DAYS), zone)
    starts = enough(offer.starts(conn, of, visit, begin, after), zone)
    last = local_date(starts[-1], zone)
    further = offer.next_start(conn, of, visit, midnight(last + timedelta(days=1), zone))
    return Listed(starts, zone, first, last, today, end, further, absent(conn, of, first, last))


def _month(conn: Connection, of: Bookable, choice: Choosing) -> Shown:
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


def seats_shown(conn: Connection, of: Bookable, starts: Sequence[int]) -> Mapping[int, int]:
    """Seats left, by start, where the event type tells them."""
    return seats_left(conn, of, starts) if of.kind.show_seats and of.kind.seats > 1 else {}


def picker_values(
    request: web.Request,
    spoken: Language,
    choice: Choosing,
    month: Shown | Listed,
    seats: Mapping[int, int] | None = None,
) -> dict[str, Any]:
    """The month, week or list; one of `picker` and `agenda` is None. seats: left, by start."""
    query = _kept(request)

    def address(**changes: str | None) -> str:
        return link(request.path, query, **changes)

    return {
        "picker": picker(month, spoken, address) if isinstance(month, Shown) else None,
        "agenda": agenda(month, spoken, address) if isinstance(month, Listed) else None,
        "views": [
            {
                "label": spoken.text(label),
                "name": name,
                "link": address(view=name if name != VIEWS[0] else None, start=None),
                "current": name == choice.view,
            }
            for name, label in zip(VIEWS, VIEW_LABELS, strict=True)
        ],
        "seats": {
            start: spoken.plural("{n} seat left", "{n} seats left", left) for start, left in (seats or {}).items()
        },
        "spoken": spoken,
        "zone": zone_view(request, spoken, choice),
        "absences": [absence_view(one, spoken) for one in month.absences],
    }


def _kept(request: web.Request) -> dict[str, str]:
    """What of the query goes on to the next page."""
    return {key: value for key, value in request.query.items() if key not in {"choose", "search", "detected"}}


def zone_view(request: web.Request, spoken: Language, choice: Choosing) -> ZoneView:
    now = datetime.fromtimestamp(choice.visit.now, ZoneInfo(choice.zone))
    query = dict(request.query)
    change = "" if choice.locked else link(request.path, query, choose="zone", detected=None)
    other = 24 if spoken.clock_hours == 12 else 12
    clock_link = link(request.path, query, clock=str(other), detected=None)
    name, shown_now = zone_name(choice.zone, spoken), spoken.clock(now)
    return ZoneView(choice.zone, name, shown_now, change, choice.detect, other, clock_link)


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
