"""A booking follows its event, whichever way its host moves or deletes it: in a calendar app, at Google, in Outlook.

The host decides: nobody asks whether the time is free. Our own changes, and a second look, find everything equal.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from gateway.booking import mails, offer
from gateway.booking.access import alter, is_open, overlapping
from gateway.booking.context import Desk
from gateway.booking.copies import take_event
from gateway.booking.differences import Told, has_date, told
from gateway.booking.gathering import is_shared
from gateway.booking.mails import Cause
from gateway.booking.model import BookingDetails, details, document
from gateway.booking.offer import Bookable
from gateway.booking.rooms.plan import wake
from gateway.booking.rsvp import REPLIES, note, note_guests
from gateway.booking.seen import Seen, one_space, seen
from gateway.booking.spread import copy_of, send, spread, together
from gateway.booking.turns import ended, lost, times, turns
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
    """Bookings one of whose hosts changed their event: one, or those of the parties that share it. who: that host."""

    rows: tuple[BookingRow, ...]
    hosts: tuple[Principal, ...]
    of: Bookable | None
    who: Principal

    @property
    def row(self) -> BookingRow:
        return self.rows[0]

    @property
    def details(self) -> BookingDetails:
        return details(self.row)

    @property
    def place(self) -> str:
        """As the event has it: "" where each party has one of their own."""
        places = {details(one).place for one in self.rows}
        return places.pop() if len(places) == 1 else ""

    def cause(self, kind: Kind, before: tuple[int, int] | None = None) -> Cause:
        return Cause(
            kind, self.row, self.hosts, self.of, before, by=self.who.id, rows=self.rows if is_shared(self.row) else ()
        )


async def run_follow(desk: Desk, job: Job) -> float | None:
    """Job kind "booking"; when to look again, in epoch seconds, None: done."""

    def write(conn: Connection) -> float | None:
        found = _locked(conn, desk, str(job.payload["uid"]), job.user_id)
        if found is None:
            return None
        held = max((due for one in found.rows if (due := mails.held_until(conn, desk, one))), default=None)
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
    hosts = tuple(dict.fromkeys(host for one in bookings.of_event(conn, uid) for host in offer.hosts_of(conn, one)))
    lock_people(conn, *(one.id for one in hosts))
    rows = tuple(one for one in bookings.of_event(conn, uid) if is_open(one, desk.clock()) and details(one).invited)
    who = next((one for one in hosts if one.id == user), None)
    if not rows or who is None:
        return None
    return Followed(rows, offer.hosts_of(conn, rows[0]), offer.of_booking(conn, rows[0]), who)


def follow(conn: Connection, desk: Desk, found: Followed, *, gone: bool) -> None:
    """gone: it was deleted; what is merely seen no more is not."""
    copy = copy_of(conn, found.who, found.row.event)
    if copy is None:
        if gone:
            _removed(conn, desk, found)
        return
    now = seen(copy.text, found.who.zone)
    if now is not None and now.cancelled:
        _removed(conn, desk, found)
    elif now is not None and found.details.series is not None:
        _compare_dates(conn, desk, found, now, copy.text)
    elif now is None or now.time is None or not _can_be(found.row, now.time):
        _unclear(conn, desk, found)
    else:
        compare = _compare_parties if is_shared(found.row) else _compare
        compare(conn, desk, found, now, now.time)


def _removed(conn: Connection, desk: Desk, found: Followed) -> None:
    """Cancelled, unless another host still has it: one who is missing does not call off what others hold."""
    others = [one for one in found.hosts if one.id != found.who.id]
    if any(_stands(conn, one, found.row.event) for one in others):
        mails.remark(conn, desk, found.cause(Kind.LEFT), others, str(found.who.id), by=found.who.displayname)
        return
    ends, now = {"pending": "declined"}, desk.clock()
    rows = [
        alter(conn, desk, one, ended(details(one), one, now), {"status": ends.get(one.status, "cancelled")})[0]
        for one in found.rows
    ]
    kind = Kind.CANCELLED if any(one.status == "cancelled" for one in rows) else Kind.DECLINED
    cause = replace(replace(found, rows=tuple(rows)).cause(kind), dates=lost(found.row, rows[0]))
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
    if all(details(one).unclear for one in found.rows):
        return
    for one in found.rows:
        written = details(one).model_copy(update={"unclear": True})
        bookings.change(conn, one.id, document=document(written))
    mails.remark(conn, desk, found.cause(Kind.UNCLEAR), [found.who], str(found.who.id))


def _place(written: BookingDetails, now: Seen) -> str:
    return written.place if one_space(written.place) == now.place else now.place[:LONGEST_PLACE]


def _compare(conn: Connection, desk: Desk, found: Followed, now: Seen, time: tuple[int, int]) -> None:
    row, written = found.row, found.details
    stays, place = time == (row.start, row.end), _place(found.details, now)
    if stays and place == written.place:
        _answers(conn, desk, _noted(conn, row, written.model_copy(update={"unclear": False})), now, {})
        return
    # A host who moves what waits for an answer agrees to it.
    changed: dict[str, Any] = {} if stays else {**_times(row, time), "status": "accepted"}
    cause = found.cause(Kind.CHANGED if stays else Kind.RESCHEDULED, None if stays else (row.start, row.end))
    _follow(conn, desk, cause, now, written.model_copy(update={"place": place}), changed)


def _compare_dates(conn: Connection, desk: Desk, found: Followed, now: Seen, text: str) -> None:
    row, written, who = found.row, found.details, found.who
    plan, email = written.series, written.invitee.email.lower()
    said = None if plan is None else told(plan, text, who.zone, desk.clock(), email)
    if said is None or not all(_can_be(row, (one.start, one.end)) for one in said.plan.turns):
        _unclear(conn, desk, found)
        return
    said, place = _held(conn, desk, found, said), _place(written, now)
    if said.lost and all(one.gone or one.end <= desk.clock() for one in said.plan.turns):
        _removed(conn, desk, found)
        return
    if not (said.moved or said.lost) and place == written.place:
        written = written.model_copy(update={"unclear": False, "series": said.plan})
        _answers(conn, desk, _noted(conn, row, written), now, said.replies)
        return
    first = said.plan.bare.turns[0]
    changed: dict[str, Any] = {"status": "accepted"} if said.moved else {}
    changed |= _times(row, (first.start, first.end))
    changed["dates"] = times(row, [one for one in said.plan.turns if not one.gone])
    cause = _cause(found, said, place)
    _follow(conn, desk, cause, now, written.model_copy(update={"place": place, "series": said.plan}), changed)


def _cause(found: Followed, said: Told, place: str) -> Cause:
    """One mail that tells all of it."""
    until_now = {one.at: (one.start, one.end) for one in turns(found.row)}
    part = not said.whole and place == found.details.place
    if part and said.moved and not said.lost:
        kind = Kind.DATE_MOVED if len(said.moved) == 1 else Kind.RESCHEDULED
        return replace(found.cause(kind, until_now[said.moved[0]]), dates=said.moved)
    if part and not said.moved:
        return replace(found.cause(Kind.DATE_CANCELLED), dates=said.lost)
    before = until_now[said.moved[0]] if said.whole and said.moved else None
    return found.cause(Kind.RESCHEDULED if said.moved else Kind.CHANGED, before)


def _held(conn: Connection, desk: Desk, found: Followed, said: Told) -> Told:
    """What this host has taken out and another one still has stands; the others hear of it once."""
    others, who = [one for one in found.hosts if one.id != found.who.id], found.who
    copies = {one.id: copy_of(conn, one, found.row.uid) for one in others}
    held = {
        at
        for at in said.lost
        for one in others
        if (copy := copies[one.id]) is not None and has_date(copy.text, one.zone, at)
    }
    for one in turns(found.row):
        if one.at in held and who.id not in one.left:
            left = replace(found.cause(Kind.LEFT), dates=(one.at,))
            mails.remark(conn, desk, left, others, f"{who.id}-{one.at}", by=who.displayname)
    return said.holding(held, who.id)


def _noted(conn: Connection, row: BookingRow, written: BookingDetails) -> BookingRow:
    """What nobody else hears of."""
    changed = document(written)
    if changed != row.document:
        bookings.change(conn, row.id, document=changed)
    return replace(row, document=changed)


def _answers(conn: Connection, desk: Desk, row: BookingRow, now: Seen, single: Mapping[int, str]) -> None:
    """single: to dates of a series by themselves."""
    note_guests(conn, desk, row, now.replies)
    row = bookings.by_uid(conn, row.uid) or row
    written = details(row)
    reply = now.replies.get(written.invitee.email.lower(), "")
    if reply in REPLIES and reply != (written.reply or "ACCEPTED"):
        note(conn, desk, row, reply)
        return
    for one in turns(row):
        reply = single.get(one.at, "")
        if reply in REPLIES and reply != (one.reply or written.reply or "ACCEPTED"):
            note(conn, desk, row, reply, at=one.at)
            return


def _follow(
    conn: Connection, desk: Desk, cause: Cause, now: Seen, written: BookingDetails, changed: Mapping[str, Any]
) -> None:
    """cause: with the booking as it was until now."""
    row = replace(cause.row, sequence=max(cause.row.sequence, now.sequence - 1))
    after, _ = alter(conn, desk, row, written.model_copy(update={"unclear": False}), changed)
    cause = replace(cause, row=after)
    mails.queue(conn, desk, cause, held=False)
    wake(conn, desk, after)
    send(conn, desk, cause, spread(conn, desk, cause, written.place))
    if cause.kind is not Kind.CHANGED:
        _tell_overlaps(conn, desk, cause)


def _compare_parties(conn: Connection, desk: Desk, found: Followed, now: Seen, time: tuple[int, int]) -> None:
    """Of an event that several parties share: what happens to it happens to all of them."""
    row, stays = found.row, time == (found.row.start, found.row.end)
    place = found.place if one_space(found.place) == now.place else now.place[:LONGEST_PLACE]
    said = {"unclear": False} if place == found.place else {"unclear": False, "place": place}
    written = {one.id: details(one).model_copy(update=said) for one in found.rows}
    if stays and place == found.place:
        for one in found.rows:
            _answers(conn, desk, _noted(conn, one, written[one.id]), now, {})
        return
    moves = [{} if stays else _times(one, time) for one in found.rows]
    rows = [alter(conn, desk, one, written[one.id], new)[0] for one, new in zip(found.rows, moves, strict=True)]
    kind, before = (Kind.CHANGED, None) if stays else (Kind.RESCHEDULED, (row.start, row.end))
    cause = together(conn, replace(found, rows=tuple(rows)).cause(kind, before))
    mails.queue(conn, desk, cause, held=False)
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
    twice = overlapping(conn, cause.row, cause.hosts, desk.clock())
    mails.remark(conn, desk, replace(cause, kind=Kind.OVERLAPS), [one for one in cause.hosts if one.id in twice])
