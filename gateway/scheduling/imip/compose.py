"""The mail that carries one iTIP message to somebody who is not here (RFC 6047)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTPUTF8
from typing import Any

from gateway.config import Mail
from gateway.ical.objects import read_lenient
from gateway.scheduling import clock
from gateway.scheduling.addresses import configured_sender, mailbox, plain
from gateway.scheduling.imip.facts import Facts, Person, facts
from gateway.scheduling.imip.page import Page
from gateway.scheduling.itip import News, address, on_behalf
from gateway.scheduling.look import write
from gateway.scheduling.mail import attach_calendar, digest


@dataclass(frozen=True, slots=True)
class Note:
    """One message from somebody here to somebody who is not.

    text: with METHOD. sender: name and address of the person. locale, zone: of whoever reads it, as far as known.
    thread: digest that stands for the two people and the event. opens: whether it is the first mail of the thread;
    root: Message-ID of the mail that opened it, "" where that was ours. told: see `facts.changes`.
    """

    news: News
    text: str
    sender: Person
    recipient: str
    locale: str
    zone: str
    thread: str
    opens: bool = True
    root: str = ""
    told: Mapping[str, Any] = field(default_factory=dict)


def is_ours(sender: str, settings: Mail) -> bool:
    """Whether our mail server may send in the name of that address."""
    return sender.rpartition("@")[2].lower() in {domain.lower() for domain in settings.domains}


def compose(note: Note, settings: Mail, *, now: int) -> tuple[EmailMessage, list[Facts]]:
    """The mail, and what it says.

    The From is the person's own only where our mail server may send for their domain; elsewhere it is ours, with the
    person's name and with them as Reply-To, as other servers throw away what a domain did not vouch for (DMARC).
    The event then names our address as SENT-BY, so that clients who compare the two find it there.
    now: epoch seconds.
    Raises: InvalidRequest (an address is none), InvalidCalendarData (text is none), ConfigError (settings).
    """
    us = configured_sender(settings.from_)
    own = is_ours(note.sender.address, settings)
    obj = read_lenient(note.text)
    said = facts(obj, note.zone)
    who = replace(note.sender, name=plain(note.sender.name) or note.sender.address)
    texts = Page(note.news, who, said, note.told, clock.spoken(note.locale)).texts
    message = EmailMessage(policy=SMTPUTF8)
    _address(message, note, us, own=own, reads=bool(settings.mailboxes) and not settings.imap_personal)
    _thread(message, note, us.domain)
    message["Subject"] = texts["subject"]
    message["Date"] = datetime.fromtimestamp(now, UTC)
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "OOF, AutoReply"
    write(message, "event", texts, settings.templates)
    attach_calendar(message, note.text if own else on_behalf(note.text, note.sender.address, us.addr_spec))
    message["Content-Language"] = str(texts["language"])
    return message, said


def _address(message: EmailMessage, note: Note, us: Address, *, own: bool, reads: bool) -> None:
    person = mailbox(note.sender.name, note.sender.address, wide=True)
    shown = " via ".join(name for name in (person.display_name, us.display_name) if name)
    sender = person if own else Address(shown, us.username, us.domain)
    message["From"] = sender
    if own and person.addr_spec != us.addr_spec:
        message["Sender"] = us
    message["To"] = mailbox(_called(note), note.recipient, wide=True)
    message["Reply-To"] = [person, us] if reads and us.addr_spec != person.addr_spec else [person]


def _called(note: Note) -> str:
    """The name under which the message knows its reader."""
    for one in read_lenient(note.text).components:
        for line in (*one.all("ATTENDEE"), *one.all("ORGANIZER")):
            name = plain(line.param("CN") or "")
            if name and address(line) == note.recipient and name.lower() != note.recipient:
                return name
    return ""


def _thread(message: EmailMessage, note: Note, domain: str) -> None:
    """All mails about one event to one person hang on the first; the same message gives the same Message-ID."""
    root = note.root or f"<{note.thread}@{domain}>"
    if note.opens and not note.root:
        message["Message-ID"] = root
        return
    message["Message-ID"] = f"<{note.thread}.{digest(note.text)}@{domain}>"
    message["In-Reply-To"] = root
    message["References"] = root
