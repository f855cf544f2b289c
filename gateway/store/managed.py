"""Event types of a team that its members have as their own: one row for each member, which follows the team's."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Connection, delete, insert, select, update

from gateway.store import taken
from gateway.store.schema import EVENT_TYPES, MEMBERSHIPS, PRINCIPALS

PERSONAL: Final = ("schedule", "hours", "destination", "busy_calendars")
"""What is each member's own in any case."""


def left_open(team: Mapping[str, Any]) -> tuple[str, ...]:
    """Fields that members may set. team: the document of the team's event type."""
    return (*PERSONAL, *((team.get("managed") or {}).get("open", ())))


def followed(team: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """The document of a member's. own: what they have set, of which the closed fields do not count."""
    free = left_open(team)
    rules = {name: value for name, value in team.items() if name not in {*PERSONAL, "managed", "mode"}}
    return {**rules, **{name: value for name, value in own.items() if name in free}}


def spread(conn: Connection, team: int) -> None:
    """Each host of a managed event type, else each member, has it; nobody else.

    Who has one of that name keeps theirs.
    """
    people = set(
        conn.execute(
            select(MEMBERSHIPS.c.user_id)
            .join(PRINCIPALS, PRINCIPALS.c.id == MEMBERSHIPS.c.user_id)
            .where(MEMBERSHIPS.c.team_id == team, PRINCIPALS.c.kind == "INDIVIDUAL")
        ).scalars()
    )
    kinds = select(EVENT_TYPES.c.id, EVENT_TYPES.c.slug, EVENT_TYPES.c.document).where(EVENT_TYPES.c.user_id == team)
    for key, slug, document in conn.execute(kinds).all():
        hosts = {row.user_id for row in taken.hosts(conn, key)}
        wanted = (people & hosts or people) if document.get("managed") else set()
        _spread(conn, key, slug, wanted)


def _spread(conn: Connection, key: int, slug: str, wanted: set[int]) -> None:
    theirs = select(EVENT_TYPES.c.user_id).where(EVENT_TYPES.c.managed_by == key)
    there = set(conn.execute(theirs).scalars())
    mine = EVENT_TYPES.c.managed_by == key
    conn.execute(delete(EVENT_TYPES).where(mine, EVENT_TYPES.c.user_id.in_(there - wanted)))
    for person in sorted(wanted):
        named = select(EVENT_TYPES.c.managed_by).where(EVENT_TYPES.c.user_id == person, EVENT_TYPES.c.slug == slug)
        if conn.execute(named).first() is not None:
            continue
        if person in there:
            conn.execute(update(EVENT_TYPES).where(mine, EVENT_TYPES.c.user_id == person).values(slug=slug))
        else:
            row = {"user_id": person, "slug": slug, "position": 0, "hidden": False, "document": {}, "managed_by": key}
            conn.execute(insert(EVENT_TYPES).values(row))
