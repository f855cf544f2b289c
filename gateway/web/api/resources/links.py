"""Secret links to event types."""

from typing import Annotated

from pydantic import Field, StringConstraints

from gateway.booking.links import LinkWish, make, path
from gateway.errors import NotFound
from gateway.store import bookings, links
from gateway.store.database import Connection
from gateway.store.links import LinkRow
from gateway.web.api.operation import Call
from gateway.web.api.paging import page
from gateway.web.api.values import Asked, Id, Instant, Listed, Model, Slug, Text

Line = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00-\x1f\x7f-\x9f]*$")]


class LinkAsked(Asked):
    id: Id


class LinkNew(Model):
    """What a link leads to, and how long and how often it is good."""

    event_type: Slug
    """One of yours, hidden or not."""
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


def _shown(call: Call, row: LinkRow, slug: str) -> Link:
    return Link(
        id=row.id,
        event_type=slug,
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


async def list_links(call: Call, asked: Listed) -> Links:
    def read(conn: Connection) -> tuple[list[LinkRow], dict[int, str]]:
        slugs = {one.id: one.slug for one in bookings.event_types(conn, call.asker.id)}
        return links.of_user(conn, call.asker.id), slugs

    found, slugs = await call.db.read(read)
    rows, after = page(found[::-1], asked, lambda row: (row.id, 0))
    return Links(items=tuple(_shown(call, row, slugs.get(row.event_type_id, "")) for row in rows), next=after)


async def create_link(call: Call, given: LinkNew) -> Link:
    wish = LinkWish(given.event_type, given.label, given.uses, given.expires, given.name, given.email, given.note)
    return _shown(call, await make(call.desk, call.asker, wish), given.event_type)


async def delete_link(call: Call, asked: LinkAsked) -> None:
    if not await call.db.write(links.revoke, call.asker.id, asked.id):
        raise NotFound("you have no such link")
