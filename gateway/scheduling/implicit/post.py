"""Takes messages where they belong: to people here at once, to others by mail."""

import uuid
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from gateway.errors import InvalidRequest
from gateway.ical.objects import ParsedObject, read_lenient
from gateway.scheduling import itip
from gateway.scheduling.addresses import one_address
from gateway.scheduling.imip.queue import queue
from gateway.scheduling.implicit import places, rooms
from gateway.scheduling.itip import Method, News, Outcome, Outgoing, Received
from gateway.store import locks, mails, principals
from gateway.store.database import Connection
from gateway.store.objects import ObjectRow
from gateway.store.principals import Principal
from gateway.sync import inbox
from gateway.sync.context import Sync
from gateway.sync.write import take

HERE: Final = "1.2"
MAILED: Final = "1.1"
UNKNOWN: Final = "3.7"
NO_WAY: Final = "5.2"
"""Not delivered, as there is no way to (RFC 6638 3.2.9): the address is one, but no mail server is set up."""
ROUNDS: Final = 5_000
"""Most messages that may follow from one change."""
TO_ORGANIZER: Final = frozenset({Method.REPLY, Method.COUNTER, Method.REFRESH})
SHOWN: Final = frozenset(
    {
        *(Outcome.NEW, Outcome.UPDATED, Outcome.CANCELLED),
        *(Outcome.ANSWERED, Outcome.PROPOSED, Outcome.PROPOSAL_DECLINED),
    }
)
"""What a person is to find in their inbox."""
QUIET: Final = frozenset({Outcome.ANSWERS, Outcome.ANSWERED, Outcome.EARLY})
"""What leaves the Schedule-Tag as it is (RFC 6638 3.2.10)."""


def new_tag() -> str:
    return uuid.uuid4().hex


def stamp_of(sync: Sync, row: ObjectRow | None) -> int:
    """For the next messages about an object: later than the last ones, even within one second."""
    return sync.now if row is None else max(sync.now, row.told + 1)


@dataclass(frozen=True, slots=True)
class Letter:
    """A message on its way. by: the principal in whose name it goes."""

    message: Outgoing
    by: int


def lock(conn: Connection, owner: int, *objects: ParsedObject) -> None:
    """Before anything is written: the meeting, and everybody whom these versions and messages of it name."""
    lines = [line for obj in objects for one in obj.components for line in one.properties]
    named = {itip.address(line) for line in lines if line.name in {"ATTENDEE", "ORGANIZER"}}
    for obj in objects[:1]:
        locks.lock_meeting(conn, obj.uid, named, owner)


