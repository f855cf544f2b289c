"""Who may change a team, and what may be changed: it never loses its last admin."""

from gateway.accounts import people
from gateway.errors import Conflict, Forbidden, NotFound
from gateway.store import principals, teams
from gateway.store.database import Connection
from gateway.store.principals import Principal
from gateway.store.teams import ADMIN, MEMBER


def team_of(conn: Connection, asker: Principal, name: str) -> Principal:
    """One that they are in; whoever looks after the whole installation sees all.

    Raises: NotFound.
    """
    team = principals.by_name(conn, name)
    if team is None or not team.is_team or not (asker.is_admin or teams.role(conn, team.id, asker.id)):
        raise NotFound("you are in no team of that name")
    return team


def may_change(conn: Connection, asker: Principal, team: Principal) -> bool:
    return asker.is_admin or teams.role(conn, team.id, asker.id) == ADMIN


def changeable(conn: Connection, asker: Principal, name: str) -> Principal:
    """The team, for somebody who may change it. Raises: NotFound, Forbidden."""
    team = team_of(conn, asker, name)
    if not may_change(conn, asker, team):
        raise Forbidden("only admins of the team change it")
    return team


def make(conn: Connection, asker: Principal, name: str, email: str, displayname: str, now: int) -> int:
    """A team with whoever makes it as its admin. Raises: Forbidden, UsageError."""
    if not asker.is_admin:
        raise Forbidden("only whoever looks after this installation makes teams")
    team = people.add_team(conn, name, email, displayname=displayname, zone=asker.zone, now=now)
    teams.put(conn, team, asker.id, ADMIN)
    return team


def add_member(conn: Connection, team: Principal, name: str, role: str = MEMBER) -> Principal:
    """Who is in it already has that role then. Raises: NotFound, Conflict where nobody would be admin any more."""
    person = principals.by_name(conn, name.strip().lower())
    if person is None or person.is_team:
        raise NotFound("there is nobody of that name here")
    if person.is_outside and role == ADMIN:
        raise Conflict("who has no account here cannot look after a team")
    _keep_an_admin(conn, team, person, role)
    teams.put(conn, team.id, person.id, role)
    return person


def set_role(conn: Connection, team: Principal, name: str, role: str) -> None:
    """Of somebody who is in it. Raises: NotFound, Conflict."""
    person = principals.by_name(conn, name)
    if person is None or not teams.role(conn, team.id, person.id):
        raise NotFound("nobody of that name is in the team")
    add_member(conn, team, name, role)


def remove_member(conn: Connection, team: Principal, name: str) -> None:
    """Their bookings stay theirs. Raises: NotFound, Conflict."""
    person = principals.by_name(conn, name)
    if person is None or not teams.role(conn, team.id, person.id):
        raise NotFound("nobody of that name is in the team")
    _keep_an_admin(conn, team, person, "")
    teams.leave(conn, team.id, person.id)


def _keep_an_admin(conn: Connection, team: Principal, person: Principal, role: str) -> None:
    """Raises: Conflict."""
    admins = {key for key, given in teams.roles(conn, team.id).items() if given == ADMIN}
    if admins == {person.id} and role != ADMIN:
        raise Conflict("this is the team's last admin: make somebody else an admin first")
