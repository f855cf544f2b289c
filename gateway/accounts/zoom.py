"""Who makes rooms at Zoom: people who connected it, or the organisation's own app for all of them."""

import json
import logging
from collections.abc import Callable
from typing import Final

from aiohttp import ClientSession

from gateway.accounts.sealed import Sealer
from gateway.backends.zoom import Zoom
from gateway.backends.zoom.tokens import AppTokens, UserTokens, read_secret
from gateway.backends.zoom.wire import Wire
from gateway.config import Settings
from gateway.errors import BackendError, ConfigError, NoRoomAccount
from gateway.store import room_accounts
from gateway.store.database import Connection, Database
from gateway.store.principals import Principal
from gateway.store.room_accounts import RoomAccountRow

KIND: Final = "zoom"
log = logging.getLogger(__name__)


def has_zoom(conn: Connection, settings: Settings, user: int) -> bool:
    """Whether rooms can be made for them; a sign-in that has ended counts, as its owner is asked to mend it."""
    return bool(settings.zoom.account_id) or room_accounts.get(conn, user, KIND) is not None


class ZoomAccounts:
    """Sign-ins at Zoom, opened once as long as nothing about them changes: they know their tokens."""

    def __init__(
        self, db: Database, sealer: Sealer, http: ClientSession, settings: Settings, clock: Callable[[], float]
    ) -> None:
        self._db = db
        self._sealer = sealer
        self._settings = settings.zoom
        self._wire = Wire(http, settings.zoom, clock)
        self._app = AppTokens(self._wire, settings.zoom)
        self._open: dict[int, tuple[int, UserTokens]] = {}  # by person, with the id of their row

    async def of(self, person: Principal) -> Zoom:
        """Raises: NoRoomAccount; ConfigError if the key that sealed it is lost."""
        if self._settings.account_id:
            return Zoom(self._wire, self._app, person.email)
        row = await self._db.read(room_accounts.get, person.id, KIND)
        if row is None:
            raise NoRoomAccount("Zoom is not connected")
        known = self._open.get(person.id)
        if known is None or known[0] != row.id:
            self._open[person.id] = known = (row.id, self._tokens(row))
        return Zoom(self._wire, known[1])

    def _tokens(self, row: RoomAccountRow) -> UserTokens:
        async def save(secret: str) -> None:
            await self._db.write(_keep, row.id, self._sealer.seal(secret))

        async def stored() -> str:
            now = await self._db.read(room_accounts.get, row.user_id, row.kind)
            return self._sealer.open((now or row).secret)

        return UserTokens(self._wire, self._sealer.open(row.secret), save, stored)

    async def check(self) -> None:
        """Whether the organisation's app is given tokens. Raises: what its answer means."""
        await self._app.token()

    async def connect(self, user: int, email: str, secret: str, now: int) -> None:
        """secret: as oauth.zoom granted it. Instead of the one they had."""
        person = str(json.loads(secret).get("person") or email)
        await self._db.write(room_accounts.put, user, KIND, person, email or "Zoom", self._sealer.seal(secret), now)

    async def disconnect(self, user: int) -> bool:
        """Whether there was one. The sign-in is ended at Zoom too, where that can be reached."""
        row = await self._db.read(room_accounts.get, user, KIND)
        if row is None:
            return False
        await self._db.write(room_accounts.drop, user, KIND)
        self._open.pop(user, None)
        try:
            await self._wire.end(str(read_secret(self._sealer.open(row.secret)).get("access_token", "")))
        except (BackendError, ConfigError) as error:
            log.warning("a sign-in at Zoom could not be ended there: %s", error)
        return True


def _keep(conn: Connection, key: int, sealed: bytes) -> None:
    room_accounts.change(conn, key, secret=sealed, state="ok", error="")
