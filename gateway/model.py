"""Values that every part shares. Instants are aware and UTC unless a field says otherwise."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum


class FbType(IntEnum):
    """Kind of busy time, ordered by strength: where periods overlap the strongest wins (RFC 5545 3.2.9)."""

    FREE = 0
    TENTATIVE = 1
    BUSY = 2
    UNAVAILABLE = 3

    @property
    def token(self) -> str:
        """The FBTYPE parameter value."""
        return FBTYPE_TOKENS[self]


FBTYPE_TOKENS = {
    FbType.FREE: "FREE",
    FbType.TENTATIVE: "BUSY-TENTATIVE",
    FbType.BUSY: "BUSY",
    FbType.UNAVAILABLE: "BUSY-UNAVAILABLE",
}


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """Time in [start, end); both aware, UTC."""

    start: datetime
    end: datetime
    fbtype: FbType = FbType.BUSY


@dataclass(frozen=True, slots=True)
class CalendarObject:
    """One iCalendar object (all components of one UID, with the VTIMEZONEs they name).

    href: its name within its calendar; at a provider, the provider's id.
    text: iCalendar, CRLF line ends.
    etag: opaque, without quotes; "" where not known yet.
    """

    href: str
    text: str
    etag: str = ""


@dataclass(frozen=True, slots=True)
class RemoteCalendar:
    """A calendar as its provider describes it, with the choices we make for it on connecting.

    id: the provider's id or URL.
    color: "#rrggbb" or "".
    zone: IANA name, or "" where the provider does not say.
    writable: objects can be put and deleted.
    schedules: its server invites people by itself, so we must not.
    merged, busy: defaults (docs: rules of the merged calendar); primary: the account's main calendar.
    """

    id: str
    displayname: str
    color: str = ""
    zone: str = ""
    writable: bool = False
    merged: bool = True
    busy: bool = False
    primary: bool = False
    schedules: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """A part of an object whose other parts may come on later pages.

    name: the same for all parts of one object. text: the backend's own affair.
    """

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Changes:
    """One page of what is new in a calendar.

    gone: hrefs that are no more.
    token: what to ask with next time; None on every page but the last.
    full: the pages of this answer together are the whole calendar, so what none of them mentions is gone.
    parts, position: see gateway.backends.base.Resuming.
    """

    objects: Sequence[CalendarObject]
    gone: Sequence[str] = ()
    token: str | None = None
    full: bool = False
    parts: Sequence[Part] = ()
    position: str | None = None
