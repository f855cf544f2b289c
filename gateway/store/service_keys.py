"""Keys of service accounts, sealed: one row for each, whichever accounts are opened by it."""

from sqlalchemy import Connection, delete, select, update

from gateway.store.insert import add_missing
from gateway.store.schema import ACCOUNTS, SERVICE_KEYS


def put(conn: Connection, name: str, secret: bytes, now: int) -> int:
    """Its id. A new key takes the place of the one before, for all accounts that are opened by it.

    name: of the service account, such as NAME@PROJECT.iam.gserviceaccount.com. secret: sealed.
    """
    values = {"secret": secret, "changed": now}
    add_missing(conn, SERVICE_KEYS, [{"name": name, **values}])
    conn.execute(update(SERVICE_KEYS).where(SERVICE_KEYS.c.name == name).values(values))
    return int(conn.execute(select(SERVICE_KEYS.c.id).where(SERVICE_KEYS.c.name == name)).scalar_one())


def secret(conn: Connection, name: str) -> bytes | None:
    """Sealed; None for one that is not known."""
    found: bytes | None = conn.execute(select(SERVICE_KEYS.c.secret).where(SERVICE_KEYS.c.name == name)).scalar()
    return found


def drop_unused(conn: Connection) -> None:
    """Those that open no account any more."""
    used = select(ACCOUNTS.c.service_key).where(ACCOUNTS.c.service_key.is_not(None))
    conn.execute(delete(SERVICE_KEYS).where(SERVICE_KEYS.c.id.not_in(used)))
