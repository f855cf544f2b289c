"""Event types as their owners keep them: made, changed, put in order, hidden, deleted. Pages and API do it here."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from typing import Final

from gateway.accounts import teams
from gateway.booking import own_calendars
from gateway.booking.locations import LOCATIONS, wrong
from gateway.booking.model import EventType, document, read_event_type
from gateway.errors import Conflict, Flaw, Forbidden, InvalidInput, NotFound
from gateway.store import bookings, managed, principals, schedules, taken
from gateway.store.bookings import EventTypeRow
from gateway.store.database import Connection
from gateway.store.locks import lock_people
from gateway.store.principals import Principal
from gateway.store.taken import HostRow

MOST: Final = 200  # of one owner
OPENABLE: Final = frozenset(EventType.model_fields) - {"mode", "managed", *managed.PERSONAL}
"""What a team may leave open in its managed event types; the rest is the team's, or each member's in any case."""
LONGEST_SLUG: Final = 64


@dataclass(frozen=True, slots=True)
class Kept:
    """One that its asker may change. owner: a person, or a team that they are an admin of."""

    row: EventTypeRow
    owner: Principal

    @property
    def kind(self) -> EventType:
        return read_event_type(self.row.document)


def owner_of(conn: Connection, asker: Principal, team: str = "") -> Principal:
    """Whose event types they change: their own, "", or a team's. Raises: NotFound, Forbidden."""
    return teams.changeable(conn, asker, team) if team else asker


def kept(conn: Connection, asker: Principal, key: int) -> Kept:
    """Raises: NotFound, also for those of others; Forbidden to members of the team who are no admins."""
    row = bookings.event_type_by_id(conn, key)
    owner = None if row is None else principals.by_id(conn, row.user_id)
    if row is None or owner is None or not (owner.is_team or owner.id == asker.id):
        raise NotFound("there is no such event type")
    if owner.is_team:
        teams.changeable(conn, asker, owner.name)
    return Kept(row, owner)


def named(conn: Connection, owner: Principal, slug: str) -> Kept:
    """Raises: NotFound."""
    row = bookings.event_type(conn, owner.id, slug)
    if row is None:
        raise NotFound("there is no event type of that name")
    return Kept(row, owner)


def check(conn: Connection, owner: Principal, kind: EventType) -> None:
    """What only our tables know. Raises: InvalidInput."""
    _check_calendars(conn, owner, kind)
    _check_managed(owner, kind)
    wrongs = [(at, flaw) for at, place in enumerate(kind.places) if (flaw := wrong(place.kind, place.text))]
    if wrongs:
        flaws = tuple(Flaw(reason, pointer=f"/places/{at}/{field}") for at, (field, reason) in wrongs)
        raise InvalidInput("this cannot be its place", flaws)
    if kind.seats > 1 and (len(kind.places) > 1 or LOCATIONS[kind.places[0].kind].room):
        reason = "where there are seats, all meet at one place, which is not made for each booking"
        raise InvalidInput(reason, (Flaw(reason, pointer="/places"),))
    if kind.seats > 1 and kind.series is not None:
        reason = "a series has no seats"
        raise InvalidInput(reason, (Flaw(reason, pointer="/seats"),))
    if kind.seats > 1 and kind.guests:
        reason = "where there are seats, everybody books one: guests are 0"
        raise InvalidInput(reason, (Flaw(reason, pointer="/guests"),))
    if len(set(kind.places)) < len(kind.places):
        reason = "each place is there once"
        raise InvalidInput(reason, (Flaw(reason, pointer="/places"),))
    if len({kind.length, *kind.lengths}) <= len(kind.lengths):
        reason = "each length is there once"
        raise InvalidInput(reason, (Flaw(reason, pointer="/lengths"),))
    names = [question.name for question in kind.questions]
    if len(set(names)) < len(names):
        reason = "each question has a name of its own"
        raise InvalidInput(reason, (Flaw(reason, pointer="/questions"),))


def _check_managed(owner: Principal, kind: EventType) -> None:
    """Raises: InvalidInput."""
    if kind.managed is not None and not (owner.is_team and set(kind.managed.open) <= OPENABLE):
        reason = f"a team's can be managed, and leave open {', '.join(sorted(OPENABLE))}"
        raise InvalidInput("this cannot be managed", (Flaw(reason, pointer="/managed"),))


def _check_followed(of: Kept, kind: EventType) -> None:
    """Raises: Forbidden where a member changes what the team has not left open."""
    if of.row.managed_by is None:
        return
    written, before = document(kind), document(of.kind)
    closed = [name for name, value in before.items() if name not in of.row.open and written[name] != value]
    if closed:
        raise Forbidden(f"the team sets {', '.join(closed)} of this event type")


def _check_calendars(conn: Connection, owner: Principal, kind: EventType) -> None:
    """A person's own alone. Raises: InvalidInput."""
    into = [] if owner.is_team else [row.id for row in own_calendars.destinations(conn, owner)]
    if kind.destination is not None and kind.destination not in into:
        reason = "this is none of the owner's calendars that take events"
        raise InvalidInput(reason, (Flaw(reason, pointer="/destination"),))
    known = set() if owner.is_team else {row.id for row in own_calendars.read(conn, owner)}
    if kind.busy_calendars is not None and not set(kind.busy_calendars) <= known:
        reason = "these are not all calendars of the owner's that are read"
        raise InvalidInput(reason, (Flaw(reason, pointer="/busy_calendars"),))


