"""Calendars that an event type has for itself: those of its owner, where they still are; else the usual ones count."""

from collections.abc import Collection
from typing import Final

from gateway.booking.model import EventType
from gateway.freebusy.busy import busy_of, stale, unmerged, unread
from gateway.freebusy.merge import Busy
from gateway.store import accounts
from gateway.store.accounts import CalendarRow
from gateway.store.database import Connection
from gateway.store.principals import Principal

LONGEST_SPAN: Final = 366 * 86_400  # of one look at busy time


def counted(conn: Connection, owner: Principal, kind: EventType, host: Principal) -> dict[int, bool] | None:
    """Calendar -> whether tentative time there is taken, of those that alone block; None: the usual ones."""
    if kind.busy_calendars is None or owner.id != host.id:
        return None
    found = {row.id: row.tentative_busy for row in read(conn, host) if row.id in kind.busy_calendars}
    return found or None


def unread_hosts(
    conn: Connection, owner: Principal, kind: EventType, hosts: Collection[Principal], now: int, limit: int
) -> set[int]:
    """Those of the hosts, by their id, with a calendar that counts and was last read more than `limit` seconds ago."""
    found = unread(conn, hosts, now, limit)
    for host in hosts:
        only = counted(conn, owner, kind, host)
        if only is not None:
            found.discard(host.id)
            found.update([host.id] if stale(conn, host, now, limit, only) else [])
    return found


def busy_of_hosts(
    conn: Connection,
    owner: Principal,
    kind: EventType,
    hosts: Collection[Principal],
    span: tuple[int, int],
    without: Collection[str],
) -> dict[int, list[Busy]]:
    """Busy time of each host, by their id, in no order and overlapping. without: UIDs of what does not stand in the
    way.

    In pieces, as a series and the limit of a year reach further than free/busy may be asked for.
    """
    own = {one.id: only for one in hosts if (only := counted(conn, owner, kind, one)) is not None}
    usual = [one for one in hosts if one.id not in own]
    found: dict[int, list[Busy]] = {one.id: [] for one in hosts}
    low, high = span
    while low < high:
        end = min(high, low + LONGEST_SPAN)
        pieces = unmerged(conn, usual, low, end, without=without) if usual else {}
        pieces |= {one.id: busy_of(conn, one, own[one.id], low, end, without=without) for one in hosts if one.id in own}
        for key, piece in pieces.items():
            found[key] += piece
        low = end
    return found


def read(conn: Connection, person: Principal) -> list[CalendarRow]:
    """Calendars that can block: others are not read from their providers."""
    return [row for row in accounts.calendars(conn, person.id) if row.counts]


def destination(conn: Connection, owner: Principal, kind: EventType, host: Principal) -> int | None:
    """The calendar that gets the events; None: the usual one."""
    if kind.destination is None or owner.id != host.id:
        return None
    return next((row.id for row in destinations(conn, host) if row.id == kind.destination), None)


def destinations(conn: Connection, person: Principal) -> list[CalendarRow]:
    """Calendars that can get the events: what is in them is in the merged calendar too, where bookings are followed."""
    return [row for row in accounts.calendars(conn, person.id) if row.writable and row.merged]
