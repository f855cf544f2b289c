"""What in a copy is its attendee's own, and survives what the organizer sends (RFC 6638 3.2.2.1).

Alarms always are. Of the lines that organizers do not rule over, those are that the attendee set themselves: the copy
remembers their names in a line of its own.
"""

from collections.abc import Iterable
from typing import Final

from gateway.ical.text import Component, Property, prop, replace
from gateway.scheduling.itip.compare import TIMES
from gateway.scheduling.itip.lines import PRIVATE
from gateway.scheduling.itip.message import append, copied

MARK: Final = "X-GATEWAY-OWN"
DECLINED: Final = "X-GATEWAY-DECLINED"
"""Instances the attendee took out of their copy: RECURRENCE-ID values, on the component of the series."""
RULED: Final = TIMES | {
    *("UID", "DTSTAMP", "SEQUENCE", "ORGANIZER", "ATTENDEE", "SUMMARY", "DESCRIPTION", "LOCATION", "STATUS"),
    *("URL", "GEO", "CONTACT", "RESOURCES", "CONFERENCE", "REQUEST-STATUS", "STYLED-DESCRIPTION", MARK, DECLINED),
}
"""What only the organizer writes."""
BOOKS: Final = frozenset({"CREATED", "LAST-MODIFIED", "COMMENT"})
"""What neither is kept as an own line nor put back."""
TODO_OWN: Final = frozenset({"STATUS"})
"""Tasks are done by those they are given to: clients write it there."""


def ruled(one: Component, name: str) -> bool:
    """Whether the organizer alone writes that line."""
    return name in RULED and not (one.name == "VTODO" and name in TODO_OWN)


def own_names(one: Component) -> frozenset[str]:
    return frozenset(name for name in one.text(MARK).upper().split(",") if name and not ruled(one, name))


def mark(one: Component, known: Component | None) -> None:
    """Notes the lines that the attendee changed, beside those noted before. known: the component until now."""
    before = own_names(known) if known is not None else frozenset()
    names = set(before)
    if known is not None:
        here, there = _lines(one), _lines(known)
        changed = {name for name in here.keys() | there.keys() if here.get(name) != there.get(name)}
        kept = {name for name in changed if name not in BOOKS and not name.startswith(PRIVATE)}
        names |= {name for name in kept if not ruled(one, name)}
    if names != own_names(one):
        replace(one, MARK, prop(MARK, ",".join(sorted(names))) if names else None)


def _lines(one: Component) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in one.properties:
        found.setdefault(line.name, []).append(line.value)
    return found


def carry(one: Component, known: Component | None) -> None:
    """Gives a component that came from the organizer what its attendee had in it. known: as they had it until now."""
    one.components[:] = [part for part in one.components if part.name != "VALARM"]
    if known is None:
        return
    alarms = [copied(part) for part in known.components if part.name == "VALARM"]
    names = own_names(known)
    if names:
        one.properties[:] = [line for line in one.properties if line.name not in names]
        append(one, *(line for line in known.properties if line.name in names or line.name == MARK))
    one.components += alarms


def private(one: Component) -> bool:
    """Whether an attendee has anything of their own in it."""
    return bool(own_names(one)) or any(part.name == "VALARM" for part in one.components)


def declined(master: Component | None) -> list[str]:
    """The RECURRENCE-ID values the attendee took out."""
    return [] if master is None else [value for value in master.text(DECLINED).split(",") if value]


def set_declined(master: Component, values: Iterable[str]) -> None:
    given = ",".join(values)
    if given != ",".join(declined(master)):
        replace(master, DECLINED, prop(DECLINED, given) if given else None)


def put_back(one: Component, known: Component) -> None:
    """The lines that only the organizer writes, as they were, where they say something else now."""
    names = {line.name for part in (one, known) for line in part.properties if ruled(one, line.name)}
    for name in names - TIMES - {"ORGANIZER", "ATTENDEE", "UID", MARK, DECLINED}:
        before, now = known.all(name), one.all(name)
        if [line.text.strip() for line in before] != [line.text.strip() for line in now]:
            _set_all(one, name, before)


def _set_all(one: Component, name: str, lines: list[Property]) -> None:
    replace(one, name, lines[0] if lines else None)
    if len(lines) > 1:
        append(one, *lines[1:])
