"""Tells mirrors that somebody's calendars have changed."""

from typing import Final

from gateway.store import jobs, mirrors
from gateway.store.database import Connection

MIRROR: Final = "mirror"
CALM: Final = 5.0
"""Seconds that a mirror waits after a change, so that several of them are one look."""


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
