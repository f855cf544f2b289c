"""Runs an application: listens, stops gracefully, spreads over processes."""

import asyncio
import logging
import multiprocessing
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from multiprocessing.process import BaseProcess
from typing import Any, Final

import uvloop
from aiohttp import http_parser, web

from gateway.app import make_app, open_parts
from gateway.config import Settings
from gateway.errors import ConfigError

GRACE: Final = 10.0
BACKLOG: Final = 1024
log = logging.getLogger(__name__)


def set_up_logging(*, quiet: bool = False) -> None:
    """To standard error, for systemd and Docker to keep. Requests are not logged: their paths hold secrets."""
    level = logging.WARNING if quiet else logging.INFO
    logging.basicConfig(stream=sys.stderr, level=level, format="%(levelname)s %(name)s: %(message)s")
    # What httplib2, msal and others say of each call holds tokens and addresses.
    for name in ("googleapiclient", "google", "msal", "urllib3", "aiohttp.access", "radicale", "caldav", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)


def split_address(listen: str) -> tuple[str, int]:
    host, _, port = listen.rpartition(":")
    return host.strip("[]"), int(port)


async def listen(app: web.Application, address: str, *, reuse_port: bool = False) -> web.AppRunner:
    """Started; call cleanup() on what it returns.

    Raises: ConfigError if the address cannot be had.
    """
    runner = web.AppRunner(
        app, access_log=None, shutdown_timeout=GRACE, auto_decompress=False, max_line_size=8190, max_field_size=16_380
    )
    await runner.setup()
    host, port = split_address(address)
    try:
        await web.TCPSite(runner, host or None, port, backlog=BACKLOG, reuse_port=reuse_port or None).start()
    except OSError as error:
        await runner.cleanup()
        raise ConfigError(f"cannot listen on {address}: {error.strerror or error}") from error
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
        log.info("listening on %s, reached at %s", settings.server.listen, settings.server.base_url)
        yield
        await runner.cleanup()


def serve_one(settings: Settings, *, reuse_port: bool = False) -> None:
    set_up_logging()
    if http_parser.HttpRequestParser is http_parser.HttpRequestParserPy:
        log.warning("aiohttp runs without its C parser; install a wheel of aiohttp for this platform")
    run(lambda: serving(settings, reuse_port=reuse_port))


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
