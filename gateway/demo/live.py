"""A gateway that lives in the demo's world: its people, their accounts, and the demo's own pages."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Final

from aiohttp import web

from gateway.accounts.connect import add_account
from gateway.accounts.passwords import hash_password
from gateway.accounts.sealed import load_or_create
from gateway.app import Clock, Parts, make_app, open_parts
from gateway.config import Settings
from gateway.demo import pages
from gateway.demo.seed import at_google, at_microsoft, here, people
from gateway.demo.world import World
from gateway.errors import GatewayError
from gateway.ical.objects import href_of, read
from gateway.scheduling.imip.take import take
from gateway.scheduling.implicit import deliver_mail
from gateway.store import principals
from gateway.store.migrate import migrate
from gateway.sync import write
from gateway.sync.pull import pull_account

log: Final = logging.getLogger(__name__)
Told = Callable[[int, int, str], None]
REMOTE: Final = (
    "alice@example.com at Google",
    "alice.weber@client.example at Outlook",
    "bob at Outlook",
    "carol's feed",
)


@asynccontextmanager
async def live(
    world: World, settings: Settings, told: Told = lambda _done, _total, _note: None, *, clock: Clock | None = None
) -> AsyncIterator[web.Application]:
    """The application, not listening yet. told: done, total, what is being done; for a progress bar."""
    _write_settings(world, settings)
    load_or_create(settings.secrets.key_file)
    await asyncio.to_thread(migrate, settings.database.url)
    world.microsoft.redirect_uris.append(f"{settings.server.base_url}/oauth/outlook/callback")
    world.zoom.redirect_uris.append(f"{settings.server.base_url}/oauth/zoom/callback")
    async with open_parts(settings, clock) if clock else open_parts(settings) as parts:
        if world.fresh:
            await _settle_in(world, parts, told)
        world.settled()
        carrying = asyncio.create_task(world.carrier.serve(partial(_take_in, parts)))
        try:
            yield make_app(parts, lambda app: pages.add_routes(app, world))
        finally:
            carrying.cancel()
            await asyncio.gather(carrying, return_exceptions=True)


async def _take_in(parts: Parts, address: str, raw: bytes) -> None:
    """A mail of a cloud, as if it was read in a mailbox here."""
    if await parts.db.read(principals.by_address, address) is None:
        return
    try:
        await take(parts.sync, raw, deliver_mail)
    except GatewayError:
        log.warning("a mail to %s could not be taken in", address, exc_info=True)


async def _settle_in(world: World, parts: Parts, told: Told) -> None:
    """People, accounts, calendars, first pull: what a real installation would see in its first minutes."""
    hashed = await asyncio.to_thread(hash_password, people.PASSWORD)
    now = int(parts.clock())
    ids = await parts.db.write(people.fill, hashed, now)
    await _put_own(world, parts, ids)
    microsoft = world.microsoft
    wanted: list[tuple[int, str, dict[str, str], str]] = [
        (ids["alice"], "google", {}, world.google.authorized_user(at_google.ALICE)),
        (ids["alice"], "outlook", {"email": at_microsoft.ALICE}, _refresh(microsoft.refresh_token(at_microsoft.ALICE))),
        (ids["bob"], "outlook", {"email": at_microsoft.BOB}, _refresh(microsoft.refresh_token(at_microsoft.BOB))),
        (ids["carol"], "feed", {}, world.feed.url),
    ]
    if parts.desk.zoom is not None:
        zoom = world.zoom.sign_in(people.AT_ZOOM[0][0])
        await parts.desk.zoom.connect(ids["alice"], people.AT_ZOOM[0][0], zoom, now)
    for number, (user, kind, options, secret) in enumerate(wanted):
        told(number, len(wanted), REMOTE[number])
        key = await add_account(
            parts.db, parts.sealer, parts.outside, user=user, kind=kind, settings=options, secret=secret, now=now
        )
        await pull_account(parts.sync, key)
    told(len(wanted), len(wanted), "")


def _refresh(token: str) -> str:
    return json.dumps({"refresh_token": token})


async def _put_own(world: World, parts: Parts, ids: dict[str, int]) -> None:
    """As a client would, while the calendars that live here are the only ones."""
    for name, texts in (("alice", here.of_alice(world.week)), ("carol", here.of_carol(world.week))):
        person = await parts.db.read(principals.by_id, ids[name])
        for text in texts:
            await write.put(parts.sync, person, href_of(read(text).uid), text)


def _write_settings(world: World, settings: Settings) -> None:
    """A file for other commands to use while the demo runs."""
    lines: list[str] = []
    for section, values in settings.model_dump(mode="json", by_alias=True, exclude_defaults=True).items():
        lines.append(f"[{section}]")
        for key, value in values.items():
            held = getattr(getattr(settings, section), "from_" if key == "from" else key)
            plain = held.get_secret_value() if hasattr(held, "get_secret_value") else value
            lines.append(f"{key} = {json.dumps(plain)}")
    file = world.folder / "gateway.toml"
    file.touch(mode=0o600)
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
