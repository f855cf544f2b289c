"""One mail, read: what it says is done, or it is left for a person to look at."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.message import Message
from enum import StrEnum
from hashlib import sha256
from typing import Final

from gateway.errors import (
    BackendUnavailable,
    GatewayError,
    InsufficientStorage,
    InvalidSchedulingMessage,
)
from gateway.ical.objects import ParsedObject, read_lenient
from gateway.ical.text import prop, serialise
from gateway.scheduling.addresses import configured_sender
from gateway.scheduling.imip.bounce import is_daemons, is_lost, is_report, threads
from gateway.scheduling.imip.found import Found, find, parsed
from gateway.scheduling.imip.queue import thread_of
from gateway.scheduling.imip.status import FAILED, mark
from gateway.scheduling.imip.trust import OF_ATTENDEE, Origin, addresses, origin, speaker
from gateway.scheduling.implicit import places
from gateway.scheduling.itip import Outcome, address
from gateway.store import mails, principals
from gateway.store.database import Connection
from gateway.store.mails import Letter
from gateway.store.principals import Principal
from gateway.sync.context import Sync

Deliver = Callable[[Connection, Sync, Principal, str, str], Outcome]
"""Does a message to the calendar of its recipient: connection, sync, recipient, sender's address, text."""

MESSAGE_ID: Final = re.compile(r"<[^<>\s@]{1,200}@[^<>\s@]{1,200}>")
ASKING: Final = frozenset({"REFRESH", "ADD"})
LOOKED_AT: Final = frozenset({Outcome.STRANGER, Outcome.UNINVITED})
"""What changes nothing, and what somebody had better see."""


class Verdict(StrEnum):
    """TAKEN: there is nothing left to do with it. OTHER: no mail about events. UNCLEAR: somebody has to look at it."""

    TAKEN = "taken"
    OTHER = "other"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Reading:
    """reason: why it is UNCLEAR. outcomes: one for each person here whom it was for."""

    verdict: Verdict
    reason: str = ""
    outcomes: tuple[Outcome, ...] = ()


async def take(sync: Sync, raw: bytes, deliver: Deliver) -> Reading:
    """Whatever is done is one transaction; the same mail a second time does nothing.

    Raises: BackendUnavailable, InsufficientStorage (nothing was done; again later).
    """
    try:
        message = parsed(raw)
        found = _found(message)
        if found is None and (is_report(message) or is_daemons(message)):
            return await sync.db.write(_bounced, sync, message)
        if found is None:
            return await sync.db.read(_without, sync, message)
        reading = await sync.db.write(_taken, sync, message, found, deliver)
    except (BackendUnavailable, InsufficientStorage):
        raise
    except GatewayError as error:
        return Reading(Verdict.UNCLEAR, str(error))
    sync.bell.ring()
    return reading


def _found(message: Message) -> Found | None:
    """What a mail server gives back of a mail of ours says nothing to us."""
    if is_report(message):
        return None
    try:
        return find(message)
    except InvalidSchedulingMessage:
        if is_daemons(message):
            return None
        raise


def _without(conn: Connection, sync: Sync, message: Message) -> Reading:
    """A mail with words only. Answers of machines are of no use to anybody; what also went to a person here is read
    there.
    """
    if is_automatic(message):
        return Reading(Verdict.TAKEN)
    us = configured_sender(sync.settings.mail.from_).addr_spec.lower() if sync.settings.mail.from_ else ""
    for one in addresses(message):
        if one != us and principals.by_address(conn, one) is not None:
            return Reading(Verdict.OTHER)
    return Reading(Verdict.OTHER, "no calendar part")


def is_automatic(message: Message) -> bool:
    """Whether a machine sent it by itself (RFC 3834), so that no machine may answer."""
    said = str(message.get("Auto-Submitted", "no")).split(";")[0].strip().lower()
    return said != "no" or str(message.get("Precedence", "")).strip().lower() == "auto_reply"


def _bounced(conn: Connection, sync: Sync, message: Message) -> Reading:
    if not is_lost(message):
        return Reading(Verdict.TAKEN)
    us = configured_sender(sync.settings.mail.from_)
    for thread in threads(message, us.domain):
        letter = mails.letter(conn, thread)
        if letter is not None:
            mark(conn, sync, letter.user_id, letter.uid, {letter.recipient: FAILED})
            return Reading(Verdict.TAKEN)
    return Reading(Verdict.UNCLEAR, "a mail did not arrive, but it is none about an event here")


