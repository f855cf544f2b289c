"""What only the person can mend, before all else."""

from typing import Any, Final

from gateway.store import accounts, mirrors
from gateway.store.accounts import AccountRow, CalendarRow
from gateway.store.database import Connection
from gateway.store.mirrors import MirrorRow
from gateway.web.keys import DATABASE
from gateway.web.language import Language
from gateway.web.pages.app.calendars import account_name, sign_in_link
from gateway.web.pages.app.mirrors import PROBLEMS
from gateway.web.pages.app.section import Visit

# Problems of mirrors that somebody has to look at; the sign-in is its account's.
FOR_THE_PERSON: Final = frozenset({"read-only", "gone"})


async def section(visit: Visit) -> dict[str, Any]:
    rows, paused = await visit.request.app[DATABASE].read(_own, visit.signed_in.person.id)
    found = [_account(row, visit.spoken) for row in rows if row.state == "signed-out"]
    found += [_mirror(row, target, visit.spoken) for row, target in paused]
    return {"attention": found}


def _own(conn: Connection, user: int) -> tuple[list[AccountRow], list[tuple[MirrorRow, CalendarRow | None]]]:
    paused = [row for row in mirrors.of_user(conn, user) if row.problem in FOR_THE_PERSON]
    return accounts.of_user(conn, user), [(row, accounts.calendar(conn, row.target_id)) for row in paused]


def _account(row: AccountRow, spoken: Language) -> dict[str, str]:
    renew = sign_in_link(row)
    return {
        "name": account_name(row, spoken),
        "state": row.state,
        "words": spoken.text("Sign-in has expired"),
        "link": renew or f"/app/accounts/{row.id}",
        "todo": spoken.text("Sign in there again") if renew else spoken.text("Have a look"),
    }


def _mirror(row: MirrorRow, target: CalendarRow | None, spoken: Language) -> dict[str, str]:
    name = "" if target is None else target.displayname
    return {
        "name": spoken.text("Busy time in {name}", name=name),
        "state": "failing",
        "words": spoken.text(PROBLEMS[row.problem]),
        "link": "#h-mirrors",
        "todo": spoken.text("Have a look"),
    }
