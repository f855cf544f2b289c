"""Organisations at the simulated clouds, and commands that know of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from gateway.backends.google.service_account import DIRECTORY, WRITING
from gateway.store import accounts, principals
from gateway.sync.calendars import remove_account
from tests.cli.run import Done, run, run_here
from tests.story.stage import Stage

SCOPES = (*WRITING, *DIRECTORY)
NUMBERS = count(1)
WAYS = ("service-account", "app-only")


@dataclass(frozen=True)
class Shell:
    """Commands, and two organisations that only this test knows. domain: of both. key: file of the service account's
    key. names: what new people are called there.
    """

    stage: Stage
    folder: Path
    domain: str
    key: str

    def __call__(self, *given: str) -> Done:
        return run(self.folder, *self._told(given))

    def here(self, *given: str) -> Done:
        """In this process, which is quicker."""
        return run_here(self.folder, *self._told(given))

    def _told(self, given: tuple[str, ...]) -> tuple[str, ...]:
        filled = [one.replace("DOMAIN", self.domain).replace("NAME", self.name) for one in given]
        return ("--config", str(self.stage.world.folder / "gateway.toml"), *filled)

    @property
    def name(self) -> str:
        """Of somebody who is new."""
        return f"new-{self.domain.partition('.')[0]}"

    @property
    def robot(self) -> str:
        return f"gateway@{self.domain}"

    def at(self, name: str) -> str:
        return f"{name}@{self.domain}"

    def accounts(self) -> dict[str, accounts.AccountRow]:
        """Those that organisations opened, by their names."""
        rows = self.stage.read(accounts.everyone)
        return {row.displayname: row for row in rows if row.settings.get("sign_in") in WAYS}

    def write(self, name: str, text: str) -> str:
        (self.folder / name).write_text(text, encoding="utf-8")
        return name

    def known_as(self, user: str, name: str) -> None:
        """Somebody here has an address of the organisation."""
        self.stage.run(self.stage.parts.db.write(principals.add_address, self.stage.person(user).id, self.at(name)))

    def delegate(self, *scopes: str) -> None:
        self.stage.do(self.stage.world.google.delegate, self.robot, self.domain, scopes)


ALL_OF_GOOGLE = (
    *("account", "add", "--all-of", "DOMAIN", "google", "--service-account", "key.json"),
    *("--admin", "admin@DOMAIN"),
)
ALL_OF_OUTLOOK = ("account", "add", "--all-of", "DOMAIN", "outlook", "--app-only")


@contextmanager
def organisations(stage: Stage, folder: Path) -> Iterator[Shell]:
    """Accounts that are connected meanwhile are removed afterwards."""
    domain = f"org{next(NUMBERS)}.example"
    google, microsoft = stage.world.google, stage.world.microsoft
    made = Shell(stage, folder, domain, stage.do(google.service_account, f"gateway@{domain}", domain, SCOPES))
    made.write("key.json", made.key)
    stage.do(google.add_person, made.at("admin"), "Ada Admin", admin=True)
    stage.do(google.add_person, made.at("bob"), "Bob Brandt")
    stage.do(google.add_person, made.at(made.name), "New Person", aliases=[made.at("np")])
    stage.do(google.add_person, made.at("away"), "Away", suspended=True)
    stage.do(google.add_person, made.at("filed"), "Filed", archived=True)
    box = stage.do(microsoft.add_person, made.at("bob"), "Bob Brandt", upn=made.at("bbrandt"))
    stage.do(microsoft.add_person, made.at(made.name), "New Person")
    stage.do(microsoft.add_person, made.at("guest"), "Guest", kind="Guest")
    stage.do(microsoft.add_person, made.at("leaver"), "Leaver", enabled=False)
    stage.do(microsoft.add_person, made.at("nobox"), "No Mailbox", mailbox=False)
    stage.do(microsoft.add_person, made.at("room"), "Room 1", purpose="room")
    stage.do(microsoft.add_person, made.at("shared"), "Info", purpose="shared")
    day = stage.world.week.day(31)
    begin, end = ({"dateTime": f"{day}T{hour}:00:00", "timeZone": "Europe/Berlin"} for hour in ("09", "10"))
    stage.do(google.add_event, made.at("bob"), {"summary": f"google {domain}", "start": begin, "end": end})
    stage.do(microsoft.add_event, box, {"subject": f"outlook {domain}", "start": begin, "end": end})
    before = {row.id for row in stage.read(accounts.everyone)}
    yield made
    for row in stage.read(accounts.everyone):
        if row.id not in before:
            stage.calendars(remove_account, row.user_id, row.id)


@contextmanager
def changed(thing: object, **values: object) -> Iterator[None]:
    before = {name: getattr(thing, name) for name in values}
    for name, value in values.items():
        setattr(thing, name, value)
    yield
    for name, value in before.items():
        setattr(thing, name, value)


def refused(done: Done, *words: str, status: int = 1) -> None:
    assert (done.status, done.out) == (status, ""), done
    assert status == 2 or done.lines == 1, done.err
    for word in words:
        assert word in done.err, done.err


def what(done: Done) -> dict[str, list[str]]:
    """First part of the mailbox's address -> person, what, note."""
    return {row[0].partition("@")[0]: row[1:] for row in done.rows[1:] if row and "@" in row[0]}
