"""What both directions of the mapping know of the calendar an event lies in, and the tables they share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from gateway.ical.zones import iana

Event = dict[str, Any]

BOOKING: Final = "gatewayBooking"
"""Private extended property that carries X-GATEWAY-BOOKING."""
FLOATING: Final = "gatewayFloating"
"""Private extended property of events whose times a client gave no zone."""
PUSH: Final = "gatewayPush"
"""Private extended property that names the change of which this write is one part."""

MIRROR: Final = "gatewayMirror"
"""Private extended property that carries X-GATEWAY-MIRROR."""

PARTSTATS: Final = {
    "needsAction": "NEEDS-ACTION",
    "accepted": "ACCEPTED",
    "declined": "DECLINED",
    "tentative": "TENTATIVE",
}
CLASSES: Final = {"public": "PUBLIC", "private": "PRIVATE", "confidential": "CONFIDENTIAL"}
ACTIONS: Final = {"popup": "DISPLAY", "email": "EMAIL"}
COLORS: Final = {
    "1": "lavender",
    "2": "darkseagreen",
    "3": "mediumorchid",
    "4": "lightcoral",
    "5": "gold",
    "6": "orangered",
    "7": "deepskyblue",
    "8": "dimgray",
    "9": "royalblue",
    "10": "seagreen",
    "11": "crimson",
}
"""Google's event colours by the nearest CSS3 name, as RFC 7986 wants them; one to one."""


@dataclass(frozen=True, slots=True)
class Source:
    """name: as shown to the owner. zone: IANA, of all-day and floating times. reminders: its default reminders.

    address: of the calendar's owner, where e-mail reminders go; "" if not known. meets: Google can add a Meet link.
    """

    id: str
    name: str
    zone: str = "UTC"
    reminders: Sequence[Mapping[str, Any]] = ()
    address: str = ""
    primary: bool = False
    meets: bool = True


def own_properties(event: Event) -> Mapping[str, str]:
    """What we, or others, keep in the event for ourselves."""
    found: Mapping[str, str] = (event.get("extendedProperties") or {}).get("private") or {}
    return found


def zone_name(name: str) -> str:
    """The IANA name; "UTC" for all names of UTC and for what is no zone at all."""
    known = iana(name) or "UTC"
    return "UTC" if known in {"Etc/UTC", "Etc/GMT", "GMT", "Etc/UCT", "UCT", "Zulu", "Etc/Zulu"} else known
