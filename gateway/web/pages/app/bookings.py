"""What others have booked."""

from typing import Any

from aiohttp import web

from gateway.booking.model import details
from gateway.store import bookings
from gateway.store.bookings import BookingRow
from gateway.web.keys import DATABASE, DESK
from gateway.web.language import Language
from gateway.web.pages.app.section import Visit
from gateway.web.views import REPLIES, moment
from gateway.web.visitor import link


async def section(visit: Visit) -> dict[str, Any]:
    person = visit.signed_in.person
    rows = await visit.request.app[DATABASE].read(bookings.coming, person.id, int(visit.now))
    return {"bookings": [_booking(visit.request, row, person.zone, visit.spoken) for row in rows]}


def _booking(request: web.Request, row: BookingRow, zone: str, spoken: Language) -> dict[str, object]:
    written, when = details(row), moment(row.start, row.end, zone, spoken)
    token = request.app[DESK].sealer.open(written.host_token.encode())
    return {
        "day": when.day,
        "hours": when.hours,
        "title": written.title,
        "invitee": written.invitee.name,
        "email": written.invitee.email,
        "waits": row.status == "pending",
        "reply": spoken.text(REPLIES[written.reply]) if written.reply else "",
        "proposes": written.proposes,
        "link": link(f"/booking/{row.uid}", {}, token=token),
    }
