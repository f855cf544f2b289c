"""A line to a provider that breaks."""

from collections.abc import AsyncIterator, Mapping, Sequence

from gateway.backends.base import Backend, Channel, Hook, Notifying, Resuming
from gateway.errors import BackendUnavailable
from gateway.model import CalendarObject, Changes, RemoteCalendar


class Breaking:
    """A backend whose line breaks after some pages, those of objects put together at the end included."""

    def __init__(self, backend: Backend, pages: int) -> None:
        assert isinstance(backend, Resuming)
        assert isinstance(backend, Notifying)
        self.backend, self.resuming, self.notifying, self.left = backend, backend, backend, pages

    def _page(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise BackendUnavailable("the line broke")

    async def portions(self, calendar: str, token: str | None, position: str | None = None) -> AsyncIterator[Changes]:
        async for page in self.resuming.portions(calendar, token, position):
            if page.token is None:
                self._page()
            yield page

    async def join(
        self, calendar: str, parts: AsyncIterator[Mapping[str, Sequence[str]]]
    ) -> AsyncIterator[Sequence[CalendarObject]]:
        async for objects in self.resuming.join(calendar, parts):
            self._page()
            yield objects

    async def calendars(self) -> Sequence[RemoteCalendar]:
        return await self.backend.calendars()

    def changes(self, calendar: str, token: str | None) -> AsyncIterator[Changes]:
        return self.backend.changes(calendar, token)

    async def put(self, calendar: str, obj: CalendarObject, if_etag: str | None) -> CalendarObject:
        return await self.backend.put(calendar, obj, if_etag)

    async def delete(self, calendar: str, href: str, if_etag: str | None) -> None:
        await self.backend.delete(calendar, href, if_etag)

    async def watch(self, calendar: str, hook: Hook, until: float) -> Channel | None:
        return await self.notifying.watch(calendar, hook, until)

    async def renew(self, channel: Channel, until: float) -> Channel | None:
        return await self.notifying.renew(channel, until)

    async def unwatch(self, channel: Channel) -> None:
        await self.notifying.unwatch(channel)
