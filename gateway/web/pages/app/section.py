"""What the parts of /app are made of."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from aiohttp import web
from babel.dates import format_timedelta

from gateway.web.keys import CLOCK
from gateway.web.language import Language
from gateway.web.sessions import SignedIn
from gateway.web.visitor import speak


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody looks at their own. now: epoch seconds."""

    request: web.Request
    signed_in: SignedIn
    spoken: Language
    now: float


@dataclass(frozen=True, slots=True)
class Section:
    """One part of /app.

    template: in templates/app. show: what the template needs; its names are shared with those of the other parts.
    """

    template: str
    show: Callable[[Visit], Awaitable[Mapping[str, Any]]]


def visit(request: web.Request, signed_in: SignedIn) -> Visit:
    return Visit(request, signed_in, speak(request), request.app[CLOCK]())


def ago(seconds: float, spoken: Language) -> str:
    return format_timedelta(timedelta(seconds=-max(seconds, 1)), add_direction=True, locale=spoken.locale)
