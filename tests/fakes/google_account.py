"""Our Google backend, signed in at the simulated Google."""

from typing import Any

from aiohttp import ClientSession

from gateway.backends.base import Account, Outside
from gateway.backends.google import GoogleBackend
from gateway.config import Microsoft
from gateway.demo.google import GoogleSimulator
from gateway.model import CalendarObject, Changes
from tests.fakes.google import ALICE


class SignedIn:
    """Our backend with one person's sign-in.

    secret: what it starts with; None for a fresh token file. saved: the secrets it asked us to keep.
    """

    def __init__(
        self,
        simulator: GoogleSimulator,
        http: ClientSession,
        person: str = ALICE,
        *,
        secret: str | None = None,
        email: str | None = None,
        **sign_in: Any,
    ) -> None:
        self.saved: list[str] = []
        self.secret = simulator.authorized_user(person, **sign_in) if secret is None else secret
        outside = Outside(http, simulator.settings(), Microsoft())
        self.backend = GoogleBackend(
            Account({"email": person if email is None else email}, self.secret, self._save), outside
        )

    async def _save(self, secret: str) -> None:
        self.saved.append(secret)

    async def pull(self, token: str | None = None, calendar: str = ALICE) -> list[Changes]:
        return [page async for page in self.backend.changes(calendar, token)]

    async def everything(self, calendar: str = ALICE) -> tuple[list[CalendarObject], str | None]:
        pages = await self.pull(None, calendar)
        return [obj for page in pages for obj in page.objects], pages[-1].token
