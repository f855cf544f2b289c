"""The one place where errors of the CalDAV surface become answers."""

from typing import Final

from aiohttp import ClientPayloadError, web

from gateway.dav import xml
from gateway.dav.keys import FAULTS
from gateway.errors import (
    DAV,
    BackendUnavailable,
    GatewayError,
    InvalidRequest,
    MethodNotAllowed,
    NotSignedIn,
    TooManyAttempts,
    UidConflict,
)
from gateway.unforeseen import Answering, foreseen

CHALLENGE: Final = 'Basic realm="Calendar", charset="UTF-8"'
RETRY_AFTER: Final = 60
EVERYWHERE: Final = {
    "X-Content-Type-Options": "nosniff",
    "Vary": "Accept, Accept-Encoding, Accept-Language, Brief, CalDAV-Timezones, Prefer",
}


def refusing(do: Answering) -> Answering:
    """`do`, with every error an answer."""

    async def guarded(request: web.Request) -> web.StreamResponse:
        response = await answered(request)
        response.headers.update(EVERYWHERE)
        return response

    async def answered(request: web.Request) -> web.StreamResponse:
        try:
            response = await foreseen(do, request, "dav", request.app[FAULTS])
        except GatewayError as error:
            return refusal(error)
        except (web.RequestPayloadError, ClientPayloadError):
            return refusal(InvalidRequest("the body could not be read"))
        if response is None:
            return web.Response(status=500, text="something went wrong here; it has been noted\n")
        return response

    return guarded


def refusal(error: GatewayError) -> web.Response:
    """The status, and a DAV:error that holds nothing but the precondition; the reason as text where there is none."""
    response = web.Response(status=error.status)
    if error.condition is None:
        response.text = f"{error}\n"
    else:
        response.body = xml.encode(xml.document(DAV + "error", [_condition(error, error.condition)]))
        response.content_type = "application/xml"
        response.charset = "utf-8"
    match error:
        case NotSignedIn():
            response.headers["WWW-Authenticate"] = CHALLENGE
        case MethodNotAllowed():
            response.headers["Allow"] = ", ".join(sorted(error.allowed))
        case TooManyAttempts():
            response.headers["Retry-After"] = str(error.retry_after)
        case BackendUnavailable():
            response.headers["Retry-After"] = str(int(error.retry_after or RETRY_AFTER))
    return response


def _condition(error: GatewayError, condition: str) -> str:
    inner = xml.href(error.href) if isinstance(error, UidConflict) and error.href else ""
    return xml.element(condition, inner)
