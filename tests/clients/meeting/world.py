"""The demo with its clock running, and what the demo alone has not: a mailbox at a real IMAP server."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from threading import Thread
from typing import Any, TypeVar

from icalendar import Calendar
from pydantic import SecretStr

from gateway.app import PARTS, Parts
from gateway.demo.live import live
from gateway.demo.mail import Caught
from gateway.demo.world import World, running_world
from gateway.listen import listen
from tests.fakes.dovecot import Dovecot

T = TypeVar("T")
PATIENCE = 60
QUIET = 1.5
"""Seconds that nothing more must come in."""
BOX = "gateway"


def until(found: Callable[[], T], seconds: float = 25) -> T:
    """The first result that is true, else the last one."""
    end = time.monotonic() + seconds
    while True:
        result = found()
        if result or time.monotonic() > end:
            return result
        time.sleep(0.2)


@dataclass(frozen=True)
class Sent:
    """One mail that went out. by: the program that wrote it."""

    to: str
    method: str
    sequence: int
    by: str

    def __str__(self) -> str:
        return f"{self.to} {self.method} {self.sequence} by {self.by}"


def sent(caught: Caught) -> Sent:
    message = Calendar.from_ical(caught.calendar)
    [first, *_] = message.walk("VEVENT")
    by = "thunderbird" if "Mozilla" in str(message["PRODID"]) else "gateway"
    return Sent(",".join(sorted(caught.recipients)), str(message["METHOD"]), int(first.get("SEQUENCE", 0)), by)


@dataclass
class Town:
    """base: of the gateway. smtp_port: where mail is handed in, by the gateway as by any program."""

    base: str
    world: World
    parts: Parts
    dovecot: Dovecot
    loop: asyncio.AbstractEventLoop
    read: int = 0
    expected: list[Sent] = field(default_factory=list)

    @property
    def smtp_port(self) -> int:
        return int(self.world.mail.url.rpartition(":")[2])

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(PATIENCE)

    def mails(self, count: int) -> list[Caught]:
        """New ones since the last time: as soon as there are so many, and then whatever else still comes."""
        until(lambda: len(self.world.mail.messages) >= self.read + count, 15)
        time.sleep(QUIET)
        caught = self.world.mail.messages
        new, self.read = caught[self.read :], len(caught)
        return new

    def arrives(self, raw: bytes) -> bool:
        """A mail to somebody here, which is in the mailbox that the gateway reads. Whether it understood it."""
        before = len(self.dovecot.flags(BOX))
        self.dovecot.drop(BOX, raw)
        flags = until(lambda: [one for one in self.dovecot.flags(BOX)[before:] if one & {"\\Seen", "\\Flagged"}])
        return bool(flags) and "GatewayUnclear" not in flags[0] and "\\Flagged" not in flags[0]

    def add_person(self, name: str, zone: str) -> None:
        words = [sys.executable, "-m", "gateway", "--config", str(self.world.folder / "gateway.toml"), "user", "add"]
        words += [name, "--email", f"{name}@example.com", "--zone", zone, "--password-stdin"]
        subprocess.run(words, check=True, input=b"demo\n", stdout=subprocess.DEVNULL)


@contextmanager
def running_town(folder: Path, port: int, dovecot: Dovecot) -> Iterator[Town]:
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever, name="town")
    thread.start()
    stack = AsyncExitStack()

    def run(coroutine: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(coroutine, loop).result(PATIENCE)

    try:
        yield run(_started(stack, folder, port, dovecot))
    finally:
        run(stack.aclose())
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _started(stack: AsyncExitStack, folder: Path, port: int, dovecot: Dovecot) -> Town:
    world = await stack.enter_async_context(running_world(folder, datetime.now().astimezone().date()))
    settings = world.settings(f"http://127.0.0.1:{port}", f"127.0.0.1:{port}")
    mailbox = {"imap_url": SecretStr(dovecot.url(BOX)), "imap_ca_file": dovecot.ca_file, "invitations": "all"}
    settings = settings.model_copy(update={"mail": settings.mail.model_copy(update=mailbox)})
    app = await stack.enter_async_context(live(world, settings))
    runner = await listen(app, settings.server.listen)
    stack.push_async_callback(runner.cleanup)
    return Town(settings.server.base_url, world, app[PARTS], dovecot, asyncio.get_running_loop())
