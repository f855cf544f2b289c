"""What a provider of conferences must be able to do for us."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class RoomWish:
    """What a room is for. mark: nobody else's; it is found by that. start, end: epoch seconds. zone: IANA name.

    repeats: it is used again and again, and has no time of its own.
    """

    mark: str
    topic: str
    start: int
    end: int
    zone: str
    repeats: bool = False


@dataclass(frozen=True, slots=True)
class Room:
    """What guests get to know. dial_in: lines for those who call, with what they have to type."""

    id: str
    join_url: str
    dial_in: tuple[str, ...] = ()


class Rooms(Protocol):
    """Errors of every call: BackendUnavailable (later), SignInExpired (owner), RefusedByProvider (never)."""

    async def open(self, wish: RoomWish, *, again: bool) -> Room:
        """again: an earlier try may have made it, whose answer was lost; then it is that one."""
        ...

    async def change(self, room: str, wish: RoomWish) -> None:
        """Raises: RemoteGone."""
        ...

    async def close(self, room: str, mark: str) -> None:
        """Already gone is success. room: "" where only the mark is known, as the answer was lost."""
        ...
