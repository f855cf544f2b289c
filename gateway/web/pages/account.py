"""One account: which of its calendars count for what, where new events go, and how far it is read."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web
from multidict import MultiMapping

from gateway.accounts.oauth import WRITE
from gateway.backends.table import BACKENDS
from gateway.errors import NotFound, UsageError
from gateway.store import accounts, objects
from gateway.store.accounts import AccountRow, CalendarRow
from gateway.store.database import Connection
from gateway.sync import calendars
from gateway.sync.calendars import Choices
from gateway.web import sessions
from gateway.web.forms import number
from gateway.web.keys import CLOCK, DATABASE, DESK
from gateway.web.language import Language, msg
from gateway.web.pages.app import calendars as shown
from gateway.web.pages.app.calendars import KINDS
from gateway.web.render import page
from gateway.web.sessions import SignedIn
from gateway.web.visitor import link, speak

# How the person came here -> what greets them, and whether it is all they wished for.
GREETINGS: Final[Mapping[str, tuple[str, bool]]] = {
    "new": (msg("{account} is connected. Here is what we suggest; change what you like."), True),
    "again": (msg("You are signed in again. Nothing you chose has changed."), True),
    "less": (msg("Writing was not allowed at {provider}, so {account} is connected for reading only."), False),
    "saved": (msg("Your choices are saved."), True),
}
KEEP: Final = "keep"


@dataclass(frozen=True, slots=True)
class Own:
    """every: all calendars of the person. counts: calendar -> objects here."""

    account: AccountRow
    every: list[CalendarRow]
    counts: Mapping[int, int]

    @property
    def calendars(self) -> list[CalendarRow]:
        return [row for row in self.every if row.account_id == self.account.id]


def own(conn: Connection, user: int, key: int) -> Own:
    """Raises: NotFound, also for an account of somebody else."""
    row = accounts.get(conn, key)
    if row is None or row.user_id != user:
        raise NotFound("there is no such account")
    every = accounts.calendars(conn, user)
    return Own(row, every, objects.counts(conn, [one.id for one in every if one.account_id == key]))


async def show(request: web.Request) -> web.Response:
    signed_in = await sessions.required(request)
    return await _page(request, signed_in)


async def save(request: web.Request) -> web.Response:
    signed_in, form = await sessions.posted(request)
    key, now = int(request.match_info["id"]), request.app[CLOCK]()
    choices = _choices(form)
    try:
        await request.app[DATABASE].write(calendars.choose, signed_in.person.id, key, choices, now)
    except UsageError:
        return await _page(request, signed_in, typed=choices)
    request.app[DESK].sync.bell.ring()
    raise web.HTTPSeeOther(link(f"/app/accounts/{key}", {}, came="saved"))


def _choices(form: MultiMapping[object]) -> Choices:
    chosen = str(form.get("destination", KEEP))
    return Choices(_numbers(form.getall("merged", [])), _numbers(form.getall("busy", [])), number(chosen) or None)


def _numbers(values: Iterable[object]) -> frozenset[int]:
    return frozenset(number(str(value)) for value in values) - {0}


async def _page(request: web.Request, signed_in: SignedIn, *, typed: Choices | None = None) -> web.Response:
    """typed: choices that could not be saved, to be mended."""
    key, spoken, now = int(request.match_info["id"]), speak(request), request.app[CLOCK]()
    mine = await request.app[DATABASE].read(own, signed_in.person.id, key)
    view = shown.account(mine.account, mine.every, spoken, now)
    notice, good = _greeting(request, mine.account, spoken)
    values = {
        "person": signed_in.person,
        "csrf": signed_in.session.csrf,
        "account": view,
        "notice": "" if typed else notice,
        "good": good,
        "wrong": typed is not None,
        "remote": BACKENDS[mine.account.kind].remote,
        "upgrade": shown.sign_in_link(mine.account, WRITE) if view["reads_only"] else "",
        "provider": spoken.text(KINDS.get(mine.account.kind, mine.account.kind)),
        "rows": [_row(row, mine, spoken, typed) for row in mine.calendars],
        "elsewhere": _elsewhere(mine, spoken, typed),
        "follow": view["state"] == "waiting" or any(_reading(row) for row in mine.calendars),
    }
    return page(request, "account.html", values, spoken=spoken, status=200 if typed is None else 409)


def _greeting(request: web.Request, row: AccountRow, spoken: Language) -> tuple[str, bool]:
    message, good = GREETINGS.get(request.query.get("came", ""), ("", True))
    provider = spoken.text(KINDS.get(row.kind, row.kind))
    return spoken.text(message, provider=provider, account=row.displayname) if message else "", good


def _reading(row: CalendarRow) -> bool:
    """Counts for something, and was never read to its end."""
    return BACKENDS[row.kind].remote and row.synced is None and row.counts


def _row(row: CalendarRow, mine: Own, spoken: Language, typed: Choices | None) -> dict[str, Any]:
    view = shown.calendar(row)
    if typed is not None:
        view |= {
            "merged": row.id in typed.merged,
            "busy": row.id in typed.busy,
            "destination": row.id == typed.destination,
        }
    words = _words(row, mine.counts.get(row.id, 0), spoken, ok=mine.account.state == "ok")
    return {**view, "words": words}


def _words(row: CalendarRow, count: int, spoken: Language, *, ok: bool) -> str:
    """How far it is read. ok: its account is."""
    if _reading(row):
        if not count:
            return spoken.text("Being read for the first time") if ok else spoken.text("Not read yet")
        return spoken.plural("Being read: {n} event so far", "Being read: {n} events so far", count)
    if BACKENDS[row.kind].remote and not row.counts:
        return spoken.text("Not read")
    return spoken.plural("{n} event", "{n} events", count)


def _elsewhere(mine: Own, spoken: Language, typed: Choices | None) -> dict[str, Any]:
    """The choice to leave new events where they go now, if that is another account's calendar, or none."""
    now = next((row for row in mine.every if row.destination and row.writable), None)
    here = now is not None and now.account_id == mine.account.id
    name = spoken.text("Your calendar on this server") if now is None else now.title
    chosen = typed.destination is None if typed else not here
    return {"shown": not here, "name": name, "chosen": chosen}
