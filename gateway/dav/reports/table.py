"""REPORTS: every report there is, a row each."""

from collections.abc import Mapping
from typing import Final

from gateway.dav.paths import On
from gateway.dav.reports import principals
from gateway.dav.reports.expand import expand_property
from gateway.dav.reports.freebusy import free_busy_query
from gateway.dav.reports.multiget import calendar_multiget
from gateway.dav.reports.query import calendar_query
from gateway.dav.reports.row import Report
from gateway.dav.reports.sync import sync_collection
from gateway.dav.xml import CALSERVER, element
from gateway.errors import CALDAV, DAV

WITH_PEOPLE: Final = On.ROOT | On.PRINCIPALS | On.SOMEBODY | On.HOMES | On.HOME
BUSY: Final = On.CALENDARS | On.HOME | On.PRINCIPAL
"""Where free time is asked for: of a principal by whoever may see it, as through the outbox."""

REPORTS: Final[Mapping[str, Report]] = {
    row.name: row
    for row in (
        Report(CALDAV + "calendar-query", On.LISTS | On.MEMBER | On.OUTBOX, calendar_query, source="RFC 4791 7.8"),
        Report(CALDAV + "calendar-multiget", On.LISTS | On.MEMBER | On.HOME, calendar_multiget, source="RFC 4791 7.9"),
        Report(CALDAV + "free-busy-query", BUSY, free_busy_query, source="RFC 4791 7.10"),
        Report(DAV + "sync-collection", On.LISTS, sync_collection, source="RFC 6578 3"),
        Report(DAV + "expand-property", On.ANY, expand_property, source="RFC 3253 3.8"),
        Report(DAV + "principal-match", WITH_PEOPLE, principals.principal_match, source="RFC 3744 9.3", flat=True),
        Report(
            DAV + "principal-property-search",
            WITH_PEOPLE,
            principals.principal_property_search,
            offers="calendarserver-principal-property-search",
            source="RFC 3744 9.4",
        ),
        Report(
            DAV + "principal-search-property-set",
            WITH_PEOPLE,
            principals.principal_search_property_set,
            source="RFC 3744 9.5",
            flat=True,
        ),
        Report(
            DAV + "acl-principal-prop-set", On.ANY, principals.acl_principal_prop_set, source="RFC 3744 9.2", flat=True
        ),
        Report(
            CALSERVER + "calendarserver-principal-search",
            WITH_PEOPLE,
            principals.calendarserver_principal_search,
            offers="calendarserver-principal-search",
            source="calendarserver-principal-search",
        ),
    )
}


def supported(on: On) -> str:
    """Inner XML of DAV:supported-report-set."""
    names = (row.name for row in REPORTS.values() if on in row.on)
    return "".join(f"<D:supported-report><D:report>{element(name)}</D:report></D:supported-report>" for name in names)
