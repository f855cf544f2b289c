"""What others can book with one."""

from typing import Any

from pydantic import ConfigDict, Field

from gateway.booking import event_types
from gateway.booking.model import EventType
from gateway.store import bookings
from gateway.store.bookings import EventTypeRow
from gateway.store.database import Connection
from gateway.web.api.operation import Call
from gateway.web.api.paging import page
from gateway.web.api.values import Asked, Listed, Model, Slug

OWN = {"slug", "hidden", "position", "url"}


class EventTypeAsked(Asked):
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
    """What can be booked with the person."""

    url: str
    """Its page."""


class EventTypes(Model):
    items: tuple[EventTypeShown, ...]
    next: str | None
    """Cursor of the next page; null: this is the last one."""


def _shown(call: Call, row: EventTypeRow) -> EventTypeShown:
    own: dict[str, Any] = {"slug": row.slug, "hidden": row.hidden, "position": row.position}
    return EventTypeShown.model_validate(
        {**row.document, **own, "url": f"{call.base_url}/{call.asker.name}/{row.slug}"}
    )


def _kind(given: EventTypeRules) -> EventType:
    return EventType.model_validate(given.model_dump(exclude=OWN))


async def list_event_types(call: Call, asked: Listed) -> EventTypes:
    found = await call.db.read(bookings.event_types, call.asker.id)
    rows, after = page(found, asked, lambda row: (row.position, row.id))
    return EventTypes(items=tuple(_shown(call, row) for row in rows), next=after)


async def read_event_type(call: Call, asked: EventTypeAsked) -> EventTypeShown:
    return _shown(call, (await call.db.read(event_types.named, call.asker, asked.slug)).row)


async def create_event_type(call: Call, given: EventTypeNew) -> EventTypeShown:
    def write(conn: Connection) -> EventTypeRow:
        kind = _kind(given)
        event_types.add(conn, call.asker, given.slug, kind, position=given.position, hidden=given.hidden)
        return event_types.named(conn, call.asker, given.slug).row

    return _shown(call, await call.db.write(write))


async def replace_event_type(call: Call, asked: EventTypeAsked, given: EventTypeRules) -> EventTypeShown:
    def write(conn: Connection) -> EventTypeRow:
        of = event_types.named(conn, call.asker, asked.slug)
        event_types.change(conn, of, _kind(given), position=given.position, hidden=given.hidden)
        return event_types.named(conn, call.asker, asked.slug).row

    return _shown(call, await call.db.write(write))


async def delete_event_type(call: Call, asked: EventTypeAsked) -> None:
    """Its bookings stay, and can be cancelled."""

    def write(conn: Connection) -> None:
        event_types.remove(conn, event_types.named(conn, call.asker, asked.slug))

    await call.db.write(write)
