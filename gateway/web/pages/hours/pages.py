"""The list of schedules, one of them, and what its forms do."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from aiohttp import web
from multidict import MultiMapping

from gateway.errors import NotFound
from gateway.freebusy import holidays
from gateway.freebusy.availability import Sheet, edited, read_sheet
from gateway.freebusy.schedules import Holidays, fresh, holidays_of
from gateway.store import principals, schedules
from gateway.store.database import Connection
from gateway.store.locks import lock_people
from gateway.store.principals import Principal
from gateway.store.schedules import ScheduleRow
from gateway.web import sessions
from gateway.web.keys import CLOCK, DATABASE
from gateway.web.language import msg
from gateway.web.pages.hours import form, view
from gateway.web.pages.hours.form import Refused
from gateway.web.pages.hours.view import Typed
from gateway.web.render import page
from gateway.web.sessions import SignedIn
from gateway.web.visitor import link, speak

Posted = MultiMapping[object]
Change = Callable[[Sheet, Posted, Sequence[str]], Sheet]

# What a form changes -> how. Its answer leads back to the part of the page named first in its path.
CHANGES: Final[Mapping[str, Change]] = {
    "week": lambda sheet, posted, _: form.new_week(sheet, posted),
    "dates": lambda sheet, posted, _: form.with_date(sheet, posted),
    "dates-remove": lambda sheet, posted, _: form.without_date(sheet, posted),
    "away": form.with_absence,
    "away-remove": lambda sheet, posted, _: form.without_absence(sheet, posted),
    "travel": lambda sheet, posted, _: form.with_travel(sheet, posted),
    "travel-remove": lambda sheet, posted, _: form.without_travel(sheet, posted),
}


def _own(conn: Connection, user: int, key: int) -> ScheduleRow:
    """Raises: NotFound, also for somebody else's."""
    row = schedules.get(conn, user, key)
    if row is None:
        raise NotFound("there are no such working hours")
    return row


def _colleagues(conn: Connection, user: int) -> list[Principal]:
    return [one for one in principals.of_ids(conn, principals.colleagues(conn, user)) if not one.is_team]


async def show_all(request: web.Request) -> web.Response:
    signed_in = await sessions.required(request)
    return await _list(request, signed_in)


async def _list(request: web.Request, signed_in: SignedIn, refused: Refused | None = None) -> web.Response:
    person, spoken = signed_in.person, speak(request)
    rows = await request.app[DATABASE].read(schedules.of_user, person.id)
    values = {
        "person": person,
        "csrf": signed_in.session.csrf,
        "schedules": [view.listed(row, person, spoken) for row in rows],
        "more": len(rows) < schedules.MOST,
        "refused": spoken.text(refused.message) if refused else "",
    }
    return page(request, "hours.html", values, spoken=spoken, status=422 if refused else 200)


async def add(request: web.Request) -> web.Response:
    """A new schedule with the usual hours; the first one is the standard one and needs no name."""
    signed_in, posted = await sessions.posted(request)
    person, now = signed_in.person, request.app[CLOCK]()

    def write(conn: Connection) -> int:
        lock_people(conn, person.id)
        there = schedules.count(conn, person.id)
        if there >= schedules.MOST:
            raise Refused("name", form.TOO_MANY)
        name = form.read_name(posted) if there or form.text_of(posted, "name") else ""
        return schedules.add(conn, person.id, name, fresh(person.zone, now))

    try:
        key = await request.app[DATABASE].write(write)
    except Refused as refused:
        return await _list(request, signed_in, refused)
    raise web.HTTPSeeOther(f"/app/hours/{key}")


async def show(request: web.Request) -> web.Response:
    signed_in = await sessions.required(request)
    return await _page(request, signed_in, Typed())


async def _page(request: web.Request, signed_in: SignedIn, typed: Typed) -> web.Response:
    person, spoken, now = signed_in.person, speak(request), request.app[CLOCK]()
    key = int(request.match_info["id"])

    def read(conn: Connection) -> tuple[ScheduleRow, list[Principal]]:
        return _own(conn, person.id, key), _colleagues(conn, person.id)

    row, colleagues = await request.app[DATABASE].read(read)
    values = {
        **view.whole(row, person, colleagues, spoken, now, typed),
        "person": person,
        "csrf": signed_in.session.csrf,
        "saved": request.query.get("saved", "") if request.method == "GET" else "",
    }
    response = page(request, "schedule.html", values, spoken=spoken, status=422 if typed.part else 200)
    response.enable_compression()
    return response


