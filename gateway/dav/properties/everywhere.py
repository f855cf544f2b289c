"""Properties of every kind of resource."""

from typing import Final

from gateway.dav.paths import GROUPS, On, principal_path
from gateway.dav.properties.row import Value
from gateway.dav.resources import Resource
from gateway.dav.xml import escape, href

COLLECTION: Final = "<D:collection/>"
TYPES: Final = {
    On.PRINCIPAL: COLLECTION + "<D:principal/>",
    On.READERS: COLLECTION + "<D:principal/><CS:calendar-proxy-read/>",
    On.WRITERS: COLLECTION + "<D:principal/><CS:calendar-proxy-write/>",
    On.TEAM: "<D:principal/>",
    On.CALENDAR: COLLECTION + "<C:calendar/>",
    On.SEPARATE: COLLECTION + "<C:calendar/>",
    On.INBOX: COLLECTION + "<C:schedule-inbox/>",
    On.OUTBOX: COLLECTION + "<C:schedule-outbox/>",
    On.OBJECT: "",
    On.MESSAGE: "",
}


def resourcetype(resource: Resource) -> Value:
    return TYPES.get(resource.on, COLLECTION)


def displayname(resource: Resource) -> Value:
    if resource.on in On.PROXIES:
        return GROUPS[resource.on]
    if resource.on is On.INBOX:
        return "Inbox"
    if resource.on is On.OUTBOX:
        return "Outbox"
    if resource.on is On.SEPARATE and resource.source is not None:
        return escape(resource.source.displayname)
    return escape(resource.owner.displayname)


def current_user_principal(resource: Resource) -> Value:
    return href(principal_path(resource.view.asker.name))


def principal_collection_set(_resource: Resource) -> Value:
    return href("/dav/principals/")


def owner(resource: Resource) -> Value:
    return href(principal_path(resource.owner.name))


def group(_resource: Resource) -> Value:
    """No group owns anything here."""
    return ""


def supported_live_property_set(resource: Resource) -> Value:
    return resource.view.offers.properties[resource.on]


def supported_method_set(resource: Resource) -> Value:
    return resource.view.offers.methods[resource.on]


def supported_report_set(resource: Resource) -> Value:
    return resource.view.offers.reports[resource.on]
