"""What a message does to the object it is about (RFC 5546 3.2, 3.4; RFC 6638 4)."""

from collections.abc import Collection, Iterable
from typing import Final

from gateway.errors import GatewayError, InvalidSchedulingMessage
from gateway.ical.objects import ParsedObject, read
from gateway.ical.text import Component
from gateway.scheduling.itip.answers import answered, asked, proposed
from gateway.scheduling.itip.incoming import added, cancelling, requested
from gateway.scheduling.itip.lines import address, attendee, attendees, deputy, organizer_of
from gateway.scheduling.itip.model import Method, Outcome, Received
from gateway.scheduling.itip.proposals import refresh

OF_ORGANIZER: Final = frozenset({Method.PUBLISH, Method.REQUEST, Method.ADD, Method.CANCEL, Method.DECLINECOUNTER})
CONTENT: Final = frozenset({Method.PUBLISH, Method.REQUEST, Method.ADD, Method.CANCEL})
SCHEDULED: Final = frozenset({"VEVENT", "VTODO"})
KINDS: Final = SCHEDULED | {"VJOURNAL"}


def method_of(message: ParsedObject) -> Method:
    """Raises: InvalidSchedulingMessage where it says none that there is."""
    name = message.calendar.text("METHOD").strip().upper()
    try:
        return Method(name)
    except ValueError as error:
        raise InvalidSchedulingMessage(f"no method {name[:40]}") from error


def receive(
    message: ParsedObject, current: ParsedObject | None, *, me: frozenset[str], sender: str, stamp: int
) -> Received:
    """What to store, and what to answer.

    current: my object of the same UID, in whichever calendar. me: all my addresses.
    sender: whom the message is known to come from: the organizer or attendee it speaks for, or a deputy (SENT-BY) that
    `current` names; of what is new here also one that the message names. "": its way here is proof enough.
    The same message again changes nothing, nor does one that comes after newer ones.
    Raises: InvalidSchedulingMessage.
    """
    method = method_of(message)
    _check(message, method, current)
    found = _taken(message, method, current, me, sender, stamp)
    if found.text is not None and method in CONTENT:
        try:
            read(found.text)
        except GatewayError as error:
            raise InvalidSchedulingMessage(f"what it says cannot be stored: {error}") from error
    return found


def _taken(
    message: ParsedObject, method: Method, current: ParsedObject | None, me: frozenset[str], sender: str, stamp: int
) -> Received:
    if method in OF_ORGANIZER:
        return _of_organizer(message, method, current, me, sender, stamp)
    if current is not None and _organizer(current.components) not in me:
        return Received(Outcome.STRANGER)
    if method is Method.REPLY:
        return answered(message, current, me=me, sender=sender, stamp=stamp)
    if method is Method.REFRESH:
        return asked(message, current, me=me, sender=sender, stamp=stamp)
    return proposed(message, current, sender)


def _check(message: ParsedObject, method: Method, current: ParsedObject | None) -> None:
    """Only what makes it impossible to tell what is meant; senders leave out much else."""
    if message.kind not in (KINDS if method in {Method.PUBLISH, Method.ADD, Method.CANCEL} else SCHEDULED):
        raise InvalidSchedulingMessage(f"{method} of a {message.kind}")
    if not message.components[0].text("UID").strip():
        raise InvalidSchedulingMessage("a message needs a UID")
    if organizer_of(message.components) is None:
        raise InvalidSchedulingMessage("a message needs an ORGANIZER")
    if current is not None and (current.uid != message.uid or current.kind != message.kind):
        raise InvalidSchedulingMessage("the message is about another object")
    if method is Method.REQUEST and message.kind == "VEVENT":
        for one in message.components:
            if one.first("DTSTART") is None:
                raise InvalidSchedulingMessage("an event needs a DTSTART")


def _of_organizer(
    message: ParsedObject, method: Method, current: ParsedObject | None, me: frozenset[str], sender: str, stamp: int
) -> Received:
    organizer = _organizer(message.components)
    if current is not None and _organizer(current.components) not in {organizer, ""}:
        return Received(Outcome.STRANGER)
    if sender and not _organizes(message, current, sender):
        forwarded = method is Method.REQUEST and current is None and _delegated(message, me, sender)
        if not forwarded:
            return Received(Outcome.STRANGER)
    if organizer in me:
        return Received(Outcome.SAME)
    if method is Method.REQUEST and not any(attendee(one, me) is not None for one in message.components):
        return Received(Outcome.UNINVITED)
    if method in {Method.REQUEST, Method.PUBLISH}:
        return requested(message, current, me)
    if method is Method.CANCEL:
        return cancelling(message, current, me)
    if method is Method.DECLINECOUNTER:
        return Received(Outcome.PROPOSAL_DECLINED if current is not None else Outcome.UNKNOWN)
    return _added(message, current, me, stamp)


def _added(message: ParsedObject, current: ParsedObject | None, me: frozenset[str], stamp: int) -> Received:
    """An ADD to what is not here asks for the whole (RFC 5546 3.2.4)."""
    if current is not None:
        return added(message, current, me)
    mine = next((who for one in message.components for who in attendees(one) if who in me), min(me, default=""))
    return Received(Outcome.UNKNOWN, messages=(refresh(message, mine, stamp=stamp),))


def _organizer(components: Iterable[Component]) -> str:
    line = organizer_of(components)
    return "" if line is None else address(line)


def _organizes(message: ParsedObject, current: ParsedObject | None, sender: str) -> bool:
    """Whether the sender is the organizer, or their deputy. What is here already decides who that is, so that nobody
    makes themselves the deputy of somebody else's event.
    """
    for one in (message if current is None else current).components:
        line = one.first("ORGANIZER")
        if line is not None and sender in {address(line), deputy(line)}:
            return True
    return False


def _delegated(message: ParsedObject, me: Collection[str], sender: str) -> bool:
    """Whether the sender, who is invited, sends me in their stead."""
    for one in message.components:
        mine, theirs = attendee(one, me), attendee(one, {sender})
        if mine is None or theirs is None:
            continue
        if sender in {who.lower().removeprefix("mailto:") for who in mine.params.get("DELEGATED-FROM", ())}:
            return True
    return False