class Post:
    """Of one transaction, in which the meeting is locked."""

    def __init__(self, conn: Connection, sync: Sync) -> None:
        self._conn = conn
        self._sync = sync
        self._known: dict[str, Principal | None] = {}
        self._letters: deque[Letter] = deque()

    def codes(self, messages: Iterable[Outgoing]) -> dict[str, str]:
        """SCHEDULE-STATUS by address: what will become of these messages (RFC 6638 3.2.9)."""
        return {one.recipient: self._code(one) for one in messages if one.news is not News.ANSWERS}

    def first_sequence(self, obj: ParsedObject, user: int) -> int:
        """With which SEQUENCE a new object begins: 0, or higher than that with which the same was called off before, as
        far as guests here still have it or were told by mail.
        """
        last = mails.ended(self._conn, user, obj.uid)
        for who in {itip.address(line) for one in obj.components for line in one.all("ATTENDEE")}:
            person = self._person(who)
            copy = None if person is None else places.ours(places.copies(self._conn, person.id, obj.uid))
            parts = () if copy is None else read_lenient(copy.row.text).components
            if all(map(itip.cancelled, parts)):
                last = max([last, *map(itip.sequence, parts)])
        return last + 1

    def send(self, messages: Iterable[Outgoing], by: int) -> None:
        """These and whatever follows from them. by: the principal in whose name they go."""
        letters = [Letter(one, by) for one in messages]
        # Always in one order, so that two transactions never wait for each other.
        self._letters.extend(sorted(letters, key=lambda one: self._rank(one.message)))
        left = ROUNDS
        while self._letters and left:
            left -= 1
            self._carry(self._letters.popleft())

    def deliver(self, person: Principal, text: str, sender: str) -> Outcome:
        """A message for one person here, and whatever follows from it. sender: see itip.receive.

        Raises: InvalidSchedulingMessage, InvalidCalendarData and its like.
        """
        outcome = self._take_in(person, text, sender)
        self.send((), person.id)
        return outcome

    def _rank(self, message: Outgoing) -> int:
        person = self._person(message.recipient)
        return 0 if person is None else person.id

    def _person(self, address: str) -> Principal | None:
        if address not in self._known:
            self._known[address] = principals.by_address(self._conn, address)
        return self._known[address]

    def _code(self, message: Outgoing) -> str:
        if self._recipient(message) is not None:
            return HERE
        if not self._is_mailbox(message.recipient):
            return UNKNOWN
        return MAILED if self._sends_mail else NO_WAY

    def _recipient(self, message: Outgoing) -> Principal | None:
        """Who takes it in here; None: nobody, so it has to be mailed.

        An answer goes to the organizer's mailbox where the event is not kept by us: it is the provider's to understand.
        """
        person = self._person(message.recipient)
        if person is None or person.is_team:
            return None
        if message.method in TO_ORGANIZER:
            found = places.copies(self._conn, person.id, read_lenient(message.text).uid)
            if places.elsewhere(found) or not found:
                return None
        return person

    @property
    def _sends_mail(self) -> bool:
        return bool(self._sync.settings.mail.smtp_url.get_secret_value())

    def _is_mailbox(self, address: str) -> bool:
        """Of somebody, not of a team."""
        person = self._person(address)
        try:
            return one_address(address, wide=True) != "" and not (person is not None and person.is_team)
        except InvalidRequest:
            return False

    def _carry(self, letter: Letter) -> None:
        message = letter.message
        person = self._recipient(message)
        if person is not None:
            self._take_in(person, message.text, message.sender)
        elif message.news is not News.ANSWERS and self._sends_mail and self._is_mailbox(message.recipient):
            queue(self._conn, self._sync, letter.by, message)

    def _take_in(self, person: Principal, text: str, sender: str) -> Outcome:
        locks.lock_people(self._conn, person.id)
        message = read_lenient(text)
        found = places.copies(self._conn, person.id, message.uid)
        if places.elsewhere(found):
            return Outcome.SAME
        copy = places.ours(found)
        current = None if copy is None else _organised(read_lenient(copy.row.text))
        me = principals.addresses(self._conn, person.id)
        stamp = stamp_of(self._sync, None if copy is None else copy.row)
        received = itip.receive(message, current, me=me, sender=sender, stamp=stamp)
        if received.outcome is Outcome.NEW and _declined(message, me):
            return Outcome.SAME
        if received.text is not None:
            self._keep(person, message, received, copy, stamp)
        if received.outcome in SHOWN and not person.is_room:
            inbox.add(self._conn, self._sync, person.id, text)
        self._letters.extend(Letter(one, person.id) for one in received.messages)
        return received.outcome

    def _keep(
        self, person: Principal, message: ParsedObject, received: Received, copy: places.Copy | None, stamp: int
    ) -> None:
        text, told = received.text or "", stamp if received.messages else 0
        calendar = copy.calendar if copy else places.calendar_for(self._conn, self._sync, person, message.kind)
        row = copy.row if copy else None
        tag = row.schedule_tag if row is not None and received.outcome in QUIET else new_tag()
        if person.is_room and received.outcome in {Outcome.NEW, Outcome.UPDATED}:
            changes = rooms.answer(self._conn, self._sync, person, read_lenient(text), stamp)
            told = stamp
            text = itip.with_status(changes.text or text, self.codes(changes.messages))
            self._letters.extend(Letter(one, person.id) for one in changes.messages)
        take(self._conn, self._sync, person, text, row, calendar, tag=tag, told=told)


def _organised(obj: ParsedObject) -> ParsedObject | None:
    """None: an event of their own under that UID, which nobody ever sent; what comes now takes its place."""
    return obj if any(one.first("ORGANIZER") is not None for one in obj.components) else None


def _declined(message: ParsedObject, me: frozenset[str]) -> bool:
    """Whoever has said no, and threw the event away, does not get it back because its title has changed."""
    lines = [line for one in message.components for line in one.all("ATTENDEE") if itip.address(line) in me]
    return bool(lines) and all((line.param("PARTSTAT") or "").upper() == "DECLINED" for line in lines)


def as_payload(message: Outgoing) -> Mapping[str, Any]:
    return {
        "method": str(message.method),
        "sender": message.sender,
        "recipient": message.recipient,
        "text": message.text,
        "news": str(message.news),
        "forced": message.forced,
    }


def from_payload(payload: Mapping[str, Any]) -> Outgoing:
    return Outgoing(
        Method(payload["method"]),
        payload["sender"],
        payload["recipient"],
        payload["text"],
        News(payload["news"]),
        payload["forced"],
    )
