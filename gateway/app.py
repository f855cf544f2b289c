"""Builds the whole; the only file that knows every part."""

import logging
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import ClientSession, ClientTimeout, web

from gateway.accounts.authenticate import Authenticator
from gateway.accounts.connect import Connections, backend_through, revoke
from gateway.accounts.pace import Paces
from gateway.accounts.radicale import RadicaleLogin
from gateway.accounts.sealed import Sealer, load_or_create
from gateway.accounts.zoom import ZoomAccounts
from gateway.backends.base import Backend, Outside
from gateway.booking import mails, webhooks
from gateway.booking.context import Desk
from gateway.booking.follow import run_follow
from gateway.booking.rooms.plan import ROOM
from gateway.booking.rooms.run import run_room
from gateway.booking.rsvp import run_rsvp
from gateway.config import Settings
from gateway.dav import keys as dav_keys
from gateway.dav.push.tell import prepare, run_tell
from gateway.dav.routes import add_routes as add_dav
from gateway.errors import BackendUnavailable, InsufficientStorage
from gateway.freebusy.others import Others
from gateway.mirror.run import run_mirror
from gateway.scheduling import implicit, signed_out, webhook_off
from gateway.scheduling.imip.queue import KIND as IMIP
from gateway.scheduling.imip.send import run_imip
from gateway.scheduling.imip.watch import Reader
from gateway.store.accounts import AccountRow
from gateway.store.database import Database
from gateway.store.subscriptions import TELL
from gateway.sync.calendars import remove_account
from gateway.sync.context import Sync
from gateway.sync.notices.watch import close
from gateway.sync.wake import BOOKING, MIRROR
from gateway.sync.worker import Kind, Worker
from gateway.web import keys as web_keys
from gateway.web.routes import add_routes as add_web

log = logging.getLogger(__name__)
Clock = Callable[[], float]
EndAccount = Callable[[AccountRow], Awaitable[None]]
PROVIDER_TIMEOUT = ClientTimeout(total=60, connect=20)


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that is made once. clock: epoch seconds."""

    settings: Settings
    clock: Clock
    db: Database
    sealer: Sealer
    outside: Outside
    sync: Sync
    others: Others
    authenticator: Authenticator
    desk: Desk
    worker: Worker
    reader: Reader


PARTS = web.AppKey("gateway.parts", Parts)


@asynccontextmanager
async def open_parts(settings: Settings, clock: Clock = time.time) -> AsyncIterator[Parts]:
    """The parts without a server; commands use them like that. The worker is not started.

    Raises: ConfigError.
    """
    sealer = load_or_create(settings.secrets.key_file)
    db = Database(settings.database.url)
    try:
        async with ClientSession(timeout=PROVIDER_TIMEOUT, trust_env=False) as http:
            paces = Paces(db, settings, clock)
            private = settings.limits.private_networks

            async def through(account: int) -> Backend:
                return await backend_through(db, connections, account)

            outside = Outside(http, settings.google, settings.microsoft, private, paces.of, clock, through)
            connections = Connections(db, sealer, outside, settings.limits.backends_open)
            sync = Sync(db, settings, connections.backend, clock)
            others = Others(db, connections.backend, clock)
            zoom = ZoomAccounts(db, sealer, http, settings, clock)
            desk = Desk(db, settings, sync, sealer, clock, zoom)
            authenticator = _authenticator(db, settings, clock)

            async def end_account(account: AccountRow) -> None:
                await close(sync, account)
                await db.write(remove_account, account.user_id, account.id)
                await revoke(db, sealer, outside, account)

            worker = Worker(sync, _kinds(desk, end_account), reachable=False)
            reader = Reader(sync, implicit.deliver_mail)
            try:
                yield Parts(settings, clock, db, sealer, outside, sync, others, authenticator, desk, worker, reader)
            finally:
                await paces.close()
    finally:
        db.close()


def _kinds(desk: Desk, end_account: EndAccount) -> dict[str, Kind]:
    """Of jobs, those that layers above the worker's know."""
    sync, sealer = desk.sync, desk.sealer
    return {
        mails.MAIL: lambda job: mails.run_mail(desk, job),
        BOOKING: lambda job: run_follow(desk, job),
        ROOM: lambda job: run_room(desk, job),
        implicit.RSVP: lambda job: run_rsvp(desk, job),
        implicit.TIED: lambda job: implicit.run_tied(sync, job),
        signed_out.KIND: lambda job: signed_out.run_signed_out(sync, job),
        IMIP: lambda job: run_imip(sync, job),
        MIRROR: lambda job: run_mirror(sync, job, end_account),
        webhooks.JOB: lambda job: webhooks.run_webhook(desk, job),
        webhook_off.KIND: lambda job: webhook_off.run_webhook_off(sync, job),
        TELL: lambda job: run_tell(sync, sealer, job),
    }


def _authenticator(db: Database, settings: Settings, clock: Clock) -> Authenticator:
    if settings.auth.type == "internal":
        return Authenticator(db, settings, clock)
    login = RadicaleLogin(settings.auth)
    return Authenticator(db, settings, clock, outsider=login.login, proxy=login.remote_user)


def make_app(parts: Parts, extend: Callable[[web.Application], None] | None = None) -> web.Application:
    """Its worker starts and stops with it. extend: adds routes that go before the pages' own."""
    # The largest form is small, and CalDAV reads its own bodies with its own limits.
    app = web.Application(client_max_size=parts.settings.limits.request_bytes)
    app[PARTS] = parts
    app[dav_keys.DATABASE] = parts.db
    app[dav_keys.SETTINGS] = parts.settings
    app[dav_keys.SYNC] = parts.sync
    app[dav_keys.OTHERS] = parts.others
    app[dav_keys.AUTHENTICATOR] = parts.authenticator
    app[dav_keys.SEALER] = parts.sealer
    app[dav_keys.CLOCK] = parts.clock
    app[dav_keys.FAULTS] = app[web_keys.FAULTS] = Counter()
    app[web_keys.DATABASE] = parts.db
    app[web_keys.SETTINGS] = parts.settings
    app[web_keys.CLOCK] = parts.clock
    app[web_keys.AUTHENTICATOR] = parts.authenticator
    app[web_keys.SEALER] = parts.sealer
    app[web_keys.OUTSIDE] = parts.outside
    app[web_keys.DESK] = parts.desk
    app[web_keys.OTHERS] = parts.others
    add_dav(app)
    if extend is not None:
        extend(app)
    add_web(app)

    async def run_worker(_app: web.Application) -> AsyncIterator[None]:
        await get_ready(parts)
        await _begin(parts)
        yield
        await _end(parts)

    app.cleanup_ctx.append(run_worker)
    app.on_response_prepare.append(_name)
    return app


async def _begin(parts: Parts) -> None:
    await parts.worker.start()
    parts.reader.start()


async def _end(parts: Parts) -> None:
    await parts.reader.stop()
    await parts.worker.stop()


async def get_ready(parts: Parts) -> None:
    """Also where the disk takes nothing: then nobody is told of changes, and the rest works."""
    try:
        await prepare(parts.db, parts.sealer, int(parts.clock()))
    except (InsufficientStorage, BackendUnavailable) as error:
        log.warning("no keys for push services: %s", error)


async def _name(_request: web.Request, response: web.StreamResponse) -> None:
    """Which versions answer is nobody's business."""
    response.headers["Server"] = "gateway"
