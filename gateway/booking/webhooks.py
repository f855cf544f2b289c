"""Programs of others are told what happens to bookings: planned in the transaction in which it does, sent afterwards.

A delivery is repeated for about a day; then its webhook is turned off, and its owner hears of that by mail.
"""

import hashlib
import hmac
import json
import secrets
import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import urlsplit

from aiohttp import ClientTimeout

from gateway.backends.fetch import Outgoing, permitted, split_allowed
from gateway.booking.context import Desk
from gateway.booking.shape import INSTANTS, shape, whole
from gateway.config import is_loopback
from gateway.errors import ConfigError, Flaw, GatewayError, InvalidInput, NotFound
from gateway.scheduling.webhook_off import KIND as OFF
from gateway.store import bookings, jobs, principals, taken, webhooks
from gateway.store.bookings import BookingRow
from gateway.store.database import Connection
from gateway.store.jobs import Job
from gateway.store.principals import Principal
from gateway.store.webhooks import DeliveryRow, WebhookRow

JOB: Final = "webhook"
MOST: Final = 20
LONGEST_URL: Final = 2_000
ANSWER: Final = 10_000
TIMEOUT: Final = ClientTimeout(total=15, sock_connect=10)
WAITS: Final = (30, 120, 600, 3_600, 3 * 3_600, 6 * 3_600, 12 * 3_600)
"""Seconds after each failure until the next try."""
TEST: Final = "test"
EVENTS: Final[Mapping[str, str]] = {
    "booked": "booking.created",
    "requested": "booking.requested",
    "confirmed": "booking.confirmed",
    "declined": "booking.declined",
    "rescheduled": "booking.rescheduled",
    "cancelled": "booking.cancelled",
    "no_show": "booking.no_show",
    "reassigned": "booking.reassigned",
    "date_moved": "booking.rescheduled",
    "date_cancelled": "booking.cancelled",
}
"""By what happened."""
NAMES: Final = tuple(dict.fromkeys(EVENTS.values()))


def event_of(kind: str, *, moved: bool) -> str | None:
    """None: nobody is told. moved: it has another time than before."""
    return EVENTS["rescheduled"] if kind == "requested" and moved else EVENTS.get(kind)


def about(row: BookingRow) -> str:
    return f"{row.uid}:{row.sequence}"


def plan(conn: Connection, desk: Desk, row: BookingRow, event: str, due: float, more: Mapping[str, Any]) -> None:
    """Deliveries to all who want to be told: the hosts', and the team's whose event type it is.

    more: (before) its time until then; (date) of a series, the one date it is about; (old) name of a host who is none
    any more.
    """
    owners = set(taken.hosts_of(conn, row.id))
    kind = None if row.event_type_id is None else bookings.event_type_by_id(conn, row.event_type_id)
    left = principals.by_name(conn, str(more["old"])) if more.get("old") else None
    owners |= {kind.user_id} if kind is not None else set()
    owners |= {left.id} if left is not None else set()
    wanted = [one for one in webhooks.of_owners(conn, owners) if one.active and event in one.events]
    if not wanted:
        return
    told = _in_words(shape(desk, whole(conn, row)))
    body: dict[str, Any] = {"booking": {**told, "dates": [_in_words(one) for one in told["dates"]]}}
    for name in ("before", "date"):
        if (time := more.get(name)) is not None:
            body[name] = {"start": _instant(time[0]), "end": _instant(time[1])}
    _send(conn, desk, wanted, event, about(row), body, due)


def _in_words(told: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _instant(value) if name in INSTANTS else value for name, value in told.items()}


