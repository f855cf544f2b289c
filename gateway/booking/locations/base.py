"""What a kind of place is asked for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Meeting:
    """What a place may depend on. setting: text of the event type's place; answer: what the invitee gave.

    start: epoch seconds. jitsi: the Jitsi server where the event type names none.
    """

    uid: str
    setting: str
    answer: str
    host: str
    invitee: str
    start: int
    jitsi: str


@dataclass(frozen=True, slots=True)
class Location:
    """One kind of place.

    where: the text of the event's LOCATION, made anew for each booking.
    label: on the page before it is booked; "{setting}" stands for the event type's text.
    asks: label of the field the invitee must fill in; empty: none. icon: name of a picture on the page.
    room: a provider makes one for each booking, see gateway.booking.rooms; until it has, the place is where it will be.
    flaw: what is wrong with an event type's text, in English, "": nothing.
    """

    kind: str
    where: Callable[[Meeting], str]
    label: Mapping[str, str]
    icon: str
    asks: Mapping[str, str]
    room: bool = False
    flaw: Callable[[str], str] = lambda _: ""
