"""Notification channels of the simulated Google."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from aiohttp import ClientError, ClientSession, ClientTimeout, web

from gateway.config import is_loopback
from gateway.demo.google.calls import Call
from gateway.demo.google.problems import ApiProblem, invalid, not_found, required
from gateway.demo.google.state import Channel, State
from gateway.demo.post import Outgoing

RETRIED: Final = frozenset({500, 502, 503, 504})
TRIES: Final = 3
WITHOUT_PUSH: Final = ("#holiday@group.v.calendar.google.com", "#contacts@group.v.calendar.google.com")
LIFETIME: Final = timedelta(days=7)
TIMEOUT: Final = ClientTimeout(total=10)


def watch(call: Call) -> dict[str, Any]:
    calendar, _ = call.calendar()
    body = call.body
    for name in ("id", "type", "address"):
        if not body.get(name):
            raise required(f"resource.{name}")
    _check(body)
    if calendar.id.endswith(WITHOUT_PUSH):
        raise ApiProblem(
            400,
            "pushNotSupportedForRequestedResource",
            "Push notifications are not supported by this resource.",
            domain="calendar",
        )
    if body["id"] in call.state.channels:
        raise ApiProblem(400, "channelIdNotUnique", f"Channel id {body['id']} not unique", domain="global")
    latest = int((call.now + LIFETIME).timestamp() * 1000)
    expiration = min(int(body.get("expiration") or latest), latest)
    channel = Channel(
        id=body["id"],
        resource=f"r{call.state.next_serial():08d}",
        calendar=calendar.id,
        person=call.person,
        address=body["address"],
        token=body.get("token") or "",
        expires=str(expiration),
    )
    call.state.channels[channel.id] = channel
    return {
        "kind": "api#channel",
        "id": channel.id,
        "resourceId": channel.resource,
        "resourceUri": f"https://www.googleapis.com/calendar/v3/calendars/{calendar.id}/events?alt=json",
        "expiration": channel.expires,
        **({"token": channel.token} if channel.token else {}),
    }


def _check(body: dict[str, Any]) -> None:
    if body["type"] not in {"web_hook", "webhook"}:
        raise invalid("Unknown channel type.", "resource.type")
    if not re.fullmatch(r"[A-Za-z0-9\-_+/=]{1,64}", body["id"]):
        raise invalid("Invalid channel id.", "resource.id")
    if len(body.get("token") or "") > 256:
        raise invalid("The channel token is too long.", "resource.token")
    address = urlsplit(body["address"])
    if address.scheme != "https" and not (address.scheme == "http" and is_loopback(address.hostname or "")):
        raise ApiProblem(400, "push.webhookUrlNotHttps", f"WebHook callback must be HTTPS: {body['address']}")


def stop(call: Call) -> None:
    channel = call.state.channels.get(call.body.get("id") or "")
    if channel is None or channel.resource != call.body.get("resourceId") or channel.person != call.person:
        raise not_found()
    del call.state.channels[channel.id]


def newest(state: State, calendar: str) -> int:
    found = state.calendars.get(calendar)
    return max((event["_revision"] for event in found.events.values()), default=0) if found else 0


@dataclass(slots=True)
class Notices(Outgoing[dict[str, str]]):
    """A notice is the headers of a request. seen: channel -> the newest revision that it was told of."""

    seen: dict[str, int] = field(default_factory=dict)

    def look(self, state: State, now: datetime) -> None:
        """Queues a notice for each channel whose calendar changed; a new channel's first is "sync"."""
        for channel in list(state.channels.values()):
            if int(channel.expires) <= now.timestamp() * 1000:
                del state.channels[channel.id]
                continue
            latest = newest(state, channel.calendar)
            if channel.number == 0:
                self._add(channel, "sync")
            elif latest > self.seen.get(channel.id, latest):
                self._add(channel, "exists")
            self.seen[channel.id] = latest

    def _add(self, channel: Channel, what: str) -> None:
        channel.number += 1 if what == "sync" else 2
        expires = datetime.fromtimestamp(int(channel.expires) / 1000, UTC)
        headers = {
            "X-Goog-Channel-ID": channel.id,
            "X-Goog-Message-Number": str(channel.number),
            "X-Goog-Resource-ID": channel.resource,
            "X-Goog-Resource-State": what,
            "X-Goog-Resource-URI": f"https://www.googleapis.com/calendar/v3/calendars/{channel.calendar}/events",
            "X-Goog-Channel-Expiration": expires.strftime("%a, %d %b %Y %H:%M:%S GMT"),
        }
        if channel.token:
            headers["X-Goog-Channel-Token"] = channel.token
        self.send(channel.address, headers)

    async def running(self, _: web.Application) -> AsyncIterator[None]:
        task = asyncio.create_task(self._deliver())
        yield
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    async def _deliver(self) -> None:
        async with ClientSession(timeout=TIMEOUT) as session:
            while True:
                address, headers = await self.queue.get()
                try:
                    await self._post(session, address, headers)
                finally:
                    self.queue.task_done()

    async def _post(self, session: ClientSession, address: str, headers: dict[str, str]) -> None:
        """Tried again after some answers only; Google's own delivery is not fully reliable either."""
        for _ in range(TRIES):
            try:
                async with session.post(address, headers=headers, allow_redirects=False) as answer:
                    self.answers.append(answer.status)
            except (ClientError, TimeoutError):
                self.answers.append(0)
                return
            if answer.status not in RETRIED:
                return
