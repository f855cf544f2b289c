"""What all processes together have asked of the providers, and who may ask how much at once."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Final

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from gateway.store.insert import add_missing
from gateway.store.schema import ACCOUNTS, BUDGETS, PLACES


@dataclass(frozen=True, slots=True)
class Budget:
    """Of one mailbox, or of all accounts of a kind. Times in epoch seconds.

    account_id: which account had it made, so that it goes with that; another account of the same mailbox makes it anew.

    full_at: when everything that was taken is there again. failures: in a row. held_until: nobody asks before; 0.0: no
    hold. probed_until: by when whoever is finding out whether it works again will know. reason: of the last failure.
    """

    key: str
    account_id: int | None = None
    full_at: float = 0.0
    failures: int = 0
    held_until: float = 0.0
    probed_until: float = 0.0
    reason: str = ""


_COLUMNS: Final = tuple(BUDGETS.c[field] for field in Budget.__dataclass_fields__)
_HELD: Final = select(*_COLUMNS).where(BUDGETS.c.key.in_(bindparam("keys", expanding=True)))
_LOCKED: Final = _HELD.order_by(BUDGETS.c.key).with_for_update()
_CHANGE: Final = (
    update(BUDGETS)
    .where(BUDGETS.c.key == bindparam("key_"))
    .values({name: bindparam(name) for name in ("full_at", "failures", "held_until", "probed_until", "reason")})
)
_TAKEN: Final = select(func.coalesce(func.sum(PLACES.c.held), 0)).where(
    PLACES.c.key == bindparam("key"), PLACES.c.holder != bindparam("holder"), PLACES.c.until > bindparam("now")
)


def look(conn: Connection, keys: Iterable[str]) -> dict[str, Budget]:
    """Those that were ever used."""
    return {row.key: Budget(*row) for row in conn.execute(_HELD, {"keys": list(keys)})}


def held(conn: Connection, now: float) -> dict[str, Budget]:
    """Those out of which nobody takes anything for the moment."""
    query = select(*_COLUMNS).where(BUDGETS.c.held_until > now).order_by(BUDGETS.c.key)
    return {row.key: Budget(*row) for row in conn.execute(query)}


def lock(conn: Connection, wanted: Iterable[tuple[str, int | None]]) -> dict[str, Budget]:
    """All of these, made where they are new, for nobody else to change before this transaction ends.

    wanted: keys, each with the account it is of.
    """
    accounts = dict(wanted)
    found = {row.key: Budget(*row) for row in conn.execute(_LOCKED, {"keys": list(accounts)})}
    new: list[dict[str, object]] = [
        {"key": key, "account_id": account} for key, account in sorted(accounts.items()) if key not in found
    ]
    if not new:
        return found
    add_missing(conn, BUDGETS, new)
    return {row.key: Budget(*row) for row in conn.execute(_LOCKED, {"keys": list(accounts)})}


def keep(conn: Connection, rows: Iterable[Budget]) -> None:
    values = [asdict(row) for row in rows]
    for one in values:
        one["key_"] = one.pop("key")
        del one["account_id"]
    if values:
        conn.execute(_CHANGE, values)


def taken(conn: Connection, key: str, holder: str, now: float) -> int:
    """Places that other holders have."""
    return int(conn.execute(_TAKEN, {"key": key, "holder": holder, "now": now}).scalar_one())


def hold(conn: Connection, key: str, account: int | None, holder: str, held: int, until: float) -> None:
    """The holder has that many places now, until then; callers have locked the budget of the same key."""
    mine = (PLACES.c.key == key) & (PLACES.c.holder == holder)
    if conn.execute(update(PLACES).where(mine).values(held=held, until=until)).rowcount == 0:
        values = {"key": key, "account_id": account, "holder": holder, "held": held, "until": until}
        conn.execute(insert(PLACES).values(values))


def give_back(conn: Connection, keys: Iterable[str], holder: str) -> None:
    conn.execute(delete(PLACES).where(PLACES.c.key.in_(list(keys)), PLACES.c.holder == holder))


def tidy(conn: Connection, now: float) -> None:
    """Forgets places of processes that ended without giving them back, and accounts removed during a request."""
    conn.execute(delete(PLACES).where(PLACES.c.until <= now))
    for table in (BUDGETS, PLACES):
        of_account = table.c.account_id.is_not(None)
        conn.execute(delete(table).where(of_account, table.c.account_id.not_in(select(ACCOUNTS.c.id))))
