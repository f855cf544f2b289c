"""/app/event-types: the list, and what its buttons do."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from aiohttp import web

from gateway.accounts import teams
from gateway.booking import event_types, offer
from gateway.booking.event_types import Kept
from gateway.booking.model import read_event_type, said
from gateway.errors import NotFound
from gateway.store import bookings, principals
from gateway.store.database import Connection
from gateway.store.principals import Principal
from gateway.web import sessions
from gateway.web.accent import STANDARD, hexadecimal, parse
from gateway.web.keys import CLOCK, DATABASE, SETTINGS
from gateway.web.language import Language, msg
from gateway.web.render import page
from gateway.web.views import length_text
from gateway.web.visitor import speak

ACTS: Final[Mapping[str, Callable[[Connection, Kept], object]]] = {
    "up": lambda conn, of: event_types.shift(conn, of, -1),
    "down": lambda conn, of: event_types.shift(conn, of, 1),
    "hide": lambda conn, of: event_types.show(conn, of, hidden=True),
    "show": lambda conn, of: event_types.show(conn, of, hidden=False),
    "duplicate": event_types.duplicate,
}
DONE: Final[Mapping[str, str]] = {
    "deleted": msg("The event type is deleted."),
    "duplicate": msg("A copy is there, hidden until you show it."),
}


async def show(request: web.Request) -> web.Response:
    signed_in = await sessions.required(request)
    person, spoken = signed_in.person, speak(request)

    def read(conn: Connection) -> list[dict[str, Any]]:
        owners = [person, *(one for one in principals.teams_of(conn, person.id) if teams.may_change(conn, person, one))]
        return [_group(conn, owner, spoken, request.app[SETTINGS].server.base_url) for owner in owners]

    done = request.query.get("done", "")
    values = {
        "person": person,
        "csrf": signed_in.session.csrf,
        "groups": await request.app[DATABASE].read(read),
        "notice": spoken.text(DONE[done]) if done in DONE else "",
    }
    return page(request, "event_types/list.html", values, spoken=spoken)


def _group(conn: Connection, owner: Principal, spoken: Language, base_url: str) -> dict[str, Any]:
    rows = bookings.event_types(conn, owner.id)
    accent = offer.host_color(conn, owner) or STANDARD
    return {
        "team": owner.name if owner.is_team else "",
        "name": owner.displayname,
        "page": offer.page_of(owner),
        "rows": [_row(row, owner, accent, spoken, base_url) for row in rows],
    }


def _row(row: bookings.EventTypeRow, owner: Principal, accent: str, spoken: Language, base_url: str) -> dict[str, Any]:
    kind = read_event_type(row.document)
    shade = parse(kind.color or accent) or parse(STANDARD)
    path = f"{offer.page_of(owner)}/{row.slug}"
    return {
        "id": row.id,
        "title": said(kind.title, spoken.code) or row.slug,
        "length": length_text(kind.length, spoken),
        "color": hexadecimal(shade) if shade else STANDARD,
        "path": path,
        "url": f"{base_url}{path}",
        "hidden": row.hidden,
        "confirms": kind.confirmation is not None,
        "follows": row.managed_by is not None,
    }


async def act(request: web.Request) -> web.Response:
    signed_in, posted = await sessions.posted(request)
    key, what = int(request.match_info["id"]), str(posted.get("do", ""))
    if what not in ACTS:
        raise NotFound("there is no such page")

    def write(conn: Connection) -> None:
        ACTS[what](conn, event_types.kept(conn, signed_in.person, key))

    await request.app[DATABASE].write(write)
    tail = "?done=duplicate" if what == "duplicate" else f"#t{key}"
    raise web.HTTPSeeOther(f"/app/event-types{tail}")


async def ask(request: web.Request) -> web.Response:
    """What becomes of its bookings, before it is deleted."""
    signed_in = await sessions.required(request)
    spoken, key, now = speak(request), int(request.match_info["id"]), int(request.app[CLOCK]())

    def read(conn: Connection) -> tuple[Kept, int]:
        return event_types.kept(conn, signed_in.person, key), bookings.count_coming(conn, key, now)

    of, coming = await request.app[DATABASE].read(read)
    values = {
        "person": signed_in.person,
        "csrf": signed_in.session.csrf,
        "id": key,
        "title": said(of.kind.title, spoken.code) or of.row.slug,
        "path": f"{offer.page_of(of.owner)}/{of.row.slug}",
        "hidden": of.row.hidden,
        "coming": coming,
    }
    return page(request, "event_types/delete.html", values, spoken=spoken)


async def delete(request: web.Request) -> web.Response:
    signed_in, _ = await sessions.posted(request)
    key = int(request.match_info["id"])

    def write(conn: Connection) -> None:
        event_types.remove(conn, event_types.kept(conn, signed_in.person, key))

    await request.app[DATABASE].write(write)
    raise web.HTTPSeeOther("/app/event-types?done=deleted")
