"""What a row of REPORTS says, and what a report is asked with."""

from collections.abc import Callable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from gateway.dav import asked
from gateway.dav.answer import Answer
from gateway.dav.asked import Asked
from gateway.dav.paths import On
from gateway.dav.resources import Resource
from gateway.dav.xml import Element


@dataclass(frozen=True, slots=True)
class Query:
    """One REPORT request. depth: "0", "1", "infinity", None where the header is missing."""

    body: Element
    depth: str | None = None
    minimal: bool = False

    def asked(self, resource: Resource, zone: ZoneInfo | None = None) -> Asked:
        """The properties it wants of what it finds; calendar data only where `zone` is given."""
        return asked.read(self.body, zone, resource.view.settings.limits.instances, minimal=self.minimal)


@dataclass(frozen=True, slots=True)
class Report:
    """One report.

    name: of the request's root element, Clark notation.
    on: the kinds of resource that answer it.
    answer: runs in a read transaction.
    offers: word in the DAV header that promises it.
    source: where it is defined.
    """

    name: str
    on: On
    answer: Callable[[Resource, Query], Answer]
    offers: str = ""
    source: str = ""
