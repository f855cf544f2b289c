"""/<user>, /team/<team>: who somebody is, and what can be booked with them."""

from aiohttp import web

from gateway.booking import offer
from gateway.booking.offer import Bookable
from gateway.store import faces
from gateway.store.database import Connection
from gateway.store.faces import Face
from gateway.store.principals import Principal
from gateway.web.keys import DATABASE
from gateway.web.render import page
from gateway.web.views import host_view, kind_view
from gateway.web.visitor import speak


def _read(conn: Connection, request: web.Request) -> tuple[Principal, Face, list[Bookable]]:
    of = request.match_info
    host = offer.team(conn, of["team"]) if "team" in of else offer.person(conn, of["user"])
    return host, faces.of(conn, host.id), offer.profile(conn, host)


async def show(request: web.Request) -> web.Response:
    host, face, kinds = await request.app[DATABASE].read(_read, request)
    spoken = speak(request)
    views = [kind_view(kind, spoken) for kind in kinds]
    color = face.color or next((kind.color for kind in kinds if kind.color), "")
    response = page(
        request, "profile.html", {"host": host_view(host, face), "kinds": views}, spoken=spoken, color=color
    )
    response.enable_compression()
    return response
