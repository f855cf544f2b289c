"""Where a booking takes place: one row each."""

from collections.abc import Callable, Mapping
from typing import Final

from gateway.booking.locations import link
from gateway.booking.locations.base import Location, Meeting

__all__ = ["LOCATIONS", "Location", "Meeting", "wrong"]

FEWEST_DIGITS: Final = 3
ROOMS: Final = {"google-meet": "Google Meet", "teams": "Microsoft Teams", "zoom": "Zoom"}
"""Kinds of place that a provider makes a room for, and what they are called everywhere."""


def as_set(meeting: Meeting) -> str:
    return meeting.setting


def as_answered(meeting: Meeting) -> str:
    return meeting.answer


def named(name: str) -> Callable[[Meeting], str]:
    """Until there is a room, its provider's name."""
    return lambda _: name


def phone_flaw(text: str) -> str:
    enough = sum(one.isdigit() for one in text) >= FEWEST_DIGITS
    return "" if enough else "it has to be the number that invitees call"


LOCATIONS: Final[Mapping[str, Location]] = {
    row.kind: row
    for row in (
        Location("none", lambda _: "", label={}, icon="", asks={}),
        Location("in-person", as_set, label={"": "{setting}"}, icon="pin", asks={}),
        Location(
            "phone",
            as_set,
            label={
                "en": "Phone: {setting}",
                "de": "Telefon: {setting}",
                "es": "Teléfono: {setting}",
                "fr": "Téléphone\u00a0: {setting}",
            },
            icon="phone",
            asks={},
            flaw=phone_flaw,
        ),
        Location(
            "call-invitee",
            as_answered,
            label={"en": "Phone call", "de": "Telefonanruf", "es": "Llamada telefónica", "fr": "Appel téléphonique"},
            icon="phone",
            asks={
                "en": "Your phone number",
                "de": "Ihre Telefonnummer",
                "es": "Su número de teléfono",
                "fr": "Votre numéro de téléphone",
            },
        ),
        Location(
            "link",
            link.where,
            label={"en": "Video call", "de": "Videogespräch", "es": "Videollamada", "fr": "Appel vidéo"},
            icon="video",
            asks={},
            flaw=link.flaw,
        ),
        Location("jitsi", link.in_jitsi, label={"": "Jitsi"}, icon="video", asks={}, flaw=link.jitsi_flaw),
        *(
            Location(kind, named(name), label={"": name}, icon="video", asks={}, room=True)
            for kind, name in ROOMS.items()
        ),
        Location(
            "ask-invitee",
            as_answered,
            label={
                "en": "A place of your choice",
                "de": "Ein Ort Ihrer Wahl",
                "es": "Un lugar de su elección",
                "fr": "Un lieu de votre choix",
            },
            icon="pin",
            asks={
                "en": "Where shall we meet?",
                "de": "Wo wollen wir uns treffen?",
                "es": "¿Dónde nos vemos?",
                "fr": "Où nous retrouvons-nous\u202f?",
            },
        ),
    )
}


def wrong(kind: str, text: str) -> tuple[str, str] | None:
    """The field of an event type's place that is wrong, and why, in English; None: neither."""
    row = LOCATIONS.get(kind)
    if row is None:
        return "kind", f"there are {', '.join(LOCATIONS)}"
    flaw = row.flaw(text)
    return ("text", flaw) if flaw else None
