"""The whole demo in a thread of its own, reached over HTTP like any server; its time stands still."""

import asyncio
import socket
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import caldav
import requests

from gateway.app import PARTS, Parts
from gateway.demo.live import live
from gateway.demo.seed.people import PASSWORD
from gateway.demo.seed.week import ZONE
from gateway.demo.world import World, running_world
from gateway.listen import listen
from gateway.store import accounts, principals
from gateway.store.accounts import AccountRow, CalendarRow
from gateway.store.database import Connection
from gateway.store.principals import Principal

T = TypeVar("T")
BERLIN = ZoneInfo(ZONE)
PATIENCE = 120


class Clock:
    """Moves when it is told to."""

    def __init__(self, now: datetime) -> None:
        self.now = now.timestamp()

    def __call__(self) -> float:
        return self.now

    def aware(self) -> datetime:
        return datetime.fromtimestamp(self.now, UTC)


@dataclass
class Stage:
    """The worker does nothing by itself: `pass_time` has it do what is due by then. With push on it works on its own,
    and since its clock stands still, what it does is due to notices.
    """

    base: str
    world: World
    parts: Parts
    clock: Clock
    loop: asyncio.AbstractEventLoop

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """On the server's loop."""
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(PATIENCE)

    def do(self, action: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """A plain function, between two requests."""

        async def called() -> T:
            return action(*args, **kwargs)

        return self.run(called())

    def pass_time(self, seconds: float) -> None:
        self.clock.now += seconds
        self.run(self.parts.worker.run_due())

    def pull(self) -> None:
        """The time until every account that works has been looked at once more."""
        self.pass_time(self.parts.settings.sync.poll * 2)

    def read(self, look: Callable[..., T], *args: Any) -> T:
        return self.run(self.parts.db.read(look, *args))

    def person(self, name: str) -> Principal:
        found = self.read(principals.by_name, name)
        assert found is not None
        return found

    def account(self, name: str, kind: str) -> AccountRow:
        return next(row for row in self.read(accounts.of_user, self.person(name).id) if row.kind == kind)

    def calendar(self, name: str, displayname: str) -> CalendarRow:
        rows = self.read(accounts.calendars, self.person(name).id)
        return next(row for row in rows if row.displayname == displayname)

    def calendars(self, change: Callable[..., None], *args: Any) -> None:
        """One of gateway.sync.calendars, in a transaction."""

        def write(conn: Connection) -> None:
            change(conn, *args)

        self.run(self.parts.db.write(write))

    @contextmanager
    def client(self, name: str = "alice", password: str = PASSWORD) -> Iterator[caldav.DAVClient]:
        with caldav.DAVClient(self.base, username=name, password=password) as client:
            yield client

    @contextmanager
    def merged(self, name: str = "alice") -> Iterator[caldav.Calendar]:
        """As the client finds it, from nothing but the server's address."""
        with self.client(name) as client:
            [found] = [one for one in client.principal().get_calendars() if str(one.url).endswith("/merged/")]
            yield found

    def http(
        self, method: str, path: str, body: str | None = None, *, user: str = "alice", **headers: str
    ) -> requests.Response:
        """headers: with underscores for dashes."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        content = None if body is None else body.encode()
        return requests.request(
            method, self.base + path, data=content, headers=given, auth=(user, PASSWORD), timeout=PATIENCE
        )

    def put(self, name: str, text: str, **headers: str) -> requests.Response:
        """Into Alice's merged calendar."""
        return self.http("PUT", MERGED + name, text, Content_Type="text/calendar; charset=utf-8", **headers)

    def at(self, provider: str, **form: str) -> str:
        """Done at the simulated provider by its user, through the demo's own page; the event's id there."""
        answer = requests.post(f"{self.base}/demo/{provider}", json=form, timeout=PATIENCE)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["id"])


MERGED = "/dav/calendars/alice/merged/"


@contextmanager
def held_port() -> Iterator[int]:
    """A free port that the system gives to nobody else until we listen on it."""
    with socket.socket() as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


@contextmanager
def running_stage(
    folder: Path, now: datetime, *, push: bool = False, limits: Mapping[str, int] | None = None
) -> Iterator[Stage]:
    """now: where the clock stands; the demo's week is the one that somebody in Berlin then sees.

    push: whether the clouds send notices. limits: settings of that section that are to be otherwise.
    """
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever, name="stage")
    thread.start()
    stack = AsyncExitStack()

    def run(coroutine: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(coroutine, loop).result(PATIENCE)

    try:
        with held_port() as port:
            yield run(_started(stack, folder, Clock(now), port, push, limits or {}))
    finally:
        run(stack.aclose())
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _started(
    stack: AsyncExitStack, folder: Path, clock: Clock, port: int, push: bool, limits: Mapping[str, int]
) -> Stage:
    today = clock.aware().astimezone(BERLIN).date()
    world = await stack.enter_async_context(running_world(folder, today, clock.aware))
    settings = world.settings(f"http://127.0.0.1:{port}", f"127.0.0.1:{port}", push=push)
    settings = settings.model_copy(update={"limits": settings.limits.model_copy(update=limits)})
    app = await stack.enter_async_context(live(world, settings, clock=clock))
    runner = await listen(app, settings.server.listen)
    stack.push_async_callback(runner.cleanup)
    if not push:
        await app[PARTS].worker.stop()
    return Stage(settings.server.base_url, world, app[PARTS], clock, asyncio.get_running_loop())
