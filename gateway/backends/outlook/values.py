"""Graph's words and iCalendar's, side by side, and Graph's times."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, tzinfo
from html.parser import HTMLParser
from typing import Any, Final
from zoneinfo import ZoneInfo

from gateway.errors import BackendUnavailable
from gateway.ical.zones import iana

Json = dict[str, Any]

UID_PROPERTY: Final = "String {3d5a3f0e-6a0c-4b57-9d3a-6f1d0f6c2b71} Name gateway-uid"
BOOKING_PROPERTY: Final = "String {3d5a3f0e-6a0c-4b57-9d3a-6f1d0f6c2b71} Name gateway-booking"
QUIET_PROPERTY: Final = "String {3d5a3f0e-6a0c-4b57-9d3a-6f1d0f6c2b71} Name gateway-guests"
WRITING_PROPERTY: Final = "String {3d5a3f0e-6a0c-4b57-9d3a-6f1d0f6c2b71} Name gateway-writing"
MIRROR_PROPERTY: Final = "String {3d5a3f0e-6a0c-4b57-9d3a-6f1d0f6c2b71} Name gateway-mirror"
OUR_PROPERTIES: Final = (UID_PROPERTY, BOOKING_PROPERTY, QUIET_PROPERTY, WRITING_PROPERTY, MIRROR_PROPERTY)

BUSY_STATUS: Final = {"tentative": "TENTATIVE", "oof": "OOF", "workingElsewhere": "WORKINGELSEWHERE"}
SHOW_AS: Final = {word: name for name, word in BUSY_STATUS.items()}
CLASSES: Final = {"personal": "PRIVATE", "private": "PRIVATE", "confidential": "CONFIDENTIAL"}
PARTSTATS: Final = {
    "organizer": "ACCEPTED",
    "accepted": "ACCEPTED",
    "tentativelyAccepted": "TENTATIVE",
    "declined": "DECLINED",
}
RESPONSES: Final = {"ACCEPTED": "accept", "TENTATIVE": "tentativelyAccept", "DECLINED": "decline"}
ROLES: Final = {
    "required": {"CUTYPE": "INDIVIDUAL", "ROLE": "REQ-PARTICIPANT"},
    "optional": {"CUTYPE": "INDIVIDUAL", "ROLE": "OPT-PARTICIPANT"},
    "resource": {"CUTYPE": "RESOURCE", "ROLE": "NON-PARTICIPANT"},
}
FRACTION: Final = re.compile(r"\.\d+")
BLOCKS: Final = frozenset({"p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "table", "ul", "ol", "hr"})
HIDDEN: Final = frozenset({"script", "style", "head", "title"})


@dataclass(frozen=True, slots=True)
class Place:
    """What must be known beside an event to map it.

    addresses: the account's own, lower-case, the one to show first. zone: IANA name of the mailbox.
    calendar: name of the calendar the event is in. teams: whether Teams meetings can be made there.
    """

    addresses: tuple[str, ...]
    zone: str
    calendar: str
    teams: bool = True


def known_zone(name: str | None) -> ZoneInfo | None:
    """None for zones that cannot be mapped, such as tzone://Microsoft/Custom."""
    found = iana(name) if name else None
    return ZoneInfo(found) if found else None


def local_time(text: str) -> datetime:
    return datetime.fromisoformat(FRACTION.sub("", text).rstrip("Z"))


def instant(value: Json) -> datetime:
    """The aware UTC time of a dateTimeTimeZone; its zone is that of the reply."""
    zone = known_zone(value.get("timeZone") or "UTC")
    if zone is None:
        raise BackendUnavailable(f"Outlook answered in a zone we do not know: {value.get('timeZone')}")
    return local_time(value["dateTime"]).replace(tzinfo=zone).astimezone(UTC)


def whole_date(value: Json, zone: tzinfo) -> date:
    """The date of an all-day time: as written where it is midnight, else that of the instant in the mailbox's zone."""
    written = local_time(value["dateTime"])
    if written.time() == time():
        return written.date()
    return instant(value).astimezone(zone).date()


def stamp(text: str) -> datetime:
    """A DateTimeOffset."""
    return datetime.fromisoformat(FRACTION.sub("", text)).astimezone(UTC)


class _Plain(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.hidden += tag in HIDDEN
        if tag in BLOCKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self.hidden -= tag in HIDDEN and self.hidden > 0

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.parts.append(re.sub(r"\s+", " ", data))


def plain_text(body: Json | None) -> str:
    """The body as text, whichever of the two kinds it is; line ends are newlines, none at either end."""
    content = str((body or {}).get("content") or "")
    if str((body or {}).get("contentType")).lower() == "html":
        reader = _Plain()
        reader.feed(content)
        reader.close()
        lines = (line.strip() for line in "".join(reader.parts).split("\n"))
        content = re.sub(r"\n{3,}", "\n\n", "\n".join(lines))
    return content.replace("\r\n", "\n").strip("\n")


def extended(event: Json, name: str) -> str:
    rows = event.get("singleValueExtendedProperties") or ()
    return next((str(row["value"]) for row in rows if row["id"].casefold() == name.casefold()), "")
