"""Keys of programs that act for a person: digests, what they allow, when they were last used."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from gateway.store.schema import API_KEYS

_COLUMNS: Final = ("id", "user_id", "label", "scopes", "created", "last_used")
_KEY: Final = select(*(API_KEYS.c[name] for name in _COLUMNS))
_BY_DIGEST: Final = _KEY.where(API_KEYS.c.digest == bindparam("digest"))


@dataclass(frozen=True, slots=True)
class ApiKey:
    """scopes: names, see gateway.accounts.api_keys. created, last_used: epoch seconds."""

    id: int
    user_id: int
    label: str
    scopes: frozenset[str]
    created: int
    last_used: int | None


def add(conn: Connection, user: int, label: str, digest: str, scopes: frozenset[str], now: int) -> int:
    values = {"user_id": user, "label": label, "digest": digest, "scopes": " ".join(sorted(scopes)), "created": now}
    [key] = conn.execute(insert(API_KEYS).values(values)).inserted_primary_key or (0,)
    return int(key)


def by_digest(conn: Connection, digest: str) -> ApiKey | None:
    row = conn.execute(_BY_DIGEST, {"digest": digest}).first()
    return None if row is None else ApiKey(**{**row._mapping, "scopes": frozenset(row.scopes.split())})


def of_user(conn: Connection, user: int) -> list[ApiKey]:
    """In the order in which they were made."""
    rows = conn.execute(_KEY.where(API_KEYS.c.user_id == user).order_by(API_KEYS.c.id))
    return [ApiKey(**{**row._mapping, "scopes": frozenset(row.scopes.split())}) for row in rows]


def used(conn: Connection, key: int, now: int) -> None:
    conn.execute(update(API_KEYS).where(API_KEYS.c.id == key).values(last_used=now))


def revoke(conn: Connection, user: int, key: int) -> bool:
    """False where they have no such key."""
    mine = delete(API_KEYS).where(API_KEYS.c.id == key, API_KEYS.c.user_id == user)
    return conn.execute(mine).rowcount > 0
