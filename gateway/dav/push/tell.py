"""The job that tells subscribers: one message each for all that has changed since the last one."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

from gateway.accounts.sealed import Sealer
from gateway.backends.fetch import Outgoing
from gateway.config import Settings
from gateway.dav.paths import collection_path
from gateway.dav.push.properties import topic_of
from gateway.dav.push.register import CALM, DAY
from gateway.dav.tokens import token_at
from gateway.dav.xml import element, encode, escape
from gateway.errors import PUSH, ConfigError
from gateway.store import jobs, push_keys, subscriptions
from gateway.store.database import Connection, Database
from gateway.store.jobs import Job
from gateway.store.push_keys import Pair
from gateway.store.subscriptions import Subscription, Watched
from gateway.sync.context import Sync
from gateway.webpush import vapid
from gateway.webpush.encrypt import encrypt, new_sender, packed, read_recipient
from gateway.webpush.post import TIMEOUT, End, Message, Outcome, post

AT_ONCE: Final = 8
FIRST_WAIT: Final = 60.0
LONGEST_WAIT: Final = 6 * 3600.0
PATIENCE: Final = 3.0 * DAY
"""Seconds after which a subscription goes that takes nothing."""


@dataclass(frozen=True, slots=True)
class Post:
    """What all messages of one job have in common. secret: our key."""

    out: Outgoing
    sealer: Sealer
    secret: str
    contact: str
    topic: str
    token: str
    now: int


async def prepare(db: Database, sealer: Sealer, now: int) -> None:
    """This server has a pair of keys from then on."""
    if await db.read(push_keys.get) is None:
        secret = vapid.new_secret()
        await db.write(push_keys.keep, Pair(vapid.public_of(secret), sealer.seal(secret)), now)


def wants(one: Subscription, rev: int, now: float) -> bool:
    """Whether there is anything to tell."""
    return one.expires > now and ((one.contents and one.rev < rev) or (one.properties and one.stirred > 0))


def not_before(one: Subscription) -> float:
    return max(one.retry, one.quiet, one.told + CALM)


def message(topic: str, token: str, *, contents: bool, properties: bool) -> bytes:
    """token: the sync token after the change, so that who knows it already need not look."""
    inner = element(PUSH + "topic", escape(topic))
    if contents:
        inner += element(PUSH + "content-update", f'<D:sync-token xmlns:D="DAV:">{escape(token)}</D:sync-token>')
    if properties:
        inner += element(PUSH + "property-update")
    return encode(f'<?xml version="1.0" encoding="utf-8"?>\n{element(PUSH + "push-message", inner)}')


def contact(settings: Settings) -> str:
    """Whom the people of a push service can turn to."""
    base = settings.server.base_url
    address = settings.mail.from_.rpartition("<")[2].rstrip("> ")
    return base if base.startswith("https://") else f"mailto:{address}" if address else ""


async def run_tell(sync: Sync, sealer: Sealer, job: Job) -> float | None:
    collection, now = int(job.key), sync.clock()
    pair, watched = await sync.db.read(_look, collection)
    if pair is None or watched is None:
        return None
    due = [one for one in watched.subscriptions if wants(one, watched.rev, now) and not_before(one) <= now]
    token = token_at(sync.settings, collection_path(watched.owner, watched.name), watched.rev)
    topic = topic_of(pair.public, collection)
    async with Outgoing(sync.settings.limits.private_networks, timeout=TIMEOUT, redirects=0) as out:
        same = Post(out, sealer, sealer.open(pair.secret), contact(sync.settings), topic, token, int(now))
        outcomes = await _tell_all(same, watched, due)
    return await sync.db.write(_settle, sync, job, watched.rev, outcomes)


def _look(conn: Connection, collection: int) -> tuple[Pair | None, Watched | None]:
    return push_keys.get(conn), subscriptions.watched(conn, collection)


async def _tell_all(
    same: Post, watched: Watched, due: Sequence[Subscription]
) -> dict[int, tuple[Subscription, Outcome]]:
    places = asyncio.Semaphore(AT_ONCE)

    async def tell(one: Subscription) -> Outcome:
        async with places:
            return await _tell(same, one, contents=one.contents and one.rev < watched.rev)

    outcomes = await asyncio.gather(*(tell(one) for one in due))
    return {one.id: (one, outcome) for one, outcome in zip(due, outcomes, strict=True)}


async def _tell(same: Post, one: Subscription, *, contents: bool) -> Outcome:
    properties = one.properties and one.stirred > 0
    try:
        known = json.loads(same.sealer.open(one.secret))
    except ConfigError as error:
        return Outcome(End.FAILED, None, str(error))
    text = message(same.topic, same.token, contents=contents, properties=properties)
    body = encrypt(text, read_recipient(known["public"], known["secret"]), sender=new_sender())
    # A message that says less must not take the place of one that says more.
    replaced = blake2b(f"{one.token} {contents} {properties}".encode(), digest_size=16).digest()
    urgency = "normal" if contents else "low"
    allowed = vapid.authorization(same.secret, known["resource"], same.contact, same.now)
    return await post(same.out, Message(known["resource"], body, allowed, packed(replaced), urgency))


def _settle(
    conn: Connection, sync: Sync, job: Job, rev: int, outcomes: Mapping[int, tuple[Subscription, Outcome]]
) -> float | None:
    """Writes down how it went; when somebody is to be told again, None: nobody."""
    collection, now = int(job.key), sync.clock()
    for one, outcome in outcomes.values():
        if outcome.end is End.TAKEN:
            subscriptions.took(conn, one, rev, now)
        elif outcome.end is End.FAILED:
            retry = now + wait_after(one.failures + 1, sync.random(), outcome.retry_after)
            subscriptions.change(conn, one.id, failures=one.failures + 1, retry=retry)
    watched = subscriptions.watched(conn, collection)
    left = () if watched is None else watched.subscriptions
    over = {one.id for one in left if one.expires <= now or (one.failures and now - one.told > PATIENCE)}
    gone = {key for key, (_, outcome) in outcomes.items() if outcome.end is End.GONE}
    subscriptions.drop(conn, collection, over | gone)
    open_ = [one for one in left if one.id not in over | gone and watched and wants(one, watched.rev, now)]
    if not open_:
        return None
    due = min(map(not_before, open_))
    jobs.again(conn, job, due=due)
    return due


def wait_after(failures: int, random: float, retry_after: float | None) -> float:
    """Seconds. random: in [0, 1)."""
    wait = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(failures - 1, 16)) * (0.75 + 0.5 * random)
    return max(wait, retry_after or 0.0)
