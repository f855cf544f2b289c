"""/app/profile: how somebody, or a team that they lead, shows itself on its booking pages."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web
from multidict import MultiMapping

from gateway.booking.model import LONGEST_TEXT
from gateway.booking.offer import page_of
from gateway.errors import InvalidRequest, NotFound
from gateway.store import faces, principals
from gateway.store.database import Connection
from gateway.store.faces import Face
from gateway.store.principals import Principal
from gateway.web import sessions
from gateway.web.accent import STANDARD, parse
from gateway.web.forms import CONTROL, CONTROL_BUT_LINES
from gateway.web.keys import DATABASE
from gateway.web.language import msg
from gateway.web.picture import MOST_BYTES, portrait
from gateway.web.render import page
from gateway.web.sessions import SignedIn
from gateway.web.views import host_view
from gateway.web.visitor import link, speak

LONGEST_NAME: Final = 200
ROOM: Final = 65_536  # bytes, for what is sent beside the picture
IMMUTABLE: Final = "public, max-age=31536000, immutable"
NO_NAME: Final = msg("Please enter a name of at most 200 characters, on one line.")
NO_COLOR: Final = msg("Choose a colour from the list.")
NO_NOTE: Final = msg("Please shorten this to 2000 characters, without control characters.")
NO_PICTURE: Final = msg("Choose a picture in PNG, JPEG or WebP of at most 8 MB.")


def _whose(conn: Connection, person: Principal, team: str) -> tuple[Principal, list[Principal], Face]:
    """Raises: NotFound for a team that they do not lead."""
    led = principals.led_by(conn, person.id)
    found = next((one for one in led if one.name == team), None) if team else principals.by_id(conn, person.id)
    if found is None:
        raise NotFound("there is no such team that you lead")
    return found, led, faces.of(conn, found.id)


async def show(request: web.Request) -> web.Response:
    signed_in = await sessions.required(request)
    return await _page(request, signed_in, request.query.get("team", ""), {}, {}, 200)


async def _page(
    request: web.Request,
    signed_in: SignedIn,
    team: str,
    typed: Mapping[str, str],
    errors: Mapping[str, str],
    status: int,
) -> web.Response:
    who, led, face = await request.app[DATABASE].read(_whose, signed_in.person, team)
    spoken = speak(request)
    values: dict[str, Any] = {
        "person": signed_in.person,
        "csrf": signed_in.session.csrf,
        "host": host_view(who, face),
        "path": page_of(who),
        "team": team,
        "led": [(one.displayname, link(request.path, {}, team=one.name)) for one in led],
        "typed": {"name": who.displayname, "color": face.color, "note": face.note, **typed},
        "standard": STANDARD,
        "errors": {name: spoken.text(message) for name, message in errors.items()},
        "saved": "saved" in request.query,
    }
    return page(request, "face.html", values, spoken=spoken, color=face.color, status=status)


async def save(request: web.Request) -> web.Response:
    signed_in, posted = await sessions.posted(request.clone(client_max_size=MOST_BYTES + ROOM))
    sent = await asyncio.to_thread(_sent, posted)
    team = str(posted.get("team", ""))
    who, _, _ = await request.app[DATABASE].read(_whose, signed_in.person, team)
    typed, errors = _read(posted)
    picture = None
    try:
        picture = None if sent is None else await asyncio.to_thread(portrait, sent)
    except InvalidRequest:
        errors["picture"] = NO_PICTURE
    if errors:
        return await _page(request, signed_in, team, typed, errors, 422)

    def write(conn: Connection) -> None:
        principals.change(conn, who.id, {"displayname": typed["name"]})
        faces.say(conn, who.id, typed["color"], typed["note"])
        if picture is not None or "remove" in posted:
            faces.show(conn, who.id, picture)

    await request.app[DATABASE].write(write)
    raise web.HTTPSeeOther(link(request.path, {}, team=team, saved="1"))


def _read(posted: MultiMapping[Any]) -> tuple[dict[str, str], dict[str, str]]:
    """What was typed, and what is wrong with it."""
    name, note = (str(posted.get(one, "")).strip() for one in ("name", "note"))
    note = note.replace("\r\n", "\n")
    color = str(posted.get("color", "")) if "own_color" in posted else ""
    errors = {}
    if not name or len(name) > LONGEST_NAME or CONTROL.search(name):
        errors["name"] = NO_NAME
    if color and (parse(color) is None or len(color) != len(STANDARD)):
        errors["color"] = NO_COLOR
    if len(note) > LONGEST_TEXT or CONTROL_BUT_LINES.search(note):
        errors["note"] = NO_NOTE
    return {"name": name, "color": color, "note": note}, errors


def _sent(posted: MultiMapping[Any]) -> bytes | None:
    """The file, None where there is none."""
    sent = posted.get("picture")
    if not isinstance(sent, web.FileField):
        return None
    with sent.file:
        return sent.file.read() if sent.filename else None


async def picture(request: web.Request) -> web.Response:
    """At an address of its own, which never shows another one."""
    found = await request.app[DATABASE].read(faces.picture, request.match_info["digest"])
    if found is None:
        raise NotFound("there is no such picture")
    return web.Response(body=found, content_type="image/webp", headers={"Cache-Control": IMMUTABLE})
