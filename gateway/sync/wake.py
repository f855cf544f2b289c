"""Tells mirrors and bookings that somebody's calendars have changed."""

from collections.abc import Collection
from typing import Final

from gateway.store import accounts, jobs, mirrors, objects, taken
from gateway.store.database import Connection

MIRROR: Final = "mirror"
CALM: Final = 5.0
"""Seconds that a mirror waits after a change, so that several of them are one look."""
BOOKING: Final = "booking"
SETTLED: Final = 20.0
"""Seconds that a booking waits after its event has changed. Whoever drags it about, takes that back, or moves it from
one calendar to another by making it anew, is done by then; the invitee hears of where it ended up.
"""


def key_of(mirror: int) -> str:
    return f"mirror {mirror}"


def wake_mirrors(conn: Connection, user: int, now: float) -> None:
    """In the transaction of the change. now: epoch seconds."""
    for mirror in mirrors.ids(conn, user):
        wake(conn, user, mirror, now + CALM)


def wake_stuck(conn: Connection, account: int, now: float) -> None:
    """The account works: whatever waited for that goes on."""
    for user, mirror in mirrors.stuck(conn, account):
        wake(conn, user, mirror, now)


def wake(conn: Connection, user: int, mirror: int, due: float) -> None:
    jobs.add(conn, MIRROR, key_of(mirror), {"mirror": mirror}, due=due, user=user)


def wake_bookings(conn: Connection, user: int, uids: Collection[str], now: float) -> None:
    """In the transaction that changes, or takes away, what the person has under these UIDs. now: epoch seconds.

    Not for calendars that are only seen no more: what is in them was not deleted by anybody.
    """
    for uid in taken.booked(conn, user, uids):
        payload = {"uid": uid, "gone": not _held(conn, user, uid)}
        jobs.add(conn, BOOKING, f"{user} {uid}", payload, due=now + SETTLED, user=user)


def _held(conn: Connection, user: int, uid: str) -> bool:
    """In one of their calendars; what is in their inbox is not."""
    calendars = {one.id for one in accounts.calendars(conn, user)}
    return any(row.calendar_id in calendars for row in objects.by_uid(conn, user, uid))
