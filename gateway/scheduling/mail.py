"""Booking mails: what a host or an invitee reads, with the iTIP message inside (RFC 6047)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from enum import StrEnum
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final

from babel.lists import format_list

from gateway.errors import InvalidCalendarData
from gateway.ical.text import parse
from gateway.scheduling import clock
from gateway.scheduling.addresses import LONGEST_NAME, configured_sender, mailbox, one_address, plain
from gateway.scheduling.look import write
from gateway.scheduling.shown import is_web, lines, link
from gateway.scheduling.words import Words, words

LONGEST_SUBJECT: Final = 200
SOUNDS_LIKE_Y: Final = re.compile(r"h?[ií](?![aeoóuú])", re.IGNORECASE)


class Kind(StrEnum):
    BOOKED = "booked"
    RESCHEDULED = "rescheduled"
    CANCELLED = "cancelled"
    REQUESTED = "requested"  # it waits for a host's answer
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    CHANGED = "changed"  # of place
    SAID_YES = "said_yes"
    SAID_MAYBE = "said_maybe"
    SAID_NO = "said_no"
    PROPOSED = "proposed"
    OVERLAPS = "overlaps"
    UNCLEAR = "unclear"
    LEFT = "left"
    GUESTS = "guests"  # further ones are invited
    INVITED = "invited"  # as such a one
    UNINVITED = "uninvited"  # the same, not any more
    ROOM = "room"  # is missing, or left over
    REASSIGNED = "reassigned"  # to another host
    HANDED_OVER = "handed_over"  # the same, to the one who had it
    DATE_MOVED = "date_moved"  # one of a series
    DATE_CANCELLED = "date_cancelled"


ENDED: Final = (Kind.CANCELLED, Kind.DECLINED, Kind.UNINVITED)
CALLED_OFF: Final = (*ENDED, Kind.DATE_CANCELLED)
FOR_GUESTS: Final = (Kind.INVITED, Kind.UNINVITED)  # and for nobody else
FIRST: Final = (Kind.BOOKED, Kind.REQUESTED)
FOR_HOSTS: Final[frozenset[Kind]] = frozenset(
    {
        Kind.SAID_YES,
        Kind.SAID_MAYBE,
        Kind.SAID_NO,
        Kind.PROPOSED,
        Kind.OVERLAPS,
        Kind.UNCLEAR,
        Kind.LEFT,
        Kind.ROOM,
        Kind.HANDED_OVER,
    }
)


@dataclass(frozen=True, slots=True)
class Person:
    """locale: language as a locale name ("de", "en_GB"); zone: IANA name."""

    name: str
    address: str
    locale: str = "en"
    zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Notice:
    """What happened to a booking. start, end: epoch seconds.

    host: the one the mail is to, or the first; others: further hosts.
    ics: the iTIP message, whose METHOD becomes the part's, "": none. uid: of the booking, for life; sequence: of this
    change. before: (start, end) it had until now. reason: the words of whoever cancelled, declined or moved it.
    dates: (start, end) of all dates of a series that stand, (): it is no series. also: of more that are cancelled.
    …_url: for whom the mail is to, "": no such link; book_url: for the invitee, once it has come to an end.
    wrong_url: for whom gets the invitee's mail and booked nothing.
    once: tells mails of one kind apart that are about one state of the booking. by: name of the host who did it.
    proposal: (start, end) that the invitee would rather have. guests: addresses of those whom the invitee brings;
    why: a sentence on why it waits.
    guest: the one the mail is to, leave_url: where they take themselves off. parties: further ones that it is about, in
    a mail to a host.
    """

    kind: Kind
    uid: str
    sequence: int
    title: str
    start: int
    end: int
    host: Person
    invitee: Person
    ics: str
    location: str = ""
    note: str = ""
    reason: str = ""
    before: tuple[int, int] | None = None
    reschedule_url: str = ""
    cancel_url: str = ""
    wrong_url: str = ""
    confirm_url: str = ""
    decline_url: str = ""
    book_url: str = ""
    others: tuple[Person, ...] = ()
    once: str = ""
    by: str = ""
    proposal: tuple[int, int] | None = None
    proposal_url: str = ""
    guests: tuple[str, ...] = ()
    guest: Person | None = None
    leave_url: str = ""
    why: str = ""
    dates: tuple[tuple[int, int], ...] = ()
    also: tuple[tuple[int, int], ...] = ()
    parties: tuple[Person, ...] = ()

    @property
    def hosts(self) -> tuple[Person, ...]:
        return self.host, *self.others


def compose(notice: Notice, to: Person, *, sender: str, now: int, templates: Path | None = None) -> EmailMessage:
    """The mail about it to the host, to the invitee or to the guest, in their language and zone.

    sender: the setting [mail] from. It is the From address always, as only its domain can sign and vouch for the
    mail; answers go to the other person. The same change gives the same Message-ID, and all mails of one booking
    to one person are one thread.
    now: epoch seconds. templates: folder with the organisation's own.
    Raises: InvalidRequest (an address is none), InvalidCalendarData (ics is none), ConfigError (sender is none).
    """
    others = (notice.invitee, notice.guest)
    to_host = to is notice.host or (all(to is not one for one in others) and to.address == notice.host.address)
    other = notice.invitee if to_host else notice.host
    texts = _texts(notice, replace(to, locale=clock.spoken(to.locale)), other, to_guest=to is notice.guest)
    message = EmailMessage(policy=SMTP)
    _address(message, notice, to, other, texts["name"], configured_sender(sender))
    message["Subject"] = texts["subject"]
    message["Date"] = datetime.fromtimestamp(now, UTC)
    message["Auto-Submitted"] = "auto-generated"
    write(message, "booking", texts, templates)
    if notice.ics:
        attach_calendar(message, notice.ics)
    message["Content-Language"] = texts["language"]
    return message


def attach_calendar(message: EmailMessage, ics: str) -> None:
    """Adds an iTIP message to a mail with text: as the last alternative, for clients that act on it, and as a file
    for those that open attachments. The part's method is the one in the text, as Outlook insists.
    """
    method = parse(ics).text("METHOD").upper()
    if not method.isalpha():
        raise InvalidCalendarData("an iTIP message needs a METHOD")
    message.add_alternative(ics, subtype="calendar", charset="utf-8", cte="base64", params={"method": method})
    message.add_attachment(ics.encode(), "application", "ics", filename="invite.ics", params={"name": "invite.ics"})


def _address(message: EmailMessage, notice: Notice, to: Person, other: Person, name: str, sender: Address) -> None:
    answered = notice.hosts if other is notice.host else (other,)
    shown = name[:LONGEST_NAME] if other is notice.host and plain(other.name) else sender.display_name
    message["From"] = Address(shown or sender.display_name, sender.username, sender.domain)
    message["To"] = mailbox(to.name, to.address)
    message["Reply-To"] = [mailbox(one.name, one.address) for one in answered]
    root = f"<{digest(notice.uid, to.address)}@{sender.domain}>"
    if notice.sequence == 0 and notice.kind in FIRST:
        message["Message-ID"] = root
        return
    change = "-".join(filter(None, (notice.kind, str(notice.sequence), notice.once)))
    message["Message-ID"] = f"<{digest(notice.uid, to.address, change)}@{sender.domain}>"
    message["In-Reply-To"] = root
    message["References"] = root


def digest(*parts: str) -> str:
    """Of texts, 128 bits as hex; for Message-IDs."""
    return blake2b("\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _texts(notice: Notice, to: Person, other: Person, *, to_guest: bool) -> Mapping[str, Any]:
    """What the templates show, each already in the reader's language."""
    said = words(to.locale)
    to_host = other is not notice.host
    reader = "host" if to_host else "third" if to_guest else "guest"
    hosts = joined([plain(one.name) or one_address(one.address) for one in notice.hosts], to.locale)
    parties = (notice.invitee, *notice.parties)
    invitees = joined([plain(one.name) or one_address(one.address) for one in parties], to.locale)
    names = {"host": hosts, "invitee": invitees, "by": plain(notice.by)}
    name = invitees if to_host else hosts
    people = (other, *notice.parties, *notice.others, *((notice.invitee,) if to_guest else ()))
    when = clock.short(notice.start, to.zone, to.locale)
    subject = getattr(said, f"subject_{notice.kind}").format(title=plain(notice.title), name=name, when=when)
    return {
        "words": said,
        "language": clock.code(to.locale),
        "subject": subject[:LONGEST_SUBJECT].strip(),
        "lead": " ".join(filter(None, (getattr(said, f"{reader}_{notice.kind}").format(**names), notice.why))),
        "title": plain(notice.title),
        "cancelled": notice.kind in ENDED,
        "name": name,
        "people": [(plain(one.name) or one_address(one.address), one_address(one.address)) for one in people],
        "location": plain(notice.location),
        "location_link": link(plain(notice.location)),
        "note": lines(notice.note),
        "reason": lines(notice.reason),
        "guests": ", ".join(one_address(one) for one in notice.guests),
        "ask": said.unwanted if to_guest else _question(notice, said, to_host=to_host),
        "links": _for_guest(notice, said) if to_guest else _links(notice, said, to_host=to_host),
        "wrong": ""
        if to_host or to_guest or notice.kind in ENDED or not is_web(notice.wrong_url)
        else notice.wrong_url,
        "footer": said.no_account if notice.ics and not to_host and notice.kind not in CALLED_OFF else "",
        "other_name": said.clock_of.format(name=name),
        **_times(notice, to, other),
    }


