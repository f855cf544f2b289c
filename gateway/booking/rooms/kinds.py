"""The kinds of room: one row each, by the kind of place that wants one."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

from gateway.accounts.zoom import has_zoom
from gateway.backends.rooms import Rooms
from gateway.booking.context import Desk
from gateway.booking.locations import ROOMS
from gateway.booking.rooms.on_event import OnEvent, is_at
from gateway.errors import NoRoomAccount
from gateway.store.database import Connection
from gateway.store.principals import Principal


@dataclass(frozen=True, slots=True)
class RoomKind:
    """name: as people know it, in every language.

    able: whether rooms can be made for that host and the booking of that UID.
    rooms: how; they raise NoRoomAccount where they cannot. missing: what is missing then, a key of words.TROUBLES.
    """

    kind: str
    name: str
    able: Callable[[Connection, Desk, Principal, str], bool]
    rooms: Callable[[Desk, Principal, str], Awaitable[Rooms]]
    missing: str = "no-account"


def _has_zoom(conn: Connection, desk: Desk, host: Principal, _uid: str) -> bool:
    return desk.zoom is not None and has_zoom(conn, desk.settings, host.id)


async def _at_zoom(desk: Desk, host: Principal, _uid: str) -> Rooms:
    if desk.zoom is None:
        raise NoRoomAccount("Zoom cannot be reached from here")
    return await desk.zoom.of(host)


def _on_event(kind: str, account: str, word: str) -> RoomKind:
    """account: the kind of account in whose calendar the event has to be. word: what it is asked for by."""

    def able(conn: Connection, _desk: Desk, host: Principal, uid: str) -> bool:
        return is_at(conn, host, uid, account)

    async def rooms(desk: Desk, host: Principal, uid: str) -> Rooms:
        return OnEvent(desk, host, uid, account, word)

    return RoomKind(kind, ROOMS[kind], able, rooms, missing="no-calendar")


ROOM_KINDS: Final[Mapping[str, RoomKind]] = {
    row.kind: row
    for row in (
        RoomKind("zoom", ROOMS["zoom"], able=_has_zoom, rooms=_at_zoom),
        _on_event("google-meet", "google", "MEET"),
        _on_event("teams", "outlook", "TEAMS"),
    )
}
