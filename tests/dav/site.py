"""A small application with the CalDAV surface and nothing else, over a fresh database."""

from collections.abc import Callable
from pathlib import Path

from aiohttp import web
from cryptography.fernet import Fernet

from gateway.accounts.authenticate import Authenticator
from gateway.accounts.passwords import digest
from gateway.accounts.people import add_person, add_team
from gateway.accounts.sealed import Sealer
from gateway.backends.base import Backend
from gateway.config import Settings
from gateway.dav import keys
from gateway.dav.routes import add_routes
from gateway.freebusy.others import Others
from gateway.store import principals
from gateway.store.accounts import AccountRow
from gateway.store.database import Connection, Database
from gateway.store.migrate import migrate
from gateway.sync.context import Sync

PASSWORDS = {name: f"{name}-pw" for name in ("alice", "bob", "carol", "dave")}
"""alice and bob are the team sales; bob and carol the team support; dave is alone."""

SEALER = Sealer([Fernet.generate_key()])


def people(conn: Connection) -> None:
    keys_of = {}
    for name, password in PASSWORDS.items():
        key = add_person(
            conn, name, f"{name}@example.com", displayname=f"{name.title()} Example", zone="Europe/Berlin", now=1
        )
        principals.add_app_password(conn, key, "test", digest(password), 1)
        keys_of[name] = key
    for team, members in {"sales": ("alice", "bob"), "support": ("bob", "carol")}.items():
        key = add_team(conn, team, f"{team}@example.com", displayname=team.title(), now=1)
        for member in members:
            principals.join_team(conn, key, keys_of[member])


def backend_for(row: AccountRow) -> Backend:
    raise AssertionError(f"nothing here is pushed to a {row.kind}")


def make_app(db: Database, settings: Settings, clock: Callable[[], float]) -> web.Application:
    app = web.Application()
    app[keys.DATABASE] = db
    app[keys.SETTINGS] = settings
    app[keys.CLOCK] = clock
    app[keys.SYNC] = Sync(db, settings, backend_for, clock)
    app[keys.OTHERS] = Others(db, backend_for, clock)
    app[keys.SEALER] = SEALER
    app[keys.AUTHENTICATOR] = Authenticator(db, settings, clock)
    add_routes(app)
    return app


def make_database(path: Path) -> Database:
    url = f"sqlite:///{path}"
    migrate(url)
    db = Database(url)
    db.write_now(people)
    return db
