"""What a CalDAV server says, as our values. No I/O.

The caldav package has parsed the XML and forgiven the server what it could; here only elements are read. Texts come out
as they are in the XML, except that XML itself turns CRLF into LF.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from caldav.elements import cdav, dav
from caldav.elements.base import BaseElement
from caldav.elements.ical import CalendarColor
from caldav.response import DAVResponse

from gateway.backends.caldav.paths import as_folder, href_of, within
from gateway.backends.fetch import Answer
from gateway.errors import GatewayError, InvalidCalendarData, RefusedByProvider
from gateway.ical.index import index
from gateway.ical.objects import read_lenient
from gateway.ical.text import parse
from gateway.ical.zones import iana
from gateway.model import CalendarObject, FbType, Period, RemoteCalendar

Element = Any  # an element of lxml's, which the caldav package hands out

TRUNCATED: Final = 507  # DAV:status of the calendar itself where its answer is cut (RFC 6578 3.6)
WRITING: Final = frozenset({"all", "write", "write-content", "bind"})


class GetCtag(BaseElement):
    tag = "{http://calendarserver.org/ns/}getctag"


class ZoneId(BaseElement):
    """RFC 7809 5.2"""

    tag = "{urn:ietf:params:xml:ns:caldav}calendar-timezone-id"


class Transparency(BaseElement):
    """RFC 6638 9.1"""

    tag = "{urn:ietf:params:xml:ns:caldav}schedule-calendar-transp"


@dataclass(frozen=True, slots=True)
class Member:
    """One resource in a multistatus.

    href: as the server spells it. status: of the resource as a whole. props: those it has, by Clark name.
    """

    href: str
    status: int = 200
    props: Mapping[str, Element] = field(default_factory=dict)

    def text(self, kind: type[BaseElement]) -> str:
        """Text of a property, "" if it is not there."""
        element = self.props.get(kind.tag or "")
        return "" if element is None else (element.text or "")

    def hrefs(self, kind: type[BaseElement]) -> list[str]:
        """The DAV:hrefs in a property."""
        element = self.props.get(kind.tag or "")
        return [] if element is None else [(href.text or "").strip() for href in element.iter(dav.Href.tag)]

    def names(self, kind: type[BaseElement]) -> set[str]:
        """Local names of all elements in a property."""
        element = self.props.get(kind.tag or "")
        tags = [] if element is None else [child.tag for child in element.iter() if isinstance(child.tag, str)]
        return {tag.rpartition("}")[2] for tag in tags}

    def has(self, kind: type[BaseElement]) -> bool:
        return kind.tag in self.props

    @property
    def is_calendar(self) -> bool:
        element = self.props.get(dav.ResourceType.tag)
        return element is not None and element.find(cdav.Calendar.tag) is not None

    @property
    def is_collection(self) -> bool:
        return "collection" in self.names(dav.ResourceType)


def read_status(text: str | None) -> int:
    """The number in a DAV:status; 200 if there is none."""
    found = re.search(r"\b(\d{3})\b", text or "")
    return int(found[1]) if found else 200


def read_member(response: Element) -> Member:
    props = {
        element.tag: element
        for propstat in response.findall(dav.PropStat.tag)
        if read_status(propstat.findtext(dav.Status.tag)) == 200
        for prop in propstat.findall(dav.Prop.tag)
        for element in prop
    }
    href = (response.findtext(dav.Href.tag) or "").strip()
    return Member(href, read_status(response.findtext(dav.Status.tag)), props)


def read_members(answer: DAVResponse) -> list[Member]:
    return [] if answer.tree is None else [read_member(response) for response in answer.tree.iter(dav.Response.tag)]


def read_sync_token(answer: DAVResponse) -> str:
    """The new token of a sync-collection REPORT, "" if there is none."""
    return "" if answer.tree is None else (answer.tree.findtext(dav.SyncToken.tag) or "").strip()


def bare(etag: str) -> str:
    """Without its quotes; a weak one keeps its mark."""
    text = etag.strip()
    return text[1:-1] if len(text) >= 2 and text[0] == text[-1] == '"' else text


def quoted(etag: str) -> str:
    """As a header wants it; the reverse of bare."""
    return etag if etag.startswith("W/") else f'"{etag}"'


def with_crlf(text: str) -> str:
    return text.lstrip().replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n")


def read_listing(members: Sequence[Member], calendar: str) -> dict[str, str]:
    """URL -> etag of the calendar's objects; without the calendar itself and what is none of its own."""
    listing = {}
    for member in members:
        url = within(calendar, member.href)
        if url is None or as_folder(url) == as_folder(calendar) or member.is_collection or member.status >= 300:
            continue
        listing[url] = bare(member.text(dav.GetEtag))
    return listing


def read_gone(members: Sequence[Member], calendar: str) -> list[str]:
    """URLs that the server says are no more."""
    urls = [within(calendar, member.href) for member in members if member.status in {404, 410}]
    return [url for url in urls if url is not None and as_folder(url) != as_folder(calendar)]


