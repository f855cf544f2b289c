"""Work to be done later: written with its cause, taken under a lease, done at least once.

One job at most for each (kind, key). Adding it again while it waits brings it forward; adding it while it is being
done has it done once more afterwards.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    case,
    delete,
    func,
    or_,
    select,
    union_all,
    update,
)

from gateway.store.insert import add_missing, add_unless_there
from gateway.store.schema import JOBS

LONGEST_ERROR: Final = 1_000
"""Characters that are kept of why a job failed."""


@dataclass(frozen=True, slots=True)
class Job:
    """due: epoch seconds. attempts: how often it was begun, this time included."""

    id: int
    kind: str
    key: str
    version: int
    payload: Mapping[str, Any]
    user_id: int | None
    due: float
    attempts: int
    error: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """A job that there has to be. hasten: one that is there and due later than that is due at `due` instead."""

    key: str
    payload: Mapping[str, Any]
    user: int | None
    due: float
    hasten: float | None = None


NOBODY: Final[Mapping[int, int]] = {}
_COLUMNS: Final = tuple(JOBS.c[field] for field in Job.__dataclass_fields__)
_KNOWN: Final = (  # nobody finishes it before it is changed
    select(JOBS.c.id, JOBS.c.due, JOBS.c.dead)
    .where(JOBS.c.kind == bindparam("kind"), JOBS.c.key == bindparam("key"))
    .with_for_update()
)
_DUE: Final = (
    select(*_COLUMNS)
    .where(
        JOBS.c.dead.is_(False),
        JOBS.c.due <= bindparam("now"),
        or_(JOBS.c.leased_until.is_(None), JOBS.c.leased_until <= bindparam("now")),
    )
    .order_by(JOBS.c.due, JOBS.c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_LEASE: Final = (
    update(JOBS)
    .where(JOBS.c.id == bindparam("key_"))
    .values(leased_until=bindparam("until"), attempts=JOBS.c.attempts + 1)
)
_GET: Final = select(*_COLUMNS).where(JOBS.c.kind == bindparam("kind"), JOBS.c.key == bindparam("key"))
_FORWARD: Final = (
    update(JOBS)
    .where(JOBS.c.kind == bindparam("kind_"), JOBS.c.key == bindparam("key_"))
    .values(
        due=bindparam("at"),
        version=JOBS.c.version + 1,
        attempts=case((JOBS.c.dead, 0), else_=JOBS.c.attempts),
        dead=False,
    )
)


def _earliest(kinds: ColumnElement[Sequence[str]] | None = None) -> Select[float | None]:
    """Two short walks along an index each: of what waits, and of the few that are being done. Those are never dead."""
    waits = select(JOBS.c.due.label("at")).where(JOBS.c.leased_until.is_(None), JOBS.c.dead.is_(False))
    held = select(JOBS.c.leased_until.label("at")).where(JOBS.c.leased_until.is_not(None))
    if kinds is not None:
        waits = waits.where(JOBS.c.kind.in_(kinds))
        held = held.where((JOBS.c.kind + "").in_(kinds))  # or SQLite walks along the kinds, and sees every job
    first = (waits.order_by(JOBS.c.due).limit(1), held.order_by(JOBS.c.leased_until).limit(1))
    both = union_all(*(select(one.subquery()) for one in first)).subquery()
    return select(func.min(both.c.at))


_NEXT: Final = _earliest()
_NEXT_OF: Final = _earliest(bindparam("kinds", expanding=True))


def add(
    conn: Connection, kind: str, key: str, payload: Mapping[str, Any], *, due: float, user: int | None = None
) -> int:
    """Its id. The payload of the latest call wins."""
    values = {"kind": kind, "key": key, "payload": dict(payload), "user_id": user, "due": due, "created": due}
    while (known := conn.execute(_KNOWN, {"kind": kind, "key": key}).first()) is None:
        made = add_unless_there(conn, JOBS, values)
        if made is not None:
            return made
    changes: dict[str, Any] = {
        "payload": dict(payload),
        "version": JOBS.c.version + 1,
        "due": due if known.dead else min(due, known.due),
        "dead": False,
        "attempts": 0 if known.dead else JOBS.c.attempts,
    }
    conn.execute(update(JOBS).where(JOBS.c.id == known.id).values(changes))
    return int(known.id)


def ensure(conn: Connection, kind: str, wanted: Collection[Wanted]) -> None:
    """Many at once. One that was given up is begun again."""
    rows = conn.execute(select(JOBS.c.key, JOBS.c.due, JOBS.c.dead).where(JOBS.c.kind == kind))
    known = {row.key: inf if row.dead else row.due for row in rows}
    new = [
        {"kind": kind, "key": one.key, "payload": dict(one.payload), "user_id": one.user, "due": one.due}
        for one in wanted
        if one.key not in known
    ]
    late = [one for one in wanted if inf > known.get(one.key, 0.0) > (inf if one.hasten is None else one.hasten)]
    late += [one for one in wanted if known.get(one.key) == inf]
    if new:
        add_missing(conn, JOBS, [{**one, "created": one["due"]} for one in new])
    if late:
        conn.execute(_FORWARD, [{"kind_": kind, "key_": one.key, "at": one.due} for one in late])


def take(
    conn: Connection,
    *,
    now: float,
    lease: float,
    most: int = 20,
    kinds: Collection[str] | None = None,
    running: Mapping[int, int] = NOBODY,
    each: int = 20,
) -> list[Job]:
    """Due jobs that nobody has; they are the caller's until now + lease.

    kinds: only those. running, each: how many jobs of a person are being done, and how many may be at once, so that
    one person's slow provider does not keep the others waiting.
    """
    full = [user for user, number in running.items() if number >= each]
    query = _DUE.where(or_(JOBS.c.user_id.is_(None), JOBS.c.user_id.not_in(full))) if full else _DUE
    query = query if kinds is None else query.where(JOBS.c.kind.in_(list(kinds)))
    counts = dict(running)
    taken: list[Row[Any]] = []
    for row in conn.execute(query, {"now": now, "most": most * each}):
        counts[row.user_id] = counts.get(row.user_id, 0) + 1
        if len(taken) < most and (row.user_id is None or counts[row.user_id] <= each):
            taken.append(row)
    if taken:
        conn.execute(_LEASE, [{"key_": row.id, "until": now + lease} for row in taken])
    return [_begun(row) for row in taken]


def _begun(row: Any) -> Job:
    job = Job(*row)
    return replace(job, attempts=job.attempts + 1)


def claim(conn: Connection, job: int, *, now: float, lease: float) -> Job | None:
    """One job by its id, unless somebody has it or it is done."""
    free = or_(JOBS.c.leased_until.is_(None), JOBS.c.leased_until <= now)
    mine = select(*_COLUMNS).where(JOBS.c.id == job, JOBS.c.dead.is_(False), free)
    row = conn.execute(mine.with_for_update()).first()
    if row is None:
        return None
    conn.execute(_LEASE, [{"key_": job, "until": now + lease}])
    return _begun(row)


def renew(conn: Connection, keys: Collection[int], *, until: float) -> None:
    """Keeps jobs that take long from being given to somebody else."""
    held = JOBS.c.id.in_(list(keys)) & JOBS.c.leased_until.is_not(None)
    conn.execute(update(JOBS).where(held).values(leased_until=until))


def is_held(conn: Connection, job: Job) -> bool:
    """Whether it is still ours, and stays so in this transaction.

    Not so once its lease ran out and somebody else began it.
    """
    query = select(JOBS.c.id).where(
        JOBS.c.id == job.id, JOBS.c.attempts == job.attempts, JOBS.c.leased_until.is_not(None)
    )
    return conn.execute(query.with_for_update()).first() is not None


def finish(conn: Connection, job: Job) -> None:
    """Done; unless it was added again meanwhile, then it becomes due."""
    done = conn.execute(delete(JOBS).where(and_(JOBS.c.id == job.id, JOBS.c.version == job.version)))
    if done.rowcount == 0:
        conn.execute(update(JOBS).where(JOBS.c.id == job.id).values(leased_until=None, attempts=0))


def retry(conn: Connection, job: Job, *, due: float, error: str) -> None:
    told = error[:LONGEST_ERROR]
    conn.execute(update(JOBS).where(JOBS.c.id == job.id).values(leased_until=None, due=due, error=told))


def note(conn: Connection, job: Job, payload: Mapping[str, Any]) -> None:
    """What is to be remembered of a try; unless it was added again meanwhile."""
    mine = (JOBS.c.id == job.id) & (JOBS.c.version == job.version)
    conn.execute(update(JOBS).where(mine).values(payload=dict(payload)))


def again(conn: Connection, job: Job, *, due: float, payload: Mapping[str, Any] | None = None) -> None:
    """Done for now and to be done again then; at once, if it was added again meanwhile."""
    values: dict[str, object] = {"leased_until": None, "attempts": 0, "error": ""}
    if payload is not None:
        values["payload"] = dict(payload)
    mine = update(JOBS).where(JOBS.c.id == job.id)
    if conn.execute(mine.where(JOBS.c.version == job.version).values(due=due, **values)).rowcount == 0:
        conn.execute(mine.values(**values))


def bury(conn: Connection, job: Job, error: str) -> None:
    """Never tried again by itself; `gateway doctor` and /app show it."""
    told = error[:LONGEST_ERROR]
    conn.execute(update(JOBS).where(JOBS.c.id == job.id).values(leased_until=None, dead=True, error=told))


def drop(conn: Connection, kind: str, key: str) -> None:
    conn.execute(delete(JOBS).where(JOBS.c.kind == kind, JOBS.c.key == key))


def withdraw(conn: Connection, kind: str, key: str, *, now: float) -> bool:
    """Drops it unless somebody is doing it; whether it was dropped."""
    free = or_(JOBS.c.leased_until.is_(None), JOBS.c.leased_until <= now)
    return conn.execute(delete(JOBS).where(JOBS.c.kind == kind, JOBS.c.key == key, free)).rowcount > 0


def get(conn: Connection, kind: str, key: str) -> Job | None:
    row = conn.execute(_GET, {"kind": kind, "key": key}).first()
    return None if row is None else Job(*row)


def waiting(conn: Connection, kind: str, user: int) -> list[Job]:
    """A person's jobs of a kind that are yet to be done, being done ones included."""
    query = select(*_COLUMNS).where(JOBS.c.kind == kind, JOBS.c.user_id == user, JOBS.c.dead.is_(False))
    return [Job(*row) for row in conn.execute(query.order_by(JOBS.c.id))]


