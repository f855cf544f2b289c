"""Bookings as files: a calendar, and a table that opens in spreadsheets without harm."""

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from gateway.booking.event import event
from gateway.booking.meeting import meeting
from gateway.booking.model import details
from gateway.freebusy.publish import PRODID
from gateway.ical.objects import combine
from gateway.ical.text import parse, prop, replace, serialise
from gateway.store.bookings import BLOCKING, BookingRow
from gateway.store.principals import Principal
from gateway.web.language import Language, msg

BOM: Final = "\ufeff"
"""Without it Excel reads UTF-8 as the code page of its country; everything else that reads CSV skips it."""
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
COLUMNS: Final = (
    msg("Begin"),
    msg("End"),
    msg("Status"),
    msg("Title"),
    msg("Name"),
    msg("E-mail"),
    msg("Hosts"),
    msg("Place"),
    msg("Note"),
    msg("Answers"),
    msg("Reason"),
    msg("Did not come"),
    msg("Booked on"),
    msg("UID"),
)
STATUSES: Final = {
    "accepted": msg("Confirmed"),
    "pending": msg("Unconfirmed"),
    "cancelled": msg("Cancelled"),
    "declined": msg("Declined"),
}
Booked = tuple[BookingRow, Sequence[Principal]]


def safe(text: str) -> str:
    """Never a formula: what would be one begins with an apostrophe, which spreadsheets do not show."""
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA) else text


def table(found: Sequence[Booked], person: Principal, spoken: Language) -> str:
    """CSV (RFC 4180), with a byte order mark; times on the person's clock."""
    out = io.StringIO()
    out.write(BOM)
    writer = csv.writer(out)
    writer.writerow([spoken.text(column) for column in COLUMNS])
    for row, hosts in found:
        writer.writerow([safe(cell) for cell in _cells(row, hosts, person.zone, spoken)])
    return out.getvalue()


def _cells(row: BookingRow, hosts: Sequence[Principal], zone: str, spoken: Language) -> list[str]:
    written = details(row)
    return [
        _clock(row.start, zone),
        _clock(row.end, zone),
        spoken.text(STATUSES[row.status]),
        written.title,
        written.invitee.name,
        written.invitee.email,
        ", ".join(one.displayname for one in hosts),
        written.place,
        written.note,
        "\n".join(f"{name}: {answer}" for name, answer in written.answers.items()),
        written.reason,
        spoken.text("yes") if written.no_show else "",
        _clock(row.created, zone),
        row.uid,
    ]


def _clock(instant: int, zone: str) -> str:
    return f"{datetime.fromtimestamp(instant, ZoneInfo(zone)):%Y-%m-%d %H:%M}"


def calendar(found: Sequence[Booked], person: Principal) -> str:
    """One VCALENDAR, as the person's own copies; what does not take place is STATUS:CANCELLED."""
    texts = [_event(row, hosts, person) for row, hosts in found]
    return (
        combine(texts, PRODID) if texts else f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:{PRODID}\r\nEND:VCALENDAR\r\n"
    )


def _event(row: BookingRow, hosts: Sequence[Principal], person: Principal) -> str:
    whose = next((one for one in hosts if one.id == person.id), hosts[0])
    text = event(meeting(row, hosts, None, whose))
    if row.status in BLOCKING:
        return text
    ended = parse(text)
    for one in ended.children("VEVENT"):
        replace(one, "STATUS", prop("STATUS", "CANCELLED"))
    return serialise(ended)
