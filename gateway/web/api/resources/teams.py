"""Teams that one is in."""

from gateway.errors import NotFound
from gateway.store import principals
from gateway.store.database import Connection
from gateway.store.principals import Principal
from gateway.web.api.operation import Call
from gateway.web.api.paging import page
from gateway.web.api.values import Asked, Listed, Model, Name


class TeamAsked(Asked):
    name: Name


class Member(Model):
    name: Name
    display_name: str
    email: str
    zone: str


class Team(Model):
    """A team that the person is in."""

    name: Name
    display_name: str
    email: str
    """Under which the whole team is asked for its free time."""
    members: tuple[Member, ...]


class Teams(Model):
    items: tuple[Team, ...]
    next: str | None
    """Cursor of the next page; null: this is the last one."""


def _of(conn: Connection, person: int) -> list[tuple[Principal, list[Principal]]]:
    return [(team, principals.members_of(conn, team.id)) for team in principals.teams_of(conn, person)]


def _team(row: tuple[Principal, list[Principal]]) -> Team:
    team, people = row
    members = (Member(name=one.name, display_name=one.displayname, email=one.email, zone=one.zone) for one in people)
    return Team(name=team.name, display_name=team.displayname, email=team.email, members=tuple(members))


async def list_teams(call: Call, asked: Listed) -> Teams:
    rows, after = page(await call.db.read(_of, call.asker.id), asked, lambda row: (row[0].name,))
    return Teams(items=tuple(map(_team, rows)), next=after)


async def read_team(call: Call, asked: TeamAsked) -> Team:
    for row in await call.db.read(_of, call.asker.id):
        if row[0].name == asked.name:
            return _team(row)
    raise NotFound("you are in no team of that name")
