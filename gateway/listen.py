"""Runs an application: listens, stops gracefully, spreads over processes."""

import asyncio
import logging
import multiprocessing
import resource
import signal
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from multiprocessing.process import BaseProcess
from typing import Any, Final, cast

import uvloop
from aiohttp import http_parser, web
from aiohttp.http_exceptions import HttpProcessingError

from gateway.app import PARTS, make_app, open_parts
from gateway.config import Settings
from gateway.errors import ConfigError
from gateway.guard import Crowd, Guard, Patience
from gateway.redact import Redacting
from gateway.web.keys import SETTINGS

GRACE: Final = 10.0
BACKLOG: Final = 1024
FILES: Final = 65_536
"""Open files that are asked of the system, where it gives fewer by itself."""
log = logging.getLogger(__name__)


def set_up_logging(*, quiet: bool = False) -> None:
    """To standard error, for systemd and Docker to keep. Requests are not logged: their paths hold secrets."""
    level = logging.WARNING if quiet else logging.INFO
    lines = logging.StreamHandler(sys.stderr)
    lines.setFormatter(Redacting("%(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=level, handlers=[lines])
    # What httplib2, msal and others say of each call holds tokens and addresses.
    logging.getLogger("aiohttp.server").addFilter(_is_about_us)
    for name in (
        "googleapiclient",
        "google",
        "msal",
        "urllib3",
        "aiohttp.access",
        "radicale",
        "caldav",
        "alembic",
        "aioimaplib",
    ):
        logging.getLogger(name).setLevel(logging.WARNING)


def _is_about_us(record: logging.LogRecord) -> bool:
    """aiohttp logs requests that are no HTTP as errors with a traceback: whoever likes could fill the disk."""
    kind = record.exc_info[0] if record.exc_info else None
    return kind is None or not issubclass(kind, HttpProcessingError)


def split_address(listen: str) -> tuple[str, int]:
    host, _, port = listen.rpartition(":")
    return host.strip("[]"), int(port)


class Runner(web.AppRunner):
    """An application that listens. port: the one it listens at."""

    port = 0

    def __init__(self, app: web.Application, patience: Patience, proxies: Sequence[str]) -> None:
        super().__init__(
            app,
            access_log=None,
            shutdown_timeout=GRACE / 10,
            keepalive_timeout=patience.idle,
            auto_decompress=False,
            max_line_size=8190,
            max_field_size=16_380,
        )
        self._patience = patience
        self._proxies = proxies
        self._crowd: Crowd | None = None
        self._listening: asyncio.AbstractServer | None = None

    async def listen(self, host: str, port: int, *, reuse_port: bool) -> None:
        """Raises: OSError."""
        server = cast("web.Server", self.server)
        crowd = self._crowd = Crowd(self._patience, self._proxies)
        server.request_handler = crowd.guarding(server.request_handler)
        self._listening = await asyncio.get_running_loop().create_server(
            lambda: Guard(server(), crowd), host or None, port, backlog=BACKLOG, reuse_port=reuse_port or None
        )
        self.port = self._listening.sockets[0].getsockname()[1]

    async def cleanup(self) -> None:
        """Takes no more connections, finishes requests in flight within GRACE, and ends the application."""
        if self._listening is not None:
            self._listening.close()
        if self._crowd is not None:
            # Not left to aiohttp, which hears no more of a body once it is told to stop, and waits twice.
            await self._crowd.end(GRACE * 8 / 10)
        await super().cleanup()


async def listen(
    app: web.Application, address: str, *, reuse_port: bool = False, patience: Patience | None = None
) -> Runner:
    """Started; call cleanup() on what it returns.

    patience: None: what the settings say.
    Raises: ConfigError if the address cannot be had, or aiohttp has no C parser: what it refuses of a request's framing
        is what keeps requests from being smuggled in.
    """
    if http_parser.HttpRequestParser is http_parser.HttpRequestParserPy:
        raise ConfigError("aiohttp runs without its C parser; install a wheel of aiohttp for this platform")
    settings = app[SETTINGS]
    patience = patience or Patience(per_address=settings.limits.connections)
    runner = Runner(app, patience, settings.server.trusted_proxies)
    await runner.setup()
    try:
        await runner.listen(*split_address(address), reuse_port=reuse_port)
    except OSError as error:
        await runner.cleanup()
        raise ConfigError(f"cannot listen on {address}: {error.strerror or error}") from error
    if PARTS in app:
        app[PARTS].worker.listening()
    return runner


async def until_stopped() -> None:
    """Returns on SIGTERM or SIGINT."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await stop.wait()


def run(make: Callable[[], AbstractAsyncContextManager[Any]]) -> None:
    """Enters what `make` makes, stays until a signal, leaves it again."""

    async def main() -> None:
        async with make():
            await until_stopped()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())


@asynccontextmanager
async def serving(settings: Settings, *, reuse_port: bool) -> AsyncIterator[None]:
    """One process that answers requests."""
    async with open_parts(settings) as parts:
        runner = await listen(make_app(parts), settings.server.listen, reuse_port=reuse_port)
        host, _ = split_address(settings.server.listen)
        log.info("listening on %s:%d, reached at %s", host, runner.port, settings.server.base_url)
        try:
            yield
        finally:
            await runner.cleanup()


def serve_one(settings: Settings, *, reuse_port: bool = False) -> None:
    set_up_logging()
    _open_more_files()
    run(lambda: serving(settings, reuse_port=reuse_port))


def _open_more_files() -> None:
    """Each connection is one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def serve(settings: Settings) -> None:
    """Until SIGTERM or SIGINT; then requests in flight are finished, for at most GRACE seconds."""
    if settings.server.workers == 1:
        serve_one(settings)
    else:
        _serve_many(settings)


def _serve_many(settings: Settings) -> None:
    """A process for each worker; one that dies is started again."""
    spawn = multiprocessing.get_context("spawn")

    def start() -> BaseProcess:
        process = spawn.Process(target=serve_one, args=(settings,), kwargs={"reuse_port": True})
        process.start()
        return process

    set_up_logging()
    stopping = False

    def stop(*_: object) -> None:
        nonlocal stopping
        stopping = True

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    workers = [start() for _ in range(settings.server.workers)]
    while not stopping:
        for place, worker in enumerate(workers):
            worker.join(0.5)
            if not worker.is_alive() and not stopping:
                log.error("a worker ended with %s; starting another", worker.exitcode)
                workers[place] = start()
    for worker in workers:
        worker.terminate()
    for worker in workers:
        worker.join(GRACE + 5)
