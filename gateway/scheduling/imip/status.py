"""What became of the messages to a person, written on their line in the organizer's or attendee's object."""

from collections.abc import Mapping
from typing import Final

from gateway.scheduling.implicit import places
from gateway.scheduling.itip import with_status
from gateway.store import locks, principals
from gateway.store.database import Connection
from gateway.sync.context import Sync
from gateway.sync.write import take

FAILED: Final = "5.1"
"""Delivery failed (RFC 6638 3.2.9)."""
NOBODY: Final = "3.7"
"""The address is none."""


def mark(conn: Connection, sync: Sync, user: int, uid: str, codes: Mapping[str, str]) -> bool:
    """SCHEDULE-STATUS of these addresses on the person's object of that UID; whether there was something to change.

    The Schedule-Tag stays, as nothing has changed that a client could overwrite.
    """
    locks.lock_meeting(conn, uid, codes.keys(), user)
    copy = places.ours(places.copies(conn, user, uid))
    if copy is None:
        return False
    text = with_status(copy.row.text, codes)
    if text == copy.row.text:
        return False
    take(conn, sync, principals.by_id(conn, user), text, copy.row, copy.calendar, tag=copy.row.schedule_tag)
    sync.bell.ring()
    return True
