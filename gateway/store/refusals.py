"""Changes that were promised to a client and that the provider then would not have, until their owner has seen them."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, delete, select

from gateway.store.insert import put
from gateway.store.schema import REFUSALS


@dataclass(frozen=True, slots=True)
class Refusal:
    """summary: of the event. reason: what the provider said. created: epoch seconds.

    trouble: the kind of reason, for words in the owner's language: refused, read-only, gone.
    """

    id: int
    user_id: int
    account_id: int
    uid: str
    summary: str
    reason: str
    trouble: str
    created: int


_COLUMNS: Final = tuple(REFUSALS.c[field] for field in Refusal.__dataclass_fields__)


def add(
    conn: Connection, user: int, account: int, uid: str, summary: str, reason: str, now: int, *, trouble: str
) -> None:
    """In place of what was known of that event."""
    mend(conn, account, uid)
    said = {"summary": summary, "reason": reason, "trouble": trouble}
    values = {"user_id": user, "account_id": account, "uid": uid, "created": now, **said}
    put(conn, REFUSALS, ("account_id", "uid"), values)  # another process may have added one since


def mend(conn: Connection, account: int, uid: str) -> None:
    """The provider has taken a later change of the event."""
    conn.execute(delete(REFUSALS).where(REFUSALS.c.account_id == account, REFUSALS.c.uid == uid))


def dismiss(conn: Connection, user: int, key: int) -> None:
    """Seen by its owner."""
    conn.execute(delete(REFUSALS).where(REFUSALS.c.user_id == user, REFUSALS.c.id == key))


def of_user(conn: Connection, user: int) -> list[Refusal]:
    """In the order they happened."""
    return [
        Refusal(*row)
        for row in conn.execute(select(*_COLUMNS).where(REFUSALS.c.user_id == user).order_by(REFUSALS.c.id))
    ]


def everyone(conn: Connection) -> list[Refusal]:
    return [Refusal(*row) for row in conn.execute(select(*_COLUMNS).order_by(REFUSALS.c.id))]
