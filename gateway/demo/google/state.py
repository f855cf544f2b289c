"""What the simulated Google remembers; all of it goes to JSON and back."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from gateway.demo.google.problems import ApiProblem, not_found

Event = dict[str, Any]
Clock = Callable[[], datetime]

ROLES: Final = ("none", "freeBusyReader", "reader", "writerWithoutPrivateAccess", "writer", "owner")
WRITERS: Final = ("writerWithoutPrivateAccess", "writer", "owner")
CONSUMER_SCOPE: Final = "https://www.googleapis.com/auth/calendar"


@dataclass(slots=True)
class Person:
    """aliases: further addresses. admin: may look into the directory. suspended, archived: may not sign in any more."""

    address: str
    name: str
    zone: str = "Europe/Berlin"
    aliases: list[str] = field(default_factory=list)
    admin: bool = False
    suspended: bool = False
    archived: bool = False


@dataclass(slots=True)
class ServiceAccount:
    """keys: public ones (PEM) by their ids. delegated: by domain, the scopes its admin authorised for the client id."""

    email: str
    client_id: str
    keys: dict[str, str] = field(default_factory=dict)
    delegated: dict[str, list[str]] = field(default_factory=dict)


@dataclass(slots=True)
class Calendar:
    """access: roles of people, and of whole domains. events: by id; deleted ones stay as tombstones.

    generation: rises when all sync tokens are made to expire. meets: Meet conferences are offered.
    """

    id: str
    summary: str
    zone: str
    access: dict[str, str]
    description: str = ""
    events: dict[str, Event] = field(default_factory=dict)
    generation: int = 0
    meets: bool = True

    def role(self, person: str) -> str:
        """Of the person's own entry in the access list, else of their domain's."""
        return self.access.get(person) or self.access.get(person.rpartition("@")[2]) or "none"


@dataclass(slots=True)
class Entry:
    """A calendar in somebody's list."""

    calendar: str
    selected: bool = True
    hidden: bool = False
    override: str = ""
    color: str = "#9fe1e7"
    reminders: list[dict[str, Any]] = field(default_factory=lambda: [{"method": "popup", "minutes": 10}])


@dataclass(slots=True)
class Grant:
    """A refresh token, an access token or a code. expires: ISO time, "" for never; extra: what it was asked with."""

    person: str
    client: str
    scopes: list[str]
    expires: str = ""
    parent: str = ""
    extra: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Channel:
    id: str
    resource: str
    calendar: str
    person: str
    address: str
    token: str
    expires: str
    number: int = 0


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail Google sends. method: REQUEST, CANCEL or REPLY. text: the iTIP message; heading: the mail's subject."""

    sender: str
    to: str
    method: str
    event: str
    summary: str
    text: str = field(default="", compare=False)
    heading: str = field(default="", compare=False)


@dataclass(slots=True)
class State:
    """keeps_exceptions: a new time or rule leaves the exceptions of a series alone. slow_conferences: are pending in
    the answer that asked for them.
    """

    people: dict[str, Person] = field(default_factory=dict)
    calendars: dict[str, Calendar] = field(default_factory=dict)
    lists: dict[str, list[Entry]] = field(default_factory=dict)
    refresh: dict[str, Grant] = field(default_factory=dict)
    access: dict[str, Grant] = field(default_factory=dict)
    codes: dict[str, Grant] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    services: dict[str, ServiceAccount] = field(default_factory=dict)
    mails: list[Mail] = field(default_factory=list)
    revision: int = 0
    serial: int = 0
    keeps_exceptions: bool = False
    slow_conferences: bool = False

    def next_revision(self) -> int:
        self.revision += 1
        return self.revision

    def next_serial(self) -> int:
        self.serial += 1
        return self.serial

    def calendar(self, person: str, calendar: str) -> tuple[Calendar, str]:
        """The calendar and the person's role in it; "primary" is the person's own.

        Raises: 404, also for calendars the person may not see.
        """
        found = self.calendars.get(person if calendar == "primary" else calendar)
        role = found.role(person) if found else "none"
        if found is None or role == "none":
            raise not_found()
        return found, role

    def entry(self, person: str, calendar: str) -> Entry:
        name = person if calendar == "primary" else calendar
        for entry in self.lists.get(person, []):
            if entry.calendar == name:
                return entry
        raise not_found()

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def from_json(saved: Mapping[str, Any]) -> State:
    return State(
        people={key: Person(**row) for key, row in saved["people"].items()},
        calendars={key: Calendar(**row) for key, row in saved["calendars"].items()},
        lists={key: [Entry(**row) for row in rows] for key, rows in saved["lists"].items()},
        refresh={key: Grant(**row) for key, row in saved["refresh"].items()},
        access={key: Grant(**row) for key, row in saved["access"].items()},
        codes={key: Grant(**row) for key, row in saved["codes"].items()},
        channels={key: Channel(**row) for key, row in saved["channels"].items()},
        services={key: ServiceAccount(**row) for key, row in saved["services"].items()},
        mails=[Mail(**row) for row in saved["mails"]],
        revision=saved["revision"],
        serial=saved["serial"],
        keeps_exceptions=saved.get("keeps_exceptions", False),
        slow_conferences=saved.get("slow_conferences", False),
    )


def stamp(now: datetime) -> str:
    """As Google writes instants: UTC, milliseconds."""
    return now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{now.microsecond // 1000:03d}Z"


def later(now: datetime, seconds: float) -> str:
    return (now + timedelta(seconds=seconds)).isoformat()


def writable(role: str) -> None:
    if role not in WRITERS:
        raise ApiProblem(
            403, "requiredAccessLevel", "You need to have writer access to this calendar.", domain="calendar"
        )
