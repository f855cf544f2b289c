"""A little provider that tells of changes, as far as it is let."""

from collections.abc import AsyncIterator, Callable

from gateway.backends.base import Channel, Hook
from gateway.errors import BackendUnavailable, GatewayError, RemoteGone
from gateway.model import Changes
from gateway.sync.notices.arrivals import Notice, What
from tests.fakes.shelf import Shelf

DAY = 86_400.0


class Teller(Shelf):
    """renews: as Graph does, which tries addresses too; else as Google. life: seconds that channels last.

    silent: calendars it never tells of. loses_answers: opens channels, and does not get round to saying so.
    refusals: errors that the next calls about channels raise. meanwhile: done while a channel is opened.
    open: channels by id, with calendar and hook. asked: calendars whose changes were asked for. broken: by calendar,
    what it answers to that.
    """

    def __init__(self, clock, *, renews: bool = False, life: float = 7 * DAY) -> None:
        super().__init__(verbatim=False)
        self.clock = clock
        self.renews = renews
        self.life = life
        self.silent: set[str] = set()
        self.open: dict[str, tuple[str, Hook]] = {}
        self.hooks: list[Hook] = []
        self.refusals: list[GatewayError | None] = []
        self.loses_answers = False
        self.meanwhile: Callable[[], None] | None = None
        self.asked: list[str] = []
        self.broken: dict[str, GatewayError] = {}

    async def changes(self, calendar: str, token: str | None) -> AsyncIterator[Changes]:
        self.asked.append(calendar)
        if calendar in self.broken:
            raise self.broken[calendar]
        async for page in super().changes(calendar, token):
            yield page

    def _refuse(self) -> None:
        fault = self.refusals.pop(0) if self.refusals else None
        if fault is not None:
            raise fault

    async def watch(self, calendar: str, hook: Hook, until: float) -> Channel | None:
        await self._enter(f"watch {calendar}")
        if self.meanwhile is not None:
            self.meanwhile()
        self._refuse()
        self._shelved(calendar)
        if calendar in self.silent:
            return None
        self.hooks.append(hook)
        key = f"theirs-{len(self.hooks)}" if self.renews else hook.key
        self.open[key] = (calendar, hook)
        if self.loses_answers:
            raise BackendUnavailable("the answer was lost")
        return Channel(key, "" if self.renews else f"resource-{len(self.hooks)}", self._end(until), greeted=self.renews)

    def _end(self, until: float) -> float:
        return min(until, self.clock() + self.life)

    async def renew(self, channel: Channel, until: float) -> Channel | None:
        if not self.renews:
            return None
        await self._enter("renew")
        self._refuse()
        if channel.id not in self.open:
            raise RemoteGone("no such channel")
        return Channel(channel.id, "", self._end(until))

    async def unwatch(self, channel: Channel) -> None:
        await self._enter("unwatch")
        self._refuse()
        self.open.pop(channel.id, None)

    def notices(self, calendar: str = "main", what: What = What.CHANGE, number: int = 0) -> list[Notice]:
        """Those that the open channels of a calendar would send."""
        return [
            Notice(key, hook.secret, what, remote=self.renews, number=number)
            for key, (of, hook) in self.open.items()
            if of == calendar
        ]


class Lister(Teller):
    """Says which channels are open, as Graph does."""

    async def open_channels(self, address: str) -> list[Channel]:
        await self._enter("open channels")
        mine = [(key, of) for key, (of, hook) in self.open.items() if hook.address == address]
        return [Channel(key, f"me/calendars/{of}/events", self.clock() + self.life) for key, of in mine]
