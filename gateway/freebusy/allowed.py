"""Who may ask for whose busy time."""

from gateway.store import delegates, principals
from gateway.store.database import Connection
from gateway.store.principals import Principal


def may_ask(conn: Connection, asker: int, person: Principal) -> bool:
    """Of themselves, of those of a common team or who share their calendars, and of whoever lets the world know.

    asker: id. person: may be a team.
    """
    if person.freebusy_published and person.freebusy_token is None:
        return True
    if person.id == asker or person.id in principals.colleagues(conn, asker):
        return True
    return person.id in delegates.owners(conn, asker)