def _instant(instant: int) -> str:
    return datetime.fromtimestamp(instant, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _send(
    conn: Connection, desk: Desk, to: Sequence[WebhookRow], event: str, of: str, body: Mapping[str, Any], due: float
) -> None:
    now, key = int(desk.clock()), str(uuid.uuid4())
    text = json.dumps({"id": key, "type": event, "at": _instant(now), **body}, ensure_ascii=False)
    sealed = desk.sealer.seal(text).decode()
    for one in to:
        values = {
            "webhook_id": one.id,
            "event": key,
            "kind": event,
            "about": of,
            "body": sealed,
            "state": "waiting",
            "created": now,
        }
        delivery = webhooks.plan(conn, values)
        jobs.add(conn, JOB, str(delivery), {"delivery": delivery}, due=due)


def release(conn: Connection, desk: Desk, row: BookingRow) -> None:
    """The providers have the event: the deliveries may go."""
    for key in webhooks.waiting(conn, about(row)):
        jobs.add(conn, JOB, str(key), {"delivery": key}, due=desk.clock())


def drop(conn: Connection, row: BookingRow) -> None:
    """The change came to nothing."""
    keys = webhooks.waiting(conn, about(row))
    for key in keys:
        jobs.drop(conn, JOB, str(key))
    webhooks.drop(conn, keys)


def signature(secret: str, at: int, body: bytes) -> str:
    """Of the header: HMAC-SHA256 with the secret over the time, a full stop, and the body."""
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


async def run_webhook(desk: Desk, job: Job) -> float | None:
    """Job kind "webhook"; when to try again, in epoch seconds, None: it is done, or given up."""
    found = await desk.db.read(_look, int(job.payload["delivery"]))
    if found is None:
        return None
    webhook, delivery = found
    body = desk.sealer.open(delivery.body.encode()).encode()
    status, error = await _post(desk, webhook, delivery, body)
    return await desk.db.write(_settle, desk, job, found, status, error)


def _look(conn: Connection, key: int) -> tuple[WebhookRow, DeliveryRow] | None:
    """None: there is nothing to send any more."""
    delivery = webhooks.delivery(conn, key)
    webhook = None if delivery is None else webhooks.get(conn, delivery.webhook_id)
    if delivery is None or webhook is None or delivery.state != "waiting":
        return None
    return (webhook, delivery) if webhook.active or delivery.kind == TEST else None


async def _post(desk: Desk, webhook: WebhookRow, delivery: DeliveryRow, body: bytes) -> tuple[int | None, str]:
    """Status of the answer, and what went wrong, "": nothing."""
    now = int(desk.clock())
    try:
        secret = desk.sealer.open(webhook.secret.encode())
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "gateway",
            "X-Gateway-Event": delivery.kind,
            "X-Gateway-Delivery": delivery.event,
            "X-Gateway-Signature": signature(secret, now, body),
        }
        check_url(webhook.url, desk.settings.limits.private_networks)
        async with Outgoing(desk.settings.limits.private_networks, timeout=TIMEOUT, redirects=0) as out:
            answer = await out.request("POST", webhook.url, headers=headers, body=body, limit=ANSWER)
    except (GatewayError, ConfigError) as error:
        return None, str(error)[:500]
    good = 200 <= answer.status < 300
    return answer.status, "" if good else f"{answer.host} answered {answer.status}"


def _settle(
    conn: Connection, desk: Desk, job: Job, of: tuple[WebhookRow, DeliveryRow], status: int | None, error: str
) -> float | None:
    webhook, delivery = of
    now, attempts = int(desk.clock()), delivery.attempts + 1
    values: dict[str, Any] = {"attempts": attempts, "status": status, "error": error, "tried": now}
    if not error:
        webhooks.settle(conn, delivery.id, **values, state="delivered")
        return None
    over = status == HTTPStatus.GONE or delivery.kind == TEST or attempts > len(WAITS)
    webhooks.settle(conn, delivery.id, **values, state="failed" if over else "waiting")
    if not over:
        due = now + WAITS[attempts - 1] * (0.9 + 0.2 * desk.sync.random())
        jobs.again(conn, job, due=due)
        return due
    if delivery.kind != TEST and webhook.active:
        webhooks.change(conn, webhook.id, active=False, trouble=error)
        jobs.add(conn, OFF, f"{webhook.id} {now}", {"webhook": webhook.id, "since": now}, due=now)
    return None


