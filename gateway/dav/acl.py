"""Who may reach what. One table, one function, asked for every route and every href; what it does not name is denied.

Those who may not see a place get the answer of a place that is not there.
"""

from collections.abc import Iterator, Mapping
from enum import Enum, auto
from typing import Final

from gateway.dav.paths import On, Place
from gateway.dav.resources import Resource, View
from gateway.errors import NotFound
from gateway.store import collections, members, principals
from gateway.store.collections import MERGED, Collection
from gateway.store.principals import Principal


class Role(Enum):
    """What the asker is to the owner of a place."""

    OWNER = auto()
    COLLEAGUE = auto()  # shares a team with them, or is a member of that team
    STRANGER = auto()


EVERYBODY: Final = frozenset(Role)
REACHED: Final[Mapping[On, frozenset[Role]]] = {
    On.ROOT: EVERYBODY,
    On.PRINCIPALS: EVERYBODY,
    On.HOMES: EVERYBODY,
    On.PRINCIPAL: frozenset({Role.OWNER, Role.COLLEAGUE}),
    On.TEAM: frozenset({Role.COLLEAGUE}),
    On.HOME: frozenset({Role.OWNER}),
    On.CALENDAR: frozenset({Role.OWNER}),
    On.SEPARATE: frozenset({Role.OWNER}),
    On.OBJECT: frozenset({Role.OWNER}),
    On.INBOX: frozenset({Role.OWNER}),
    On.MESSAGE: frozenset({Role.OWNER}),
    On.OUTBOX: frozenset({Role.OWNER}),
    On.SUBSCRIPTION: EVERYBODY,  # whose it is, its removal asks
}


def role(view: View, owner: Principal | None) -> Role:
    if owner is None:
        return Role.STRANGER
    if owner.id == view.asker.id:
        return Role.OWNER
    return Role.COLLEAGUE if owner.id in view.colleagues else Role.STRANGER


def reach(view: View, place: Place) -> Resource:
    """The resource at a place, its member not read.

    Raises: NotFound alike for what is not there and for what the asker may not reach.
    """
    owner = principals.by_name(view.conn, place.name) if place.name else None
    on = On.TEAM if place.on is On.PRINCIPAL and owner is not None and owner.is_team else place.on
    nobody = owner is None and place.on not in On.ROOT | On.PRINCIPALS | On.HOMES | On.SUBSCRIPTION
    if nobody or role(view, owner) not in REACHED.get(on, frozenset()):
        raise NotFound("there is nothing here")
    return Resource(on, view, owner, alias=place.alias, shelf=_shelf(view, place, owner))


def _shelf(view: View, place: Place, owner: Principal | None) -> Collection | None:
    """The calendar of its own that a place is or lies in. Raises: NotFound."""
    if owner is None or place.on not in On.SEPARATE | On.OBJECT or place.collection == MERGED:
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
        resource.member = members.text(view.conn, resource.collection.id, place.member)
        if resource.member is None:
            raise NotFound("there is nothing here")
    return resource


def reaches(view: View, place: Place) -> bool:
    """Whether `reach` would succeed; for the hrefs inside a request, of which there are many in one place."""
    key = Place(place.on, place.name, collection=place.collection)
    if key not in view.reached:
        try:
            reach(view, key)
        except NotFound:
            view.reached[key] = False
        else:
            view.reached[key] = True
    return view.reached[key]


def visible(view: View) -> list[Principal]:
    """Whom the asker may know of: themselves, colleagues, their teams; in order of their names."""
    return principals.of_ids(view.conn, view.colleagues | {view.asker.id})


def shown(home: Resource) -> Iterator[Resource]:
    """What a home holds."""
    yield home.sibling(On.CALENDAR)
    for one in collections.shown(home.view.conn, home.owner.id):
        yield home.sibling(On.SEPARATE, one)
    for on in (On.INBOX, On.OUTBOX):
        yield home.sibling(on)
