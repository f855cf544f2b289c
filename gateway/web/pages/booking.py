"""/booking/<uid>?token=…: one booking, seen, moved or cancelled by whoever has the link. GET shows, POST acts."""

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Final, TypeVar

from aiohttp import web
from multidict import MultiMapping

from gateway.accounts.throttle import network_of
from gateway.booking import offer
from gateway.booking.access import Found, find, is_open
from gateway.booking.book import cancel, reschedule
from gateway.booking.confirm import confirm, decline
from gateway.booking.event import event
from gateway.booking.meeting import meeting
from gateway.booking.model import details
from gateway.booking.moving import Goal, goal
from gateway.booking.offer import page_of
from gateway.booking.repeats import Turn
from gateway.booking.turns import next_of, to_come
from gateway.errors import NotFound, SlotTaken
from gateway.web import add_to
from gateway.web.dates import again, asking, dates_of, dates_view, may, meant, state_of, times_of
from gateway.web.embedding import carried, framed
from gateway.web.forms import same_site
from gateway.web.keys import CLOCK, DATABASE, DESK, LIMITS
from gateway.web.language import Language, msg
from gateway.web.pages import disowned
from gateway.web.pages.choosing import Choosing, choosing, locked_zone, picker_values, shown, zone_page
from gateway.web.pages.onward import onward, spoken_to
from gateway.web.picker import instant_key, local_date, read_instant
from gateway.web.render import page
from gateway.web.views import REPLIES, HostView, KindView, host_view, kind_view, length_text, moment
from gateway.web.visitor import client_address, link, wished_zone
from gateway.web.where import where
from gateway.web.zones import known

Kept = TypeVar("Kept")
LONGEST_REASON: Final = 1000


async def opened(request: web.Request, token: str) -> Found:
    """Raises: NotFound, later and later for one who guesses."""
    return await guarded(request, request.app[DATABASE].read(find, request.match_info["uid"], token))


async def guarded(request: web.Request, asked: Awaitable[Kept]) -> Kept:
    """What a link leads to. Raises: NotFound, later and later for one who guesses."""
    guesses, network = request.app[LIMITS].guesses, network_of(client_address(request))
    try:
        return await asked
    except NotFound:
        guesses.take(network)
        await asyncio.sleep(min(3.0, max(0.0, -guesses.left(network)) * 0.25))
        raise


async def show(request: web.Request) -> web.Response:
    token = request.query.get("token", "")
    found = await opened(request, token)
    spoken = spoken_to(request, found)
    now = request.app[CLOCK]()
    if "move" in request.query:
        one = meant(found, request.query.get("at", ""))
        aim = goal(found, now, one.at if one else None)
        if aim is not None:
            return await _moving(request, found, aim, spoken, one)
    open_ = is_open(found.row, now)
    one = meant(found, request.query.get("at", ""))
    asked = "cancel" in request.query and not may(found.cancellable(now), one)
    late = open_ and ("move" in request.query or asked)
    notice = _too_late(found, spoken) if late else ""
    return booking_page(request, found, spoken, token, asks=_asked(request, found, now) if open_ else "", notice=notice)


def _too_late(found: Found, spoken: Language) -> str:
    return spoken.text("It is too late for this. Please write to {name}.", name=_together(found, spoken).displayname)


def _asked(request: web.Request, found: Found, now: float) -> str:
    """What the link is about to do; "": nothing, or nothing that whoever has it may do now."""
    if found.by_host and found.row.status == "pending":
        for what in ("confirm", "decline"):
            if what in request.query:
                return what
    if "wrong" in request.query and found.may_disown(now):
        return "wrong"
    one = meant(found, request.query.get("at", ""))
    return "cancel" if "cancel" in request.query and may(found.cancellable(now), one) else ""


async def file(request: web.Request) -> web.Response:
    """The booking as a calendar file, to be added by hand."""
    found = await opened(request, request.query.get("token", ""))
    if not found.details.invited:
        raise NotFound("this is no event yet")
    text = event(meeting(found.row, found.hosts, found.of))
    headers = {"Content-Disposition": 'attachment; filename="invite.ics"', "Cache-Control": "no-store"}
    return web.Response(text=text, content_type="text/calendar", charset="utf-8", headers=headers)


