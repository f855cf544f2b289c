"""Keeps what a provider cannot hold beside the provider's copy, and puts it back when the object is served."""

from collections.abc import Iterable
from typing import Final

from gateway.ical.objects import ParsedObject, read_lenient, tzids
from gateway.ical.objects.parsed import KINDS
from gateway.ical.text import Component, Property, serialise
from gateway.ical.text.tree import LAST
from gateway.sync.agree import BUSY, JOINED, TIMES, Side, address, agreeing, floating_zone
from gateway.sync.alarms import ALARM, with_changes
from gateway.sync.meaning import NOISE, Key, Meaning, by_key, end_of, key_of, meaning

TOGETHER: Final = (
    TIMES | {"X-MICROSOFT-CDO-ALLDAYEVENT"},
    frozenset({"DESCRIPTION", "X-ALT-DESC"}),
    frozenset({"LOCATION", "GEO", "X-APPLE-STRUCTURED-LOCATION"}),
    frozenset({"STATUS", "TRANSP", BUSY, "X-MICROSOFT-CDO-INTENDEDSTATUS", "X-GATEWAY-EVENT-TYPE"}),
    frozenset({"CONFERENCE", "X-GATEWAY-CONFERENCE"}),
)
"""What one change makes untrue altogether: the rest of a group would tell of what was before."""


def same(one: str, other: str) -> bool:
    """Whether two texts of an object say the same."""
    return one == other or _meanings(read_lenient(one)) == _meanings(read_lenient(other))


def rejoin(served: str, previous_remote: str, new_remote: str) -> str:
    """What to serve now that the provider's mapping of an object went from the previous to the new one.

    What says the same there as before stays as we served it, with all that the provider never held; what changed
    there becomes the provider's. Equal in meaning throughout: `served` itself.
    """
    old, new = read_lenient(previous_remote), read_lenient(new_remote)
    before, after = _meanings(old), _meanings(new)
    if before == after:
        return served
    ours = read_lenient(served)
    kept, known = by_key(ours), by_key(old)
    merged: list[tuple[Component, ParsedObject]] = []
    for component in _members(new):
        key = key_of(component, new.zones)
        if key not in kept or key not in known:
            merged.append((component, new))
        elif before[key] == after[key]:
            merged.append((kept[key], ours))
        else:
            merged.append((_changed(kept[key], Side(old, known[key]), Side(new, component)), ours))
    masters = [key for key in after if key[1] == ""]
    if all(before.get(key) == after[key] for key in masters):
        merged.extend((one, ours) for key, one in kept.items() if key not in before and key not in after)
    return _assemble(new, merged, ours)


def _changed(mine: Component, old: Side, new: Side) -> Component:
    """`mine` with what the provider says otherwise now than before, and what makes sense only together with that."""
    before, after = old.said, new.said
    names = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    told = NOISE.intersection(line.name for line in new.component.properties)
    names = names.union(told, *(group for group in TOGETHER if group & names))
    held = {address(line) for side in (old, new) for line in side.component.properties if line.name in JOINED}
    ours = [
        line
        for line in mine.properties
        if line.name not in names or (line.name in JOINED and address(line) not in held)
    ]
    theirs = [line for line in new.component.properties if line.name in names]
    made = Component(mine.name, mine.begin, mine.end, LAST)
    made.properties = theirs + ours
    sources = ((mine, False), (new.component, True))
    inside = [
        child
        for one, changed in sources
        for child in one.components
        if child.name != ALARM and (f"BEGIN:{child.name}" in names) is changed
    ]
    alarms = (one.children(ALARM) for one in (mine, old.component, new.component))
    made.components = [_last(child) for child in [*with_changes(*alarms), *inside]]
    return made


def overlay(ours: str, answer: str) -> str:
    """What to serve of an object that the provider just took from us: our text, with what it made of it.

    A property stays as we spelled it if the provider says the same in its own way, or nothing; it becomes the
    provider's if it says something else; what only the provider has is added. Nothing to change: `ours` itself.
    """
    mine, theirs = read_lenient(ours), read_lenient(answer)
    floating = floating_zone(theirs)
    known = {key_of(one, mine.zones, floating): one for one in _members(mine)}
    told = {key_of(one, theirs.zones, floating): one for one in _members(theirs)}
    merged: list[tuple[Component, ParsedObject]] = []
    changed = False
    for key, component in known.items():
        other = told.get(key)
        laid = component if other is None else _overlaid(Side(mine, component), Side(theirs, other))
        changed = changed or laid is not component
        merged.append((laid, theirs if laid is not component else mine))
    added = [(one, theirs) for key, one in told.items() if key not in known]
    return _assemble(mine, merged + added, theirs) if changed or added else ours


def _overlaid(mine: Side, theirs: Side) -> Component:
    """`mine` itself if there is nothing to change."""
    ours, others = mine.said, theirs.said
    take = {name for name, value in others.items() if ours.get(name) != value and not name.startswith("BEGIN:")}
    take -= {"UID"} | agreeing(mine, theirs, take)
    drop: set[str] = set()
    for name, opposite in (("DTEND", "DURATION"), ("DURATION", "DTEND")):
        if name in take and opposite in ours and name not in ours:
            if end_of(mine.component, mine.obj.zones) == end_of(theirs.component, theirs.obj.zones):
                take.discard(name)
            else:
                drop.add(opposite)
    children = [] if mine.component.components else theirs.component.components
    lines = _lines(mine.component.properties, theirs.component.properties, take, drop)
    if lines == mine.component.properties and not children:
        return mine.component
    laid = Component(mine.component.name, mine.component.begin, mine.component.end, LAST)
    laid.properties = lines
    laid.components = [_last(child) for child in (mine.component.components or children)]
    return laid


def _lines(mine: list[Property], theirs: list[Property], take: set[str], drop: set[str]) -> list[Property]:
    single = take - JOINED.keys()
    lines = [line for line in mine if line.name not in single and line.name not in drop]
    for name in sorted(take & JOINED.keys()):
        lines = JOINED[name](lines, theirs)
    return lines + [line for line in theirs if line.name in single]


def _meanings(obj: ParsedObject) -> dict[Key, Meaning]:
    return {key: meaning(one, obj.zones) for key, one in by_key(obj).items()}


def _members(obj: ParsedObject) -> list[Component]:
    return [one for one in obj.calendar.components if one.name in KINDS]


def _assemble(base: ParsedObject, members: Iterable[tuple[Component, ParsedObject]], other: ParsedObject) -> str:
    """The calendar of `base` with these components, and the zones that they name."""
    members = list(members)
    named = {tzid for component, _ in members for tzid in tzids(component)}
    zones: dict[str, Component] = {}
    for source in (base, other):
        for one in source.calendar.components:
            if one.name == "VTIMEZONE" and (source is base or one.text("TZID") in named):
                zones.setdefault(one.text("TZID"), one)
    calendar = Component("VCALENDAR", base.calendar.begin, base.calendar.end)
    calendar.properties = base.calendar.properties
    calendar.components = [_last(one) for one in [*zones.values(), *(component for component, _ in members)]]
    return serialise(calendar)


def _last(component: Component) -> Component:
    component.at = LAST
    return component
