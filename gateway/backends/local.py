"""Calendars that live in our own index alone: there is nowhere to pull from and nowhere to push to."""

from collections.abc import AsyncIterator, Sequence
from typing import Final

from gateway.backends.base import Account, Outside, Row
from gateway.model import CalendarObject, Changes, RemoteCalendar


class LocalBackend:
    """The index already holds every object, so all that is asked for has been done."""

    def __init__(self, account: Account, outside: Outside) -> None:
        """Takes what every backend is given, and needs none of it."""

    async def calendars(self) -> Sequence[RemoteCalendar]:
        return []

    async def changes(self, calendar: str, token: str | None) -> AsyncIterator[Changes]:
        return
        yield

    async def put(self, calendar: str, obj: CalendarObject, if_etag: str | None) -> CalendarObject:
        return obj

    async def delete(self, calendar: str, href: str, if_etag: str | None) -> None:
        return


ROW: Final = Row("local", LocalBackend, remote=False)
