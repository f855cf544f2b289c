"""The mails of bookings: queued in the transaction that causes them, sent by the worker, each at least once.

A mail sent twice is one to its reader: same Message-ID, same UID and SEQUENCE.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import urlencode

from gateway.booking import webhooks
from gateway.booking.context import Desk
from gateway.booking.event import Meeting, event
from gateway.booking.gathering import Gathering
from gateway.booking.history import NOTHING, Change, Happened, happened, never_happened
from gateway.booking.meeting import for_guests, joint, meeting
from gateway.booking.model import Guest, details, said
from gateway.booking.offer import Bookable, page_of
from gateway.booking.turns import standing
from gateway.ical.objects import read
from gateway.scheduling import itip
from gateway.scheduling.addresses import configured_sender
from gateway.scheduling.deliver import deliver, server
from gateway.scheduling.mail import CALLED_OFF, ENDED, Kind, Notice, Person, compose
from gateway.store import jobs
from gateway.store.bookings import BookingRow
from gateway.store.database import Connection
from gateway.store.jobs import Job
from gateway.store.principals import Principal

MAIL: Final = "mail"
Reader = Principal | Guest | None
"""Of a mail; None: the invitee."""
TO_GUESTS: Final = {
    **dict.fromkeys((Kind.BOOKED, Kind.CONFIRMED, Kind.GUESTS), Kind.INVITED),
    **{Kind.REQUESTED: Kind.RESCHEDULED, Kind.DECLINED: Kind.CANCELLED},
}
"""What a change is to guests, where it is not what it is to others."""
UNCHECKED: Final = {
    "en": "Not every calendar could be asked whether the time is still free, so it has to be confirmed.",
    "de": "Nicht jeder Kalender war zu erreichen. Ob die Zeit noch frei ist, muss daher bestätigt werden.",
    "es": "No se ha podido consultar todos los calendarios, por lo que hay que confirmar la hora.",
    "fr": "Tous les agendas n’ont pas pu être consultés\u202f: l’horaire doit donc être confirmé.",
}
NOT_MINE: Final = {
    "en": "Whoever has this e-mail address says that they did not book it; it may be mistyped.",
    "de": "Wer diese E-Mail-Adresse hat, hat nach eigenen Angaben nicht gebucht; vielleicht ist sie verschrieben.",
    "es": "Quien tiene esta dirección de correo dice que no hizo la reserva; puede que esté mal escrita.",
    "fr": "La personne qui a cette adresse dit ne pas avoir réservé ; l’adresse est peut-être mal saisie.",
}
HELD: Final = 4  # push budgets that a mail waits for the provider's answer, should nobody release it before


@dataclass(frozen=True, slots=True)
class Cause:
    """What a mail is about.

    hosts: the booking's, in order. of: its event type, None if it is no more.
    before: (start, end) until now, where it moves. by: id of the host who did it in their calendar, and sees it there.
    bidden: addresses of the guests who are new. dates: RECURRENCE-IDs of those of a series that it is about, (): all.
    by_host: whoever has the hosts' link did it. told: what is written down of it besides.
    rows: where it is about several parties, each one's booking. together: the parties who share the event after it, if
    it is a shared one.
    """

    kind: Kind
    row: BookingRow
    hosts: Sequence[Principal]
    of: Bookable | None
    before: tuple[int, int] | None = None
    by: int | None = None
    bidden: tuple[str, ...] = ()
    by_host: bool = False
    told: Change = NOTHING
    dates: tuple[int, ...] = ()
    rows: tuple[BookingRow, ...] = ()
    together: Gathering | None = None

    @property
    def parties(self) -> tuple["Cause", ...]:
        """The same, as each party is told."""
        return tuple(replace(self, row=one, rows=()) for one in self.rows or (self.row,))

    @property
    def recipients(self) -> tuple["Reader", ...]:
        """The hosts, and of one party invitee and guests.

        Of guests, who hear of what stands alone, those whom it concerns.
        """
        written = details(self.row)
        guests = [one for one in written.coming if self.kind is not Kind.GUESTS or one.email in self.bidden]
        return *(one for one in self.hosts if one.id != self.by), None, *(guests if written.invited else ())

    @property
    def stands(self) -> bool:
        """Whether other parties still have the event."""
        return self.together is not None and bool(self.together.rows)


def queue(conn: Connection, desk: Desk, cause: Cause, *, held: bool) -> None:
    """One mail for each host, invitee and guest. held: not before the providers took the event; see `release`."""
    now = desk.clock()
    due = now + HELD * desk.settings.sync.push_budget if held else now
    to_all = {key_of(cause.row, to): _told(cause, to) for to in cause.recipients if isinstance(to, Principal)}
    for party in cause.parties:
        readers = [to for to in party.recipients if not isinstance(to, Principal)]
        to_all |= {key_of(party.row, to): _told(party, to) for to in readers}
    for key, told in to_all.items():
        jobs.add(conn, MAIL, key, told, due=due)
    by_host = cause.by_host or cause.kind in (Kind.CONFIRMED, Kind.DECLINED)
    time = _times(cause)
    what = Happened(cause.kind, cause.before, (time["start"], time["end"]), by_host, cause.by, cause.told)
    for party in cause.parties:
        happened(conn, desk, party.row, what, due)


def _told(cause: Cause, to: Reader) -> dict[str, Any]:
    return to_guest(cause, to) if isinstance(to, Guest) else payload(cause, to)


def key_of(row: BookingRow, to: Reader) -> str:
    address = details(row).invitee.email if to is None else to.email
    return f"{row.uid}:{row.sequence}:{address.lower()}"


def all_wait(conn: Connection, cause: Cause) -> bool:
    """Whether none of the mails about the last change has gone so far."""
    waiting = [jobs.get(conn, MAIL, key_of(cause.row, to)) for to in cause.recipients]
    return all(one is not None and one.attempts == 0 for one in waiting)


def say_again(conn: Connection, cause: Cause) -> None:
    """Those that wait say the booking's place as it is now."""
    for to in cause.recipients:
        waiting = jobs.get(conn, MAIL, key_of(cause.row, to))
        if waiting is None:
            continue
        now = _told(replace(cause, kind=Kind(waiting.payload["kind"])), to)
        changed = {name: now[name] for name in ("location", "event")}
        jobs.add(conn, MAIL, waiting.key, {**waiting.payload, **changed}, due=waiting.due)


