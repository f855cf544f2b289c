"""What /app says after an account was disconnected, or one for rooms was connected."""

from collections.abc import Mapping

from aiohttp import web

from gateway.web.keys import SETTINGS
from gateway.web.pages.app.calendars import CONNECTABLE, KINDS
from gateway.web.visitor import speak


def disconnected(request: web.Request) -> tuple[str, Mapping[str, str] | None]:
    """Notice and link, by the query that the disconnecting page leads to; "" and None where there is none."""
    kind, spoken = request.query.get("gone", ""), speak(request)
    if request.query.get("room") == "connected":
        words = spoken.text("Zoom is connected. Choose it as the place of what can be booked with you.")
        return words, {"href": "/app/event-types", "text": spoken.text("Event types")}
    if request.query.get("room") == "gone":
        return spoken.text("{provider} is disconnected.", provider="Zoom"), None
    if kind not in KINDS:
        return "", None
    provider = spoken.text(KINDS[kind])
    if kind not in CONNECTABLE or request.query.get("ended"):
        return spoken.text("{provider} is disconnected.", provider=provider), None
    there = getattr(request.app[SETTINGS], CONNECTABLE[kind]).permissions_url
    words = spoken.text("{provider} is disconnected. The permission itself you can remove there:", provider=provider)
    return words, {"href": there, "text": spoken.text("Apps with access")}
