"""/app/week: everybody of a team side by side for a week: when they work, and when they are busy; never with what."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import reduce
from typing import Any, Final
from zoneinfo import ZoneInfo

from aiohttp import web

from gateway.freebusy import schedules
from gateway.freebusy.availability import runs, working
from gateway.freebusy.busy import busy_seconds, unread
from gateway.model import FbType
from gateway.store import principals
from gateway.store.database import Connection
from gateway.store.principals import Principal
from gateway.web import sessions
from gateway.web.keys import CLOCK, DATABASE, SETTINGS
from gateway.web.language import Language, msg
from gateway.web.picker import read_date
from gateway.web.render import page
from gateway.web.strips import Bar, Stretch, Strip
from gateway.web.visitor import link, speak, wished_zone

FURTHEST: Final = timedelta(days=366)
KINDS: Final = {FbType.TENTATIVE: "tentative", FbType.BUSY: "busy", FbType.UNAVAILABLE: "away"}
LEGEND: Final = (
    ("free", msg("Everybody works and is free")),
    ("work", msg("Working hours")),
    ("busy", msg("Busy")),
    ("tentative", msg("Perhaps busy")),
    ("away", msg("Out of office")),
    ("unread", msg("Calendar not read")),
)
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Week:
    """monday: its first day, on the clock of `zone`."""

    monday: date
    zone: str

    def midnight(self, day: int) -> int:
        at = self.monday + timedelta(days=day)
        return int(datetime(at.year, at.month, at.day, tzinfo=ZoneInfo(self.zone)).timestamp())

    @property
    def stretch(self) -> Stretch:
        return Stretch(self.midnight(0), self.midnight(7))

    @property
    def days(self) -> list[Stretch]:
        return [Stretch(self.midnight(at), self.midnight(at + 1)) for at in range(7)]


@dataclass(frozen=True, slots=True)
class Member:
    """unread: a calendar that counts has not been read for too long, so nobody knows when they are busy."""

    person: Principal
    works: tuple[Span, ...]
    busy: tuple[tuple[int, int, FbType], ...]
    unread: bool


async def show(request: web.Request) -> web.Response:
    signed_in = await sessions.required(request)
    person, spoken = signed_in.person, speak(request)
    teams = await request.app[DATABASE].read(principals.teams_of, person.id)
    team = next((one for one in teams if one.name == request.query.get("team", "")), None) or next(iter(teams), None)
    values: dict[str, Any] = {"person": person, "csrf": signed_in.session.csrf, "teams": [], "week": None}
    if team is not None:
        week = _week(request, person)
        members = await request.app[DATABASE].read(_members, request, team, week)
        query = {"team": team.name, "zone": request.query.get("zone", "") and week.zone}
        values |= _values(week, members, query, spoken)
        values["teams"] = [{"key": one.name, "text": one.displayname, "chosen": one is team} for one in teams]
        values["team"] = team.displayname
    return page(request, "team_week.html", values, spoken=spoken)


def _week(request: web.Request, person: Principal) -> Week:
    """The one that the day asked for lies in; this one where none was."""
    zone = wished_zone(request).zone if "zone" in request.query else ""
    zone = zone or person.zone
    today = datetime.fromtimestamp(request.app[CLOCK](), ZoneInfo(zone)).date()
    day = read_date(request.query.get("week", "")) or today
    day = min(max(day, today - FURTHEST), today + FURTHEST)
    return Week(day - timedelta(days=day.weekday()), zone)


def _members(conn: Connection, request: web.Request, team: Principal, week: Week) -> list[Member]:
    now, stretch = int(request.app[CLOCK]()), week.stretch
    late = request.app[SETTINGS].booking.stale_after
    first, last = stretch.start // 60, -(-stretch.end // 60)
    members = principals.members_of(conn, team.id)
    behind, hours = unread(conn, members, now, late), schedules.hours_of_each(conn, members, now)
    found = []
    for one in members:
        works = runs(working(hours[one.id], first, last), first)
        busy = busy_seconds(conn, one, stretch.start, stretch.end)
        found.append(
            Member(
                one,
                tuple((low * 60, high * 60) for low, high in works),
                tuple((low, high, FbType(kind)) for low, high, kind in busy),
                one.id in behind,
            )
        )
    return found


def _values(week: Week, members: Sequence[Member], query: dict[str, str], spoken: Language) -> dict[str, Any]:
    stretch = week.stretch
    strips = [
        Strip(spoken.text("Everybody is free"), (*stretch.bars("free", _all_free(members, stretch)), *_lines(week)))
    ]
    strips += [_strip(one, week) for one in members]
    kinds = {bar.kind for strip in strips for bar in strip.bars}
    last = week.monday + timedelta(days=6)
    around = {name: value for name, value in query.items() if value}
    return {
        "week": {
            "words": f"{spoken.day_of_month(week.monday)} – {spoken.day_of_month(last)} {last.year}",
            "day": week.monday.isoformat(),
            "earlier": link("/app/week", around, week=(week.monday - timedelta(days=7)).isoformat()),
            "later": link("/app/week", around, week=(week.monday + timedelta(days=7)).isoformat()),
            "zone": week.zone,
        },
        "width": stretch.width,
        "strips": strips,
        "days": [spoken.brief_day(week.monday + timedelta(days=at)) for at in range(7)],
        "legend": [(kind, spoken.text(words)) for kind, words in LEGEND if kind in kinds],
        "rows": [
            {
                "day": spoken.day(week.monday + timedelta(days=at)),
                "people": [_cell(one, day, week.zone, spoken) for one in members],
            }
            for at, day in enumerate(week.days)
        ],
    }


def _lines(week: Week) -> list[Bar]:
    """Where a day begins."""
    stretch = week.stretch
    return [Bar("line", (day.start - stretch.start) // 60, 12) for day in week.days[1:]]


def _strip(one: Member, week: Week) -> Strip:
    stretch = week.stretch
    bars = stretch.bars("work", one.works)
    for start, end, kind in one.busy:
        bars += stretch.bar(KINDS.get(kind, "busy"), start, end)
    if one.unread:
        bars += stretch.bar("unread", stretch.start, stretch.end)
    return Strip(one.person.displayname, (*bars, *_lines(week)))


def _all_free(members: Sequence[Member], stretch: Stretch) -> list[Span]:
    """When everybody works and nobody is busy; nobody knows that of a calendar that was not read."""
    if not members or any(one.unread for one in members):
        return []
    free = reduce(lambda some, more: some & more, (_bits(one, stretch) for one in members))
    return [(low * 60, high * 60) for low, high in runs(free, stretch.start // 60)]


def _bits(one: Member, stretch: Stretch) -> int:
    """A bit for each minute in which they work and are free."""
    base = stretch.start // 60
    found = _union(one.works, base)
    return found & ~_union(((start, end) for start, end, kind in one.busy if kind), base)


def _union(spans: Iterable[Span], base: int) -> int:
    found = 0
    for start, end in spans:
        low, high = max(start // 60 - base, 0), max(-(-end // 60) - base, 0)
        found |= ((1 << (high - low)) - 1) << low
    return found


def _cell(one: Member, day: Stretch, zone: str, spoken: Language) -> dict[str, str]:
    def hours(spans: Iterable[Sequence[int]]) -> str:
        clipped = [(max(span[0], day.start), min(span[1], day.end)) for span in spans]
        inside = [(low, high) for low, high in clipped if low < high]
        return ", ".join(f"{_clock(low, zone, spoken)} – {_clock(high, zone, spoken)}" for low, high in inside)

    busy = spoken.text("nobody knows, as a calendar was not read") if one.unread else hours(one.busy)
    return {"name": one.person.displayname, "works": hours(one.works) or "–", "busy": busy or "–"}


def _clock(instant: int, zone: str, spoken: Language) -> str:
    return spoken.clock(datetime.fromtimestamp(instant, ZoneInfo(zone)))
