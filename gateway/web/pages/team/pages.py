"""The list of teams, one of them, and what its buttons do."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from aiohttp import web

from gateway.accounts import teams
from gateway.errors import Conflict, Forbidden, NotFound, UsageError
from gateway.store import principals
from gateway.store.database import Connection
from gateway.store.principals import Principal
from gateway.store.teams import ADMIN, MEMBER
from gateway.web import sessions
from gateway.web.keys import CLOCK, DATABASE
from gateway.web.language import msg
from gateway.web.pages.event_types.checking import plain
from gateway.web.pages.event_types.reading import line
from gateway.web.pages.team import view
from gateway.web.render import page, text_error
from gateway.web.sessions import SignedIn
from gateway.web.visitor import link, speak

NOBODY: Final = msg("There is nobody of that user name here.")
LAST_ADMIN: Final = msg("This is the team's last admin: make somebody else an admin first.")
DONE: Final[Mapping[str, str]] = {
    "made": msg("The team is made. Add its members by their user names."),
    "added": msg("They are in the team now."),
    "changed": msg("Saved."),
    "outside": msg("They are in the team now, and can be a host like everybody else."),
    "removed": msg("They are out of the team."),
    "left": msg("You have left the team."),
}


async def show_all(request: web.Request) -> web.Response:
    return await _list(request, await sessions.required(request))


async def _list(
    request: web.Request, signed_in: SignedIn, typed: Mapping[str, str] | None = None, refused: str = ""
) -> web.Response:
    person, spoken = signed_in.person, speak(request)
    left = DONE["left"] if request.query.get("done") == "left" else ""
    values = {
        "person": person,
        "csrf": signed_in.session.csrf,
        "teams": await request.app[DATABASE].read(view.listed, person, spoken),
        "typed": typed or {"name": "", "display": "", "email": ""},
        "refused": refused,
        "notice": spoken.text(left) if left else "",
    }
    return page(request, "team/list.html", values, spoken=spoken, status=422 if refused else 200)


async def make(request: web.Request) -> web.Response:
    signed_in, posted = await sessions.posted(request)
    typed = {name: line(posted, name)[:254] for name in ("name", "display", "email")}
    name = typed["name"] or plain(typed["display"])
    try:
        await request.app[DATABASE].write(
            teams.make, signed_in.person, name, typed["email"], typed["display"], int(request.app[CLOCK]())
        )
    except UsageError as error:
        words = speak(request)
        told = words.text("This cannot be a team: choose another name, and a mail address that nobody here has.")
        return await _list(request, signed_in, typed, f"{told} {text_error(words, str(error))}".strip())
    raise web.HTTPSeeOther(f"/app/team/{name}?done=made")


async def show(request: web.Request) -> web.Response:
    return await team_page(request, await sessions.required(request))


async def team_page(
    request: web.Request,
    signed_in: SignedIn,
    typed: str = "",
    refused: str = "",
    *,
    outsider: Mapping[str, str] | None = None,
    wrong: str = "",
) -> web.Response:
    """typed: a user name that could not be added. outsider: somebody without an account here who could not, and why."""
    person, spoken = signed_in.person, speak(request)

    def read(conn: Connection) -> dict[str, Any]:
        team = teams.team_of(conn, person, request.match_info["name"])
        return view.whole(conn, team, person, spoken)

    done = request.query.get("done", "") if request.method == "GET" else ""
    values = {
        **await request.app[DATABASE].read(read),
        "person": person,
        "csrf": signed_in.session.csrf,
        "typed": typed,
        "refused": spoken.text(refused) if refused else "",
        "outsider": outsider or {"title": "", "email": "", "url": ""},
        "wrong": spoken.text(wrong) if wrong else "",
        "notice": spoken.text(DONE[done]) if done in DONE else "",
    }
    return page(request, "team/team.html", values, spoken=spoken, status=422 if refused or wrong else 200)


async def add(request: web.Request) -> web.Response:
    """Somebody by their user name, as a member or as an admin."""
    signed_in, posted = await sessions.posted(request)
    name, who = request.match_info["name"], line(posted, "who")
    role = ADMIN if line(posted, "role") == ADMIN else MEMBER

    def write(conn: Connection) -> None:
        team = teams.changeable(conn, signed_in.person, name)
        person = principals.by_name(conn, who.lower())
        if person is None or person.is_team:
            raise UsageError(NOBODY)
        teams.add_member(conn, team, person.name, role)

    return await _do(request, signed_in, write, "added", who, NOBODY)


async def change(request: web.Request) -> web.Response:
    """Another role for a member."""
    signed_in, posted = await sessions.posted(request)
    name, who = request.match_info["name"], request.match_info["who"]
    role = ADMIN if line(posted, "role") == ADMIN else MEMBER

    def write(conn: Connection) -> None:
        team = teams.changeable(conn, signed_in.person, name)
        teams.set_role(conn, team, who, role)

    return await _do(request, signed_in, write, "changed")


async def ask(request: web.Request) -> web.Response:
    """What becomes of somebody's bookings, before they leave or are removed."""
    signed_in = await sessions.required(request)
    person, spoken, now = signed_in.person, speak(request), int(request.app[CLOCK]())

    def read(conn: Connection) -> dict[str, Any]:
        team, member = _leaving(conn, person, request)
        return view.leaving(conn, team, member, now)

    values = {**await request.app[DATABASE].read(read), "person": person, "csrf": signed_in.session.csrf}
    values["oneself"] = values["who"] == person.name
    return page(request, "team/leave.html", values, spoken=spoken)


async def remove(request: web.Request) -> web.Response:
    signed_in, _ = await sessions.posted(request)

    def write(conn: Connection) -> None:
        team, member = _leaving(conn, signed_in.person, request)
        teams.remove_member(conn, team, member.name)

    own = request.match_info["who"] == signed_in.person.name
    return await _do(request, signed_in, write, "left" if own else "removed")


def _leaving(conn: Connection, asker: Principal, request: web.Request) -> tuple[Principal, Principal]:
    """Team and member: oneself, or anybody for its admins. Raises: NotFound, Forbidden."""
    team = teams.team_of(conn, asker, request.match_info["name"])
    who = request.match_info["who"]
    if who != asker.name and not teams.may_change(conn, asker, team):
        raise Forbidden("only admins of the team change it")
    member = next((one for one in principals.members_of(conn, team.id) if one.name == who), None)
    if member is None:
        raise NotFound("nobody of that name is in the team")
    return team, member


async def _do(
    request: web.Request,
    signed_in: SignedIn,
    write: Callable[[Connection], None],
    done: str,
    typed: str = "",
    nobody: str = LAST_ADMIN,
) -> web.Response:
    """nobody: what a UsageError says."""
    try:
        await request.app[DATABASE].write(write)
    except UsageError:
        return await team_page(request, signed_in, typed, nobody)
    except Conflict:
        return await team_page(request, signed_in, "", LAST_ADMIN)
    where = "/app/team" if done == "left" else f"/app/team/{request.match_info['name']}"
    raise web.HTTPSeeOther(link(where, {}, done=done))
