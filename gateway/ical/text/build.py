"""Content lines and components of our own making."""

from collections.abc import Iterable, Mapping

from gateway.ical.text.line import Property
from gateway.ical.text.tree import LAST, Component, serialise
from gateway.ical.text.values import escape, fold, head, one_line, parameter

NONE: Mapping[str, str] = {}


def prop(name: str, value: str, params: Mapping[str, str | tuple[str, ...]] = NONE) -> Property:
    """A property with a value that needs no escapes (dates, URIs, tokens); line ends and controls are taken out."""
    safe, before = one_line(value), head(name, params)
    return Property(name.upper(), safe, fold(f"{before}:{safe}"), before)


def text_prop(name: str, text: str, params: Mapping[str, str] = NONE) -> Property:
    """A property with a TEXT value."""
    return prop(name, escape(text), params)


def texts_prop(name: str, texts: Iterable[str], params: Mapping[str, str] = NONE) -> Property:
    """A property with a list of TEXT values, such as CATEGORIES."""
    return prop(name, ",".join(escape(text) for text in texts), params)


def with_param(line: Property, name: str, value: str) -> Property:
    """The same line with that parameter, instead of the one it may have."""
    params = {**line.params, name: (value,)}
    before = line.name + "".join(f";{key}={','.join(map(parameter, values))}" for key, values in params.items())
    return Property(line.name, line.value, fold(f"{before}:{line.value}"), before)


def component(name: str, properties: Iterable[Property], components: Iterable[Component] = ()) -> Component:
    made = Component(name.upper(), f"BEGIN:{name.upper()}\r\n", f"END:{name.upper()}\r\n")
    made.properties = list(properties)
    made.components = list(components)
    return made


def replace(target: Component, name: str, new: Property | None) -> None:
    """Puts `new` where the first such property stands (else after the last one), drops the others; None drops all.

    Everything else stays byte for byte.
    """
    kept: list[Property] = []
    shift = [0]
    for line in target.properties:
        if line.name != name:
            kept.append(line)
        elif new is not None:
            kept.append(new)
            new = None
        shift.append(len(kept))
    for child in target.components:
        if child.at != LAST:
            child.at = shift[min(child.at, len(shift) - 1)]
    if new is not None:
        _insert(target, kept, new)
    target.properties = kept


def _insert(target: Component, properties: list[Property], new: Property) -> None:
    """Adds after the properties that stand before the first component."""
    at = min((child.at for child in target.components), default=LAST)
    place = min(at, len(properties))
    properties.insert(place, new)
    for child in target.components:
        if child.at != LAST:
            child.at += 1


def without(calendar: Component, dropped: set[int], first: str = "") -> str:
    """The calendar's text without the components of these ids; all else byte for byte.

    first: text of components to stand before all others.
    """
    parts = [calendar.begin]
    done = 0
    for child in calendar.components:
        parts += [line.raw for line in calendar.properties[done : child.at]]
        done = max(done, min(child.at, len(calendar.properties)))
        parts.append(first)
        first = ""
        if id(child) not in dropped:
            parts.append(serialise(child))
    parts += [line.raw for line in calendar.properties[done:]]
    return "".join([*parts, first, calendar.end])
