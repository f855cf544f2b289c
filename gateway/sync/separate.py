"""Calendars that are shown by themselves, beside the merged one; and those that clients make and delete."""

import re
import unicodedata
import uuid
from dataclasses import dataclass
from itertools import count
from typing import Final

from gateway.accounts.people import local_calendar
from gateway.errors import (
    CalendarExists,
    DefaultCalendarNeeded,
    Forbidden,
    InsufficientStorage,
    NotFound,
    UsageError,
)
from gateway.model import RemoteCalendar
from gateway.store import accounts, collections, members, objects
from gateway.store.accounts import CalendarRow
from gateway.store.collections import Collection
from gateway.store.database import Connection
from gateway.store.locks import lock_people
from gateway.sync.calendars import catch_up, owned
from gateway.sync.place import is_local
from gateway.sync.wake import wake_mirrors

MOST: Final = 250
"""Calendars that one person may have."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a new calendar is to be like.

    color: "#rrggbb" or "". zone: IANA name; "": its owner's. components: as of a Collection.
    """

    displayname: str
    color: str = ""
    zone: str = ""
    busy: bool = True
    components: str = ""


def set_separate(conn: Connection, user: int, calendar: int, on: bool, now: float) -> None:
    """Whether it is also shown as a calendar of its own; under the name that it had when it was shown before.

    now: epoch seconds.
    Raises: NotFound; UsageError where new events go to it and it would not be seen any more.
    """
    lock_people(conn, user)
    row = owned(conn, user, calendar)
    if row.destination and row.writable and not on and not row.merged:
        raise UsageError("new events go to this calendar; choose another destination first")
    if on and collections.of_calendar(conn, calendar) is None:
        collections.add(conn, user, _name_for(conn, user, row.displayname), calendar)
    accounts.change_calendar(conn, calendar, separate=on)
    members.refresh_calendar(conn, user, calendar)
    catch_up(conn, row, now)


def _name_for(conn: Connection, user: int, displayname: str) -> str:
    """A segment for its URL that no calendar of theirs has or had."""
    plain = unicodedata.normalize("NFKD", displayname.replace("ß", "ss")).encode("ascii", "ignore").decode()
    stem = "-".join(re.findall(r"[a-z0-9]+", plain.lower()))[:60] or "calendar"
    names = (stem if number == 1 else f"{stem}-{number}" for number in count(1))
    return next(
        name for name in names if name not in collections.RESERVED and collections.named(conn, user, name) is None
    )


def make(conn: Connection, user: int, name: str, wish: Wish, now: int) -> Collection:
    """A new calendar of theirs that lives here, shown by itself and not merged.

    name: of its URL, as the client wants it.
    Raises: CalendarExists, InsufficientStorage.
    """
    lock_people(conn, user)
    known = collections.named(conn, user, name)
    if name in collections.RESERVED or (known is not None and known.calendar_id is not None):
        raise CalendarExists("there is a calendar of that name already")
    if len(accounts.calendars(conn, user)) >= MOST:
        raise InsufficientStorage(f"at most {MOST} calendars")
    beside = accounts.calendar(conn, local_calendar(conn, user, now))
    if beside is None:
        raise NotFound("there is no place for it")
    remote = RemoteCalendar(
        id=str(uuid.uuid4()),
        displayname=wish.displayname[:255],
        color=wish.color,
        zone=wish.zone,
        writable=True,
        merged=False,
        busy=wish.busy,
    )
    calendar = accounts.add_calendar(conn, user, beside.account_id, remote)
    accounts.change_calendar(conn, calendar, separate=True)
    return collections.add(conn, user, name, calendar, wish.components)


def rename(conn: Connection, user: int, collection: Collection, name: str) -> None:
    """Another name for its URL. Raises: CalendarExists."""
    lock_people(conn, user)
    known = collections.named(conn, user, name)
    if name in collections.RESERVED or (known is not None and known.calendar_id is not None):
        raise CalendarExists("there is a calendar of that name already")
    collections.rename(conn, collection, name)


def unmake(conn: Connection, user: int, collection: Collection, now: float) -> None:
    """Deletes a calendar that lives here, with all that is in it. now: epoch seconds.

    Raises: NotFound; Forbidden for one at a provider; DefaultCalendarNeeded.
    """
    lock_people(conn, user)
    row = owned(conn, user, collection.calendar_id or 0)
    check_unmake(row)
    held = objects.uids(conn, row.id)
    accounts.remove_calendar(conn, row.id)
    members.refresh(conn, user, held)
    wake_mirrors(conn, user, now)


def check_unmake(row: CalendarRow) -> None:
    """Raises: Forbidden, DefaultCalendarNeeded."""
    if not is_local(row):
        raise Forbidden(f"{row.displayname!r} is a calendar at a provider; it is deleted there")
    if row.destination:
        raise DefaultCalendarNeeded("new events go to this calendar; choose another one for them first")
