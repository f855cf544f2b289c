"""Published iCalendar files (webcal and ICS links), read whole on every pull."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Final
from urllib.parse import unquote

from yarl import URL

from gateway.backends.base import Account, Outside, Row
from gateway.backends.fetch import Answer, Login, Outgoing, refusal, web_address
from gateway.errors import BackendUnavailable, InvalidCalendarData, ReadOnlyCalendar, RefusedByProvider
from gateway.ical.objects import etag_of, split
from gateway.ical.published import closed_beyond
from gateway.ical.text import parse
from gateway.ical.zones import iana
from gateway.model import CalendarObject, Changes, RemoteCalendar

CALENDAR: Final = "feed"  # the only calendar of its account; the URL itself may be a secret, and stays out of the index
ACCEPT: Final = {"Accept": "text/calendar, */*;q=0.5"}
SCHEMES: Final = {"webcal": "https", "webcals": "https", "feed": "https"}
DTSTAMP: Final = re.compile(r"^DTSTAMP[;:].*\n(?:[ \t].*\n)*", re.MULTILINE | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Seen:
    """What we know of the feed as it was at the last pull; "" where its server did not say.

    digest: etag of the whole text, for servers that know neither ETag nor Last-Modified.
    """

    etag: str = ""
    modified: str = ""
    digest: str = ""

    @classmethod
    def of(cls, token: str | None) -> "Seen":
        try:
            values = json.loads(token or "{}")
            return cls(**{str(name): str(value) for name, value in values.items()})
        except (ValueError, TypeError, AttributeError):
            return cls()

    @property
    def token(self) -> str:
        return json.dumps(asdict(self))

    @property
    def conditions(self) -> dict[str, str]:
        """Request headers; both, as some servers know only one of them (RFC 9110 13.2.2: the ETag decides)."""
        given = {"If-None-Match": self.etag, "If-Modified-Since": self.modified}
        return {name: value for name, value in given.items() if value}


def decode(body: bytes, content_type: str = "") -> str:
    """The text: UTF-8 as the standard says; else as the server says; else as old Windows programs write it."""
    named = re.search(r'charset="?([\w.:-]+)', content_type)
    for charset in ("utf-8-sig", named[1] if named else "utf-8"):
        try:
            return body.decode(charset)
        except (UnicodeDecodeError, LookupError):
            continue
    return body.decode("cp1252", errors="replace")


def lasting_etag(text: str) -> str:
    """An etag that only changes with the content: many servers stamp every event anew (DTSTAMP) for each reader."""
    return etag_of(DTSTAMP.sub("", text))


def read_objects(text: str) -> list[CalendarObject]:
    """Raises: BackendUnavailable if it is not iCalendar to its end, so that half a feed deletes nothing."""
    if not text.rstrip("\0 \t\r\n").upper().endswith("END:VCALENDAR"):
        raise BackendUnavailable("the feed is no iCalendar file, or not all of it")
    try:
        return [replace(obj, etag=lasting_etag(obj.text)) for obj in split(closed_beyond(text))]
    except InvalidCalendarData as error:
        raise BackendUnavailable(f"the feed is not proper iCalendar: {error}") from error


def read_answer(answer: Answer, seen: Seen) -> Changes | None:
    """The whole feed as one page, or None if it says what it said before."""
    if answer.status == 304:
        return None
    if error := refusal(answer):
        raise error
    text = decode(answer.body, answer.headers.get("Content-Type", ""))
    digest = lasting_etag(text)
    if digest == seen.digest:
        return None
    now = Seen(answer.headers.get("ETag", ""), answer.headers.get("Last-Modified", ""), digest)
    return Changes(read_objects(text), token=now.token, full=True)


def has_opening(content: bytes) -> bool:
    """Whether a feed has been read as far as its first component."""
    return content.upper().count(b"BEGIN:") > 1


def read_opening(text: str) -> Mapping[str, str]:
    """Name, colour and zone that the file gives itself, as fields of RemoteCalendar; without those it does not have.

    text: at least as far as its first component.
    """
    start = text.lstrip("\ufeff \t\r\n")
    if not start.upper().startswith("BEGIN:VCALENDAR"):
        raise RefusedByProvider("there is no calendar at this address, but something else")
    second = re.search(r"^(?:BEGIN|END):", start[6:], re.MULTILINE | re.IGNORECASE)
    head = start[: second.start() + 6] if second else start
    try:
        calendar = parse(f"{head.rstrip()}\r\nEND:VCALENDAR\r\n")
    except InvalidCalendarData:
        return {}
    color = re.match(r"#[0-9a-fA-F]{6}", calendar.text("X-APPLE-CALENDAR-COLOR"))
    found = {
        "displayname": calendar.text("X-WR-CALNAME") or calendar.text("NAME"),
        "color": color[0].lower() if color else "",
        "zone": iana(calendar.text("X-WR-TIMEZONE").strip()) or "",
    }
    return {name: value.strip() for name, value in found.items() if value.strip()}


def normal_url(text: str) -> tuple[str, Login | None]:
    """The http(s) address to fetch, and the login that stood in it."""
    scheme, colon, rest = text.strip().partition(":")
    url = web_address(SCHEMES.get(scheme.lower(), scheme.lower()) + colon + rest)
    if url.raw_user is None:
        return str(url), None
    login = Login(unquote(url.raw_user), unquote(url.raw_password or ""))
    return str(url.with_user(None)), login


class FeedBackend:
    """account: its url may be a setting, or the secret where knowing the address is all it takes to read it."""

    def __init__(self, account: Account, outside: Outside) -> None:
        self._url, self._login = normal_url(account.secret or account.settings["url"])
        self._name = account.settings.get("name", "")
        self._outside = outside
        self._pace = account.pace

    def _outgoing(self) -> Outgoing:
        return Outgoing(self._outside.private_networks, self._login, pace=self._pace)

    async def calendars(self) -> Sequence[RemoteCalendar]:
        async with self._outgoing() as outgoing:
            answer = await outgoing.request("GET", self._url, headers=ACCEPT, enough=has_opening)
        if error := refusal(answer):
            raise error
        found = read_opening(decode(answer.body, answer.headers.get("Content-Type", "")))
        name = self._name or found.get("displayname") or URL(self._url).host or CALENDAR
        return [RemoteCalendar(CALENDAR, name, color=found.get("color", ""), zone=found.get("zone", ""))]

    async def changes(self, calendar: str, token: str | None) -> AsyncIterator[Changes]:
        seen = Seen.of(token)
        async with self._outgoing() as outgoing:
            answer = await outgoing.request("GET", self._url, headers=ACCEPT | seen.conditions)
        page = await asyncio.to_thread(read_answer, answer, seen)
        if page is not None:
            yield page

    async def put(self, calendar: str, obj: CalendarObject, if_etag: str | None) -> CalendarObject:
        raise ReadOnlyCalendar(f"{calendar} is a published file, and takes no changes")

    async def delete(self, calendar: str, href: str, if_etag: str | None) -> None:
        raise ReadOnlyCalendar(f"{calendar} is a published file, and takes no changes")


ROW: Final = Row("feed", FeedBackend, verbatim=False)
