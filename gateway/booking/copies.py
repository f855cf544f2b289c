"""A booking's event in the calendars of its hosts, and the mails about it: all of them, or nothing."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gateway.booking import mails
from gateway.booking.context import Desk
from gateway.booking.event import event, handed, moved, placed
from gateway.booking.mails import Cause
from gateway.booking.meeting import meeting
from gateway.booking.model import details
from gateway.booking.own_calendars import destination
from gateway.booking.rooms.plan import wake
from gateway.booking.rooms.run import make
from gateway.booking.turns import standing
from gateway.errors import BackendUnavailable, GatewayError
from gateway.store import bookings, jobs, members, objects
from gateway.store import taken as taken_
from gateway.store.bookings import BookingRow
from gateway.store.database import Connection
from gateway.store.principals import Principal
from gateway.sync.write import Staged, settle, stage_delete, stage_put

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Change:
    """What a transaction has done. row: the booking now. undo: columns that make it what it was.

    hosts: whose mails wait for the providers. handed: ids of the host who had it and of the one who has it now.
    """

    row: BookingRow
    hosts: Sequence[Principal]
    staged: Sequence[Staged] = ()
    undo: Mapping[str, Any] = field(default_factory=dict)
    handed: tuple[int, int] | None = None


def put_event(conn: Connection, desk: Desk, cause: Cause) -> list[Staged]:
    """The event in each host's calendar here, new or in its place; and the mails about it."""
    staged = []
    for host in (one for one in cause.hosts if not one.is_outside):
        written = meeting(cause.row, cause.hosts, cause.of, host)
        stored = _stored(conn, host, cause.row.uid)
        text = event(written) if stored is None else moved(stored, written)
        staged.append(stage_put(conn, desk.sync, host, text, calendar=_wished(conn, cause, host)))
    awaited = wake(conn, desk, cause.row)
    mails.queue(conn, desk, cause, held=awaited or any(one.pushes for one in staged))
    return staged


def _wished(conn: Connection, cause: Cause, host: Principal) -> int | None:
    """The event type's own calendar for its events, None: the usual one."""
    return None if cause.of is None else destination(conn, cause.of.host, cause.of.kind, host)


def hand_over(conn: Connection, desk: Desk, cause: Cause, leaving: Principal) -> list[Staged]:
    """The event out of one host's calendar and in those of `cause.hosts`; and the mails about it."""
    staged, member = [], members.by_uid(conn, leaving.merged, cause.row.uid)
    if member is not None:
        staged.append(stage_delete(conn, desk.sync, leaving, member.href))
    invited = details(cause.row).invited
    for host in (one for one in cause.hosts if invited and not one.is_outside):
        written = meeting(cause.row, cause.hosts, cause.of, host)
        stored = _stored(conn, host, cause.row.uid)
        kept = None if stored is None else moved(handed(stored, leaving.email, written), written)
        text = kept or event(written)
        if details(cause.row).room:  # the room may have gone with who leaves
            text = placed(text, written.location)
        staged.append(stage_put(conn, desk.sync, host, text, calendar=_wished(conn, cause, host)))
    awaited = wake(conn, desk, cause.row)
    held = awaited or any(one.pushes for one in staged)
    mails.queue(conn, desk, cause, held=held)
    mails.hand_over(conn, desk, cause, leaving, held=held)
    return staged


def _stored(conn: Connection, host: Principal, uid: str) -> str | None:
    """The event as the host's calendar has it."""
    member = members.by_uid(conn, host.merged, uid)
    found = None if member is None else objects.by_id(conn, member.object_id)
    return None if found is None else found.text


def rewrite(conn: Connection, desk: Desk, cause: Cause) -> None:
    """The event anew where a host has it; nobody hears of that, and the worker tells the providers."""
    for host in (one for one in cause.hosts if not one.is_outside):
        stored = _stored(conn, host, cause.row.uid)
        if stored is not None:
            staged = stage_put(conn, desk.sync, host, moved(stored, meeting(cause.row, cause.hosts, cause.of, host)))
            for push in staged.pushes:
                jobs.retry(conn, push, due=desk.clock(), error="")


def take_event(conn: Connection, desk: Desk, cause: Cause) -> list[Staged]:
    """Out of each host's calendar that still has it, all but the dates that were; and the mails about it."""
    staged, was = [], details(cause.row).series is not None and bool(standing(cause.row))
    for host in cause.hosts:
        member = members.by_uid(conn, host.merged, cause.row.uid)
        stored = _stored(conn, host, cause.row.uid) if was else None
        if stored is not None:
            text = moved(stored, meeting(cause.row, cause.hosts, cause.of, host))
            staged.append(stage_put(conn, desk.sync, host, text))
        elif member is not None:
            staged.append(stage_delete(conn, desk.sync, host, member.href))
    wake(conn, desk, cause.row)
    mails.queue(conn, desk, cause, held=any(one.pushes for one in staged))
    return staged


async def deliver(desk: Desk, change: Change) -> None:
    """Has the providers take the event and make its room, then the mails go. What cannot be done now stays a job.

    Raises: BackendUnavailable if one refuses for good; booking and calendars are then what they were before.
    """
    told = await asyncio.gather(*(settle(desk.sync, one) for one in change.staged), return_exceptions=True)
    refused = [one for one in told if isinstance(one, GatewayError)]
    for one in told:
        if isinstance(one, BaseException) and not isinstance(one, GatewayError):
            raise one
    if refused:
        taken = [staged for staged, one in zip(change.staged, told, strict=True) if not isinstance(one, GatewayError)]
        await _take_back(desk, await desk.db.write(_undo, desk, change, taken))
        raise BackendUnavailable("a host's calendar does not take this at the moment") from refused[0]
    if details(change.row).room and change.row.status in bookings.BLOCKING:
        await make(desk, change.row.uid)
    if details(change.row).room or any(one.pushes for one in change.staged):
        await desk.db.write(mails.release, desk, change.row, change.hosts)
    desk.sync.bell.ring()


def _undo(conn: Connection, desk: Desk, change: Change, taken: Sequence[Staged]) -> list[Staged]:
    """Nothing where the booking has been changed again meanwhile. taken: what other calendars have to give back."""
    now = bookings.by_uid(conn, change.row.uid)
    if now is None or now.sequence != change.row.sequence:
        return []
    bookings.change(conn, now.id, **change.undo)
    if change.handed is not None:
        old, new = change.handed
        taken_.hand_over(conn, now.id, new, old)
    mails.drop(conn, change.row, change.hosts)
    return [back for one in taken if (back := _back(conn, desk, one)) is not None]


def _back(conn: Connection, desk: Desk, staged: Staged) -> Staged | None:
    """The event of that calendar as it was before."""
    earlier = next((one.row for one in staged.before if one.row is not None), None)
    if earlier is not None:
        return stage_put(conn, desk.sync, staged.owner, earlier.text, href=staged.href)
    member = members.by_href(conn, staged.owner.merged, staged.href)
    return None if member is None or member.deleted else stage_delete(conn, desk.sync, staged.owner, staged.href)


async def _take_back(desk: Desk, backs: Sequence[Staged]) -> None:
    """What a provider does not even give back stays there; nothing here depends on it."""
    told = await asyncio.gather(*(settle(desk.sync, one) for one in backs), return_exceptions=True)
    for one in told:
        if isinstance(one, BaseException):
            log.warning("a calendar keeps an event of a booking that came to nothing: %s", one)
    desk.sync.bell.ring()
