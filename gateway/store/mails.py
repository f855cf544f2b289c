"""Threads of mails that we write about events, and the memory of mails that were read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, bindparam, delete, func, select

from gateway.store.insert import add_missing, is_added
from gateway.store.schema import LETTERS, MAILS_READ

REMEMBERED: Final = 180 * 86_400
"""Seconds that a mail is known to have been read; SEQUENCE keeps still older ones from doing harm."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A thread: one person's mails to one other about one event.

    thread: digest in their Message-IDs. first: digest of the iTIP message that opened it, "" if the other side did.
    root: Message-ID of the mail that did, "" if it was ours. told: what the recipient was told last, by RECURRENCE-ID.
    ended: SEQUENCE of the last CANCEL in it; -1 if there was none.
    """

    thread: str
    user_id: int
    uid: str
    recipient: str
    first: str
    root: str
    told: Mapping[str, Any]
    changed: int
    ended: int = -1


_LETTER: Final = select(*(LETTERS.c[field] for field in Letter.__dataclass_fields__)).where(
    LETTERS.c.thread == bindparam("thread")
)


def letter(conn: Connection, thread: str) -> Letter | None:
    row = conn.execute(_LETTER, {"thread": thread}).first()
    return None if row is None else Letter(*row)


def keep(conn: Connection, letter: Letter) -> None:
    """A new thread, or what has become of one."""
    values = {field: getattr(letter, field) for field in Letter.__dataclass_fields__}
    conn.execute(delete(LETTERS).where(LETTERS.c.thread == letter.thread))
    add_missing(conn, LETTERS, [values])


def ended(conn: Connection, user: int, uid: str) -> int:
    """The highest SEQUENCE of a CANCEL that was mailed about an event of theirs; -1: there was none."""
    found = select(func.max(LETTERS.c.ended)).where(LETTERS.c.user_id == user, LETTERS.c.uid == uid)
    highest = conn.execute(found).scalar()
    return -1 if highest is None else int(highest)


def remember(conn: Connection, digest: str, now: int) -> bool:
    """Whether this mail is read for the first time."""
    known = conn.execute(select(MAILS_READ.c.digest).where(MAILS_READ.c.digest == digest)).first()
    if known is not None:
        return False
    conn.execute(delete(MAILS_READ).where(MAILS_READ.c.read < now - REMEMBERED))
    return is_added(conn, MAILS_READ, {"digest": digest, "read": now})
