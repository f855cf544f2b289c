"""What the pages about teams show."""

from typing import Any

from gateway.accounts import teams
from gateway.booking import offer
from gateway.booking.model import said
from gateway.store import bookings, principals
from gateway.store import teams as memberships
from gateway.store.database import Connection
from gateway.store.principals import Principal
from gateway.web.language import Language
from gateway.web.views import crew_text, length_text


def listed(conn: Connection, person: Principal, spoken: Language) -> list[dict[str, Any]]:
    """Their teams; whoever looks after the installation sees all."""
    mine = {one.id for one in principals.teams_of(conn, person.id)}
    rows = principals.everybody(conn, kind="GROUP") if person.is_admin else principals.teams_of(conn, person.id)
    return [
        {
            "name": team.name,
            "title": team.displayname,
            "members": spoken.several([one.displayname for one in principals.members_of(conn, team.id)]),
            "mine": team.id in mine,
        }
        for team in rows
    ]


def whole(conn: Connection, team: Principal, person: Principal, spoken: Language) -> dict[str, Any]:
    roles = memberships.roles(conn, team.id)
    return {
        "team": {"name": team.name, "title": team.displayname, "email": team.email},
        "changes": teams.may_change(conn, person, team),
        "inside": person.id in roles,
        "members": [
            {
                "name": one.name,
                "title": one.displayname,
                "email": one.email,
                "admin": roles.get(one.id) == memberships.ADMIN,
                "oneself": one.id == person.id,
                "outside": one.is_outside,
            }
            for one in principals.members_of(conn, team.id)
        ],
        "kinds": [_kind(conn, team, row, spoken) for row in bookings.event_types(conn, team.id)],
    }


def _kind(conn: Connection, team: Principal, row: bookings.EventTypeRow, spoken: Language) -> dict[str, Any]:
    of = offer.bookable(conn, team.name, row.slug)
    return {
        "id": row.id,
        "title": said(of.kind.title, spoken.code) or row.slug,
        "length": length_text(of.kind.length, spoken),
        "crew": crew_text(of, spoken),
        "path": of.page,
        "hidden": row.hidden,
    }


def leaving(conn: Connection, team: Principal, member: Principal, now: int) -> dict[str, Any]:
    """coming: bookings of the team's event types that they are a host of."""
    kinds = {row.id for row in bookings.event_types(conn, team.id)}
    coming = [row for row in bookings.coming(conn, member.id, now) if row.event_type_id in kinds]
    return {
        "team": {"name": team.name, "title": team.displayname},
        "who": member.name,
        "title": member.displayname,
        "coming": len(coming),
    }
