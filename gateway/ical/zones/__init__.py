"""Time zones as iCalendar names and defines them."""

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo

from gateway.ical.text import Component
from gateway.ical.zones.given import GivenZone, given_zone
from gateway.ical.zones.made import vtimezone
from gateway.ical.zones.names import alike, fixed_zone, iana, iana_zone, windows

__all__ = [
    "GivenZone",
    "alike",
    "iana",
    "iana_zone",
    "local_to_utc",
    "utc_to_local",
    "vtimezone",
    "windows",
    "zone_for",
]


def zone_for(tzid: str, vtimezones: Mapping[str, Component]) -> tzinfo | None:
    """The zone of a TZID: by its IANA or Windows name where it is one, else as its VTIMEZONE defines it, else by the
    fixed offset it names.

    vtimezones: by TZID as written.
    None: nobody knows it; its times are then read as floating, in their owner's zone.
    """
    zone = iana_zone(tzid)
    if zone is None and tzid in vtimezones:
        zone = given_zone(vtimezones[tzid])
    return zone or fixed_zone(tzid)


def local_to_utc(naive: datetime, zone: tzinfo) -> int:
    """Epoch seconds. A time that a clock change leaves out takes the offset before it; of a doubled one the first
    is meant (RFC 5545 3.3.5).
    """
    return int(naive.replace(tzinfo=zone).timestamp())


def utc_to_local(seconds: int, zone: tzinfo) -> datetime:
    """The clock reading in the zone, naive."""
    return datetime.fromtimestamp(seconds, UTC).astimezone(zone).replace(tzinfo=None)
