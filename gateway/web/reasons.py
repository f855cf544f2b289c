"""Why a time cannot be booked, as sentences with what to do about it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from gateway.booking.explain import Block, Booked, Explained, HostDay
from gateway.booking.model import LimitBy, RollingDays
from gateway.booking.slots import Cause, Limit, Per, Reason
from gateway.store.principals import Principal
from gateway.web.language import Language, msg
from gateway.web.views import length_text, moment


@dataclass(frozen=True, slots=True)
class Sentence:
    """todo: the next step, "": there is none; link: where it is done, "": not here, or not by the reader."""

    text: str
    todo: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads it, in which language and zone; person None: at the command line. edit: page of the event type.

    at: the start that is asked about, epoch seconds; None: all of what a reason holds for.
    """

    spoken: Language
    zone: str
    person: Principal | None = None
    edit: str = ""
    at: int | None = None

    def hours(self, start: int, end: int) -> str:
        return moment(start, end, self.zone, self.spoken).hours

    def time(self, instant: int) -> str:
        """With the day."""
        local = datetime.fromtimestamp(instant, ZoneInfo(self.zone))
        return f"{self.spoken.brief_day(local.date())}, {self.spoken.clock(local)}"


Say = Callable[[Explained, Reason, Reader], list[Sentence]]
FULL_COUNT: Final[Mapping[Per, str]] = {
    Per.DAY: msg("On this day there are as many bookings already as are allowed: {most}."),
    Per.WEEK: msg("In this week there are as many bookings already as are allowed: {most}."),
    Per.MONTH: msg("In this month there are as many bookings already as are allowed: {most}."),
    Per.YEAR: msg("In this year there are as many bookings already as are allowed: {most}."),
}


def sentences(told: Explained, reasons: Sequence[Reason], reader: Reader) -> list[Sentence]:
    """In the order of the reasons, none twice; [] where there is no reason."""
    found = [one for reason in reasons for one in SAY[reason.cause](told, reason, reader)]
    return list(dict.fromkeys(found))


def _rule(message: str) -> Say:
    """One that is a rule of the event type alone."""

    def say(_told: Explained, _reason: Reason, reader: Reader) -> list[Sentence]:
        return [Sentence(reader.spoken.text(message), reader.spoken.text(CHANGE_RULE), reader.edit)]

    return say


CHANGE_RULE: Final = msg("Change the rules of the event type")


def _past(_told: Explained, _reason: Reason, reader: Reader) -> list[Sentence]:
    return [Sentence(reader.spoken.text("This time is over."))]


def _notice(told: Explained, reason: Reason, reader: Reader) -> list[Sentence]:
    spoken = reader.spoken
    said = spoken.text(
        "It has to be booked {notice} ahead: now only what begins after {time}.",
        notice=length_text(told.of.kind.notice, spoken),
        time=reader.time(reason.end),
    )
    return [Sentence(said, spoken.text(CHANGE_RULE), reader.edit)]


def _window(told: Explained, _reason: Reason, reader: Reader) -> list[Sentence]:
    spoken, window = reader.spoken, told.of.kind.window
    said = spoken.text("It is outside the days that are open for booking.")
    if isinstance(window, RollingDays):
        said = spoken.plural(
            "It is too far ahead: {n} day is open for booking.",
            "It is too far ahead: {n} days are open for booking.",
            window.days,
        )
    return [Sentence(said, spoken.text(CHANGE_RULE), reader.edit)]


def _limit(_told: Explained, reason: Reason, reader: Reader) -> list[Sentence]:
    if reason.limit is None:
        return []
    said = reader.spoken.text(FULL_COUNT[reason.limit.per], most=_most(reason.limit, reader.spoken))
    return [Sentence(said, reader.spoken.text(CHANGE_RULE), reader.edit)]


def _most(limit: Limit | LimitBy, spoken: Language) -> str:
    count = "" if limit.count is None else spoken.plural("{n} booking", "{n} bookings", limit.count)
    minutes = "" if limit.minutes is None else length_text(limit.minutes, spoken)
    return " / ".join(part for part in (count, minutes) if part)


def _working(message: str) -> Say:
    """One that is about the working hours of a host."""

    def say(told: Explained, reason: Reason, reader: Reader) -> list[Sentence]:
        who = told.host(reason.host).person
        said = reader.spoken.text(message, name=who.displayname)
        if told.of.kind.hours is not None:
            said = reader.spoken.text("It is outside the hours of the event type.")
            return [Sentence(said, reader.spoken.text(CHANGE_RULE), reader.edit)]
        mine = reader.person is not None and reader.person.id == who.id
        todo = reader.spoken.text("Change your working hours") if mine else ""
        return [Sentence(said, todo, "/app/hours" if mine else "")]

    return say


def _busy(message: str, nameless: str) -> Say:
    """message: about an event that is known; nameless: about one that is not."""

    def say(told: Explained, reason: Reason, reader: Reader) -> list[Sentence]:
        host, spoken = told.host(reason.host), reader.spoken
        blocks = host.at(*_asked_about(told, reason, reader))
        if not blocks and any(one.start < reason.end and reason.start < one.end for one in host.bookings):
            return []  # the event of a booking, which has its own reason
        said = []
        for one in blocks or [Block(reason.start, reason.end)]:
            hours, name = reader.hours(one.start, one.end), host.person.displayname
            if one.calendar or one.title:
                title = one.title or spoken.text("An event without a title")
                said.append(spoken.text(message, name=name, title=title, calendar=one.calendar, hours=hours))
            else:
                said.append(spoken.text(nameless, name=name, hours=hours))
        return [Sentence(one) for one in said]

    return say


