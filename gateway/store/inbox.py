"""Messages in the inbox of a person: objects of a calendar that is shown nowhere else, and members of their inbox."""

from typing import Final

from sqlalchemy import Connection, insert, update

from gateway.ical.index import Indexed
from gateway.model import RemoteCalendar
from gateway.store import accounts, collections, members, objects
from gateway.store.accounts import HIDDEN
from gateway.store.members import Member
from gateway.store.objects import Remote
from gateway.store.schema import CALENDARS, MEMBERS

PLACE: Final = RemoteCalendar(id=HIDDEN, displayname="", merged=False)


def add(conn: Connection, user: int, href: str, text: str, indexed: Indexed, now: int) -> int:
    """Id of its object. href: one that no item of the inbox has or had."""
    inbox = collections.inbox(conn, user)
    calendar = inbox.calendar_id if inbox.calendar_id is not None else _make(conn, user, inbox.id, now)
    key = objects.put(conn, user, calendar, href, text, indexed, Remote(), now)
    row = {"href": href, "uid": None, "kind": indexed.kind, "object_id": key, "etag": indexed.etag, "deleted": False}
    rev = members.raise_rev(conn, inbox.id)
    conn.execute(insert(MEMBERS).values(collection_id=inbox.id, rev=rev, **row))
    return key


def _make(conn: Connection, user: int, inbox: int, now: int) -> int:
    account = accounts.add(conn, user, HIDDEN, HIDDEN, {}, None, now)
    calendar = accounts.add_calendar(conn, user, account, PLACE)
    conn.execute(update(CALENDARS).where(CALENDARS.c.id == calendar).values(position=0))
    collections.change(conn, inbox, calendar_id=calendar)
    return calendar


def by_href(conn: Connection, user: int, href: str) -> Member | None:
    """Only one that is there."""
    member = members.by_href(conn, collections.inbox(conn, user).id, href)
    return None if member is None or member.deleted else member


def remove(conn: Connection, user: int, member: Member) -> None:
    inbox = collections.inbox(conn, user)
    objects.remove(conn, [member.object_id])
    mine = (MEMBERS.c.collection_id == inbox.id) & (MEMBERS.c.href == member.href)
    conn.execute(update(MEMBERS).where(mine).values(deleted=True, rev=members.raise_rev(conn, inbox.id)))
