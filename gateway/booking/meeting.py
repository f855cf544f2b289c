"""What the calendar object and the invitations of a booking say."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from gateway.booking.event import ANSWER, PARTY, Meeting, Person
from gateway.booking.gathering import Gathering
from gateway.booking.locations import LOCATIONS
from gateway.booking.model import Place, Question, details, said
from gateway.booking.offer import Bookable
from gateway.store.bookings import BookingRow
from gateway.store.principals import Principal

YES: Final = {"en": "yes", "de": "ja"}
NO: Final = {"en": "no", "de": "nein"}
LURES: Final = re.compile(r"://|www\.|\.[a-z]{2,}|[@/\\]", re.IGNORECASE)
LONGEST_NAME: Final = 60
LONGEST_PLACE: Final = 120


def meeting(
    row: BookingRow, hosts: Sequence[Principal], of: Bookable | None, whose: Principal | None = None
) -> Meeting:
    """of: the event type, None if it is no more. whose: the host whose copy it is; None: the `organizer`'s.

    Each host is the organizer of their own copy, so that every calendar lets them move and delete it; but who has no
    account here is invited.
    """
    host = organizer(hosts, of) if whose is None or whose.is_outside else whose
    written = details(row)
    invitee = written.invitee
    asked = {} if of is None else {one.name: one for one in of.kind.questions}
    answered = [_answered(asked.get(name), name, text, host.locale) for name, text in written.answers.items()]
    names = ", ".join(one.displayname for one in hosts)
    return Meeting(
        uid=row.uid,
        sequence=row.sequence,
        start=row.start,
        end=row.end,
        zone=host.zone if written.series is None else written.series.zone,
        title=f"{written.title}: {names} – {invitee.name}",
        description="\n".join(part for part in (written.note, *answered, *written.dial_in) if part),
        location=written.place,
        host=_person(host),
        invitee=Person(invitee.name, invitee.email),
        created=row.created,
        changed=row.changed,
        url=written.place if written.place.startswith(("https://", "http://")) else "",
        others=tuple(_person(one) for one in hosts if one.id != host.id),
        tentative=row.status == "pending",
        private=of is not None and of.kind.private,
        reply=written.reply or "ACCEPTED",
        guests=tuple((Person("", one.email), one.reply or "NEEDS-ACTION") for one in written.coming),
        gone=tuple(one.email for one in written.guests if one.gone),
        plan=written.series,
    )


def joint(
    together: Gathering, hosts: Sequence[Principal], of: Bookable | None, whose: Principal | None = None
) -> Meeting:
    """The event that parties share, as a host has it; there is at least one."""
    each = [meeting(row, hosts, of, whose) for row in together.rows]
    first, others = each[0], {one.invitee.email.lower(): one for one in reversed(each)}
    others.pop(first.invitee.email.lower())
    staff = {first.host.email.lower(), *(one.email.lower() for one in first.others)}
    return replace(
        first,
        uid=together.uid,
        sequence=together.sequence,
        title=first.title.removesuffix(f" – {first.invitee.name}"),
        description="\n".join(_listed(one) for one in each),
        location=first.location if all(one.location == first.location for one in each) else "",
        changed=max(one.changed for one in each),
        tentative=all(one.tentative for one in each),
        guests=tuple((one.invitee, one.reply) for one in reversed(others.values())),
        gone=tuple(one for one in together.gone if one not in staff),
        shared=True,
    )


def _listed(one: Meeting) -> str:
    answers = [f"{ANSWER}{line}" for line in one.description.splitlines() if line.strip()]
    return "\n".join([f"{PARTY}{one.invitee.name} <{one.invitee.email}>", *answers])


def organizer(hosts: Sequence[Principal], of: Bookable | None) -> Principal:
    """In whose name guests are invited: the first host here, else the team or person whose page it was booked on."""
    here = next((one for one in hosts if not one.is_outside), None)
    return here or (hosts[0] if of is None else of.host)


def _person(host: Principal) -> Person:
    return Person(host.displayname, host.email, "NEEDS-ACTION" if host.is_outside else "ACCEPTED")


def _answered(question: Question | None, name: str, text: str, language: str) -> str:
    if question is None:
        return f"{name}: {text}"
    if question.kind == "yes":
        text = said(YES if text == "yes" else NO, language)
    return f"{said(question.label, language)}: {text}"


def modest(text: str, longest: int) -> str:
    """What a stranger wrote, "" where it might be there to lead third parties somewhere."""
    return "" if len(text) > longest or LURES.search(text) else text


def for_guests(given: Meeting, where: Place) -> Meeting:
    """As those see it whom an invitee brings: nothing of what a stranger wrote but a name and, if need be, a place.

    where: what its place is made of.
    """
    name = modest(given.invitee.name, LONGEST_NAME) or given.invitee.email
    title = given.title.removesuffix(given.invitee.name) + name
    kind = LOCATIONS.get(where.kind)
    place = given.location
    if kind is None or kind.asks:  # a number of the invitee's own is theirs
        place = "" if kind is not None and kind.icon == "phone" else modest(place, LONGEST_PLACE)
    url, person = given.url if place else "", Person(name, given.invitee.email)
    return replace(given, title=title, description="", location=place, url=url, invitee=person)
