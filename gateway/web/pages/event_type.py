"""/<user>/<event-type>, /team/<team>/<event-type>, /<user>+<user>/<event-type>: a time is chosen and booked."""

import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from aiohttp import web

from gateway.booking import offer
from gateway.booking.book import Wish, book
from gateway.booking.model import Invitee
from gateway.booking.offer import Bookable
from gateway.errors import NotFound, SlotTaken
from gateway.store.database import Connection
from gateway.web.agenda import Listed
from gateway.web.dates import choice_of_count, dates_of, starts_view, wanted
from gateway.web.embedding import carried, embedded, framed
from gateway.web.forms import Entered, entered, number, prefilled, same_site
from gateway.web.keys import DATABASE, DESK, LIMITS
from gateway.web.language import Language
from gateway.web.pages import by_link, hold
from gateway.web.pages.choosing import (
    SENT,
    Choosing,
    choosing,
    picker_values,
    seats_shown,
    shown,
    visitor_of,
    zone_page,
    zone_view,
)
from gateway.web.picker import Shown, instant_key, read_instant
from gateway.web.render import page
from gateway.web.views import choice_of_places, joint_view, kind_view, length_text, moment, questions
from gateway.web.visitor import client_address, link, mail_locale, speak
from gateway.web.zones import known


def _named(conn: Connection, request: web.Request) -> Bookable:
    at = request.match_info
    of = offer.bookable(conn, at.get("team") or at["user"], at["slug"])
    if of.host.is_team is not ("team" in at) or of.kind.links_only:
        raise NotFound("there is nothing of that name to book here")
    return of


def _find(conn: Connection, request: web.Request, given: Mapping[str, Any] | None = None) -> Bookable:
    """With the length of the query, or the usual one. given: the number of dates; None: as the query says.

    Raises: NotFound, also for a team at a person's address and the other way round.
    """
    of = by_link.opened(conn, request) or _named(conn, request)
    minutes = number(request.query.get("minutes", ""))
    of = of.lasting(minutes) if minutes in of.kind.choosable else of
    return of.with_dates(wanted(request.query if given is None else given))


async def show(request: web.Request) -> web.Response:
    """The month and its times; with ?start= the form; with ?choose=zone the time zones."""
    start = read_instant(request.query.get("start", ""))

    def read(conn: Connection) -> tuple[Bookable, Choosing, Shown | Listed | None, bool, Mapping[int, int]]:
        of = _find(conn, request)
        choice = choosing(request, of)
        if request.query.get("choose") == "zone":
            return of, choice, None, True, {}
        if start is not None:
            is_open = offer.is_bookable(conn, of, choice.visit, start)
            return of, choice, None, is_open, seats_shown(conn, of, [start])
        month = shown(conn, of, choice)
        return of, choice, month, True, seats_shown(conn, of, month.starts)

    of, choice, month, is_open, seats = await request.app[DATABASE].read(read)
    spoken = speak(request, own=of.kind.language)
    if request.query.get("choose") == "zone":
        return framed(request, zone_page(request, spoken, choice, of.color), of.kind.embed)
    if month is None and start is not None:
        typed = prefilled(by_link.query(request), questions(of.kind, spoken), choice_of_places(of.kind, spoken))
        if is_open:
            return await form(request, spoken, of, choice, start, typed, left=seats.get(start))
        return await taken(request, spoken, of, choice, start, typed, status=200)
    full = await request.app[DATABASE].read(_find, request, {}) if of.dates else of
    values = {**_who(of, spoken), "moving": "", "back": "", "notice": "", "lengths": _lengths(request, of, spoken)}
    values["count"] = choice_of_count(request, full, of)
    if month is not None:
        values |= picker_values(request, spoken, choice, month, seats)
    response = page(request, "pick.html", values, spoken=spoken, color=of.color)
    response.enable_compression()
    return framed(request, response, of.kind.embed)


def _lengths(request: web.Request, of: Bookable, spoken: Language) -> list[dict[str, Any]]:
    """[] where there is but one."""
    query = {key: value for key, value in request.query.items() if key not in {"choose", "detected"}}
    return [
        {
            "minutes": minutes,
            "label": length_text(minutes, spoken),
            "link": link(request.path, query, minutes=str(minutes)),
            "current": minutes == of.kind.length,
        }
        for minutes in (of.kind.choosable if of.kind.lengths else ())
    ]


def _who(of: Bookable, spoken: Language) -> dict[str, Any]:
    return {"host": joint_view(of, spoken), "kind": kind_view(of, spoken)}


