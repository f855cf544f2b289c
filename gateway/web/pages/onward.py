"""How an event type would have its invitees spoken to, and where it sends them on to."""

from typing import Any

from aiohttp import web

from gateway.booking.access import Found
from gateway.booking.redirect import filled
from gateway.web.embedding import embedded
from gateway.web.language import Language
from gateway.web.picker import instant_key
from gateway.web.visitor import speak


def spoken_to(request: web.Request, found: Found) -> Language:
    """To the invitee in the event type's own language, if it has one."""
    return speak(request, own="" if found.by_host or found.of is None else found.of.kind.language)


def onward(request: web.Request, found: Found) -> dict[str, Any]:
    """redirect: where whoever has just booked is sent on to, "": nowhere. at_once: unless another site shows the page
    inside its own.

    By a link and a refresh of the page that the form leads to: a redirect to another site would break the policy that
    forms are sent to nobody else (form-action).
    """
    return {"redirect": _address(request, found), "at_once": not embedded(request)}


def _address(request: web.Request, found: Found) -> str:
    if "new" not in request.query or found.by_host or found.of is None or not found.of.kind.redirect:
        return ""
    row, invitee = found.row, found.details.invitee
    values = {
        "uid": row.uid,
        "event_type": found.of.row.slug,
        "status": row.status,
        "start": instant_key(row.start),
        "end": instant_key(row.end),
        "name": invitee.name,
        "email": invitee.email,
    }
    return filled(found.of.kind.redirect, values)
