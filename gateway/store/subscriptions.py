"""Subscriptions of WebDAV-Push: who is told, through which push service, that a collection has changed.

`collections.watched` says whether there are any, so that a change costs those who have none nothing.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, bindparam, case, delete, func, or_, select, update

from gateway.store import jobs
from gateway.store.insert import add_unless_there
from gateway.store.schema import COLLECTIONS, PRINCIPALS, SUBSCRIPTIONS

TELL: Final = "tell"
"""Kind of the job that tells the subscribers of a collection. Key: its id."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """secret: push resource and keys, sealed. contents, properties: what it is told of.

    rev: of the collection, as told. stirred: changes of properties that were not told yet. failures: since it was told.
    Epoch seconds: expires; told: the last message that was taken, at first when it was made; retry: nothing is sent
    before; quiet: neither before this.
    """

    user_id: int
    collection_id: int
    token: str
    digest: str
    secret: bytes
    contents: bool
    properties: bool
    expires: int
    rev: int
    told: float
    stirred: int = 0
    failures: int = 0
    retry: float = 0.0
    quiet: float = 0.0
    id: int = 0


@dataclass(frozen=True, slots=True)
class Watched:
    """A collection, and who is told of it. owner: name in its path."""

    rev: int
    name: str
    owner: str
    subscriptions: Sequence[Subscription]


_FIELDS: Final = tuple(SUBSCRIPTIONS.c[field] for field in Subscription.__dataclass_fields__)
_ROW: Final = select(*_FIELDS)


def _mine(user: int, tokens: Collection[str] | None) -> Any:
    mine = SUBSCRIPTIONS.c.user_id == user
    return mine if tokens is None else mine & SUBSCRIPTIONS.c.token.in_([*tokens])


def put(conn: Connection, row: Subscription) -> str:
    """Its token: of the one there is for the same push resource, which is brought up to date."""
    same = (
        (SUBSCRIPTIONS.c.user_id == row.user_id)
        & (SUBSCRIPTIONS.c.collection_id == row.collection_id)
        & (SUBSCRIPTIONS.c.digest == row.digest)
    )
    values = {field: getattr(row, field) for field in Subscription.__dataclass_fields__ if field not in {"id", "token"}}
    token: str | None = row.token
    if add_unless_there(conn, SUBSCRIPTIONS, {**values, "token": token}) is None:
        token = conn.execute(update(SUBSCRIPTIONS).where(same).values(values).returning(SUBSCRIPTIONS.c.token)).scalar()
    conn.execute(update(COLLECTIONS).where(COLLECTIONS.c.id == row.collection_id).values(watched=True))
    return str(token)


def count(conn: Connection, user: int, collection: int, digest: str) -> int:
    """How many a person has besides the one of this push resource."""
    others = or_(SUBSCRIPTIONS.c.digest != digest, SUBSCRIPTIONS.c.collection_id != collection)
    return int(conn.execute(select(func.count()).where(_mine(user, None) & others)).scalar_one())


def drop_expired(conn: Connection, user: int, now: int) -> None:
    conn.execute(delete(SUBSCRIPTIONS).where(_mine(user, None) & (SUBSCRIPTIONS.c.expires <= now)))


def drop_of_others(conn: Connection, owner: int, kept: Collection[int]) -> None:
    """Of the owner's collections, those of anybody but them and `kept`."""
    theirs = select(COLLECTIONS.c.id).where(COLLECTIONS.c.user_id == owner)
    others = SUBSCRIPTIONS.c.user_id.not_in([owner, *kept])
    conn.execute(delete(SUBSCRIPTIONS).where(SUBSCRIPTIONS.c.collection_id.in_(theirs), others))


def remove(conn: Connection, user: int, token: str, now: int) -> bool:
    """Whether that person had it, and it was not over."""
    gone = conn.execute(
        delete(SUBSCRIPTIONS)
        .where(_mine(user, [token]))
        .returning(SUBSCRIPTIONS.c.collection_id, SUBSCRIPTIONS.c.expires)
    ).first()
    if gone is None:
        return False
    _look(conn, gone.collection_id)
    return bool(gone.expires > now)


def _look(conn: Connection, collection: int) -> None:
    """Whether somebody watches it still; asked under its lock, as somebody may begin to at this moment."""
    conn.execute(select(COLLECTIONS.c.id).where(COLLECTIONS.c.id == collection).with_for_update())
    anybody = select(SUBSCRIPTIONS.c.id).where(SUBSCRIPTIONS.c.collection_id == collection).exists()
    unwatched = (COLLECTIONS.c.id == collection) & ~anybody
    conn.execute(update(COLLECTIONS).where(unwatched).values(watched=False))


