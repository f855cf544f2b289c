"""COPY and MOVE of calendar objects, and MOVE of a calendar to another name (RFC 4918 9.8, 9.9)."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from gateway.dav import acl, paths
from gateway.dav.answer import Answer
from gateway.dav.objects import asked_of, tag_of
from gateway.dav.paths import On
from gateway.dav.resources import Resource, View
from gateway.dav.visit import Visit
from gateway.errors import (
    BadDestination,
    Conflict,
    Forbidden,
    InvalidRequest,
    NotFound,
    PreconditionFailed,
    WrongLocation,
)
from gateway.scheduling import implicit
from gateway.store import properties
from gateway.sync.move import stage_move
from gateway.sync.separate import rename
from gateway.sync.write import Staged, check_href, settle

OVERWRITE: Final = {"T": True, "F": False}


@dataclass(frozen=True, slots=True)
class Way:
    """name: of the object in its new place."""

    source: Resource
    target: Resource
    name: str


async def move(visit: Visit) -> Answer:
    """Of a calendar shown on its own: another name."""
    if visit.place.on is On.SEPARATE:
        return await visit.write(_renamed, visit)
    return await _go(visit, copies=False)


def _renamed(view: View, visit: Visit) -> Answer:
    """A calendar is never overwritten. Raises: Forbidden, PreconditionFailed, CalendarExists, WrongLocation."""
    source, overwrite = acl.reach(view, visit.place), _overwrite(visit)
    if not source.is_mine:
        raise Forbidden("only their owner names calendars")
    place = paths.read_new(_destination(visit))
    if place.name != source.owner.name or place.on is not On.SEPARATE:
        raise WrongLocation("a calendar stays in its owner's home")
    check_href(place.collection)
    if not overwrite and acl.reaches(view, place):
        raise PreconditionFailed("there is a calendar of that name already")
    rename(view.conn, source.owner.id, source.collection, place.collection)
    target = paths.path_of(place)
    properties.move_below(view.conn, source.path, target)
    return Answer(201, headers={"Location": target})


async def copy(visit: Visit) -> Answer:
    return await _go(visit, copies=True)


async def _go(visit: Visit, *, copies: bool) -> Answer:
    """201 or 204, with the ETag of what is there now."""

    rules: list[implicit.Scheduling] = []

    def do(view: View) -> tuple[Staged, Way]:
        way = _way(view, visit)
        rules[:] = [implicit.Scheduling(visit.sync, way.source.owner, asked_of(visit, way.source.owner))]
        staged = stage_move(
            view.conn,
            visit.sync,
            way.source.owner,
            (way.source.collection, visit.place.member),
            (way.target.collection, way.name),
            copies=copies,
            overwrite=_overwrite(visit),
            if_match=visit.headers.get("If-Match"),
            rules=rules[0],
        )
        _take_along(view, way, staged, copies=copies)
        return staged, way

    staged, way = await visit.write(do)
    delivered = await settle(visit.sync, staged)
    await rules[0].settled()
    headers = {"ETag": f'"{staged.etag}"'} if delivered and staged.lasting and not staged.pushes else {}
    headers |= tag_of(staged.tag)
    if staged.created:
        headers["Location"] = way.target.base + paths.encode(way.name)
    return Answer(201 if staged.created else 204, headers=headers)


def _overwrite(visit: Visit) -> bool:
    given = OVERWRITE.get(visit.headers.get("Overwrite", "T").strip().upper())
    if given is None:
        raise InvalidRequest("Overwrite is T or F")
    return given


def _destination(visit: Visit) -> str:
    """Its path. Raises: InvalidRequest; BadDestination for another server."""
    given = visit.headers.get("Destination", "").strip()
    if not given:
        raise InvalidRequest("COPY and MOVE have a Destination")
    path = paths.of_href(given)
    host = urlsplit(given).netloc.rpartition("@")[2].lower()
    ours = {visit.headers.get("Host", "").lower(), urlsplit(visit.settings.server.base_url).netloc.lower()}
    if host and host not in ours:
        raise BadDestination("the destination is on another server")
    return path


def _way(view: View, visit: Visit) -> Way:
    source = acl.find(view, visit.place)
    try:
        place = paths.read(_destination(visit))
    except NotFound as error:
        raise Conflict("there is no place for it there") from error
    if place == visit.place:
        raise Forbidden("it is there already")
    if place.name != source.owner.name or place.on is not On.OBJECT:
        raise Forbidden("objects are moved and copied within one's own calendars")
    try:
        return Way(source, acl.reach(view, place), place.member)
    except NotFound as error:
        raise Conflict("there is no calendar of that name") from error


def _take_along(view: View, way: Way, staged: Staged, *, copies: bool) -> None:
    """What people had stored about it."""
    path = way.source.path
    if not staged.created or properties.anybody(view.conn, path):
        properties.copy(view.conn, path, way.target.base + paths.encode(way.name))
    if not copies:
        properties.forget(view.conn, path)
