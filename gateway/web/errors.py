"""Errors as pages in the look of the rest, for the routes of this package."""

from typing import Final

from aiohttp import web

from gateway.web.language import msg
from gateway.web.render import page, text_error
from gateway.web.visitor import speak

HEADLINES: Final = {
    400: msg("This request cannot be understood"),
    401: msg("Please sign in"),
    403: msg("This is not allowed"),
    404: msg("There is nothing here"),
    405: msg("This cannot be done here"),
    409: msg("This does not fit any more"),
    410: msg("This link is over"),
    413: msg("This is too much at once"),
    415: msg("This kind of content is not taken here"),
    429: msg("Too many tries"),
    500: msg("Something went wrong here"),
    502: msg("The calendar provider did not answer properly"),
    503: msg("Not available at the moment"),
    507: msg("There is no room left on the server"),
}
ADVICE: Final = {
    404: msg("The address may be mistyped, or what was here is gone."),
    410: msg("It was good for some bookings or some time only. Please ask whoever sent it to you for another one."),
    429: msg("Please wait a little and try again."),
    500: msg("This is our fault, not yours. Please try again later."),
    503: msg("Please try again in a few minutes."),
}


def error_page(request: web.Request, status: int, reason: str = "") -> web.Response:
    """reason: in English, shown where it helps and is read."""
    spoken = speak(request)
    headline = spoken.text(HEADLINES.get(status, HEADLINES[400 if status < 500 else 500]))
    advice = ADVICE.get(status, "")
    values = {
        "status": status,
        "headline": headline,
        "text": spoken.text(advice) if advice else "",
        "reason": text_error(spoken, reason) if status < 500 and status not in {404, 410} else "",
    }
    return page(request, "error.html", values, spoken=spoken, status=status)
