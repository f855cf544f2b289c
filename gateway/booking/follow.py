"""A booking follows its event, whichever way its host moves or deletes it: in a calendar app, at Google, in Outlook.

The host decides: nobody asks whether the time is free. Our own changes, and a second look, find everything equal.
"""

from dataclasses import dataclass, replace
from typing import Any, Final

from gateway.booking import mails, offer
from gateway.booking.access import alter, is_open
from gateway.booking.context import Desk
from gateway.booking.copies import take_event
from gateway.booking.mails import Cause
from gateway.booking.model import BookingDetails, details, document
from gateway.booking.offer import Bookable
from gateway.booking.rooms.plan import wake
from gateway.booking.rsvp import REPLIES, note, note_guests
from gateway.booking.seen import Seen, one_space, seen
from gateway.booking.spread import copy_of, send, spread
from gateway.scheduling.mail import Kind
from gateway.store import bookings, jobs, taken
from gateway.store.bookings import BookingRow
from gateway.store.database import Connection
from gateway.store.jobs import Job
from gateway.store.locks import lock_people
from gateway.store.principals import Principal

LONGEST_PLACE: Final = 1_000


@dataclass(frozen=True, slots=True)
class Followed:
    """A booking one of whose hosts changed its event. who: that host."""

    row: BookingRow
    hosts: tuple[Principal, ...]
    of: Bookable | None
    who: Principal

    @property
    def details(self) -> BookingDetails:
        return details(self.row)

    def cause(self, kind: Kind, before: tuple[int, int] | None = None) -> Cause:
        return Cause(kind, self.row, self.hosts, self.of, before, by=self.who.id)


async def run_follow(desk: Desk, job: Job) -> float | None:
    """Job kind "booking"; when to look again, in epoch seconds, None: done."""

    def write(conn: Connection) -> float | None:
        found = _locked(conn, desk, str(job.payload["uid"]), job.user_id)
        if found is None:
            return None
        held = mails.held_until(conn, desk, found.row)
        if held is not None:  # a provider may still refuse our own change of it
            jobs.again(conn, job, due=held)
            return held
        follow(conn, desk, found, gone=bool(job.payload["gone"]))
        return None

    due = await desk.db.write(write)
    desk.sync.bell.ring()
    return due


def _locked(conn: Connection, desk: Desk, uid: str, user: int | None) -> Followed | None:
    """None: there is nothing to follow, or nothing any more."""
    row = bookings.by_uid(conn, uid)
    hosts = () if row is None else offer.hosts_of(conn, row)
    lock_people(conn, *(one.id for one in hosts))
    row = bookings.by_uid(conn, uid)
    who = next((one for one in hosts if one.id == user), None)
    if row is None or who is None or not is_open(row, desk.clock()) or not details(row).invited:
        return None
    return Followed(row, hosts, offer.of_booking(conn, row), who)


def follow(conn: Connection, desk: Desk, found: Followed, *, gone: bool) -> None:
    """gone: it was deleted; what is merely seen no more is not."""
    copy = copy_of(conn, found.who, found.row.uid)
    if copy is None:
        if gone:
            _removed(conn, desk, found)
        return
    now = seen(copy.text, found.who.zone)
    if now is not None and now.cancelled:
        _removed(conn, desk, found)
    elif now is None or now.time is None or not _can_be(found.row, now.time):
        _unclear(conn, desk, found)
    else:
        _compare(conn, desk, found, now, now.time)


def _removed(conn: Connection, desk: Desk, found: Followed) -> None:
    """Cancelled, unless another host still has it: one who is missing does not call off what others hold."""
    others = [one for one in found.hosts if one.id != found.who.id]
    if any(_stands(conn, one, found.row.uid) for one in others):
        mails.remark(conn, desk, found.cause(Kind.LEFT), others, str(found.who.id), by=found.who.displayname)
        return
    waits = found.row.status == "pending"
    status = {"status": "declined" if waits else "cancelled"}
    row, _ = alter(conn, desk, found.row, found.details, status)
    cause = replace(found, row=row).cause(Kind.DECLINED if waits else Kind.CANCELLED)
    send(conn, desk, cause, take_event(conn, desk, cause))


def _stands(conn: Connection, host: Principal, uid: str) -> bool:
    copy = copy_of(conn, host, uid)
    now = None if copy is None else seen(copy.text, host.zone)
    return now is not None and not now.cancelled


def _can_be(row: BookingRow, time: tuple[int, int]) -> bool:
    """Whether the slots can do with a booking that long; see `taken`."""
    start, end = time
    return end - start + row.blocked_until - row.end + row.start - row.blocked_from <= taken.LONGEST


def _unclear(conn: Connection, desk: Desk, found: Followed) -> None:
    """The booking stays as it is, and the host is told, once until it has a time again."""
    if found.details.unclear:
        return
    written = found.details.model_copy(update={"unclear": True})
    bookings.change(conn, found.row.id, document=document(written))
    mails.remark(conn, desk, found.cause(Kind.UNCLEAR), [found.who], str(found.who.id))


def _compare(conn: Connection, desk: Desk, found: Followed, now: Seen, time: tuple[int, int]) -> None:
    row, written = found.row, found.details
    stays = time == (row.start, row.end)
    place = written.place if one_space(written.place) == now.place else now.place[:LONGEST_PLACE]
    if stays and place == written.place:
        if written.unclear:
            written = written.model_copy(update={"unclear": False})
            bookings.change(conn, row.id, document=document(written))
        note_guests(conn, desk, replace(row, document=document(written)), now.replies)
        written = details(bookings.by_uid(conn, row.uid) or row)
        reply = now.replies.get(written.invitee.email.lower(), "")
        if reply in REPLIES and reply != (written.reply or "ACCEPTED"):
            note(conn, desk, replace(row, document=document(written)), reply)
        return
    written = written.model_copy(update={"place": place, "unclear": False})
    # A host who moves what waits for an answer agrees to it.
    changed: dict[str, Any] = {} if stays else {**_times(row, time), "status": "accepted"}
    counted = replace(row, sequence=max(row.sequence, now.sequence - 1))
    after, _ = alter(conn, desk, counted, written, changed)
    kind = Kind.CHANGED if stays else Kind.RESCHEDULED
    cause = replace(found, row=after).cause(kind, None if stays else (row.start, row.end))
    mails.queue(conn, desk, cause, held=False)
    wake(conn, desk, after)
    send(conn, desk, cause, spread(conn, desk, cause, place))
    if not stays:
        _tell_overlaps(conn, desk, cause)


def _times(row: BookingRow, time: tuple[int, int]) -> dict[str, int]:
    """With the buffers it had."""
    start, end = time
    return {
        "start": start,
        "end": end,
        "blocked_from": start - (row.start - row.blocked_from),
        "blocked_until": end + (row.blocked_until - row.end),
    }


def _tell_overlaps(conn: Connection, desk: Desk, cause: Cause) -> None:
    """Told, not refused: each host who now has two bookings at once."""
    row = cause.row
    found = taken.blocking(conn, [one.id for one in cause.hosts], row.blocked_from, row.blocked_until)
    twice = {one.user_id for one in found if one.uid != row.uid}
    mails.remark(conn, desk, replace(cause, kind=Kind.OVERLAPS), [one for one in cause.hosts if one.id in twice])
