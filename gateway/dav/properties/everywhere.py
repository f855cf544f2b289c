"""Properties of every kind of resource."""

from typing import Final

from gateway.dav.paths import On, principal_path
from gateway.dav.properties.row import Value
from gateway.dav.resources import Resource
from gateway.dav.xml import element, escape, href
from gateway.errors import CALDAV, DAV

COLLECTION: Final = "<D:collection/>"
TYPES: Final = {
    On.PRINCIPAL: "<D:principal/>",
    On.TEAM: "<D:principal/>",
    On.CALENDAR: COLLECTION + "<C:calendar/>",
    On.SEPARATE: COLLECTION + "<C:calendar/>",
    On.INBOX: COLLECTION + "<C:schedule-inbox/>",
    On.OUTBOX: COLLECTION + "<C:schedule-outbox/>",
    On.OBJECT: "",
    On.MESSAGE: "",
}
READS: Final = (DAV + "read", DAV + "read-acl", DAV + "read-current-user-privilege-set")
WRITES: Final = (DAV + "write", DAV + "write-properties", DAV + "write-content", DAV + "bind", DAV + "unbind")
PRIVILEGES: Final = {
    On.CALENDAR: (*READS, CALDAV + "read-free-busy"),
    On.SEPARATE: (*READS, CALDAV + "read-free-busy"),
    On.OBJECT: (*READS, CALDAV + "read-free-busy"),
    On.HOME: (*READS, CALDAV + "read-free-busy", DAV + "write-properties", DAV + "bind", DAV + "unbind"),
    On.INBOX: (
        *READS,
        DAV + "write-properties",
        DAV + "unbind",
        CALDAV + "schedule-deliver",
        CALDAV + "schedule-query-freebusy",
    ),
    On.OUTBOX: (*READS, CALDAV + "schedule-send-freebusy"),
}


def resourcetype(resource: Resource) -> Value:
    return TYPES.get(resource.on, COLLECTION)


def displayname(resource: Resource) -> Value:
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


def supported_report_set(resource: Resource) -> Value:
    return resource.view.offers.reports[resource.on]


def writable(resource: Resource) -> bool:
    """Whether objects may be changed: of an object, where it comes from; of the merged calendar, anything at all."""
    calendars = resource.view.calendars
    if resource.on is On.SEPARATE:
        return resource.source is not None and resource.source.writable
    if resource.on is On.OBJECT:
        source = calendars.get(resource.member.calendar_id)
        return source is not None and source.writable
    return any(row.writable for row in calendars.values())


def privileges(resource: Resource) -> tuple[str, ...]:
    """What the asker may do here, as clients understand it.

    A calendar without anything to write to takes its owner's colour and name all the same, but does not say so:
    Thunderbird reads write-properties as leave to change events.
    """
    given = PRIVILEGES.get(resource.on, READS)
    if resource.on in On.CALENDARS and writable(resource):
        return (*given, *WRITES)
    if resource.on is On.OBJECT and writable(resource):
        return (*given, DAV + "write", DAV + "write-properties", DAV + "write-content")
    return given


def current_user_privilege_set(resource: Resource) -> Value:
    return "".join(f"<D:privilege>{element(name)}</D:privilege>" for name in privileges(resource))


def acl(resource: Resource) -> Value:
    """The asker's own entry: what others may do is nobody's to see."""
    return (
        f"<D:ace><D:principal>{href(principal_path(resource.view.asker.name))}</D:principal>"
        f"<D:grant>{current_user_privilege_set(resource)}</D:grant><D:protected/></D:ace>"
    )


def acl_restrictions(_resource: Resource) -> Value:
    return "<D:grant-only/><D:no-invert/>"


def supported_privilege_set(resource: Resource) -> Value:
    """A flat list: no privilege here is granted in part."""
    names = dict.fromkeys(
        (*PRIVILEGES.get(resource.on, READS), *(WRITES if resource.on in On.CALENDARS | On.OBJECT else ()))
    )
    return _supported(DAV + "all", "<D:abstract/>", "".join(map(_supported, names)))


def _supported(name: str, abstract: str = "", inner: str = "") -> str:
    local = name.partition("}")[2].replace("-", " ")
    described = f'<D:description xml:lang="en">{local}</D:description>'
    privilege = f"<D:privilege>{element(name)}</D:privilege>{abstract}{described}{inner}"
    return f"<D:supported-privilege>{privilege}</D:supported-privilege>"