@dataclass(frozen=True, slots=True)
class Told:
    """What a sync-collection answer tells. urls: new or changed. cut: there is more to ask for, with `token`."""

    urls: Sequence[str]
    gone: Sequence[str]
    token: str
    cut: bool


def read_told(answer: DAVResponse, calendar: str) -> Told:
    members = read_members(answer)
    cut = any(member.status == TRUNCATED for member in members)
    return Told(list(read_listing(members, calendar)), read_gone(members, calendar), read_sync_token(answer), cut)


def read_objects(members: Sequence[Member], calendar: str) -> dict[str, CalendarObject]:
    """URL -> object, of those that came with their text."""
    objects = {}
    for member in members:
        url, text = within(calendar, member.href), member.text(cdav.CalendarData)
        if url is not None and text.strip():
            etag = bare(member.text(dav.GetEtag))
            objects[url] = CalendarObject(href_of(calendar, url), with_crlf(text), etag)
    return objects


def read_object(answer: Answer, calendar: str, url: str) -> CalendarObject:
    """The object that a GET gave."""
    text = with_crlf(answer.body.decode("utf-8", errors="replace"))
    return CalendarObject(href_of(calendar, url), text, bare(answer.headers.get("ETag", "")))


def read_zone(member: Member) -> str:
    """IANA name of the calendar's own time zone, "" if it has none that has such a name."""
    named = member.text(ZoneId).strip()
    if named:
        return iana(named) or ""
    try:
        zones = parse(with_crlf(member.text(cdav.CalendarTimeZone))).children("VTIMEZONE")
    except InvalidCalendarData:
        return ""
    return (iana(zones[0].text("TZID")) or "") if zones else ""


def read_calendars(members: Sequence[Member], base: str, principal: str) -> list[RemoteCalendar]:
    """The calendars among the members of a home.

    principal: URL of who is signed in, "" if unknown; what others own is shown, but not busy.
    """
    calendars: list[RemoteCalendar] = []
    for member in members:
        url = within(base, member.href)
        if url is None or not member.is_calendar:
            continue
        writable = not member.has(dav.CurrentUserPrivilegeSet) or bool(
            WRITING & member.names(dav.CurrentUserPrivilegeSet)
        )
        owners = [within(base, href) for href in member.hrefs(dav.Owner)]
        own = not owners or not principal or as_folder(owners[0] or "") == as_folder(principal)
        events = holds_events(member)
        color = re.match(r"#[0-9a-f]{6}", member.text(CalendarColor).strip().lower())
        calendars.append(
            RemoteCalendar(
                id=as_folder(url),
                displayname=member.text(dav.DisplayName).strip()
                or href_of(url.rstrip("/").rpartition("/")[0], url.rstrip("/")),
                color=color[0] if color else "",
                zone=read_zone(member),
                writable=writable,
                busy=own and events and "transparent" not in member.names(Transparency),
                primary=own and writable and events and not any(calendar.primary for calendar in calendars),
            )
        )
    return calendars


def holds_events(member: Member) -> bool:
    element = member.props.get(cdav.SupportedCalendarComponentSet.tag)
    return element is None or "VEVENT" in [comp.get("name", "").upper() for comp in element.iter(cdav.Comp.tag)]


@dataclass(frozen=True, slots=True)
class Seen:
    """What a calendar was like at the last pull, as our token says it.

    sync: the server's sync token; else ctag and etags (by URL), for servers that have none.
    """

    sync: str = ""
    ctag: str = ""
    etags: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, token: str | None) -> "Seen":
        try:
            values = json.loads(token or "{}")
            return cls(str(values.get("sync", "")), str(values.get("ctag", "")), dict(values.get("etags", {})))
        except (ValueError, TypeError, AttributeError):
            return cls()

    @property
    def token(self) -> str:
        known = {"sync": self.sync} if self.sync else {"ctag": self.ctag, "etags": dict(self.etags)}
        return json.dumps(known, separators=(",", ":"))


def differences(before: Mapping[str, str], now: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """URLs that are new or have another etag (or none at all), and those that are gone."""
    changed = [url for url, etag in now.items() if not etag or before.get(url) != etag]
    return changed, [url for url in before if url not in now]


def read_busy(text: str) -> list[Period]:
    """The busy periods of a VFREEBUSY. Raises: RefusedByProvider for anything else."""
    try:
        obj = read_lenient(text)
    except GatewayError as error:
        raise RefusedByProvider("the server answered with something else than busy time") from error
    rows = index(obj, text, (), UTC, 0, 0).occurrences if obj.kind == "VFREEBUSY" else ()
    return [
        Period(datetime.fromtimestamp(row.start, UTC), datetime.fromtimestamp(row.end, UTC), FbType(row.fbtype))
        for row in rows
        if row.fbtype != FbType.FREE
    ]
