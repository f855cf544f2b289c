"""Meetings at a web address; a room of one's own for each booking where the address has a place for it."""

import hashlib
import re

from gateway.booking.locations.base import Meeting


def room(uid: str) -> str:
    """Nobody guesses it from what is public of a booking; the same for the booking's whole life."""
    return hashlib.sha256(f"room:{uid}".encode()).hexdigest()[:20]


def where(meeting: Meeting) -> str:
    """The template with {room} (or {uid}), {host} and {name} filled in, such as https://meet.jit.si/{room}."""
    unguessable = room(meeting.uid)
    values = {"room": unguessable, "uid": unguessable, "host": _plain(meeting.host), "name": _plain(meeting.invitee)}
    return re.sub(r"\{(room|uid|host|name)\}", lambda found: values[found[1]], meeting.setting)


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
