"""Times that can be booked."""

from typing import Annotated, Final

from pydantic import Field, StringConstraints

from gateway.accounts.teams import may_change
from gateway.booking import offer
from gateway.booking.gathering import seats_left
from gateway.booking.offer import Visit
from gateway.errors import Flaw, InvalidInput, NotFound
from gateway.store.database import Connection
from gateway.web.api.operation import Call
from gateway.web.api.spans import check_span
from gateway.web.api.values import Asked, Instant, Model, Slug, Zone, example
from gateway.web.keys import SETTINGS

LONGEST: Final = 62
Host = Annotated[str, StringConstraints(max_length=400, pattern=r"^([a-z0-9][a-z0-9._+-]*)?$"), example("alice")]


class SlotsAsked(Asked):
    event_type: Slug
    host: Host = ""
    """As in the address of the booking page; empty: you."""
    start: Instant
    end: Instant
    """Not included; 62 days after the start at most."""
    length: int | None = Field(None, ge=1, le=24 * 60)
    """Minutes; one that the event type offers, its usual one where it is left out."""
    zone: Zone | None = None
    """The invitee's, which some rules count days in; the host's where it is left out."""


class Slot(Model):
    start: Instant
    end: Instant
    seats_left: int | None
    """How many can still book it; null where there are no seats, or the event type does not tell."""


class Slots(Model):
    """Times that can be booked, in order."""

    items: tuple[Slot, ...]


async def list_slots(call: Call, asked: SlotsAsked) -> Slots:
    check_span(asked.start, asked.end, LONGEST)
    limit = call.request.app[SETTINGS].booking.stale_after

    def read(conn: Connection) -> Slots:
        of = offer.bookable(conn, asked.host or call.asker.name, asked.event_type)
        theirs = of.host.id == call.asker.id or (of.host.is_team and may_change(conn, call.asker, of.host))
        if of.kind.links_only and not theirs:
            raise NotFound("there is nothing of that name to book here")
        if asked.length is not None and asked.length not in of.kind.choosable:
            raise InvalidInput("this length cannot be booked", (Flaw("it is not offered", parameter="length"),))
        of = of.lasting(asked.length or 0)
        visit = Visit(asked.zone or of.host.zone, call.now, limit)
        starts = offer.starts(conn, of, visit, asked.start, asked.end)
        left = seats_left(conn, of, starts) if of.kind.show_seats and of.kind.seats > 1 else {}
        length = of.kind.length * 60
        return Slots(items=tuple(Slot(start=one, end=one + length, seats_left=left.get(one)) for one in starts))

    return await call.db.read(read)
