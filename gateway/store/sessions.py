"""Browser sessions, and sign-ins at a provider that are under way. Only digests of the secrets are kept."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, delete, insert, or_, select, update

from gateway.store.schema import SESSIONS, SIGN_INS

IDLE: Final = 14 * 86_400
LONGEST: Final = 60 * 86_400


@dataclass(frozen=True, slots=True)
class Session:
    digest: str
    user_id: int
    csrf: str
    created: int
    last_used: int


@dataclass(frozen=True, slots=True)
class SignIn:
    """flow: sealed; what the provider library needs to finish."""

    digest: str
    user_id: int
    kind: str
    session: str
    flow: bytes
    expires: int


def add(conn: Connection, session: Session) -> None:
    values = {field: getattr(session, field) for field in Session.__dataclass_fields__}
    conn.execute(insert(SESSIONS).values(values))


def get(conn: Connection, digest: str, now: int) -> Session | None:
    """None also for one that was idle or alive for too long."""
    query = select(*(SESSIONS.c[field] for field in Session.__dataclass_fields__)).where(
        SESSIONS.c.digest == digest, SESSIONS.c.last_used > now - IDLE, SESSIONS.c.created > now - LONGEST
    )
    row = conn.execute(query).first()
    return None if row is None else Session(*row)


def used(conn: Connection, digest: str, now: int) -> None:
    conn.execute(update(SESSIONS).where(SESSIONS.c.digest == digest).values(last_used=now))


def end(conn: Connection, digest: str) -> None:
    conn.execute(delete(SESSIONS).where(SESSIONS.c.digest == digest))


def end_all(conn: Connection, user: int) -> None:
    conn.execute(delete(SESSIONS).where(SESSIONS.c.user_id == user))


def begin_sign_in(conn: Connection, sign_in: SignIn, now: int) -> None:
    conn.execute(delete(SIGN_INS).where(SIGN_INS.c.expires < now))
    conn.execute(insert(SIGN_INS).values({field: getattr(sign_in, field) for field in SignIn.__dataclass_fields__}))


def take_sign_in(conn: Connection, digest: str, now: int) -> SignIn | None:
    """Once: whoever asks second gets None."""
    taken = delete(SIGN_INS).where(SIGN_INS.c.digest == digest)
    row = conn.execute(taken.returning(*(SIGN_INS.c[field] for field in SignIn.__dataclass_fields__))).first()
    return None if row is None or row.expires < now else SignIn(*row)


def forget_old(conn: Connection, now: int) -> None:
    conn.execute(delete(SESSIONS).where(or_(SESSIONS.c.last_used <= now - IDLE, SESSIONS.c.created <= now - LONGEST)))