def watched(conn: Connection, collection: int) -> Watched | None:
    """None: the collection is no more."""
    query = select(COLLECTIONS.c.rev, COLLECTIONS.c.name, PRINCIPALS.c.name.label("owner"))
    row = conn.execute(
        query.join(PRINCIPALS, PRINCIPALS.c.id == COLLECTIONS.c.user_id).where(COLLECTIONS.c.id == collection)
    ).first()
    if row is None:
        return None
    found = conn.execute(_ROW.where(SUBSCRIPTIONS.c.collection_id == collection).order_by(SUBSCRIPTIONS.c.id))
    return Watched(row.rev, row.name, row.owner, [Subscription(*one) for one in found])


def change(conn: Connection, key: int, **values: object) -> None:
    conn.execute(update(SUBSCRIPTIONS).where(SUBSCRIPTIONS.c.id == key).values(values))


def took(conn: Connection, one: Subscription, rev: int, now: float) -> None:
    """It was told of all there was when `one` was read; rev: of the collection then."""
    later = case((SUBSCRIPTIONS.c.rev < rev, rev), else_=SUBSCRIPTIONS.c.rev)
    left = SUBSCRIPTIONS.c.stirred - one.stirred
    change(conn, one.id, rev=later, stirred=case((left > 0, left), else_=0), told=now, failures=0, retry=0.0)


def drop(conn: Connection, collection: int, keys: Iterable[int]) -> None:
    gone = [*keys]
    if gone:
        conn.execute(delete(SUBSCRIPTIONS).where(SUBSCRIPTIONS.c.id.in_(gone)))
    _look(conn, collection)


def wake(conn: Connection, collection: int, user: int) -> None:
    """In the transaction of the change: those who watch the collection are told, as soon as that may be."""
    jobs.add(conn, TELL, str(collection), {}, due=0.0, user=user)


def stir(conn: Connection, collection: int, user: int) -> None:
    """That person has changed properties of the collection."""
    told = _mine(user, None) & (SUBSCRIPTIONS.c.collection_id == collection) & SUBSCRIPTIONS.c.properties
    if conn.execute(update(SUBSCRIPTIONS).where(told).values(stirred=SUBSCRIPTIONS.c.stirred + 1)).rowcount:
        wake(conn, collection, user)


def stir_calendar(conn: Connection, calendar: int, user: int) -> None:
    """The same where the calendar is one that its owner has shown separately."""
    shown = (COLLECTIONS.c.calendar_id == calendar) & COLLECTIONS.c.watched
    for collection in conn.execute(select(COLLECTIONS.c.id).where(shown)).scalars().all():
        stir(conn, collection, user)


_KNOWN: Final = select(
    SUBSCRIPTIONS.c.id,
    SUBSCRIPTIONS.c.collection_id,
    SUBSCRIPTIONS.c.user_id,
    SUBSCRIPTIONS.c.stirred,
    SUBSCRIPTIONS.c.rev.label("told"),
    COLLECTIONS.c.rev,
).join(COLLECTIONS, COLLECTIONS.c.id == SUBSCRIPTIONS.c.collection_id)
_SETTLED: Final = (
    update(SUBSCRIPTIONS)
    .where(SUBSCRIPTIONS.c.id == bindparam("key"))
    .values(quiet=0.0, rev=bindparam("seen"), stirred=bindparam("unseen"))
)


def hush(conn: Connection, user: int, tokens: Collection[str] | None, until: float) -> list[Any]:
    """Nothing is told to them before then; what `unhush` wants to know. tokens: None: all of that person's."""
    known = list(conn.execute(_KNOWN.where(_mine(user, tokens))))
    if known:
        conn.execute(update(SUBSCRIPTIONS).where(_mine(user, tokens)).values(quiet=until))
    return known


def unhush(conn: Connection, before: Sequence[Any]) -> None:
    """One change since then is that of the person who knows of it; where there are more, somebody else made them."""
    for row in conn.execute(_KNOWN.where(SUBSCRIPTIONS.c.id.in_([one.id for one in before]))).all():
        old = next(one for one in before if one.id == row.id)
        alone = old.told == old.rev and row.rev <= old.rev + 1
        seen = row.rev if alone else row.told
        conn.execute(_SETTLED, {"key": row.id, "seen": seen, "unseen": old.stirred})
        if seen < row.rev or old.stirred:
            wake(conn, row.collection_id, row.user_id)
