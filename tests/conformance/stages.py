"""One account of each kind with its provider, and what that provider can be made to do."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from pydantic import SecretStr

from gateway.backends.base import Account, Backend, Outside
from gateway.backends.caldav.answers import Seen
from gateway.backends.table import BACKENDS
from gateway.config import Microsoft
from gateway.demo.google import GoogleSimulator
from gateway.demo.microsoft import MicrosoftSimulator
from gateway.model import CalendarObject
from tests.fakes.feed import FeedServer
from tests.fakes.objects import feed
from tests.fakes.radicale import RadicaleServer

NOW = datetime(2026, 1, 2, 8, tzinfo=UTC)
ANN = "ann@example.com"


@dataclass
class Stage:
    """kind: the row it plays. calendar: where there is something to read.

    fill: puts these objects there. forget: makes the provider forget this token; returns the one to ask with.
    lock_out: the backend after its sign-in has ended; None where there is no sign-in.
    take_down: the backend after its provider cannot be reached any more.
    """

    kind: str
    backend: Backend
    calendar: str
    fill: Callable[..., Awaitable[None]]
    forget: Callable[[str], str]
    lock_out: Callable[[], Backend] | None
    take_down: Callable[[], Awaitable[Backend]]


@dataclass(frozen=True)
class Provisions:
    """What a stage may be built of."""

    outside: Outside
    radicale: RadicaleServer
    folder: Path


async def keep(secret: str) -> None:
    """Renewed tokens are good for one test only."""


def connected(kind: str, outside: Outside, settings: Mapping[str, str], secret: str = "") -> Backend:
    return BACKENDS[kind].connect(Account(settings, secret, keep), outside)


def filling(backend: Backend, calendar: str) -> Callable[..., Awaitable[None]]:
    async def fill(*texts: str) -> None:
        for number, text in enumerate(texts):
            await backend.put(calendar, CalendarObject(f"filled{number}.ics", text), None)

    return fill


@asynccontextmanager
async def of_feed(given: Provisions) -> AsyncIterator[Stage]:
    async with FeedServer(feed()) as server:
        backend = connected("feed", given.outside, {"url": server.url})

        async def fill(*texts: str) -> None:
            server.text = feed(*texts)

        def lock_out() -> Backend:
            server.status = 401
            return backend

        async def take_down() -> Backend:
            await server.stop()
            return backend

        yield Stage("feed", backend, "feed", fill, lambda _: "{}", lock_out, take_down)


@asynccontextmanager
async def of_caldav(given: Provisions) -> AsyncIterator[Stage]:
    person = given.radicale.person("work")
    settings = {"url": person.url, "username": person.name}
    backend = connected("caldav", given.outside, settings, person.password)
    calendar = f"{person.url}work/"

    def lock_out() -> Backend:
        return connected("caldav", given.outside, settings, "another password")

    async def take_down() -> Backend:
        async with FeedServer("") as server:
            nowhere = server.url
        return connected("caldav", given.outside, {**settings, "url": nowhere}, person.password)

    unknown = Seen(sync="http://radicale.org/ns/sync/" + "0" * 64).token
    yield Stage("caldav", backend, calendar, filling(backend, calendar), lambda _: unknown, lock_out, take_down)


@asynccontextmanager
async def of_radicale(given: Provisions) -> AsyncIterator[Stage]:
    person = given.radicale.person("work")
    settings = {"folder": str(person.folder), "owner": person.name}
    backend = connected("radicale", given.outside, settings)

    async def take_down() -> Backend:
        return connected("radicale", given.outside, {**settings, "folder": str(given.folder / "unmounted")})

    unknown = "http://radicale.org/ns/sync/" + "0" * 64
    fill = filling(backend, person.path())
    yield Stage("radicale", backend, person.path(), fill, lambda _: unknown, None, take_down)


@asynccontextmanager
async def of_google(given: Provisions) -> AsyncIterator[Stage]:
    simulator = GoogleSimulator(lambda: NOW)
    await simulator.start()
    try:
        simulator.add_person(ANN, "Ann")
        outside = replace(given.outside, google=simulator.settings())
        backend = connected("google", outside, {"email": ANN}, simulator.authorized_user(ANN))

        def forget(token: str) -> str:
            simulator.expire_sync_tokens()
            return token

        def lock_out() -> Backend:
            simulator.revoke(ANN)
            return backend

        async def take_down() -> Backend:
            await simulator.stop()
            return backend

        yield Stage("google", backend, ANN, filling(backend, ANN), forget, lock_out, take_down)
    finally:
        await simulator.stop()


@asynccontextmanager
async def of_outlook(given: Provisions) -> AsyncIterator[Stage]:
    simulator = MicrosoftSimulator(lambda: NOW, given.folder / "ca.pem")
    await simulator.start()
    try:
        calendar = simulator.add_person(ANN, "Ann")
        microsoft = Microsoft(
            client_id=simulator.client_id,
            client_secret=SecretStr(simulator.client_secret),
            authority=simulator.authority,
            graph_endpoint=simulator.graph_endpoint,
            ca_file=simulator.ca_file,
        )
        outside = replace(given.outside, microsoft=microsoft)
        secret = json.dumps({"refresh_token": simulator.refresh_token(ANN)})
        backend = connected("outlook", outside, {"email": ANN}, secret)

        def forget(token: str) -> str:
            simulator.expire_delta()
            return token

        def lock_out() -> Backend:
            simulator.revoke(ANN)
            return backend

        async def take_down() -> Backend:
            await simulator.stop()
            return backend

        yield Stage("outlook", backend, calendar, filling(backend, calendar), forget, lock_out, take_down)
    finally:
        await simulator.stop()


STAGES: Mapping[str, Callable[[Provisions], AbstractAsyncContextManager[Stage]]] = {
    "feed": of_feed,
    "caldav": of_caldav,
    "radicale": of_radicale,
    "google": of_google,
    "outlook": of_outlook,
}
