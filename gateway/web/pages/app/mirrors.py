"""Busy time that appears in another calendar."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web

from gateway.backends.table import BACKENDS
from gateway.mirror import choose
from gateway.mirror.text import word
from gateway.store import accounts, mirrors
from gateway.store.accounts import AccountRow, CalendarRow
from gateway.store.database import Connection
from gateway.store.mirrors import MirrorRow
from gateway.web.keys import DATABASE
from gateway.web.language import Language, msg
from gateway.web.pages.app.calendars import account_name, sign_in_link
from gateway.web.pages.app.section import Visit, ago

FORM: Final = "/app/mirrors"
PROBLEMS: Final[Mapping[str, str]] = {
    "signed-out": msg("Paused: the sign-in there has expired. It goes on when you have signed in again."),
    "read-only": msg("Paused: the calendar takes no changes at the moment."),
    "gone": msg("Paused: the calendar is no longer there."),
    "refused": msg("The provider refused a block. It is tried again by and by."),
    "failing": msg("The provider cannot be reached. It is tried again by and by."),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a form was sent with, shown again where it could not be done. Numbers as they were typed."""

    sources: frozenset[str] = frozenset()
    target: str = ""
    days: str = str(choose.DAYS)
    summary: str = ""


async def asked_of(request: web.Request) -> Asked:
    """What the form was sent with, if it was."""
    if request.method != "POST" or request.path != FORM:
        return Asked()
    form = await request.post()
    sources = frozenset(str(value) for value in form.getall("from", []))
    return Asked(sources, *(str(form.get(name, "")) for name in ("to", "days", "text")))


@dataclass(frozen=True, slots=True)
class Own:
    calendars: list[CalendarRow]
    accounts: dict[int, AccountRow]
    mirrors: list[MirrorRow]
    sources: dict[int, list[int]]
    targets: dict[int, CalendarRow | None]


def own(conn: Connection, user: int) -> Own:
    rows = mirrors.of_user(conn, user)
    return Own(
        accounts.calendars(conn, user),
        {row.id: row for row in accounts.of_user(conn, user)},
        rows,
        {row.id: mirrors.sources(conn, row.id) for row in rows},
        {row.id: accounts.calendar(conn, row.target_id) for row in rows},
    )


async def section(visit: Visit) -> dict[str, Any]:
    mine = await visit.request.app[DATABASE].read(own, visit.signed_in.person.id)
    spoken = visit.spoken
    asked = await asked_of(visit.request)
    names = {row.id: row.title for row in mine.calendars}
    return {
        "mirrors": [_mirror(row, mine, names, spoken, visit.now) for row in mine.mirrors],
        "mirror_asked": asked,
        "mirror_sources": _choices(mine.calendars, mine, asked, spoken),
        "mirror_targets": _choices([row for row in mine.calendars if _takes_blocks(row)], mine, asked, spoken),
        "mirror_most_days": choose.MOST_DAYS,
        "mirror_longest": choose.LONGEST_SUMMARY,
        "mirror_word": word(visit.signed_in.person.locale),
    }


def _takes_blocks(row: CalendarRow) -> bool:
    """In one that lives here nobody would see them."""
    return row.writable and BACKENDS[row.kind].remote


def _choices(rows: list[CalendarRow], mine: Own, asked: Asked, spoken: Language) -> list[dict[str, Any]]:
    """Calendars under their accounts."""
    found: dict[int, dict[str, Any]] = {
        account: {"name": account_name(row, spoken), "calendars": []} for account, row in mine.accounts.items()
    }
    for row in rows:
        chosen, target = str(row.id) in asked.sources, str(row.id) == asked.target
        shown = {"id": row.id, "name": row.displayname, "chosen": chosen, "target": target}
        found[row.account_id]["calendars"].append(shown)
    return [one for one in found.values() if one["calendars"]]


def _mirror(row: MirrorRow, mine: Own, names: Mapping[int, str], spoken: Language, now: float) -> dict[str, Any]:
    target = mine.targets[row.id]
    account = None if target is None else mine.accounts.get(target.account_id)
    state, words = _state(row, spoken, now)
    return {
        "id": row.id,
        "sources": ", ".join(names[key] for key in mine.sources[row.id] if key in names),
        "target": "" if target is None else target.displayname,
        "account": "" if account is None else account_name(account, spoken),
        "renew": "" if account is None or state != "signed-out" else sign_in_link(account),
        "state": state,
        "words": words,
        "error": row.error if row.problem in {"refused", "failing"} else "",
        "ending": row.ending,
    }


def _state(row: MirrorRow, spoken: Language, now: float) -> tuple[str, str]:
    """A word for the style, and words for people."""
    if row.problem:
        waiting = spoken.text(PROBLEMS.get(row.problem, PROBLEMS["failing"]))
        if row.ending:
            left = spoken.plural("{n} block is still there.", "{n} blocks are still there.", row.left)
            return "failing", f"{left} {waiting}"
        return "signed-out" if row.problem == "signed-out" else "failing", waiting
    if row.ending:
        return "waiting", spoken.plural(
            "Being taken down, {n} block is still there", "Being taken down, {n} blocks are still there", row.left
        )
    if row.left:
        return "waiting", spoken.plural("{n} change is on its way", "{n} changes are on their way", row.left)
    if row.settled is None:
        return "waiting", spoken.text("Begins in a moment")
    return "ok", spoken.text("Up to date, {ago}", ago=ago(now - row.settled, spoken))
