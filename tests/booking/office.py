"""A place to book at: Alice in Berlin with event types, her calendars, a clock that stands still."""

import asyncio
import shutil
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from cryptography.fernet import Fernet

from gateway.accounts.passwords import hash_password
from gateway.accounts.people import add_person
from gateway.accounts.sealed import Sealer
from gateway.booking.book import Wish
from gateway.booking.context import Desk
from gateway.booking.model import Invitee
from gateway.config import Settings
from gateway.store import accounts, bookings, jobs, members, principals
from gateway.store.database import Database
from gateway.sync.context import Sync
from tests.fakes.shelf import Shelf

NOW = 1_795_251_600  # Saturday, 2026-11-21 09:00 UTC
PASSWORD = "correct horse"
HASHED = hash_password(PASSWORD)

EVENT_TYPES = {
    "check-in": {"title": {"en": "Check-in", "de": "Kurz gesprochen"}, "length": 15},
    "one-on-one": {
        "title": {"en": "One-on-one", "de": "Gespräch"},
        "description": {"en": "Half an hour.", "de": "Eine halbe Stunde."},
        "length": 30,
        "after": 15,
        "places": [{"kind": "link", "text": "https://meet.example/{room}"}],
    },
    "consulting": {
        "title": "Consulting",
        "length": 60,
        "places": [{"kind": "call-invitee"}],
        "questions": [
            {"name": "topic", "label": "Topic", "kind": "choice", "options": ["CalDAV", "iTIP"], "required": True}
        ],
    },
    "far-away": {"title": "Far away", "length": 30, "notice": 60 * 24 * 20},
    "never": {"title": "Never", "length": 30, "hours": {"weekly": [[]] * 7}},
}


def at(text, zone="Europe/Berlin"):
    """Epoch seconds of a clock time."""
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp())


def wish(start="2026-11-24 10:00", *, name="Jörg Müller", email="joerg@example.org", **more):
    invitee = Invitee(name=name, email=email, zone="America/New_York", language="en")
    return Wish(at(start), invitee, **more)


@dataclass
class Office:
    db: Database
    settings: Settings
    now: float = NOW
    shelves: dict = field(default_factory=dict)

    def __post_init__(self):
        self.sync = Sync(self.db, self.settings, lambda row: self.shelves[row.id], self.clock, self.sleep)
        self.desk = Desk(self.db, self.settings, self.sync, Sealer([Fernet.generate_key()]), self.clock)
        self.alice = self.db.write_now(self.furnish)

    def clock(self):
        return self.now

    async def sleep(self, _seconds):
        await asyncio.Event().wait()

    @staticmethod
    def furnish(conn):
        person = add_person(
            conn,
            "alice",
            "alice@example.com",
            displayname="Alice Hartmann",
            password=HASHED,
            zone="Europe/Berlin",
            locale="de",
            now=NOW,
        )
        for position, (slug, document) in enumerate(EVENT_TYPES.items()):
            bookings.put_event_type(conn, person, slug, document, position=position, hidden=slug == "never")
        add_person(conn, "bob", "bob@example.com", zone="UTC", now=NOW)
        return principals.by_id(conn, person)

    def connect(self, kind="caldav"):
        """An account at a fake provider whose calendar takes new events."""
        account = self.db.write_now(accounts.add, self.alice.id, kind, kind, {}, None, NOW)
        shelf = self.shelves[account] = Shelf(verbatim=kind != "google")
        shelf.add_calendar("main", primary=True)

        def add(conn):
            key = accounts.add_calendar(conn, self.alice.id, account, shelf.calendars_["main"].calendar)
            accounts.set_destination(conn, self.alice.id, key)
            accounts.change(conn, account, synced=NOW)

        self.db.write_now(add)
        return shelf

    def person(self, name):
        return self.db.read_now(principals.by_name, name)

    def texts(self):
        """Everything in Alice's merged calendar."""
        return [row.text for row in self.db.read_now(members.texts, self.alice.merged)]

    def rows(self):
        return sorted(self.db.read_now(bookings.of_user, self.alice.id), key=lambda row: row.start)

    def mail_jobs(self):
        """(to, kind, SEQUENCE) of the mails that wait."""
        taken = self.db.write_now(jobs.take, now=self.now + 1e6, lease=0, most=1000)
        return sorted(
            (job.payload["to"], job.payload["kind"], job.payload["sequence"]) for job in taken if job.kind == "mail"
        )


def open_office(empty, folder, **settings):
    shutil.copy(empty, folder / "gateway.sqlite")
    return Office(Database(f"sqlite:///{folder}/gateway.sqlite"), Settings(**settings))
