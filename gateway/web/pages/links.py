"""/app/links: secret links to one's event types and those of one's teams, made, shown again and revoked."""

from datetime import datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from aiohttp import web
from multidict import MultiDict, MultiMapping

from gateway.booking.links import LinkWish, make, path
from gateway.booking.links import revoke as revoke_link
from gateway.booking.model import read_event_type, said
from gateway.errors import InvalidInput
from gateway.store import bookings, links, principals
from gateway.store.bookings import EventTypeRow
from gateway.store.database import Connection
from gateway.store.links import LinkRow
from gateway.store.principals import Principal
from gateway.web import sessions
from gateway.web.forms import CONTROL, CONTROL_BUT_LINES, number
from gateway.web.keys import CLOCK, DATABASE, DESK, SETTINGS
from gateway.web.language import Language, msg
from gateway.web.picker import local_date, read_date
from gateway.web.render import page
from gateway.web.sessions import SignedIn
from gateway.web.visitor import speak

MOST_USES: Final = 1000
LONGEST: Final = {"label": 200, "name": 200, "email": 254, "note": 2000}
WRONG: Final = {
    "event_type": msg("Choose an event type from the list."),
    "uses": msg("Enter a number of bookings from 1 to 1000."),
    "expires": msg("Choose a day that is not over yet."),
    **{name: msg("Please shorten this, without control characters.") for name in LONGEST},
}


async def show(request: web.Request) -> web.Response:
    return await _page(request, await sessions.required(request), MultiDict({"uses": "1"}), ())


async def _page(
    request: web.Request, signed_in: SignedIn, typed: MultiMapping[Any], wrong: tuple[str, ...]
) -> web.Response:
    """wrong: fields."""
    person, spoken = signed_in.person, speak(request)

    def read(conn: Connection) -> tuple[list[LinkRow], list[tuple[Principal, EventTypeRow]]]:
        owners = [person, *principals.led_by(conn, person.id)]
        rows = [row for owner in owners for row in links.of_user(conn, owner.id)]
        return rows, [(owner, row) for owner in owners for row in bookings.event_types(conn, owner.id)]

    rows, kinds = await request.app[DATABASE].read(read)
    titles = {row.id: _title(owner, row, spoken) for owner, row in kinds}
    values = {
        "person": person,
        "csrf": signed_in.session.csrf,
        "items": [_shown(request, row, titles.get(row.event_type_id, ""), person, spoken) for row in rows],
        "kinds": [{"key": _key(owner, row), "title": titles[row.id]} for owner, row in kinds],
        "typed": {name: str(typed.get(name, "")) for name in ("event_type", "uses", "expires", *LONGEST)},
        "errors": {name: spoken.text(WRONG[name]) for name in wrong},
    }
    return page(request, "links.html", values, spoken=spoken, status=422 if wrong else 200)


def _title(owner: Principal, row: EventTypeRow, spoken: Language) -> str:
    title = said(read_event_type(row.document).title, spoken.code) or row.slug
    return f"{title} · {owner.displayname}" if owner.is_team else title


def _key(owner: Principal, row: EventTypeRow) -> str:
    """In the form; the part before the slash is the team's name."""
    return f"{owner.name}/{row.slug}" if owner.is_team else row.slug


def _shown(request: web.Request, row: LinkRow, title: str, person: Principal, spoken: Language) -> dict[str, Any]:
    left = max(0, row.uses - row.used)
    over = not row.is_good(request.app[CLOCK]())
    day = None if row.expires is None else local_date(row.expires - 1, person.zone)
    return {
        "id": row.id,
        "label": row.label or title,
        "title": title,
        "url": request.app[SETTINGS].server.base_url + path(request.app[DESK], row),
        "over": over,
        "state": spoken.text("Used up or over")
        if over
        else spoken.plural("Good for {n} booking", "Good for {n} bookings", left),
        "until": "" if day is None else spoken.text("until {day}", day=spoken.day(day)),
    }


async def add(request: web.Request) -> web.Response:
    signed_in, form = await sessions.posted(request)
    wrong, wish = _read(form, signed_in.person)
    try:
        if not wrong:
            await make(request.app[DESK], signed_in.person, wish)
    except InvalidInput as error:
        wrong = tuple(flaw.pointer.removeprefix("/") for flaw in error.flaws) or ("uses",)
    if wrong:
        return await _page(request, signed_in, form, wrong)
    raise web.HTTPSeeOther("/app/links")


def _read(form: MultiMapping[object], person: Principal) -> tuple[tuple[str, ...], LinkWish]:
    """Fields that cannot be meant, and what is wished for: good until the end of the chosen day, in their zone."""
    given = {name: str(form.get(name, "")).strip().replace("\r\n", "\n") for name in LONGEST}
    uses, until = number(str(form.get("uses", ""))), str(form.get("expires", ""))
    day = read_date(until)
    expires = None
    if day is not None:
        midnight = datetime.combine(day + timedelta(days=1), time(), ZoneInfo(person.zone))
        expires = int(midnight.timestamp())
    wrong = [name for name, text in given.items() if len(text) > LONGEST[name] or _broken(name, text)]
    wrong += ["uses"] if not 1 <= uses <= MOST_USES else []
    wrong += ["expires"] if until and day is None else []
    team, _, slug = str(form.get("event_type", "")).rpartition("/")
    return tuple(wrong), LinkWish(slug, team, uses=uses, expires=expires, **given)


def _broken(name: str, text: str) -> bool:
    return bool((CONTROL_BUT_LINES if name == "note" else CONTROL).search(text))


async def revoke(request: web.Request) -> web.Response:
    signed_in, _ = await sessions.posted(request)
    await request.app[DATABASE].write(revoke_link, signed_in.person, int(request.match_info["id"]))
    raise web.HTTPSeeOther("/app/links")
