"""What can be booked with a host: everything a search needs, read from the index in one transaction."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from gateway.booking import own_calendars, slots
from gateway.booking.assign import Candidate, choose
from gateway.booking.bookable import Attending, Bookable, Visit, page_of
from gateway.booking.model import EventType, read_event_type, working_hours
from gateway.booking.slots import Asked, Between, Host, Mode, Rolling, Taken
from gateway.booking.slots.search import rolling_end
from gateway.errors import NotFound
from gateway.freebusy import schedules
from gateway.freebusy.availability import WorkingHours
from gateway.freebusy.availability.clocks import local_date
from gateway.freebusy.merge import Busy
from gateway.store import bookings, faces, holds, principals, properties, taken
from gateway.store.bookings import BookingRow, EventTypeRow
from gateway.store.database import Connection
from gateway.store.principals import Principal
from gateway.store.taken import TakenRow

__all__ = ["Attending", "Bookable", "Visit", "page_of"]  # and what is defined here

FURTHEST: Final = 366  # days ahead that are searched for a free day where an event type sets no end
BLOCK: Final = 31 * 86_400
SHARE_DAYS: Final = 90  # bookings before that are forgotten when hosts take turns: who is new need not catch up
MOST_TOGETHER: Final = 10
CALENDAR_COLOR: Final = "{http://apple.com/ns/ical/}calendar-color"
COLOR: Final = re.compile(r"#[0-9a-fA-F]{6}([0-9a-fA-F]{2})?\b")


def person(conn: Connection, name: str) -> Principal:
    """Raises: NotFound, also for teams."""
    found = principals.by_name(conn, name)
    if found is None or found.is_team:
        raise NotFound("there is nobody of that name here")
    return found


def team(conn: Connection, name: str) -> Principal:
    """Raises: NotFound, also for people."""
    found = principals.by_name(conn, name)
    if found is None or not found.is_team:
        raise NotFound("there is no team of that name here")
    return found


def bookable(conn: Connection, name: str, slug: str) -> Bookable:
    """name: of a person or a team; or of people of a common team, joined by "+", who then all come: the first one's
    event type.

    Raises: NotFound.
    """
    first, *others = name.split("+")
    host = principals.by_name(conn, first)
    row = None if host is None else bookings.event_type(conn, host.id, slug)
    if host is None or row is None:
        raise NotFound("there is nothing of that name to book here")
    of = _bookable(conn, host, row)
    return _together(conn, of, others) if others else of


def _bookable(conn: Connection, host: Principal, row: EventTypeRow) -> Bookable:
    kind, face, attending = _kind(row), faces.of(conn, host.id), _attending(conn, host, row)
    mode = Mode.COLLECTIVE if kind.mode is Mode.SINGLE and len(attending) > 1 else kind.mode
    color = kind.color or face.color or host_color(conn, host)
    return Bookable(host, row, kind, color, host.name, attending, mode, face)


def _attending(conn: Connection, host: Principal, row: EventTypeRow) -> tuple[Attending, ...]:
    """Those set who are still in the team; if none are: the whole team, or the person alone."""
    members = {one.id: one for one in principals.members_of(conn, host.id)} if host.is_team else {}
    rows = taken.hosts(conn, row.id)
    known = members if host.is_team else {one.id: one for one in principals.of_ids(conn, [one.user_id for one in rows])}
    listed = [one for one in rows if one.user_id in known]
    if listed:
        return tuple(Attending(known[one.user_id], one.fixed, one.priority, one.weight) for one in listed)
    return tuple(map(Attending, members.values())) if host.is_team else (Attending(host),)


def _together(conn: Connection, of: Bookable, others: Sequence[str]) -> Bookable:
    people = [of.host, *(person(conn, name) for name in others)]
    ids = {one.id for one in people}
    known = principals.colleagues(conn, of.host.id) | {of.host.id}
    if of.host.is_team or len(ids) < len(people) or len(people) > MOST_TOGETHER or not ids <= known:
        raise NotFound("these people have no page together")
    name = "+".join(one.name for one in people)
    return replace(of, name=name, attending=tuple(map(Attending, people)), mode=Mode.COLLECTIVE)


def of_booking(conn: Connection, booking: BookingRow) -> Bookable | None:
    """The event type with the booking's own hosts and length; None if it is no more."""
    row = None if booking.event_type_id is None else bookings.event_type_by_id(conn, booking.event_type_id)
    if row is None:
        return None
    of = _bookable(conn, principals.by_id(conn, row.user_id), row)
    booked = {one.id: one for one in hosts_of(conn, booking)}
    listed = [replace(one, invited=one.person.id in booked, fixed=one.person.id in booked) for one in of.attending]
    listed += [Attending(one, fixed=True) for one in booked.values() if one not in of.people]
    # In a round robin somebody takes a turn: the last of those booked. Nobody else comes instead.
    last = max((at for at, one in enumerate(listed) if one.invited), default=0)
    listed[last] = replace(listed[last], fixed=False)
    kind = of.kind.lasting(-(-(booking.end - booking.start) // 60))
    return replace(of, kind=kind, attending=tuple(listed), mode=Mode.ROUND_ROBIN)


def apart(of: Bookable, away: Collection[int]) -> Bookable:
    """Without these hosts."""
    if not away:
        return of
    listed = (replace(one, invited=one.invited and one.person.id not in away) for one in of.attending)
    return replace(of, attending=tuple(listed))


def hosts_of(conn: Connection, booking: BookingRow) -> tuple[Principal, ...]:
    """The booking's hosts, in order."""
    return tuple(principals.by_id(conn, key) for key in taken.hosts_of(conn, booking.id))


def host_color(conn: Connection, host: Principal) -> str:
    """The colour that the host's calendar app gave the merged calendar."""
    stored = properties.get(conn, host.id, f"/dav/calendars/{host.name}/merged/").get(CALENDAR_COLOR, "")
    found = COLOR.search(stored)
    return found[0] if found else ""


def profile(conn: Connection, host: Principal) -> list[Bookable]:
    """The event types that a person or team shows."""
    shown = [_bookable(conn, host, row) for row in bookings.event_types(conn, host.id) if not row.hidden]
    return [of for of in shown if not of.kind.links_only]


def _kind(row: EventTypeRow) -> EventType:
    try:
        return read_event_type(row.document)
    except ValidationError as error:
        raise NotFound(f"the event type {row.slug} cannot be read") from error


def host_hours(conn: Connection, of: Bookable, host: Principal, now: int) -> WorkingHours:
    """The event type's own, else the schedule it names, else the host's standard one. now: epoch seconds."""
    return _hours(conn, of, [host], now)[host.id]


def _hours(conn: Connection, of: Bookable, hosts: Collection[Principal], now: int) -> dict[int, WorkingHours]:
    own = of.kind.hours
    if own is not None:
        return {one.id: working_hours(own, one.zone) for one in hosts}
    return schedules.hours_of_each(conn, hosts, now, of.kind.schedule)


def asked(conn: Connection, of: Bookable, visit: Visit, start: int, end: int) -> Asked:
    """The question about starts in [start, end), with the hosts' busy time as the index has it now.

    A host of whose calendars one that counts has not been read for too long might be anywhere, and has no time.
    """
    unread = own_calendars.unread_hosts(conn, of.host, of.kind, of.people, visit.now, visit.stale_after)
    all_hours = _hours(conn, of, of.people, visit.now)
    hosts = []
    for one in of.attending:
        hours = all_hours[one.person.id]
        shown = hours if one.invited else _none(hours)
        hosts.append(Host(one.person.name, shown, fixed=one.fixed, unread=one.person.id in unread))
    bare = Asked(of.rules, tuple(hosts), visit.now, visit.zone, visit.without)
    low, high = slots.reach(bare, start, end)
    theirs = _taken_of(conn, of, low, high, visit)
    asked_of = [one.person for one in of.attending if one.invited and one.person.id not in unread]
    busy = _busy_of(conn, of, asked_of, (low, high), theirs, visit)
    full = (
        replace(host, busy=tuple(busy.get(who.id, ())), taken=tuple(theirs.get(who.id, ())))
        for host, who in zip(hosts, of.people, strict=True)
    )
    return replace(bare, hosts=tuple(full))


def _busy_of(
    conn: Connection,
    of: Bookable,
    people: Sequence[Principal],
    span: tuple[int, int],
    theirs: Mapping[int, Sequence[Taken]],
    visit: Visit,
) -> dict[int, list[Busy]]:
    """By host, without the events of what is in `theirs` and does not stand in the way: all who leave out the same are
    looked up at once.
    """
    alike: dict[frozenset[str], list[Principal]] = {}
    for one in people:
        shared = {held.key for held in theirs.get(one.id, ()) if held.seats < of.kind.seats and held.own}
        alike.setdefault(frozenset(shared | {visit.moving} if visit.moving else shared), []).append(one)
    found: dict[int, list[Busy]] = {}
    for without, some in alike.items():
        found |= own_calendars.busy_of_hosts(conn, of.host, of.kind, some, span, without)
    return found


def event_zone(conn: Connection, of: Bookable, now: int) -> str:
    """On whose clock the grid is, and each date of a series; see slots.Asked. now: epoch seconds."""
    return of.kind.zone or host_hours(conn, of, of.attending[0].person, now).zone


def _none(hours: WorkingHours) -> WorkingHours:
    """No working time, on the same clock."""
    return WorkingHours(hours.zone, ((),) * 7)


def _taken_of(conn: Connection, of: Bookable, low: int, high: int, visit: Visit) -> dict[int, list[Taken]]:
    """By host: events that are booked, however many parties share each; and what other visitors hold."""
    found: dict[int, list[Taken]] = {}
    ids = [one.id for one in of.people]
    events: dict[tuple[int, str, int], list[TakenRow]] = {}
    for row in taken.blocking(conn, ids, low, high):
        if row.event == row.uid or row.uid != visit.moving:  # a party that moves leaves the others where they are
            events.setdefault((row.user_id, row.event, row.start), []).append(row)
    for (user, event, start), rows in events.items():
        stays = event == visit.moving and bool(visit.dates) and start not in visit.dates
        found.setdefault(user, []).append(_taken(of, rows, f"{event} {start}" if stays else event))
    for held in holds.blocking(conn, ids, low, high, visit.now):
        kept = Taken(held.digest, held.start, held.end, held.blocked_from, held.blocked_until, expires=held.expires)
        found.setdefault(held.user_id, []).append(kept)
    return found


def _taken(of: Bookable, rows: Sequence[TakenRow], key: str) -> Taken:
    """rows: of the parties of one event."""
    row = rows[0]
    return Taken(
        key=key,
        start=row.start,
        end=row.end,
        blocked_from=min(one.blocked_from for one in rows),
        blocked_until=max(one.blocked_until for one in rows),
        own=row.event_type_id == of.row.id,
        pending=all(one.status == "pending" for one in rows),
        seats=len(rows) if row.event != row.uid else of.kind.seats,  # what was booked without seats is full
    )


def starts(conn: Connection, of: Bookable, visit: Visit, start: int, end: int) -> list[int]:
    """Bookable starts in [start, end), epoch seconds, in order."""
    start = max(start, visit.now)
    if start >= end:
        return []
    question = asked(conn, of, visit, start, end)
    return [one for one in slots.slots(question, start, end) if _can_recur(question, one)]


def is_bookable(conn: Connection, of: Bookable, visit: Visit, start: int) -> bool:
    question = asked(conn, of, visit, start, start + 1)
    return slots.is_bookable(question, start) and _can_recur(question, start)


def _can_recur(question: Asked, start: int) -> bool:
    """No rule of a calendar can say that each date is like a first one in the second of two equal hours."""
    return question.rules.series is None or not datetime.fromtimestamp(start, ZoneInfo(question.event_zone)).fold


def times(kind: EventType, start: int) -> dict[str, Any]:
    """The columns that say when a booking takes time."""
    end = start + kind.length * 60
    return {
        "start": start,
        "end": end,
        "blocked_from": start - kind.before * 60,
        "blocked_until": end + kind.after * 60,
    }


def crew(conn: Connection, of: Bookable, visit: Visit, start: int) -> tuple[Principal, ...]:
    """Who takes a booking at that start, in listed order; () if it is not bookable."""
    question = asked(conn, of, visit, start, start + 1)
    if not slots.is_bookable(question, start) or not _can_recur(question, start):
        return ()
    if of.mode is not Mode.ROUND_ROBIN:
        return of.people
    shares = taken.shares(conn, of.row.id, visit.now - SHARE_DAYS * 86_400)
    rotating = [
        Candidate(one.person.name, one.weight, one.priority, *shares.get(one.person.id, (0, None)))
        for one in of.attending
        if not one.fixed
    ]
    able = slots.available(question, start)
    turn = choose(rotating, [name for name in able if name in _joinable(of, question, start)] or able)
    return tuple(one.person for one in of.attending if one.fixed or one.person.name == turn)


def _joinable(of: Bookable, question: Asked, start: int) -> set[str]:
    """Names of the hosts who have parties at that start already, and seats left."""
    end = start + of.kind.length * 60
    return {
        host.name
        for host in question.hosts
        for one in host.taken
        if one.own and (one.start, one.end) == (start, end) and one.seats < of.kind.seats
    }


def last_day(of: Bookable, visit: Visit) -> date:
    """The last of the invitee's dates that may have something."""
    today = local_date(visit.now // 60, visit.zone)
    window = of.kind.rules.window
    if isinstance(window, Rolling):
        return rolling_end(today, window) - timedelta(days=1)
    if isinstance(window, Between):
        return max(window.last + timedelta(days=1), today)  # a date in the event's zone may reach into the next one
    return today + timedelta(days=FURTHEST)


def next_start(conn: Connection, of: Bookable, visit: Visit, after: int) -> int | None:
    """The first bookable start at or after that instant, as far as the event type is open."""
    last = last_day(of, visit) + timedelta(days=2)
    end = min(_epoch(last, visit.zone), visit.now + FURTHEST * 86_400)
    at = max(after, visit.now)
    while at < end:
        found = starts(conn, of, visit, at, min(at + BLOCK, end))
        if found:
            return found[0]
        at += BLOCK
    return None


def nearest(conn: Connection, of: Bookable, visit: Visit, start: int, most: int = 6) -> list[int]:
    """Bookable starts closest to one that is not, within a week either way; in order of time."""
    found = starts(conn, of, visit, start - 7 * 86_400, start + 7 * 86_400)
    return sorted(sorted(found, key=lambda one: abs(one - start))[:most])


def _epoch(day: date, zone: str) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).timestamp())