def _kind(found: Found, spoken: Language) -> KindView:
    if found.of is not None:
        return kind_view(found.of, spoken)
    minutes = (found.row.end - found.row.start) // 60
    return KindView(found.details.title, "", length_text(minutes, spoken), (), page_of(found.host))


ASKING: Final = {
    "cancel": msg("Cancel this appointment?"),
    "move": msg("Move this appointment?"),
    "confirm": msg("Confirm this appointment?"),
    "decline": msg("Decline this appointment?"),
    "wrong": msg("You did not book this?"),
}
ENDED: Final = {"cancelled": msg("This appointment is cancelled"), "declined": msg("This appointment is declined")}


def _headline(request: web.Request, found: Found, spoken: Language, asks: str, one: Turn | None) -> tuple[str, str]:
    """What has happened, and a sentence about it. one: the date of a series that it is about."""
    told = spoken.text("Everybody has been told by e-mail.")
    hosts = _together(found, spoken).displayname
    if found.row.status in ENDED:
        return spoken.text(ENDED[found.row.status]), disowned.told(found, hosts, spoken) or told
    if asks:
        wrong = disowned.asked(found, hosts, spoken) if asks == "wrong" else ""
        return spoken.text(asking(found, one).get(asks) or ASKING[asks]), wrong
    if not to_come(found.row, request.app[CLOCK]()):
        return spoken.text("This appointment is over"), ""
    if found.by_host:
        if found.row.status == "pending":
            return spoken.text("This appointment waits for your answer"), ""
        return (spoken.text("This appointment is confirmed"), told) if "confirmed" in request.query else _plain(spoken)
    return _for_invitee(request, found, spoken)


def _plain(spoken: Language) -> tuple[str, str]:
    return spoken.text("Your appointment"), ""


def _for_invitee(request: web.Request, found: Found, spoken: Language) -> tuple[str, str]:
    email = found.details.invitee.email
    if found.row.status == "pending":
        return spoken.text("Your request is on its way"), spoken.text(
            "It counts as soon as it is confirmed. You will get an e-mail at {email}.", email=email
        )
    if "new" in request.query:
        return spoken.text("You are booked"), spoken.text("An invitation is on its way to {email}.", email=email)
    if "moved" in request.query:
        return spoken.text("Your appointment has been moved"), spoken.text(
            "The new time is on its way to {email}.", email=email
        )
    return _plain(spoken)


def booking_page(
    request: web.Request,
    found: Found,
    spoken: Language,
    token: str,
    *,
    asks: str = "",
    moving: int | None = None,
    notice: str = "",
    bidding: tuple[str, str] = ("", ""),
    status: int = 200,
    later: Sequence[int] = (),
) -> web.Response:
    """asks: a key of ASKING, whether to; moving: whether to move it to that start, epoch seconds; later: the starts of
    all dates of a series that are moved.
    """
    row, invitee = found.row, found.details.invitee
    zone = _zone(request, found)
    path, query = f"/booking/{row.uid}", {"token": token, **carried(request)}
    asks = "move" if moving is not None else asks
    one = meant(found, request.query.get("at", "")) if asks else None
    headline, lead = _headline(request, found, spoken, asks, one)
    now = request.app[CLOCK]()
    values: dict[str, Any] = {
        "headline": headline,
        "lead": lead,
        "notice": notice,
        "state": state_of(found, now),
        "kind": _kind(found, spoken),
        "host": _together(found, spoken),
        "hosts": [host_view(one) for one in found.hosts],
        "invitee": invitee,
        "dates": None if one else dates_view(found, zone, spoken, now, query),
        "at": instant_key(one.at) if one else "",
        **times_of(found, one or next_of(found.row, now), zone, spoken, moving, later),
        "where": where(found.details, found.row.status, spoken),
        "note": found.details.note,
        **_answers(found, zone, spoken),
        **_guests(found, spoken, path, bidding, now),
        "others": _others(found),
        "asks": asks,
        "by_host": found.by_host,
        "other": invitee.name if found.by_host else _together(found, spoken).displayname,
        "zone": {"iana": zone},
        "token": token,
        **_ways(request, found, spoken, query, again(one, moving)),
        **onward(request, found),
    }
    color = found.of.color if found.of else ""
    return _framed(request, found, page(request, "booking.html", values, spoken=spoken, color=color, status=status))


