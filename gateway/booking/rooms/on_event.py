"""Rooms that a provider adds to an event in one of its calendars: Google Meet, Microsoft Teams.

They go with their event, so there is nothing to change or to remove beside it.
"""

from dataclasses import dataclass
from typing import Final

from gateway.backends.rooms import Room, RoomWish
from gateway.booking.context import Desk
from gateway.booking.spread import copy_of
from gateway.errors import BackendUnavailable, NoRoomAccount, PreconditionFailed
from gateway.ical.text import parse, replace, serialise, text_prop
from gateway.store import accounts
from gateway.store.database import Connection
from gateway.store.objects import ObjectRow
from gateway.store.principals import Principal
from gateway.sync.write import Staged, settle, stage_put

ASK: Final = "X-GATEWAY-CONFERENCE"
"""What asks the provider for a room; see gateway.backends.google.links and gateway.backends.outlook.words."""
OF_EVENT: Final = "event"


def is_at(conn: Connection, host: Principal, uid: str, kind: str) -> bool:
    """Whether the host has the event in a calendar of that kind of account."""
    copy = copy_of(conn, host, uid)
    calendar = None if copy is None else accounts.calendar(conn, copy.calendar_id)
    return calendar is not None and calendar.kind == kind


@dataclass(frozen=True, slots=True)
class OnEvent:
    """account: kind of account whose calendar has to have the event. word: what it is asked for by."""

    desk: Desk
    host: Principal
    uid: str
    account: str
    word: str

    async def open(self, wish: RoomWish, *, again: bool) -> Room:
        """One that is there already is that one, whoever made it."""
        copy = await self._copy()
        found = room_in(copy.text)
        if found is not None:
            return found
        staged = await self.desk.db.write(self._ask)
        try:
            await settle(self.desk.sync, staged)
        except PreconditionFailed as error:
            raise BackendUnavailable("the event was changed meanwhile") from error
        found = room_in((await self._copy()).text)
        if found is None:
            raise BackendUnavailable("the provider has not made it yet")
        return found

    async def change(self, room: str, wish: RoomWish) -> None:
        return

    async def close(self, room: str, mark: str) -> None:
        return

    async def _copy(self) -> ObjectRow:
        if not await self.desk.db.read(is_at, self.host, self.uid, self.account):
            raise NoRoomAccount("the event is in no calendar that could have a room")
        copy = await self.desk.db.read(copy_of, self.host, self.uid)
        if copy is None:
            raise NoRoomAccount("the event is gone")
        return copy

    def _ask(self, conn: Connection) -> Staged:
        copy = copy_of(conn, self.host, self.uid)
        if copy is None:
            raise NoRoomAccount("the event is gone")
        calendar = parse(copy.text, lenient=True)
        for found in calendar.children("VEVENT"):
            replace(found, ASK, text_prop(ASK, self.word))
        return stage_put(conn, self.desk.sync, self.host, serialise(calendar))


def room_in(text: str) -> Room | None:
    """The video conference of an event, None: it has none yet."""
    for event in parse(text, lenient=True).children("VEVENT"):
        links = [(line.value, line.params.get("FEATURE", ()), line.param("LABEL")) for line in event.all("CONFERENCE")]
        video = next((url for url, does, _ in links if "VIDEO" in does and url.startswith("https://")), "")
        if video:
            calls = (label or url.removeprefix("tel:") for url, does, label in links if does == ("PHONE",))
            return Room(OF_EVENT, video, tuple(calls))
    return None
