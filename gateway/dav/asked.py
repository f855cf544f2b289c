"""Which properties a request wants, and the answer to it for one resource or for a whole listing."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Any

from gateway.dav.calendar_data import CalendarData
from gateway.dav.paths import On, encode
from gateway.dav.properties.table import CALENDAR_DATA, PROPERTIES
from gateway.dav.resources import NONE, Resource, Stored
from gateway.dav.sight import seen
from gateway.dav.xml import NOT_FOUND, OK, Element, children, element, propstat, response, tags
from gateway.errors import DAV, InvalidXml


class Mode(Enum):
    NAMED = auto()
    ALL = auto()
    NAMES = auto()


@dataclass(frozen=True, slots=True)
class Asked:
    """names: Clark notation, each once. minimal: nothing is said of properties that are not there (RFC 8144 2.1)."""

    mode: Mode
    names: tuple[str, ...] = ()
    minimal: bool = False
    calendar_data: CalendarData | None = None

    @property
    def needs_text(self) -> bool:
        """Whether object rows have to come with their texts."""
        if self.mode is not Mode.NAMED:
            return True
        rows = map(PROPERTIES.get, self.names)
        return any(row is not None and row.text and On.MEMBER & row.on for row in rows)

    @property
    def is_json(self) -> bool:
        return self.calendar_data is not None and self.calendar_data.json


ALL = Asked(Mode.ALL)


Render = Callable[[Element], CalendarData]
"""How a report reads what is wanted of calendar data."""


def read(parent: Element, render: Render | None = None, *, minimal: bool = False) -> Asked:
    """What the children of a PROPFIND or a report ask for; nothing at all means allprop.

    render: where calendar data may be sent.
    Raises: InvalidXml, and what calendar_data.read does.
    """
    found: Asked | None = None
    included: tuple[str, ...] = ()
    for name, child in children(parent):
        if name == DAV + "include":
            included = tuple(inner for inner, _ in children(child))
            continue
        if name not in {DAV + "prop", DAV + "allprop", DAV + "propname"}:
            continue
        if found is not None:
            raise InvalidXml("ask for prop, allprop or propname, once")
        found = _read_one(name, child, render)
    if found is None:
        return replace(ALL, names=included, minimal=minimal)
    return replace(found, names=found.names + included, minimal=minimal)


def _read_one(name: str, element: Element, render: Render | None) -> Asked:
    if name == DAV + "allprop":
        return ALL
    if name == DAV + "propname":
        return Asked(Mode.NAMES)
    wanted = dict(children(element))
    sent = wanted.get(CALENDAR_DATA)
    rendered = None if sent is None or render is None else render(sent)
    return Asked(Mode.NAMED, tuple(wanted), calendar_data=rendered)


def answer(resource: Resource, asked: Asked) -> str:
    """The DAV:response for one resource."""
    return response(resource.path, _propstats(resource, asked, resource.stored))


def answers(
    cursor: Resource, rows: Iterable[Any], asked: Asked, spelled: Mapping[str, str] | None = None
) -> Iterator[str]:
    """A DAV:response for each row.

    cursor: as Resource.cursor gives it; it is moved along them. spelled: name -> the path to answer under.
    """
    cursor.calendar_data = asked.calendar_data
    rows = seen(cursor, rows)
    base = cursor.base
    live = [name for name in asked.names if name in PROPERTIES and cursor.on in PROPERTIES[name].on]
    if asked.mode is Mode.NAMED and len(live) == len(asked.names) and not spelled and not asked.is_json:
        yield from _live_answers(cursor, rows, base, live, asked)
        return
    stored = cursor.view.stored_below(base)
    for cursor.member in rows:
        path = base + encode(cursor.member.href)
        shown = spelled.get(cursor.member.href, path) if spelled else path
        yield response(shown, _propstats(cursor, asked, stored.get(path, NONE)))


def _live_answers(cursor: Resource, rows: Iterable[Any], base: str, live: list[str], asked: Asked) -> Iterator[str]:
    """The same where every property is one of ours: the way of long listings."""
    reads = [(tags(name), PROPERTIES[name].read) for name in live]
    head, middle = f"<D:response><D:href>{base}", "</D:href><D:propstat><D:prop>"
    tail = f"</D:prop><D:status>HTTP/1.1 {OK}</D:status></D:propstat></D:response>"
    for cursor.member in rows:
        found = []
        for (start, end, _), read_value in reads:
            value = read_value(cursor)
            if value is None:
                break
            found.append(f"{start}{value}{end}")
        else:
            yield f"{head}{encode(cursor.member.href)}{middle}{''.join(found)}{tail}"
            continue
        yield response(base + encode(cursor.member.href), _propstats(cursor, asked, NONE))


def _propstats(resource: Resource, asked: Asked, stored: Stored) -> str:
    if asked.mode is Mode.NAMES:
        return propstat("".join(element(name) for name in _set_here(resource, stored)), OK)
    names = asked.names
    if asked.mode is Mode.ALL:
        shown = [name for name, row in PROPERTIES.items() if row.allprop and resource.on in row.on]
        names = tuple(dict.fromkeys((*shown, *(name for name in stored if name not in PROPERTIES), *names)))
    found: list[str] = []
    missing: list[str] = []
    for name in names:
        value = read_property(resource, name, stored)
        if value is not None:
            found.append(value)
        elif asked.mode is Mode.NAMED or name in asked.names:
            missing.append(element(name))
    absent = "" if asked.minimal else propstat("".join(missing), NOT_FOUND) if missing else ""
    return propstat("".join(found), OK) + absent if found or not absent else absent


def _set_here(resource: Resource, stored: Stored) -> Iterator[str]:
    for name, row in PROPERTIES.items():
        if resource.on in row.on and (name in stored or row.read(resource) is not None):
            yield name
    yield from (name for name in stored if name not in PROPERTIES)


def read_property(resource: Resource, name: str, stored: Stored) -> str | None:
    """The whole element, or None. What the person stored comes before what we would say."""
    row = PROPERTIES.get(name)
    if row is None or (row.write is not None and row.kept):
        kept = stored.get(name)
        if kept is not None:
            return kept
    if row is None or resource.on not in row.on:
        return None
    value = row.read(resource)
    if value is None:
        return None
    if name == CALENDAR_DATA and resource.calendar_data is not None:
        start, end = resource.calendar_data.tags
        return f"{start}{value}{end}"
    return element(name, value)
