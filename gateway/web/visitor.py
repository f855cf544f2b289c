"""What a request tells about who makes it: address, language, time zone."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from aiohttp import web
from yarl import URL

from gateway.accounts import addresses
from gateway.scheduling import clock
from gateway.web.keys import SETTINGS
from gateway.web.language import LANGUAGES, SIGNED_IN, Language, accepted, language
from gateway.web.zones import known

YEAR: Final = 365 * 86_400
CLOCKS: Final = {"12": 12, "24": 24}


@dataclass(frozen=True, slots=True)
class Wish:
    """zone: IANA name or "" where nothing is known yet. chosen: to be remembered."""

    zone: str
    chosen: bool


def client_address(request: web.Request) -> str:
    """The peer's, or what a proxy we trust says of it."""
    trusted = request.app[SETTINGS].server.trusted_proxies
    return addresses.client_address(
        request.remote or "", ",".join(request.headers.getall("X-Forwarded-For", [])), trusted
    )


def behind_proxy(request: web.Request) -> bool:
    """Whether a proxy that we trust passes this on, so that its headers are its own."""
    return addresses.within(request.remote or "", request.app[SETTINGS].server.trusted_proxies)


def speak(request: web.Request, asked: str = "", own: str = "") -> Language:
    """What a form says, before ?lang=, before the event type's own, before the cookie, before Accept-Language, whose
    region counts in any case.
    """
    tags = accepted(request.headers.get("Accept-Language", ""))
    clock = CLOCKS.get(request.query.get("clock", "")) or CLOCKS.get(request.cookies.get("clock", ""), 0)
    for wish in (asked, request.query.get("lang", ""), own, request.cookies.get("lang", "")):
        if wish in spoken_at(request.path):
            found = language([tag for tag in tags if tag.split("-")[0].lower() == wish] + [wish])
            return replace(found, hours=clock)
    return replace(language(tags, spoken_at(request.path)), hours=clock)


def spoken_at(path: str) -> Mapping[str, str]:
    """The languages of the page there."""
    return SIGNED_IN if path.split("/", 2)[1] in {"app", "oauth", "api"} else LANGUAGES


def mail_locale(request: web.Request, spoken: Language, own: str = "") -> str:
    """What mails to the visitor are written in: the event type's own language, unless they chose another by hand; else
    the first of their browser's languages that mails have, which are more than the pages'; what they chose by hand
    goes first.
    """
    if own and (own == spoken.code or own not in LANGUAGES):
        return str(spoken.locale) if own == spoken.code else own
    tags = accepted(request.headers.get("Accept-Language", ""))
    by_hand = request.cookies.get("lang", "") in LANGUAGES or spoken.code != language(tags).code
    known = (tag for tag in tags if tag.replace("_", "-").split("-")[0].lower() in clock.LANGUAGES)
    wished = "" if by_hand else next(known, "")
    return str(clock.locale_of(wished)) if wished else str(spoken.locale)


def wished_zone(request: web.Request) -> Wish:
    """?zone= before the cookie."""
    asked = known(request.query.get("zone", ""))
    return Wish(asked, True) if asked else Wish(known(request.cookies.get("zone", "")) or "", False)


def remember(request: web.Request, response: web.StreamResponse) -> None:
    """Keeps the visitor's choice of language, zone and clock."""
    secure = is_https(request)
    for name, is_known in (("lang", LANGUAGES.__contains__), ("zone", known), ("clock", CLOCKS.__contains__)):
        value = request.query.get(name, "")
        if is_known(value):
            response.set_cookie(name, value, max_age=YEAR, path="/", secure=secure, httponly=True, samesite="Lax")


def is_https(request: web.Request) -> bool:
    """By the address people reach us at, as a proxy may speak plain HTTP with us."""
    return request.app[SETTINGS].server.base_url.startswith("https://")


def link(path: str, query: Mapping[str, str], **changes: str | None) -> str:
    """path with the query changed; None takes a parameter away."""
    merged = {key: value for key, value in {**query, **changes}.items() if value}
    return str(URL.build(path=path, query=merged))
