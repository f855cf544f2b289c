"""DAV:sync-collection (RFC 6578)."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from gateway.dav import asked as asking
from gateway.dav import tokens
from gateway.dav.answer import Answer, multistatus
from gateway.dav.asked import Asked
from gateway.dav.paths import encode
from gateway.dav.reports.row import Query
from gateway.dav.resources import Resource
from gateway.dav.xml import INSUFFICIENT, NOT_FOUND, children, element, escape, status_response, text_of
from gateway.errors import DAV, InvalidRequest
from gateway.store import members

ALL: Final = 1 << 40


def sync_collection(resource: Resource, query: Query) -> Answer:
    """What changed since the token; with Depth 0, 1 or none alike, as clients send all three.

    A limit cuts the answer, says so with a 507 for the collection, and its token goes on from there.
    Raises: InvalidRequest, InvalidSyncToken.
    """
    known, most = _token(resource, query), _limit(query)
    _check_level(query)
    asked = query.asked(resource, resource.zone)
    rows, reached, more = _since(resource, known, most)
    limits = resource.view.settings.limits
    return multistatus(_answers(resource, asked, rows, reached, more=more), limits.answer_bytes)


def _token(resource: Resource, query: Query) -> int | None:
    given = [child for name, child in children(query.body) if name == DAV + "sync-token"]
    if len(given) != 1:
        raise InvalidRequest("a sync-collection has one sync-token, empty at first")
    return tokens.read(resource, text_of(given[0]))


def _check_level(query: Query) -> None:
    """Either level is that of a calendar: there are no collections in it. Drafts knew none at all."""
    for name, child in children(query.body):
        if name == DAV + "sync-level" and text_of(child).strip() not in {"1", "infinite"}:
            raise InvalidRequest("the sync-level is 1 or infinite")


def _limit(query: Query) -> int:
    for name, child in children(query.body):
        if name == DAV + "limit":
            text = next((text_of(inner).strip() for key, inner in children(child) if key == DAV + "nresults"), "")
            if not (text.isascii() and text.isdigit() and int(text[:12]) > 0):
                raise InvalidRequest("nresults is a positive number")
            return int(text[:12])
    return ALL


def _since(resource: Resource, known: int | None, most: int) -> tuple[Sequence[Any], int, bool]:
    conn, collection = resource.view.conn, resource.collection
    if known is None and most == ALL:
        return members.listing(conn, collection.id), collection.rev, False
    return members.since(conn, collection.id, known, most)


def _answers(resource: Resource, asked: Asked, rows: Sequence[Any], reached: int, *, more: bool) -> Iterator[str]:
    base = resource.path
    gone = [row.href for row in rows if row.deleted]
    live = [row for row in rows if not row.deleted] if gone else rows
    if asked.needs_text:
        live = members.texts(resource.view.conn, resource.collection.id, [row.href for row in live])
    yield from asking.answers(resource.cursor(), live, asked)
    for href in gone:
        yield status_response(base + encode(href), NOT_FOUND)
    if more:
        yield status_response(base, INSUFFICIENT, DAV + "number-of-matches-within-limits")
    yield element(DAV + "sync-token", escape(tokens.token(resource, reached)))
