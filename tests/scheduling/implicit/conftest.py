"""People with a calendar here who invite each other, without a server in between."""

import pytest

from gateway.accounts.people import add_person
from gateway.config import Settings
from gateway.store import principals
from gateway.sync.context import Sync
from tests.scheduling.implicit.stage import Person, Stage
from tests.sync.conftest import Clock

MAIL = {"smtp_url": "smtp://mail.example.com", "from": "calendar@example.com"}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def shelves() -> dict:
    """The fake providers, by account id."""
    return {}


@pytest.fixture
def sync(db, clock, shelves) -> Sync:
    settings = Settings(mail=MAIL)
    return Sync(db, settings, lambda row: shelves[row.id], clock, clock.sleep, random=lambda: 0.5)


@pytest.fixture
def stage(db, sync, clock, shelves) -> Stage:
    return Stage(db, sync, clock, shelves)


@pytest.fixture
def person(db, stage):
    """Makes somebody."""

    def make(name: str, **more) -> Person:
        key = db.write_now(add_person, name, f"{name}@example.com", zone="Europe/Berlin", now=1, **more)
        return Person(stage, db.read_now(principals.by_id, key))

    return make


@pytest.fixture
def alice(person) -> Person:
    return person("alice")


@pytest.fixture
def bob(person) -> Person:
    return person("bob")


@pytest.fixture
def carol(person) -> Person:
    return person("carol")
