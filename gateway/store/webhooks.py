"""Webhooks and their deliveries: rows, no calls."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, delete, func, insert, select, update

from gateway.store.schema import DELIVERIES, WEBHOOKS

KEPT: Final = 50
"""Deliveries of one webhook that are kept for its log."""


@dataclass(frozen=True, slots=True)
class WebhookRow:
    """user_id: of a person or a team. secret: sealed. trouble: why it was turned off by itself, "": it was not."""

    id: int
    user_id: int
    url: str
    events: Sequence[str]
    secret: str
    active: bool
    trouble: str
    created: int


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """event: its id, the same however often it is sent. about: UID and SEQUENCE of the booking. body: sealed.

    state: waiting, delivered or failed. status: of the last answer, None: there was none. tried: epoch seconds.
    """

    id: int
    webhook_id: int
    event: str
    kind: str
    about: str
    body: str
    state: str
    attempts: int
    status: int | None
    error: str
    created: int
    tried: int | None


_WEBHOOK: Final = select(*(WEBHOOKS.c[field] for field in WebhookRow.__dataclass_fields__))
_DELIVERY: Final = select(*(DELIVERIES.c[field] for field in DeliveryRow.__dataclass_fields__))


def add(conn: Connection, values: Mapping[str, Any]) -> int:
    [key] = conn.execute(insert(WEBHOOKS).values(dict(values))).inserted_primary_key or (0,)
    return int(key)


def change(conn: Connection, key: int, **values: Any) -> None:
    conn.execute(update(WEBHOOKS).where(WEBHOOKS.c.id == key).values(values))


def remove(conn: Connection, key: int) -> None:
    conn.execute(delete(WEBHOOKS).where(WEBHOOKS.c.id == key))


def get(conn: Connection, key: int) -> WebhookRow | None:
    row = conn.execute(_WEBHOOK.where(WEBHOOKS.c.id == key)).first()
    return None if row is None else WebhookRow(*row)


def of_owners(conn: Connection, owners: Collection[int]) -> list[WebhookRow]:
    """In the order they were made."""
    query = _WEBHOOK.where(WEBHOOKS.c.user_id.in_(list(owners))).order_by(WEBHOOKS.c.id)
    return [WebhookRow(*row) for row in conn.execute(query)]


def count(conn: Connection, owner: int) -> int:
    query = select(func.count()).select_from(WEBHOOKS).where(WEBHOOKS.c.user_id == owner)
    return int(conn.execute(query).scalar_one())


def plan(conn: Connection, values: Mapping[str, Any]) -> int:
    """A delivery that waits; of the same webhook only the latest are kept."""
    [key] = conn.execute(insert(DELIVERIES).values(dict(values))).inserted_primary_key or (0,)
    theirs = DELIVERIES.c.webhook_id == values["webhook_id"]
    old = select(DELIVERIES.c.id).where(theirs).order_by(DELIVERIES.c.id.desc()).limit(1).offset(KEPT)
    oldest = conn.execute(old).scalar()
    if oldest is not None:
        over = delete(DELIVERIES).where(theirs, DELIVERIES.c.id <= oldest, DELIVERIES.c.state != "waiting")
        conn.execute(over)
    return int(key)


def settle(conn: Connection, key: int, **values: Any) -> None:
    conn.execute(update(DELIVERIES).where(DELIVERIES.c.id == key).values(values))


def delivery(conn: Connection, key: int) -> DeliveryRow | None:
    row = conn.execute(_DELIVERY.where(DELIVERIES.c.id == key)).first()
    return None if row is None else DeliveryRow(*row)


def deliveries(conn: Connection, webhook: int, *, limit: int = KEPT) -> list[DeliveryRow]:
    """The latest first."""
    query = _DELIVERY.where(DELIVERIES.c.webhook_id == webhook).order_by(DELIVERIES.c.id.desc()).limit(limit)
    return [DeliveryRow(*row) for row in conn.execute(query)]


def waiting(conn: Connection, about: str) -> list[int]:
    """Ids of deliveries about that change of a booking which nobody has tried yet."""
    query = select(DELIVERIES.c.id).where(DELIVERIES.c.about == about, DELIVERIES.c.attempts == 0)
    return list(conn.execute(query.where(DELIVERIES.c.state == "waiting")).scalars())


def drop(conn: Connection, keys: Collection[int]) -> None:
    conn.execute(delete(DELIVERIES).where(DELIVERIES.c.id.in_(list(keys))))
