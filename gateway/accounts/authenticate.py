"""Says who sends a name and a password; cheap for those who were right a moment ago, slow for those who guess."""

import asyncio
import hmac
import logging
import secrets
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from gateway.accounts.passwords import check_password, digest
from gateway.accounts.throttle import Throttle
from gateway.config import Settings
from gateway.errors import BackendUnavailable, InsufficientStorage, NotSignedIn
from gateway.store import principals
from gateway.store.database import Connection, Database
from gateway.store.principals import Principal

__all__ = ["Authenticator", "Outsider"]

log = logging.getLogger(__name__)

# Seconds a right password is remembered, and after which it is compared with the database again meanwhile.
REMEMBER: Final = 300.0
REMEMBER_OUTSIDE: Final = 60.0
RECHECK: Final = 2.0
MOST: Final = 10_000
LONGEST_PASSWORD: Final = 1_024
AT_ONCE: Final = 2  # passwords being checked: each takes 64 MB and a core

# Checks a password elsewhere; the name under which the person is known here, or None.
Outsider = Callable[[str, str], Awaitable[str | None]]


@dataclass(frozen=True, slots=True)
class Credentials:
    """What is known of a name. hashed: argon2id. app_password: id of the one that was sent, if it was one."""

    principal: Principal | None
    hashed: str | None = None
    app_password: int | None = None


@dataclass(slots=True)
class Remembered:
    """proof: that which must still be in the database; None where the password is checked elsewhere."""

    principal: Principal
    proof: str | int | None
    checked: float
    expires: float


def credentials(conn: Connection, name: str, digested: str) -> Credentials:
    principal = principals.by_name(conn, name)
    if principal is None or not principal.signs_in:
        return Credentials(None)
    known = principals.password(conn, name)
    app_password = principals.app_password(conn, principal.id, digested)
    return Credentials(principal, None if known is None else known[1], app_password)


def sendable(name: str, password: str) -> bool:
    """Whether anybody could be called so and have such a password."""
    is_text = password.encode(errors="ignore").decode() == password  # no lone surrogates
    return name.isprintable() and len(password) <= LONGEST_PASSWORD and is_text


class Authenticator:
    """clock: epoch seconds. outsider: asked instead of our own passwords; our app passwords are good all the same.

    proxy: the name by which somebody is known here whom a trusted proxy has signed in; None: no such proxy.
    """

    def __init__(
        self,
        db: Database,
        settings: Settings,
        clock: Callable[[], float],
        *,
        outsider: Outsider | None = None,
        proxy: Callable[[str], Awaitable[str | None]] | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._db = db
        self._clock = clock
        self._outsider = outsider
        self._proxy = proxy
        self._sleep = sleep
        self._throttle = Throttle(settings.limits.free_guesses, clock)
        self._key = secrets.token_bytes(32)
        self._remembered: OrderedDict[bytes, Remembered] = OrderedDict()
        self._checks = asyncio.Semaphore(AT_ONCE)

    async def basic(self, name: str, password: str, client_address: str) -> Principal:
        """The person. Their `rev` and `floor` may be a moment old: read those with what they guard.

        Raises: NotSignedIn, TooManyAttempts.
        """
        key = hmac.digest(self._key, f"{name}\0{password}".encode(errors="surrogatepass"), "sha256")
        known = await self._recall(key, password)
        if known is not None:
            return known
        self._throttle.check(name, client_address)
        found = await self._verify(name, password, client_address)
        if found is None:
            await self._sleep(self._throttle.wrong(name, client_address))
            raise NotSignedIn("wrong name or password")
        self._throttle.right(name, client_address)
        self._remember(key, found)
        return found.principal

    async def by_proxy(self, header: str | None) -> Principal | None:
        """Whom X-Remote-User names. The caller makes sure that the header is a trusted proxy's own."""
        known_as = await self._proxy(header) if self._proxy is not None and header else None
        principal = None if known_as is None else await self._db.read(principals.by_name, known_as)
        return None if principal is None or not principal.signs_in else principal

    def forget(self, principal: int) -> None:
        """At once, after a password was changed or revoked here; other processes notice within RECHECK seconds."""
        for key in [key for key, one in self._remembered.items() if one.principal.id == principal]:
            del self._remembered[key]

    async def _recall(self, key: bytes, password: str) -> Principal | None:
        one, now = self._remembered.get(key), self._clock()
        if one is None:
            return None
        if now >= one.expires:
            del self._remembered[key]
            return None
        if now - one.checked >= RECHECK:
            current = await self._db.read(credentials, one.principal.name, digest(password))
            if current.principal is None or (
                one.proof is not None and one.proof not in {current.hashed, current.app_password}
            ):
                self._remembered.pop(key, None)
                return None
            one.principal, one.checked = current.principal, now
        return one.principal

    def _remember(self, key: bytes, found: Remembered) -> None:
        self._remembered[key] = found
        self._remembered.move_to_end(key)
        if len(self._remembered) > MOST:
            self._remembered.popitem(last=False)

    async def _verify(self, name: str, password: str, client_address: str) -> Remembered | None:
        """App passwords first: they cost nothing to check. Unknown names cost what known ones do."""
        now = self._clock()
        if not sendable(name, password):
            name = password = ""
        given = await self._db.read(credentials, name, digest(password))
        if given.principal is not None and given.app_password is not None:
            await self._note_use(given.app_password, int(now))
            return Remembered(given.principal, given.app_password, now, now + REMEMBER)
        async with self._checks:
            self._throttle.check(name, client_address)  # others may have guessed while we waited
            if self._outsider is not None:
                return await self._verify_outside(self._outsider, name, password)
            right = await asyncio.to_thread(check_password, password, given.hashed)
        if not right or given.principal is None:
            return None
        return Remembered(given.principal, given.hashed, now, now + REMEMBER)

    async def _note_use(self, app_password: int, now: int) -> None:
        """Who can only read can at least read."""
        try:
            await self._db.write(principals.used_app_password, app_password, now)
        except (InsufficientStorage, BackendUnavailable) as error:
            log.warning("the last use of app password %s could not be noted: %s", app_password, error)

    async def _verify_outside(self, outsider: Outsider, name: str, password: str) -> Remembered | None:
        known_as = await outsider(name, password) if name else None
        principal = None if known_as is None else await self._db.read(principals.by_name, known_as)
        if principal is None or not principal.signs_in:
            return None
        now = self._clock()
        return Remembered(principal, None, now, now + REMEMBER_OUTSIDE)
