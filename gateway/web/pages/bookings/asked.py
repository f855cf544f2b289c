"""Which bookings are listed, by the query of the page; the list and both files of it understand the same."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from gateway.booking import offer
from gateway.booking.offer import Bookable
from gateway.errors import NotFound
from gateway.store import bookings, principals
from gateway.store.booking_pages import Filter, Shelf, Whose
from gateway.store.database import Connection
from gateway.store.principals import Principal
from gateway.web.forms import number

LONGEST_TEXT: Final = 200


@dataclass(frozen=True, slots=True)
class Choices:
    """What there is to choose from. teams: those that the person may change; members of the chosen one."""

    kinds: tuple[Bookable, ...]
    teams: tuple[Principal, ...]
    members: tuple[Principal, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """query: as it was understood, for links; without the cursor."""

    shelf: Shelf
    whose: Whose
    only: Filter
    query: Mapping[str, str]
    choices: Choices
    team: Principal | None = None


def asked(conn: Connection, request: web.Request, person: Principal, now: int) -> Asked:
    """What is not understood is as if it were not said."""
    given = request.query
    shelf = next((one for one in Shelf if one == given.get("tab", "")), Shelf.UPCOMING)
    teams = tuple(principals.led_by(conn, person.id))
    team = next((one for one in teams if one.name == given.get("team", "")), None)
    members = () if team is None else tuple(principals.members_of(conn, team.id))
    host = next((one for one in members if one.name == given.get("host", "")), None)
    kinds = tuple(_kinds(conn, person, team))
    kind = next((one for one in kinds if str(one.row.id) == given.get("type", "")), None)
    text = given.get("q", "").strip()[:LONGEST_TEXT]
    whose = Whose(person.id) if team is None else Whose(None if host is None else host.id, team.id)
    only = Filter(
        shelf=shelf, now=now, text=text, event_type=None if kind is None else kind.row.id, after=_after(given)
    )
    query = {
        "tab": shelf.value,
        "q": text,
        "type": "" if kind is None else str(kind.row.id),
        "team": "" if team is None else team.name,
        "host": "" if host is None else host.name,
    }
    return Asked(shelf, whose, only, query, Choices(kinds, teams, members), team)


def _kinds(conn: Connection, person: Principal, team: Principal | None) -> list[Bookable]:
    """Those of the team, or theirs and those of all their teams; hidden ones too."""
    found = []
    for host in [team] if team is not None else [person, *principals.teams_of(conn, person.id)]:
        for row in bookings.event_types(conn, host.id):
            try:
                found.append(offer.bookable(conn, host.name, row.slug))
            except NotFound:
                continue
    return found


def _after(given: Mapping[str, str]) -> tuple[int, int] | None:
    start, _, key = given.get("after", "").partition(".")
    return (number(start), number(key)) if number(key) else None