async def change(request: web.Request) -> web.Response:
    """One part of the sheet, in the text as it is now."""
    signed_in, posted = await sessions.posted(request)
    person, now = signed_in.person, int(request.app[CLOCK]())
    part, key = request.match_info["part"], int(request.match_info["id"])
    if part not in CHANGES:
        raise NotFound("there is no such page")

    def write(conn: Connection) -> None:
        lock_people(conn, person.id)
        row = _own(conn, person.id, key)
        people = [one.name for one in _colleagues(conn, person.id)]
        sheet = CHANGES[part](read_sheet(row.availability, person.zone), posted, people)
        schedules.change(conn, key, availability=edited(row.availability, person.zone, sheet, now))

    try:
        await request.app[DATABASE].write(write)
    except Refused as refused:
        return await _page(request, signed_in, _typed(request, part, posted, refused))
    raise _back(key, part.partition("-")[0])


def _back(key: int, part: str) -> web.HTTPSeeOther:
    return web.HTTPSeeOther(link(f"/app/hours/{key}", {}, saved=part) + f"#{part}")


def _typed(request: web.Request, part: str, posted: Posted, refused: Refused) -> Typed:
    """What was typed is kept, unless the page under it changed."""
    values = {name: value for name, value in posted.items() if isinstance(value, str)}
    stale = refused.field == "was"
    week = form.week_texts(posted) if part == "week" and not stale else None
    return Typed(part, refused.field, speak(request).text(refused.message), {} if stale else values, week)


async def choose_holidays(request: web.Request) -> web.Response:
    """country, part: of the region; closed: names of those listed that are holidays for this person."""
    signed_in, posted = await sessions.posted(request)
    key = int(request.match_info["id"])

    def write(conn: Connection) -> None:
        lock_people(conn, signed_in.person.id)
        row = _own(conn, signed_in.person.id, key)
        schedules.change(conn, key, holidays=_chosen(holidays_of(row), posted).document)

    try:
        await request.app[DATABASE].write(write)
    except Refused as refused:
        return await _page(request, signed_in, _typed(request, "holidays", posted, refused))
    raise _back(key, "holidays")


def _chosen(before: Holidays, posted: Posted) -> Holidays:
    """A country that is new begins as a whole, with all its holidays. Raises: Refused."""
    country, part = form.text_of(posted, "country"), form.text_of(posted, "part")
    if not country:
        return Holidays()
    region = f"{country}-{part}" if part and country == before.region.partition("-")[0] else country
    if not holidays.known(region):
        raise Refused("country", msg("Choose a country from the list."))
    listed, closed = ({str(one) for one in posted.getall(name, [])} for name in ("listed", "closed"))
    if region.partition("-")[0] != before.region.partition("-")[0]:
        return Holidays(region)
    return Holidays(region, (before.kept_open - listed) | frozenset(listed - closed))


async def rename(request: web.Request) -> web.Response:
    signed_in, posted = await sessions.posted(request)
    key = int(request.match_info["id"])

    def write(conn: Connection) -> None:
        _own(conn, signed_in.person.id, key)
        schedules.change(conn, key, name=form.read_name(posted))

    try:
        await request.app[DATABASE].write(write)
    except Refused as refused:
        return await _page(request, signed_in, _typed(request, "name", posted, refused))
    raise _back(key, "name")


async def make_standard(request: web.Request) -> web.Response:
    signed_in, _ = await sessions.posted(request)
    key = int(request.match_info["id"])

    def write(conn: Connection) -> None:
        _own(conn, signed_in.person.id, key)
        schedules.make_standard(conn, signed_in.person.id, key)

    await request.app[DATABASE].write(write)
    raise _back(key, "name")


async def remove(request: web.Request) -> web.Response:
    """The standard ones stay."""
    signed_in, _ = await sessions.posted(request)
    key = int(request.match_info["id"])

    def write(conn: Connection) -> None:
        lock_people(conn, signed_in.person.id)
        if not _own(conn, signed_in.person.id, key).standard:
            schedules.remove(conn, signed_in.person.id, key)

    await request.app[DATABASE].write(write)
    raise web.HTTPSeeOther("/app/hours")
