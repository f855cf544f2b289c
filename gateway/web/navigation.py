"""The list that all signed-in pages have at their side. A further page is one row."""

from dataclasses import dataclass
from typing import Final

from gateway.web.language import Language, msg


@dataclass(frozen=True, slots=True)
class Row:
    """title: of the catalogue. icon: of parts.html. under: further paths whose pages belong to it."""

    path: str
    title: str
    icon: str
    under: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """A row as one page shows it. current: "page" where it leads to this very page, "true" where that belongs to it."""

    link: str
    text: str
    icon: str
    current: str


NAVIGATION: Final = (
    Row("/app/bookings", msg("Bookings"), "check"),
    Row("/app/event-types", msg("Event types"), "kinds"),
    Row("/app/hours", msg("Working hours"), "clock"),
    Row("/app/why", msg("Closed times"), "why"),
    Row("/app", msg("Calendars"), "day", ("/app/accounts", "/app/connect", "/app/mirrors")),
    Row("/app/team", msg("Team"), "people"),
    Row("/app/week", msg("Team's week"), "people"),
    Row("/app/profile", msg("Booking page"), "person"),
    Row("/app/mails", msg("Mails"), "mail"),
    Row("/app/links", msg("Links"), "link"),
    Row("/app/webhooks", msg("Webhooks"), "link"),
)


def navigation(path: str, spoken: Language) -> list[Entry]:
    """path: of the page that shows it."""
    at = path.rstrip("/") or "/"
    return [Entry(row.path, spoken.text(row.title), row.icon, _current(row, at)) for row in NAVIGATION]


def _current(row: Row, at: str) -> str:
    if at == row.path:
        return "page"
    if row.path != "/app" and at.startswith(f"{row.path}/"):
        return "true"
    return "true" if any(at == under or at.startswith(f"{under}/") for under in row.under) else ""
