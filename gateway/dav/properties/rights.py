"""What may be done to a resource, and by whom (RFC 3744 5)."""

from collections.abc import Iterator
from typing import Final

from gateway.dav.paths import On, Place, path_of, principal_path
from gateway.dav.properties.row import Value
from gateway.dav.resources import Resource, Role
from gateway.dav.xml import element, href
from gateway.errors import CALDAV, DAV

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
        CALDAV + "schedule-deliver-invite",
        CALDAV + "schedule-deliver-reply",
        CALDAV + "schedule-query-freebusy",
    ),
    On.OUTBOX: (
        *READS,
        CALDAV + "schedule-send",
        CALDAV + "schedule-send-invite",
        CALDAV + "schedule-send-reply",
        CALDAV + "schedule-send-freebusy",
    ),
}
SEEN: Final = frozenset({*READS, CALDAV + "read-free-busy"})
"""Of what their owner may do, what they may do who only read."""
GROUPS: Final = {Role.READER: On.READERS, Role.WRITER: On.WRITERS}
CALENDARS: Final = On.HOME | On.CALENDARS | On.OBJECT
SHARED: Final = {Role.READER: CALENDARS, Role.WRITER: CALENDARS | On.OUTBOX}


def writable(resource: Resource) -> bool:
    """Whether objects may be changed: of an object, where it comes from; of the merged calendar, anything at all."""
    calendars = resource.calendars
    if resource.on is On.SEPARATE:
        return resource.source is not None and resource.source.writable
    if resource.on is On.OBJECT:
        source = calendars.get(resource.member.calendar_id)
        return source is not None and source.writable
    return any(row.writable for row in calendars.values())


def privileges(resource: Resource, role: Role | None = None) -> tuple[str, ...]:
    """What somebody may do here, as clients understand it; the asker, where no role is given.

    A calendar without anything to write to takes its owner's colour and name all the same, but does not say so:
    Thunderbird reads write-properties as leave to change events.
    """
    role = role or resource.role
    given = PRIVILEGES.get(resource.on, READS)
    if role is Role.READER or (role is Role.WRITER and resource.on is On.HOME):
        return tuple(name for name in given if name in SEEN)
    if resource.on in On.CALENDARS and writable(resource):
        return (*given, *WRITES)
    if resource.on is On.OBJECT and writable(resource):
        return (*given, DAV + "write", DAV + "write-properties", DAV + "write-content")
    if resource.on in On.PROXIES and role is Role.OWNER:
        return (*given, DAV + "write-properties")
    return given


def _granted(names: tuple[str, ...]) -> str:
    return "".join(f"<D:privilege>{element(name)}</D:privilege>" for name in names)


def current_user_privilege_set(resource: Resource) -> Value:
    return _granted(privileges(resource))


def entries(resource: Resource) -> Iterator[tuple[Role, str]]:
    """(role, path of the principal) of each entry of the access list that the asker may see.

    Its owner sees their own and those of the two groups of delegates, everybody else the one that lets them in.
    """
    if resource.role not in GROUPS:
        yield resource.role, principal_path(resource.view.asker.name)
    for role, on in GROUPS.items():
        if role is resource.role or (resource.role is Role.OWNER and resource.on in SHARED[role]):
            yield role, path_of(Place(on, resource.owner.name))


def acl(resource: Resource) -> Value:
    return "".join(
        f"<D:ace><D:principal>{href(path)}</D:principal>"
        f"<D:grant>{_granted(privileges(resource, role))}</D:grant><D:protected/></D:ace>"
        for role, path in entries(resource)
    )


def inherited_acl_set(_resource: Resource) -> Value:
    """Nothing is inherited: each resource says all of it."""
    return ""


def acl_restrictions(_resource: Resource) -> Value:
    return "<D:grant-only/><D:no-invert/>"


def supported_privilege_set(resource: Resource) -> Value:
    """A flat list: no privilege here is granted in part."""
    names = dict.fromkeys(
        (
            *PRIVILEGES.get(resource.on, READS),
            *(WRITES if resource.on in On.CALENDARS | On.OBJECT else ()),
            *((DAV + "write-properties",) if resource.on in On.PROXIES else ()),
        )
    )
    return _supported(DAV + "all", "<D:abstract/>", "".join(map(_supported, names)))


def _supported(name: str, abstract: str = "", inner: str = "") -> str:
    local = name.partition("}")[2].replace("-", " ")
    described = f'<D:description xml:lang="en">{local}</D:description>'
    privilege = f"<D:privilege>{element(name)}</D:privilege>{abstract}{described}{inner}"
    return f"<D:supported-privilege>{privilege}</D:supported-privilege>"
