"""Taking an account away again: asked once, with what will happen."""

from dataclasses import dataclass
from typing import Any

from aiohttp import web

from gateway.accounts.connect import revoke
from gateway.backends.table import BACKENDS
from gateway.errors import NotFound
from gateway.mirror import choose
from gateway.store import mirrors
from gateway.store.database import Connection
from gateway.sync import calendars
from gateway.sync.notices.watch import close
from gateway.web import sessions
from gateway.web.forms import number
from gateway.web.keys import CLOCK, DATABASE, DESK, OUTSIDE, SEALER, SETTINGS
from gateway.web.pages.account import Own, own
from gateway.web.pages.app import calendars as shown
from gateway.web.pages.app.calendars import CONNECTABLE, KINDS
from gateway.web.render import page
from gateway.web.sessions import SignedIn
from gateway.web.visitor import link, speak


@dataclass(frozen=True, slots=True)
class Loss:
    """unsent: changes that the provider does not have yet. blocks: of mirrors, that are taken away there.

    mirrored: busy time of its calendars appears in others.
    """

    mine: Own
    unsent: int
    blocks: int
    mirrored: bool


def _loss(conn: Connection, user: int, key: int) -> Loss:
    """Raises: NotFound, also for a calendar that lives here alone: disconnecting it would delete it."""
    mine = own(conn, user, key)
    if not BACKENDS[mine.account.kind].remote:
        raise NotFound("this account has nothing to be disconnected from")
    ids = {row.id for row in mine.calendars}
    others = (row for row in mirrors.of_user(conn, user) if row.target_id not in ids)
    mirrored = any(not ids.isdisjoint(mirrors.sources(conn, row.id)) for row in others)
    return Loss(mine, len(calendars.unsent(conn, user, key)), choose.blocks_at(conn, user, key), mirrored)


async def show(request: web.Request) -> web.Response:
    return await _page(request, await sessions.required(request))


async def act(request: web.Request) -> web.Response:
    """What waits is tried once more. Where more would be lost than the person was told, they are asked anew."""
    signed_in, form = await sessions.posted(request)
    app, user, key = request.app, signed_in.person.id, int(request.match_info["id"])
    row = (await app[DATABASE].read(_loss, user, key)).mine.account
    left = await calendars.send_unsent(app[DESK].sync, user, key)
    if left > number(str(form.get("unsent", ""))):
        return await _page(request, signed_in, more=True)
    if await app[DATABASE].write(choose.part, user, key, app[CLOCK]()):
        app[DESK].sync.bell.ring()
        raise web.HTTPSeeOther("/app#h-calendars")  # it says there how far that is
    await close(app[DESK].sync, row)
    await app[DATABASE].write(calendars.remove_account, user, key)
    ended = await revoke(app[DATABASE], app[SEALER], app[OUTSIDE], row)
    raise web.HTTPSeeOther(link("/app", {}, gone=row.kind, ended="1" if ended else None))


async def _page(request: web.Request, signed_in: SignedIn, *, more: bool = False) -> web.Response:
    """more: changes came to it since the page was shown."""
    user, key, spoken = signed_in.person.id, int(request.match_info["id"]), speak(request)
    loss = await request.app[DATABASE].read(_loss, user, key)
    row = loss.mine.account
    values: dict[str, Any] = {
        "person": signed_in.person,
        "csrf": signed_in.session.csrf,
        "id": row.id,
        "kind": row.kind,
        "name": shown.account_name(row, spoken),
        "provider": spoken.text(KINDS.get(row.kind, row.kind)),
        "calendars": sum(1 for one in loss.mine.calendars if one.merged),
        "busy": any(one.busy for one in loss.mine.calendars),
        "shown": loss.mirrored,
        "unsent": loss.unsent,
        "blocks": 0 if row.state == "signed-out" else loss.blocks,
        "more": more,
        "destination": _next_destination(loss.mine),
        "there": _there(request, row.kind),
    }
    return page(request, "disconnect.html", values, spoken=spoken, status=409 if more else 200)


def _next_destination(mine: Own) -> str:
    """Where new events go afterwards; "" if that stays as it is."""
    if not any(row.destination and row.writable for row in mine.calendars):
        return ""
    local = (row for row in mine.every if not BACKENDS[row.kind].remote and row.merged and row.writable)
    return next((row.displayname for row in local), "")


def _there(request: web.Request, kind: str) -> str:
    """The provider's page where people take access back."""
    if kind not in CONNECTABLE:
        return ""
    return str(getattr(request.app[SETTINGS], CONNECTABLE[kind]).permissions_url)
