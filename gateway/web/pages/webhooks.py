"""/app/webhooks: who is told of bookings, and what they were told."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from aiohttp import web
from multidict import MultiMapping

from gateway.booking import webhooks as hooks
from gateway.errors import InvalidInput, NotFound
from gateway.store import webhooks
from gateway.store.database import Connection
from gateway.store.principals import Principal
from gateway.store.webhooks import DeliveryRow, WebhookRow
from gateway.web import sessions
from gateway.web.keys import CLOCK, DATABASE, DESK
from gateway.web.language import Language, msg
from gateway.web.pages.app.section import ago
from gateway.web.render import page
from gateway.web.sessions import SignedIn
from gateway.web.visitor import link, speak

EVENTS: Final[Mapping[str, str]] = {
    "booking.created": msg("Booked"),
    "booking.requested": msg("Requested"),
    "booking.confirmed": msg("Confirmed"),
    "booking.declined": msg("Declined"),
    "booking.rescheduled": msg("Moved"),
    "booking.cancelled": msg("Cancelled"),
    "booking.no_show": msg("Did not come"),
    "booking.reassigned": msg("Handed over"),
}
WRONG: Final[Mapping[str, str]] = {
    "/url": msg("Write a public address that starts with https://, without a password."),
    "/events": msg("Please tick what it is told of."),
}
STATES: Final[Mapping[str, str]] = {
    "waiting": msg("On its way"),
    "delivered": msg("Delivered"),
    "failed": msg("Not taken"),
}
SAID: Final[Mapping[str, str]] = {
    "test": msg("A test is on its way."),
    "save": msg("Saved."),
    "secret": msg("There is a new secret."),
}
Posted = MultiMapping[object]


async def show_all(request: web.Request) -> web.Response:
    return await _list(request, await sessions.required(request))


async def _list(
    request: web.Request, signed_in: SignedIn, wrong: Mapping[str, str] | None = None, typed: Posted | None = None
) -> web.Response:
    """wrong: by field, of the catalogue."""
    person, spoken = signed_in.person, speak(request)

    def read(conn: Connection) -> tuple[list[tuple[WebhookRow, Principal]], list[Principal]]:
        return hooks.listed(conn, person), hooks.owners(conn, person)

    rows, owners = await request.app[DATABASE].read(read)
    chosen = [str(one) for one in typed.getall("events", [])] if typed is not None else list(hooks.NAMES)
    values = {
        "person": person,
        "csrf": signed_in.session.csrf,
        "webhooks": [_shown(row, owner, person, spoken) for row, owner in rows],
        "owners": [{"key": "" if one.id == person.id else one.name, "text": one.displayname} for one in owners],
        "url": "" if typed is None else str(typed.get("url", "")),
        "events": _events(chosen, spoken),
        "wrong": {name: spoken.text(words) for name, words in (wrong or {}).items()},
    }
    return page(request, "webhooks.html", values, spoken=spoken, status=422 if wrong else 200)


def _shown(row: WebhookRow, owner: Principal, person: Principal, spoken: Language) -> dict[str, Any]:
    return {
        "link": f"/app/webhooks/{row.id}",
        "url": row.url,
        "owner": "" if owner.id == person.id else owner.displayname,
        "events": ", ".join(spoken.text(EVENTS[one]) for one in row.events),
        "state": "ok" if row.active else "failing",
        "health": spoken.text("Turned on") if row.active else spoken.text("Turned off"),
    }


def _events(chosen: Sequence[str], spoken: Language) -> list[dict[str, Any]]:
    return [{"name": name, "text": spoken.text(words), "on": name in chosen} for name, words in EVENTS.items()]


async def add(request: web.Request) -> web.Response:
    """The secret stands in this one answer and nowhere else."""
    signed_in, posted = await sessions.posted(request)
    events = [str(one) for one in posted.getall("events", [])]
    team, url = str(posted.get("owner", "")), str(posted.get("url", ""))
    try:
        row, secret = await request.app[DATABASE].write(
            hooks.add, request.app[DESK], signed_in.person, team, url, events
        )
    except InvalidInput as error:
        return await _list(request, signed_in, _wrong(error), posted)
    return await _one(request, signed_in, row.id, secret=secret)


def _wrong(error: InvalidInput) -> dict[str, str]:
    return {flaw.pointer.strip("/"): WRONG[flaw.pointer] for flaw in error.flaws}


async def show(request: web.Request) -> web.Response:
    signed_in = await sessions.required(request)
    return await _one(
        request, signed_in, int(request.match_info["id"]), good=SAID.get(request.query.get("done", ""), "")
    )


async def _one(
    request: web.Request,
    signed_in: SignedIn,
    key: int,
    *,
    secret: str = "",
    good: str = "",
    wrong: Mapping[str, str] | None = None,
    typed: Posted | None = None,
) -> web.Response:
    person, spoken = signed_in.person, speak(request)

    def read(conn: Connection) -> tuple[WebhookRow, list[DeliveryRow]]:
        row = hooks.own(conn, person, key)
        return row, webhooks.deliveries(conn, key)

    row, log = await request.app[DATABASE].read(read)
    chosen = row.events if typed is None else [str(one) for one in typed.getall("events", [])]
    now = request.app[CLOCK]()
    values = {
        "person": person,
        "csrf": signed_in.session.csrf,
        "action": f"/app/webhooks/{row.id}",
        "good": spoken.text(good) if good else "",
        "secret": secret,
        "url": row.url if typed is None else str(typed.get("url", "")),
        "active": row.active,
        "trouble": row.trouble,
        "events": _events(chosen, spoken),
        "log": [_delivery(one, now, spoken) for one in log],
        "wrong": {name: spoken.text(words) for name, words in (wrong or {}).items()},
    }
    return page(request, "webhook.html", values, spoken=spoken, status=422 if wrong else 200)


def _delivery(one: DeliveryRow, now: float, spoken: Language) -> dict[str, Any]:
    when = ago(now - (one.tried or one.created), spoken)
    tries = spoken.plural("{n} try", "{n} tries", one.attempts) if one.attempts else ""
    return {
        "kind": spoken.text(EVENTS[one.kind]) if one.kind in EVENTS else spoken.text("Test"),
        "when": when,
        "state": {"waiting": "waiting", "delivered": "ok"}.get(one.state, "failing"),
        "health": ", ".join(part for part in (spoken.text(STATES[one.state]), tries) if part),
        "error": one.error,
        "event": one.event,
    }


async def act(request: web.Request) -> web.Response:
    """do=save, test, secret or remove."""
    signed_in, posted = await sessions.posted(request)
    key, desk, what = int(request.match_info["id"]), request.app[DESK], str(posted.get("do", ""))
    secret = hooks.new_secret() if what == "secret" else ""

    def write(conn: Connection) -> None:
        row = hooks.own(conn, signed_in.person, key)
        match what:
            case "save":
                events = [str(one) for one in posted.getall("events", [])]
                hooks.change(conn, desk, row, str(posted.get("url", "")), events, active="active" in posted)
            case "test":
                hooks.test(conn, desk, row)
            case "secret":
                webhooks.change(conn, key, secret=desk.sealer.seal(secret).decode())
            case "remove":
                webhooks.remove(conn, key)
            case _:
                raise NotFound("there is nothing like this to do with a webhook")

    try:
        await request.app[DATABASE].write(write)
    except InvalidInput as error:
        return await _one(request, signed_in, key, wrong=_wrong(error), typed=posted)
    desk.sync.bell.ring()
    if secret:
        return await _one(request, signed_in, key, secret=secret, good=SAID["secret"])
    raise web.HTTPSeeOther("/app/webhooks" if what == "remove" else link(f"/app/webhooks/{key}", {"done": what}))