def _ways(
    request: web.Request, found: Found, spoken: Language, query: dict[str, str], back: dict[str, str | None]
) -> dict[str, Any]:
    """Where forms and links lead. back: parameters of the one that leads back."""
    path, now = f"/booking/{found.row.uid}", request.app[CLOCK]()
    return {
        "action": link(path, carried(request)),
        "fresh": "new" in request.query,
        "back": link(path, query, **back),
        "links": _links(found, path, query, now, fresh="new" in request.query),
        "add_to": add_to.links(_appointment(found, spoken)) if found.details.series is None else (),
    }


def _framed(request: web.Request, found: Found, response: web.Response) -> web.Response:
    return framed(request, response, () if found.of is None else found.of.kind.embed)


def _others(found: Found) -> list[dict[str, str]]:
    """Further parties that share the event: for its hosts, and by name alone for all where the event type says so."""
    parties = [details(one).invitee for one in found.parties if one.uid != found.row.uid and details(one).invited]
    if found.by_host:
        return [{"name": one.name, "email": one.email} for one in parties]
    shown = found.of is not None and found.of.kind.show_attendees and found.row.status == "accepted"
    return [{"name": one.name, "email": ""} for one in parties if shown]


def _guests(found: Found, spoken: Language, path: str, bidding: tuple[str, str], now: float) -> dict[str, Any]:
    """Who comes besides, and the form to invite more. bidding: what was typed, and what is wrong with it."""
    left = 0 if found.of is None else found.of.kind.guests - len(found.details.coming)
    said = {guest.email: spoken.text(REPLIES[guest.reply]) if guest.reply else "" for guest in found.details.asked}
    gone = {guest.email: spoken.text("Does not come") for guest in found.details.asked if guest.gone}
    return {
        "guests": {**said, **gone},
        "leaving": [one.email for one in found.details.coming] if is_open(found.row, now) else [],
        "takes_off": f"{path}/guests",
        "bid": f"{path}/guests" if left > 0 and is_open(found.row, now) else "",
        "left": left,
        "typed": bidding[0],
        "errors": {"guests": bidding[1]} if bidding[1] else {},
    }


def _appointment(found: Found, spoken: Language) -> add_to.Appointment:
    """For the calendar of whoever looks."""
    other = found.details.invitee.name if found.by_host else _together(found, spoken).displayname
    title = f"{_kind(found, spoken).title}: {other}"
    return add_to.Appointment(title, found.row.start, found.row.end, found.details.place, found.details.note)


def _links(found: Found, path: str, query: dict[str, str], now: float, *, fresh: bool) -> dict[str, str]:
    """ "": what whoever looks may not do, or not any more. fresh: they have just booked it."""
    return {
        "file": link(f"{path}/invite.ics", query),
        "move": link(path, query, move="1") if found.may_move(now) else "",
        "cancel": link(path, query, cancel="1") if found.may_cancel(now) else "",
        "confirm": link(path, query, confirm="1"),
        "decline": link(path, query, decline="1"),
        "propose": _proposal_link(found, path, query),
        "wrong": link(path, query, wrong="1") if found.may_disown(now) and not fresh else "",
        "again": page_of(found.host if found.of is None else found.of.host),
    }


def _zone(request: web.Request, found: Found) -> str:
    """That of whoever looks, unless the event type has but one."""
    if found.of is not None and found.of.kind.lock_zone:
        return locked_zone(found.of)
    theirs = "" if found.by_host else known(found.details.invitee.zone)
    return wished_zone(request).zone or theirs or found.host.zone


def _answers(found: Found, zone: str, spoken: Language) -> dict[str, Any]:
    """What the invitee said to the invitation."""
    reply, proposal = found.details.reply, found.details.proposal
    return {
        "reply": spoken.text(REPLIES[reply]) if reply else "",
        "proposal": None if proposal is None else moment(*proposal, zone, spoken),
    }


def _proposal_link(found: Found, path: str, query: dict[str, str]) -> str:
    """For a host, to move it to the time that the invitee would rather have."""
    time = found.details.proposal
    return link(path, query, move="1", start=instant_key(time[0])) if time is not None and found.by_host else ""


