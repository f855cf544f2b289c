"""Who may see or change one's calendars, and whose calendars one may."""

from typing import Any

from gateway.store import delegates, principals
from gateway.store.database import Connection
from gateway.store.principals import Principal
from gateway.web.keys import DATABASE
from gateway.web.pages.app.section import Visit


async def section(visit: Visit) -> dict[str, Any]:
    return await visit.request.app[DATABASE].read(_told, visit.signed_in.person)


def _told(conn: Connection, person: Principal) -> dict[str, Any]:
    given = _given(conn, person)
    owners = delegates.owners(conn, person.id)
    known = choices(conn, person)
    return {
        "delegates": [{"id": one.id, "name": one.displayname, "writes": writes} for one, writes in given],
        "delegate_choices": [one for one in known if one.id not in {row.id for row, _ in given}],
        "delegate_owners": [
            {"name": one.displayname, "user": one.name, "writes": delegates.WRITE in owners[one.id]}
            for one in principals.of_ids(conn, list(owners))
        ],
    }


def _given(conn: Connection, person: Principal) -> list[tuple[Principal, bool]]:
    """(who, whether they may write)."""
    writers = delegates.named(conn, person.id, delegates.WRITE)
    keys = {one.id for one in writers}
    readers = [one for one in delegates.named(conn, person.id, delegates.READ) if one.id not in keys]
    found = [*((one, True) for one in writers), *((one, False) for one in readers)]
    return sorted(found, key=lambda row: row[0].displayname.casefold())


def choices(conn: Connection, person: Principal) -> list[Principal]:
    """Whom they may name: the people and teams that they know."""
    return principals.of_ids(conn, principals.colleagues(conn, person.id))
