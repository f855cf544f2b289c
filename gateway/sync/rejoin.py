"""Keeps what a provider cannot hold beside the provider's copy, and puts it back when the object is served."""

from collections.abc import Iterable, Mapping
from datetime import tzinfo

from gateway.ical.objects import ParsedObject, read_lenient, tzids
from gateway.ical.objects.parsed import KINDS
from gateway.ical.text import Component, Property, serialise
from gateway.ical.text.tree import LAST
from gateway.sync.meaning import Key, Meaning, by_key, end_of, key_of, meaning


def same(one: str, other: str) -> bool:
    """Whether two texts of an object say the same."""
    return one == other or _meanings(read_lenient(one)) == _meanings(read_lenient(other))


def rejoin(served: str, previous_remote: str, new_remote: str) -> str:
    """What to serve now that the provider's mapping of an object went from the previous to the new one.

    A component that says the same there as before stays as we served it, with all that the provider never held;
    another one becomes the provider's. Equal in meaning throughout: `served` itself.
    """
    old, new = read_lenient(previous_remote), read_lenient(new_remote)
    before, after = _meanings(old), _meanings(new)
    if before == after:
        return served
    ours = read_lenient(served)
    kept = by_key(ours)
    merged: list[tuple[Component, ParsedObject]] = []
    for component in _members(new):
        key = key_of(component, new.zones)
        unchanged = key in kept and before.get(key) == after[key]
        merged.append((kept[key], ours) if unchanged else (component, new))
    masters = [key for key in after if key[1] == ""]
    if all(before.get(key) == after[key] for key in masters):
        merged.extend((one, ours) for key, one in kept.items() if key not in before and key not in after)
    return _assemble(new, merged, ours)


def overlay(ours: str, answer: str) -> str:
    """What to serve of an object that the provider just took from us: our text, with what it made of it.

    A property stays as we spelled it if the provider says the same or nothing; it becomes the provider's if it says
    something else; what only the provider has is added. Nothing to change: `ours` itself.
    """
    mine, theirs = read_lenient(ours), read_lenient(answer)
    kept = by_key(mine)
    merged: list[tuple[Component, ParsedObject]] = []
    changed = False
    for component in _members(mine):
        other = by_key(theirs).get(key_of(component, mine.zones))
        laid = component if other is None else _overlaid(component, mine.zones, other, theirs.zones)
        changed = changed or laid is not component
        merged.append((laid, theirs if laid is not component else mine))
    for component in _members(theirs):
        if key_of(component, theirs.zones) not in kept:
            merged.append((component, theirs))
            changed = True
    return _assemble(mine, merged, theirs) if changed else ours


def _overlaid(
    mine: Component, zones: Mapping[str, tzinfo], theirs: Component, their_zones: Mapping[str, tzinfo]
) -> Component:
    """`mine` itself if there is nothing to change."""
    ours, others = meaning(mine, zones), meaning(theirs, their_zones)
    take = {name for name, value in others.items() if ours.get(name) != value and not name.startswith("BEGIN:")} - {
        "UID"
    }
    drop: set[str] = set()
    for name, opposite in (("DTEND", "DURATION"), ("DURATION", "DTEND")):
        if name in take and opposite in ours and name not in ours:
            if end_of(mine, zones) == end_of(theirs, their_zones):
                take.discard(name)
            else:
                drop.add(opposite)
    children = [] if mine.components else theirs.components
    if not take and not drop and not children:
        return mine
    laid = Component(mine.name, mine.begin, mine.end, LAST)
    laid.properties = _lines(mine.properties, theirs.properties, take, drop)
    laid.components = [_last(child) for child in (mine.components or children)]
    return laid


def _lines(mine: list[Property], theirs: list[Property], take: set[str], drop: set[str]) -> list[Property]:
    return [line for line in mine if line.name not in take and line.name not in drop] + [
        line for line in theirs if line.name in take
    ]


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
