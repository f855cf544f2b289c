"""Every page with its address, and what all of their answers carry."""

import logging
from collections import Counter
from collections.abc import Mapping
from typing import Final

from aiohttp import ClientPayloadError, web
from aiohttp.typedefs import Handler

from gateway.errors import GatewayError, NotFound, TooManyAttempts
from gateway.sync.notices.standing import HOOKS
from gateway.unforeseen import foreseen
from gateway.web.api.routes import add_routes as add_api
from gateway.web.errors import error_page
from gateway.web.keys import CLOCK, FAULTS, LIMITS, STRANGERS
from gateway.web.limits import Limits
from gateway.web.pages import (
    account,
    api_docs,
    api_keys,
    app,
    booking,
    calendars,
    connect,
    delegates,
    disconnect,
    event_type,
    face,
    freebusy,
    guests,
    health,
    hooks,
    links,
    login,
    mails,
    mirrors,
    oauth,
    passwords,
    profile,
    rooms,
    static,
    timezones,
    webhooks,
    week,
    why,
)
from gateway.web.pages.app import refusals
from gateway.web.pages.bookings import listing as booked
from gateway.web.pages.bookings import one as booked_one
from gateway.web.pages.event_types import editor, listing
from gateway.web.pages.hours import pages as hours
from gateway.web.pages.team import outsiders
from gateway.web.pages.team import pages as team
from gateway.web.policy import PAGE
from gateway.web.render import set_up, static_files
from gateway.web.visitor import is_https

log = logging.getLogger(__name__)

# Referrer-Policy: same-origin keeps links with tokens from other sites, yet lets browsers name our origin in POSTs.
HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": PAGE,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
SLUG: Final = "{slug:[a-z0-9][a-z0-9-]*}"
USER: Final = "{user:[a-z0-9][a-z0-9._+-]*}"
UID: Final = "{uid:[A-Za-z0-9-]{1,64}}"
LINK: Final = "/link/{secret:[A-Za-z0-9_-]{1,64}}"
TEAM: Final = "/team/{team:[a-z0-9][a-z0-9._-]*}"
MEMBER: Final = "/app/team/{name:[a-z0-9][a-z0-9._-]*}/members/{who:[a-z0-9][a-z0-9._-]*}"


async def nowhere(_request: web.Request) -> web.StreamResponse:
    raise NotFound("there is no such page")


