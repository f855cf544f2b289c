"""One calendar object: the components of one UID, read strictly from clients and leniently from the world."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from hashlib import blake2b
from typing import Final

from gateway.errors import InvalidCalendarObject, UnknownTimezone
from gateway.ical.objects.check import MAX_NAMED, check, check_times
from gateway.ical.text import Component, parse, serialise
from gateway.ical.times import FLOATING, Reading
from gateway.ical.zones import iana_zone, zone_for

MAX_GIVEN: Final = 20
"""Most VTIMEZONEs of one object that are worked out; times in further ones count as floating."""
TIMED: Final = frozenset({"DTSTART", "DTEND", "DUE", "RECURRENCE-ID", "RDATE", "EXDATE"})
KINDS: Final = ("VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY")


@dataclass(frozen=True, slots=True)
class ParsedObject:
    """components: those of the UID, the master first (if any), then the overrides in order.

    zones: by TZID as written; one that nobody knows is missing, and its times count as floating. Under FLOATING the
    zone that X-WR-TIMEZONE gives to times that name none.
    """

    uid: str
    kind: str
    calendar: Component
    components: tuple[Component, ...]
    zones: Mapping[str, tzinfo]

    @property
    def master(self) -> Component | None:
        """The component without RECURRENCE-ID."""
        first = self.components[0]
        return first if first.first("RECURRENCE-ID") is None else None


def read(text: str | bytes, most: int = MAX_NAMED) -> ParsedObject:
    """What a client may store: exactly one valid calendar object (RFC 4791 4.1). most: instances it may name.

    Raises: InvalidCalendarData, DateOutOfRange, InvalidCalendarObject, UnsupportedComponent, TooManyInstances,
        TooManyAttendees, UnknownTimezone.
    """
    calendar = parse(text)
    components = check(calendar, most)
    zones, unknown = _zones(calendar, components)
    if unknown:
        _check_zones(calendar, components, unknown)
    first = components[0]
    found = ParsedObject(uid_of(first), first.name, calendar, tuple(components), zones)
    check_times(components, Reading(found.zones, UTC))
    return found


def _check_zones(calendar: Component, components: Iterable[Component], unknown: set[str]) -> None:
    """unknown: names of zones that stand for none. Raises: UnknownTimezone where times need one of them."""
    missing = unknown - given_zones(calendar).keys()
    for component in components:
        for line in component.properties:
            if line.name in TIMED and line.param("TZID") in missing:
                raise UnknownTimezone(f"no time zone {line.param('TZID')!r:.60}, and no VTIMEZONE for it")


def read_lenient(text: str | bytes) -> ParsedObject:
    """What a provider or feed gave. Takes the first UID of the text and of several masters the latest.

    Raises: InvalidCalendarData, InvalidCalendarObject only where there is nothing to show.
    """
    calendar = parse(text, lenient=True)
    groups = group(calendar.components)
    if not groups:
        raise InvalidCalendarObject("no event, task or journal entry")
    return _object(calendar, next(iter(groups.values())))


def _object(calendar: Component, components: Sequence[Component]) -> ParsedObject:
    first = components[0]
    return ParsedObject(uid_of(first), first.name, calendar, tuple(components), zones_of(calendar, components))


def group(components: Iterable[Component]) -> dict[str, list[Component]]:
    """The components of each UID in order of appearance; per UID one kind and one master, which comes first."""
    found: dict[str, list[Component]] = {}
    for component in components:
        if component.name in KINDS:
            found.setdefault(uid_of(component), []).append(component)
    return {uid: _ordered(members) for uid, members in found.items()}


def _ordered(members: list[Component]) -> list[Component]:
    if len(members) == 1:
        return members
    kind = next((kind for kind in KINDS if any(one.name == kind for one in members)), members[0].name)
    masters = [one for one in members if one.name == kind and one.first("RECURRENCE-ID") is None]
    overrides: dict[str, Component] = {}
    for one in members:
        line = one.first("RECURRENCE-ID")
        if line is not None and one.name == kind:
            known = overrides.get(line.value)
            if known is None or _sequence(one) >= _sequence(known):
                overrides[line.value] = one
    return [max(reversed(masters), key=_sequence), *overrides.values()] if masters else list(overrides.values())


def _sequence(component: Component) -> int:
    text = component.text("SEQUENCE").strip()
    return int(text) if text.isdecimal() and len(text) < 12 else -1


def uid_of(component: Component) -> str:
    """Its UID; for one without, a stable name made of its text."""
    uid = component.text("UID").strip()
    return uid or f"{etag_of(serialise(component))}@gateway"


def zones_of(calendar: Component, components: Iterable[Component]) -> dict[str, tzinfo]:
    """The zones that the components name, by TZID as written."""
    return _zones(calendar, components)[0]


def _zones(calendar: Component, components: Iterable[Component]) -> tuple[dict[str, tzinfo], set[str]]:
    """The same, and the names among them that stand for none."""
    names: set[str] = set()
    for component in components:
        _collect(component, names)
    default = calendar.text("X-WR-TIMEZONE").strip()
    if default:
        names.add(default)
    if not names:
        return {}, names
    found = {name: iana_zone(name) for name in names}
    if None in found.values():
        given = given_zones(calendar)
        described = sorted(name for name, zone in found.items() if zone is None)[:MAX_GIVEN]
        found |= {name: zone_for(name, given) for name in described}
    zones = {name: zone for name, zone in found.items() if zone is not None}
    unknown = names - zones.keys() - {default}
    if default in zones:
        zones[FLOATING] = zones[default]
    return zones, unknown


def given_zones(calendar: Component) -> dict[str, Component]:
    """The VTIMEZONEs of a calendar by TZID."""
    return {zone.text("TZID"): zone for zone in calendar.components if zone.name == "VTIMEZONE"}


def tzids(component: Component) -> set[str]:
    """The TZIDs a component and its alarms name."""
    names: set[str] = set()
    _collect(component, names)
    return names


def _collect(component: Component, names: set[str]) -> None:
    for line in component.properties:
        tzid = line.param("TZID")
        if tzid is not None:
            names.add(tzid)
    for child in component.components:
        _collect(child, names)


def etag_of(text: str) -> str:
    """A strong etag: changes exactly with the text."""
    return blake2b(text.encode(errors="surrogatepass"), digest_size=16).hexdigest()
