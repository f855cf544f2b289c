"""How calendar apps reach one's calendars, and their passwords."""

from typing import Any

from gateway.store import principals
from gateway.store.principals import AppPassword
from gateway.web.keys import DATABASE
from gateway.web.language import Language
from gateway.web.pages.app.section import Visit, ago


async def section(visit: Visit) -> dict[str, Any]:
    rows = await visit.request.app[DATABASE].read(principals.app_passwords, visit.signed_in.person.id)
    spoken, now = visit.spoken, visit.now
    return {"passwords": [{"id": row.id, "label": row.label, "used": _used(row, spoken, now)} for row in rows]}


def _used(row: AppPassword, spoken: Language, now: float) -> str:
    if row.last_used is None:
        return spoken.text("Never used")
    return spoken.text("Last used {ago}", ago=ago(now - row.last_used, spoken))
