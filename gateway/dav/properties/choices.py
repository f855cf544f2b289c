"""What the owner of a calendar may choose about it through a client: on its row, so that pages show the same."""

import re
from typing import Final

from gateway.dav import paths
from gateway.dav.paths import On
from gateway.dav.properties.row import Effect, Value
from gateway.dav.resources import Resource
from gateway.dav.xml import Element, children, href, text_of
from gateway.errors import CALDAV, GatewayError, InvalidPropertyValue, ProtectedProperty
from gateway.store import accounts, collections
from gateway.store.accounts import CalendarRow
from gateway.sync.calendars import set_busy, set_destination
from gateway.sync.context import Sync
from gateway.sync.place import KINDS, is_local, kinds

COLOR: Final = re.compile(r"(#[0-9A-Fa-f]{6})([0-9A-Fa-f]{2})?")
DEFAULT_URL: Final = CALDAV + "valid-schedule-default-calendar-URL"
OPAQUE: Final = CALDAV + "opaque"
TRANSPARENT: Final = CALDAV + "transparent"


def color_of(text: str) -> str:
    """#rrggbb; "" for what is none, which is remembered as it is all the same."""
    found = COLOR.fullmatch(text.strip())
    return found[1].lower() if found else ""


def transp_of(value: Element | None) -> bool:
    """Whether the calendar's events block time; they do where nothing is said.

    Raises: InvalidPropertyValue.
    """
    names = [name for name, _ in children(value)] if value is not None else [OPAQUE]
    if names not in ([OPAQUE], [TRANSPARENT]):
        raise InvalidPropertyValue("a calendar is opaque or transparent", None)
    return names == [OPAQUE]


def components_of(value: Element) -> str:
    """Names with commas; "" for all that there are.

    Raises: InvalidPropertyValue.
    """
    names = [str(one.get("name") or "").upper() for key, one in children(value) if key == CALDAV + "comp"]
    if not names or not set(names) <= {*KINDS, "VTIMEZONE"}:
        raise InvalidPropertyValue(f"calendars hold {', '.join(KINDS)}", CALDAV + "supported-calendar-component")
    taken = [kind for kind in KINDS if kind in names]
    return "" if len(taken) == len(KINDS) else ",".join(taken)


def write_name(resource: Resource, value: Element | None) -> Effect | None:
    """People and teams are named by whoever runs the server; a calendar at a provider has the name only here.

    Raises: ProtectedProperty.
    """
    if resource.on not in On.CALENDARS:
        raise ProtectedProperty("this name is not yours to change")
    return _on_row(resource, "displayname", text_of(value).strip()[:255])


def write_color(resource: Resource, value: Element | None) -> Effect | None:
    return _on_row(resource, "color", color_of(text_of(value)))


def zone_effect(resource: Resource, zone: str | None) -> Effect | None:
    return _on_row(resource, "zone", zone or "")


def _on_row(resource: Resource, column: str, value: str) -> Effect | None:
    """Of a calendar that lives here; one at a provider keeps what the provider says."""
    row = resource.source
    if row is None or not is_local(row) or not value:
        return None
    key = row.id

    async def effect(sync: Sync) -> None:
        await sync.db.write(lambda conn: accounts.change_calendar(conn, key, **{column: value}))

    return effect


def write_transp(resource: Resource, value: Element | None) -> Effect | None:
    """Raises: InvalidPropertyValue; ProtectedProperty for the merged calendar, as each of its sources has its own."""
    row, on = resource.source, transp_of(value)
    if resource.on is On.CALENDAR:
        raise ProtectedProperty("choose for each of the calendars in it")
    if row is None:
        return None
    user, key = row.user_id, row.id

    async def effect(sync: Sync) -> None:
        await sync.db.write(set_busy, user, key, on, sync.clock())

    return effect


def default_calendar(resource: Resource) -> Value:
    """Where new events go: the merged calendar, as far as that is one of those in it."""
    row = next((one for one in resource.calendars.values() if one.destination), None)
    if row is not None and row.separate and not row.merged:
        shelf = collections.of_calendar(resource.view.conn, row.id)
        if shelf is not None:
            return href(resource.sibling(On.SEPARATE, shelf).path)
    return href(resource.sibling(On.CALENDAR).path)


def write_default_calendar(resource: Resource, value: Element | None) -> Effect | None:
    """Raises: InvalidPropertyValue for what is no calendar of theirs that takes events."""
    if value is None:
        raise ProtectedProperty("new events always go somewhere")
    hrefs = [text_of(child) for name, child in children(value) if name.endswith("}href")]
    row = _named(resource, hrefs[0]) if len(hrefs) == 1 else None
    if row is None:
        raise InvalidPropertyValue("no calendar of yours that takes events", DEFAULT_URL)
    user, key = resource.owner.id, row.id

    async def effect(sync: Sync) -> None:
        await sync.db.write(set_destination, user, key)

    return effect


def _named(resource: Resource, given: str) -> CalendarRow | None:
    """The calendar that new events would go to."""
    try:
        place = paths.read(paths.of_href(given))
    except GatewayError:
        return None
    rows = resource.calendars
    if place.name != resource.owner.name or place.on not in On.CALENDARS:
        return None
    if place.on is On.CALENDAR:
        able = [row for row in rows.values() if row.writable and row.merged]
        return next((row for row in able if row.destination), able[0] if able else None)
    shelf = collections.by_name(resource.view.conn, resource.owner.id, place.collection)
    row = None if shelf is None else rows.get(shelf.calendar_id or 0)
    takes = row is not None and shelf is not None and row.writable and "VEVENT" in kinds(shelf, row)
    return row if takes else None
