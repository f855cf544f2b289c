"""What the pages find in the application. The one who builds it sets all but the last group."""

from collections import Counter
from collections.abc import Callable

from aiohttp import web

from gateway.accounts.authenticate import Authenticator
from gateway.accounts.sealed import Sealer
from gateway.backends.base import Outside
from gateway.booking.context import Desk
from gateway.config import Settings
from gateway.freebusy.others import Others
from gateway.store.database import Database
from gateway.web.limits import Limits

DATABASE = web.AppKey("web.database", Database)
SETTINGS = web.AppKey("web.settings", Settings)
CLOCK: web.AppKey[Callable[[], float]] = web.AppKey("web.clock")  # epoch seconds
AUTHENTICATOR = web.AppKey("web.authenticator", Authenticator)
SEALER = web.AppKey("web.sealer", Sealer)
OUTSIDE = web.AppKey("web.outside", Outside)
DESK = web.AppKey("web.desk", Desk)
OTHERS = web.AppKey("web.others", Others)

LIMITS = web.AppKey("web.limits", Limits)  # set by add_routes
STRANGERS = web.AppKey(
    "web.strangers", Counter[str]
)  # notices without the right secret, by provider; set by add_routes
FAULTS = web.AppKey("web.faults", Counter[str])  # unexpected exceptions since the start, by part; zero is the goal
