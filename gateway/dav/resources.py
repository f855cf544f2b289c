"""What a request sees: one snapshot of the index through the eyes of who asks."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from functools import cached_property
from typing import Any, Final
from zoneinfo import ZoneInfo

from gateway.config import Settings
from gateway.dav import paths
from gateway.dav.calendar_data import CalendarData
from gateway.dav.paths import On, Place
from gateway.store import accounts, collections, delegates, principals, properties, push_keys
from gateway.store.accounts import CalendarRow
from gateway.store.collections import Collection
from gateway.store.database import Connection
from gateway.store.principals import Principal

Stored = Mapping[str, str]
"""Clark name -> the element that the person stored, as XML."""
NONE: Stored = {}


class Role(Enum):
    """What the asker is to the owner of a place."""

    OWNER = auto()
    WRITER = auto()  # may change what is in their calendars
    READER = auto()  # may see what is in their calendars, but for what is private
    COLLEAGUE = auto()  # shares a team with them, or is a member of that team
    KNOWN = auto()  # may see the calendars of the asker
    STRANGER = auto()


DELEGATES: Final = frozenset({Role.WRITER, Role.READER})


@dataclass(frozen=True, slots=True)
class Offers:
    """What the tables say a kind of resource can do, as ready inner XML.

    reports: of supported-report-set. methods: of supported-method-set. properties: of supported-live-property-set.
    writing: methods that change what is in a place.
    """

    reports: Mapping[On, str]
    methods: Mapping[On, str]
    properties: Mapping[On, str]
    writing: frozenset[str]


class View:
    """One request. now: epoch seconds. Whatever is read once is kept for the length of the request.

    method: of the request.
    """

    def __init__(
        self, conn: Connection, asker: Principal, settings: Settings, now: int, offers: Offers, method: str = ""
    ) -> None:
        self.conn = conn
        self.asker = asker
        self.settings = settings
        self.now = now
        self.offers = offers
        self.writes = method in offers.writing
        self.reached: dict[Place, bool] = {}
        self._calendars: dict[int, Mapping[int, CalendarRow]] = {}
        self._addresses: dict[int, frozenset[str]] = {}
        self._stored: dict[str, Stored] = {}

    @cached_property
    def colleagues(self) -> frozenset[int]:
        """Ids of who shares a team with the asker, and of those teams."""
        return principals.colleagues(self.conn, self.asker.id)

    @cached_property
    def push_key(self) -> str:
        """Our public key for push services; "": there is none, so nothing is pushed."""
        pair = push_keys.get(self.conn)
        return "" if pair is None else pair.public

    @cached_property
    def owners(self) -> Mapping[int, frozenset[str]]:
        """Ids of those whose calendars the asker may see, with what they may do there."""
        return delegates.owners(self.conn, self.asker.id)

    @cached_property
    def trusted(self) -> frozenset[int]:
        """Ids of those who may see the asker's calendars, and of their teams."""
        return delegates.reached(self.conn, self.asker.id)

    @property
    def known(self) -> frozenset[int]:
        """Ids of whom the asker may know of, but for themselves."""
        return (self.colleagues | self.trusted | self.owners.keys()) - {self.asker.id}

    def role(self, owner: Principal | None) -> Role:
        if owner is None:
            return Role.STRANGER
        if owner.id == self.asker.id:
            return Role.OWNER
        rights = self.owners.get(owner.id)
        if rights is not None:
            return Role.WRITER if delegates.WRITE in rights else Role.READER
        if owner.id in self.colleagues:
            return Role.COLLEAGUE
        return Role.KNOWN if owner.id in self.trusted else Role.STRANGER

    def calendars_of(self, person: int) -> Mapping[int, CalendarRow]:
        """Their source calendars."""
        if person not in self._calendars:
            self._calendars[person] = {row.id: row for row in accounts.calendars(self.conn, person)}
        return self._calendars[person]

    def addresses_of(self, principal: int) -> frozenset[str]:
        """Lower case without mailto:."""
        if principal not in self._addresses:
            self._addresses[principal] = principals.addresses(self.conn, principal)
        return self._addresses[principal]

    def stored(self, path: str) -> Stored:
        """What the asker stored at a path."""
        if path not in self._stored:
            self._stored[path] = properties.get(self.conn, self.asker.id, path)
        return self._stored[path]

    def stored_below(self, path: str) -> Mapping[str, Stored]:
        return properties.below(self.conn, self.asker.id, path)


