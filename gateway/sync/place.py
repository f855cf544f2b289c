"""Which calendar an object goes to."""

import hashlib
from collections.abc import Sequence
from typing import Final

from gateway.backends.table import BACKENDS
from gateway.errors import Forbidden, NotFound, ReadOnlyCalendar, RefusedByProvider, UnsupportedComponent
from gateway.ical.objects import href_of, read_lenient
from gateway.store import objects
from gateway.store.accounts import CalendarRow
from gateway.store.collections import Collection
from gateway.store.database import Connection
from gateway.store.objects import ObjectRow
from gateway.sync.texts import MARK

KINDS: Final = ("VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY")


def is_local(calendar: CalendarRow) -> bool:
    """It lives in our index alone."""
    return not BACKENDS[calendar.kind].remote


def is_marked(calendar: CalendarRow) -> bool:
    """We write its objects' texts anyway, so we also write in which calendar they are."""
    return not BACKENDS[calendar.kind].verbatim


def holds(calendar: CalendarRow, kind: str) -> bool:
    """Tasks and journals only where they come back as they went: clouds do not take them."""
    return kind == "VEVENT" or BACKENDS[calendar.kind].verbatim


def place(calendars: Sequence[CalendarRow], current: ObjectRow | None, kind: str, wanted: str) -> CalendarRow:
    """Where an object belongs that a client puts.

    calendars: the owner's, in order. current: the object it replaces. wanted: X-GATEWAY-CALENDAR, "" if none.
    Raises: ReadOnlyCalendar, Forbidden, also where it is the name of several.
    """
    here = None if current is None else next((one for one in calendars if one.id == current.calendar_id), None)
    if here is not None and not here.writable:
        raise ReadOnlyCalendar(f"the calendar {here.displayname!r} takes no changes")
    told = wanted and not _says_so_already(current, here, wanted)
    named = _named([one for one in calendars if one.merged and holds(one, kind)], wanted) if told else None
    if named is not None:
        if named.writable:
            return named
        if here is not None:  # a new one may be the copy of an event there
            raise ReadOnlyCalendar(f"the calendar {named.displayname!r} takes no changes")
    return here if here is not None else _usual(calendars, kind)


def place_in(calendars: Sequence[CalendarRow], collection: Collection, kind: str) -> CalendarRow:
    """The one calendar of a collection, for an object that a client puts there. calendars: the owner's.

    Raises: NotFound, ReadOnlyCalendar, UnsupportedComponent.
    """
    calendar = next((one for one in calendars if one.id == collection.calendar_id), None)
    if calendar is None:
        raise NotFound("there is no such calendar")
    if not calendar.writable:
        raise ReadOnlyCalendar(f"the calendar {calendar.displayname!r} takes no changes")
    if kind not in kinds(collection, calendar):
        raise UnsupportedComponent(f"the calendar {calendar.displayname!r} takes no {kind}")
    return calendar


def kinds(collection: Collection, calendar: CalendarRow) -> list[str]:
    """What a calendar that is shown separately takes, of KINDS."""
    wanted = collection.components.split(",") if collection.components else KINDS
    return [kind for kind in KINDS if kind in wanted and holds(calendar, kind)]


def check_move(row: ObjectRow, source: CalendarRow) -> None:
    """Raises: RefusedByProvider where the provider would tell people of a move what is not so."""
    bound = BACKENDS[source.kind].bound
    reason = bound(read_lenient(row.text)) if bound is not None else ""
    if reason:
        raise RefusedByProvider(reason)


def _named(calendars: Sequence[CalendarRow], name: str) -> CalendarRow | None:
    """Of several of that name: the one where new events go anyway, or the only one that takes changes.

    Raises: Forbidden where that says nothing.
    """
    found = [one for one in calendars if one.title == name] or [one for one in calendars if one.displayname == name]
    able = [one for one in found if one.writable]
    likely = [one for one in able if one.destination] or able
    if len(likely) > 1:
        titles = ", ".join(sorted({repr(one.title) for one in likely}))
        raise Forbidden(f"several of your calendars are called {name!r}; name one of them by its account too: {titles}")
    return next(iter(likely or found), None)


def _says_so_already(current: ObjectRow | None, here: CalendarRow | None, wanted: str) -> bool:
    """The value is not another one than what the client was given."""
    if current is None or here is None:
        return False
    return wanted in {here.displayname, here.title} or any(
        component.text(MARK) == wanted for component in read_lenient(current.text).components
    )


def _usual(calendars: Sequence[CalendarRow], kind: str) -> CalendarRow:
    able = [one for one in calendars if one.writable and one.merged]
    local = [one for one in able if is_local(one)]
    first = [one for one in able if one.destination and holds(one, kind)] if kind == "VEVENT" else []
    for calendar in [*first, *local]:
        return calendar
    raise Forbidden("none of your calendars takes this: set one as the destination for new events, or add a local one")


def free_href(conn: Connection, calendar: int, proposal: str, uid: str) -> tuple[str, ObjectRow | None]:
    """A name in a calendar that no other UID has, and the object of this UID that has it already."""
    row = objects.by_href(conn, calendar, proposal)
    if row is None or row.uid == uid:
        return proposal, row
    other = f"{href_of(uid)[:64].removesuffix('.ics')}-{hashlib.blake2b(uid.encode(), digest_size=8).hexdigest()}.ics"
    return other, objects.by_href(conn, calendar, other)
