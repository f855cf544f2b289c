"""One request to the simulated Graph, as the functions that answer it see it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from gateway.demo.microsoft.faults import GraphFault, Json, bad_request
from gateway.demo.microsoft.mailbox import Event, Mailboxes
from gateway.demo.microsoft.render import View, etag


@dataclass(frozen=True, slots=True)
class Call:
    """address: whose mailbox it is about. path: the ids in the URL. root: URL of the service with its version.

    place: how the URL names the mailbox. tenant: whose application asks, "" where somebody signed in does.
    """

    boxes: Mailboxes
    address: str
    view: View
    query: Mapping[str, str]
    path: Mapping[str, str]
    body: Any
    if_match: str
    root: str
    place: str = "/me"
    tenant: str = ""

    def quoted(self, name: str) -> str:
        return quote(self.query[name], safe="")

    def target(self) -> tuple[Event, str]:
        """The event of the URL, and the date of the occurrence if it names one. Raises: GraphFault 404."""
        event, day = self.boxes.find(self.address, self.path["event"], immutable=self.view.immutable)
        if "calendar" in self.path and event.calendar != self.path["calendar"]:
            raise GraphFault(404, "ErrorItemNotFound", "The specified object was not found in the store.")
        return event, day

    def unchanged(self, event: Event) -> None:
        """Raises: GraphFault 412 if If-Match names another version."""
        if self.if_match not in {"", "*", etag(event)}:
            raise GraphFault(
                412,
                "ErrorIrresolvableConflict",
                "The send or update operation could not be performed because the change key passed in the request"
                " does not match the current change key for the item.",
            )


def page(call: Call, rows: list[Json], path: str) -> Json:
    """The part of a list that $top and $skip ask for; ten rows unless told. path: below the mailbox."""
    try:
        top, skip = int(call.query.get("$top", "10")), int(call.query.get("$skip", "0"))
    except ValueError as error:
        raise bad_request("Invalid value for $top or $skip.", "BadRequest") from error
    if not 1 <= top <= 1000 or skip < 0:
        raise bad_request("Invalid value for $top or $skip.", "BadRequest")
    answer: Json = {"@odata.context": f"{call.root}/$metadata#Collection", "value": rows[skip : skip + top]}
    if skip + top < len(rows):
        kept = "".join(f"&{name}={value}" for name, value in _quoted(call) if name not in {"$top", "$skip"})
        answer["@odata.nextLink"] = f"{call.root}{call.place}{path}?$top={top}&$skip={skip + top}{kept}"
    return answer


def _quoted(call: Call) -> list[tuple[str, str]]:
    return [(name, quote(value, safe="")) for name, value in call.query.items()]
