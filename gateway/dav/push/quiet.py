"""Push-Dont-Notify: a client is not told of what it does itself."""

import re
from collections.abc import Awaitable, Callable
from typing import Any, Final

from gateway.dav.answer import Answer
from gateway.dav.paths import subscription_path
from gateway.dav.resources import View
from gateway.dav.visit import Visit
from gateway.store import subscriptions

HEADER: Final = "Push-Dont-Notify"
LONGEST: Final = 120.0
"""Seconds that nothing is told, should the request never come to an end."""
QUOTED: Final = re.compile(r'"([^"]*)"')
MOST: Final = 100


def read(headers: list[str], base: str) -> list[str] | None:
    """Tokens of the subscriptions that are meant; None: all of them. base: what their URLs begin with."""
    if any(header.strip() == "*" for header in headers):
        return None
    start = base + subscription_path("")
    named = [url for header in headers for url in QUOTED.findall(header) if url.startswith(start)]
    return [url.removeprefix(start) for url in named][:MOST]


async def quietly(visit: Visit, do: Callable[[Visit], Awaitable[Answer]]) -> Answer:
    tokens = read(visit.request.headers.getall(HEADER, []), visit.settings.server.base_url)
    before = [] if tokens == [] else await visit.write(_hush, tokens)
    try:
        return await do(visit)
    finally:
        if before:
            await visit.write(_unhush, before)


def _hush(view: View, tokens: list[str] | None) -> list[Any]:
    return subscriptions.hush(view.conn, view.asker.id, tokens, view.now + LONGEST)


def _unhush(view: View, before: list[Any]) -> None:
    subscriptions.unhush(view.conn, before)
