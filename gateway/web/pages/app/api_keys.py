"""Keys for programs that use the API."""

from collections.abc import Mapping
from typing import Any, Final

from gateway.accounts.api_keys import SCOPES
from gateway.store import api_keys
from gateway.store.api_keys import ApiKey
from gateway.web.keys import DATABASE
from gateway.web.language import Language, msg
from gateway.web.pages.app.section import Visit, ago

WORDS: Final[Mapping[str, str]] = {
    "accounts:read": msg("See accounts"),
    "bookings:read": msg("See bookings"),
    "bookings:write": msg("Book, move and cancel"),
    "calendars:read": msg("See calendars"),
    "calendars:write": msg("Choose what calendars count for"),
    "event-types:read": msg("See event types"),
    "event-types:write": msg("Change event types"),
    "free-busy:read": msg("Ask when colleagues are busy"),
    "schedules:read": msg("See working hours"),
    "schedules:write": msg("Change working hours"),
    "slots:read": msg("See free times"),
    "teams:read": msg("See teams"),
    "webhooks:read": msg("See webhooks"),
    "webhooks:write": msg("Change webhooks"),
}


async def section(visit: Visit) -> dict[str, Any]:
    rows = await visit.request.app[DATABASE].read(api_keys.of_user, visit.signed_in.person.id)
    spoken = visit.spoken
    return {
        "api_keys": [_key(row, spoken, visit.now) for row in rows],
        "scopes": [{"name": one, "words": spoken.text(WORDS[one])} for one in SCOPES],
    }


def _key(row: ApiKey, spoken: Language, now: float) -> dict[str, Any]:
    used = spoken.text("Never used")
    if row.last_used is not None:
        used = spoken.text("Last used {ago}", ago=ago(now - row.last_used, spoken))
    allowed = ", ".join(spoken.text(WORDS[one]) for one in SCOPES if one in row.scopes)
    return {"id": row.id, "label": row.label, "used": used, "allowed": allowed}
