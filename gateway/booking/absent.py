"""Who cannot be booked on which days, and who stands in."""

from dataclasses import dataclass
from datetime import date

from gateway.booking.offer import Bookable
from gateway.booking.slots import Mode
from gateway.freebusy import schedules
from gateway.store import principals
from gateway.store.database import Connection
from gateway.store.principals import Principal


@dataclass(frozen=True, slots=True)
class Absent:
    """Out of office, both dates included. reason: "" if it is not for invitees. stand_in: has a page here."""

    host: Principal
    first: date
    last: date
    reason: str
    stand_in: Principal | None


def absent(conn: Connection, of: Bookable, first: date, last: date) -> list[Absent]:
    """The hosts' absences that touch these dates, both included, where all are needed.

    Hours of the event type alone know none; and where hosts take turns, another one comes.
    """
    if of.kind.hours is not None or (of.mode is Mode.ROUND_ROBIN and len(of.people) > 1):
        return []
    return [
        Absent(host, one.first, one.last, one.reason if one.shown else "", _person(conn, one.stand_in))
        for host in of.people
        for one in schedules.absences(conn, host, first, last, of.kind.schedule)
    ]


def _person(conn: Connection, name: str) -> Principal | None:
    found = principals.by_name(conn, name) if name else None
    return None if found is None or found.is_team else found
