"""What of an event may be changed, by whom: said in words before Google is asked, which knows a code only."""

from collections.abc import Mapping
from typing import Any, Final

from gateway.backends.google.source import Event
from gateway.errors import RefusedByProvider

WORDS: Final = {
    "summary": "its title",
    "description": "its description",
    "location": "its place",
    "start": "its time",
    "end": "its time",
    "recurrence": "how it repeats",
    "status": "whether it is certain",
    "transparency": "whether it blocks time",
    "visibility": "who sees it",
    "attendees": "its guests",
    "attachments": "its files",
    "source": "its web page",
    "conferenceData": "its conference",
    "colorId": "its colour",
    "reminders": "its reminders",
}
OWN: Final = frozenset(("colorId", "reminders", "extendedProperties", "attendees", "attendeesOmitted", "sequence"))
"""Of a guest's copy: the own answer is in attendees."""
MAIN: Final = frozenset(("summary", "description", "location", "start", "end", "recurrence"))
FREE: Final[Mapping[str, frozenset[str]]] = {
    "fromGmail": frozenset(("colorId", "reminders", "visibility", "transparency", "status", "extendedProperties")),
    "birthday": frozenset(("summary", "colorId", "reminders", "start", "end", "extendedProperties")),
}
"""By type: all that may be changed."""
FIXED: Final[Mapping[str, frozenset[str]]] = {
    "workingLocation": frozenset(("attendees", "transparency", "visibility", "location", "conferenceData")),
    "outOfOffice": frozenset(("attendees", "transparency", "conferenceData")),
    "focusTime": frozenset(("attendees", "transparency", "conferenceData")),
}
"""By type: what may not be changed."""
NAMES: Final = {
    "fromGmail": "an event that Gmail made",
    "birthday": "a birthday",
    "workingLocation": "a working location",
    "outOfOffice": "an out-of-office event",
    "focusTime": "focus time",
}


def is_guest(event: Event) -> bool:
    """Whether this is the copy of an event that somebody else organizes and keeps to himself."""
    organizer = event.get("organizer") or {}
    return bool(organizer.get("email")) and not organizer.get("self") and not event.get("guestsCanModify")


def check(event: Event, patch: Event) -> None:
    """Raises: RefusedByProvider. event: as Google holds it."""
    kind = event.get("eventType") or "default"
    refused = patch.keys() - FREE[kind] if kind in FREE else patch.keys() & FIXED.get(kind, frozenset())
    if refused:
        raise RefusedByProvider(f"this is {NAMES[kind]}, of which Google lets nobody change {named(refused)}")
    if kind in {"outOfOffice", "focusTime"} and (patch.get("start") or {}).get("date"):
        raise RefusedByProvider(f"this is {NAMES[kind]}, which needs a time of day at Google")
    if event.get("locked") and patch.keys() & MAIN:
        raise RefusedByProvider(f"this event is locked at Google; nobody can change {named(patch.keys() & MAIN)}")
    if is_guest(event) and patch.keys() - OWN:
        by = event["organizer"].get("displayName") or event["organizer"]["email"]
        raise RefusedByProvider(
            f"only the organizer, {by}, can change {named(patch.keys() - OWN)}; "
            "you can answer, and change the colour and the reminders"
        )
    invites = len(patch.get("attendees") or ()) > len(event.get("attendees") or ())
    if is_guest(event) and invites and not event.get("guestsCanInviteOthers", True):
        raise RefusedByProvider("only the organizer can invite others to this event")
    if patch.get("attendees") and event.get("attendeesOmitted") and not patch.get("attendeesOmitted"):
        raise RefusedByProvider("Google shows only a part of the guests here, so they cannot be changed")


def named(fields: Any) -> str:
    words = list(dict.fromkeys(WORDS.get(name, name) for name in sorted(fields)))
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
