"""CALDAV:calendar-multiget (RFC 4791 7.9)."""

import re
from collections.abc import Iterator
from typing import Any, Final

from gateway.dav import acl, paths
from gateway.dav import asked as asking
from gateway.dav.answer import Answer, multistatus
from gateway.dav.asked import Asked
from gateway.dav.paths import On
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
    base = resource.home + "merged/"
    names: dict[str, str] = {}
    spelled: dict[str, str] = {}
    for href in hrefs:
        name = _name(resource, base, href)
        if name is None or names.setdefault(name, href) != href:
            yield status_response(href, NOT_FOUND)
        elif href != base + paths.encode(name):
            spelled[name] = href
    rows = _rows(resource, asked, list(names))
    yield from asking.answers(resource.sibling(On.OBJECT), rows, asked, spelled)
    there = {row.href for row in rows}
    for name, href in names.items():
        if name not in there:
            yield status_response(href, NOT_FOUND)


def _name(resource: Resource, base: str, href: str) -> str | None:
    """The member's name, if the href names one that the asker may reach and that lies in the resource."""
    if href.startswith(base) and PLAIN(href, len(base)):
        return href[len(base) :]
    try:
        place = paths.read(paths.of_href(href))
    except GatewayError:
        return None
    reached = place.on is On.OBJECT and acl.reaches(resource.view, place)
    return place.member if reached and place.name == resource.owner.name else None


def _rows(resource: Resource, asked: Asked, names: list[str]) -> list[Any]:
    conn, owner = resource.view.conn, resource.owner.id
    if resource.on is On.OBJECT:
        return [resource.member] if resource.member.href in names else []
    if resource.on is On.INBOX:
        return []
    return members.texts(conn, owner, names) if asked.needs_text else members.listed(conn, owner, names)