async def form(
    request: web.Request,
    spoken: Language,
    of: Bookable,
    choice: Choosing,
    start: int,
    typed: Entered,
    *,
    nearest: tuple[int, ...] | None = None,
    left: int | None = None,
    status: int = 200,
) -> web.Response:
    """nearest: free starts to choose from instead, where `start` is taken; None: it is free. left: seats, if shown."""
    end = start + of.kind.length * 60
    minutes = str(of.kind.length) if of.kind.lengths else None
    starts = await dates_of(request, of, start, choice.visit.now)
    values = {
        **_who(of, spoken),
        "minutes": minutes,
        "moment": moment(start, end, choice.zone, spoken),
        "dates": starts_view(starts, of.kind.length, choice.zone, spoken),
        "wanted": len(starts),
        "zone": zone_view(request, spoken, choice),
        "places": choice_of_places(of.kind, spoken),
        "questions": questions(of.kind, spoken),
        "typed": typed,
        "errors": {name: spoken.text(message) for name, message in typed.errors.items()},
        "key": typed.key or secrets.token_hex(16),
        "visitor": (visitor_of(request) or secrets.token_urlsafe(hold.SECRET)) if embedded(request) else "",
        "action": request.path,
        "back": link(request.path, dict(request.query), start=None, refill=None, minutes=minutes),
        "taken": nearest is not None,
        "waits": of.kind.waits(start, choice.visit.now),
        "guests": of.kind.guests,
        "left": left,
        "seen_by_others": of.kind.seats > 1 and of.kind.show_attendees,
        "nearest": [_near(one, choice.zone, spoken) for one in nearest or ()],
    }
    response = page(request, "details.html", values, spoken=spoken, color=of.color, status=status)
    return framed(request, response, of.kind.embed)


def _near(start: int, zone: str, spoken: Language) -> Mapping[str, str]:
    when = moment(start, start, zone, spoken)
    local = when.hours.partition(" – ")[0]
    return {"key": instant_key(start), "label": f"{spoken.brief_day_of(start, zone)}, {local}"}


async def taken(
    request: web.Request, spoken: Language, of: Bookable, choice: Choosing, start: int, typed: Entered, *, status: int
) -> web.Response:
    near = await request.app[DATABASE].read(offer.nearest, of, choice.visit, start)
    return await form(request, spoken, of, choice, start, typed, nearest=tuple(near), status=status)


async def submit(request: web.Request) -> web.Response:
    """Books; with ?refill=1 only shows the form again for another time."""
    same_site(request)
    request.app[LIMITS].post(client_address(request))
    posted = await request.post()
    request[SENT] = str(posted.get("visitor", ""))
    of = await request.app[DATABASE].read(_find, request, posted)
    if "minutes" in posted:
        of = of.lasting(number(str(posted["minutes"])) or -1)
    spoken = speak(request, str(posted.get("lang", "")), of.kind.language)
    zone = known(str(posted.get("zone", "")))
    choice = choosing(request, of, zone or "")
    if zone and not choice.locked:
        choice = Choosing(zone, False, replace(choice.visit, zone=zone), None, None)
    typed = entered(posted, questions(of.kind, spoken), choice_of_places(of.kind, spoken), guests=of.kind.guests)
    start = read_instant(str(posted.get("start", "")))
    if start is None:
        raise web.HTTPSeeOther(link(request.path, carried(request)))
    if request.query.get("refill"):
        return await _kept(request, spoken, of, choice, start, typed.without_errors())
    if typed.errors:
        return await _kept(request, spoken, of, choice, start, typed, status=422)
    return await _book(request, spoken, of, choice, start, typed)


async def _kept(
    request: web.Request,
    spoken: Language,
    of: Bookable,
    choice: Choosing,
    start: int,
    typed: Entered,
    status: int = 200,
) -> web.Response:
    """The form again, its time kept for them; or others to choose from, if somebody has taken it meanwhile."""
    free, visitor = await hold.keep(request, of, start, choice.zone)
    if not free:
        return await taken(request, spoken, of, choice, start, typed.without_errors(), status=409)
    response = await form(request, spoken, of, choice, start, typed, status=status)
    hold.remember(request, response, visitor)
    return response


async def keep(request: web.Request) -> web.Response:
    """Keeps a time while the form is filled in."""
    return await hold.place(request, await request.app[DATABASE].read(_find, request, await request.post()))


async def _book(
    request: web.Request, spoken: Language, of: Bookable, choice: Choosing, start: int, typed: Entered
) -> web.Response:
    limits, address = request.app[LIMITS], client_address(request)
    limits.may_book(address, typed.email)
    limits.may_bid(address, typed.bidden)
    invitee = Invitee(
        name=typed.name, email=typed.email, zone=choice.zone, language=mail_locale(request, spoken, of.kind.language)
    )
    wish = Wish(start, invitee, typed.note, typed.by_question(), typed.where, typed.place, typed.key)
    visitor = visitor_of(request)
    wish = replace(
        wish, visitor=visitor, link=by_link.secret(request), guests=typed.bidden, length=of.kind.length, dates=of.dates
    )
    try:
        booked = await book(request.app[DESK], of.name, of.row.slug, wish)
    except SlotTaken:
        return await taken(request, spoken, of, choice, start, typed, status=409)
    if booked.created:
        limits.did_book(address, typed.email)
        limits.did_bid(address, typed.bidden)
    path, kept = f"/booking/{booked.row.uid}", carried(request)
    raise web.HTTPSeeOther(link(path, kept, token=booked.token, new="1", lang=spoken.code))
