"""In which of a person's calendars a meeting is, or will be."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from gateway.backends.table import BACKENDS
from gateway.model import RemoteCalendar
from gateway.store import accounts, objects
from gateway.store.accounts import CalendarRow
from gateway.store.database import Connection
from gateway.store.objects import ObjectRow
from gateway.store.principals import Principal
from gateway.sync.context import Sync
from gateway.sync.place import holds, is_local

INVITATIONS: Final = {"de": "Einladungen", "en": "Invitations", "es": "Invitaciones", "fr": "Invitations"}
ID: Final = "invitations"


@dataclass(frozen=True, slots=True)
class Copy:
    row: ObjectRow
    calendar: CalendarRow


def schedules_itself(calendar: CalendarRow) -> bool:
    """Its provider invites and answers, so we must not."""
    return calendar.schedules or BACKENDS[calendar.kind].sends_mail


def copies(conn: Connection, person: int, uid: str) -> list[Copy]:
    """What a person has of a meeting, in the order of their calendars; what stands in their inbox is none of it."""
    rows = objects.by_uid(conn, person, uid)
    if not rows:
        return []
    calendars = [one for one in accounts.calendars(conn, person) if not one.gone]
    return [Copy(row, one) for one in calendars for row in rows if row.calendar_id == one.id]


def elsewhere(found: Sequence[Copy]) -> bool:
    """A provider takes care of the meeting."""
    return any(schedules_itself(one.calendar) for one in found)


def ours(found: Sequence[Copy]) -> Copy | None:
    """The copy that we keep up to date."""
    return next((one for one in found if one.calendar.writable and not schedules_itself(one.calendar)), None)


def calendar_for(conn: Connection, sync: Sync, person: Principal, kind: str) -> CalendarRow:
    """Where an invitation goes that is new to somebody: their destination, unless its provider schedules by itself.

    Else the first local calendar that is seen and counts; one is made if there is none.
    """
    rows = [one for one in accounts.calendars(conn, person.id) if one.writable and not one.gone]
    for one in rows:
        if one.destination and one.merged and holds(one, kind) and not schedules_itself(one):
            return one
    for one in rows:
        if is_local(one) and one.merged and one.busy:
            return one
    return _made(conn, sync, person)


def _made(conn: Connection, sync: Sync, person: Principal) -> CalendarRow:
    name = INVITATIONS.get(person.locale[:2], INVITATIONS["en"])
    account = accounts.add(conn, person.id, "local", name, {}, None, sync.now)
    remote = RemoteCalendar(id=ID, displayname=name, writable=True, merged=True, busy=True)
    key = accounts.add_calendar(conn, person.id, account, remote)
    made = accounts.calendar(conn, key)
    if made is None:
        raise LookupError("a calendar that was just made is not there")
    return made