def ahead(conn: Connection, job: Job, prefix: str) -> bool:
    """Whether one that was added earlier, whose key begins like that, is yet to be done."""
    earlier = (JOBS.c.kind == job.kind) & JOBS.c.key.startswith(prefix, autoescape=True) & (JOBS.c.id < job.id)
    return conn.execute(select(JOBS.c.id).where(earlier, JOBS.c.dead.is_(False)).limit(1)).first() is not None


def hasten(conn: Connection, kind: str, user: int, *, due: float) -> None:
    """A person's waiting jobs of a kind are to be done by then."""
    mine = (JOBS.c.kind == kind) & (JOBS.c.user_id == user) & JOBS.c.dead.is_(False) & (JOBS.c.due > due)
    conn.execute(update(JOBS).where(mine).values(due=due))


def bring_forward(conn: Connection, job: Job, due: float) -> None:
    conn.execute(update(JOBS).where(JOBS.c.id == job.id, JOBS.c.due > due).values(due=due))


def is_free(conn: Connection, job: Job, now: float) -> bool:
    """Whether nobody is doing it."""
    free = or_(JOBS.c.leased_until.is_(None), JOBS.c.leased_until <= now)
    return conn.execute(select(JOBS.c.id).where(JOBS.c.id == job.id, free)).first() is not None


def next_due(conn: Connection, kinds: Collection[str] | None = None) -> float | None:
    """When the next job (of these kinds) can be taken: it becomes due, or the lease on it ends."""
    return conn.execute(_NEXT if kinds is None else _NEXT_OF, {} if kinds is None else {"kinds": list(kinds)}).scalar()


def dead(conn: Connection) -> list[Job]:
    return [Job(*row) for row in conn.execute(select(*_COLUMNS).where(JOBS.c.dead).order_by(JOBS.c.id))]
