"""Properties of people and teams. What leads into a person's calendars is theirs alone."""

from gateway.dav.paths import home_path, principal_path
from gateway.dav.properties.row import Value
from gateway.dav.resources import Resource
from gateway.dav.xml import escape, href
from gateway.store import principals


def principal_url(resource: Resource) -> Value:
    return href(principal_path(resource.owner.name))


def alternate_uri_set(_resource: Resource) -> Value:
    return ""


def group_member_set(resource: Resource) -> Value:
    return "".join(
        href(principal_path(one.name)) for one in principals.members_of(resource.view.conn, resource.owner.id)
    )


def group_membership(resource: Resource) -> Value:
    """The teams the asker shares with them."""
    view = resource.view
    teams = principals.teams_of(view.conn, resource.owner.id)
    return "".join(href(principal_path(team.name)) for team in teams if team.id in view.colleagues)


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
    return resource.owner.kind


def record_type(resource: Resource) -> Value:
    return "groups" if resource.owner.is_team else "users"


def first_name(resource: Resource) -> Value:
    return None if resource.owner.is_team else escape(resource.owner.displayname.partition(" ")[0])


def last_name(resource: Resource) -> Value:
    return None if resource.owner.is_team else escape(resource.owner.displayname.rpartition(" ")[2])


def calendar_home_set(resource: Resource) -> Value:
    return href(home_path(resource.owner.name)) if resource.is_mine else None


def schedule_inbox_url(resource: Resource) -> Value:
    return href(home_path(resource.owner.name) + "inbox/") if resource.is_mine else None


def schedule_outbox_url(resource: Resource) -> Value:
    return href(home_path(resource.owner.name) + "outbox/") if resource.is_mine else None