def _taken(conn: Connection, sync: Sync, message: Message, found: Found, deliver: Deliver) -> Reading:
    given = read_lenient(found.text)
    _check_one(given)
    digest = sha256(f"{message.get('Message-ID', '')}\0{found.text}".encode("utf-8", "surrogatepass")).hexdigest()
    if not mails.remember(conn, digest, sync.now) or found.method == "PUBLISH":
        return Reading(Verdict.TAKEN)
    come = _origin(sync, message)
    if found.method in ASKING and is_automatic(message):
        return Reading(Verdict.TAKEN)
    outcomes = []
    for recipient, text in list(_recipients(conn, message, given, found)):
        current = stored(conn, recipient.id, given.uid)
        who = speaker(given, found.method, come.sender, current)
        if not who:
            outcomes.append(Outcome.STRANGER)
            continue
        if found.method == "REQUEST" and current is None:
            _check_welcome(sync.settings.mail.invitations, vouched=bool(come.vouched))
        outcomes.append(deliver(conn, sync, recipient, who, text))
        if outcomes[-1] is Outcome.NEW:
            _keep_thread(conn, sync, message, recipient, given)
    if not outcomes:
        raise InvalidSchedulingMessage("it is for nobody here")
    if all(outcome in LOOKED_AT for outcome in outcomes):
        raise InvalidSchedulingMessage(f"{come.sender} is nobody who may say this")
    return Reading(Verdict.TAKEN, outcomes=tuple(outcomes))


def _origin(sync: Sync, message: Message) -> Origin:
    come = origin(message, sync.settings.mail.authserv)
    if not come.sender:
        raise InvalidSchedulingMessage("it cannot be told whom the mail is from")
    if come.vouched is False:
        raise InvalidSchedulingMessage(f"the mail server does not vouch for {come.sender}")
    return come


def _check_one(given: ParsedObject) -> None:
    """A message is about one event, task or entry."""
    named = {one.text("UID") for one in given.calendar.components if one.name == given.kind}
    if len(named) > 1:
        raise InvalidSchedulingMessage("the calendar part is about several events")


def _check_welcome(whose: str, *, vouched: bool) -> None:
    if whose == "none" or (whose == "verified" and not vouched):
        raise InvalidSchedulingMessage("an invitation to something new, which the settings do not let in")


def _recipients(
    conn: Connection, message: Message, given: ParsedObject, found: Found
) -> Iterator[tuple[Principal, str]]:
    """The people here whom it is for, and what each of them gets."""
    named = addresses(message)
    organizer = next((address(line) for one in given.components for line in one.all("ORGANIZER")), "")
    if found.method in OF_ATTENDEE:
        if organizer:
            person = principals.by_address(conn, organizer)
            if person is not None:
                yield person, found.text
            return
        for person in _people(conn, named):
            if stored(conn, person.id, given.uid) is not None:
                yield person, _with_organizer(found.text, person, conn)
                return
        return
    invited = [address(line) for one in given.components for line in one.all("ATTENDEE")]
    people = _people(conn, invited)
    addressed = {person.id for person in _people(conn, named)} & {person.id for person in people}
    for person in people:
        if not addressed or person.id in addressed:
            yield person, found.text


def stored(conn: Connection, user: int, uid: str) -> ParsedObject | None:
    """The person's object of that UID, in whichever of their calendars."""
    found = places.copies(conn, user, uid)
    return read_lenient(found[0].row.text) if found else None


def _people(conn: Connection, found: list[str]) -> list[Principal]:
    people: dict[int, Principal] = {}
    for one in dict.fromkeys(found):
        person = principals.by_address(conn, one)
        if person is not None and not person.is_team:
            people.setdefault(person.id, person)
    return list(people.values())


def _with_organizer(text: str, person: Principal, conn: Connection) -> str:
    """Outlook.com leaves the ORGANIZER out of its answers; it is whom the answer is to."""
    obj = read_lenient(text)
    known = stored(conn, person.id, obj.uid)
    of_event = [line.value for one in known.components for line in one.all("ORGANIZER")] if known is not None else []
    for one in obj.components:
        one.properties.append(prop("ORGANIZER", of_event[0] if of_event else f"mailto:{person.email}"))
    return serialise(obj.calendar)


def _keep_thread(conn: Connection, sync: Sync, message: Message, recipient: Principal, given: ParsedObject) -> None:
    """So that the answer hangs on the invitation."""
    root = MESSAGE_ID.search(str(message.get("Message-ID", "")))
    organizer = next((address(line) for one in given.components for line in one.all("ORGANIZER")), "")
    thread = thread_of(recipient.id, given.uid, organizer)
    if root is not None and mails.letter(conn, thread) is None:
        mails.keep(conn, Letter(thread, recipient.id, given.uid, organizer, "", root[0], {}, sync.now))
