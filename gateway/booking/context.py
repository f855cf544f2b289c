"""What booking works with."""

from collections.abc import Callable
from dataclasses import dataclass

from gateway.accounts.sealed import Sealer
from gateway.accounts.zoom import ZoomAccounts
from gateway.config import Settings
from gateway.store.database import Database
from gateway.sync.context import Sync


@dataclass(frozen=True, slots=True)
class Desk:
    """clock: epoch seconds. sealer: keeps the links' tokens for later mails.

    zoom: makes rooms there; None where nothing outside can be reached.
    """

    db: Database
    settings: Settings
    sync: Sync
    sealer: Sealer
    clock: Callable[[], float]
    zoom: ZoomAccounts | None = None
