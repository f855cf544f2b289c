"""ORGANIZER and ATTENDEE lines: who they name, and changes of single parameters that leave all else as written."""

import re
from collections.abc import Callable, Collection, Iterable
from typing import Final

from gateway.ical.text import Component, Property, fold, parameter, unfold

PEOPLE: Final = frozenset({"ATTENDEE", "ORGANIZER"})
PRIVATE: Final = "X-GATEWAY-"
BETWEEN_US: Final = (
    *("SCHEDULE-AGENT", "SCHEDULE-STATUS", "SCHEDULE-FORCE-SEND", "X-GATEWAY-REPLIED", "X-GATEWAY-EARLY"),
    *("RECEIVED-SEQUENCE", "RECEIVED-DTSTAMP"),  # Thunderbird's notes about an answer that it took from a mail
)
"""Parameters that are between a client and its server (RFC 6638 7); no message has them."""
REPLIED: Final = "X-GATEWAY-REPLIED"
EARLY: Final = "X-GATEWAY-EARLY"
"""On the line of whom delegates name as their sender: address, PARTSTAT and revision of the answers that wait."""
OWN: Final = (PRIVATE, "X-MOZ-", "X-CALENDARSERVER-", "X-APPLE-TRAVEL-", "X-APPLE-NEEDS-REPLY")
"""Lines that programs keep for the owner of a copy: snoozed alarms, where they set out from, what single attendees
commented …
"""
PARAMETER: Final = re.compile(r';([A-Za-z0-9-]+)=(?:"[^"]*"|[^";])*')
NEEDS_ACTION: Final = "NEEDS-ACTION"


def address(line: Property) -> str:
    """The calendar address of an ORGANIZER or ATTENDEE: lower case, without mailto:.

    Of its EMAIL parameter, where the value is no mail address.
    """
    value = line.value.strip()
    plain = value[7:] if value[:7].lower() == "mailto:" else value
    if "@" not in plain:
        plain = line.param("EMAIL") or plain
    return plain.strip().lower()


def attendee(component: Component, addresses: Collection[str]) -> Property | None:
    """The line that invites one of the addresses."""
    for line in component.properties:
        if line.name == "ATTENDEE" and address(line) in addresses:
            return line
    return None


def attendees(component: Component) -> dict[str, Property]:
    """By address, in order; of several lines for one person the first."""
    found: dict[str, Property] = {}
    for line in component.properties:
        if line.name == "ATTENDEE":
            found.setdefault(address(line), line)
    return found


def organizer_of(components: Iterable[Component]) -> Property | None:
    """The first there is."""
    for one in components:
        line = one.first("ORGANIZER")
        if line is not None:
            return line
    return None


def partstat(line: Property) -> str:
    return (line.param("PARTSTAT") or NEEDS_ACTION).upper()


def deputy(line: Property) -> str:
    """Who acts for them (SENT-BY); "" for nobody."""
    return (line.param("SENT-BY") or "").lower().removeprefix("mailto:").strip()


def by_server(line: Property) -> bool:
    """Whether the server sends the messages for this person (RFC 6638 7.1)."""
    return (line.param("SCHEDULE-AGENT") or "SERVER").upper() == "SERVER"


def bare(line: Property) -> Property:
    """As others may see it."""
    if line.name not in PEOPLE:
        return line
    return without(line, BETWEEN_US)


def without(line: Property, names: Collection[str]) -> Property:
    """The line without those parameters; the very same if it has none of them."""
    parts = written(line)
    kept = [text for name, text in parts if name not in names]
    return line if len(kept) == len(parts) else remade(line, kept)


def with_parameter(line: Property, name: str, value: str) -> Property:
    """The line with that parameter set, in its place if it was there; the others as written."""
    new = f";{name}={parameter(value)}"
    parts = written(line)
    if any(known == name for known, _ in parts):
        return remade(line, [new if known == name else text for known, text in parts])
    return remade(line, [*(text for _, text in parts), new])


def with_list(line: Property, name: str, values: Iterable[str]) -> Property:
    """The same for a parameter with several values, each in quotes."""
    new = f";{name}=" + ",".join(f'"{parameter(value).strip(chr(34))}"' for value in values)
    return remade(line, [*(text for known, text in written(line) if known != name), new])


def written(line: Property) -> list[tuple[str, str]]:
    """(upper-case name, text from the semicolon on) of each parameter, as written."""
    text = unfold(line.raw)
    return [(found[1].upper(), found[0]) for found in PARAMETER.finditer(text[: len(text) - len(line.value) - 1])]


def remade(line: Property, parameters: Iterable[str]) -> Property:
    """The property with other parameters and the very same value."""
    head = line.name + "".join(parameters)
    return Property(line.name, line.value, fold(f"{head}:{line.value}"), head)


def change(target: Component, name: str, new: Callable[[Property], Property]) -> None:
    """Each line of that name by what `new` makes of it; all else stays byte for byte."""
    target.properties[:] = [new(line) if line.name == name else line for line in target.properties]
