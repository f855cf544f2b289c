"""Graph's subscriptions: one for each calendar, renewed well before they end."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import unquote

from gateway.backends.base import Channel, Hook
from gateway.backends.outlook.graph import Graph
from gateway.backends.outlook.values import Json
from gateway.errors import RemoteGone

# Microsoft's pages disagree: 4,230 minutes on some, 10,080 on others. Less, for clocks that differ.
LONGEST: Final = timedelta(minutes=4_220)
KINDS: Final = "created,updated,deleted"


async def watch(graph: Graph, calendar: str, hook: Hook, until: float, now: datetime) -> Channel:
    """Graph tries the address before it answers this: whoever serves it must be free to answer meanwhile."""
    body = {
        "changeType": KINDS,
        "notificationUrl": hook.address,
        "lifecycleNotificationUrl": hook.address,
        "resource": graph.relative("calendars", calendar, "events"),
        "expirationDateTime": expiration(until, now),
        "clientState": hook.secret,
    }
    answer = await graph.call("POST", graph.url("subscriptions"), body=body)
    return read_subscription(answer, greeted=True)


async def renew(graph: Graph, channel: Channel, until: float, now: datetime) -> Channel:
    """Also satisfies the service where it asked to be authorized again. Raises: RemoteGone."""
    url = graph.url("subscriptions", channel.id)
    return read_subscription(await graph.call("PATCH", url, body={"expirationDateTime": expiration(until, now)}))


async def open_channels(graph: Graph, address: str) -> list[Channel]:
    """Graph lists what this application has made for the person who signed in, told of there or elsewhere."""
    rows = await graph.rows(graph.url("subscriptions"))
    mine = [row for row in rows if row.get("notificationUrl") == address]
    return [replace(read_subscription(row), resource=unquote(str(row.get("resource", "")))) for row in mine]


async def unwatch(graph: Graph, channel: Channel) -> None:
    try:
        await graph.call("DELETE", graph.url("subscriptions", channel.id))
    except RemoteGone:
        return


def expiration(until: float, now: datetime) -> str:
    latest = min(until, (now + LONGEST).timestamp())
    return f"{datetime.fromtimestamp(latest, UTC):%Y-%m-%dT%H:%M:%SZ}"


def read_subscription(answer: Json, *, greeted: bool = False) -> Channel:
    expires = datetime.fromisoformat(str(answer["expirationDateTime"]))
    return Channel(str(answer["id"]), "", expires.timestamp(), greeted)
