"""A recurring event as dates, whoever wrote it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final
from zoneinfo import ZoneInfo

from gateway.errors import GatewayError
from gateway.ical.objects import ParsedObject
from gateway.ical.recurrence import MAX_TIME, MIN_TIME, Instance, Series, instances
from gateway.ical.text import Component, component
from gateway.ical.times import Reading
from gateway.ical.value import parse_datetime
from gateway.ical.zones import local_to_utc

MOST: Final = 200  # dates; no booking has as many
OF_RULE: Final = frozenset({"UID", "DTSTART", "DTEND", "DURATION", "RRULE"})


@dataclass(frozen=True, slots=True)
class Expanded:
    """rule: starts by the RRULE alone, in order. dates: (start, end) of what takes place, by RECURRENCE-ID.

    zone: IANA name of the clock it is on, "": another kind. by: component of each date, 0 is the master.
    """

    rule: tuple[int, ...]
    length: int
    zone: str
    dates: Mapping[int, tuple[int, int]]
    by: Mapping[int, int]


def expanded(obj: ParsedObject, owner: ZoneInfo) -> Expanded | None:
    """owner: for times without a zone. None: it does not recur, has no end, no clock times or too many dates."""
    master = obj.master
    if master is None or master.first("RRULE") is None or "T" not in master.text("DTSTART").upper():
        return None
    try:
        if Series(obj, owner).endless:
            return None
        found = instances(obj, MIN_TIME, MAX_TIME, owner, MOST)
        rule = instances(replace(obj, components=(_bare(master),)), MIN_TIME, MAX_TIME, owner, MOST)
    except GatewayError:
        return None
    found = [one for one in found if one.rid and not _is_cancelled(obj.components[one.component])]
    if not rule or any("T" not in one.rid or one.start >= one.end for one in (*found, *rule)):
        return None
    dates = {_instant(one, owner): (one.start, one.end) for one in found}
    by = {_instant(one, owner): one.component for one in found}
    starts = tuple(one.start for one in rule)
    return Expanded(starts, rule[0].end - rule[0].start, _zone(obj, master, owner), dates, by)


def recurrence_id(obj: ParsedObject, one: Component, owner: ZoneInfo) -> int | None:
    """The date that a component is about; None: all of them."""
    return _moment(obj, one, "RECURRENCE-ID", owner)


def start_of(obj: ParsedObject, owner: ZoneInfo) -> int | None:
    """Of its first component."""
    return _moment(obj, obj.components[0], "DTSTART", owner)


def _moment(obj: ParsedObject, one: Component, name: str, owner: ZoneInfo) -> int | None:
    line = one.first(name)
    if line is None:
        return None
    try:
        return Reading(obj.zones, owner).moment(line).epoch
    except GatewayError:
        return None


def _bare(master: Component) -> Component:
    return component(master.name, [line for line in master.properties if line.name in OF_RULE])


def _is_cancelled(one: Component) -> bool:
    return one.text("STATUS").strip().upper() == "CANCELLED"


def _instant(one: Instance, owner: ZoneInfo) -> int:
    when = parse_datetime(one.rid)
    return int(when.timestamp()) if when.tzinfo is not None else local_to_utc(when, owner)


def _zone(obj: ParsedObject, master: Component, owner: ZoneInfo) -> str:
    line = master.first("DTSTART")
    zone = None if line is None else Reading(obj.zones, owner).moment(line).zone
    return zone.key if isinstance(zone, ZoneInfo) else "UTC" if line is not None and line.value.endswith("Z") else ""
