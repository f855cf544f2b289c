"""Who may reach what. One table, one function, asked for every route and every href; what it does not name is denied.

Those who may not see a place get the answer of a place that is not there.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from gateway.dav.paths import On, Place
from gateway.dav.resources import DELEGATES, Resource, Role, View
from gateway.dav.sight import seen
from gateway.errors import Forbidden, NotFound
from gateway.store import collections, members, principals
from gateway.store.collections import MERGED, Collection
from gateway.store.principals import Principal

__all__ = ["REACHED", "Role", "find", "reach", "reaches", "shown", "visible"]

EVERYBODY: Final = frozenset(Role)
OWNER: Final = frozenset({Role.OWNER})
INSIDE: Final = OWNER | DELEGATES
REACHED: Final[Mapping[On, frozenset[Role]]] = {
    On.ROOT: EVERYBODY,
    On.PRINCIPALS: EVERYBODY,
    On.HOMES: EVERYBODY,
    On.PRINCIPAL: EVERYBODY - {Role.STRANGER},
    On.TEAM: frozenset({Role.COLLEAGUE, Role.KNOWN}),
    On.READERS: INSIDE,
    On.WRITERS: INSIDE,
    On.HOME: INSIDE,
    On.CALENDAR: INSIDE,
    On.SEPARATE: INSIDE,
    On.OBJECT: INSIDE,
    On.INBOX: OWNER,
    On.MESSAGE: OWNER,
    On.OUTBOX: frozenset({Role.OWNER, Role.WRITER}),
    On.SUBSCRIPTION: EVERYBODY,  # whose it is, its removal asks
}


def reach(view: View, place: Place) -> Resource:
    """The resource at a place, its member not read.

    Raises: NotFound alike for what is not there and for what is a stranger's; Forbidden for whatever could be in the
        home of somebody known, as that there is one is no secret.
    """
    owner = principals.by_name(view.conn, place.name) if place.name else None
    on = On.TEAM if place.on is On.PRINCIPAL and owner is not None and owner.is_team else place.on
    owned = on not in On.NOBODYS
    if owned and (owner is None or (owner.is_team and on is not On.TEAM)):
        raise NotFound("there is nothing here")
    role = view.role(owner)
    if role not in REACHED[on]:
        if on in On.OWNED and role is not Role.STRANGER:
            raise Forbidden("this is not shared with you")
        raise NotFound("there is nothing here")
    if view.writes and role is Role.READER:
        raise Forbidden("you may look at this, and change nothing")
    return Resource(on, view, owner, alias=place.alias, shelf=_shelf(view, place, owner))


def _shelf(view: View, place: Place, owner: Principal | None) -> Collection | None:
    """The calendar of its own that a place is or lies in. Raises: NotFound."""
    if owner is None or place.on not in On.SHELVED or place.collection == MERGED:
        return None
    shelf = collections.by_name(view.conn, owner.id, place.collection)
    if shelf is None:
        raise NotFound("there is nothing here")
    return shelf


def find(view: View, place: Place) -> Resource:
    """Like `reach`, with the member's row where the place is an object or a message.

    Raises: NotFound.
    """
    resource = reach(view, place)
    if place.on in On.MEMBER:
        row = members.text(view.conn, resource.collection.id, place.member)
        resource.member = next(iter(seen(resource, () if row is None else (row,))), None)
        if resource.member is None:
            raise NotFound("there is nothing here")
    return resource


def reaches(view: View, place: Place) -> bool:
    """Whether `reach` would succeed; for the hrefs inside a request, of which there are many in one place."""
    key = Place(place.on, place.name, collection=place.collection)
    if key not in view.reached:
        try:
            reach(view, key)
        except (Forbidden, NotFound):
            view.reached[key] = False
        else:
            view.reached[key] = True
    return view.reached[key]


def visible(view: View) -> list[Principal]:
    """Whom the asker may know of: themselves, colleagues, their teams, those who share calendars; in order of names."""
    return principals.of_ids(view.conn, view.known | {view.asker.id})


def shown(home: Resource) -> Iterator[Resource]:
    """What a home holds."""
    yield home.sibling(On.CALENDAR)
    for one in collections.shown(home.view.conn, home.owner.id):
        yield home.sibling(On.SEPARATE, one)
    for on in (On.INBOX, On.OUTBOX):
        if home.role in REACHED[on]:
            yield home.sibling(on)
