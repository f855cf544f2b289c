"""The kinds of room: one row each, by the kind of place that wants one."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

from gateway.accounts.zoom import has_zoom
from gateway.backends.rooms import Rooms
from gateway.booking.context import Desk
from gateway.booking.locations import ROOMS
from gateway.booking.rooms.on_event import OnEvent, is_at
from gateway.config import Settings
from gateway.errors import NoRoomAccount
from gateway.store import accounts
from gateway.store.database import Connection
from gateway.store.principals import Principal


@dataclass(frozen=True, slots=True)
class RoomKind:
    """name: as people know it, in every language.

    able: whether rooms can be made for that host and the booking of that UID.
    rooms: how; they raise NoRoomAccount where they cannot. missing: what is missing then, a key of words.TROUBLES.
    ready: whether a host has what it takes, before there is a booking; into: the calendar that the event type has for
    itself, None: the host's usual one. todo: for the admin, where not; {url}: ours.
    """

    kind: str
    name: str
    able: Callable[[Connection, Desk, Principal, str], bool]
    rooms: Callable[[Desk, Principal, str], Awaitable[Rooms]]
    ready: Callable[[Connection, Settings, Principal, int | None], bool]
    todo: str
    missing: str = "no-account"


def _connected(conn: Connection, settings: Settings, host: Principal, _into: int | None) -> bool:
    return has_zoom(conn, settings, host.id)


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

    def ready(conn: Connection, _settings: Settings, host: Principal, into: int | None) -> bool:
        every = [one for one in accounts.calendars(conn, host.id) if one.writable]
        return any(one.kind == account for one in every if (one.id == into if into else one.destination))

    todo = f"their new events have to go to one of their {account} calendars: {{url}}/app"
    return RoomKind(kind, ROOMS[kind], able, rooms, ready, todo, missing="no-calendar")


ROOM_KINDS: Final[Mapping[str, RoomKind]] = {
    row.kind: row
    for row in (
        RoomKind("zoom", ROOMS["zoom"], _has_zoom, _at_zoom, _connected, "they have to connect Zoom: {url}/app"),
        _on_event("google-meet", "google", "MEET"),
        _on_event("teams", "outlook", "TEAMS"),
    )
}
