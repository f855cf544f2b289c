"""/hooks: where Google and Microsoft tell that something changed. Nobody signs in here: a channel's secret does.

The answer comes before any work: one look, and for notices that know their secret one short transaction.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

from aiohttp import web

from gateway.errors import InvalidRequest, NotFound, PayloadTooLarge
from gateway.sync.notices import arrivals
from gateway.sync.notices.arrivals import Notice, What
from gateway.web.keys import CLOCK, DATABASE, DESK, STRANGERS

GOOGLE_STATES: Final = {"sync": What.HELLO, "exists": What.CHANGE, "not_exists": What.CHANGE}
LIFECYCLE: Final = {
    "reauthorizationRequired": What.RENEW,
    "subscriptionRemoved": What.REMOVED,
    "missed": What.LOST,
}
LONGEST_BODY: Final = 262_144
LONGEST_TOKEN: Final = 1_024
MOST_ITEMS: Final = 1_000
PLAIN: Final = {"Cache-Control": "no-store"}


async def google(request: web.Request) -> web.Response:
    """Google tries again after 500, 502, 503 and 504 only, so a channel that we do not know may be told so: 404, the
    same as for a wrong token.
    """
    notice = read_google(request.headers)
    if not await _took(request, "google", [notice]):
        raise NotFound("there is no such channel")
    return web.Response(headers=PLAIN)


def read_google(headers: Any) -> Notice:
    """Raises: InvalidRequest."""
    state = GOOGLE_STATES.get(headers.get("X-Goog-Resource-State", ""))
    key, number = headers.get("X-Goog-Channel-ID", ""), headers.get("X-Goog-Message-Number", "")
    if state is None or not key or not (number.isascii() and number.isdecimal() and len(number) <= 18):
        raise InvalidRequest("this is no notice of Google's")
    resource = headers.get("X-Goog-Resource-ID", "")
    return Notice(
        key=key,
        secret=headers.get("X-Goog-Channel-Token", ""),
        what=state,
        number=int(number),
        resource=resource if arrivals.NAME.fullmatch(resource) else "",
    )


async def microsoft(request: web.Request) -> web.Response:
    """Graph sends what is not answered with 2xx for hours, and slows down for everybody here meanwhile: so 202 also for
    subscriptions we do not know, left by accounts that were removed, and for wrong secrets. They change nothing.
    """
    if "validationToken" in request.query:
        return _handshake(request.query["validationToken"])
    await _took(request, "microsoft", read_graph(await _body(request)))
    return web.Response(status=202, headers=PLAIN)


def _handshake(token: str) -> web.Response:
    """While a subscription is made. The token goes back as it came, as text that no browser takes for a page."""
    if not 0 < len(token) <= LONGEST_TOKEN or not token.isprintable() or set("<>") & set(token):
        raise InvalidRequest("this is no validation token")
    return web.Response(text=token, headers={**PLAIN, "Content-Disposition": "attachment"})


async def _body(request: web.Request) -> bytes:
    """Raises: PayloadTooLarge."""
    if (request.content_length or 0) > LONGEST_BODY:
        raise PayloadTooLarge("notices are shorter")
    body = await request.read()
    if len(body) > LONGEST_BODY:
        raise PayloadTooLarge("notices are shorter")
    return body


def read_graph(body: bytes) -> list[Notice]:
    """Items may be of several subscriptions. Raises: InvalidRequest."""
    try:
        items = json.loads(body)["value"]
        if not isinstance(items, list) or len(items) > MOST_ITEMS:
            raise InvalidRequest("there is no list of notices")
        return list(_items(items))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise InvalidRequest("this is no notice of Graph's") from error


def _items(items: Sequence[Any]) -> Iterator[Notice]:
    for item in items:
        lifecycle = item.get("lifecycleEvent")
        what = What.CHANGE if lifecycle is None else LIFECYCLE.get(lifecycle)
        key, secret = item["subscriptionId"], item.get("clientState")
        if what is not None and isinstance(key, str) and isinstance(secret, str):
            yield Notice(key, secret, what, remote=True)


async def _took(request: web.Request, provider: str, notices: Sequence[Notice]) -> bool:
    """Whether all of them know their secret. The others change nothing, and are counted."""
    db = request.app[DATABASE]
    known = await db.read(arrivals.genuine, notices)
    request.app[STRANGERS][provider] += len(notices) - len(known)
    if known:
        due = await db.write(arrivals.take, known, request.app[CLOCK]())
        if due:
            request.app[DESK].sync.bell.ring()
    return len(known) == len(notices)
