"""Where a booking takes place: one row each."""

from collections.abc import Mapping
from typing import Final

from gateway.booking.locations import link
from gateway.booking.locations.base import Location, Meeting

__all__ = ["LOCATIONS", "Location", "Meeting"]


def as_set(meeting: Meeting) -> str:
    return meeting.setting


def as_answered(meeting: Meeting) -> str:
    return meeting.answer


LOCATIONS: Final[Mapping[str, Location]] = {
    row.kind: row
    for row in (
        Location("none", lambda _: "", label={}, icon="", asks={}),
        Location("in-person", as_set, label={"": "{setting}"}, icon="pin", asks={}),
        Location("phone", as_set, label={"en": "Phone: {setting}", "de": "Telefon: {setting}"}, icon="phone", asks={}),
        Location(
            "call-invitee",
            as_answered,
            label={"en": "Phone call", "de": "Telefonanruf"},
            icon="phone",
            asks={"en": "Your phone number", "de": "Ihre Telefonnummer"},
        ),
        Location("link", link.where, label={"en": "Video call", "de": "Videogespräch"}, icon="video", asks={}),
        Location(
            "ask-invitee",
            as_answered,
            label={"en": "A place of your choice", "de": "Ein Ort Ihrer Wahl"},
            icon="pin",
            asks={"en": "Where shall we meet?", "de": "Wo wollen wir uns treffen?"},
        ),
    )
}
