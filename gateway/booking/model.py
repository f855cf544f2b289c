"""Event types and what is written down of a booking, as values and as the documents the store keeps."""

import hashlib
import re
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Final, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, ValidationInfo, field_validator

from gateway.booking.document import Document
from gateway.booking.redirect import template
from gateway.booking.repeats import Plan, Repeats
from gateway.booking.slots import Between, BookableDays, Limit, Mode, Per, Rolling, Rules
from gateway.freebusy.availability import Window, WorkingHours, clock
from gateway.store.bookings import BookingRow

STANDARD_WEEK: Final = (("09:00-17:00",),) * 5 + ((),) * 2

LONGEST_TEXT: Final = 2000
Text = Annotated[str, StringConstraints(max_length=LONGEST_TEXT, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f-\x9f]*$")]
Locale = Annotated[str, StringConstraints(pattern=r"^([a-z]{2,3}([_-][A-Za-z0-9]{1,8}){0,3})?$")]
Words = Mapping[str, str]  # language code -> text; "" holds for every language


def words(given: object) -> object:
    """One text alone counts for every language."""
    return {"": given} if isinstance(given, str) else given


def said(given: Words, language: str) -> str:
    """In that language, else for every language, else in English, else in whichever there is.

    language: may name a region too, such as de_AT.
    """
    spoken = language.replace("-", "_").partition("_")[0]
    return (
        given.get(language) or given.get(spoken) or given.get("") or given.get("en") or next(iter(given.values()), "")
    )


def windows(text: str) -> str:
    """Raises: ValueError unless it is HH:MM-HH:MM."""
    window(text)
    return text


def window(text: str) -> Window:
    start, dash, end = text.partition("-")
    if not dash:
        raise ValueError(f"not a window of a day, such as 09:00-17:00: {text!r}")
    return Window(clock(start), clock(end))


def slug(text: str) -> str:
    if not re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?", text):
        raise ValueError("only small letters, digits and dashes, at most 64")
    return text


def zone_name(text: str) -> str:
    """ "" as it is. Raises: ValueError."""
    try:
        return ZoneInfo(text).key if text else text
    except (KeyError, ValueError, OSError) as error:
        raise ValueError("not a time zone, such as Europe/Berlin") from error


Said = Annotated[Mapping[Locale, Text], BeforeValidator(words, json_schema_input_type=Text | dict[Locale, Text])]
Redirect = Annotated[Text, Field(max_length=1000), AfterValidator(template)]
ZoneName = Annotated[str, StringConstraints(max_length=64), AfterValidator(zone_name)]
Color = Annotated[str, StringConstraints(pattern=r"^(#[0-9a-fA-F]{6})?$")]
WindowText = Annotated[str, AfterValidator(windows)]
ORIGIN: Final = r"^(\*|https?://(\*\.)?[a-z0-9.-]+(:[0-9]{1,5})?)$"
Origin = Annotated[str, StringConstraints(max_length=200, pattern=ORIGIN)]
CalendarId = Annotated[int, Field(ge=1, le=2**53 - 1)]
Minutes = Annotated[int, Field(ge=0, le=60 * 24 * 366)]
Length = Annotated[int, Field(ge=1, le=24 * 60)]
Until = Annotated[int | None, Field(ge=0, le=60 * 24 * 366)]
Buffer = Annotated[int, Field(ge=0, le=60 * 24 * 7)]  # see gateway.store.taken.LONGEST


class RollingDays(Document):
    kind: Literal["rolling"] = "rolling"
    days: int = Field(60, ge=0, le=3660)
    business: bool = False


class NextDays(Document):
    kind: Literal["bookable"] = "bookable"
    days: int = Field(ge=1, le=366)


class FixedRange(Document):
    kind: Literal["between"] = "between"
    first: date
    last: date


class LimitBy(Document):
    per: Per
    count: int | None = Field(None, ge=1, le=1_000_000)
    minutes: int | None = Field(None, ge=1, le=1_000_000)


class Hours(Document):
    """Working hours of the event type alone. zone "": the host's. weekly: seven days, Monday first, "HH:MM-HH:MM"."""

    zone: ZoneName = ""
    weekly: tuple[tuple[WindowText, ...], ...] = Field(STANDARD_WEEK, min_length=7, max_length=7)


class Place(Document):
    """kind: a row of LOCATIONS. text: address, number, link template … as that row says."""

    kind: str = Field("none", max_length=32)
    text: Annotated[Text, Field(max_length=1000)] = ""

    @property
    def key(self) -> str:
        """What a form knows it by, wherever it stands among others."""
        return hashlib.sha256(f"{self.kind}:{self.text}".encode()).hexdigest()[:12]


class Question(Document):
    """several: any of the options; yes: to be ticked, or not; where it is required, it has to be ticked."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
    label: Said
    kind: Literal["text", "long", "choice", "several", "yes", "phone", "number"] = "text"
    required: bool = False
    options: tuple[Text, ...] = Field((), max_length=100)


class Confirmation(Document):
    """A host has to confirm. within: minutes; only what begins sooner than that, None: everything.

    blocks: what waits takes its time, so that nobody else can book it.
    """

    within: int | None = Field(None, ge=0, le=60 * 24 * 366)
    blocks: bool = True


class Managed(Document):
    """A team's event type that its members have on their own pages too. open: fields that each of them may set."""

    open: tuple[str, ...] = Field((), max_length=50)


class EventType(Document):
    """What can be booked with a host. Durations in minutes.

    length: the usual one; lengths: further ones that the invitee may choose.
    step: between two starts, None: the length. zone "": the host's. hours None: the host's working hours,
    those of `schedule` where that is one of theirs.
    places: one, or several that the invitee chooses from.
    move_until, cancel_until: how long before it begins an invitee can still do so, None: until it is over.
    first_slot_only: of each day only the first start. lock_zone: times are shown in the event's zone alone.
    unreachable: what a booking is whose hosts' providers do not say in time whether they are still free; see `live`.
    redirect: web address that the invitee is sent on to once they have booked, see `redirect`; "": none.
    language: of its page, and of the mails to the invitee, whatever their browser says; "": as that says.
    links_only: it can be booked by a secret link alone, see `links`.
    private: those who see a host's calendar see that it is busy, and no more.
    embed: origins of pages that may show its page inside; "*": any page, (): none.
    series: each booking is of several dates.
    managed: of a team, for each of its hosts as their own.
    destination: the owner's calendar that gets the events; busy_calendars: the only ones of theirs that block. None, or
    where they are no more: as usual. Those of other hosts are as usual in any case.
    mode: how several hosts share it. color: accent of its page, "": the host's.
    guests: how many further people an invitee may bring, by their mail addresses.
    seats: how many parties share one start and its event; show_seats: the page tells how many are left;
    show_attendees: those who come see each other's names.
    """

    title: Said
    description: Said = Field(default_factory=dict)
    length: Length = 30
    lengths: tuple[Length, ...] = Field((), max_length=10)
    step: int | None = Field(None, ge=1, le=24 * 60)
    offset: Minutes = 0
    before: Buffer = 0
    after: Buffer = 0
    notice: Minutes = 60
    window: RollingDays | NextDays | FixedRange = Field(RollingDays(), discriminator="kind")
    limits: tuple[LimitBy, ...] = Field((), max_length=16)
    zone: ZoneName = ""
    hours: Hours | None = None
    schedule: int | None = Field(None, ge=1, le=2**53 - 1)
    places: tuple[Place, ...] = Field((Place(),), min_length=1, max_length=10)
    questions: tuple[Question, ...] = Field((), max_length=50)
    mode: Mode = Mode.SINGLE
    move_until: Until = None
    cancel_until: Until = None
    first_slot_only: bool = False
    lock_zone: bool = False
    private: bool = False
    confirmation: Confirmation | None = None
    unreachable: Literal["accept", "pending"] = "accept"
    series: Repeats | None = None
    redirect: Redirect = ""
    links_only: bool = False
    language: Literal["", "de", "en", "es", "fr"] = ""
    color: Color = ""
    managed: Managed | None = None
    destination: CalendarId | None = None
    busy_calendars: Annotated[tuple[CalendarId, ...], Field(min_length=1, max_length=100)] | None = None
    guests: int = Field(0, ge=0, le=50)
    seats: int = Field(1, ge=1, le=500)
    show_seats: bool = False
    show_attendees: bool = False
    embed: tuple[Origin, ...] = Field(("*",), max_length=50)

    @field_validator("series")
    @classmethod
    def _dates_apart(cls, series: Repeats | None, known: ValidationInfo) -> Repeats | None:
        longest = max([known.data.get("length", 0), *known.data.get("lengths", ())])
        taken = longest + sum(known.data.get(name, 0) for name in ("before", "after"))
        if series is not None and taken > series.apart:
            raise ValueError("the dates of the series would touch each other")
        return series

    @property
    def pending_blocks(self) -> bool:
        return self.confirmation is None or self.confirmation.blocks

    @property
    def choosable(self) -> tuple[int, ...]:
        """Every length that can be booked, the shortest first."""
        return tuple(sorted({self.length, *self.lengths}))

    def lasting(self, minutes: int) -> "EventType":
        """With that length, whichever it is."""
        return (
            self if minutes == self.length else self.model_copy(update={"length": minutes, "lengths": self.choosable})
        )

    def place(self, key: str) -> Place | None:
        """The one of that key; "": the only one. None: there is no such, or several to choose from."""
        if not key:
            return self.places[0] if len(self.places) == 1 else None
        return next((one for one in self.places if one.key == key), None)

    def waits(self, start: int, now: int, *, unchecked: bool = False) -> bool:
        """Whether a booking that begins at `start` has to be confirmed; epoch seconds. unchecked: see `unreachable`."""
        if unchecked and self.unreachable == "pending":
            return True
        asked = self.confirmation
        return asked is not None and (asked.within is None or start - now < asked.within * 60)

    @property
    def rules(self) -> Rules:
        return Rules(
            length=self.length,
            step=self.step,
            offset=self.offset,
            before=self.before,
            after=self.after,
            notice=self.notice,
            window=_window(self.window),
            limits=tuple(Limit(limit.per, limit.count, limit.minutes) for limit in self.limits),
            mode=self.mode,
            first_slot_only=self.first_slot_only,
            pending_blocks=True,
            series=None if self.series is None else self.series.series,
            zone=self.zone,
            seats=self.seats if self.series is None else 1,
        )


def _window(given: RollingDays | NextDays | FixedRange) -> Rolling | BookableDays | Between:
    if isinstance(given, RollingDays):
        return Rolling(given.days, given.business)
    if isinstance(given, NextDays):
        return BookableDays(given.days)
    return Between(given.first, given.last)


def working_hours(hours: Hours, zone: str) -> WorkingHours:
    """zone: the host's, for hours that name none."""
    return WorkingHours(hours.zone or zone, tuple(tuple(window(text) for text in day) for day in hours.weekly))


class Invitee(Document):
    """zone, language (a locale name, such as en_GB): what the page was seen in; mails speak and count time that way."""

    name: str
    email: str
    zone: str
    language: str


Reply = Literal["", "ACCEPTED", "TENTATIVE", "DECLINED"]


class Guest(Document):
    """Somebody whom the invitee brings. digest, token: of the link in their mails, the token sealed.

    reply: theirs to the invitation, "": none yet. gone: they are off, and hear nothing more.
    uninvited: the invitee or a host took them off, and may ask them again.
    """

    email: str
    digest: str
    token: str
    reply: Reply = ""
    gone: bool = False
    uninvited: bool = False


class BookingDetails(Document):
    """What is known of one booking beside its time.

    title, place: as they were when it was booked; place: the text for the event's LOCATION, made of `where`.
    token: of the links in the invitee's mails, host_token: in the hosts', sealed.
    reason: the last words of whoever cancelled or declined it. disowned: whoever got the invitee's mails has said that
    they booked nothing. invited: it is, or was, an event in calendars.
    unchecked: it waits because not every provider said whether the hosts are free.
    reply: the invitee's to the invitation, ACCEPTED, TENTATIVE or DECLINED, "": none since it was booked or moved.
    proposal: (start, end) the invitee would rather have; of a series each date has its own.
    unclear: the hosts know that a calendar's copy says no time.
    room: the kind of place that a provider makes a room for; place is its name until there is one. dial_in: lines for
    those who call it.
    no_show: nobody came. host_note: the hosts' own words, which no invitee reads.
    series: its dates, None: there is one.
    """

    invitee: Invitee
    title: str
    note: str = ""
    answers: dict[str, str] = Field(default_factory=dict)
    place: str = ""
    where: Place = Place()
    token: str = ""
    host_token: str = ""
    reason: str = ""
    disowned: bool = False
    invited: bool = True
    reply: Reply = ""
    proposal: tuple[int, int] | None = None
    unclear: bool = False
    room: str = ""
    dial_in: tuple[str, ...] = ()
    unchecked: bool = False
    guests: tuple[Guest, ...] = ()
    series: Plan | None = None

    @property
    def proposes(self) -> bool:
        """Whether the invitee would rather have another time, if only for one date."""
        dates = () if self.series is None else self.series.turns
        return self.proposal is not None or any(one.proposal is not None and not one.gone for one in dates)

    @property
    def coming(self) -> tuple[Guest, ...]:
        """Its guests who are not off."""
        return tuple(one for one in self.guests if not one.gone)

    @property
    def asked(self) -> tuple[Guest, ...]:
        """Those, and whoever took themselves off; nobody asks them anew."""
        return tuple(one for one in self.guests if not one.uninvited)

    no_show: bool = False
    host_note: str = ""


def read_event_type(document: Mapping[str, Any]) -> EventType:
    """Raises: ValueError (pydantic's) naming the field."""
    return EventType.model_validate(document)


def details(row: BookingRow) -> BookingDetails:
    return BookingDetails.model_validate(row.document)


def document(value: Document) -> dict[str, Any]:
    """What the store keeps."""
    return value.model_dump(mode="json")