@dataclass(slots=True)
class Resource:
    """One resource, or a cursor: a listing moves `member` along its rows, so that no object is made for each.

    owner: None for what belongs to nobody. member: a row like members.Listed or members.Text, of an OBJECT or MESSAGE.
    shelf: the collection it is or lies in, where that is not the merged calendar.
    """

    on: On
    view: View
    owner_or_none: Principal | None = None
    member: Any = None
    calendar_data: CalendarData | None = None
    alias: str = ""
    shelf: Collection | None = None

    @property
    def owner(self) -> Principal:
        if self.owner_or_none is None:
            raise LookupError(f"{self.on} belongs to nobody")
        return self.owner_or_none

    @property
    def path(self) -> str:
        """Percent-encoded; the canonical one, but for an alias."""
        if self.alias:
            return self.alias
        name = self.owner_or_none.name if self.owner_or_none else ""
        member = self.member.href if self.member else ""
        return paths.path_of(Place(self.on, name, member, collection=self.shelf.name if self.shelf else "merged"))

    @property
    def base(self) -> str:
        """Path of the calendar or inbox that it is or lies in."""
        in_inbox = self.on in On.IN_INBOX
        name = "inbox" if in_inbox else self.shelf.name if self.shelf else "merged"
        return paths.collection_path(self.owner.name, name)

    @property
    def collection(self) -> Collection:
        """That it is or lies in; read at the first need, as only boxes have to be looked up."""
        if self.shelf is None:
            in_inbox = self.on in On.IN_INBOX
            self.shelf = collections.inbox(self.view.conn, self.owner.id) if in_inbox else self.owner.calendar
        return self.shelf

    @property
    def role(self) -> Role:
        return self.view.role(self.owner_or_none)

    @property
    def calendars(self) -> Mapping[int, CalendarRow]:
        """The source calendars of its owner."""
        return self.view.calendars_of(self.owner.id)

    @property
    def stored(self) -> Stored:
        """What the asker stored here; to a delegate a calendar looks as its owner made it look, until they choose."""
        own = self.view.stored(self.path)
        if self.role in DELEGATES and self.on in On.OWNED and self.on not in On.MEMBER:
            return {**properties.get(self.view.conn, self.owner.id, self.path), **own}
        return own

    @property
    def source(self) -> CalendarRow | None:
        """The one calendar that a SEPARATE one shows; None for others."""
        return self.calendars.get(self.shelf.calendar_id or 0) if self.shelf else None

    @property
    def zone(self) -> ZoneInfo:
        """Where all-day and floating times are: of a calendar that a client made here, as it says."""
        row = self.source
        return ZoneInfo(row.zone) if row is not None and row.kind == "local" and row.zone else self.indexed_zone

    @property
    def indexed_zone(self) -> ZoneInfo:
        """Where they are as far as the index is concerned."""
        return ZoneInfo(self.owner.zone)

    @property
    def is_mine(self) -> bool:
        return self.owner_or_none is not None and self.owner_or_none.id == self.view.asker.id

    def sibling(self, on: On, shelf: Collection | None = None) -> "Resource":
        """Another resource of the same owner. shelf: of a SEPARATE calendar."""
        return Resource(on, self.view, self.owner_or_none, shelf=shelf)

    def cursor(self) -> "Resource":
        """For moving along the members of the collection that this is or lies in."""
        on = On.MESSAGE if self.on in On.IN_INBOX else On.OBJECT
        return self.sibling(on, self.collection)
