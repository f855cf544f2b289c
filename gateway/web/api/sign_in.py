"""Who sends a request: the person whose API key stands in it, as far as the key allows."""

import logging
from typing import Final

from aiohttp import web

from gateway.accounts.api_keys import START
from gateway.accounts.passwords import digest
from gateway.accounts.throttle import network_of
from gateway.errors import BackendUnavailable, InsufficientStorage, NotSignedIn, ScopeMissing
from gateway.store import api_keys, principals
from gateway.store.api_keys import ApiKey
from gateway.store.database import Connection
from gateway.store.principals import Principal
from gateway.web.keys import CLOCK, DATABASE
from gateway.web.limits import Bucket
from gateway.web.visitor import client_address

TOUCH: Final = 60
"""Seconds after which a key's last use is written down anew."""
LIMIT = web.AppKey("web.api.limit", Bucket)
log = logging.getLogger(__name__)


async def sign_in(request: web.Request, scope: str) -> tuple[Principal, ApiKey]:
    """Raises: NotSignedIn, ScopeMissing, TooManyAttempts."""
    plain = _sent(request)
    found = await request.app[DATABASE].read(_of, digest(plain)) if plain else None
    limit = request.app[LIMIT]
    whose = f"network {network_of(client_address(request))}" if found is None else f"key {found[1].id}"
    limit.check(whose)
    limit.take(whose)
    if found is None:
        raise NotSignedIn("send an API key that is known here: Authorization: Bearer gw_…")
    await _note_use(request, found[1])
    if scope and scope not in found[1].scopes:
        raise ScopeMissing(scope)
    return found


def _sent(request: web.Request) -> str:
    """ "" for what cannot be a key."""
    scheme, _, plain = request.headers.get("Authorization", "").partition(" ")
    is_key = scheme.lower() == "bearer" and plain.isascii() and plain.startswith(START)
    return plain if is_key else ""


def _of(conn: Connection, digested: str) -> tuple[Principal, ApiKey] | None:
    key = api_keys.by_digest(conn, digested)
    return None if key is None else (principals.by_id(conn, key.user_id), key)


async def _note_use(request: web.Request, key: ApiKey) -> None:
    """Who can only read can at least read."""
    now = int(request.app[CLOCK]())
    if key.last_used is not None and now - key.last_used < TOUCH:
        return
    try:
        await request.app[DATABASE].write(api_keys.used, key.id, now)
    except (InsufficientStorage, BackendUnavailable) as error:
        log.warning("the last use of API key %s could not be noted: %s", key.id, error)
