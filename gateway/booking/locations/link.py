"""Meetings at a web address; a room of one's own for each booking where the address has a place for it."""

import hashlib
import re
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

from gateway.booking.locations.base import Meeting

NAMES: Final = ("room", "uid", "host", "name", "start", "date")
PLACEHOLDER: Final = re.compile(r"\{([^{}]*)\}")
ADDRESS: Final = re.compile(r"https?://[^\s\x00-\x1f\x7f{}<>\"\\]+")


def room(uid: str) -> str:
    """Nobody guesses it from what is public of a booking; the same for the booking's whole life."""
    return hashlib.sha256(f"room:{uid}".encode()).hexdigest()[:20]


def where(meeting: Meeting) -> str:
    """The template with {room} (or {uid}), {host}, {name}, {start} and {date} filled in, both in UTC.

    Such as https://meet.jit.si/{room}. What they were stays as it was when it was booked.
    """
    unguessable = room(meeting.uid)
    begins = datetime.fromtimestamp(meeting.start, UTC)
    values = {
        "room": unguessable,
        "uid": unguessable,
        "host": _plain(meeting.host),
        "name": _plain(meeting.invitee),
        "start": f"{begins:%Y%m%dT%H%MZ}",
        "date": f"{begins:%Y-%m-%d}",
    }
    return PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), meeting.setting)


def flaw(template: str) -> str:
    """Nothing that is filled in may decide which server is gone to."""
    unknown = [name for name in PLACEHOLDER.findall(template) if name not in NAMES]
    if unknown:
        return f"there is no {{{unknown[0]}}}: only {', '.join(f'{{{name}}}' for name in NAMES)}"
    if not ADDRESS.fullmatch(PLACEHOLDER.sub("x", template)):
        return "it has to be a web address, such as https://meet.example.com/{room}"
    return _host_flaw(template)


def in_jitsi(meeting: Meeting) -> str:
    return f"{(meeting.setting or meeting.jitsi).rstrip('/')}/{room(meeting.uid)}"


def jitsi_flaw(server: str) -> str:
    """server: "" where it is the one of the settings."""
    if not server:
        return ""
    if not server.startswith("https://") or not ADDRESS.fullmatch(server) or set("?#") & set(server):
        return "it has to be the https address of a Jitsi server, such as https://meet.jit.si"
    return _host_flaw(server)


def _host_flaw(url: str) -> str:
    """urlsplit raises ValueError for hosts that are none."""
    try:
        parts = urlsplit(url)
        named, _ = parts.hostname, parts.port
    except ValueError:
        return "its host is none"
    if not named or "{" in parts.netloc or "@" in parts.netloc:
        return "its host has to be written out, without a user"
    return ""


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
