"""A time is kept for the visitor who fills in the form, for a while; it never stands in their own way."""

from gateway.booking import offer, turns
from gateway.booking.context import Desk
from gateway.booking.offer import Visit, times
from gateway.booking.tokens import digest
from gateway.store import holds
from gateway.store.database import Connection
from gateway.store.locks import lock_people


async def hold(
    desk: Desk, name: str, slug: str, start: int, zone: str, visitor: str, *, length: int = 0, dates: int = 0
) -> bool:
    """Whether it is theirs now, in place of any time they held; of a series every date; of what has seats, whether one
    is left. False: somebody else has it.

    name: see offer.bookable. visitor: a secret of theirs. zone: theirs, IANA name. length, dates: see book.Wish.
    Raises: NotFound; InvalidInput for a length that is not offered.
    """

    def write(conn: Connection) -> bool:
        of = offer.bookable(conn, name, slug).lasting(length).with_dates(dates)
        lock_people(conn, *(one.id for one in of.people))
        booking = desk.settings.booking
        now = int(desk.clock())
        hosts = offer.crew(conn, of, Visit(zone, now, booking.stale_after, hold=digest(visitor)), start)
        if hosts and of.kind.seats == 1:  # a seat is nobody's until it is booked, or one visitor would hold them all
            starts = turns.starts(of.kind, start, offer.event_zone(conn, of, now))
            kept = [{**times(of.kind, one), "expires": now + booking.hold_seconds} for one in starts]
            holds.put(conn, digest(visitor), [one.id for one in hosts], kept, now)
        return bool(hosts)

    return await desk.db.write(write)
