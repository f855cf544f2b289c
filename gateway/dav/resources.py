"""What a request sees: one snapshot of the index through the eyes of who asks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from gateway.config import Settings
from gateway.dav import paths
from gateway.dav.calendar_data import CalendarData
from gateway.dav.paths import On, Place
from gateway.store import accounts, collections, principals, properties, push_keys
from gateway.store.accounts import CalendarRow
from gateway.store.collections import Collection
from gateway.store.database import Connection
from gateway.store.principals import Principal

Stored = Mapping[str, str]
"""Clark name -> the element that the person stored, as XML."""
NONE: Stored = {}


@dataclass(frozen=True, slots=True)
class Offers:
    """What the tables say a kind of resource can do: ready inner XML of supported-report-set."""

    reports: Mapping[On, str]


class View:
    """One request. now: epoch seconds. Whatever is read once is kept for the length of the request."""

    def __init__(self, conn: Connection, asker: Principal, settings: Settings, now: int, offers: Offers) -> None:
        self.conn = conn
        self.asker = asker
        self.settings = settings
        self.now = now
        self.offers = offers
        self.reached: dict[Place, bool] = {}
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
    def calendars(self) -> Mapping[int, CalendarRow]:
        """The asker's source calendars."""
        return {row.id: row for row in accounts.calendars(self.conn, self.asker.id)}

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
    home: str = field(init=False)

    def __post_init__(self) -> None:
        self.home = paths.home_path(self.owner_or_none.name) if self.owner_or_none else ""

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
        in_inbox = self.on in On.INBOX | On.MESSAGE
        name = "inbox" if in_inbox else self.shelf.name if self.shelf else "merged"
        return paths.collection_path(self.owner.name, name)

    @property
    def collection(self) -> Collection:
        """That it is or lies in; read at the first need, as only boxes have to be looked up."""
        if self.shelf is None:
            in_inbox = self.on in On.INBOX | On.MESSAGE
            self.shelf = collections.inbox(self.view.conn, self.owner.id) if in_inbox else self.owner.calendar
        return self.shelf

    @property
    def source(self) -> CalendarRow | None:
        """The one calendar that a SEPARATE one shows; None for others."""
        return self.view.calendars.get(self.shelf.calendar_id or 0) if self.shelf else None

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
        on = On.MESSAGE if self.on in On.INBOX | On.MESSAGE else On.OBJECT
        return self.sibling(on, self.collection)
