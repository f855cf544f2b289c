"""Connects accounts at providers, and opens their backends."""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from gateway.accounts.oauth import google as google_sign_in
from gateway.accounts.sealed import Sealer
from gateway.backends.base import Account, Backend, Outside
from gateway.backends.table import BACKENDS
from gateway.errors import UsageError
from gateway.model import RemoteCalendar
from gateway.store import accounts, jobs, principals
from gateway.store.accounts import AccountRow
from gateway.store.database import Connection, Database

# Settings that each kind needs; the others are the backend's own affair.
NEEDED: Final[Mapping[str, Sequence[str]]] = {
    "google": (),
    "outlook": (),
    "caldav": ("url",),
    "feed": (),
    "radicale": ("folder", "owner"),
    "local": (),
}
NEEDS_SECRET: Final = frozenset({"google", "outlook", "feed"})
PULL: Final = "pull"


def open_backend(
    db: Database, sealer: Sealer, outside: Outside, row: AccountRow, renewed: Callable[[str], None] = lambda _: None
) -> Backend:
    """The backend of an account. A secret that it renews is sealed and stored before it is used.

    renewed: told the new secret once it is stored.
    Raises: ConfigError if the key that sealed the secret is lost.
    """

    async def save(secret: str) -> None:
        await db.write(_keep_secret, row.id, sealer.seal(secret))
        renewed(secret)

    secret = "" if row.secret is None else sealer.open(row.secret)
    return BACKENDS[row.kind].connect(Account(row.settings, secret, save), outside)


class Connections:
    """Backends, opened once for each account as long as nothing about it changes: they know their tokens, and wait
    for each other where a sign-in is renewed.
    """

    def __init__(self, db: Database, sealer: Sealer, outside: Outside) -> None:
        self._db = db
        self._sealer = sealer
        self._outside = outside
        self._open: dict[int, tuple[str, Mapping[str, str], Backend]] = {}

    def backend(self, row: AccountRow) -> Backend:
        """Raises: ConfigError."""
        secret = "" if row.secret is None else self._sealer.open(row.secret)
        known = self._open.get(row.id)
        if known is not None and known[:2] == (secret, row.settings):
            return known[2]

        def renewed(fresh: str) -> None:
            self._open[row.id] = (fresh, row.settings, backend)

        backend = open_backend(self._db, self._sealer, self._outside, row, renewed)
        self._open[row.id] = (secret, row.settings, backend)
        return backend


def _keep_secret(conn: Connection, account: int, sealed: bytes) -> None:
    accounts.change(conn, account, secret=sealed)


def token_secret(kind: str, text: str, *, subject: str = "") -> str:
    """What is kept of a pasted token file.

    text: Google's authorized-user or service-account JSON, msal's token cache, {"refresh_token": …}, or a bare
        refresh token. subject: whose calendars a service account reads.
    Raises: UsageError.
    """
    stripped = text.strip()
    try:
        held: Any = json.loads(stripped)
    except ValueError:
        held = {"refresh_token": stripped}
    held = held if isinstance(held, dict) else {}
    if kind == "google" and held.get("type") == "service_account":
        return json.dumps({**held, "subject": subject} if subject else held)
    cached = kind == "outlook" and isinstance(held.get("RefreshToken"), dict) and held["RefreshToken"]
    bare = held.get("refresh_token")
    if not cached and (not isinstance(bare, str) or not bare or any(letter.isspace() for letter in bare)):
        wanted = "Google's authorized-user JSON" if kind == "google" else "msal's token cache or a refresh token"
        raise UsageError(f"this is no token file: {wanted} is needed")
    return json.dumps(held)


async def add_account(
    db: Database,
    sealer: Sealer,
    outside: Outside,
    *,
    user: int,
    kind: str,
    settings: Mapping[str, str],
    secret: str = "",
    displayname: str = "",
    now: int,
) -> int:
    """The account's id. Its calendars are listed with their defaults, and a pull of them is due.

    An account that is connected already gets the new secret and settings instead, and works again.
    secret: password, token JSON (token_secret), or the URL of a feed.
    Raises: UsageError, and whatever the provider's answer means: nothing was stored then.
    """
    missing = [name for name in NEEDED.get(kind, ()) if not settings.get(name)]
    if kind not in BACKENDS or missing or (kind in NEEDS_SECRET and not (secret or settings.get("url"))):
        raise UsageError(f"an account of kind {kind!r} cannot be added without {', '.join(missing) or 'a sign-in'}")
    renewed = [secret]

    async def keep(fresh: str) -> None:
        renewed.append(fresh)

    found: Sequence[RemoteCalendar] = ()
    if BACKENDS[kind].remote:
        found = await BACKENDS[kind].connect(Account(settings, secret, keep), outside).calendars()
        if not found:
            raise UsageError("this account has no calendars")
    else:
        found = [RemoteCalendar("main", displayname or "Calendar", writable=True, merged=True, busy=True)]
    sealed = sealer.seal(renewed[-1]) if renewed[-1] else None
    name = displayname or _name(kind, settings, found)
    return await db.write(_store, user, kind, name, settings, sealed, found, now)


def _store(
    conn: Connection,
    user: int,
    kind: str,
    displayname: str,
    settings: Mapping[str, str],
    sealed: bytes | None,
    found: Sequence[RemoteCalendar],
    now: int,
) -> int:
    known = _same_account(conn, user, kind, settings, found) if BACKENDS[kind].remote else None
    if known is None:
        account = accounts.add(conn, user, kind, displayname, settings, sealed, now)
        for calendar in found:
            accounts.add_calendar(conn, user, account, calendar)
    else:
        account = known
        accounts.change(conn, account, settings=dict(settings), secret=sealed, state="ok", error="", failures=0)
    if kind == "google":
        for calendar in found:
            if calendar.primary and "@" in calendar.id:  # the sign-in proves that the address is theirs
                principals.add_address(conn, user, calendar.id)
    if kind == "outlook" and settings.get("email"):  # told by the sign-in, or by the admin
        principals.add_address(conn, user, settings["email"])
    if kind == "outlook":  # whoever organizes under another address of theirs is still the owner
        mine = " ".join(sorted(principals.addresses(conn, user)))
        accounts.change(conn, account, settings={**settings, "addresses": mine})
    if BACKENDS[kind].remote:
        jobs.add(conn, PULL, f"account {account}", {"account": account, "listed": 0.0}, due=now, user=user)
    return account


def _same_account(
    conn: Connection, user: int, kind: str, settings: Mapping[str, str], found: Sequence[RemoteCalendar]
) -> int | None:
    """At a cloud the one with the same primary calendar; of addresses and folders, the one with the same settings."""
    primary = {calendar.id for calendar in found if calendar.primary}
    for row in accounts.of_user(conn, user):
        if row.kind != kind:
            continue
        held = {calendar.remote_id for calendar in accounts.account_calendars(conn, row.id)}
        named = "url" in settings or "folder" in settings
        if (dict(row.settings) == dict(settings)) if named else (primary & held):
            return row.id
    return None


def _name(kind: str, settings: Mapping[str, str], found: Sequence[RemoteCalendar]) -> str:
    primary = next((calendar for calendar in found if calendar.primary), found[0])
    if kind == "google" and "@" in primary.id:
        return primary.id
    return settings.get("email") or settings.get("username") or primary.displayname


async def revoke(sealer: Sealer, outside: Outside, row: AccountRow) -> None:
    """Ends the sign-in at the provider as well, where it can be ended; before the account is removed here."""
    if row.kind == "google" and row.secret is not None:
        await asyncio.to_thread(google_sign_in.revoke, outside.google, sealer.open(row.secret))
