"""Who stands in for whom, as calendar clients choose and find it (caldav-proxy)."""

from gateway.dav import paths
from gateway.dav.paths import On, principal_path
from gateway.dav.properties.principals import ACCESS
from gateway.dav.properties.row import Effect, Value
from gateway.dav.resources import Resource
from gateway.dav.xml import Element, children, href, text_of
from gateway.errors import DAV, GatewayError, InvalidPropertyValue, ProtectedProperty
from gateway.store import delegates, principals
from gateway.store.principals import Principal
from gateway.sync.context import Sync


def read_for(resource: Resource) -> Value:
    """Whose calendars the asker may read; told to nobody else."""
    return _owners(resource, delegates.READ)


def write_for(resource: Resource) -> Value:
    return _owners(resource, delegates.WRITE)


def _owners(resource: Resource, access: str) -> Value:
    if not resource.is_mine:
        return None
    keys = [key for key, rights in resource.view.owners.items() if access in rights]
    people = principals.of_ids(resource.view.conn, keys) if keys else []
    return "".join(href(principal_path(one.name)) for one in people)


def write_members(resource: Resource, value: Element | None) -> Effect | None:
    """Only their owner names delegates, and only people and teams that they may know of.

    Raises: ProtectedProperty, InvalidPropertyValue.
    """
    if resource.on is On.TEAM or not resource.is_mine:
        raise ProtectedProperty("who is in it is not yours to choose")
    hrefs = [] if value is None else [text_of(one) for name, one in children(value) if name == DAV + "href"]
    named = {_named(resource, one) for one in hrefs}
    owner, access = resource.owner.id, ACCESS[resource.on]

    async def effect(sync: Sync) -> None:
        await sync.db.write(delegates.put, owner, access, {one.id for one in named})

    return effect


def _named(resource: Resource, given: str) -> Principal:
    view, address = resource.view, given.strip()
    if address.lower().startswith("mailto:"):
        found = principals.by_address(view.conn, address)
    else:
        found = _at(resource, address)
    if found is None or found.id not in view.known:
        raise InvalidPropertyValue("this is nobody that you may know of", None)
    return found


def _at(resource: Resource, given: str) -> Principal | None:
    try:
        place = paths.read(paths.of_href(given))
    except GatewayError:
        return None
    return principals.by_name(resource.view.conn, place.name) if place.on is On.PRINCIPAL else None
