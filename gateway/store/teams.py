"""Who is in a team, and who may change it: rows, no rules."""

from typing import Final

from sqlalchemy import Connection, delete, insert, select, update

from gateway.store import managed
from gateway.store.schema import EVENT_TYPES, HOSTS, MEMBERSHIPS

ADMIN: Final = "admin"
MEMBER: Final = "member"


def roles(conn: Connection, team: int) -> dict[int, str]:
    """Member -> ADMIN or MEMBER."""
    query = select(MEMBERSHIPS.c.user_id, MEMBERSHIPS.c.role).where(MEMBERSHIPS.c.team_id == team)
    return {row.user_id: row.role for row in conn.execute(query)}


def role(conn: Connection, team: int, person: int) -> str:
    """ "" for who is not in it."""
    return roles(conn, team).get(person, "")


def put(conn: Connection, team: int, person: int, role: str) -> None:
    """In the team, with that role."""
    here = (MEMBERSHIPS.c.team_id == team, MEMBERSHIPS.c.user_id == person)
    if conn.execute(update(MEMBERSHIPS).where(*here).values(role=role)).rowcount == 0:
        conn.execute(insert(MEMBERSHIPS).values(team_id=team, user_id=person, role=role))
        managed.spread(conn, team)


def leave(conn: Connection, team: int, person: int) -> None:
    """Out of the team, no host of its event types, and without those that followed them. Bookings stay theirs."""
    conn.execute(delete(MEMBERSHIPS).where(MEMBERSHIPS.c.team_id == team, MEMBERSHIPS.c.user_id == person))
    of_team = select(EVENT_TYPES.c.id).where(EVENT_TYPES.c.user_id == team)
    conn.execute(delete(HOSTS).where(HOSTS.c.user_id == person, HOSTS.c.event_type_id.in_(of_team)))
    managed.spread(conn, team)
