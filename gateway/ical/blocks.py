"""Busy blocks: empty events that a mirror put into a calendar, so that colleagues there see when somebody has no time.

They restate what stands elsewhere. Whoever takes them for events of their own shows them twice, counts them twice and,
where two mirrors face each other, copies them without end; so each carries a mark.
"""

from typing import Final

from gateway.ical.objects import ParsedObject, read_lenient
from gateway.ical.text import Component, replace, serialise, text_prop

MARK: Final = "X-GATEWAY-MIRROR"
LONGEST: Final = 64
# Whoever has made more of a block than it was has made it an event of their own.
OWN: Final = frozenset({"ATTENDEE", "RRULE", "RDATE"})


def mark_of(obj: ParsedObject) -> str:
    """Of which mirror it is a block, whoever's that is; "" for everything else."""
    if obj.kind != "VEVENT" or len(obj.components) != 1:
        return ""
    [one] = obj.components
    mark = one.text(MARK).strip()[:LONGEST]
    return "" if mark and any(line.name in OWN for line in one.properties) else mark


def may_be_block(text: str) -> bool:
    """Without a look at what it is besides."""
    return MARK in text.upper()


def unmarked(text: str) -> str:
    """Without the mark, as an event that a person wrote."""
    return _remarked(text, "") if may_be_block(text) else text


def with_mark_of(ours: str, theirs: str) -> str:
    """`theirs`, marked as `ours` is: not every server keeps what it does not know."""
    if not may_be_block(ours) or may_be_block(theirs):
        return theirs
    return _remarked(theirs, mark_of(read_lenient(ours)))


def _remarked(text: str, mark: str) -> str:
    calendar = read_lenient(text).calendar
    for component in calendar.components:
        if component.name == "VEVENT":
            _mark(component, mark)
    return serialise(calendar)


def _mark(component: Component, mark: str) -> None:
    replace(component, MARK, text_prop(MARK, mark) if mark else None)
