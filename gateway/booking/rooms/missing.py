"""Hosts for whom no room can be made, known before anybody books."""

from collections.abc import Iterator
from dataclasses import dataclass

from gateway.booking.offer import Bookable
from gateway.booking.own_calendars import destination
from gateway.booking.rooms.kinds import ROOM_KINDS, RoomKind
from gateway.booking.slots import Mode
from gateway.config import Settings
from gateway.store.database import Connection
from gateway.store.principals import Principal


@dataclass(frozen=True, slots=True)
class Missing:
    host: Principal
    kind: RoomKind


def missing(conn: Connection, settings: Settings, of: Bookable) -> Iterator[Missing]:
    """Of hosts who all come, one is enough; of those who take turns, each has to have what it takes."""
    for place in of.kind.places:
        kind = ROOM_KINDS.get(place.kind)
        if kind is None:
            continue
        hosts = [one.person for one in of.attending if one.invited and not one.person.is_outside]
        own = {one.id: destination(conn, of.host, of.kind, one) for one in hosts}
        lacking = [one for one in hosts if not kind.ready(conn, settings, one, own[one.id])]
        if of.mode is Mode.ROUND_ROBIN or len(lacking) == len(hosts):
            yield from (Missing(one, kind) for one in lacking)