def release(conn: Connection, desk: Desk, row: BookingRow, hosts: Sequence[Principal]) -> None:
    """The providers have the event: the mails may go."""
    webhooks.release(conn, desk, row)
    for to in (*hosts, None, *details(row).guests):
        waiting = jobs.get(conn, MAIL, key_of(row, to))
        if waiting is not None and waiting.attempts == 0:
            jobs.add(conn, MAIL, waiting.key, waiting.payload, due=desk.clock())


def held_until(conn: Connection, desk: Desk, row: BookingRow) -> float | None:
    """Until when the mails of the last change wait, as a provider has yet to take it; None: none waits for that."""
    waiting = jobs.get(conn, MAIL, key_of(row, None))
    return waiting.due if waiting is not None and waiting.attempts == 0 and waiting.due > desk.clock() else None


def hand_over(conn: Connection, desk: Desk, cause: Cause, leaving: Principal, *, held: bool) -> None:
    """A mail for the host who has it no more, besides those of `queue`; it has no links.

    Who has no account here was invited, and is told so in the language of calendars, too.
    """
    now = desk.clock()
    due = now + HELD * desk.settings.sync.push_budget if held else now
    told = payload(replace(cause, kind=Kind.HANDED_OVER), leaving)
    by = ", ".join(one.displayname for one in cause.hosts)
    jobs.add(
        conn,
        MAIL,
        key_of(cause.row, leaving),
        {**told, "event": told["event"] if leaving.is_outside else "", "by": by},
        due=due,
    )


