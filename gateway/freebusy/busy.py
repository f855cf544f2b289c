"""A person's merged busy time, from the index alone."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from gateway.errors import GatewayError
from gateway.freebusy.availability import busy_type, closed
from gateway.freebusy.merge import Busy, as_periods, check_span, clip_seconds, merge_seconds
from gateway.freebusy.schedules import hours_in
from gateway.ical.busy import fbtype
from gateway.ical.objects import read_lenient
from gateway.ical.recurrence import instances
from gateway.ical.rules import TOGETHER, Steps, one_of
from gateway.model import FbType, Period
from gateway.store import accounts, principals, ranges, schedules
from gateway.store.accounts import CalendarRow
from gateway.store.database import Connection
from gateway.store.principals import Principal


def busy(conn: Connection, person: Principal, start: int, end: int) -> list[Period]:
    """Merged busy time in [start, end), epoch seconds, over all calendars that count as busy.

    A meeting that stands in two calendars counts once; one declined on one account and accepted on another blocks.
    Returns: in order, never overlapping; [] means free throughout. A series too hostile to expand blocks throughout.
    Raises: TimeRangeTooWide.
    """
    return as_periods(busy_seconds(conn, person, start, end))


def busy_for_others(
    conn: Connection, person: Principal, start: int, end: int, *, without: str | None = None
) -> list[Busy]:
    """Like `busy_seconds`, as others are told it: not to be had outside their working hours either (RFC 7953 4)."""
    found = busy_seconds(conn, person, start, end, without=without)
    row = schedules.standard(conn, person.id)
    if row is None:
        return found
    kind = busy_type(row.availability)
    away = [(low, high, kind) for low, high in closed(hours_in(row, person.zone, start), start, end)]
    return merge_seconds([*found, *away])


def busy_seconds(
    conn: Connection, person: Principal, start: int, end: int, *, without: str | None = None
) -> list[Busy]:
    """Like `busy`, as (start, end, fbtype) in epoch seconds. without: UID of an object to leave out."""
    found = unmerged(conn, [person], start, end, without=[without] if without else [])
    return clip_seconds(found[person.id], start, end)


def unmerged(
    conn: Connection, people: Collection[Principal], start: int, end: int, *, without: Collection[str] = ()
) -> dict[int, list[Busy]]:
    """The same of each person, by their id: whole where it reaches beyond the range, in no order and overlapping, for
    those who merge it anyway.
    """
    check_span(start, end)
    found: dict[int, list[Busy]] = {one.id: [] for one in people}
    for user, low, high, kind in ranges.busy(conn, found, start, end, without=without):
        found[user].append((low, high, kind))
    cut = ranges.cut_series(conn, found, start, end)
    for one in people:
        rows = [row for row in cut if row.user_id == one.id]
        found[one.id].extend(_expanded_series(conn, one, rows, start, end, None, without))
    return found


def busy_of(
    conn: Connection,
    person: Principal,
    counted: Mapping[int, bool],
    start: int,
    end: int,
    *,
    without: Collection[str] = (),
) -> list[Busy]:
    """What touches [start, end) of some calendars, whole and not merged; whatever they count for elsewhere.

    counted: calendar -> whether tentative time is time that is taken. without: UIDs of objects to leave out.
    """
    rows = ranges.busy_of(conn, person.id, counted, start, end, without=without)
    found = [(row[0], row[1], row[2]) for row in rows if row[2] != FbType.TENTATIVE or counted[row[3]]]
    cut = ranges.cut_series(conn, [person.id], start, end)
    found.extend(_expanded_series(conn, person, cut, start, end, counted, without))
    return found


def busy_in_zone(
    conn: Connection, person: Principal, calendar: CalendarRow, zone: ZoneInfo, start: int, end: int
) -> list[Busy]:
    """As `busy_of`, of one calendar whose all-day and floating times are in another zone than its owner's.

    Source: RFC 4791 5.2.2, 7.3.
    """
    addresses, total = principals.addresses(conn, person.id), Steps(TOGETHER)
    floating = ranges.floating(conn, calendar.id, start, end)
    found = [(row[0], row[1], row[2]) for row in ranges.fixed_of(conn, person.id, calendar.id, start, end)]
    for row in floating:
        found.extend(_expanded(row.text, start, end, zone, addresses, (), total))
    taken = [one for one in found if one[2] != FbType.TENTATIVE or calendar.tentative_busy]
    read = {row.id for row in floating}
    cut = [row for row in ranges.cut_series(conn, [person.id], start, end) if row.id not in read]
    taken.extend(_expanded_series(conn, person, cut, start, end, {calendar.id: calendar.tentative_busy}, ()))
    return taken


def _expanded_series(
    conn: Connection,
    person: Principal,
    rows: Sequence[Any],
    start: int,
    end: int,
    counted: Mapping[int, bool] | None,
    without: Collection[str],
) -> Iterator[Busy]:
    """Occurrences of series that the stored horizon cut; those inside it come twice and merge away.

    rows: as ranges.cut_series gives them. counted: as for `busy_of`; None: the calendars that count as busy.
    """
    if not rows:
        return
    if counted is None:
        counted = {row.id: row.tentative_busy for row in accounts.calendars(conn, person.id) if row.busy}
    addresses = principals.addresses(conn, person.id)
    zone, total = ZoneInfo(person.zone), Steps(TOGETHER)
    for row in rows:
        if row.calendar_id not in counted:
            continue
        for start_, end_, kind in _expanded(row.text, start, end, zone, addresses, without, total):
            if kind != FbType.TENTATIVE or counted[row.calendar_id]:
                yield start_, end_, kind


def _expanded(
    text: str, start: int, end: int, zone: ZoneInfo, addresses: frozenset[str], without: Collection[str], total: Steps
) -> Iterator[Busy]:
    try:
        obj = read_lenient(text)
        if obj.uid in without:
            return
        kinds = [fbtype(component, addresses) for component in obj.components]
        with one_of(total) as steps:
            found = instances(obj, start, end, zone, steps=steps)
    except GatewayError:  # what cannot be read must not look free
        yield start, end, int(FbType.BUSY)
        return
    for one in found:
        if kinds[one.component] != FbType.FREE:
            yield one.start, one.end, int(kinds[one.component])


def stale(
    conn: Connection, person: Principal, now: int, limit: int, counted: Collection[int] | None = None
) -> list[str]:
    """Names of calendars that count as busy and were last read more than `limit` seconds ago.

    counted: those that count instead; None: the usual ones.
    """
    return [name for _, name in accounts.unread(conn, [person.id], now - limit, counted)]


def unread(conn: Connection, people: Collection[Principal], now: int, limit: int) -> set[int]:
    """Those of these people, by their id, of whom `stale` has something to tell."""
    return {user for user, _ in accounts.unread(conn, [one.id for one in people], now - limit)}
