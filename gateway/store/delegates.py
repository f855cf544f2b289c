"""Who reads or writes somebody else's calendars. A team stands for everybody in it."""

from collections.abc import Collection, Mapping
from typing import Final

from sqlalchemy import Connection, bindparam, delete, insert, or_, select

from gateway.store import principals, subscriptions
from gateway.store.principals import Principal
from gateway.store.schema import DELEGATES, MEMBERSHIPS

READ: Final = "read"
WRITE: Final = "write"

_MINE: Final = select(DELEGATES.c.user_id, DELEGATES.c.access).where(
    or_(
        DELEGATES.c.delegate_id == bindparam("delegate"),
        DELEGATES.c.delegate_id.in_(
            select(MEMBERSHIPS.c.team_id).where(MEMBERSHIPS.c.user_id == bindparam("delegate"))
        ),
    ),
    DELEGATES.c.user_id != bindparam("delegate"),
)


def owners(conn: Connection, delegate: int) -> Mapping[int, frozenset[str]]:
    """Whose calendars they may see -> READ, WRITE or both, by themselves or through a team."""
    found: dict[int, set[str]] = {}
    for row in conn.execute(_MINE, {"delegate": delegate}):
        found.setdefault(row.user_id, set()).add(row.access)
    return {key: frozenset(rights) for key, rights in found.items()}


def named(conn: Connection, owner: int, access: str) -> list[Principal]:
    """The people and teams that the owner named for it, in order of their names."""
    query = select(DELEGATES.c.delegate_id).where(DELEGATES.c.user_id == owner, DELEGATES.c.access == access)
    return principals.of_ids(conn, list(conn.execute(query).scalars()))


def reached(conn: Connection, owner: int) -> frozenset[int]:
    """Ids of all of them, with everybody in those teams."""
    direct = select(DELEGATES.c.delegate_id).where(DELEGATES.c.user_id == owner)
    inside = select(MEMBERSHIPS.c.user_id).where(MEMBERSHIPS.c.team_id.in_(direct))
    return frozenset(conn.execute(direct).scalars()) | frozenset(conn.execute(inside).scalars())


def put(conn: Connection, owner: int, access: str, delegates: Collection[int]) -> None:
    """These, and nobody else, have it from now on. Nobody is their own delegate."""
    conn.execute(delete(DELEGATES).where(DELEGATES.c.user_id == owner, DELEGATES.c.access == access))
    rows = [{"user_id": owner, "delegate_id": key, "access": access} for key in {*delegates} - {owner}]
    if rows:
        conn.execute(insert(DELEGATES), rows)
    _tell_no_more(conn, owner)


def grant(conn: Connection, owner: int, delegate: int, access: str) -> None:
    """In place of what they had before."""
    conn.execute(delete(DELEGATES).where(DELEGATES.c.user_id == owner, DELEGATES.c.delegate_id == delegate))
    conn.execute(insert(DELEGATES).values(user_id=owner, delegate_id=delegate, access=access))


def revoke(conn: Connection, owner: int, delegate: int) -> bool:
    """Whether there was anything to take back."""
    theirs = delete(DELEGATES).where(DELEGATES.c.user_id == owner, DELEGATES.c.delegate_id == delegate)
    found = conn.execute(theirs).rowcount > 0
    _tell_no_more(conn, owner)
    return found


def _tell_no_more(conn: Connection, owner: int) -> None:
    """Those who may not see the owner's calendars any more are not told of changes either."""
    subscriptions.drop_of_others(conn, owner, reached(conn, owner))


def everyone(conn: Connection) -> list[tuple[int, int, str]]:
    """(owner, delegate, access) of all there are."""
    query = select(DELEGATES.c.user_id, DELEGATES.c.delegate_id, DELEGATES.c.access)
    return [(row.user_id, row.delegate_id, row.access) for row in conn.execute(query)]
