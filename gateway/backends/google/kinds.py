"""What an event is and how it counts, both ways: status, transparency, visibility, type."""

from collections.abc import Iterator
from typing import Final

from gateway.backends.google.source import CLASSES, Event
from gateway.ical.text import Component, Property, prop, text_prop

FREE_TYPES: Final = ("workingLocation", "birthday")
VISIBILITIES: Final = {name: visibility for visibility, name in CLASSES.items()}
BUSY: Final = "X-MICROSOFT-CDO-BUSYSTATUS"
TYPE: Final = "X-GATEWAY-EVENT-TYPE"
"""Google's eventType, on events that are not of the default one."""
MAKEABLE: Final = {"outofoffice": "outOfOffice", "focustime": "focusTime"}
"""Types that a client may ask for. The others have properties of their own, which only Google's pages offer."""


def told(event: Event) -> Iterator[Property]:
    kind = event.get("eventType") or "default"
    yield prop("STATUS", "TENTATIVE" if event.get("status") == "tentative" else "CONFIRMED")
    free = event.get("transparency") == "transparent" or kind in FREE_TYPES
    yield prop("TRANSP", "TRANSPARENT" if free else "OPAQUE")
    if event.get("visibility") in CLASSES:
        yield prop("CLASS", CLASSES[event["visibility"]])
    if kind == "outOfOffice":
        yield prop(BUSY, "OOF")
    elif kind == "workingLocation" and (event.get("workingLocationProperties") or {}).get("type") != "officeLocation":
        yield prop(BUSY, "WORKINGELSEWHERE")
    if kind != "default":
        yield prop(TYPE, kind)


def place(event: Event) -> str:
    """LOCATION; of a working location that says none, the name of the office or other place."""
    where = event.get("workingLocationProperties") or {}
    label = (where.get(where.get("type", "")) or {}).get("label", "")
    return str(event.get("location") or label)


def place_line(event: Event) -> Iterator[Property]:
    if place(event):
        yield text_prop("LOCATION", place(event))


def status(component: Component) -> str:
    said = component.text("STATUS").upper()
    tentative = said == "TENTATIVE" or (not said and component.text(BUSY).upper() == "TENTATIVE")
    return "tentative" if tentative else "confirmed"


def transparency(component: Component) -> str:
    """Outlook's own property counts as it does for busy time: "free" where TRANSP is absent, "elsewhere" always."""
    said, busy = component.text("TRANSP").upper(), component.text(BUSY).upper()
    free = said == "TRANSPARENT" or busy == "WORKINGELSEWHERE" or (busy == "FREE" and not said)
    return "transparent" if free else "opaque"


def visibility(component: Component) -> str:
    """What a class means that nobody here knows: private (RFC 5545 3.8.1.3)."""
    said = component.text("CLASS").upper()
    return VISIBILITIES.get(said, "private") if said else "default"


def event_type(component: Component) -> str:
    """The type a client asks for by name; "" where it names none."""
    said = component.text(TYPE)
    if not said and component.text(BUSY).upper() == "OOF":
        return "outOfOffice"
    return MAKEABLE.get(said.lower(), said)


def says_present(component: Component) -> bool:
    """It is said to be no absence; not saying anything is not the same."""
    return component.text(BUSY).upper() in {"BUSY", "FREE", "TENTATIVE"}
