"""/app/why: a day of an event type explained to whoever it is booked with: each closed minute with its reason."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from aiohttp import web

from gateway.booking import offer
from gateway.booking.explain import Explained, HostDay, explain
from gateway.booking.model import said
from gateway.booking.offer import Bookable, Visit
from gateway.booking.slots import Cause, Reason
from gateway.errors import NotFound
from gateway.freebusy.availability import clock
from gateway.freebusy.availability.hours import DAY
from gateway.store import bookings, principals
from gateway.store.database import Connection
from gateway.store.principals import Principal
from gateway.web import sessions
from gateway.web.keys import CLOCK, DATABASE, SETTINGS
from gateway.web.language import Language, msg
from gateway.web.picker import read_date
from gateway.web.reasons import Reader, Sentence, sentences
from gateway.web.render import page
from gateway.web.strips import Stretch, Strip
from gateway.web.visitor import link, speak

LEGEND: Final = (
    ("free", msg("Can be booked")),
    ("work", msg("Working hours")),
    ("busy", msg("Busy")),
    ("tentative", msg("Perhaps busy")),
    ("booked", msg("Booked")),
    ("pending", msg("Waits to be confirmed")),
    ("buffer", msg("Kept free around it")),
    ("held", msg("Somebody is choosing it")),
    ("shut", msg("Closed by a rule of the event type")),
    ("unread", msg("Calendar not read")),
)
RULES: Final = frozenset({Cause.PAST, Cause.NOTICE, Cause.WINDOW, Cause.LIMIT, Cause.FIRST_ONLY})


@dataclass(frozen=True, slots=True)
class Asked:
    """typed: a clock time, as it was typed; at: that instant, None: none was typed, or it is none."""

    of: Bookable
    day: date
    zone: str
    typed: str
    at: int | None

    @property
    def stretch(self) -> Stretch:
        return Stretch(_midnight(self.day, self.zone), _midnight(self.day + timedelta(days=1), self.zone))


def _midnight(day: date, zone: str) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).timestamp())


def own(conn: Connection, person: Principal) -> list[Bookable]:
    """Every event type of theirs and of their teams, hidden ones too; those that cannot be read left out."""
    found = []
    for host in (person, *principals.teams_of(conn, person.id)):
        for row in bookings.event_types(conn, host.id):
            try:
                found.append(offer.bookable(conn, host.name, row.slug))
            except NotFound:
                continue
    return found


def key_of(of: Bookable) -> str:
    return f"{of.host.name}/{of.row.slug}"


async def show(request: web.Request) -> web.Response:
    signed_in = await sessions.required(request)
    person, spoken = signed_in.person, speak(request)
    choices = await request.app[DATABASE].read(own, person)
    values: dict[str, Any] = {
        "person": person,
        "csrf": signed_in.session.csrf,
        "kinds": [],
        "day": None,
    }
    asked = _asked(request, person, choices)
    if asked is not None:
        told, edit = await request.app[DATABASE].read(_explain, request, asked, person)
        values |= _values(told, asked, Reader(spoken, asked.zone, person, edit))
    chosen = "" if asked is None else key_of(asked.of)
    values["kinds"] = [
        {"key": key_of(of), "title": _title(of, person, spoken), "chosen": key_of(of) == chosen} for of in choices
    ]
    return page(request, "why.html", values, spoken=spoken)


def _title(of: Bookable, person: Principal, spoken: Language) -> str:
    title = said(of.kind.title, spoken.code)
    return title if of.host.id == person.id else f"{title} ({of.host.displayname})"


def _explain(conn: Connection, request: web.Request, asked: Asked, person: Principal) -> tuple[Explained, str]:
    """And where its rules are changed, "" where that is up to others."""
    now = int(request.app[CLOCK]())
    visit = Visit(asked.zone, now, request.app[SETTINGS].booking.stale_after)
    stretch = asked.stretch
    told = explain(conn, asked.of, visit, person, stretch.start, stretch.end)
    mine = asked.of.host.id in {person.id, *(one.id for one in principals.led_by(conn, person.id))}
    return told, f"/app/event-types/{asked.of.row.id}" if mine else ""


def _asked(request: web.Request, person: Principal, choices: Iterable[Bookable]) -> Asked | None:
    """None: they have nothing that could be booked. What is not understood is as if it were not said."""
    of = next((one for one in choices if key_of(one) == request.query.get("type", "")), None)
    of = of or next(iter(choices), None)
    if of is None:
        return None
    zone = of.kind.zone or person.zone
    now = datetime.fromtimestamp(request.app[CLOCK](), ZoneInfo(zone))
    day = _near(read_date(request.query.get("day", "")), now.date())
    typed = request.query.get("time", "")[:5]
    try:
        minutes = clock(typed) if typed else None
    except ValueError:
        minutes = None
    at = None
    if minutes is not None and minutes < DAY:
        at = int(datetime(day.year, day.month, day.day, *divmod(minutes, 60), tzinfo=ZoneInfo(zone)).timestamp())
    return Asked(of, day, zone, typed, at)


def _near(day: date | None, today: date) -> date:
    """As far away as anything can be booked; today in place of no day."""
    far = timedelta(days=offer.FURTHEST)
    return today if day is None else min(max(day, today - far), today + far)


def _values(told: Explained, asked: Asked, reader: Reader) -> dict[str, Any]:
    spoken, stretch = reader.spoken, asked.stretch
    around = {"type": key_of(asked.of), "time": asked.typed}
    shown = _strips(told, stretch, reader)
    kinds = {bar.kind for strip in shown for bar in strip.bars}
    return {
        "day": {
            "date": asked.day.isoformat(),
            "words": spoken.day(asked.day),
            "earlier": link("/app/why", around, day=(asked.day - timedelta(days=1)).isoformat()),
            "later": link("/app/why", around, day=(asked.day + timedelta(days=1)).isoformat()),
            "zone": asked.zone,
        },
        "typed": asked.typed,
        "answer": None if asked.at is None else _answer(told, asked.at, reader),
        "width": stretch.width,
        "strips": shown,
        "marks": stretch.marks(asked.zone, spoken, 8),
        "legend": [(kind, spoken.text(words)) for kind, words in LEGEND if kind in kinds],
        "rows": list(_rows(told, reader)),
        "book": asked.of.page,
    }


def _answer(told: Explained, at: int, reader: Reader) -> dict[str, Any]:
    found = sentences(told, told.why(at), replace(reader, at=at))
    words = "Yes: at {time} it can be booked." if not found else "At {time} it cannot be booked:"
    return {"free": not found, "words": reader.spoken.text(words, time=reader.time(at)), "because": found}


ANSWERS: Final = (msg("Yes: at {time} it can be booked."), msg("At {time} it cannot be booked:"))


def _strips(told: Explained, stretch: Stretch, reader: Reader) -> list[Strip]:
    length = told.of.kind.length * 60
    shut = [
        bar
        for one in told.stretches
        if any(reason.cause in RULES and not reason.host for reason in one.reasons)
        for bar in stretch.bar("shut", one.start, one.end, " ".join(_words(told, one.reasons, reader)))
    ]
    free = [bar for at in told.offered for bar in stretch.bar("free", at, at + length, reader.hours(at, at + length))]
    offered = Strip(reader.spoken.text("Can be booked"), (*shut, *free))
    return [offered, *(_strip(host, stretch, reader) for host in told.hosts)]


def _strip(host: HostDay, stretch: Stretch, reader: Reader) -> Strip:
    bars = stretch.bars("work", host.working)
    for one in host.busy:
        words = " · ".join(part for part in (one.title, one.calendar, reader.hours(one.start, one.end)) if part)
        bars += stretch.bar("tentative" if one.tentative else "busy", one.start, one.end, words)
    for booked in host.bookings:
        hours = reader.hours(booked.start, booked.end)
        words = " · ".join(part for part in (booked.title, booked.invitee, hours) if part)
        bars += stretch.bar("buffer", *booked.around)
        bars += stretch.bar("pending" if booked.pending else "booked", booked.start, booked.end, words)
    bars += stretch.bars("held", host.held)
    if host.unread:
        bars += stretch.bar("unread", stretch.start, stretch.end)
    return Strip(host.person.displayname, tuple(bars))


def _words(told: Explained, reasons: tuple[Reason, ...], reader: Reader) -> list[str]:
    return [one.text for one in sentences(told, reasons, reader)]


def _rows(told: Explained, reader: Reader) -> Iterable[dict[str, Any]]:
    """Of the day from its first minute to its last; what lies between two offered times is one row with them."""
    open_: list[Any] = []
    for one in told.stretches:
        if not one.reasons or one.reasons == (Reason(Cause.GRID),):
            open_.append(one)
            continue
        yield from _open(told, open_, reader)
        open_ = []
        yield {"hours": reader.hours(one.start, one.end), "free": False, "because": _because(told, one.reasons, reader)}
    yield from _open(told, open_, reader)


def _open(told: Explained, found: list[Any], reader: Reader) -> Iterable[dict[str, Any]]:
    if not found:
        return
    starts = [at for one in found if not one.reasons for at in range(one.start, one.end, 60)]
    hours, spoken = reader.hours(found[0].start, found[-1].end), reader.spoken
    if starts:
        clocks = (spoken.clock(datetime.fromtimestamp(at, ZoneInfo(reader.zone))) for at in starts)
        told_ = [Sentence(spoken.text("Can be booked at {times}.", times=", ".join(clocks)))]
    else:
        told_ = _because(told, (Reason(Cause.GRID),), reader)
    yield {"hours": hours, "free": bool(starts), "because": told_}


def _because(told: Explained, reasons: tuple[Reason, ...], reader: Reader) -> list[Sentence]:
    return sentences(told, reasons, reader)
