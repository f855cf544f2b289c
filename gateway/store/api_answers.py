"""Answers to requests with an Idempotency-Key: who sends one again gets the same, and nothing is done twice."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, Connection, and_, delete, select, update

from gateway.store.insert import claim
from gateway.store.schema import API_ANSWERS

KEPT: Final = 86_400
"""Seconds."""
LONGEST: Final = 120
"""Seconds that making an answer takes at most; one that is older will never be finished."""


@dataclass(frozen=True, slots=True)
class Kept:
    """request: digest of what was asked. answer: sealed; None while it is being made."""

    request: str
    answer: bytes | None


def begin(conn: Connection, user: int, key: str, request: str, now: int) -> Kept | None:
    """None: ours to answer. Else what there is already."""
    unfinished = API_ANSWERS.c.answer.is_(None) & (API_ANSWERS.c.created <= now - LONGEST)
    conn.execute(delete(API_ANSWERS).where((API_ANSWERS.c.created <= now - KEPT) | unfinished))
    if claim(conn, API_ANSWERS, {"user_id": user, "key": key, "request": request, "created": now}):
        return None
    row = conn.execute(select(API_ANSWERS.c.request, API_ANSWERS.c.answer).where(_is(user, key))).first()
    return Kept(request, None) if row is None else Kept(*row)  # None: let go since then, by another process


def keep(conn: Connection, user: int, key: str, answer: bytes) -> None:
    conn.execute(update(API_ANSWERS).where(_is(user, key)).values(answer=answer))


def drop(conn: Connection, user: int, key: str) -> None:
    """Nothing was done: the key may be used again."""
    conn.execute(delete(API_ANSWERS).where(_is(user, key)))


def _is(user: int, key: str) -> ColumnElement[bool]:
    return and_(API_ANSWERS.c.user_id == user, API_ANSWERS.c.key == key)
