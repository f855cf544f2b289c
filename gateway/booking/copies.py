"""A booking's event in the calendars of its hosts, and the mails about it: all of them, or nothing."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from gateway.booking import mails, offer
from gateway.booking.context import Desk
from gateway.booking.event import event, handed, moved, placed
from gateway.booking.gathering import gathered, is_shared
from gateway.booking.mails import Cause
from gateway.booking.meeting import meeting
from gateway.booking.model import details
from gateway.booking.own_calendars import destination
from gateway.booking.rooms.plan import wake
from gateway.booking.rooms.run import make
from gateway.booking.spread import text_of, together
from gateway.booking.turns import standing
from gateway.errors import BackendUnavailable, GatewayError
from gateway.scheduling.mail import Kind
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
    more: the same of further bookings that it changed. left: the event that the booking shared until now.
    """

    row: BookingRow
    hosts: Sequence[Principal]
    staged: Sequence[Staged] = ()
    undo: Mapping[str, Any] = field(default_factory=dict)
    handed: tuple[int, int] | None = None
    more: tuple[tuple[BookingRow, Mapping[str, Any]], ...] = ()
    left: str = ""

    @property
    def rows(self) -> tuple[BookingRow, ...]:
        return self.row, *(row for row, _ in self.more)


def put_event(conn: Connection, desk: Desk, cause: Cause) -> list[Staged]:
    """The event in each host's calendar here, new or in its place; and the mails about it."""
    cause = together(conn, cause)
    staged = written(conn, desk, cause)
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


def left(conn: Connection, desk: Desk, cause: Cause, event: str) -> list[Staged]:
    """What becomes of an event that the booking shared until now; its other parties hear nothing of that."""
    before, who = gathered(conn, event), details(cause.row).invitee.email.lower()
    if who not in {details(one).invitee.email.lower() for one in before.rows}:
        before = replace(before, gone=(*before.gone, who))
    cause = replace(cause, row=replace(cause.row, event=event), together=before)
    return written(conn, desk, cause) if before.rows else _erased(conn, desk, cause)


def written(conn: Connection, desk: Desk, cause: Cause) -> list[Staged]:
    return [
        stage_put(
            conn,
            desk.sync,
            host,
            text_of(cause, host, _stored(conn, host, cause.row.event)),
            calendar=_wished(conn, cause, host),
        )
        for host in cause.hosts
        if not host.is_outside
    ]


def _erased(conn: Connection, desk: Desk, cause: Cause) -> list[Staged]:
    found = [(host, members.by_uid(conn, host.merged, cause.row.event)) for host in cause.hosts if not host.is_outside]
    return [stage_delete(conn, desk.sync, host, member.href) for host, member in found if member is not None]


def _cut(conn: Connection, desk: Desk, cause: Cause, host: Principal) -> list[Staged]:
    """What was of a series, in a calendar that has it."""
    stored = None if host.is_outside else _stored(conn, host, cause.row.event)
    return [] if stored is None else [stage_put(conn, desk.sync, host, text_of(cause, host, stored))]


def _stored(conn: Connection, host: Principal, uid: str) -> str | None:
    """The event as the host's calendar has it."""
    member = members.by_uid(conn, host.merged, uid)
    found = None if member is None else objects.by_id(conn, member.object_id)
    return None if found is None else found.text


def rewrite(conn: Connection, desk: Desk, cause: Cause) -> None:
    """The event anew where a host has it; nobody hears of that, and the worker tells the providers."""
    for host in (one for one in cause.hosts if not one.is_outside):
        stored = _stored(conn, host, cause.row.event)
        if stored is not None:
            staged = stage_put(conn, desk.sync, host, text_of(cause, host, stored))
            for push in staged.pushes:
                jobs.retry(conn, push, due=desk.clock(), error="")


def take_event(conn: Connection, desk: Desk, cause: Cause) -> list[Staged]:
    """Out of each host's calendar that still has it, all but the dates that were and what other parties share; and the
    mails about it.
    """
    cause = together(conn, cause)
    was = details(cause.row).series is not None and bool(standing(cause.row))
    stays = cause.together is not None and cause.together.rows
    if stays:
        staged = written(conn, desk, cause)
    elif was:
        staged = [one for host in cause.hosts for one in _cut(conn, desk, cause, host)]
    else:
        staged = _erased(conn, desk, cause)
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
        for row in change.rows:
            await desk.db.write(mails.release, desk, row, change.hosts)
    desk.sync.bell.ring()


def _undo(conn: Connection, desk: Desk, change: Change, taken: Sequence[Staged]) -> list[Staged]:
    """Nothing where the booking has been changed again meanwhile. taken: what other calendars have to give back."""
    now = bookings.by_uid(conn, change.row.uid)
    if now is None or now.sequence != change.row.sequence:
        return []
    for row, undo in ((change.row, change.undo), *change.more):
        bookings.change(conn, row.id, **undo)
        mails.drop(conn, row, change.hosts)
    if change.handed is not None:
        old, new = change.handed
        taken_.hand_over(conn, now.id, new, old)
    if is_shared(now):
        of = offer.of_booking(conn, now)
        cause = Cause(Kind.CHANGED, now, change.hosts, of)
        events = {now.event, change.left, str(change.undo.get("event", ""))} - {""}
        return [one for event in sorted(events) for one in left(conn, desk, cause, event)]
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
