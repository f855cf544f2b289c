"""Paths <-> places. A path is decoded once, segment by segment; nothing here looks whether the place exists."""

import re
from dataclasses import dataclass
from enum import Flag, auto
from typing import Final
from urllib.parse import quote, unquote_to_bytes, urlsplit

from gateway.errors import InvalidRequest, NotFound

MAX_SEGMENT: Final = 1000
HALF_ENCODED: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
FORBIDDEN: Final = re.compile(r"[\x00-\x1f\x7f/\\]")
PLAIN: Final = re.compile(r"[A-Za-z0-9_.~@/-]*").fullmatch


class On(Flag):
    """Kinds of resource, and sets of kinds."""

    ROOT = auto()  # /, /dav/: where clients begin
    PRINCIPALS = auto()  # the collection of principals
    PRINCIPAL = auto()
    TEAM = auto()
    HOMES = auto()  # the collection of homes
    HOME = auto()
    CALENDAR = auto()
    OBJECT = auto()
    INBOX = auto()
    OUTBOX = auto()

    SOMEBODY = PRINCIPAL | TEAM
    OWNED = HOME | CALENDAR | OBJECT | INBOX | OUTBOX
    LISTS = CALENDAR | INBOX
    ANY = ROOT | PRINCIPALS | SOMEBODY | HOMES | OWNED


@dataclass(frozen=True, slots=True)
class Place:
    """name: of the person or team it belongs to, lower case. member: within the calendar.

    alias: the path it was asked by, where that is not the canonical one but has to be answered under (/ for /dav/).
    """

    on: On
    name: str = ""
    member: str = ""
    alias: str = ""


FIXED: Final[dict[tuple[str, ...], Place]] = {
    (): Place(On.ROOT, alias="/"),
    ("dav",): Place(On.ROOT),
    ("principals",): Place(On.PRINCIPALS, alias="/principals/"),
    ("dav", "principals"): Place(On.PRINCIPALS),
    ("dav", "calendars"): Place(On.HOMES),
}
COLLECTIONS: Final = {"merged": On.CALENDAR, "inbox": On.INBOX, "outbox": On.OUTBOX}


def encode(segment: str) -> str:
    return segment if PLAIN(segment) else quote(segment, safe="@")


def principal_path(name: str) -> str:
    return f"/dav/principals/{encode(name)}/"


def home_path(name: str) -> str:
    return f"/dav/calendars/{encode(name)}/"


def path_of(place: Place) -> str:
    """The one canonical path of a place, percent-encoded."""
    if place.on in On.SOMEBODY:
        return principal_path(place.name)
    if place.on is On.HOME:
        return home_path(place.name)
    if place.on in On.OWNED:
        collection = next((key for key, on in COLLECTIONS.items() if on is place.on), "merged")
        return f"{home_path(place.name)}{collection}/{encode(place.member)}"
    return {On.PRINCIPALS: "/dav/principals/", On.HOMES: "/dav/calendars/"}.get(place.on, "/dav/")


def decode(segment: str) -> str:
    """Raises: InvalidRequest for what no name of ours can be."""
    if HALF_ENCODED.search(segment):
        raise InvalidRequest("a percent sign is followed by two hexadecimal digits")
    try:
        plain = unquote_to_bytes(segment).decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidRequest("a path is UTF-8") from error
    if plain in {".", ".."} or FORBIDDEN.search(plain) or len(plain) > MAX_SEGMENT:
        raise InvalidRequest("a path has no such segments")
    return plain


def read(path: str) -> Place:
    """The place a percent-encoded path names.

    Raises: InvalidRequest for empty, dotted or undecodable segments; NotFound for places there cannot be.
    """
    if not path.startswith("/"):
        raise InvalidRequest("a path begins with a slash")
    segments = path[1:].split("/")
    slash = segments[-1] == ""
    names = [decode(segment) for segment in (segments[:-1] if slash else segments)]
    if "" in names:
        raise InvalidRequest("a path has no empty segments")
    place = _place(names, slash=slash)
    if place is None:
        raise NotFound("there is nothing here")
    return place


def _place(names: list[str], *, slash: bool) -> Place | None:
    if (fixed := FIXED.get(tuple(names))) is not None:
        return fixed
    match names:
        case ["dav", "principals", name]:
            return Place(On.PRINCIPAL, name.lower())
        case ["dav", "calendars", name]:
            return Place(On.HOME, name.lower())
        case ["dav", "calendars", name, collection] if collection in COLLECTIONS:
            return Place(COLLECTIONS[collection], name.lower())
        case ["dav", "calendars", name, "merged", member] if not slash:
            return Place(On.OBJECT, name.lower(), member)
    return None


def of_href(href: str) -> str:
    """The path of an href as clients send them: a path or a whole URL, its host not looked at.

    Raises: InvalidRequest.
    """
    try:
        return urlsplit(href.strip()).path
    except ValueError as error:
        raise InvalidRequest("this is no href") from error