ROUTES: Final = (
    ("GET", "/", login.landing),
    ("GET", "/healthz", health.healthz),
    ("GET", "/readyz", health.readyz),
    ("GET", "/metrics", health.metrics),
    ("GET", "/static/accent-{color:[0-9a-f]{6}}.css", static.accent),
    ("GET", "/static/picture-{digest:[0-9a-f]{32}}", face.picture),
    ("GET", "/static/{name}", static.file),
    ("GET", "/embed.js", static.embed),
    ("GET", "/freebusy/{who}", freebusy.show),
    ("GET", "/freebusy/{who}/", freebusy.show),
    ("GET", "/.well-known/timezone", timezones.well_known),
    ("GET", "/tz", timezones.nothing),
    ("GET", "/tz/capabilities", timezones.capabilities),
    ("GET", "/tz/zones", timezones.zones),
    ("GET", "/tz/zones/{tzid:.+}", timezones.zone),
    ("GET", "/tz/{rest:.*}", timezones.nothing),
    ("GET", "/api/docs", api_docs.show),
    ("GET", "/app/login", login.form),
    ("POST", "/app/login", login.log_in),
    ("POST", "/app/logout", login.log_out),
    ("GET", "/app", app.show),
    ("POST", "/app/calendars/{id:[0-9]{1,18}}", calendars.choose),
    ("GET", "/app/webhooks", webhooks.show_all),
    ("POST", "/app/webhooks", webhooks.add),
    ("GET", "/app/webhooks/{id:[0-9]{1,18}}", webhooks.show),
    ("POST", "/app/webhooks/{id:[0-9]{1,18}}", webhooks.act),
    ("GET", "/app/why", why.show),
    ("GET", "/app/week", week.show),
    ("GET", "/app/bookings", booked.show),
    ("GET", "/app/bookings.ics", booked.calendar_file),
    ("GET", "/app/bookings.csv", booked.table_file),
    ("GET", f"/app/bookings/{UID}", booked_one.show),
    ("POST", f"/app/bookings/{UID}", booked_one.act),
    ("GET", "/app/connect/{kind}", connect.show),
    ("GET", "/app/accounts/{id:[0-9]{1,18}}", account.show),
    ("POST", "/app/accounts/{id:[0-9]{1,18}}", account.save),
    ("GET", "/app/accounts/{id:[0-9]{1,18}}/disconnect", disconnect.show),
    ("POST", "/app/accounts/{id:[0-9]{1,18}}/disconnect", disconnect.act),
    ("POST", "/app/refusals/{id:[0-9]{1,18}}", refusals.dismiss),
    ("GET", "/app/profile", face.show),
    ("POST", "/app/profile", face.save),
    ("GET", "/app/mails", mails.show),
    ("GET", "/app/mails/{name:[a-z_-]{1,40}}.html", mails.html),
    ("POST", "/app/rooms/zoom/disconnect", rooms.disconnect),
    ("POST", "/app/mirrors", mirrors.add),
    ("POST", "/app/mirrors/{id:[0-9]{1,18}}", mirrors.stop),
    ("POST", "/app/delegates", delegates.add),
    ("POST", "/app/delegates/{id:[0-9]{1,18}}", delegates.remove),
    ("POST", "/app/api-keys", api_keys.add),
    ("POST", "/app/api-keys/{id:[0-9]{1,18}}", api_keys.revoke),
    ("POST", "/app/passwords", passwords.add),
    ("POST", "/app/passwords/{id:[0-9]{1,18}}", passwords.revoke),
    ("GET", "/app/hours", hours.show_all),
    ("POST", "/app/hours", hours.add),
    ("GET", "/app/hours/{id:[0-9]{1,18}}", hours.show),
    ("POST", "/app/hours/{id:[0-9]{1,18}}/holidays", hours.choose_holidays),
    ("POST", "/app/hours/{id:[0-9]{1,18}}/name", hours.rename),
    ("POST", "/app/hours/{id:[0-9]{1,18}}/standard", hours.make_standard),
    ("POST", "/app/hours/{id:[0-9]{1,18}}/remove", hours.remove),
    ("POST", "/app/hours/{id:[0-9]{1,18}}/{part}", hours.change),
    ("GET", "/app/event-types", listing.show),
    ("GET", "/app/event-types/new", editor.new),
    ("POST", "/app/event-types/new", editor.save),
    ("GET", "/app/event-types/{id:[0-9]{1,18}}", editor.show),
    ("POST", "/app/event-types/{id:[0-9]{1,18}}", editor.save),
    ("POST", "/app/event-types/{id:[0-9]{1,18}}/act", listing.act),
    ("GET", "/app/event-types/{id:[0-9]{1,18}}/delete", listing.ask),
    ("POST", "/app/event-types/{id:[0-9]{1,18}}/delete", listing.delete),
    ("GET", "/app/team", team.show_all),
    ("POST", "/app/team", team.make),
    ("GET", "/app/team/{name:[a-z0-9][a-z0-9._-]*}", team.show),
    ("POST", "/app/team/{name:[a-z0-9][a-z0-9._-]*}/members", team.add),
    ("POST", "/app/team/{name:[a-z0-9][a-z0-9._-]*}/outsiders", outsiders.add),
    ("POST", f"{MEMBER}/role", team.change),
    ("GET", f"{MEMBER}/remove", team.ask),
    ("POST", f"{MEMBER}/remove", team.remove),
    ("GET", "/oauth/{kind}/start", oauth.start),
    ("GET", "/oauth/{kind}/callback", oauth.callback),
    ("POST", HOOKS["google"], hooks.google),
    ("POST", HOOKS["outlook"], hooks.microsoft),
    ("GET", "/booking/{uid}", booking.show),
    ("POST", "/booking/{uid}", booking.act),
    ("GET", "/booking/{uid}/invite.ics", booking.file),
    ("POST", "/booking/{uid}/guests", guests.add),
    ("GET", "/booking/{uid}/guest", guests.show),
    ("POST", "/booking/{uid}/guest", guests.act),
    ("GET", "/app/links", links.show),
    ("POST", "/app/links", links.add),
    ("POST", "/app/links/{id:[0-9]{1,18}}", links.revoke),
    ("GET", LINK, event_type.show),
    ("POST", LINK, event_type.submit),
    ("POST", f"{LINK}/hold", event_type.keep),
    ("GET", TEAM, profile.show),
    ("GET", f"{TEAM}/{SLUG}", event_type.show),
    ("POST", f"{TEAM}/{SLUG}", event_type.submit),
    ("POST", f"{TEAM}/{SLUG}/hold", event_type.keep),
    ("GET", f"/{USER}", profile.show),
    ("GET", f"/{USER}/{SLUG}", event_type.show),
    ("POST", f"/{USER}/{SLUG}", event_type.submit),
    ("POST", f"/{USER}/{SLUG}/hold", event_type.keep),
    ("GET", "/{rest:.*}", nowhere),
)


def surface(page: Handler) -> Handler:
    """The page with the headers all have; what it could not do is told as a page too."""

    async def answer(request: web.Request) -> web.StreamResponse:
        try:
            found = await foreseen(page, request, "web", request.app[FAULTS])
            response = error_page(request, 500) if found is None else found
        except web.HTTPException as error:
            if error.status < 400:
                error.headers.update(HEADERS)
                raise
            response = error_page(request, error.status)
        except GatewayError as error:
            response = error_page(request, error.status, str(error))
            if isinstance(error, TooManyAttempts):
                response.headers["Retry-After"] = str(error.retry_after)
        except (web.RequestPayloadError, ClientPayloadError):
            response = error_page(request, 400)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if is_https(request):
            response.headers["Strict-Transport-Security"] = "max-age=31536000"
        return response

    return answer


def add_routes(app: web.Application) -> None:
    """Needs the keys of gateway.web.keys in the application; call it after everything with a path of its own."""
    files = static_files()
    set_up(app, files)
    app[static.FILES] = files
    app.setdefault(FAULTS, Counter())
    app[STRANGERS] = Counter()
    app[LIMITS] = Limits.standard(app[CLOCK])
    add_api(app)
    for method, path, page in ROUTES:
        add = app.router.add_get if method == "GET" else app.router.add_post
        add(path, surface(page))
