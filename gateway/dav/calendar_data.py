"""CALDAV:calendar-data of a report: which part of an object's text is sent (RFC 4791 9.6)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from zoneinfo import ZoneInfo

from gateway.dav import ranges
from gateway.dav.ranges import Range
from gateway.dav.xml import Element, children
from gateway.errors import (
    CALDAV,
    GatewayError,
    InvalidRequest,
    TooManyInstances,
    TooManyMatches,
    UnsupportedCalendarData,
)
from gateway.ical.expand import expand_text, limit_recurrences
from gateway.ical.objects import ParsedObject, read_lenient
from gateway.ical.recurrence import Instance, instances
from gateway.ical.rules import TOGETHER, Steps, one_of
from gateway.ical.text import Component, component, parse, prop, serialise

VERSION: Final = "2.0"


@dataclass(frozen=True, slots=True)
class Selected:
    """A CALDAV:comp: what to send of a component. None: all of them.

    props: name -> whether only the name is wanted, without its value.
    """

    name: str
    props: dict[str, bool] | None = None
    comps: "tuple[Selected, ...] | None" = None


@dataclass(slots=True)
class CalendarData:
    """zone: where all-day and floating times are. most: instances that one whole answer may expand to.

    known: instances of events in the range to expand, by object id, as the index has them: those need no search.
    """

    zone: ZoneInfo
    most: int
    selected: Selected | None = None
    expanded_in: Range | None = None
    limited_to: Range | None = None
    known: Mapping[int, list[Instance]] = field(default_factory=dict)
    expanded: int = field(default=0)
    total: Steps = field(default_factory=lambda: Steps(TOGETHER))

    def render(self, member: Any) -> str:
        """The part of the member's text that was asked for; all of it where it cannot be read.

        member: a row like members.Text.
        Raises: TooManyMatches.
        """
        text: str = member.text
        if self.expanded_in is None and self.limited_to is None:
            return text if self.selected is None else select(text, self.selected)
        try:
            obj = read_lenient(text)
            text = self._within(obj, member.object_id)
        except TooManyInstances as error:
            raise TooManyMatches(f"this would expand to more than {self.most} instances; ask for less time") from error
        except GatewayError:  # one object that cannot be expanded must not cost the client the others
            return text
        return text if self.selected is None else select(text, self.selected)

    def _within(self, obj: ParsedObject, key: int) -> str:
        if self.expanded_in is None:
            return limit_recurrences(obj, *self.limited_to, self.zone) if self.limited_to else serialise(obj.calendar)
        left = self.most - self.expanded
        found = self.known.get(key) if obj.kind == "VEVENT" else None
        if found is None:
            with one_of(self.total) as steps:
                found = instances(obj, *self.expanded_in, self.zone, left, steps)
        if len(found) > left:
            raise TooManyInstances("too many instances")
        self.expanded += len(found)
        return expand_text(obj, found, self.zone)


def read(element: Element, zone: ZoneInfo, most: int) -> CalendarData:
    """Raises: InvalidRequest, InvalidFilter, TimeRangeTooWide, UnsupportedCalendarData."""
    check_type(element)
    found = CalendarData(zone, most)
    for name, child in children(element):
        if name == CALDAV + "comp":
            found.selected = _selected(child)
        elif name == CALDAV + "expand":
            found.expanded_in = ranges.read_bounded(child)
        elif name == CALDAV + "limit-recurrence-set":
            found.limited_to = ranges.read_bounded(child)
        elif name == CALDAV + "limit-freebusy-set":
            ranges.read_bounded(child)  # no object here holds free/busy time, so there is nothing to leave out
    if found.expanded_in is not None and found.limited_to is not None:
        raise InvalidRequest("expand and limit-recurrence-set exclude each other")
    return found


def check_type(element: Element) -> None:
    """Raises: UnsupportedCalendarData for anything but text/calendar version 2.0."""
    media, version = element.get("content-type"), element.get("version")
    if str(media or "text/calendar").lower() != "text/calendar" or str(version or VERSION) != VERSION:
        raise UnsupportedCalendarData("calendar data is text/calendar, version 2.0")


def _selected(element: Element) -> Selected:
    props: dict[str, bool] | None = {}
    comps: list[Selected] | None = []
    for name, child in children(element):
        if name == CALDAV + "allprop":
            props = None
        elif name == CALDAV + "allcomp":
            comps = None
        elif name == CALDAV + "prop" and props is not None:
            props[str(child.get("name") or "").upper()] = child.get("novalue") == "yes"
        elif name == CALDAV + "comp" and comps is not None:
            comps.append(_selected(child))
    return Selected(str(element.get("name") or "").upper(), props, None if comps is None else tuple(comps))


def select(text: str, selected: Selected) -> str:
    """The text with only the selected components and properties; all of it where it cannot be read."""
    try:
        return serialise(_pick(parse(text, lenient=True), selected))
    except GatewayError:
        return text


def _pick(whole: Component, selected: Selected) -> Component:
    properties = whole.properties
    if selected.props is not None:
        wanted = selected.props
        properties = [prop(line.name, "") if wanted[line.name] else line for line in properties if line.name in wanted]
    if selected.comps is None:
        return component(whole.name, properties, whole.components)
    kinds = {one.name: one for one in selected.comps}
    inner = [_pick(child, kinds[child.name]) for child in whole.components if child.name in kinds]
    return component(whole.name, properties, inner)
