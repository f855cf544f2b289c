"""What a provider must be able to do for us.

A backend keeps nothing, retries nothing and never sees the index. It turns what the provider says into the
values of gateway.model, by functions without I/O.
"""

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum, auto
from typing import Final, Protocol, runtime_checkable

from aiohttp import ClientSession

from gateway.config import Google, Microsoft
from gateway.errors import RefusedByProvider
from gateway.ical.objects import ParsedObject
from gateway.model import CalendarObject, Changes, Period, RemoteCalendar


class Pace(Protocol):
    """When an account's next request may go out, whichever process makes it."""

    def turn(self) -> AbstractAsyncContextManager[None]:
        """Waits for its turn; then one request is made inside, whose errors tell how the provider fares.

        Never taken inside another one.
        Raises: NotYet.
        """
        ...


class Unpaced:
    """At once, always."""

    def turn(self) -> AbstractAsyncContextManager[None]:
        return nullcontext()


UNPACED: Final[Pace] = Unpaced()


@dataclass(frozen=True, slots=True)
class Account:
    """A person's sign-in at a provider.

    settings: url, username, folder, owner, email …: what the kind of account needs and is no secret. Of all kinds:
        access (see reads_only), and primary, the id of the main calendar.
    secret: password, or the provider library's own JSON of tokens; "" where none is needed.
    save: keeps a renewed secret; await it before the renewed secret is used.
    pace: each request is made in a turn of it, renewals of tokens included.
    """

    settings: Mapping[str, str]
    secret: str = field(repr=False)
    save: Callable[[str], Awaitable[None]]
    pace: Pace = UNPACED


async def nobody(account: int) -> "Backend":
    """Raises: RefusedByProvider."""
    raise RefusedByProvider(f"the account {account} that asks is not connected")


@dataclass(frozen=True, slots=True)
class Outside:
    """What a backend may reach the world with.

    private_networks: hosts and networks that addresses typed in by people may lie in (settings, [limits]).
    pace: of an account, by its kind, its id (None: one that is not connected yet) and its primary ("": not known).
    clock: epoch seconds.
    through: the backend of another account, by its id; raises RefusedByProvider if there is none.
    """

    http: ClientSession
    google: Google
    microsoft: Microsoft
    private_networks: tuple[str, ...] = ()
    pace: Callable[[str, int | None, str], Pace] = lambda _kind, _account, _primary: UNPACED
    clock: Callable[[], float] = time.time
    through: "Callable[[int], Awaitable[Backend]]" = nobody


def reads_only(settings: Mapping[str, str]) -> bool:
    """Whether the owner of an account with these settings allowed reading only: `access` is "read", not "write"."""
    return settings.get("access") == "read"


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody in the directory of an organisation.

    mailbox: what the provider wants to hear when it is asked for their calendars. addresses: the main one first, in
    lower case.
    """

    mailbox: str
    name: str
    addresses: tuple[str, ...]


def as_allowed(settings: Mapping[str, str], found: Sequence[RemoteCalendar]) -> list[RemoteCalendar]:
    """The calendars as the owner of the account allows us to use them: without writing, where reading alone is."""
    return [replace(calendar, writable=False) if reads_only(settings) else calendar for calendar in found]


class Backend(Protocol):
    """Errors of every call: BackendUnavailable (later), SignInExpired (owner), RefusedByProvider (never)."""

    async def calendars(self) -> Sequence[RemoteCalendar]:
        """All calendars the account shows, in the provider's order."""
        ...

    def changes(self, calendar: str, token: str | None) -> AsyncIterator[Changes]:
        """What changed since `token`, page by page; everything (full=True) for None or a token that expired.

        No page at all means nothing changed and the token stays. Objects are whole: master and exceptions of a
        series come together, whichever of them changed.
        Raises: RemoteGone if the calendar is no more.
        """
        ...

    async def put(self, calendar: str, obj: CalendarObject, if_etag: str | None) -> CalendarObject:
        """Creates (if_etag None) or replaces (if it still has that etag) one object.

        obj.href: on creation a proposal; the answer carries the provider's own.
        Returns: the object as the provider holds it now, in our mapping of it.
        Raises: RemoteConflict, RemoteGone, ReadOnlyCalendar.
        """
        ...

    async def delete(self, calendar: str, href: str, if_etag: str | None) -> None:
        """Deletes it if it still has that etag (None: whatever it has). Already gone is success.

        Raises: RemoteConflict, ReadOnlyCalendar.
        """
        ...


@dataclass(frozen=True, slots=True)
class Hook:
    """Where a provider is to tell of changes.

    key: ours, never used before; letters, digits and dashes, at most 64. secret: comes back with every notice.
    """

    address: str
    key: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Channel:
    """A provider's promise to tell of changes in one calendar.

    id: what notices name it by, and with `resource` what ends it. expires: epoch seconds.
    greeted: the provider has tried the address already and got its answer.
    """

    id: str
    resource: str
    expires: float
    greeted: bool = False