def free_slug(conn: Connection, owner: Principal, wish: str) -> str:
    """The wish, with a number behind it where that is taken."""
    for number in count(1):
        tail = "" if number == 1 else f"-{number}"
        found = f"{wish[: LONGEST_SLUG - len(tail)].rstrip('-')}{tail}"
        if bookings.event_type(conn, owner.id, found) is None:
            return found
    raise AssertionError  # there is always a further number


def add(
    conn: Connection, owner: Principal, slug: str, kind: EventType, *, position: int | None = None, hidden: bool = False
) -> int:
    """position: None: behind the others. Raises: Conflict, InvalidInput."""
    lock_people(conn, owner.id)
    check(conn, owner, kind)
    there = bookings.event_types(conn, owner.id)
    if any(one.slug == slug for one in there):
        raise Conflict(f"there is an event type called {slug} already")
    if len(there) >= MOST:
        raise Conflict(f"there are {MOST} event types already; delete some first")
    if position is None:
        position = max((one.position for one in there), default=-1) + 1
    key = bookings.put_event_type(conn, owner.id, slug, document(kind), position=position, hidden=hidden)
    _spread(conn, owner)
    return key


def change(
    conn: Connection,
    of: Kept,
    kind: EventType,
    *,
    slug: str | None = None,
    position: int | None = None,
    hidden: bool | None = None,
) -> None:
    """None: as it is. Raises: Conflict where another one has that slug; InvalidInput."""
    lock_people(conn, of.owner.id)
    check(conn, of.owner, kind)
    _check_followed(of, kind)
    slug = of.row.slug if slug is None else slug
    if of.row.managed_by is not None and slug != of.row.slug:
        raise Forbidden("the team sets the address of this event type")
    other = bookings.event_type(conn, of.owner.id, slug)
    if other is not None and other.id != of.row.id:
        raise Conflict(f"there is an event type called {slug} already")
    bookings.change_event_type(
        conn,
        of.row.id,
        slug=slug,
        document=document(kind),
        position=of.row.position if position is None else position,
        hidden=of.row.hidden if hidden is None else hidden,
    )
    _spread(conn, of.owner)


def _spread(conn: Connection, owner: Principal) -> None:
    """Those that follow a team's."""
    if owner.is_team:
        managed.spread(conn, owner.id)


def duplicate(conn: Connection, of: Kept) -> int:
    """A copy with its hosts, hidden until its owner shows it; below all others."""
    key = add(conn, of.owner, free_slug(conn, of.owner, of.row.slug), of.kind, hidden=True)
    taken.set_hosts(conn, key, taken.hosts(conn, of.row.id))
    return key


def shift(conn: Connection, of: Kept, by: int) -> None:
    """by: how many places down the list, negative: up."""
    lock_people(conn, of.owner.id)
    rows = [one for one in bookings.event_types(conn, of.owner.id) if one.id != of.row.id]
    before = [one.id for one in bookings.event_types(conn, of.owner.id)].index(of.row.id)
    rows.insert(min(max(before + by, 0), len(rows)), of.row)
    for position, row in enumerate(rows):
        if row.position != position:
            bookings.change_event_type(conn, row.id, position=position)


def show(conn: Connection, of: Kept, *, hidden: bool) -> None:
    bookings.change_event_type(conn, of.row.id, hidden=hidden)


def remove(conn: Connection, of: Kept) -> None:
    """Its bookings stay, and can be cancelled; so do those of members who follow it.

    Raises: Forbidden for one that follows.
    """
    if of.row.managed_by is not None:
        raise Forbidden("this event type is the team's: it goes when the team deletes it, or when you leave the team")
    bookings.drop_event_type(conn, of.row.id)


def candidates(conn: Connection, owner: Principal) -> list[Principal]:
    """Who can be a host: everybody in the team; the person and those they share a team with."""
    if owner.is_team:
        return principals.members_of(conn, owner.id)
    others = [one for one in principals.of_ids(conn, principals.colleagues(conn, owner.id)) if not one.is_team]
    return [owner, *others]


def set_hosts(conn: Connection, of: Kept, hosts: Sequence[HostRow]) -> None:
    """In that order; none: everybody in the team, or the person alone. Raises: Forbidden for strangers."""
    known = {one.id for one in candidates(conn, of.owner)}
    if any(one.user_id not in known for one in hosts):
        raise Forbidden("only people of the team can be hosts")
    alone = not of.owner.is_team and [one.user_id for one in hosts] == [of.owner.id]
    taken.set_hosts(conn, of.row.id, [] if alone else hosts)
    _spread(conn, of.owner)


def own_schedules(conn: Connection, owner: Principal) -> dict[int, str]:
    """Number -> name of the working hours that their event types can name."""
    return {} if owner.is_team else {row.id: row.name for row in schedules.of_user(conn, owner.id)}
