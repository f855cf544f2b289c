"""Changes that a provider would not have after the calendar app was told they are kept."""

from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web

from gateway.store import accounts, refusals
from gateway.store.accounts import AccountRow
from gateway.store.database import Connection
from gateway.store.refusals import Refusal
from gateway.web import sessions
from gateway.web.keys import DATABASE
from gateway.web.language import msg
from gateway.web.pages.app.calendars import KINDS
from gateway.web.pages.app.section import Visit, ago

TROUBLES: Final[Mapping[str, str]] = {
    "refused": msg("{provider} refused the change."),
    "read-only": msg("The calendar there takes no changes."),
    "gone": msg("The event, or its calendar, is no longer there."),
}


async def section(visit: Visit) -> dict[str, Any]:
    rows, owners = await visit.request.app[DATABASE].read(_own, visit.signed_in.person.id)
    return {"refusals": [_refusal(row, owners[row.account_id], visit) for row in rows]}


def _refusal(row: Refusal, account: AccountRow, visit: Visit) -> dict[str, Any]:
    spoken = visit.spoken
    provider = spoken.text(KINDS[account.kind])
    return {
        "id": row.id,
        "summary": row.summary or spoken.text("An event without a title"),
        "where": provider,
        "words": spoken.text(TROUBLES.get(row.trouble, TROUBLES["refused"]), provider=provider),
        "reason": row.reason,
        "when": ago(visit.now - row.created, spoken),
    }


def _own(conn: Connection, user: int) -> tuple[list[Refusal], dict[int, AccountRow]]:
    return refusals.of_user(conn, user), {row.id: row for row in accounts.of_user(conn, user)}


async def dismiss(request: web.Request) -> web.Response:
    signed_in, _ = await sessions.posted(request)
    await request.app[DATABASE].write(refusals.dismiss, signed_in.person.id, int(request.match_info["id"]))
    raise web.HTTPSeeOther("/app")
