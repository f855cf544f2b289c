"""Who waits for whom. On SQLite all writers do anyway."""

from collections.abc import Collection
from hashlib import blake2b

from sqlalchemy import Connection, func, or_, select

from gateway.store.schema import ADDRESSES, PRINCIPALS


def lock_people(conn: Connection, *keys: int) -> None:
    """Whoever changes what these people have, or books them, waits until our transaction ends.

    Taken before what is to be changed is read; else somebody could change it between our look and our change. Before
    anything else that is locked, too, so that two transactions do not wait for each other.
    """
    if conn.dialect.name == "postgresql":
        rows = select(PRINCIPALS.c.id).where(PRINCIPALS.c.id.in_(keys)).order_by(PRINCIPALS.c.id)
        conn.execute(rows.with_for_update(key_share=True)).all()


def lock_meeting(conn: Connection, uid: str, addresses: Collection[str], owner: int) -> None:
    """Whoever schedules the same UID, or any of these people here, waits until our transaction ends.

    Taken before anything is written, and all at once in one order, so that two transactions do not wait for each other.
    addresses: lower case. owner: principal whose change it is.
    """
    if conn.dialect.name != "postgresql":
        return
    number = int.from_bytes(blake2b(uid.encode(), digest_size=8).digest(), signed=True)
    conn.execute(select(func.pg_advisory_xact_lock(number)))
    named = select(ADDRESSES.c.user_id).where(ADDRESSES.c.address.in_(list(addresses)))
    people = select(PRINCIPALS.c.id).where(or_(PRINCIPALS.c.id == owner, PRINCIPALS.c.id.in_(named)))
    conn.execute(people.order_by(PRINCIPALS.c.id).with_for_update(key_share=True)).all()