def check_url(text: str, private_networks: Collection[str]) -> str:
    """https, or http on this very machine; and nothing of our own network, unless the settings allow that.

    What a host name leads to is looked at whenever a connection is made.
    Raises: InvalidInput.
    """
    url = text.strip()
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError as error:
        raise _refused("this is not a web address") from error
    if not host or len(url) > LONGEST_URL or "@" in parts.netloc or not url.isascii() or not url.isprintable():
        raise _refused("write a web address with a host and without a password")
    if " " in url or not (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host))):
        raise _refused("write an address that starts with https://")
    names, networks = split_allowed(tuple(private_networks))
    try:
        ip_address(host)
        inside = not permitted(host, networks)
    except ValueError:
        inside = host.lower() == "localhost" and "localhost" not in names
    if inside:
        raise _refused("this address is not public; [limits] private_networks can allow it")
    return url


def _refused(reason: str) -> InvalidInput:
    return InvalidInput(reason, (Flaw(reason, pointer="/url"),))


def owners(conn: Connection, person: Principal) -> list[Principal]:
    """Whose webhooks they may have: their own and those of the teams that they may change."""
    return [person, *principals.led_by(conn, person.id)]


def own(conn: Connection, person: Principal, key: int) -> WebhookRow:
    """Raises: NotFound, also for somebody else's."""
    found = webhooks.get(conn, key)
    if found is None or found.user_id not in {one.id for one in owners(conn, person)}:
        raise NotFound("there is no such webhook")
    return found


def listed(conn: Connection, person: Principal) -> list[tuple[WebhookRow, Principal]]:
    """With whose they are."""
    people = {one.id: one for one in owners(conn, person)}
    return [(row, people[row.user_id]) for row in webhooks.of_owners(conn, people)]


def add(
    conn: Connection, desk: Desk, person: Principal, team: str, url: str, events: Collection[str]
) -> tuple[WebhookRow, str]:
    """With its secret, which is shown once. team: name of the one whose it is, "": the person's own.

    Raises: InvalidInput, NotFound.
    """
    owner = next((one for one in owners(conn, person) if one.name == (team or person.name)), None)
    if owner is None:
        raise NotFound("you lead no team of that name")
    if webhooks.count(conn, owner.id) >= MOST:
        raise _refused(f"there can be {MOST} webhooks at most")
    secret = new_secret()
    values: dict[str, Any] = {
        "user_id": owner.id,
        "url": check_url(url, desk.settings.limits.private_networks),
        "events": check_events(events),
        "secret": desk.sealer.seal(secret).decode(),
        "created": int(desk.clock()),
    }
    key = webhooks.add(conn, values)
    return WebhookRow(id=key, active=True, trouble="", **values), secret


def new_secret() -> str:
    return f"whsec_{secrets.token_urlsafe(24)}"


def check_events(events: Collection[str]) -> list[str]:
    """In our order. Raises: InvalidInput."""
    if not events or set(events) - set(NAMES):
        reason = "choose what it is told of"
        raise InvalidInput(reason, (Flaw(reason, pointer="/events"),))
    return [name for name in NAMES if name in events]


def change(
    conn: Connection, desk: Desk, row: WebhookRow, url: str, events: Collection[str], *, active: bool
) -> WebhookRow:
    """Turned on again, it begins anew. Raises: InvalidInput."""
    checked = check_url(url, desk.settings.limits.private_networks)
    chosen, trouble = check_events(events), "" if active else row.trouble
    webhooks.change(conn, row.id, url=checked, events=chosen, active=active, trouble=trouble)
    return WebhookRow(row.id, row.user_id, checked, chosen, row.secret, active, trouble, row.created)


def test(conn: Connection, desk: Desk, row: WebhookRow) -> None:
    """An event that means nothing is on its way, also to one that is turned off."""
    _send(conn, desk, [row], TEST, "", {"booking": None}, desk.clock())