def _asked_about(told: Explained, reason: Reason, reader: Reader) -> tuple[int, int]:
    if reader.at is None:
        return reason.start, reason.end
    rules, around = told.of.rules, reason.cause is Cause.BUFFER
    low = reader.at - (rules.before * 60 if around else 0)
    high = reader.at + (rules.length + (rules.after if around else 0)) * 60
    return max(low, reason.start), min(high, reason.end)


def _buffer(told: Explained, reason: Reason, reader: Reader) -> list[Sentence]:
    booked = _booking_at(told.host(reason.host), reason)
    if booked is None:
        found = BUFFER_BUSY(told, reason, reader)
    else:
        found = _booking(
            msg("Too close to the booking “{title}” with {invitee}, {hours}: time around it is kept free."),
            msg("Too close to a booking with {name}, {hours}: time around it is kept free."),
        )(told, reason, reader)
    todo = reader.spoken.text(CHANGE_RULE)
    return [Sentence(one.text, todo, reader.edit) for one in found]


BUFFER_BUSY: Final = _busy(
    msg("Too close to “{title}” ({calendar}) of {name}, {hours}: time around it is kept free."),
    msg("Too close to busy time of {name}, {hours}: time around it is kept free."),
)


def _booking_at(host: HostDay, reason: Reason) -> Booked | None:
    return next((one for one in host.bookings if (one.start, one.end) == (reason.start, reason.end)), None)


def _booking(message: str, nameless: str, todo: str = "", link: str = "") -> Say:
    def say(told: Explained, reason: Reason, reader: Reader) -> list[Sentence]:
        host, spoken = told.host(reason.host), reader.spoken
        booked, hours = _booking_at(host, reason), reader.hours(reason.start, reason.end)
        if booked is None or not booked.title:
            return [Sentence(spoken.text(nameless, name=host.person.displayname, hours=hours))]
        said = spoken.text(
            message, title=booked.title, invitee=booked.invitee, hours=hours, name=host.person.displayname
        )
        return [Sentence(said, spoken.text(todo) if todo else "", link)]

    return say


def _held(_told: Explained, reason: Reason, reader: Reader) -> list[Sentence]:
    said = reader.spoken.text(
        "Somebody is filling in the form for {hours} at this moment; it is free again if they do not book.",
        hours=reader.hours(reason.start, reason.end),
    )
    return [Sentence(said)]


def _series(told: Explained, reason: Reason, reader: Reader) -> list[Sentence]:
    if reason.limit is not None:
        return _limit(told, reason, reader)
    said = reader.spoken.text(
        "{name} is not free on a later date of the series: {time}.",
        name=told.host(reason.host).person.displayname,
        time=reader.time(reason.start),
    )
    return [Sentence(said)]


def _grid(told: Explained, _reason: Reason, reader: Reader) -> list[Sentence]:
    rules = told.of.rules
    said = reader.spoken.text(
        "Bookings do not begin at just any minute, but every {step} where there is room for {length}.",
        step=length_text(rules.pace, reader.spoken),
        length=length_text(rules.length, reader.spoken),
    )
    return [Sentence(said, reader.spoken.text(CHANGE_RULE), reader.edit)]


def _stale(told: Explained, reason: Reason, reader: Reader) -> list[Sentence]:
    host, spoken = told.host(reason.host), reader.spoken
    mine = reader.person is not None and reader.person.id == host.person.id
    found = []
    for one in host.unread:
        account = one.account.displayname or one.account.kind
        calendar = one.calendar if host.known else spoken.text("a calendar")
        said = (
            spoken.text(
                "{calendar} ({account}) of {name} has not been read since {time}, so nobody knows when they are busy.",
                calendar=calendar,
                account=account if host.known else one.account.kind,
                name=host.person.displayname,
                time=reader.time(one.synced),
            )
            if one.synced
            else spoken.text("{calendar} of {name} has never been read yet.", calendar=calendar,
                             name=host.person.displayname)
        )  # fmt: skip
        todo = spoken.text("Look after the account, or connect it again") if mine else ""
        asked = spoken.text("Ask {name} to connect the account again", name=host.person.displayname)
        found.append(Sentence(said, todo or asked, f"/app/accounts/{one.account.id}" if mine else ""))
    return found


SAY: Final[Mapping[Cause, Say]] = {
    Cause.PAST: _past,
    Cause.NOTICE: _notice,
    Cause.WINDOW: _window,
    Cause.LIMIT: _limit,
    Cause.HOURS: _working(msg("It is outside the working hours of {name}.")),
    Cause.AWAY: _working(msg("{name} is out of office on this day.")),
    Cause.HOLIDAY: _working(msg("It is a public holiday for {name}.")),
    Cause.BUSY: _busy(
        msg("{name} has “{title}” ({calendar}), {hours}."),
        msg("{name} is busy, {hours}."),
    ),
    Cause.BUFFER: _buffer,
    Cause.BOOKED: _booking(
        msg("“{title}” with {invitee} is booked, {hours}."),
        msg("{name} has another booking, {hours}."),
    ),
    Cause.PENDING: _booking(
        msg("“{title}” with {invitee} waits to be confirmed and keeps its time, {hours}."),
        msg("{name} has another booking that waits to be confirmed, {hours}."),
        msg("Confirm or decline it"),
        "/app/bookings?tab=unconfirmed",
    ),
    Cause.HELD: _held,
    Cause.FULL: _booking(
        msg("All seats of “{title}” are taken, {hours}."),
        msg("All seats are taken, {hours}."),
    ),
    Cause.SERIES: _series,
    Cause.FIRST_ONLY: _rule(msg("Of each day only the first free time is offered.")),
    Cause.GRID: _grid,
    Cause.NOBODY: _rule(msg("Nobody is a host of it.")),
    Cause.STALE: _stale,
}
