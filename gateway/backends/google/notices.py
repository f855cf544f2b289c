"""Google's notification channels: one for each calendar, never renewed, replaced instead."""

from typing import Any, Final

from gateway.backends.base import Channel, Hook
from gateway.backends.google.api import Api, PushUnsupported
from gateway.errors import RemoteGone

WEB_HOOK: Final = "web_hook"


async def watch(api: Api, calendar: str, hook: Hook, until: float) -> Channel | None:
    body = {
        "id": hook.key,
        "type": WEB_HOOK,
        "address": hook.address,
        "token": hook.secret,
        "expiration": str(int(until * 1000)),
    }
    try:
        answer = await api.call(lambda calendars: calendars.events().watch(calendarId=calendar, body=body))
    except PushUnsupported:
        return None
    return read_channel(answer, until)


def read_channel(answer: dict[str, Any], until: float) -> Channel:
    """expiration is a string of milliseconds, and left out by some answers: then what was asked for holds."""
    expiration = str(answer.get("expiration", ""))
    expires = int(expiration) / 1000 if expiration.isdecimal() else until
    return Channel(str(answer["id"]), str(answer["resourceId"]), expires)


async def unwatch(api: Api, channel: Channel) -> None:
    body = {"id": channel.id, "resourceId": channel.resource}
    try:
        await api.call(lambda calendars: calendars.channels().stop(body=body))
    except RemoteGone:
        return
