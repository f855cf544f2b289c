"""What comes from outside is as long as it is there, on either database."""

from dataclasses import replace

from gateway.model import RemoteCalendar
from gateway.store import accounts, objects, principals, properties
from gateway.store.database import Connection, Database
from gateway.store.objects import Remote
from tests.store.conftest import ALICE, HOME
from tests.store.test_members import indexed

LONG = "x" * 1_000


def test_what_providers_and_clients_call_things(db: Database) -> None:
    def keep(conn: Connection) -> int:
        account = accounts.add(conn, ALICE, "caldav", LONG, {}, None, 0)
        properties.put(conn, ALICE, "/dav/", {f"{{{LONG}}}name": LONG})
        principals.change(conn, ALICE, {"displayname": LONG})
        principals.add_app_password(conn, ALICE, LONG, "digest", 0)
        row = replace(indexed("uid", "1"), summary=LONG, organizer=LONG, mirror=LONG)
        objects.put(conn, ALICE, HOME, "uid.ics", LONG, row, Remote(LONG), 0)
        return accounts.add_calendar(conn, ALICE, account, RemoteCalendar(LONG, LONG, color=LONG, zone=LONG))

    row = db.read_now(accounts.calendar, db.write_now(keep))
    assert row is not None
    assert {row.remote_id, row.displayname, row.color, row.zone, row.account} == {LONG}
    assert db.read_now(properties.get, ALICE, "/dav/") == {f"{{{LONG}}}name": LONG}
    assert db.read_now(principals.by_id, ALICE).displayname == LONG
