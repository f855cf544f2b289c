"""What others can book with one."""

from typing import Any

from pydantic import ConfigDict, Field

from gateway.booking.locations import wrong
from gateway.booking.model import EventType, document
from gateway.errors import Conflict, Flaw, InvalidInput, NotFound
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


def _checked(given: EventTypeRules) -> EventType:
    """Raises: InvalidInput for what only our tables know."""
    wrongs = [(at, flaw) for at, place in enumerate(given.places) if (flaw := wrong(place.kind, place.text))]
    if wrongs:
        flaws = tuple(Flaw(reason, pointer=f"/places/{at}/{field}") for at, (field, reason) in wrongs)
        raise InvalidInput("this cannot be its place", flaws)
    if len(set(given.places)) < len(given.places):
        reason = "each place is there once"
        raise InvalidInput(reason, (Flaw(reason, pointer="/places"),))
    if len({given.length, *given.lengths}) <= len(given.lengths):
        reason = "each length is there once"
        raise InvalidInput(reason, (Flaw(reason, pointer="/lengths"),))
    names = [question.name for question in given.questions]
    if len(set(names)) < len(names):
        reason = "each question has a name of its own"
        raise InvalidInput(reason, (Flaw(reason, pointer="/questions"),))
    return EventType.model_validate(given.model_dump(exclude=OWN))


async def list_event_types(call: Call, asked: Listed) -> EventTypes:
    found = await call.db.read(bookings.event_types, call.asker.id)
    rows, after = page(found, asked, lambda row: (row.position, row.id))
    return EventTypes(items=tuple(_shown(call, row) for row in rows), next=after)


async def read_event_type(call: Call, asked: EventTypeAsked) -> EventTypeShown:
    return _shown(call, await call.db.read(_own, call.asker.id, asked.slug))


def _own(conn: Connection, user: int, slug: str) -> EventTypeRow:
    row = bookings.event_type(conn, user, slug)
    if row is None:
        raise NotFound("you have no event type of that name")
    return row


async def create_event_type(call: Call, given: EventTypeNew) -> EventTypeShown:
    kind = _checked(given)

    def write(conn: Connection) -> EventTypeRow:
        if bookings.event_type(conn, call.asker.id, given.slug) is not None:
            raise Conflict(f"you have an event type called {given.slug} already")
        return _put(conn, call.asker.id, given.slug, given, kind)

    return _shown(call, await call.db.write(write))


async def replace_event_type(call: Call, asked: EventTypeAsked, given: EventTypeRules) -> EventTypeShown:
    kind = _checked(given)

    def write(conn: Connection) -> EventTypeRow:
        _own(conn, call.asker.id, asked.slug)
        return _put(conn, call.asker.id, asked.slug, given, kind)

    return _shown(call, await call.db.write(write))


def _put(conn: Connection, user: int, slug: str, given: EventTypeRules, kind: EventType) -> EventTypeRow:
    bookings.put_event_type(conn, user, slug, document(kind), position=given.position, hidden=given.hidden)
    return _own(conn, user, slug)


async def delete_event_type(call: Call, asked: EventTypeAsked) -> None:
    """Its bookings stay, and can be cancelled."""

    def write(conn: Connection) -> None:
        bookings.drop_event_type(conn, _own(conn, call.asker.id, asked.slug).id)

    await call.db.write(write)
