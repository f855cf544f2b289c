"""What booking works with."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Self

from gateway.accounts.sealed import Sealer
from gateway.accounts.zoom import ZoomAccounts
from gateway.config import Settings
from gateway.store.database import Database
from gateway.store.principals import Principal
from gateway.sync.context import Sync


@dataclass(frozen=True, slots=True)
class Desk:
    """clock: epoch seconds. sealer: keeps the links' tokens for later mails.

    zoom: makes rooms there; None where nothing outside can be reached.
    actor: id of who acts, where they are signed in; None: somebody who has a link, or a program of ours.
    """

    db: Database
    settings: Settings
    sync: Sync
    sealer: Sealer
    clock: Callable[[], float]
    zoom: ZoomAccounts | None = None
    actor: int | None = None

    def acting(self, person: Principal) -> Self:
        """The same, for what that person does."""
        return replace(self, actor=person.id)
