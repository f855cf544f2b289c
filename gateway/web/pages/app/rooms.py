"""With what rooms for conferences are made."""

from typing import Any

from gateway.accounts.zoom import KIND
from gateway.store import room_accounts
from gateway.web.keys import DATABASE, SETTINGS
from gateway.web.pages.app.section import Visit


async def section(visit: Visit) -> dict[str, Any]:
    """zoom: None where nobody can connect it. organisation: its app makes rooms for everybody."""
    settings = visit.request.app[SETTINGS].zoom
    row = await visit.request.app[DATABASE].read(room_accounts.get, visit.signed_in.person.id, KIND)
    zoom = {
        "connected": row is not None,
        "name": "" if row is None else row.displayname,
        "signed_out": row is not None and row.state != "ok",
        "organisation": bool(settings.account_id),
    }
    return {"zoom": zoom if settings.client_id else None, "zoom_address": visit.signed_in.person.email}
