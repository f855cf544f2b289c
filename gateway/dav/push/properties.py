"""What clients learn of push: how it goes, by which name a collection is known there, and what is told of it."""

from hashlib import blake2b
from typing import Final

from gateway.dav.paths import On
from gateway.dav.properties.row import Value
from gateway.dav.resources import Resource
from gateway.dav.xml import element, escape, tags
from gateway.errors import PUSH
from gateway.webpush.encrypt import packed

WATCHABLE: Final = On.LISTS
TRIGGERS: Final = "".join(
    element(PUSH + kind, f"<D:depth>{depth}</D:depth>")
    for kind, depth in (("content-update", 1), ("property-update", 0))
)


def transports(resource: Resource) -> Value:
    key = resource.view.push_key
    if not key:
        return None
    start, end, _ = tags(PUSH + "vapid-public-key")
    return element(PUSH + "web-push", f'{start[:-1]} type="p256ecdsa">{escape(key)}{end}')


def topic(resource: Resource) -> Value:
    key = resource.view.push_key
    return topic_of(key, resource.collection.id) if key else None


def topic_of(key: str, collection: int) -> str:
    """The same as long as the server has its key. key: its public one."""
    return packed(blake2b(str(collection).encode(), key=key.encode()[:64], digest_size=16).digest())


def supported_triggers(resource: Resource) -> Value:
    return TRIGGERS if resource.view.push_key else None
