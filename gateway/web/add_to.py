"""An appointment in the invitee's own calendar: where it can be added by a link, for those without a calendar app."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from yarl import URL

COMPACT: Final = "%Y%m%dT%H%M%SZ"
DASHED: Final = "%Y-%m-%dT%H:%M:%SZ"
OUTLOOK: Final = "/calendar/0/deeplink/compose"


@dataclass(frozen=True, slots=True)
class Appointment:
    """What a calendar is told. start, end: epoch seconds."""

    title: str
    start: int
    end: int
    place: str
    note: str


def links(of: Appointment) -> Sequence[tuple[str, str]]:
    """(name, address) of the web calendars that take an event by its address; nothing in it opens the booking."""
    start, end = (datetime.fromtimestamp(instant, UTC) for instant in (of.start, of.end))
    span = f"{start.strftime(COMPACT)}/{end.strftime(COMPACT)}"
    google = {"action": "TEMPLATE", "text": of.title, "dates": span, "location": of.place, "details": of.note}
    outlook = {
        "path": "/calendar/action/compose",
        "rru": "addevent",
        "subject": of.title,
        "startdt": start.strftime(DASHED),
        "enddt": end.strftime(DASHED),
        "location": of.place,
        "body": of.note,
    }
    yahoo = {
        "v": "60",
        "title": of.title,
        "st": start.strftime(COMPACT),
        "et": end.strftime(COMPACT),
        "in_loc": of.place,
        "desc": of.note,
    }
    return (
        ("Google", _address("calendar.google.com", "/calendar/render", google)),
        ("Outlook.com", _address("outlook.live.com", OUTLOOK, outlook)),
        ("Microsoft 365", _address("outlook.office.com", OUTLOOK, outlook)),
        ("Yahoo", _address("calendar.yahoo.com", "/", yahoo)),
    )


def _address(host: str, path: str, query: dict[str, str]) -> str:
    given = {name: value for name, value in query.items() if value}
    return str(URL.build(scheme="https", host=host, path=path, query=given))
