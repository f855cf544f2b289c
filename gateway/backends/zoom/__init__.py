"""Rooms at Zoom: scheduled meetings of one person there."""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote

from gateway.backends.rooms import Room, RoomWish
from gateway.backends.zoom.tokens import Tokens
from gateway.backends.zoom.wire import Json, Wire
from gateway.errors import BackendUnavailable, RemoteGone, SignInExpired

SCHEDULED: Final = 2
NO_FIXED_TIME: Final = 3
LONGEST_TOPIC: Final = 200
PAGES: Final = 10
"""Of 300 meetings each, that are looked through for one whose answer was lost."""


def body_of(wish: RoomWish) -> Json:
    """A series has one meeting without a time of its own: its dates may move one by one."""
    body: Json = {"topic": wish.topic[:LONGEST_TOPIC] or "Meeting", "agenda": wish.mark, "timezone": wish.zone}
    if wish.repeats:
        return {**body, "type": NO_FIXED_TIME}
    begins = datetime.fromtimestamp(wish.start, UTC)
    minutes = max(1, -(-(wish.end - wish.start) // 60))
    return {**body, "type": SCHEDULED, "start_time": f"{begins:%Y-%m-%dT%H:%M:%SZ}", "duration": minutes}


def room_of(meeting: Json) -> Room:
    """Never the start_url: whoever has that is the host.

    Raises: BackendUnavailable for an answer without what a room needs.
    """
    try:
        found, join_url = str(int(meeting["id"])), str(meeting["join_url"])
    except (KeyError, TypeError, ValueError) as error:
        raise BackendUnavailable("Zoom's answer names no meeting") from error
    if not join_url.startswith("https://"):
        raise BackendUnavailable("Zoom's answer has no address to join at")
    return Room(found, join_url, tuple(_dial_in(meeting, found)))


def _dial_in(meeting: Json, number: str) -> list[str]:
    """For those who call: the number to type, the passcode, and the numbers of the host's countries."""
    settings = meeting.get("settings") or {}
    calls = [
        f"{row.get('country_name') or row.get('country') or ''} {row['number']}".strip()
        for row in settings.get("global_dial_in_numbers") or ()
        if row.get("number")
    ]
    lines = [f"Zoom-ID: {number}"]
    password = str(meeting.get("pstn_password") or meeting.get("password") or "")
    return [*lines, *([f"Passcode: {password}"] if password else []), *calls[:3]]


class Zoom:
    """user: whose meetings they are, as Zoom names them: "me" for who signed in, else an e-mail address."""

    def __init__(self, wire: Wire, tokens: Tokens, user: str = "me") -> None:
        self._wire = wire
        self._tokens = tokens
        self._user = quote(user, safe="@")

    async def open(self, wish: RoomWish, *, again: bool) -> Room:
        found = await self._with_mark(wish.mark) if again else None
        return room_of(found or await self._call("POST", f"/users/{self._user}/meetings", body_of(wish)))

    async def change(self, room: str, wish: RoomWish) -> None:
        await self._call("PATCH", f"/meetings/{quote(room, safe='')}", body_of(wish))

    async def close(self, room: str, mark: str) -> None:
        found = {"id": room} if room else await self._with_mark(mark)
        if found is None:
            return
        try:
            await self._call("DELETE", f"/meetings/{quote(str(found['id']), safe='')}")
        except RemoteGone:
            return

    async def _with_mark(self, mark: str) -> Json | None:
        """The meeting that an earlier try made, whole. The list has the beginning of each agenda."""
        async for row in self._upcoming():
            if str(row.get("agenda") or "").strip() == mark:
                return await self._call("GET", f"/meetings/{quote(str(row['id']), safe='')}")
        return None

    async def _upcoming(self) -> AsyncIterator[Json]:
        token = ""
        for _ in range(PAGES):
            query = {"type": "scheduled", "page_size": "300"} | ({"next_page_token": token} if token else {})
            page = await self._call("GET", f"/users/{self._user}/meetings", query=query)
            for row in page.get("meetings") or ():
                yield row
            token = str(page.get("next_page_token") or "")
            if not token:
                return

    async def _call(
        self, method: str, path: str, body: Json | None = None, query: Mapping[str, str] | None = None
    ) -> Json:
        """A token that is past, or was ended by a newer one, is renewed once."""
        token = await self._tokens.token()
        try:
            return await self._wire.call(method, path, token, body, query)
        except SignInExpired:
            renewed = await self._tokens.token(refused=token)
            return await self._wire.call(method, path, renewed, body, query)
