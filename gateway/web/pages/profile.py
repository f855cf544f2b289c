"""/<user>: who somebody is, and what can be booked with them."""

from aiohttp import web

from gateway.booking.offer import profile
from gateway.web.keys import DATABASE
from gateway.web.render import page
from gateway.web.views import host_view, kind_view
from gateway.web.visitor import speak


async def show(request: web.Request) -> web.Response:
    host, kinds = await request.app[DATABASE].read(profile, request.match_info["user"])
    spoken = speak(request)
    views = [kind_view(kind, spoken) for kind in kinds]
    color = next((kind.color for kind in kinds if kind.color), "")
    response = page(request, "profile.html", {"host": host_view(host), "kinds": views}, spoken=spoken, color=color)
    response.enable_compression()
    return response
