"""Accounts with their calendars."""

from collections.abc import Mapping
from typing import Any, Final

from gateway.store import accounts
from gateway.store.accounts import AccountRow, CalendarRow
from gateway.store.database import Connection
from gateway.web.accent import hexadecimal, parse
from gateway.web.keys import DATABASE, SETTINGS
from gateway.web.language import Language, msg
from gateway.web.pages.app.section import Visit, ago

NEUTRAL: Final = "#868d9a"
KINDS: Final[Mapping[str, str]] = {
    "google": "Google",
    "outlook": "Outlook",
    "caldav": "CalDAV",
    "feed": msg("Calendar feed"),
    "radicale": "Radicale",
    "local": msg("On this server"),
}
# Kinds of account with a sign-in page of their own, and their section of the settings.
CONNECTABLE: Final = {"google": "google", "outlook": "microsoft"}


async def section(visit: Visit) -> dict[str, Any]:
    request, spoken = visit.request, visit.spoken
    rows, every = await request.app[DATABASE].read(_own, visit.signed_in.person.id)
    return {
        "accounts": [_account(row, every, spoken, visit.now) for row in rows],
        "providers": [
            {"name": KINDS[kind], "link": f"/oauth/{kind}/start"}
            for kind, part in CONNECTABLE.items()
            if getattr(request.app[SETTINGS], part).client_id
        ],
    }


def _own(conn: Connection, user: int) -> tuple[list[AccountRow], list[CalendarRow]]:
    return accounts.of_user(conn, user), accounts.calendars(conn, user)


def _account(row: AccountRow, every: list[CalendarRow], spoken: Language, now: float) -> dict[str, Any]:
    state, health = _health(row, spoken, now)
    kind = spoken.text(KINDS.get(row.kind, row.kind))
    return {
        "name": kind if row.displayname in {"", row.kind, kind} else f"{kind} · {row.displayname}",
        "state": state,
        "health": health,
        "advice": row.error if row.state != "ok" else "",
        "renew": f"/oauth/{row.kind}/start" if state == "signed-out" and row.kind in CONNECTABLE else "",
        "calendars": [_calendar(calendar) for calendar in every if calendar.account_id == row.id],
    }


def _health(row: AccountRow, spoken: Language, now: float) -> tuple[str, str]:
    """A word for the style, and words for people."""
    if row.kind == "local":
        return "ok", spoken.text("Always up to date")
    since = "" if row.synced is None else ago(now - row.synced, spoken)
    if row.state == "signed-out":
        return row.state, spoken.text("Sign-in has expired")
    if row.state != "ok" and since:
        return "failing", spoken.text("Cannot be read; last time {ago}", ago=since)
    if row.state != "ok":
        return "failing", spoken.text("Cannot be read")
    if since:
        return "ok", spoken.text("Up to date, {ago}", ago=since)
    return "waiting", spoken.text("Being read for the first time")


def _calendar(row: CalendarRow) -> dict[str, Any]:
    shade = parse(row.color)
    return {
        "id": row.id,
        "name": row.displayname,
        "color": NEUTRAL if shade is None else hexadecimal(shade),
        "writable": row.writable,
        "merged": row.merged,
        "busy": row.busy,
        "destination": row.destination,
    }
