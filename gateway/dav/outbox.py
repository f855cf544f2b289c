"""POST to the outbox: whose time is free? (RFC 6638 3.5 and 5.1, and the drafts that clients still speak)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from typing import Final
from urllib.parse import unquote

from gateway.backends.base import Unanswered
from gateway.dav import paths, ranges, xml
from gateway.dav.answer import XML, Answer, bounded
from gateway.dav.ranges import Range
from gateway.dav.resources import Resource, Role, View
from gateway.errors import (
    CALDAV,
    GatewayError,
    InvalidOrganizer,
    InvalidRequest,
    InvalidSchedulingMessage,
)
from gateway.freebusy.busy import busy_for_others, stale
from gateway.freebusy.merge import as_periods, merge_seconds
from gateway.freebusy.others import OthersBusy
from gateway.freebusy.publish import vfreebusy
from gateway.ical.objects import MAX_ATTENDEES
from gateway.ical.text import Component, Property, parse, prop
from gateway.ical.value import parse_duration
from gateway.model import Period
from gateway.store import principals
from gateway.store.principals import Principal

SUCCESS: Final = "2.0;Success"
UNKNOWN: Final = "3.7;Invalid calendar user"
DENIED: Final = "3.8;No authority"
FAILED: Final = "5.1;Could not complete delivery"
REASONS: Final = {Unanswered.NOBODY: UNKNOWN, Unanswered.CLOSED: DENIED, Unanswered.FAILED: FAILED}
UNTOLD: Final = frozenset({Role.STRANGER, Role.KNOWN})
MASK: Final = "X-CALENDARSERVER-MASK-UID"


@dataclass(frozen=True, slots=True)
class Question:
    """recipients: calendar user addresses as given -> their ATTENDEE lines. mask: UID of an event to leave out."""

    uid: str
    span: Range
    organizer: Property
    recipients: Mapping[str, Property]
    mask: str | None


def read(body: bytes, recipients: Iterable[str] = ()) -> Question:
    """The one VFREEBUSY request of the message.

    recipients: of the Recipient headers, for messages without attendees.
    Raises: InvalidCalendarData, InvalidSchedulingMessage.
    """
    calendar = parse(body)
    found = [one for one in calendar.components if one.name != "VTIMEZONE"]
    if len(found) != 1 or found[0].name != "VFREEBUSY" or calendar.text("METHOD").upper() != "REQUEST":
        raise InvalidSchedulingMessage("only free/busy requests are taken here: METHOD:REQUEST with one VFREEBUSY")
    asked = found[0]
    organizer = asked.first("ORGANIZER")
    if organizer is None:
        raise InvalidSchedulingMessage("a free/busy request has an ORGANIZER")
    lines = {line.value.strip(): line for line in asked.all("ATTENDEE")}
    people = lines or {address: prop("ATTENDEE", address) for address in recipients}
    if not 0 < len(people) <= MAX_ATTENDEES:
        raise InvalidSchedulingMessage(f"a free/busy request has 1 to {MAX_ATTENDEES} attendees")
    return Question(asked.text("UID"), _span(asked), organizer, people, asked.text(MASK) or None)


def _span(asked: Component) -> Range:
    start, end, length = asked.first("DTSTART"), asked.first("DTEND"), asked.first("DURATION")
    try:
        begins = ranges.instant(start.value if start else "")
        if end is not None:
            span = Range(begins, ranges.instant(end.value))
        else:
            duration = parse_duration(length.value if length else "")
            span = Range(begins, begins + int(duration.timedelta.total_seconds()))
    except GatewayError as error:
        raise InvalidSchedulingMessage("DTSTART and DTEND are UTC date-times") from error
    if span.start >= span.end:
        raise InvalidSchedulingMessage("DTEND is after DTSTART")
    return span


def check(outbox: Resource, question: Question, originator: str = "") -> list[str]:
    """Addresses of recipients who are nobody here, so that they can be asked for elsewhere before `answer`.

    originator: of the header, "" without one.
    Raises: InvalidOrganizer.
    """
    view = outbox.view
    for address in (question.organizer.value, originator):
        if address and not _is(view, outbox.owner, address):
            raise InvalidOrganizer("you can only ask in your own name")
    return [mail_address(one) for one in question.recipients if _is_mail(one) and whose(view, one) is None]


def _is_mail(address: str) -> bool:
    return address.strip().lower().startswith("mailto:")


def mail_address(address: str) -> str:
    """The bare address of a mailto:, in lower case."""
    return unquote(address.strip().lower().removeprefix("mailto:"))


def answer(outbox: Resource, question: Question, others: OthersBusy) -> Answer:
    """A schedule-response with a response for each recipient. others: of those who are nobody here, by address."""
    view = outbox.view
    parts = [_response(outbox, question, address, others) for address in question.recipients]
    text = xml.document(CALDAV + "schedule-response", parts)
    return Answer(200, bounded(text, view.settings.limits.answer_bytes), XML)


def _is(view: View, person: Principal, address: str) -> bool:
    known = whose(view, address)
    return known is not None and known.id == person.id


def whose(view: View, address: str) -> Principal | None:
    """The person or team of a calendar user address: a mailto:, or the path or URL of a principal."""
    address = address.strip()
    if not address.lower().startswith("mailto:"):
        try:
            place = paths.read(paths.of_href(address))
        except GatewayError:
            return None
        return principals.by_name(view.conn, place.name) if place.on is paths.On.PRINCIPAL else None
    return principals.by_address(view.conn, address) or principals.outsider(view.conn, address)


def _response(outbox: Resource, question: Question, address: str, others: OthersBusy) -> str:
    status, text = _told(outbox, question, address, others)
    inner = f"<C:recipient>{xml.href(address)}</C:recipient><C:request-status>{status}</C:request-status>"
    if text:
        inner += f"<C:calendar-data>{xml.escape(text)}</C:calendar-data>"
    return f"<C:response>{inner}</C:response>"


def _told(outbox: Resource, question: Question, address: str, others: OthersBusy) -> tuple[str, str]:
    """Request status, and the VFREEBUSY where there is one."""
    view = outbox.view
    person = whose(view, address)
    if person is not None:
        return (SUCCESS, _of_person(view, question, address, person)) if may_ask(outbox, person) else (DENIED, "")
    told = others.get(mail_address(address)) if _is_mail(address) else None
    if told is None:
        return UNKNOWN, ""
    if isinstance(told, Unanswered):
        return REASONS[told], ""
    return SUCCESS, _reply(view, question, address, as_periods(told))


def may_ask(outbox: Resource, person: Principal) -> bool:
    """Of themselves, of those of a common team or who share their calendars, and of whoever lets the world know.

    A delegate who sends in somebody's name may ask whatever that one may ask.
    """
    view = outbox.view
    if view.role(person) not in UNTOLD or person.id == outbox.owner.id:
        return True
    if not outbox.is_mine and person.id in principals.colleagues(view.conn, outbox.owner.id):
        return True
    return person.freebusy_published and person.freebusy_token is None


def _of_person(view: View, question: Question, address: str, person: Principal) -> str:
    """Busy time of the person, or of every member of the team together."""
    who = principals.members_of(view.conn, person.id) if person.is_team else [person]
    behind = [name for one in who for name in _stale(view, one)]
    return _reply(view, question, address, _busy(view, who, question), behind)


def _reply(view: View, question: Question, address: str, periods: list[Period], behind: Sequence[str] = ()) -> str:
    return vfreebusy(
        periods,
        datetime.fromtimestamp(question.span.start, UTC),
        datetime.fromtimestamp(question.span.end, UTC),
        stamp=datetime.fromtimestamp(view.now, UTC),
        uid=question.uid,
        organizer=question.organizer,
        attendee=question.recipients[address],
        method="REPLY",
        stale=behind,
    )


def _busy(view: View, people: Iterable[Principal], question: Question) -> list[Period]:
    """Raises: TimeRangeTooWide."""
    found = [busy_for_others(view.conn, one, *question.span, without=question.mask) for one in people]
    return as_periods(found[0] if len(found) == 1 else merge_seconds(chain.from_iterable(found)))


def _stale(view: View, person: Principal) -> list[str]:
    return stale(view.conn, person, view.now, view.settings.booking.stale_after)


def recipients(headers: Iterable[str]) -> list[str]:
    """The addresses of Recipient headers, each of which may be a list.

    Raises: InvalidRequest.
    """
    found = [part.strip() for header in headers for part in header.split(",")]
    if len(found) > MAX_ATTENDEES:
        raise InvalidRequest(f"at most {MAX_ATTENDEES} recipients")
    return [address for address in found if address]
