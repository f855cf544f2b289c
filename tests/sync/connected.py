"""One person with one account at a simulated cloud, over the real backends and a database file; may start again."""

import asyncio
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from cryptography.fernet import Fernet

from gateway.accounts.connect import Connections, add_account
from gateway.accounts.people import add_person
from gateway.accounts.sealed import Sealer
from gateway.backends.base import Backend, Outside
from gateway.config import Server, Settings
from gateway.ical.objects import read_lenient
from gateway.ical.recurrence import instances
from gateway.store import accounts, members, objects, principals
from gateway.store.accounts import AccountRow, CalendarRow
from gateway.store.database import Database
from gateway.store.principals import Principal
from gateway.sync.context import Sync
from tests.sync.clouds import BERLIN, SPAN, Cloud, Seen
from tests.sync.conftest import Clock

Wrap = Callable[[Backend], Backend]


def no_wrap(backend: Backend) -> Backend:
    return backend


def occurrences(text: str) -> Seen:
    """As the clouds tell them: title and start."""
    obj = read_lenient(text)
    found = instances(obj, *(int(when.timestamp()) for when in SPAN), BERLIN)
    return [(obj.components[one.component].text("SUMMARY"), datetime.fromtimestamp(one.start, UTC)) for one in found]


class Connected:
    """clock: of ours and the cloud's. wrap: what stands between us and each backend that is opened.

    impatient: requests do not wait for the provider; else they do until it answers.
    home: our URL, where providers reach us with their notices; "": they do not.
    """

    def __init__(
        self, empty: Path, folder: Path, cloud: Cloud, outside: Outside, clock: Clock, *, home: str = ""
    ) -> None:
        shutil.copy(empty, folder / "gateway.sqlite")
        self.url = f"sqlite:///{folder}/gateway.sqlite"
        there = {"google": outside.google, "microsoft": outside.microsoft}
        self.settings = Settings(server=Server(base_url=home), **there) if home else Settings()
        self.cloud, self.clock, self.outside = cloud, clock, outside
        self.sealer = Sealer([Fernet.generate_key()])
        self.wrap: Wrap = no_wrap
        self.random = 0.5
        self.impatient = False
        self.db = Database(self.url)
        key = self.db.write_now(add_person, "alice", "alice@home.example", zone="Europe/Berlin", now=1)
        self.user = key
        self.account = 0
        self.open()

    def open(self) -> None:
        """As a process does that starts: nothing is known but what the database has."""
        self.db.close()
        self.db = Database(self.url)
        connections = Connections(self.db, self.sealer, self.outside)
        self.sync = Sync(
            self.db,
            self.settings,
            lambda row: self._wrapped(connections, row),
            self.clock,
            self.sleep,
            random=lambda: self.random,
        )

    def _wrapped(self, connections: Connections, row: AccountRow) -> Backend:
        return self.wrap(connections.backend(row))

    async def sleep(self, seconds: float) -> None:
        if seconds == self.sync.settings.sync.push_budget and not self.impatient:
            await asyncio.Event().wait()
        await asyncio.sleep(0.02)  # whoever is at work goes first
        self.clock.now += seconds

    async def connect(self) -> None:
        """Also again, after the sign-in was taken back."""
        cloud = self.cloud
        self.account = await add_account(
            self.db,
            self.sealer,
            self.outside,
            user=self.user,
            kind=cloud.kind,
            settings=cloud.settings,
            secret=cloud.secret(),
            now=int(self.clock()),
        )

    @property
    def alice(self) -> Principal:
        return self.db.read_now(principals.by_id, self.user)

    @property
    def calendar(self) -> CalendarRow:
        [found] = self.db.read_now(accounts.account_calendars, self.account)
        return found

    def served(self) -> dict[str, str]:
        return {row.href: row.text for row in self.db.read_now(members.texts, self.alice.merged)}

    def seen(self) -> Seen:
        """Of what the cloud's calendar has here, as clients see it."""
        rows = self.db.read_now(objects.of_user, self.user)
        return sorted(one for row in rows if row.calendar_id == self.calendar.id for one in occurrences(row.text))

    def close(self) -> None:
        self.db.close()
