"""What the application hands to this package; set by gateway.app (and by tests) before the server starts."""

from asyncio import Semaphore
from collections import Counter
from collections.abc import Callable
from typing import Final

from aiohttp import web

from gateway.accounts.authenticate import Authenticator
from gateway.accounts.sealed import Sealer
from gateway.config import Settings
from gateway.freebusy.others import Others
from gateway.store.database import Database
from gateway.sync.context import Sync

DATABASE: Final = web.AppKey("database", Database)
SETTINGS: Final = web.AppKey("settings", Settings)
SYNC: Final = web.AppKey("sync", Sync)
OTHERS: Final = web.AppKey("others", Others)
AUTHENTICATOR: Final = web.AppKey("authenticator", Authenticator)
SEALER: Final = web.AppKey("sealer", Sealer)
CLOCK: Final[web.AppKey[Callable[[], float]]] = web.AppKey("clock")  # epoch seconds
TURNS: Final = web.AppKey("turns", dict[int, Semaphore])  # by principal
FAULTS: Final = web.AppKey("faults", Counter[str])  # unexpected exceptions since the start; zero is the goal
