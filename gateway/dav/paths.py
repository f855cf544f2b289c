"""Paths <-> places. A path is decoded once, segment by segment; nothing here looks whether the place exists."""

import re
from dataclasses import dataclass
from enum import Flag, auto
from typing import Final
from urllib.parse import quote, unquote_to_bytes, urlsplit

from gateway.errors import InvalidRequest, NotFound, WrongLocation

MAX_SEGMENT: Final = 1000
HALF_ENCODED: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
FORBIDDEN: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f/\\]")
"""Tabs and line feeds stand in names that clients made of UIDs."""
PLAIN: Final = re.compile(r"[A-Za-z0-9_.~@/-]*").fullmatch


class On(Flag):
    """Kinds of resource, and sets of kinds."""

    ROOT = auto()  # /, /dav/: where clients begin
    PRINCIPALS = auto()  # the collection of principals
    PRINCIPAL = auto()
    READERS = auto()  # the group of those who may read a person's calendars
    WRITERS = auto()  # and change what is in them
    TEAM = auto()
    HOMES = auto()  # the collection of homes
    HOME = auto()
    CALENDAR = auto()  # the merged one
    SEPARATE = auto()  # a calendar that is shown by itself
    OBJECT = auto()  # in either of them
    INBOX = auto()
    MESSAGE = auto()  # in the inbox
    OUTBOX = auto()
    SUBSCRIPTION = auto()  # to notices of changes; only DELETE knows it

    SOMEBODY = PRINCIPAL | TEAM
    PROXIES = READERS | WRITERS
    CALENDARS = CALENDAR | SEPARATE
    MEMBER = OBJECT | MESSAGE
    OWNED = HOME | CALENDARS | MEMBER | INBOX | OUTBOX
    LISTS = CALENDARS | INBOX
    IN_INBOX = INBOX | MESSAGE
    SHELVED = SEPARATE | OBJECT  # whose path names the calendar
    NOBODYS = ROOT | PRINCIPALS | HOMES | SUBSCRIPTION
    ANY = ROOT | PRINCIPALS | SOMEBODY | PROXIES | HOMES | OWNED


@dataclass(frozen=True, slots=True)
class Place:
    """name: of the person or team it belongs to, lower case. member: within the calendar or the inbox.

    collection: the segment that names the calendar, of a CALENDAR, a SEPARATE one or an OBJECT.
    alias: the path it was asked by, where that is not the canonical one but has to be answered under (/ for /dav/).
    """

    on: On
    name: str = ""
    member: str = ""
    alias: str = ""
    collection: str = "merged"


FIXED: Final[dict[tuple[str, ...], Place]] = {
    (): Place(On.ROOT, alias="/"),
    ("dav",): Place(On.ROOT),
    ("principals",): Place(On.PRINCIPALS, alias="/principals/"),
    ("dav", "principals"): Place(On.PRINCIPALS),
    ("dav", "calendars"): Place(On.HOMES),
}
COLLECTIONS: Final = {"merged": On.CALENDAR, "inbox": On.INBOX, "outbox": On.OUTBOX}
GROUPS: Final = {On.READERS: "calendar-proxy-read", On.WRITERS: "calendar-proxy-write"}
OWN: Final[dict[tuple[str, ...], On]] = {
    ("calendars",): On.HOME,
    ("principals",): On.PRINCIPAL,
    **{("principals", name): on for on, name in GROUPS.items()},
}
BOXES: Final = {On.INBOX: "inbox", On.MESSAGE: "inbox", On.OUTBOX: "outbox"}


def encode(segment: str) -> str:
    return segment if PLAIN(segment) else quote(segment, safe="@")


def principal_path(name: str) -> str:
    return f"/dav/principals/{encode(name)}/"


def home_path(name: str) -> str:
    return f"/dav/calendars/{encode(name)}/"


def collection_path(name: str, collection: str) -> str:
    return f"{home_path(name)}{encode(collection)}/"


def subscription_path(token: str) -> str:
    return f"/dav/subscriptions/{encode(token)}"


def path_of(place: Place) -> str:
    """The one canonical path of a place, percent-encoded."""
    if place.on in On.SOMEBODY:
        return principal_path(place.name)
    if place.on in On.PROXIES:
        return f"{principal_path(place.name)}{GROUPS[place.on]}/"
    if place.on is On.HOME:
        return home_path(place.name)
    if place.on in On.OWNED:
        return f"{collection_path(place.name, BOXES.get(place.on, place.collection))}{encode(place.member)}"
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


def read_new(path: str) -> Place:
    """The place of a collection that is to be made there. Raises: as `read`; WrongLocation where there can be none."""
    try:
        return read(path.removesuffix("/"))
    except NotFound as error:
        raise WrongLocation("no calendar can be made here") from error


def _place(names: list[str], *, slash: bool) -> Place | None:
    if (fixed := FIXED.get(tuple(names))) is not None:
        return fixed
    match names:
        case ["dav", kind, name, *group] if (on := OWN.get((kind, *group))) is not None:
            return Place(on, name.lower())
        case ["dav", "subscriptions", token] if not slash:
            return Place(On.SUBSCRIPTION, member=token)
        case ["dav", "calendars", name, collection] if collection in COLLECTIONS:
            return Place(COLLECTIONS[collection], name.lower())
        case ["dav", "calendars", name, collection]:
            return Place(On.SEPARATE, name.lower(), collection=collection)
        case ["dav", "calendars", name, "inbox", member] if not slash:
            return Place(On.MESSAGE, name.lower(), member)
        case ["dav", "calendars", name, collection, member] if not slash and collection != "outbox":
            return Place(On.OBJECT, name.lower(), member, collection=collection)
    return None


def of_href(href: str) -> str:
    """The path of an href as clients send them: a path or a whole URL, its host not looked at.

    Raises: InvalidRequest.
    """
    try:
        return urlsplit(href.strip()).path
    except ValueError as error:
        raise InvalidRequest("this is no href") from error