def _together(found: Found, spoken: Language) -> HostView:
    """All its hosts as one."""
    first = host_view(found.host)
    return replace(first, displayname=spoken.several([one.displayname for one in found.hosts]))


async def _moving(request: web.Request, found: Found, aim: Goal, spoken: Language, one: Turn | None) -> web.Response:
    """The month to choose another time from; with ?start= the question whether to move it there.

    one: the date of a series that is meant, None: all that can be moved.
    """
    token, of = request.query.get("token", ""), aim.of
    theirs = "" if found.by_host else known(found.details.invitee.zone)
    choice = choosing(request, of, theirs or found.host.zone, moving=found.moving)
    month = choice.month if one is None else choice.month or _first_of(one.start, choice)
    choice = replace(choice, visit=aim.visit(choice.visit), month=month)
    if request.query.get("choose") == "zone":
        return framed(request, zone_page(request, spoken, choice, of.color), of.kind.embed)
    start = read_instant(request.query.get("start", ""))
    if start is not None and await request.app[DATABASE].read(offer.is_bookable, of, choice.visit, start):
        later = await dates_of(request, of, start, choice.visit.now)
        return booking_page(request, found, spoken, token, moving=start, later=later)
    listed = await request.app[DATABASE].read(shown, of, choice)
    until_now = moment(aim.first.start, aim.first.end, choice.zone, spoken)
    values = {
        "host": _together(found, spoken),
        "kind": kind_view(of, spoken),
        "lengths": [],
        "moving": until_now.text,
        "back": link(request.path, {"token": token, **carried(request)}),
        "count": None,
        "notice": "" if start is None else spoken.text("Somebody was faster: this time has just been taken."),
        **picker_values(request, spoken, choice, listed),
    }
    return framed(request, page(request, "pick.html", values, spoken=spoken, color=of.color), of.kind.embed)


def _first_of(instant: int, choice: Choosing) -> date:
    """The first day of its month, or of this one if that is over."""
    return local_date(max(instant, choice.visit.now), choice.zone).replace(day=1)


async def act(request: web.Request) -> web.Response:
    """do=cancel, wrong, move, confirm or decline. The token is the permission: another site's form lacks it."""
    same_site(request)
    request.app[LIMITS].post(client_address(request))
    posted = await request.post()
    token = str(posted.get("token", ""))
    found = await opened(request, token)
    spoken = spoken_to(request, found)
    limits, address = request.app[LIMITS], client_address(request)
    mailed = [] if found.by_host else [one.email for one in found.details.coming]
    if posted.get("do") == "move":
        limits.may_bid(address, mailed)
    try:
        done = await _do(request, found, token, posted)
    except SlotTaken:
        now, moves = request.app[CLOCK](), posted.get("do") == "move"
        open_ = found.movable(now) if moves else found.cancellable(now)
        late = not may(open_, meant(found, str(posted.get("at", "")))) and is_open(found.row, now)
        words = spoken.text("This time is not free any more. Nothing was changed.")
        words = _too_late(found, spoken) if late else words
        return booking_page(request, await opened(request, token), spoken, token, notice=words, status=409)
    limits.did_bid(address, mailed)
    raise web.HTTPSeeOther(link(f"/booking/{found.row.uid}", {"token": token, **done, **carried(request)}))


async def _do(request: web.Request, found: Found, token: str, posted: MultiMapping[Any]) -> dict[str, str]:
    """Parameters of the page that says so. Raises: SlotTaken."""
    uid, desk = found.row.uid, request.app[DESK]
    reason = str(posted.get("reason", "")).replace("\r\n", "\n")[:LONGEST_REASON]
    start = read_instant(str(posted.get("start", "")))
    at = read_instant(str(posted.get("at", "")))
    match posted.get("do"):
        case "cancel":
            await cancel(desk, uid, token, reason, at, whole=posted.get("whole") == "yes")
        case "wrong":
            await cancel(desk, uid, token, disowned=True)
        case "confirm":
            await confirm(desk, uid, token)
            return {"confirmed": "1"}
        case "decline":
            await decline(desk, uid, token, reason)
        case "move" if start is not None:
            zone = known(str(posted.get("zone", ""))) or found.host.zone
            await reschedule(desk, uid, token, start, zone, at)
            return {"moved": "1"}
    return {}
