"""One authorised request to the simulated Google."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gateway.demo.google.problems import condition_not_met
from gateway.demo.google.state import Calendar, Event, State, stamp, writable
from gateway.demo.google.views import etag


@dataclass(frozen=True, slots=True)
class Call:
    """person: whose access token it came with. page_limit: most items a page may have, whatever was asked for.

    inside: done by Google's own pages, or an add-on, which may do more than the API.
    """

    state: State
    now: datetime
    person: str
    path: dict[str, str]
    query: dict[str, Any]
    body: dict[str, Any]
    if_match: str = ""
    page_limit: int | None = None
    inside: bool = False

    def calendar(self) -> tuple[Calendar, str]:
        return self.state.calendar(self.person, self.path["calendarId"])

    def writable_calendar(self) -> tuple[Calendar, str]:
        calendar, role = self.calendar()
        writable(role)
        return calendar, role

    def updates(self) -> str:
        """all, externalOnly or none; the older sendNotifications counts where sendUpdates is not given."""
        old = "all" if self.query.get("sendNotifications") else "none"
        return str(self.query.get("sendUpdates", old))

    def check_match(self, event: Event) -> None:
        if self.if_match and self.if_match not in {"*", etag(event["_revision"])}:
            raise condition_not_met()

    def stamp(self) -> str:
        return stamp(self.now)
