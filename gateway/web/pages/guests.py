"""/booking/<uid>/guests invites further people, and takes them off again; at /booking/<uid>/guest?token=… one of them
sees it, and can leave.
"""

from typing import Final

from aiohttp import web

from gateway.booking.access import Found, is_open
from gateway.booking.guests import Bidden, add_guests, bidden, leave, uninvite, unlike
from gateway.booking.meeting import for_guests, meeting
from gateway.booking.model import details
from gateway.errors import InvalidInput, SlotTaken
from gateway.web.forms import TOO_MANY_GUESTS, addresses, guests_problem, same_site
from gateway.web.keys import CLOCK, DATABASE, DESK, LIMITS
from gateway.web.language import Language
from gateway.web.pages.booking import booking_page, guarded, opened
from gateway.web.render import page
from gateway.web.views import host_view, kind_view, moment
from gateway.web.visitor import client_address, link, speak, wished_zone

LONGEST: Final = 20_000


async def add(request: web.Request) -> web.Response:
    """By the invitee or a host."""
    same_site(request)
    request.app[LIMITS].post(client_address(request))
    posted = await request.post()
    token, spoken = str(posted.get("token", "")), speak(request)
    found = await opened(request, token)
    if "off" in posted:
        return await _take_off(request, found, token, str(posted["off"]))
    typed = "\n".join(str(one) for one in posted.getall("guests", []))[:LONGEST]
    most = 0 if found.of is None else found.of.kind.guests
    problem = guests_problem(typed, most)
    more = unlike(addresses(typed), [one.email for one in found.details.asked])
    limits, address = request.app[LIMITS], client_address(request)
    if not problem:
        if not found.by_host:
            limits.may_bid(address, more)
        try:
            await add_guests(request.app[DESK], found.row.uid, token, more)
        except InvalidInput:
            problem = TOO_MANY_GUESTS
        except SlotTaken:
            notice = spoken.text("This appointment cannot be changed any more.")
            return booking_page(request, found, spoken, token, notice=notice, status=409)
    if problem:
        bidding = typed, spoken.text(problem)
        return booking_page(request, found, spoken, token, bidding=bidding, status=422)
    if not found.by_host:
        limits.did_bid(address, more)
    raise web.HTTPSeeOther(link(f"/booking/{found.row.uid}", {"token": token, "invited": "1" if more else ""}))


async def _take_off(request: web.Request, found: Found, token: str, address: str) -> web.Response:
    try:
        await uninvite(request.app[DESK], found.row.uid, token, address)
    except SlotTaken:
        spoken = speak(request)
        notice = spoken.text("This appointment cannot be changed any more.")
        return booking_page(request, found, spoken, token, notice=notice, status=409)
    raise web.HTTPSeeOther(link(f"/booking/{found.row.uid}", {"token": token}))


async def show(request: web.Request) -> web.Response:
    token = request.query.get("token", "")
    reading = request.app[DATABASE].read(bidden, request.match_info["uid"], token)
    return _page(request, await guarded(request, reading), speak(request), token)


async def act(request: web.Request) -> web.Response:
    """They take themselves off."""
    same_site(request)
    request.app[LIMITS].post(client_address(request))
    token = str((await request.post()).get("token", ""))
    leaving = leave(request.app[DESK], request.match_info["uid"], token)
    return _page(request, await guarded(request, leaving), speak(request), token)


def _page(request: web.Request, found: Bidden, spoken: Language, token: str) -> web.Response:
    """What the invitation says, and no more of the booking."""
    row = found.row
    seen = for_guests(meeting(row, found.hosts, found.of), details(row).where)
    zone = wished_zone(request).zone or found.hosts[0].zone
    values = {
        "title": seen.title if found.of is None else kind_view(found.of, spoken).title,
        "hosts": [host_view(one) for one in found.hosts],
        "invitee": seen.invitee.name,
        "email": found.guest.email,
        "moment": moment(row.start, row.end, zone, spoken),
        "location": seen.location,
        "location_link": seen.url,
        "gone": found.guest.gone,
        "open": is_open(row, request.app[CLOCK]()),
        "ended": row.status in {"cancelled", "declined"},
        "token": token,
        "action": request.path,
    }
    return page(request, "guest.html", values, spoken=spoken, color=found.of.color if found.of else "")
