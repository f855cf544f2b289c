"""What invitees and guests answer to the invitation: noted, shown, and an invitee's told to the hosts once.

A "no" does not give the slot away. It often means "not then", it can be taken back with one tap, and anybody can write
a mail; so the booking stands until its host or invitee cancels it, for which their mails have a link.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final
from zoneinfo import ZoneInfo

from gateway.booking import mails, offer
from gateway.booking.access import is_open
from gateway.booking.context import Desk
from gateway.booking.event import answered, replied
from gateway.booking.expanded import recurrence_id, start_of
from gateway.booking.guests import amend
from gateway.booking.mails import Cause
from gateway.booking.meeting import meeting
from gateway.booking.model import BookingDetails, details, document
from gateway.booking.seen import proposed, seen_in
from gateway.booking.turns import turns
from gateway.ical.objects import ParsedObject, read_lenient
from gateway.scheduling import itip
from gateway.scheduling.itip import Method
from gateway.scheduling.mail import Kind
from gateway.store import bookings, jobs, members, objects
from gateway.store.bookings import BookingRow
from gateway.store.database import Connection
from gateway.store.jobs import Job
from gateway.store.locks import lock_people
from gateway.store.principals import Principal
from gateway.sync.write import stage_put

REPLIES: Final = {"ACCEPTED": Kind.SAID_YES, "TENTATIVE": Kind.SAID_MAYBE, "DECLINED": Kind.SAID_NO}
LONGEST_COMMENT: Final = 1_000


async def run_rsvp(desk: Desk, job: Job) -> None:
    """Job kind "rsvp": an answer or a proposal that came by mail; payload as implicit.incoming writes it."""
    await desk.db.write(take_in, desk, str(job.payload["text"]), str(job.payload["sender"]))
    desk.sync.bell.ring()


def take_in(conn: Connection, desk: Desk, text: str, sender: str) -> None:
    """sender: whom the message is known to come from, "": whoever it says.

    The invitee's counts, and the guests'; and a host's without an account here, who is missing then, as one who deletes
    the event is.
    """
    message = read_lenient(text)
    row = _locked(conn, message.uid)
    if row is None or not is_open(row, desk.clock()) or not details(row).invited:
        return
    invitee, one = details(row).invitee.email.lower(), message.components[0]
    line = next((line for line in one.all("ATTENDEE") if itip.address(line) == invitee), None)
    if line is None or sender not in {"", invitee}:
        if one.first("RECURRENCE-ID") is None:
            _of_host(conn, desk, row, message, sender)
            _of_guests(conn, desk, row, message, sender)
        return
    comment, at = one.text("COMMENT").strip()[:LONGEST_COMMENT], recurrence_id(message, one, ZoneInfo("UTC"))
    if itip.method_of(message) is Method.COUNTER:
        _propose(conn, desk, row, message, comment, at)
        return
    reply = (line.param("PARTSTAT") or "").upper()
    if reply in REPLIES and _is_about(row, message, at):
        note(conn, desk, row, reply, comment, at)


def _of_host(conn: Connection, desk: Desk, row: BookingRow, message: ParsedObject, sender: str) -> None:
    hosts = offer.hosts_of(conn, row)
    lines = {itip.address(line): line for line in message.components[0].all("ATTENDEE")}
    who = next((host for host in hosts if host.is_outside and host.email.lower() in lines), None)
    if who is None or sender not in {"", who.email.lower()} or itip.method_of(message) is not Method.REPLY:
        return
    declined = (lines[who.email.lower()].param("PARTSTAT") or "").upper() == "DECLINED"
    if declined and _is_about(row, message, None):
        cause = Cause(Kind.LEFT, row, hosts, offer.of_booking(conn, row), by=who.id)
        others = [one for one in hosts if one.id != who.id]
        mails.remark(conn, desk, cause, others, str(who.id), by=who.displayname)


def _of_guests(conn: Connection, desk: Desk, row: BookingRow, message: ParsedObject, sender: str) -> None:
    if itip.method_of(message) is Method.REPLY and _is_about(row, message, None):
        replies = {
            itip.address(one): (one.param("PARTSTAT") or "").upper() for one in message.components[0].all("ATTENDEE")
        }
        note_guests(conn, desk, row, {who: it for who, it in replies.items() if sender in {"", who}})


def note_guests(conn: Connection, desk: Desk, row: BookingRow, replies: Mapping[str, str]) -> None:
    """Answers of guests, by their addresses, in the booking and in each host's calendar; nobody is told."""
    for guest in details(row).coming:
        reply = replies.get(guest.email.lower(), "")
        if reply in REPLIES and reply != guest.reply:
            row = amend(conn, row, guest.model_copy(update={"reply": reply}))
            for host in offer.hosts_of(conn, row):
                _write_down(conn, desk, host, row, (guest.email, reply))


