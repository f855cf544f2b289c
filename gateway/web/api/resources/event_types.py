"""What others can book with one."""

from typing import Annotated, Any

from pydantic import ConfigDict, Field, StringConstraints

from gateway.booking import event_types, offer
from gateway.booking.event_types import Kept
from gateway.booking.model import EventType
from gateway.errors import Flaw, InvalidInput
from gateway.store import bookings, taken
from gateway.store.bookings import EventTypeRow
from gateway.store.database import Connection
from gateway.store.principals import Principal
from gateway.store.taken import HostRow
from gateway.web.api.operation import Call
from gateway.web.api.paging import page
from gateway.web.api.values import Asked, Listed, Model, Name, Slug, example

OWN = {"slug", "hidden", "position"}
TeamName = Annotated[str, StringConstraints(pattern=r"^([a-z0-9]([a-z0-9._-]{0,62}[a-z0-9])?)?$"), example("sales")]


class OwnerAsked(Asked):
    team: TeamName = ""
    """Name of a team that you are an admin of; empty: your own."""


class EventTypesAsked(Listed):
    team: TeamName = ""
    """Name of a team that you are an admin of; empty: your own."""


class EventTypeAsked(OwnerAsked):
    slug: Slug


class EventTypeRules(EventType):
    """What can be booked. Texts are one text for all languages, or one for each language code. Durations in minutes."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    hidden: bool = False
    """Not on the profile page; whoever has its address can book it."""
    position: int = Field(0, ge=0, le=10_000)
    """Of lower numbers first on the profile page."""


class EventTypeNew(EventTypeRules):
    """What can be booked, and the name of its page."""

    slug: Slug
    """Last part of the address of its page; stays as it is."""


class EventTypeShown(EventTypeNew):
    """What can be booked with the person, or with the team."""

    url: str
    """Its page."""
    team: TeamName
    """Whose it is; empty: the person's own."""
    path: str
    """Where it is in this API."""
    follows: bool
    """It follows an event type of a team, which sets all but what it leaves open."""


class HostGiven(Model):
    name: Name
    """Of somebody in the team; for your own, of you or of somebody in a team with you."""
    fixed: bool = False
    """In a round robin, there each time."""
    priority: int = Field(0, ge=0, le=1000)
    weight: int = Field(100, ge=1, le=10_000)
    """Of the bookings, as against the weights of the others."""


class Hosts(Model):
    """Who comes, in order; none: everybody in the team, or the person alone. How they share it is its `mode`."""

    hosts: tuple[HostGiven, ...] = Field((), max_length=200)


class EventTypes(Model):
    items: tuple[EventTypeShown, ...]
    next: str | None
    """Cursor of the next page; null: this is the last one."""


def _shown(call: Call, owner: Principal, row: EventTypeRow) -> EventTypeShown:
    team = owner.name if owner.is_team else ""
    own: dict[str, Any] = {
        "slug": row.slug,
        "hidden": row.hidden,
        "position": row.position,
        "url": f"{call.base_url}{offer.page_of(owner)}/{row.slug}",
        "team": team,
        "path": f"/event-types/{row.slug}" + (f"?team={team}" if team else ""),
        "follows": row.managed_by is not None,
    }
    return EventTypeShown.model_validate({**row.document, **own})


def _kind(given: EventTypeRules) -> EventType:
    return EventType.model_validate(given.model_dump(exclude=OWN))


def _kept(conn: Connection, call: Call, asked: EventTypeAsked) -> Kept:
    """Raises: NotFound, Forbidden."""
    return event_types.named(conn, event_types.owner_of(conn, call.asker, asked.team), asked.slug)


async def list_event_types(call: Call, asked: EventTypesAsked) -> EventTypes:
    def read(conn: Connection) -> tuple[Principal, list[EventTypeRow]]:
        owner = event_types.owner_of(conn, call.asker, asked.team)
        return owner, bookings.event_types(conn, owner.id)

    owner, found = await call.db.read(read)
    rows, after = page(found, asked, lambda row: (row.position, row.id))
    return EventTypes(items=tuple(_shown(call, owner, row) for row in rows), next=after)


async def read_event_type(call: Call, asked: EventTypeAsked) -> EventTypeShown:
    of = await call.db.read(_kept, call, asked)
    return _shown(call, of.owner, of.row)


async def create_event_type(call: Call, asked: OwnerAsked, given: EventTypeNew) -> EventTypeShown:
    def write(conn: Connection) -> Kept:
        owner = event_types.owner_of(conn, call.asker, asked.team)
        event_types.add(conn, owner, given.slug, _kind(given), position=given.position, hidden=given.hidden)
        return event_types.named(conn, owner, given.slug)

    of = await call.db.write(write)
    return _shown(call, of.owner, of.row)


async def replace_event_type(call: Call, asked: EventTypeAsked, given: EventTypeRules) -> EventTypeShown:
    def write(conn: Connection) -> Kept:
        of = _kept(conn, call, asked)
        event_types.change(conn, of, _kind(given), position=given.position, hidden=given.hidden)
        return _kept(conn, call, asked)

    of = await call.db.write(write)
    return _shown(call, of.owner, of.row)


async def delete_event_type(call: Call, asked: EventTypeAsked) -> None:
    """Its bookings stay, and can be cancelled."""

    def write(conn: Connection) -> None:
        event_types.remove(conn, _kept(conn, call, asked))

    await call.db.write(write)


def _hosts(conn: Connection, of: Kept) -> Hosts:
    names = {one.id: one.name for one in event_types.candidates(conn, of.owner)}
    rows = [row for row in taken.hosts(conn, of.row.id) if row.user_id in names]
    return Hosts(
        hosts=tuple(
            HostGiven(name=names[row.user_id], fixed=row.fixed, priority=row.priority, weight=row.weight)
            for row in rows
        )
    )


async def read_hosts(call: Call, asked: EventTypeAsked) -> Hosts:
    return await call.db.read(lambda conn: _hosts(conn, _kept(conn, call, asked)))


async def replace_hosts(call: Call, asked: EventTypeAsked, given: Hosts) -> Hosts:
    def write(conn: Connection) -> Hosts:
        of = _kept(conn, call, asked)
        known = {one.name: one.id for one in event_types.candidates(conn, of.owner)}
        names = [one.name for one in given.hosts]
        wrong = [at for at, name in enumerate(names) if name not in known or name in names[:at]]
        if wrong:
            flaws = tuple(Flaw("is in no team with you, or stands here twice", f"/hosts/{at}/name") for at in wrong)
            raise InvalidInput("these cannot be its hosts", flaws)
        event_types.set_hosts(
            conn, of, [HostRow(known[one.name], one.fixed, one.priority, one.weight) for one in given.hosts]
        )
        return _hosts(conn, of)

    return await call.db.write(write)
