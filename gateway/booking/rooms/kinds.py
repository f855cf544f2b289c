"""The kinds of room: one row each, by the kind of place that wants one."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

from gateway.accounts.zoom import has_zoom
from gateway.backends.rooms import Rooms
from gateway.booking.context import Desk
from gateway.errors import NoRoomAccount
from gateway.store.database import Connection
from gateway.store.principals import Principal


@dataclass(frozen=True, slots=True)
class RoomKind:
    """name: as people know it, in every language.

    able: whether rooms can be made for that host. rooms: how, for the booking of that UID; NoRoomAccount: not at all.
    """

    kind: str
    name: str
    able: Callable[[Connection, Desk, Principal], bool]
    rooms: Callable[[Desk, Principal, str], Awaitable[Rooms]]


def _has_zoom(conn: Connection, desk: Desk, host: Principal) -> bool:
    return desk.zoom is not None and has_zoom(conn, desk.settings, host.id)


async def _at_zoom(desk: Desk, host: Principal, _uid: str) -> Rooms:
    if desk.zoom is None:
        raise NoRoomAccount("Zoom cannot be reached from here")
    return await desk.zoom.of(host)


ROOM_KINDS: Final[Mapping[str, RoomKind]] = {
    row.kind: row for row in (RoomKind("zoom", "Zoom", able=_has_zoom, rooms=_at_zoom),)
}
