"""A booking as a link opens it: found, locked, changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from gateway.booking import offer
from gateway.booking.context import Desk
from gateway.booking.gathering import is_shared, standing
from gateway.booking.model import BookingDetails, details, document
from gateway.booking.offer import Bookable
from gateway.booking.repeats import Turn
from gateway.booking.tokens import matches
from gateway.booking.turns import times, to_come
from gateway.errors import NotFound
from gateway.store import bookings, principals, taken
from gateway.store.bookings import BookingRow
from gateway.store.database import Connection
from gateway.store.locks import lock_people
from gateway.store.principals import Principal

OF_TIME: Final = ("live", "dates")  # what is no column of the booking's own


@dataclass(frozen=True, slots=True)
class Found:
    """by_host: the link is one that only the hosts have. of: the event type, None if it is no more.

    parties: all bookings of its event that stand, and it itself.
    """

    row: BookingRow
    by_host: bool
    hosts: tuple[Principal, ...]
    of: Bookable | None
    parties: tuple[BookingRow, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether the link moves all who share the event."""
        return self.by_host and is_shared(self.row)

    @property
    def target(self) -> Bookable | None:
        """What a new time is looked for in: all who share an event have to find one of their own."""
        return self.of.unseated if self.of is not None and self.whole else self.of

    @property
    def moving(self) -> str:
        """What does not stand in its own way."""
        return self.row.event if self.whole else self.row.uid

    @property
    def host(self) -> Principal:
        return self.hosts[0]

    def may_move(self, now: float) -> bool:
        return bool(self.movable(now))

    def may_cancel(self, now: float) -> bool:
        return bool(self.cancellable(now))

    def movable(self, now: float) -> list[Turn]:
        """The dates that whoever has the link can move now."""
        return [] if self.of is None else self._open(self.of.kind.move_until, now)

    def cancellable(self, now: float) -> list[Turn]:
        return self._open(None if self.of is None else self.of.kind.cancel_until, now)

    def _open(self, until: int | None, now: float) -> list[Turn]:
        if not is_open(self.row, now):
            return []
        return [one for one in to_come(self.row, now) if self.by_host or in_time(one, until, now)]

    def may_disown(self, now: float) -> bool:
        """Whether whoever has the invitee's link can still say that they booked nothing."""
        return is_open(self.row, now) and not self.by_host

    @property
    def details(self) -> BookingDetails:
        return details(self.row)


def find(conn: Connection, uid: str, token: str) -> Found:
    """The booking a link leads to.

    Raises: NotFound, alike for unknown bookings and wrong tokens.
    """
    row = bookings.by_uid(conn, uid)
    by_invitee = matches(token, None if row is None else row.digest)
    by_host = matches(token, None if row is None else row.host_digest)
    if row is None or not (by_invitee or by_host):
        raise NotFound("there is no such booking, or the link is not complete")
    return Found(row, by_host, offer.hosts_of(conn, row), offer.of_booking(conn, row), standing(conn, row))


def of_person(conn: Connection, person: int, uid: str) -> Found:
    """The booking as one of its hosts has it, or whoever may change the team whose event type it is of.

    Raises: NotFound, also for somebody else's.
    """
    row = bookings.by_uid(conn, uid)
    if row is None or not _may_see(conn, person, row):
        raise NotFound("you have no such booking")
    return Found(row, True, offer.hosts_of(conn, row), offer.of_booking(conn, row))


def _may_see(conn: Connection, person: int, row: BookingRow) -> bool:
    if person in taken.hosts_of(conn, row.id):
        return True
    kind = None if row.event_type_id is None else bookings.event_type_by_id(conn, row.event_type_id)
    return kind is not None and kind.user_id in {one.id for one in principals.led_by(conn, person)}


def locked(conn: Connection, uid: str, token: str) -> Found:
    """The booking once nobody else can change it, or book its hosts."""
    found = find(conn, uid, token)
    lock_people(conn, *(one.id for one in (*found.hosts, *(found.of.people if found.of else ()))))
    row = bookings.by_uid(conn, uid)
    return found if row is None else replace(found, row=row, parties=standing(conn, row))


def is_open(row: BookingRow, now: float) -> bool:
    """Whether it can still be moved or cancelled."""
    return row.status in bookings.BLOCKING and bool(to_come(row, now))


def in_time(one: Turn, until: int | None, now: float) -> bool:
    """until: minutes before it begins, None: whenever."""
    return until is None or now <= one.start - until * 60


def overlapping(conn: Connection, row: BookingRow, hosts: Sequence[Principal], now: float) -> set[int]:
    """Ids of those of them who have another booking at one of its dates that are to come."""
    users = [one.id for one in hosts]
    dates = times(row, to_come(row, now))
    found = [one for date in dates for one in taken.blocking(conn, users, date["blocked_from"], date["blocked_until"])]
    return {one.user_id for one in found if one.event != row.event}


def alter(
    conn: Connection, desk: Desk, row: BookingRow, written: BookingDetails, changed: Mapping[str, Any]
) -> tuple[BookingRow, dict[str, Any]]:
    """The booking with its new columns and the next SEQUENCE; and what it was before, for `bookings.change`.

    Undone, it keeps the SEQUENCE: a number that may have been seen is never given twice. What was said of
    another time is over. changed: columns, and `live` and `dates` of `bookings.change`.
    """
    if changed.get("start", row.start) != row.start:
        guests = tuple(one.model_copy(update={"reply": ""}) for one in written.guests)
        written = written.model_copy(update={"reply": "", "proposal": None, "guests": guests})
    values = {**changed, "changed": int(desk.clock()), "document": document(written)}
    undo = {name: getattr(row, name) for name in values if name not in OF_TIME}
    undo |= {"live": taken.is_live(conn, row.id), "dates": taken.dates(conn, row.id)}
    values["sequence"] = row.sequence + 1
    bookings.change(conn, row.id, **values)
    return replace(row, **{name: value for name, value in values.items() if name not in OF_TIME}), undo
