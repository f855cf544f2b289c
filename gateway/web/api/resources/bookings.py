"""Bookings: made, seen, moved and called off, by the same functions as on the pages."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Final, Literal

from multidict import MultiDict
from pydantic import Field, StringConstraints

from gateway.booking import offer
from gateway.booking.access import of_person
from gateway.booking.book import Wish, book, cancel, reschedule
from gateway.booking.confirm import confirm, decline
from gateway.booking.guests import add_guests, uninvite, unlike
from gateway.booking.model import Invitee, details
from gateway.booking.shape import Whole, shape, whole
from gateway.errors import Flaw, InvalidInput, NotFound
from gateway.store import booking_pages, principals
from gateway.store.booking_pages import Filter, Whose
from gateway.store.database import Connection
from gateway.store.principals import Principal
from gateway.web.api.operation import Call
from gateway.web.api.paging import page, read_cursor
from gateway.web.api.resources.slots import Host
from gateway.web.api.values import Asked, Instant, Listed, Model, Name, Slug, Text, Zone, example
from gateway.web.forms import Entered, addresses, entered, guests_problem
from gateway.web.keys import LIMITS
from gateway.web.language import language
from gateway.web.views import Asking, PlaceView, choice_of_places, questions
from gateway.web.visitor import client_address

Status = Literal["accepted", "pending", "cancelled", "declined"]
Uid = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9-]{1,64}$"), example("0b5c2f0e-7d1e-4a55-9a7e-3f0d6c1a2b3c")
]
Language = Annotated[
    str, StringConstraints(pattern=r"^[a-z]{2,3}([_-][A-Za-z0-9]{1,8}){0,3}$", max_length=16), example("de")
]
Line = Annotated[str, StringConstraints(min_length=1, max_length=254, pattern=r"^[^\x00-\x1f\x7f-\x9f]*$")]
MOST_GUESTS: Final = 50
Guests = Annotated[tuple[Line, ...], Field(max_length=MOST_GUESTS)]
Answer = Text | bool | Annotated[tuple[Text, ...], Field(max_length=100)]
Question = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]


class BookingAsked(Asked):
    uid: Uid


class GuestAsked(BookingAsked):
    email: Line
    """Of one of its guests; of whom else, nothing changes."""


class BookingsAsked(Listed):
    status: Status | None = None
    start: Instant | None = None
    """Those that end after it."""
    end: Instant | None = None
    """Those that start before it."""
    event_type: Slug | None = None
    search: Annotated[str, StringConstraints(max_length=200)] = ""
    """Words that are all in it: name, e-mail, title, note, answers; without regard to case and accents."""
    team: Name | None = None
    """All bookings of this team's event types, for whoever may change the team."""
    host: Name | None = None
    """Of those only the ones with this host."""


class InviteeShown(Model):
    name: str
    email: str
    zone: str
    language: str
    """A locale name, such as en_GB."""


class GuestShown(Model):
    email: str
    reply: str
    """To the invitation: ACCEPTED, TENTATIVE, DECLINED, or empty."""
    gone: bool
    """They took themselves off, and hear nothing more."""


class DateShown(Model):
    """One date of a series."""

    date: Instant
    """What it is known by, wherever it is moved: its start by the rule."""
    start: Instant
    end: Instant
    cancelled: bool
    reply: str
    """To this date alone: ACCEPTED, TENTATIVE, DECLINED, or empty."""


class Booking(Model):
    """A booking, by its uid for life."""

    uid: Uid
    event: Uid
    """UID of the event in the hosts' calendars: its own, or that of one which parties share where there are seats."""
    status: str
    """accepted; pending: a host has to confirm it; cancelled; declined."""
    start: Instant
    """Of a series the start of its first date by the rule."""
    end: Instant
    dates: tuple[DateShown, ...]
    """Of a series, in the order of the rule; none: it is a single one."""
    event_type: str | None
    """Slug; null: it is no more."""
    hosts: tuple[Name, ...]
    title: str
    invitee: InviteeShown
    note: str
    answers: dict[str, str]
    """By the questions' names."""
    guests: tuple[GuestShown, ...]
    place: str
    reason: str
    """Said when it was cancelled or declined."""
    no_show: bool
    """Nobody came."""
    host_note: str
    """The hosts' own words, which no invitee reads."""
    created: Instant
    changed: Instant
    url: str
    """The invitee's page: whoever has this address sees, moves and cancels it."""


class Bookings(Model):
    items: tuple[Booking, ...]
    next: str | None
    """Cursor of the next page; null: this is the last one."""


class InviteeGiven(Model):
    name: Annotated[Line, Field(max_length=200), example("Jo Doe")]
    email: Annotated[Line, example("jo@example.com")]
    zone: Zone
    """Mails to them count time in it."""
    language: Language = "en"
    """Mails to them are in it, as far as it is spoken here."""


