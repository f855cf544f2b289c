"""What a row of REPORTS says, and what a report is asked with."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import tzinfo

from gateway.dav import asked, calendar_data
from gateway.dav.answer import Answer
from gateway.dav.asked import Asked
from gateway.dav.calendar_data import CalendarData, Zones
from gateway.dav.paths import On
from gateway.dav.resources import Resource
from gateway.dav.xml import Element


@dataclass(frozen=True, slots=True)
class Query:
    """One REPORT request. depth: "0", "1", "infinity", None where the header is missing."""

    body: Element
    depth: str | None = None
    minimal: bool = False
    zones: Zones = Zones.AS_THEY_ARE

    def asked(self, resource: Resource, zone: tzinfo | None = None) -> Asked:
        """The properties it wants of what it finds; calendar data only where `zone` is given."""

        def render(wanted: Element) -> CalendarData:
            most = resource.view.settings.limits.instances
            return calendar_data.read(wanted, zone or resource.zone, most, self.zones)

        return asked.read(self.body, None if zone is None else render, minimal=self.minimal)


@dataclass(frozen=True, slots=True)
class Report:
    """One report.

    name: of the request's root element, Clark notation.
    on: the kinds of resource that answer it.
    answer: runs in a read transaction.
    flat: with another Depth than 0 it is refused, as there is no such report (RFC 3744 9).
    offers: word in the DAV header that promises it.
    source: where it is defined.
    """

    name: str
    on: On
    answer: Callable[[Resource, Query], Answer]
    offers: str = ""
    source: str = ""
    flat: bool = False
