"""A booking as programs are told it: the same in answers of the API and in webhooks."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from gateway.booking.context import Desk
from gateway.booking.model import details
from gateway.booking.repeats import Turn
from gateway.store import bookings, principals, taken
from gateway.store.bookings import BookingRow
from gateway.store.database import Connection


@dataclass(frozen=True, slots=True)
class Whole:
    """slug: of its event type, None: it is no more. hosts: names, in order."""

    row: BookingRow
    slug: str | None
    hosts: tuple[str, ...]


def whole(conn: Connection, row: BookingRow) -> Whole:
    found = None if row.event_type_id is None else bookings.event_type_by_id(conn, row.event_type_id)
    hosts = tuple(principals.by_id(conn, key).name for key in taken.hosts_of(conn, row.id))
    return Whole(row, None if found is None else found.slug, hosts)


def shape(desk: Desk, of: Whole) -> Mapping[str, Any]:
    """Instants in epoch seconds."""
    row, written = of.row, details(of.row)
    token = desk.sealer.open(written.token.encode())
    return {
        "uid": row.uid,
        "event": row.event,
        "status": row.status,
        "start": row.start,
        "end": row.end,
        "event_type": of.slug,
        "hosts": of.hosts,
        "title": written.title,
        "invitee": {
            "name": written.invitee.name,
            "email": written.invitee.email,
            "zone": written.invitee.zone,
            "language": written.invitee.language,
        },
        "note": written.note,
        "answers": written.answers,
        "dates": [] if written.series is None else [_date(one) for one in written.series.turns],
        "guests": [{"email": one.email, "reply": one.reply, "gone": one.gone} for one in written.asked],
        "place": written.place,
        "reason": written.reason,
        "no_show": written.no_show,
        "host_note": written.host_note,
        "created": row.created,
        "changed": row.changed,
        "url": f"{desk.settings.server.base_url}/booking/{row.uid}?token={quote(token)}",
    }


def _date(one: Turn) -> Mapping[str, Any]:
    return {"date": one.at, "start": one.start, "end": one.end, "cancelled": one.gone, "reply": one.reply}


INSTANTS = ("start", "end", "created", "changed", "date")
"""Fields of it, and of its dates, that are times."""
