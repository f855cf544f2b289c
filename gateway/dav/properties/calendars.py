"""Properties of the merged calendar and of the boxes, with what may be written to them."""

from datetime import tzinfo
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from gateway.dav import ranges, tokens
from gateway.dav.calendar_data import ICALENDAR, JCAL, VERSION
from gateway.dav.paths import On
from gateway.dav.properties.choices import zone_effect
from gateway.dav.properties.row import Effect, Value
from gateway.dav.resources import Resource
from gateway.dav.xml import Element, escape, href, text_of
from gateway.errors import CALDAV, InvalidCalendarData, InvalidPropertyValue
from gateway.freebusy import schedules
from gateway.freebusy.availability import read_availability
from gateway.ical.objects import MAX_ATTENDEES
from gateway.ical.text import component, parse, prop, serialise
from gateway.ical.zones import alike, iana, vtimezone, zone_for
from gateway.store.schedules import drop_availability
from gateway.sync.calendars import set_zone
from gateway.sync.context import Sync
from gateway.sync.place import KINDS, kinds

COLLATIONS: Final = ("i;ascii-casemap", "i;octet", "i;unicode-casemap")
PRODID: Final = "-//gateway//calendar gateway//EN"


def supported_calendar_component_set(resource: Resource) -> Value:
    taken = kinds(resource.collection, resource.source) if resource.source else KINDS
    return "".join(f'<C:comp name="{kind}"/>' for kind in taken)


def supported_calendar_data(_resource: Resource) -> Value:
    return "".join(f'<C:calendar-data content-type="{media}" version="{VERSION}"/>' for media in (ICALENDAR, JCAL))


def supported_collation_set(_resource: Resource) -> Value:
    return "".join(f"<C:supported-collation>{name}</C:supported-collation>" for name in COLLATIONS)


def max_resource_size(resource: Resource) -> Value:
    return str(resource.view.settings.limits.resource_bytes)


def max_attendees_per_instance(_resource: Resource) -> Value:
    return str(MAX_ATTENDEES)


def min_date_time(_resource: Resource) -> Value:
    return ranges.MIN_DATE


def max_date_time(_resource: Resource) -> Value:
    return ranges.MAX_DATE


def getctag(resource: Resource) -> Value:
    return str(tokens.revision(resource))


def sync_token(resource: Resource) -> Value:
    return tokens.token(resource, tokens.revision(resource))


def unset(_resource: Resource) -> Value:
    """Only there once the person stored one."""
    return None


def calendar_color(resource: Resource) -> Value:
    """Of the merged one, that of the calendar new events go to; until the person chooses another."""
    if resource.source is not None:
        return escape(resource.source.color) or None
    calendars = resource.calendars.values()
    return next((escape(row.color) for row in calendars if row.color and row.destination), "#3a7bd5ff")


def calendar_order(resource: Resource) -> Value:
    """The merged one first, then as their owner has them."""
    return str(1 + resource.source.position) if resource.source else "1"


def calendar_timezone(resource: Resource) -> Value:
    return escape(zone_text(resource.zone.key))


def calendar_timezone_id(resource: Resource) -> Value:
    return escape(resource.zone.key)


def timezone_service_set(resource: Resource) -> Value:
    return href(f"{resource.view.settings.server.base_url}/tz")


@lru_cache(256)
def zone_text(zone: str) -> str:
    """The zone as the VCALENDAR that CALDAV:calendar-timezone holds."""
    head = [prop("VERSION", "2.0"), prop("PRODID", PRODID)]
    return serialise(component("VCALENDAR", head, [vtimezone(zone, 0)]))


def schedule_calendar_transp(resource: Resource) -> Value:
    free = resource.source is not None and not resource.source.busy
    return "<C:transparent/>" if free else "<C:opaque/>"


def calendar_availability(resource: Resource) -> Value:
    row = schedules.schedule(resource.view.conn, resource.owner)
    return None if row is None else escape(schedules.told(row, resource.owner, resource.view.now))


def write_freely(_resource: Resource, _value: Element | None) -> Effect | None:
    """Whatever the person likes: a name, a colour, a description."""
    return None


def write_timezone(resource: Resource, value: Element | None) -> Effect | None:
    """Of the merged calendar: moves the person's all-day and floating times, where the zone is one the world knows."""
    return None if value is None else _into_zone(resource, zone_of(text_of(value)))


def zone_of(text: str) -> str | None:
    """The IANA name of the one VTIMEZONE in the text, or of a zone with the same clock; None where there is none.

    Raises: InvalidPropertyValue.
    """
    zone = described(text)
    if zone is None or isinstance(zone, ZoneInfo):
        return None if zone is None else zone.key
    return iana(alike(zone))


def described(text: str) -> tzinfo | None:
    """The zone of the one VTIMEZONE in the text; None if that says nothing that can be read.

    Raises: InvalidPropertyValue.
    """
    try:
        zones = parse(text).components
    except InvalidCalendarData as error:
        raise InvalidPropertyValue(str(error)) from error
    if [one.name for one in zones] != ["VTIMEZONE"] or not zones[0].text("TZID"):
        raise InvalidPropertyValue("a time zone is a VCALENDAR with one VTIMEZONE")
    return zone_for(zones[0].text("TZID"), {zones[0].text("TZID"): zones[0]})


def write_timezone_id(resource: Resource, value: Element | None) -> Effect | None:
    return None if value is None else _into_zone(resource, timezone_id(text_of(value)))


def timezone_id(text: str) -> str:
    """The IANA name it is.

    Raises: InvalidPropertyValue.
    """
    zone = iana(text.strip())
    if zone is None:
        raise InvalidPropertyValue(f"no time zone {text[:60]!r}", CALDAV + "valid-timezone")
    return zone


def _into_zone(resource: Resource, zone: str | None) -> Effect | None:
    if resource.on is On.SEPARATE:
        return zone_effect(resource, zone)
    if zone is None or zone == resource.owner.zone:
        return None
    owner = resource.owner.id

    async def effect(sync: Sync) -> None:
        await set_zone(sync, owner, zone)

    return effect


def write_availability(resource: Resource, value: Element | None) -> Effect | None:
    """The standard working hours that bookings go by, too (RFC 7953)."""
    owner, text = resource.owner, text_of(value)
    if text.strip() and not parse(text).children("VAVAILABILITY"):
        raise InvalidPropertyValue("calendar-availability holds a VCALENDAR with a VAVAILABILITY")
    if text.strip():
        read_availability(text, owner.zone)

    async def effect(sync: Sync) -> None:
        if text.strip():
            await sync.db.write(schedules.write, owner.id, text)
        else:
            await sync.db.write(drop_availability, owner.id)

    return effect