class BookingNew(Model):
    """What somebody wants to book."""

    event_type: Slug
    host: Host = ""
    """As in the address of the booking page; empty: you."""
    start: Instant
    """One of the slots."""
    length: int | None = Field(None, ge=1, le=24 * 60)
    """Minutes; one that the event type offers, its usual one where it is left out."""
    invitee: InviteeGiven
    note: Text = ""
    where: int | None = Field(None, ge=0, le=99)
    """Which of the event type's places, counted from 0; needed where there are several."""
    place: Text = ""
    """What the kind of place asks for, such as a phone number."""
    answers: dict[Question, Answer] = Field({}, max_length=50)
    """To the event type's questions, by their names: a text; a list where several may be chosen; or yes or no."""
    guests: Guests = ()
    """E-mail addresses of whom the invitee brings, as many as the event type allows."""
    dates: int | None = Field(None, ge=2, le=60)
    """How many dates of a series, where the invitee may choose; all where it is left out."""


class Bidding(Model):
    """Who else is to come."""

    guests: Guests
    """E-mail addresses; those who are invited already stay."""


class Move(Model):
    """Where to."""

    start: Instant
    """One of the slots; of a series the first date that is still to come."""
    date: Instant | None = None
    """The one date of a series that is meant, as in its `dates`; all that are to come where it is left out."""


class Cancellation(Model):
    """Why."""

    reason: Annotated[Text, Field(max_length=1000)] = ""
    """Told to both sides."""


class Calling(Cancellation):
    """Why, what of a series, and for whom."""

    date: Instant | None = None
    """The one date of a series that is meant, as in its `dates`; all that are to come where it is left out."""
    whole: bool = False
    """Where there are seats: with all who share the event."""


def _own(conn: Connection, user: int, uid: str) -> Whole:
    """Raises: NotFound, also for bookings with others."""
    return whole(conn, of_person(conn, user, uid).row)


async def found(call: Call, uid: str) -> tuple[Whole, str]:
    """With the token of the hosts' link. Raises: NotFound."""
    own = await call.db.read(_own, call.asker.id, uid)
    return own, call.desk.sealer.open(details(own.row).host_token.encode())


def shown(call: Call, own: Whole) -> Booking:
    return Booking.model_validate(shape(call.desk, own))


async def list_bookings(call: Call, asked: BookingsAsked) -> Bookings:
    after = read_cursor(asked.cursor, (int, int))
    place = None if after is None else (int(after[0]), int(after[1]))
    only = Filter(asked.status, asked.start, asked.end, asked.event_type, place, text=asked.search)

    def read(conn: Connection) -> Sequence[Whole]:
        rows = booking_pages.listed(conn, _whose(conn, call.asker, asked), only, asked.limit + 1)
        return [whole(conn, row) for row in rows]

    found, cursor = page(await call.db.read(read), asked, lambda own: (own.row.start, own.row.id))
    return Bookings(items=tuple(shown(call, own) for own in found), next=cursor)


def _whose(conn: Connection, asker: Principal, asked: BookingsAsked) -> Whose:
    """Raises: NotFound."""
    if asked.team is None:
        if asked.host is not None:
            raise InvalidInput("a host is one of a team", (Flaw("name the team as well", parameter="host"),))
        return Whose(asker.id)
    team = next((one for one in principals.led_by(conn, asker.id) if one.name == asked.team), None)
    if team is None:
        raise NotFound("you lead no team of that name")
    if asked.host is None:
        return Whose(team=team.id)
    host = next((one for one in principals.members_of(conn, team.id) if one.name == asked.host), None)
    if host is None:
        raise NotFound("there is nobody of that name in the team")
    return Whose(host.id, team.id)


async def read_booking(call: Call, asked: BookingAsked) -> Booking:
    return shown(call, await call.db.read(_own, call.asker.id, asked.uid))


async def create_booking(call: Call, given: BookingNew) -> Booking:
    name = given.host or call.asker.name
    of = await call.db.read(offer.bookable, name, given.event_type)
    spoken = language([given.invitee.language])
    asked, places = questions(of.kind, spoken), choice_of_places(of.kind, spoken)
    typed = entered(_form(given, asked, places), asked, places, guests=of.kind.guests)
    typed = _checked(given, typed, asked, len(of.kind.places))
    limits, address = call.request.app[LIMITS], client_address(call.request)
    limits.may_book(address, typed.email)
    limits.may_bid(address, typed.bidden)
    invitee = Invitee(name=typed.name, email=typed.email, zone=given.invitee.zone, language=str(spoken.locale))
    wish = Wish(given.start, invitee, typed.note, typed.by_question(), typed.where, typed.place, call.once)
    wish = replace(wish, guests=typed.bidden, length=given.length or 0, dates=given.dates or 0)
    booked = await book(call.desk, name, given.event_type, wish)
    if booked.created:
        limits.did_book(address, typed.email)
        limits.did_bid(address, typed.bidden)
    return shown(call, await call.db.read(whole, booked.row))