@runtime_checkable
class Notifying(Protocol):
    """Backends whose provider tells of changes by itself. Errors as of Backend.

    Notices are hints without content, and may come late, twice or never: what changed is asked with `changes`.
    """

    async def watch(self, calendar: str, hook: Hook, until: float) -> Channel | None:
        """None: it sends no notices of this calendar, which has to be polled.

        until: epoch seconds; how long at most, the provider may grant less.
        Raises: Conflict if the key was used before; RemoteGone if the calendar is no more.
        """
        ...

    async def renew(self, channel: Channel, until: float) -> Channel | None:
        """The same one for longer; None: the provider renews none, another has to be opened beside it.

        Raises: RemoteGone if it is no more.
        """
        ...

    async def unwatch(self, channel: Channel) -> None:
        """Already gone is success."""
        ...


@runtime_checkable
class Listing(Protocol):
    """A notifying backend whose provider says which channels are open."""

    async def open_channels(self, address: str) -> Sequence[Channel]:
        """Those that we opened for this account and that tell that address; fewer, where it cannot say.

        resource: has the calendar's id in it.
        """
        ...


class Unanswered(Enum):
    """Why a person's busy time is not told; none of them means free.

    NOBODY: no such person, or none that the account may know of. CLOSED: known, but their time is not shown to the
    account. FAILED: could not be found out now.
    """

    NOBODY = auto()
    CLOSED = auto()
    FAILED = auto()


BusyTime = Sequence[Period] | Unanswered


@runtime_checkable
class Asking(Protocol):
    """Whose provider tells the busy time of other people there, as far as they let the account see it."""

    async def busy(self, addresses: Sequence[str], start: datetime, end: datetime) -> Mapping[str, BusyTime]:
        """For each address its busy time in [start, end); any length of either.

        start, end: aware. Returns: periods in any order, possibly overlapping; no word of what they are.
        """
        ...


@runtime_checkable
class Live(Protocol):
    """Whose provider tells what takes time in the account's own calendars at this moment."""

    async def taken(self, calendars: Sequence[str], start: datetime, end: datetime) -> Sequence[Period]:
        """All that is busy in [start, end) in these calendars together; a short time.

        start, end: aware. Returns: in any order, possibly overlapping and reaching beyond; nothing that is free.
        Raises, beside the usual: RefusedByProvider where it tells nobody.
        """
        ...


@runtime_checkable
class Forgetful(Protocol):
    """Whose changes do not tell the end of what was made and deleted between two looks."""

    async def look(self, calendar: str, hrefs: Sequence[str]) -> Changes:
        """Those objects as they are now, and which of them are gone."""
        ...


@runtime_checkable
class Resuming(Protocol):
    """A backend whose reading of a calendar may be broken off at any page and goes on from there.

    Whoever reads keeps each page's position and parts together with its objects. After the page that has the token,
    the parts that were kept are joined, all of one name at once; then the answer is whole.
    """

    def portions(self, calendar: str, token: str | None, position: str | None = None) -> AsyncIterator[Changes]:
        """As `changes`, but for objects that come in parts; with a position, only what follows the page it came with.

        A page that has parts has a position; after one that has none a reading is not to be gone on with.
        Raises: InvalidSyncToken for a position that the provider does not go on from: begin anew.
        """
        ...

    def join(
        self, calendar: str, parts: AsyncIterator[Mapping[str, Sequence[str]]]
    ) -> AsyncIterator[Sequence[CalendarObject]]:
        """For some names at a time, the objects that their parts make, in the order they came in; some make none."""
        ...


@runtime_checkable
class Moving(Protocol):
    """Whose provider moves an object between two calendars of one account, or lets it be left behind in silence."""

    async def move(self, calendar: str, obj: CalendarObject, if_etag: str, target: str) -> CalendarObject | None:
        """Takes the object from one calendar to another of the same account, as `obj` says it; safe to repeat.

        obj.href: its name in `calendar`. Returns: it as the target holds it; None: the provider moves no object of this
        kind, so it has to be put there and left here.
        Raises: RemoteConflict, RemoteGone, ReadOnlyCalendar.
        """
        ...

    async def leave(self, calendar: str, href: str, if_etag: str | None) -> None:
        """As `delete`, of what has been taken to another calendar: the people in it are told nothing."""
        ...


@dataclass(frozen=True, slots=True)
class Row:
    """One kind of account.

    connect: its backend; must not block.
    remote: has a provider to pull from and push to; false for calendars that live in our own index.
    verbatim: gives back the very text that was put, so what it holds is served as it is.
    sends_mail: the provider itself invites attendees, so we must not.
    bound: why an object must not leave its calendar for another one, "" if it may; None: nothing ever keeps one.
    """

    kind: str
    connect: Callable[[Account, Outside], Backend]
    remote: bool = True
    verbatim: bool = True
    sends_mail: bool = False
    bound: Callable[[ParsedObject], str] | None = None
