"""CALDAV:calendar-multiget (RFC 4791 7.9)."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from gateway.dav import acl, paths
from gateway.dav import asked as asking
from gateway.dav.answer import Answer, multistatus
from gateway.dav.asked import Asked
from gateway.dav.paths import On, Place
from gateway.dav.reports.row import Query
from gateway.dav.resources import Resource
from gateway.dav.xml import NOT_FOUND, children, status_response, text_of
from gateway.errors import DAV, GatewayError, InvalidRequest, TooManyMatches
from gateway.store import members

PLAIN: Final = re.compile(r"[A-Za-z0-9_~@-][A-Za-z0-9_.~@-]*").fullmatch
"""Names that are spelled in one way only."""


def calendar_multiget(resource: Resource, query: Query) -> Answer:
    """One response for each href, under the very spelling it was asked by. Depth says nothing here.

    Raises: InvalidRequest for no href at all, TooManyMatches.
    """
    limits = resource.view.settings.limits
    hrefs = [text_of(child).strip() for name, child in children(query.body) if name == DAV + "href"]
    if not hrefs:
        raise InvalidRequest("a calendar-multiget names at least one href")
    if len(hrefs) > limits.multiget:
        raise TooManyMatches(f"at most {limits.multiget} hrefs at once")
    asked = query.asked(resource, resource.zone)
    return multistatus(_answers(resource, asked, dict.fromkeys(hrefs)), limits.answer_bytes)


def _answers(resource: Resource, asked: Asked, hrefs: dict[str, None]) -> Iterator[str]:
    """On the home, each href may lie in another calendar."""
    if resource.on is not On.HOME:
        yield from _of_one(resource, asked, hrefs)
        return
    places: dict[Place, dict[str, None]] = {}
    for href in hrefs:
        place = _place(href)
        if place is None or not acl.reaches(resource.view, place) or place.name != resource.owner.name:
            yield status_response(href, NOT_FOUND)
        else:
            places.setdefault(replace(place, member=""), {})[href] = None
    for place, theirs in places.items():
        yield from _of_one(acl.reach(resource.view, place), asked, theirs)


def _of_one(resource: Resource, asked: Asked, hrefs: dict[str, None]) -> Iterator[str]:
    base = resource.base
    names: dict[str, str] = {}
    spelled: dict[str, str] = {}
    for href in hrefs:
        name = _name(resource, base, href)
        if name is None or names.setdefault(name, href) != href:
            yield status_response(href, NOT_FOUND)
        elif href != base + paths.encode(name):
            spelled[name] = href
    rows = _rows(resource, asked, list(names))
    yield from asking.answers(resource.cursor(), rows, asked, spelled)
    there = {row.href for row in rows}
    for name, href in names.items():
        if name not in there:
            yield status_response(href, NOT_FOUND)


def _name(resource: Resource, base: str, href: str) -> str | None:
    """The member's name, if the href names one that the asker may reach and that lies in the resource."""
    if href.startswith(base) and PLAIN(href, len(base)):
        return href[len(base) :]
    place = _place(href)
    if place is None or not acl.reaches(resource.view, place):
        return None
    return place.member if paths.path_of(place).startswith(base) else None


def _place(href: str) -> Place | None:
    """Of an object or a message."""
    try:
        place = paths.read(paths.of_href(href))
    except GatewayError:
        return None
    return place if place.on in On.MEMBER else None


def _rows(resource: Resource, asked: Asked, names: list[str]) -> list[Any]:
    conn, collection = resource.view.conn, resource.collection.id
    if resource.member is not None:
        return [resource.member] if resource.member.href in names else []
    return members.texts(conn, collection, names) if asked.needs_text else members.listed(conn, collection, names)
