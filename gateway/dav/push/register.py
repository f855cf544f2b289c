"""Subscriptions: POST of a push-register makes one or brings it up to date, DELETE of its own URL ends it."""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import formatdate, parsedate_to_datetime
from hashlib import sha256
from typing import Final

from gateway.accounts.sealed import Sealer
from gateway.dav import acl, xml
from gateway.dav.answer import Answer
from gateway.dav.keys import SEALER
from gateway.dav.paths import subscription_path
from gateway.dav.resources import View
from gateway.dav.visit import Visit
from gateway.dav.xml import Element, children, text_of
from gateway.errors import (
    PUSH,
    InvalidSubscription,
    InvalidXml,
    NoSupportedTrigger,
    NotFound,
    PushNotAvailable,
    UnsupportedContent,
)
from gateway.store import subscriptions
from gateway.store.subscriptions import Subscription
from gateway.webpush.encrypt import CODING, packed, read_recipient
from gateway.webpush.post import check_resource

DAY: Final = 86_400
SHORTEST, USUAL, LONGEST = DAY, 14 * DAY, 30 * DAY
"""Seconds that a subscription lasts."""
MOST: Final = 100
"""Subscriptions of one person."""
CALM: Final = 10.0
"""Seconds between two messages to the same subscription; what changes meanwhile is told of in one."""
MEDIA: Final = {"application/xml", "text/xml"}


@dataclass(frozen=True, slots=True)
class Wish:
    """resource: the push resource. public, secret: base64url, as given. expires: epoch seconds; None: not said."""

    resource: str
    public: str
    secret: str
    contents: bool
    properties: bool
    expires: int | None = None

    @property
    def digest(self) -> str:
        return sha256(self.resource.encode()).hexdigest()

    @property
    def text(self) -> str:
        return json.dumps({"resource": self.resource, "public": self.public, "secret": self.secret})


def read(body: bytes, private_networks: Sequence[str]) -> Wish:
    """Raises: InvalidXml, InvalidSubscription, NoSupportedTrigger."""
    root = xml.parse(body)
    if root.tag != PUSH + "push-register":
        raise InvalidXml("the body is not a push-register")
    parts = _named(root)
    kinds = _named(parts.get("subscription"))
    if len(kinds) != 1 or "web-push-subscription" not in kinds:
        raise InvalidSubscription("there is one way to be told: a web-push-subscription")
    given = _named(kinds["web-push-subscription"])
    resource = check_resource(text_of(given.get("push-resource")), private_networks)
    if text_of(given.get("content-encoding")).strip() not in {"", CODING}:
        raise InvalidSubscription(f"messages are encrypted as {CODING}")
    public, secret = text_of(given.get("subscription-public-key")), text_of(given.get("auth-secret"))
    read_recipient(public, secret)
    triggers = _named(parts.get("trigger"))
    if not triggers.keys() & {"content-update", "property-update"}:
        raise NoSupportedTrigger("content-update and property-update are told of")
    expires = _time(text_of(parts.get("expires")))
    return Wish(resource, public, secret, "content-update" in triggers, "property-update" in triggers, expires)


def _named(parent: Element | None) -> dict[str, Element]:
    """The elements of this protocol within."""
    found = () if parent is None else children(parent)
    return {name.removeprefix(PUSH): child for name, child in found if name.startswith(PUSH)}


def _time(text: str) -> int | None:
    """None for what cannot be read, too."""
    try:
        when = parsedate_to_datetime(text.strip())
    except ValueError:
        return None
    aware = when if when.tzinfo else when.replace(tzinfo=UTC)
    return int(aware.timestamp()) if aware > datetime.fromtimestamp(0, UTC) else None


def lasts_until(wished: int | None, now: int) -> int:
    """As wished, within bounds; one that is over already counts for none."""
    if wished is None or wished <= now:
        return now + USUAL
    return min(max(wished, now + SHORTEST), now + LONGEST)


async def register(visit: Visit) -> Answer:
    """204 with the URL of the subscription, and how long it lasts."""
    media = visit.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if media not in MEDIA:
        await visit.read(acl.reach, visit.place)
        raise UnsupportedContent("a push-register is application/xml")
    body = await visit.xml_body()
    await visit.read(_available, visit)
    wish = read(body, visit.settings.limits.private_networks)
    token, expires = await visit.write(_put, visit, wish, visit.request.app[SEALER])
    url = f"{visit.settings.server.base_url}{subscription_path(token)}"
    return Answer(204, headers={"Location": url, "Expires": formatdate(expires, usegmt=True)})


def _available(view: View, visit: Visit) -> None:
    acl.reach(view, visit.place)
    if not view.push_key:
        raise PushNotAvailable("this server has no keys to push with")


def _put(view: View, visit: Visit, wish: Wish, sealer: Sealer) -> tuple[str, int]:
    collection = acl.reach(view, visit.place).collection
    expires = lasts_until(wish.expires, view.now)
    subscriptions.drop_expired(view.conn, view.asker.id, view.now)
    if subscriptions.count(view.conn, view.asker.id, collection.id, wish.digest) >= MOST:
        raise PushNotAvailable(f"one person has {MOST} subscriptions at most")
    row = Subscription(
        user_id=view.asker.id,
        collection_id=collection.id,
        token=packed(secrets.token_bytes(18)),
        digest=wish.digest,
        secret=sealer.seal(wish.text),
        contents=wish.contents,
        properties=wish.properties,
        expires=expires,
        rev=collection.rev,
        told=view.now - CALM,
    )
    return subscriptions.put(view.conn, row), expires


async def remove(visit: Visit) -> Answer:
    """Raises: NotFound, also for another person's."""
    return await visit.write(_remove, visit.place.member)


def _remove(view: View, token: str) -> Answer:
    if not subscriptions.remove(view.conn, view.asker.id, token, view.now):
        raise NotFound("there is no such subscription")
    return Answer(204)
