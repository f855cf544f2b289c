"""Properties of people and teams. Where somebody's calendars are is no secret; what is in them is."""

from typing import Final

from gateway.dav.paths import On, home_path, principal_path
from gateway.dav.properties.row import Value
from gateway.dav.resources import Resource, Role, View
from gateway.dav.xml import escape, href
from gateway.store import delegates, principals
from gateway.store.principals import Principal

ACCESS: Final = {On.READERS: delegates.READ, On.WRITERS: delegates.WRITE}
RECORDS: Final = {On.TEAM: "groups", On.READERS: "read-delegate-group", On.WRITERS: "write-delegate-group"}
THINGS: Final = {"ROOM": "locations", "RESOURCE": "resources"}
SENDS: Final = frozenset({Role.OWNER, Role.WRITER})


def principal_url(resource: Resource) -> Value:
    return href(resource.path)


def alternate_uri_set(_resource: Resource) -> Value:
    return ""


def group_member_set(resource: Resource) -> Value:
    """Of a team its people; of a group of delegates whom its owner named, as far as the asker may know of them."""
    view, owner = resource.view, resource.owner
    if resource.on is On.TEAM:
        return "".join(href(principal_path(one.name)) for one in principals.members_of(view.conn, owner.id))
    return "".join(href(principal_path(one.name)) for one in members_named(resource))


def members_named(group: Resource) -> list[Principal]:
    """Of a group of delegates, those whom the asker may know of."""
    view = group.view
    named = delegates.named(view.conn, group.owner.id, ACCESS[group.on])
    return [one for one in named if one.id in view.known | {view.asker.id}]


def group_membership(resource: Resource) -> Value:
    """The teams the asker shares with them; of the asker also the groups of delegates they are in."""
    view = resource.view
    if resource.on in On.PROXIES:
        return ""
    teams = principals.teams_of(view.conn, resource.owner.id)
    found = [principal_path(team.name) for team in teams if team.id in view.colleagues]
    if resource.is_mine:
        found += [group.path for group in groups(view)]
    return "".join(map(href, found))


def groups(view: View) -> list[Resource]:
    """The groups of delegates that the asker is in."""
    people = principals.of_ids(view.conn, list(view.owners)) if view.owners else []
    return [Resource(on, view, one) for one in people for on, access in ACCESS.items() if access in view.owners[one.id]]


def addresses(resource: Resource) -> list[str]:
    """E-mail addresses, the main one first."""
    main = resource.owner.email.lower()
    return [main, *sorted(resource.view.addresses_of(resource.owner.id) - {main})]


def calendar_user_address_set(resource: Resource) -> Value:
    """mailto: first: Apple's Calendar takes the first one for ORGANIZER."""
    mails = "".join(href(f"mailto:{address}") for address in addresses(resource))
    return mails + href(principal_path(resource.owner.name))


def email_address_set(resource: Resource) -> Value:
    return "".join(f"<CS:email-address>{escape(address)}</CS:email-address>" for address in addresses(resource))


def calendar_user_type(resource: Resource) -> Value:
    return resource.owner.cutype


def record_type(resource: Resource) -> Value:
    return RECORDS.get(resource.on) or THINGS.get(resource.owner.kind, "users")


def first_name(resource: Resource) -> Value:
    return None if resource.owner.is_team else escape(resource.owner.displayname.partition(" ")[0])


def last_name(resource: Resource) -> Value:
    return None if resource.owner.is_team else escape(resource.owner.displayname.rpartition(" ")[2])


def calendar_home_set(resource: Resource) -> Value:
    """Of everybody one may know of: clients that look for people ask for it, and get no further by it."""
    return href(home_path(resource.owner.name))


def schedule_inbox_url(resource: Resource) -> Value:
    return href(home_path(resource.owner.name) + "inbox/") if resource.is_mine else None


def schedule_outbox_url(resource: Resource) -> Value:
    return href(home_path(resource.owner.name) + "outbox/") if resource.role in SENDS else None
