"""Rooms and resources answer by themselves: yes to what is free, no to what is taken."""

from typing import Final
from zoneinfo import ZoneInfo

from gateway.errors import GatewayError
from gateway.freebusy.busy import busy_seconds
from gateway.ical.objects import ParsedObject, read_lenient
from gateway.ical.recurrence import instances, span
from gateway.ical.text import Component, serialise
from gateway.scheduling import itip
from gateway.scheduling.itip import Changes
from gateway.store import principals
from gateway.store.database import Connection
from gateway.store.principals import Principal
from gateway.sync.context import DAY, Sync

AHEAD: Final = 2 * 366 * DAY
"""How far ahead a series is looked at; what lies beyond is accepted with the rest."""
MOST: Final = 1_000
"""Most dates of a series that are looked at one by one; denser ones are declined."""
MOST_APART: Final = 100
"""Most dates that are declined one by one; with more taken, the whole is."""


def answer(conn: Connection, sync: Sync, room: Principal, invitation: ParsedObject, stamp: int) -> Changes:
    """What the room keeps, and its reply: a series is accepted but for the dates that are taken.

    Times that are over are not looked at.
    """
    me, invitation = principals.addresses(conn, room.id), _opaque(invitation)
    own = next(who for one in invitation.components if (who := _invited(one, me)))
    taken = _taken(conn, sync, room, invitation, me)
    text = itip.answer(invitation, own, "DECLINED" if taken is None else "ACCEPTED")
    for rid in taken or ():
        text = itip.answer(read_lenient(text), own, "DECLINED", rid=rid)
    return itip.attendee_changes(invitation, read_lenient(text), me=me, stamp=stamp)


def _opaque(invitation: ParsedObject) -> ParsedObject:
    """Somebody who keeps their own time free still takes the room's."""
    for one in invitation.components:
        one.properties[:] = [line for line in one.properties if line.name != "TRANSP"]
    return read_lenient(serialise(invitation.calendar))


def _invited(one: Component, me: frozenset[str]) -> str:
    """The address by which the room is asked for, "" if it is not."""
    return next((who for line in one.all("ATTENDEE") if (who := itip.address(line)) in me), "")


def _taken(
    conn: Connection, sync: Sync, room: Principal, invitation: ParsedObject, me: frozenset[str]
) -> list[str] | None:
    """RECURRENCE-IDs of instances whose time is not free; None: the room cannot be had at all."""
    zone = ZoneInfo(room.zone)
    try:
        first, last = span(invitation, zone)
        start = max(first, sync.now)
        end = start + AHEAD if last is None else max(start, min(last, start + AHEAD))
        asked = [number for number, one in enumerate(invitation.components) if _invited(one, me)]
        found = instances(invitation, start, end, zone, MOST)
        found = [one for one in found if one.start < one.end and one.component in asked]
        busy = busy_seconds(conn, room, start, end, without=invitation.uid)
    except GatewayError:
        return None
    clashing = [one for one in found if any(one.start < until and begin < one.end for begin, until, _ in busy)]
    if clashing and (len(clashing) == len(found) or len(clashing) > MOST_APART):
        return None
    return [one.rid for one in clashing]
