"""Accounts with their calendars."""

from collections.abc import Mapping
from typing import Any, Final

from gateway.accounts.ways import is_organisations
from gateway.backends.base import reads_only
from gateway.store import accounts
from gateway.store.accounts import AccountRow, CalendarRow
from gateway.store.database import Connection
from gateway.web.accent import hexadecimal, parse
from gateway.web.keys import DATABASE, SETTINGS
from gateway.web.language import Language, msg
from gateway.web.pages.app.news import news
from gateway.web.pages.app.section import Visit, ago
from gateway.web.visitor import link

NEUTRAL: Final = "#868d9a"
MANY: Final = 5
"""Most calendars of an account that are all in sight, whatever they count for."""
KINDS: Final[Mapping[str, str]] = {
    "google": "Google",
    "outlook": "Outlook",
    "caldav": "CalDAV",
    "feed": msg("Calendar feed"),
    "radicale": "Radicale",
    "local": msg("On this server"),
    "zoom": "Zoom",
}
CLOSED: Final = msg(
    "Your organisation opened this account at {provider}, and it is closed now; only its admin can open it again."
    " What is known of your busy time stays, and what you change meanwhile is sent on afterwards."
)
TROUBLES: Final[Mapping[str, str]] = {
    "signed-out": msg(
        "The sign-in at {provider} has ended. What is known of your busy time stays, and what you change meanwhile is"
        " sent on once you have signed in again."
    ),
    "too-little": msg(
        "The sign-in at {provider} allows too little. Please sign in again and allow all that is asked for."
    ),
    "unreachable": msg(
        "{provider} cannot be reached at the moment. We keep trying; until then you see what was read last."
    ),
    "throttled": msg(
        "{provider} has asked us to slow down. We keep trying, more slowly; until then you see what was read last."
    ),
    "refused": msg(
        "{provider} does not give us these calendars. We keep trying; until then you see what was read last."
    ),
}
# Kinds of account with a sign-in page of their own, and their section of the settings.
CONNECTABLE: Final = {"google": "google", "outlook": "microsoft"}


async def section(visit: Visit) -> dict[str, Any]:
    request, spoken = visit.request, visit.spoken
    rows, every = await request.app[DATABASE].read(_own, visit.signed_in.person.id)
    told = await news(visit, rows)
    return {
        "accounts": [{**account(row, every, spoken, visit.now), "news": told[row.id]} for row in rows],
        "providers": [
            {"name": KINDS[kind], "link": f"/app/connect/{kind}"}
            for kind, part in CONNECTABLE.items()
            if getattr(request.app[SETTINGS], part).client_id
        ],
    }


def _own(conn: Connection, user: int) -> tuple[list[AccountRow], list[CalendarRow]]:
    return accounts.of_user(conn, user), accounts.calendars(conn, user)


def account(row: AccountRow, every: list[CalendarRow], spoken: Language, now: float) -> dict[str, Any]:
    """reason: the provider's or our own words, in English; advice says the same in the reader's language."""
    state, health = _health(row, spoken, now)
    return {
        "id": row.id,
        "name": account_name(row, spoken),
        "state": state,
        "health": health,
        "advice": _advice(row, spoken),
        "reason": "" if row.state == accounts.LEAVING else row.error,
        "renew": sign_in_link(row) if state == "signed-out" else "",
        "reads_only": reads_only(row.settings),
        **_calendars([calendar(one) for one in every if one.account_id == row.id]),
    }


def _calendars(shown: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Of many, those that count for nothing are folded away."""
    unused = [one for one in shown if not (one["merged"] or one["busy"] or one["separate"])]
    if len(shown) <= MANY or len(unused) < 2:
        unused = []
    return {"used": [one for one in shown if one not in unused], "unused": unused}


def account_name(row: AccountRow, spoken: Language) -> str:
    kind = spoken.text(KINDS.get(row.kind, row.kind))
    return kind if row.displayname in {"", row.kind, kind} else f"{kind} · {row.displayname}"


def sign_in_link(row: AccountRow, access: str = "") -> str:
    """To the provider's page, for this account. access: "": what it has. "" where its owner has nothing to do there."""
    if row.kind not in CONNECTABLE or is_organisations(row.settings):
        return ""
    return link(f"/oauth/{row.kind}/start", {}, account=str(row.id), access=access)


def _advice(row: AccountRow, spoken: Language) -> str:
    """What is wrong, and what comes of it."""
    if row.state == "ok":
        return spoken.text("Some of it could not be read or written.") if row.error else ""
    if row.state == accounts.LEAVING:
        return ""
    words = TROUBLES.get(row.trouble, TROUBLES["refused"])
    if row.state == "signed-out" and is_organisations(row.settings):
        words = CLOSED
    return spoken.text(words, provider=spoken.text(KINDS.get(row.kind, row.kind)))


def _health(row: AccountRow, spoken: Language, now: float) -> tuple[str, str]:
    """A word for the style, and words for people."""
    if row.kind == "local":
        return "ok", spoken.text("Always up to date")
    since = "" if row.synced is None else ago(now - row.synced, spoken)
    if row.state == accounts.LEAVING:
        return "waiting", spoken.text("Being disconnected: the busy blocks there are taken away first")
    if row.state == "signed-out":
        return row.state, spoken.text("Sign-in has expired")
    if row.state != "ok" and since:
        return "failing", spoken.text("Cannot be read; last time {ago}", ago=since)
    if row.state != "ok":
        return "failing", spoken.text("Cannot be read")
    if since:
        return "ok", spoken.text("Up to date, {ago}", ago=since)
    return "waiting", spoken.text("Being read for the first time")


def calendar(row: CalendarRow) -> dict[str, Any]:
    shade = parse(row.color)
    return {
        "id": row.id,
        "name": row.displayname,
        "color": NEUTRAL if shade is None else hexadecimal(shade),
        "writable": row.writable,
        "merged": row.merged,
        "busy": row.busy,
        "separate": row.separate,
        "destination": row.destination and row.writable,
    }
