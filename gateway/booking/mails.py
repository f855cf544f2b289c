"""The mails of bookings: queued in the transaction that causes them, sent by the worker, each at least once.

A mail sent twice is one to its reader: same Message-ID, same UID and SEQUENCE.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from gateway.booking.context import Desk
from gateway.booking.model import Words, details, said
from gateway.ical.objects import read
from gateway.scheduling import itip
from gateway.scheduling.addresses import configured_sender
from gateway.scheduling.deliver import deliver, server
from gateway.scheduling.mail import Kind, Notice, Person, compose
from gateway.store import jobs
from gateway.store.bookings import BookingRow
from gateway.store.database import Connection
from gateway.store.jobs import Job
from gateway.store.principals import Principal

MAIL: Final = "mail"
HELD: Final = 4  # push budgets that a mail waits for the provider's answer, should nobody release it before
RECIPIENTS: Final = ("host", "invitee")


@dataclass(frozen=True, slots=True)
class Cause:
    """What a mail is about.

    titles: of the event type. event: calendar object of the booking as it is now, without METHOD.
    before: (start, end) until now, where it moves.
    """

    kind: Kind
    row: BookingRow
    host: Principal
    titles: Words
    event: str
    before: tuple[int, int] | None = None


def queue(conn: Connection, desk: Desk, cause: Cause, *, held: bool) -> None:
    """One mail for the host and one for the invitee. held: not before the provider took the event; see `release`."""
    now = desk.clock()
    due = now + HELD * desk.settings.sync.push_budget if held else now
    for recipient in RECIPIENTS:
        jobs.add(conn, MAIL, _key(cause.row, cause.host, recipient), _payload(cause, recipient), due=due)


def _key(row: BookingRow, host: Principal, recipient: str) -> str:
    address = host.email if recipient == "host" else details(row).invitee.email
    return f"{row.uid}:{row.sequence}:{address.lower()}"


def release(conn: Connection, desk: Desk, row: BookingRow, host: Principal) -> None:
    """The provider has the event: the mails may go."""
    for recipient in RECIPIENTS:
        waiting = jobs.get(conn, MAIL, _key(row, host, recipient))
        if waiting is not None and waiting.attempts == 0:
            jobs.add(conn, MAIL, waiting.key, waiting.payload, due=desk.clock())


def drop(conn: Connection, row: BookingRow, host: Principal) -> None:
    """The provider refused the event: nobody hears of it."""
    for recipient in RECIPIENTS:
        jobs.drop(conn, MAIL, _key(row, host, recipient))


def _payload(cause: Cause, recipient: str) -> dict[str, Any]:
    """All the mail says, as it was when its cause was written; the link's token stays sealed."""
    written = details(cause.row)
    invitee = written.invitee
    language = cause.host.locale if recipient == "host" else invitee.language
    return {
        "to": recipient,
        "kind": str(cause.kind),
        "uid": cause.row.uid,
        "sequence": cause.row.sequence,
        "title": said(cause.titles, language) or written.title,
        "start": cause.row.start,
        "end": cause.row.end,
        "before": None if cause.before is None else list(cause.before),
        "changed": cause.row.changed,
        "event": cause.event,
        "host": _person(cause.host.displayname, cause.host.email, cause.host.locale, cause.host.zone),
        "invitee": _person(invitee.name, invitee.email, invitee.language, invitee.zone),
        "page": f"/{cause.host.name}",
        "location": written.place,
        "note": written.note,
        "reason": written.reason,
        "token": written.token,
    }


def _person(name: str, address: str, locale: str, zone: str) -> dict[str, str]:
    return {"name": name, "address": address, "locale": locale, "zone": zone}


async def run_mail(desk: Desk, job: Job) -> None:
    """Job kind "mail". Where no mail server is set, mails are not sent at all.

    Raises: MailUnavailable (again later), MailRefused and other errors of ours (never).
    """
    url = desk.settings.mail.smtp_url.get_secret_value()
    if not url:
        return
    sender = desk.settings.mail.from_
    address = configured_sender(sender).addr_spec
    token = desk.sealer.open(str(job.payload["token"]).encode())
    notice = _notice(job.payload, desk.settings.server.base_url, address, token)
    to = notice.host if job.payload["to"] == "host" else notice.invitee
    message = compose(notice, to, sender=sender, now=int(desk.clock()))
    await deliver(message, sender=address, recipient=to.address, to=server(url))


def _notice(told: Mapping[str, Any], base_url: str, sender: str, token: str) -> Notice:
    kind = Kind(told["kind"])
    link = f"{base_url}/booking/{told['uid']}?token={token}"
    return Notice(
        kind=kind,
        uid=told["uid"],
        sequence=told["sequence"],
        title=told["title"],
        start=told["start"],
        end=told["end"],
        host=Person(**told["host"]),
        invitee=Person(**told["invitee"]),
        ics=_message(kind, told, sender),
        location=told["location"],
        note=told["note"],
        reason=told["reason"],
        before=None if told["before"] is None else (told["before"][0], told["before"][1]),
        reschedule_url=f"{link}&move=1",
        cancel_url=f"{link}&cancel=1",
        book_url=f"{base_url}{told['page']}",
    )


def _message(kind: Kind, told: Mapping[str, Any], sender: str) -> str:
    obj = read(told["event"])
    if kind is Kind.CANCELLED:
        return itip.cancel(obj, stamp=told["changed"], sequence=told["sequence"], sent_by=sender)
    return itip.request(obj, sent_by=sender)