def _locked(conn: Connection, uid: str) -> BookingRow | None:
    row = bookings.by_uid(conn, uid)
    if row is not None:
        lock_people(conn, *(one.id for one in offer.hosts_of(conn, row)))
    return bookings.by_uid(conn, uid)


def _is_about(row: BookingRow, message: ParsedObject, at: int | None) -> bool:
    """Whether it answers the booking as it is now: this revision, or an earlier one at the same time.

    at: RECURRENCE-ID of the date it answers for, None: all.
    """
    meant = next((one for one in turns(row) if one.at == at and not one.gone), None)
    if at is not None and meant is None:
        return False
    known, starts = seen_in(message, "UTC"), start_of(message, ZoneInfo("UTC"))
    times = {(row.start, row.end)}
    since = known is not None and (known.sequence >= row.sequence or known.time in times)
    return since or (details(row).series is not None and starts == (row.start if meant is None else meant.start))


def note(conn: Connection, desk: Desk, row: BookingRow, reply: str, comment: str = "", at: int | None = None) -> None:
    """The answer in the booking and in each host's calendar; the hosts hear of it where it is news to them.

    at: RECURRENCE-ID of the one date it is for, None: all.
    """
    written = details(row)
    until_now, after = _noted(written, reply, at)
    if after == written:
        return
    changed = document(after)
    bookings.change(conn, row.id, document=changed)
    row, hosts = replace(row, document=changed), offer.hosts_of(conn, row)
    for host in hosts:
        _write_down(conn, desk, host, row, (written.invitee.email, reply) if at is None else None)
    if reply != until_now:
        cause = Cause(REPLIES[reply], row, hosts, offer.of_booking(conn, row), dates=() if at is None else (at,))
        mails.remark(conn, desk, cause, hosts, str(int(desk.clock())), reason=comment)


def _noted(written: BookingDetails, reply: str, at: int | None) -> tuple[str, BookingDetails]:
    """What they said until now, and the booking with the answer. One for all is for each date."""
    plan, general = written.series, written.reply or "ACCEPTED"
    if plan is None or at is None:
        single = {one.reply for one in plan.turns if one.reply} if plan is not None else set()
        if plan is not None:
            plan = plan.model_copy(update={"turns": tuple(one.model_copy(update={"reply": ""}) for one in plan.turns)})
        news = general if single <= {reply} else ""
        return news, written.model_copy(update={"reply": reply, "series": plan})
    until_now = next((one.reply for one in plan.turns if one.at == at), "") or general
    return until_now, written.model_copy(update={"series": plan.answered(at, reply)})


def _write_down(conn: Connection, desk: Desk, host: Principal, row: BookingRow, answer: tuple[str, str] | None) -> None:
    """Where their calendar shows another answer. answer: whose, and which; None: those to single dates of a series."""
    member = members.by_uid(conn, host.merged, row.event)
    stored = None if member is None else objects.by_id(conn, member.object_id)
    if stored is None:
        return
    if answer is None:
        text = answered(stored.text, meeting(row, offer.hosts_of(conn, row), None, host))
    else:
        text = replied(stored.text, *answer)
    if text != stored.text:
        for push in stage_put(conn, desk.sync, host, text).pushes:
            jobs.retry(conn, push, due=desk.clock(), error="")


def _propose(
    conn: Connection, desk: Desk, row: BookingRow, message: ParsedObject, comment: str, at: int | None
) -> None:
    """The host decides; the mail's link moves it there. at: RECURRENCE-ID of the one date of a series."""
    hosts, written = offer.hosts_of(conn, row), details(row)
    known, time = seen_in(message, hosts[0].zone), proposed(message, hosts[0].zone)
    meant = next((one for one in turns(row) if at in (None, one.at) and not one.gone), None)
    if known is None or time is None or known.sequence < row.sequence:
        return
    if meant is None or (written.series is None) is not (at is None) or meant.end <= desk.clock():
        return
    if time in {(meant.start, meant.end), written.proposal if at is None else meant.proposal}:
        return
    plan = None if written.series is None else written.series.proposed(meant.at, time)
    now_so = {"proposal": time} if plan is None else {"series": plan}
    changed = document(written.model_copy(update=now_so))
    bookings.change(conn, row.id, document=changed)
    row = replace(row, document=changed)
    cause = Cause(Kind.PROPOSED, row, hosts, offer.of_booking(conn, row), dates=() if at is None else (at,))
    mails.remark(
        conn,
        desk,
        cause,
        hosts,
        sha256(f"{at}{time}".encode()).hexdigest()[:16],
        reason=comment,
        proposal=list(time),
        proposed={"start": _key(time[0])} if at is None else {"start": _key(time[0]), "at": _key(at)},
    )


def _key(instant: int) -> str:
    """In the links of the booking's page."""
    return datetime.fromtimestamp(instant, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
