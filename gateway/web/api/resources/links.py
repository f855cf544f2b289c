"""Secret links to event types."""

from typing import Annotated

from pydantic import Field, StringConstraints

from gateway.booking.event_types import owner_of
from gateway.booking.links import LinkWish, make, path, revoke
from gateway.store import bookings, links
from gateway.store.database import Connection
from gateway.store.links import LinkRow
from gateway.web.api.operation import Call
from gateway.web.api.paging import page
from gateway.web.api.resources.event_types import EventTypesAsked, OwnerAsked, TeamName
from gateway.web.api.values import Asked, Id, Instant, Model, Slug, Text

Line = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00-\x1f\x7f-\x9f]*$")]


class LinkAsked(Asked):
    id: Id


class LinkNew(Model):
    """What a link leads to, and how long and how often it is good."""

    event_type: Slug
    """One of yours or the team's, hidden or not."""
    label: Line = ""
    """For yourself."""
    uses: int = Field(1, ge=1, le=1000)
    """How many bookings it is good for."""
    expires: Instant | None = None
    name: Line = ""
    """What stands in the form already; can be changed there."""
    email: Line = ""
    note: Text = ""


class Link(Model):
    """A secret link. Whoever has its url can book."""

    id: Id
    event_type: str
    team: TeamName
    """Whose it is; empty: your own."""
    label: str
    uses: int
    used: int
    expires: Instant | None
    name: str
    email: str
    note: str
    created: Instant
    url: str


class Links(Model):
    items: tuple[Link, ...]
    next: str | None
    """Cursor of the next page; null: this is the last one."""


def _shown(call: Call, row: LinkRow, slug: str, team: str) -> Link:
    return Link(
        id=row.id,
        event_type=slug,
        team=team,
        label=row.label,
        uses=row.uses,
        used=row.used,
        expires=row.expires,
        name=row.name,
        email=row.email,
        note=row.note,
        created=row.created,
        url=call.base_url + path(call.desk, row),
    )


async def list_links(call: Call, asked: EventTypesAsked) -> Links:
    def read(conn: Connection) -> tuple[list[LinkRow], dict[int, str]]:
        owner = owner_of(conn, call.asker, asked.team)
        slugs = {one.id: one.slug for one in bookings.event_types(conn, owner.id)}
        return links.of_user(conn, owner.id), slugs

    found, slugs = await call.db.read(read)
    rows, after = page(found[::-1], asked, lambda row: (row.id, 0))
    items = (_shown(call, row, slugs.get(row.event_type_id, ""), asked.team) for row in rows)
    return Links(items=tuple(items), next=after)


async def create_link(call: Call, asked: OwnerAsked, given: LinkNew) -> Link:
    wish = LinkWish(
        given.event_type, asked.team, given.label, given.uses, given.expires, given.name, given.email, given.note
    )
    return _shown(call, await make(call.desk, call.asker, wish), given.event_type, asked.team)


async def delete_link(call: Call, asked: LinkAsked) -> None:
    await call.db.write(revoke, call.asker, asked.id)
