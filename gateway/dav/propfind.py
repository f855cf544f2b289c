"""PROPFIND (RFC 4918 9.1)."""

from collections.abc import Iterator
from typing import Final

from gateway.dav import acl, xml
from gateway.dav import asked as asking
from gateway.dav.answer import Answer, multistatus
from gateway.dav.asked import Asked
from gateway.dav.paths import On
from gateway.dav.resources import DELEGATES, Resource
from gateway.errors import DAV, InfiniteDepth, InvalidXml
from gateway.store import members

ASKS: Final = {DAV + "prop", DAV + "allprop", DAV + "propname", DAV + "include"}


def read(body: bytes, *, minimal: bool) -> Asked:
    """An empty body asks for all properties, and so does an empty propfind.

    One of nothing but unknown elements is refused: nothing in it is understood (RFC 4918 A.4).

    Raises: InvalidXml.
    """
    if not body.strip():
        return Asked(asking.ALL.mode, minimal=minimal)
    root = xml.parse(body)
    if root.tag != DAV + "propfind":
        raise InvalidXml("the body is not a propfind")
    asks = {name for name, _ in xml.children(root)}
    if asks and asks.isdisjoint(ASKS):
        raise InvalidXml("a propfind asks for prop, allprop or propname")
    return asking.read(root, minimal=minimal)


def propfind(resource: Resource, asked: Asked, depth: str | None, *, without_root: bool) -> Answer:
    """A missing Depth would be infinity (RFC 4918 9.1); it is read as 1, which is what servers send for it.

    without_root: leave out the resource itself where its members are listed (RFC 8144 2.3).
    Raises: InfiniteDepth.
    """
    if depth == "infinity":
        raise InfiniteDepth("ask with Depth 0 or 1")
    limits = resource.view.settings.limits
    return multistatus(_answers(resource, asked, inner=depth != "0", without_root=without_root), limits.answer_bytes)


def _answers(resource: Resource, asked: Asked, *, inner: bool, without_root: bool) -> Iterator[str]:
    if not (inner and without_root):
        yield asking.answer(resource, asked)
    if not inner:
        return
    for child in _children(resource):
        yield asking.answer(child, asked)
    if resource.on in On.LISTS:
        conn, collection = resource.view.conn, resource.collection.id
        rows = members.texts(conn, collection) if asked.needs_text else members.listing(conn, collection)
        yield from asking.answers(resource.cursor(), rows, asked)


def _children(resource: Resource) -> Iterator[Resource]:
    """The collections right below, as far as the asker may know of them."""
    view = resource.view
    if resource.on is On.ROOT:
        yield from (Resource(on, view) for on in (On.PRINCIPALS, On.HOMES))
    elif resource.on is On.PRINCIPALS and not resource.alias:
        yield from (Resource(On.TEAM if one.is_team else On.PRINCIPAL, view, one) for one in acl.visible(view))
    elif resource.on is On.PRINCIPAL and resource.role in acl.INSIDE:
        yield from (resource.sibling(on) for on in (On.READERS, On.WRITERS))
    elif resource.on is On.HOMES:
        yield Resource(On.HOME, view, view.asker)
        yield from (Resource(On.HOME, view, one) for one in acl.visible(view) if view.role(one) in DELEGATES)
    elif resource.on is On.HOME:
        yield from acl.shown(resource)