def _times(notice: Notice, to: Person, other: Person) -> dict[str, Any]:
    """The time for the reader and, where the other's clock differs, for the other. dates: for the reader."""
    start, end = notice.start, notice.end
    differs = clock.local(start, to.zone).utcoffset() != clock.local(start, other.zone).utcoffset()
    return {
        "when": clock.span(start, end, to.zone, to.locale),
        "zone": clock.zone_name(start, to.zone, to.locale),
        "other_when": clock.span(start, end, other.zone, to.locale) if differs else "",
        "other_zone": clock.zone_name(start, other.zone, to.locale) if differs else "",
        "dates": [clock.span(*one, to.zone, to.locale) for one in notice.dates] if len(notice.dates) > 1 else [],
        "also": [clock.span(*one, to.zone, to.locale) for one in notice.also],
        "before": clock.span(*notice.before, to.zone, to.locale) if notice.before else "",
        "proposal": clock.span(*notice.proposal, to.zone, to.locale) if notice.proposal else "",
    }


def joined(names: Sequence[str], locale: str) -> str:
    """Names as a sentence has them: "A, B and C"; in Spanish "e Inés", which CLDR leaves to the program."""
    spoken = clock.locale_of(locale)
    text = format_list(list(names), locale=spoken)
    if spoken.language == "es" and len(names) > 1 and SOUNDS_LIKE_Y.match(names[-1]):
        return text.removesuffix(f" y {names[-1]}") + f" e {names[-1]}"
    return text


def _question(notice: Notice, said: Words, *, to_host: bool) -> str:
    if notice.kind in ENDED:
        return said.again
    return said.decide if to_host and notice.kind is Kind.REQUESTED else said.change


def _for_guest(notice: Notice, said: Words) -> list[tuple[str, str]]:
    return [] if notice.kind in ENDED or not is_web(notice.leave_url) else [(said.leave, notice.leave_url)]


def _links(notice: Notice, said: Words, *, to_host: bool) -> list[tuple[str, str]]:
    offered = [(said.reschedule, notice.reschedule_url), (said.cancel, notice.cancel_url)]
    if notice.kind in ENDED:
        offered = [] if to_host else [(said.book_again, notice.book_url)]
    elif notice.kind is Kind.HANDED_OVER:
        offered = []
    elif to_host and notice.kind is Kind.REQUESTED:
        offered = [(said.confirm, notice.confirm_url), (said.decline, notice.decline_url)]
    elif notice.proposal_url:
        offered = [(said.take_proposal, notice.proposal_url), *offered]
    return [(label, url) for label, url in offered if is_web(url)]
