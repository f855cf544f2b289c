"""What comes into a person's inbox, and leaves it."""

import uuid

from gateway.errors import NotFound
from gateway.ical.objects import read_lenient
from gateway.store import inbox
from gateway.store.database import Connection
from gateway.store.locks import lock_people
from gateway.sync.context import Sync, scope_of
from gateway.sync.write import check_conditions


def add(conn: Connection, sync: Sync, user: int, text: str) -> str:
    """The href of a message, with its METHOD, that a person is to find in their inbox.

    Raises: InvalidCalendarData and its like.
    """
    lock_people(conn, user)
    href = f"{uuid.uuid4()}.ics"
    indexed = scope_of(conn, sync, user).index(read_lenient(text), text)
    inbox.add(conn, user, href, text, indexed, sync.now)
    return href


def remove(conn: Connection, user: int, href: str, *, if_match: str | None = None) -> None:
    """Raises: NotFound, PreconditionFailed."""
    lock_people(conn, user)
    member = inbox.by_href(conn, user, href)
    if member is None:
        raise NotFound("there is no such message")
    check_conditions(member, if_match, if_none_match=False)
    inbox.remove(conn, user, member)