def _form(given: BookingNew, asked: Sequence[Asking], places: Sequence[PlaceView]) -> MultiDict[str]:
    """As the page's form would send it."""
    form = MultiDict({"name": given.invitee.name, "email": given.invitee.email})
    form.extend({"note": given.note, "place": given.place, "guests": "\n".join(given.guests)})
    if given.where is not None and given.where < len(places):
        where = places[given.where].key
        form.extend({"where": where, f"place_{where}": given.place})
    for one in asked:
        answer = given.answers.get(one.name.removeprefix("q_"), "")
        if one.kind == "yes":
            form.extend({one.name: "yes"} if answer in {True, "yes"} else {})
        elif isinstance(answer, tuple):
            form.extend([(one.name, text) for text in answer])
        elif isinstance(answer, str) and answer and one.name != "place":
            form.add(one.name, answer)
    return form


def _checked(given: BookingNew, typed: Entered, asked: Sequence[Asking], places: int) -> Entered:
    """places: how many there are. Raises: InvalidInput, with what the form would have said."""
    kinds = {one.name.removeprefix("q_"): one.kind for one in asked if one.name.startswith("q_")}
    flaws = [
        Flaw(reason, pointer=f"/answers/{name}")
        for name, answer in given.answers.items()
        if (reason := _unfit(answer, kinds.get(name)))
    ]
    if given.where is not None and given.where >= places:
        flaws.append(Flaw("there is no such place", pointer="/where"))
    known = {one.pointer for one in flaws}
    said = [Flaw(message, pointer=_pointer(name)) for name, message in typed.errors.items()]
    flaws += [one for one in said if one.pointer not in known]
    if flaws:
        raise InvalidInput("the booking cannot be made like this", tuple(flaws))
    return typed


def _unfit(answer: str | bool | tuple[str, ...], kind: str | None) -> str:
    """Why it is no answer to a question of that kind at all, None: there is no such question; "": it may be one."""
    if kind is None:
        return "there is no such question"
    if kind == "yes":
        return "" if isinstance(answer, bool) or answer in {"yes", "no"} else "answer true or false"
    if isinstance(answer, bool):
        return "answer in words"
    return "there is one answer to this" if isinstance(answer, tuple) and kind != "several" else ""


def _pointer(field: str) -> str:
    if field.startswith("q_"):
        return f"/answers/{field.removeprefix('q_')}"
    if field.startswith("place_"):
        return "/place"
    return f"/invitee/{field}" if field in {"name", "email"} else f"/{field}"


async def add_booking_guests(call: Call, asked: BookingAsked, given: Bidding) -> Booking:
    own, token = await found(call, asked.uid)
    typed = "\n".join(given.guests)
    if problem := guests_problem(typed, MOST_GUESTS):
        raise InvalidInput(problem, (Flaw(problem, pointer="/guests"),))
    limits, address = call.request.app[LIMITS], client_address(call.request)
    more = unlike(addresses(typed), [one.email for one in details(own.row).asked])
    limits.may_bid(address, more)
    row = await add_guests(call.desk, asked.uid, token, more)
    limits.did_bid(address, more)
    return shown(call, replace(own, row=row))


async def remove_booking_guest(call: Call, asked: GuestAsked) -> Booking:
    own, token = await found(call, asked.uid)
    row = await uninvite(call.desk, asked.uid, token, asked.email)
    return shown(call, replace(own, row=row))


async def reschedule_booking(call: Call, asked: BookingAsked, given: Move) -> Booking:
    own, token = await found(call, asked.uid)
    row = await reschedule(call.desk, asked.uid, token, given.start, details(own.row).invitee.zone, given.date)
    return shown(call, replace(own, row=row))


async def cancel_booking(call: Call, asked: BookingAsked, given: Calling) -> Booking:
    own, token = await found(call, asked.uid)
    row = await cancel(call.desk, asked.uid, token, given.reason, given.date, whole=given.whole)
    return shown(call, replace(own, row=row))


async def confirm_booking(call: Call, asked: BookingAsked) -> Booking:
    own, token = await found(call, asked.uid)
    return shown(call, replace(own, row=await confirm(call.desk, asked.uid, token)))


async def decline_booking(call: Call, asked: BookingAsked, given: Cancellation) -> Booking:
    own, token = await found(call, asked.uid)
    return shown(call, replace(own, row=await decline(call.desk, asked.uid, token, given.reason)))