def drop(conn: Connection, row: BookingRow, hosts: Sequence[Principal]) -> None:
    """A provider refused the event: nobody hears of it."""
    for to in (*hosts, None, *details(row).guests):
        jobs.drop(conn, MAIL, key_of(row, to))
    never_happened(conn, row)


def remark(conn: Connection, desk: Desk, cause: Cause, to: Iterable[Principal], once: str = "", **more: object) -> None:
    """One mail for each of these hosts, without an iTIP message. once: as in Notice; the same is told once.

    more: what the mail says besides; see Notice.
    """
    for host in to:
        key = f"{cause.row.uid}:{cause.row.sequence}:{cause.kind}:{once}:{host.email.lower()}"
        jobs.add(conn, MAIL, key, {**payload(cause, host), "event": "", "once": once, **more}, due=desk.clock())


def uninvited(conn: Connection, desk: Desk, cause: Cause, guest: Guest) -> None:
    """One mail for a guest who is not expected any more, as a revision that nobody else has; none where no mail about
    the booking has gone to them so far.

    cause: with the booking as it was.
    """
    key = key_of(cause.row, guest)
    waiting = jobs.get(conn, MAIL, key)
    if waiting is not None and waiting.attempts == 0 and waiting.payload["kind"] == Kind.INVITED:
        jobs.drop(conn, MAIL, key)
        return
    told = {**to_guest(cause, guest), "counted": cause.row.sequence + 1, "changed": int(desk.clock())}
    jobs.add(conn, MAIL, f"{key}:{cause.kind}", told, due=desk.clock())


def payload(cause: Cause, host: Principal | None) -> dict[str, Any]:
    """All the mail says, as it was when its cause was written; the link's token stays sealed."""
    written = details(cause.row)
    invitee = written.invitee
    whose = host or next((one for one in cause.hosts if not one.is_outside), cause.hosts[0])
    language = invitee.language if host is None else host.locale
    titles = {} if cause.of is None else cause.of.kind.title
    parties = [details(one).invitee for one in cause.rows[1:]] if host is not None else []
    return {
        "to": "invitee" if host is None else "host",
        "kind": str(cause.kind),
        "uid": cause.row.uid,
        "sequence": cause.row.sequence,
        "title": said(titles, language) or written.title,
        **_times(cause),
        "before": None if cause.before is None else list(cause.before),
        "changed": cause.row.changed,
        "event": _event(cause, host),
        "counted": cause.row.sequence if host is None or cause.together is None else cause.together.sequence,
        "ends": cause.kind in (*CALLED_OFF, Kind.HANDED_OVER) and (host is None or not cause.stands),
        "host": _host(whose),
        "others": [_host(one) for one in cause.hosts if one.id != whose.id],
        "invitee": _person(invitee.name, invitee.email, invitee.language, invitee.zone),
        "parties": [_person(one.name, one.email, one.language, one.zone) for one in parties],
        "page": f"/{whose.name}" if cause.of is None else page_of(cause.of.host),
        "location": written.place,
        "note": "" if parties else written.note,
        "guests": [one.email for one in written.coming],
        "reason": said(NOT_MINE, language) if written.disowned else written.reason,
        "why": said(UNCHECKED, language) if written.unchecked and cause.kind is Kind.REQUESTED else "",
        "token": written.token if host is None else written.host_token,
    }


def to_guest(cause: Cause, guest: Guest) -> dict[str, Any]:
    """What one whom the invitee brings is told, in the invitee's language and zone."""
    seen = for_guests(meeting(cause.row, cause.hosts, cause.of), details(cause.row).where)
    invitee, kind = details(cause.row).invitee, TO_GUESTS.get(cause.kind, cause.kind)
    return {
        **payload(cause, None),
        "to": "guest",
        "kind": str(kind),
        "event": _spoken_of(cause, seen, asking=kind not in CALLED_OFF),
        "ends": kind in CALLED_OFF,
        "invitee": _person(seen.invitee.name, invitee.email, invitee.language, invitee.zone),
        "guest": _person("", guest.email, invitee.language, invitee.zone),
        "location": seen.location,
        **dict.fromkeys(("note", "reason"), ""),
        "guests": [],
        "token": guest.token,
    }


