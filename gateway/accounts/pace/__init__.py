"""How fast providers are asked: one budget for each mailbox and one for the whole app, shared by all processes.

What a request needs is a piece of both budgets, for some mailboxes a place among those that are out at a time, and a
provider that is not known to be down. Processes agree on these in the table `budgets`; each takes a few requests at a
time, so that most of them cost no transaction.
"""

import asyncio
from collections.abc import Awaitable, Callable
from hashlib import blake2b
from random import SystemRandom
from typing import Final
from weakref import WeakValueDictionary

from gateway.accounts.pace.arithmetic import Limit
from gateway.accounts.pace.ledger import Ledger
from gateway.accounts.pace.purse import Purse
from gateway.accounts.pace.turns import Turns, background, is_background
from gateway.backends.base import UNPACED, Pace
from gateway.config import Settings
from gateway.store.budgets import Budget
from gateway.store.database import Database

__all__ = ["Limit", "Paces", "app_limit", "background", "is_background", "key_of", "own_limit"]


APP_AT_A_TIME: Final = 1 / 20
"""Many accounts ask evenly anyway, and all of them need what is there in the long run."""


CLOUDS: Final = frozenset({"google", "outlook"})

POLITE: Final = Limit(1_200.0, 60.0)
"""Of servers that name no limit: what matters is that nobody waits for one that is known to be down."""


def own_limit(kind: str, settings: Settings) -> Limit | None:
    """Of one account; None: nobody counts there."""
    share = settings.limits.quota_share
    if kind == "google":
        return Limit(settings.google.per_user_minute * share, 60.0)
    if kind == "outlook":
        return Limit(settings.microsoft.per_ten_minutes * share, 600.0, settings.microsoft.at_once)
    return POLITE if kind in {"caldav", "feed"} else None


def app_limit(kind: str, settings: Settings) -> Limit | None:
    """Of all accounts of a kind together."""
    if kind == "google":
        return Limit(settings.google.per_minute * settings.limits.quota_share, 60.0, at_a_time=APP_AT_A_TIME)
    return None


def key_of(kind: str, account: int, primary: str) -> str:
    """Of the budget of an account. primary: see gateway.backends.base.Account; "" where it is not known.

    A cloud counts what is asked of a mailbox, however many people here have connected it. Elsewhere the main calendar's
    id is a path, which is the same at many servers.
    """
    if kind not in CLOUDS or not primary:
        return f"account {account}"
    return f"{kind} {blake2b(primary.encode(), digest_size=16).hexdigest()}"


class Paces:
    """Of every account, as this process keeps it. clock: epoch seconds. sleep: for seconds. random: in [0, 1)."""

    def __init__(
        self,
        db: Database,
        settings: Settings,
        clock: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        random: Callable[[], float] | None = None,
    ) -> None:
        self._settings = settings
        self._ledger = Ledger(db, clock)
        self._sleep = sleep
        self._random = random or SystemRandom().random
        self._apps: dict[str, Purse] = {}
        self._known: WeakValueDictionary[str, Turns] = WeakValueDictionary()  # as long as a backend has them

    def of(self, kind: str, account: int | None, primary: str = "") -> Pace:
        """account: None: one that is not connected yet; its requests count for the app's budget alone.

        primary: as for key_of.
        """
        own, app = own_limit(kind, self._settings), self._app(kind)
        if own is None:
            return UNPACED
        if account is None:
            return UNPACED if app is None else Turns(self._ledger, app, None, self._sleep, self._random)
        key = key_of(kind, account, primary)
        turns = self._known.get(key)
        if turns is None:
            purse = Purse(key, account, own, Budget(key, account))
            turns = self._known[key] = Turns(self._ledger, purse, app, self._sleep, self._random)
        return turns

    def _app(self, kind: str) -> Purse | None:
        limit = app_limit(kind, self._settings)
        if limit is not None and kind not in self._apps:
            self._apps[kind] = Purse(kind, None, limit, Budget(kind))
        return self._apps.get(kind)

    async def close(self) -> None:
        """Gives back the places that this process holds."""
        await self._ledger.close()
