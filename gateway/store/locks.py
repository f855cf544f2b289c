"""Who waits for whom. On SQLite all writers do anyway."""

from hashlib import blake2b

from sqlalchemy import Connection, func, select

from gateway.store.schema import PRINCIPALS


def lock_meeting(conn: Connection, uid: str) -> None:
    """Whoever schedules the same UID, for whichever person, waits until our transaction ends."""
    if conn.dialect.name == "postgresql":
        number = int.from_bytes(blake2b(uid.encode(), digest_size=8).digest(), signed=True)
        conn.execute(select(func.pg_advisory_xact_lock(number)))


def lock_person(conn: Connection, principal: int) -> None:
    """Whoever books the time of the same person or room waits likewise."""
    conn.execute(select(PRINCIPALS.c.id).where(PRINCIPALS.c.id == principal).with_for_update())
