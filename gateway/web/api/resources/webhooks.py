"""Webhooks: who is told of bookings."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from gateway.booking import webhooks as hooks
from gateway.store import principals, webhooks
from gateway.store.database import Connection
from gateway.store.principals import Principal
from gateway.store.webhooks import DeliveryRow, WebhookRow
from gateway.web.api.operation import Call
from gateway.web.api.paging import page
from gateway.web.api.values import Asked, Id, Instant, Listed, Model, Name, example

Event = Literal[
    "booking.created",
    "booking.requested",
    "booking.confirmed",
    "booking.declined",
    "booking.rescheduled",
    "booking.cancelled",
    "booking.no_show",
    "booking.reassigned",
]
Url = Annotated[str, StringConstraints(min_length=1, max_length=2000), example("https://hooks.example.com/bookings")]
Events = Annotated[tuple[Event, ...], Field(min_length=1, max_length=20)]


class WebhookAsked(Asked):
    id: Id


class DeliveriesAsked(Listed):
    id: Id


class WebhookNew(Model):
    url: Url
    """https, and a public address."""
    events: Events | None = None
    """What it is told of; null: of everything."""
    team: Name | None = None
    """Whose bookings, for who may change the team; null: yours."""


class WebhookGiven(Model):
    url: Url
    events: Events
    active: bool = True
    """False: it is told nothing."""


class Webhook(Model):
    """Somebody who is told of bookings."""

    id: Id
    owner: Name
    """You, or a team that you may change."""
    url: str
    events: tuple[str, ...]
    active: bool
    trouble: str
    """Why it was turned off by itself; empty: it was not."""
    created: Instant


class WebhookMade(Webhook):
    """With the secret that messages are signed with, which is shown only now."""

    secret: str


class Webhooks(Model):
    items: tuple[Webhook, ...]
    next: str | None
    """Cursor of the next page; null: this is the last one."""


class Delivery(Model):
    """One message."""

    event: str
    """Its id, the same however often it is sent."""
    type: str
    state: Literal["waiting", "delivered", "failed"]
    attempts: int
    status: int | None
    """Of the last answer."""
    error: str
    created: Instant
    tried: Instant | None


class Deliveries(Model):
    """The latest first; some fifty are kept."""

    items: tuple[Delivery, ...]
    next: str | None


def _shown(row: WebhookRow, owner: Principal) -> Webhook:
    return Webhook(
        id=row.id,
        owner=owner.name,
        url=row.url,
        events=tuple(row.events),
        active=row.active,
        trouble=row.trouble,
        created=row.created,
    )


def _whole(conn: Connection, person: Principal, key: int) -> Webhook:
    row = hooks.own(conn, person, key)
    return _shown(row, principals.by_id(conn, row.user_id))


async def list_webhooks(call: Call, asked: Listed) -> Webhooks:
    rows, after = page(await call.db.read(hooks.listed, call.asker), asked, lambda one: (one[0].id,))
    return Webhooks(items=tuple(_shown(*one) for one in rows), next=after)


async def create_webhook(call: Call, given: WebhookNew) -> WebhookMade:
    def write(conn: Connection) -> tuple[Webhook, str]:
        row, secret = hooks.add(conn, call.desk, call.asker, given.team or "", given.url, given.events or hooks.NAMES)
        return _shown(row, principals.by_id(conn, row.user_id)), secret

    made, secret = await call.db.write(write)
    return WebhookMade(**dict(made), secret=secret)


async def read_webhook(call: Call, asked: WebhookAsked) -> Webhook:
    return await call.db.read(_whole, call.asker, asked.id)


async def replace_webhook(call: Call, asked: WebhookAsked, given: WebhookGiven) -> Webhook:
    def write(conn: Connection) -> Webhook:
        row = hooks.own(conn, call.asker, asked.id)
        changed = hooks.change(conn, call.desk, row, given.url, given.events, active=given.active)
        return _shown(changed, principals.by_id(conn, row.user_id))

    return await call.db.write(write)


async def delete_webhook(call: Call, asked: WebhookAsked) -> None:
    def write(conn: Connection) -> None:
        webhooks.remove(conn, hooks.own(conn, call.asker, asked.id).id)

    await call.db.write(write)


async def test_webhook(call: Call, asked: WebhookAsked) -> Webhook:
    def write(conn: Connection) -> Webhook:
        hooks.test(conn, call.desk, hooks.own(conn, call.asker, asked.id))
        return _whole(conn, call.asker, asked.id)

    found = await call.db.write(write)
    call.desk.sync.bell.ring()
    return found


async def list_deliveries(call: Call, asked: DeliveriesAsked) -> Deliveries:
    def read(conn: Connection) -> list[DeliveryRow]:
        return webhooks.deliveries(conn, hooks.own(conn, call.asker, asked.id).id)

    rows, after = page(await call.db.read(read), asked, lambda one: (-one.id,))
    return Deliveries(items=tuple(map(_delivery, rows)), next=after)


def _delivery(one: DeliveryRow) -> Delivery:
    return Delivery.model_validate(
        {
            "event": one.event,
            "type": one.kind,
            "state": one.state,
            "attempts": one.attempts,
            "status": one.status,
            "error": one.error,
            "created": one.created,
            "tried": one.tried,
        }
    )
