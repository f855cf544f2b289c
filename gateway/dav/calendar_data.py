"""CALDAV:calendar-data of a report: which part of an object's text is sent (RFC 4791 9.6)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from enum import Enum
from typing import Any, Final

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
from gateway.ical.expand import expand_text, limit_busy, limit_recurrences
from gateway.ical.jcal import to_jcal
from gateway.ical.objects import ParsedObject, read_lenient
from gateway.ical.recurrence import Instance, instances
from gateway.ical.rules import TOGETHER, Steps, one_of
from gateway.ical.text import Component, component, parse, prop, serialise
from gateway.ical.zones.reference import with_zones, without_zones

VERSION: Final = "2.0"
ICALENDAR: Final = "text/calendar"
JCAL: Final = "application/calendar+json"


class Zones(Enum):
    """CalDAV-Timezones (RFC 7809 7.1): what is done about the VTIMEZONEs of zones the world knows."""

    AS_THEY_ARE = ""
    THERE = "T"
    AWAY = "F"

    @classmethod
    def asked(cls, header: str) -> "Zones":
        """The value of the header, "" without one. Others than T and F say nothing."""
        return {"T": cls.THERE, "F": cls.AWAY}.get(header.strip().upper(), cls.AS_THEY_ARE)

    def of(self, text: str) -> str:
        match self:
            case Zones.THERE:
                return with_zones(text)
            case Zones.AWAY:
                return without_zones(text)
        return text


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

    zones: what is done about VTIMEZONEs. json: sent as jCal. plain: nothing but the text as it is.
    known: instances of events in the range to expand, by object id, as the index has them: those need no search.
    """

    zone: tzinfo
    most: int
    zones: Zones = Zones.AS_THEY_ARE
    json: bool = False
    selected: Selected | None = None
    expanded_in: Range | None = None
    limited_to: Range | None = None
    busy_in: Range | None = None
    plain: bool = False
    known: Mapping[int, list[Instance]] = field(default_factory=dict)
    expanded: int = field(default=0)
    total: Steps = field(default_factory=lambda: Steps(TOGETHER))

    @property
    def tags(self) -> tuple[str, str]:
        """Around the value, where they are more than the bare name."""
        said = f' content-type="{JCAL}" version="{VERSION}"' if self.json else ""
        return f"<C:calendar-data{said}>", "</C:calendar-data>"

    def render(self, member: Any) -> str:
        """The part of the member's text that was asked for; all of it where it cannot be read.

        member: a row like members.Text.
        Raises: TooManyMatches.
        """
        text: str = member.text
        if self.plain:
            return text
        if self.expanded_in is not None or self.limited_to is not None or self.busy_in is not None:
            try:
                text = self._limited(text, member.object_id)
            except TooManyInstances as error:
                raise TooManyMatches(
                    f"this would expand to more than {self.most} instances; ask for less time"
                ) from error
            except GatewayError:  # one object that cannot be expanded must not cost the client the others
                return self.written(member.text)
        return self.written(text if self.selected is None else select(text, self.selected))

    def written(self, text: str) -> str:
        if self.zones is not Zones.AS_THEY_ARE:
            text = self.zones.of(text)
        return jcal(text) if self.json else text

    def _limited(self, text: str, key: int) -> str:
        if self.busy_in is not None:
            text = limit_busy(text, *self.busy_in, self.zone)
        if self.expanded_in is None and self.limited_to is None:
            return text
        return self._within(read_lenient(text), key)

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


def read(element: Element, zone: tzinfo, most: int, zones: Zones = Zones.AS_THEY_ARE) -> CalendarData:
    """Raises: InvalidRequest, InvalidFilter, DateOutOfRange, UnsupportedCalendarData."""
    found = CalendarData(zone, most, zones, json=is_json(element))
    for name, child in children(element):
        if name == CALDAV + "comp":
            found.selected = _selected(child)
        elif name == CALDAV + "expand":
            found.expanded_in = ranges.read_bounded(child)
        elif name == CALDAV + "limit-recurrence-set":
            found.limited_to = ranges.read_bounded(child)
        elif name == CALDAV + "limit-freebusy-set":
            found.busy_in = ranges.read_bounded(child)
    if found.expanded_in is not None and found.limited_to is not None:
        raise InvalidRequest("expand and limit-recurrence-set exclude each other")
    limited = found.expanded_in or found.limited_to or found.busy_in or found.selected
    found.plain = not limited and not found.json and zones is Zones.AS_THEY_ARE
    return found


def is_json(element: Element) -> bool:
    """Raises: UnsupportedCalendarData for anything but text/calendar and application/calendar+json, version 2.0."""
    media, version = str(element.get("content-type") or ICALENDAR), str(element.get("version") or VERSION)
    media = media.partition(";")[0].strip().lower()
    if media not in {ICALENDAR, JCAL} or version != VERSION:
        raise UnsupportedCalendarData(f"calendar data is {ICALENDAR} or {JCAL}, version {VERSION}")
    return media == JCAL


def jcal(text: str) -> str:
    """As JSON; what nobody can read becomes an empty calendar."""
    try:
        return to_jcal(parse(text, lenient=True))
    except GatewayError:
        return to_jcal(component("VCALENDAR", [prop("VERSION", VERSION)]))


def _selected(element: Element) -> Selected:
    """An empty one asks for the whole component, as in the example of RFC 4791 7.8.1 and as Apple's Calendar does."""
    if not len(element):
        return Selected(str(element.get("name") or "").upper())
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