def _times(cause: Cause) -> dict[str, Any]:
    """dates: of a series those that stand; of one that ends, those with which it does."""
    plan = details(cause.row).series
    if plan is None:
        return {"start": cause.row.start, "end": cause.row.end, "dates": [], "also": []}
    meant = [one for one in plan.turns if one.at in cause.dates]
    shown = meant if cause.kind in ENDED else [one for one in plan.turns if not one.gone]
    ahead = [one for one in shown or plan.turns if one.end > cause.row.changed and (shown or not one.gone)]
    first = [*meant, *ahead, *shown, *plan.turns][0]
    return {
        "start": first.start,
        "end": first.end,
        "dates": [[one.start, one.end] for one in shown],
        "also": [[one.start, one.end] for one in meant[1:]] if cause.kind is Kind.DATE_CANCELLED else [],
    }


def _event(cause: Cause, to: Principal | None) -> str:
    """to: a host, None: the invitee. "": nobody was ever invited."""
    if not details(cause.row).invited:
        return ""
    asking = cause.kind not in CALLED_OFF and not (to is not None and to.is_outside)  # whom the invitee has accepted
    if cause.together is not None and to is not None:
        rows = cause.together.rows or cause.rows or (cause.row,)
        return event(joint(replace(cause.together, rows=rows), cause.hosts, cause.of, to))
    return _spoken_of(cause, meeting(cause.row, cause.hosts, cause.of, to), asking=asking)


def _spoken_of(cause: Cause, said: Meeting, *, asking: bool) -> str:
    """Of a series the dates that it is about; all of it, where none is left."""
    if said.plan is not None and cause.kind in CALLED_OFF and not standing(cause.row):
        return event(replace(said, plan=said.plan.bare))
    return event(said, asking=asking, only=cause.dates)


def _host(host: Principal) -> dict[str, str]:
    return _person(host.displayname, host.email, host.locale, host.zone)


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
    to = {"host": notice.host, "invitee": notice.invitee}.get(job.payload["to"], notice.guest or notice.invitee)
    message = compose(notice, to, sender=sender, now=int(desk.clock()), templates=desk.settings.mail.templates)
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
        others=tuple(Person(**one) for one in told["others"]),
        invitee=Person(**told["invitee"]),
        ics=_message(told, sender) if told["event"] else "",
        parties=tuple(Person(**one) for one in told["parties"]),
        location=told["location"],
        note=told["note"],
        reason=told["reason"],
        dates=tuple((start, end) for start, end in told.get("dates", ())),
        also=tuple((start, end) for start, end in told.get("also", ())),
        before=None if told["before"] is None else (told["before"][0], told["before"][1]),
        once=told.get("once", ""),
        by=told.get("by", ""),
        proposal=None if told.get("proposal") is None else (told["proposal"][0], told["proposal"][1]),
        proposal_url=f"{link}&move=1&{urlencode(told['proposed'], safe=':')}" if told.get("proposed") else "",
        reschedule_url=f"{link}&move=1",
        cancel_url=f"{link}&cancel=1",
        wrong_url=f"{link}&wrong=1",
        confirm_url=f"{link}&confirm=1",
        decline_url=f"{link}&decline=1",
        book_url=f"{base_url}{told['page']}",
        guests=tuple(told["guests"]),
        why=told["why"],
        guest=None if told["to"] != "guest" else Person(**told["guest"]),
        leave_url=f"{base_url}/booking/{told['uid']}/guest?token={token}",
    )


def _message(told: Mapping[str, Any], sender: str) -> str:
    obj = read(told["event"])
    if told["ends"]:
        return itip.cancel(obj, stamp=told["changed"], sequence=told["counted"], sent_by=sender)
    return itip.request(obj, sent_by=sender)
