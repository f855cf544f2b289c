"""Connects accounts at providers, and opens their backends."""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from gateway.accounts.oauth import google as google_sign_in
from gateway.accounts.sealed import Sealer
from gateway.accounts.ways import APP_ONLY, OF_SIGN_IN, SERVICE_ACCOUNT
from gateway.backends.base import Account, Backend, Outside, as_allowed, nobody
from gateway.backends.table import BACKENDS
from gateway.errors import OtherAccount, UsageError
from gateway.model import RemoteCalendar
from gateway.store import accounts, jobs, principals, service_keys
from gateway.store.accounts import AccountRow
from gateway.store.database import Connection, Database

# Settings that each kind needs; the others are the backend's own affair.
NEEDED: Final[Mapping[str, Sequence[str]]] = {
    "google": (),
    "outlook": (),
    "caldav": ("url",),
    "feed": (),
    "colleague": ("address", "through"),
    "radicale": ("folder", "owner"),
    "local": (),
}
NO_TOKENS: Final[Mapping[str, str]] = {
    "service_account": "it is the key of a service account, which --service-account and --subject are for",
    "installed": "it is Google's file of the client, not of somebody's sign-in; leave it out to sign in here",
    "web": "it is Google's file of the client, not of somebody's sign-in; leave it out to sign in here",
}
"""Files of Google's that are mistaken for a token file, by their type or their one key."""
NEEDS_SECRET: Final = frozenset({"google", "outlook", "feed"})
PULL: Final = "pull"
PUSH: Final = "push"


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
    pace = outside.pace(row.kind, row.id, row.settings.get("primary", ""))
    return BACKENDS[row.kind].connect(Account(row.settings, secret, save, pace), outside)


class Connections:
    """Backends, opened once for each account as long as nothing about it changes: they know their tokens, and wait
    for each other where a sign-in is renewed.

    most: of them kept; beyond, those that rested longest are opened again when they are needed.
    """

    def __init__(self, db: Database, sealer: Sealer, outside: Outside, most: int = 500) -> None:
        self._db = db
        self._sealer = sealer
        self._outside = outside
        self._most = most
        self._open: dict[int, tuple[str, Mapping[str, str], Backend]] = {}  # the one used last comes last

    def backend(self, row: AccountRow) -> Backend:
        """Raises: ConfigError."""
        secret = "" if row.secret is None else self._sealer.open(row.secret)
        known = self._open.get(row.id)
        if known is not None and known[:2] == (secret, row.settings):
            self._keep(row.id, known)
            return known[2]

        def renewed(fresh: str) -> None:
            self._keep(row.id, (fresh, row.settings, backend))

        backend = open_backend(self._db, self._sealer, self._outside, row, renewed)
        self._keep(row.id, (secret, row.settings, backend))
        return backend

    def _keep(self, account: int, opened: tuple[str, Mapping[str, str], Backend]) -> None:
        self._open.pop(account, None)
        self._open[account] = opened
        if len(self._open) > self._most:
            del self._open[next(iter(self._open))]


async def backend_through(db: Database, connections: Connections, account: int) -> Backend:
    """The backend of an account that another one's busy time is asked through. Raises: RefusedByProvider."""
    row = await db.read(accounts.get, account)
    return await nobody(account) if row is None else connections.backend(row)


def _keep_secret(conn: Connection, account: int, sealed: bytes) -> None:
    accounts.change(conn, account, secret=sealed)


def token_secret(kind: str, text: str) -> str:
    """What is kept of a pasted token file.

    text: Google's authorized-user JSON, msal's token cache, {"refresh_token": …}, or a bare refresh token.
    Raises: UsageError, which names what the text is instead where that can be seen.
    """
    stripped = text.strip()
    try:
        held: Any = json.loads(stripped)
    except ValueError:
        held = {"refresh_token": stripped}
    held = held if isinstance(held, dict) else {}
    for other, words in NO_TOKENS.items():
        if kind == "google" and (held.get("type") == other or other in held):
            raise UsageError(f"this is no token file: {words}")
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
    user: int | Callable[[Connection], int],
    kind: str,
    settings: Mapping[str, str],
    secret: str = "",
    displayname: str = "",
    expected: int | None = None,
    now: int,
) -> int:
    """The account's id. Its calendars are listed with their defaults, and a pull of them is due.

    An account that is connected already gets the new secret and settings instead, and works again: what its owner
    chose stays, and what waits to be told to the provider is due.
    user: their id, or what makes them in the same transaction. secret: password, token JSON (token_secret), the URL of
    a feed, or the key of a service account; of the latter there is one for all its accounts. expected: the account
    that this should be.
    Raises: UsageError, OtherAccount, and whatever the provider's answer means: nothing was stored then.
    """
    missing = [name for name in NEEDED.get(kind, ()) if not settings.get(name)]
    unsigned = kind in NEEDS_SECRET and not (secret or settings.get("url") or settings.get("sign_in") == APP_ONLY)
    if kind not in BACKENDS or missing or unsigned:
        raise UsageError(f"an account of kind {kind!r} cannot be added without {', '.join(missing) or 'a sign-in'}")
    renewed = [secret]

    async def keep(fresh: str) -> None:
        renewed.append(fresh)

    found: Sequence[RemoteCalendar] = ()
    if BACKENDS[kind].remote:
        account = Account(settings, secret, keep, outside.pace(kind, None, ""))
        found = await BACKENDS[kind].connect(account, outside).calendars()
        if not found:
            raise UsageError("this account has no calendars")
    else:
        found = [RemoteCalendar("main", displayname or "Calendar", writable=True, merged=True, busy=True)]
    sealed = sealer.seal(renewed[-1]) if renewed[-1] else None
    name = displayname or _name(kind, settings, found)
    shown = Shown(kind, name, settings, as_allowed(settings, found))

    def store(conn: Connection) -> int:
        person = user if isinstance(user, int) else user(conn)
        return _store(conn, person, shown, sealed, now, expected)

    return await db.write(store)


@dataclass(frozen=True, slots=True)
class Shown:
    """An account as its provider shows it to a new sign-in."""

    kind: str
    displayname: str
    settings: Mapping[str, str]
    calendars: Sequence[RemoteCalendar]

    @property
    def primary(self) -> RemoteCalendar | None:
        return next((calendar for calendar in self.calendars if calendar.primary), None)


def _store(conn: Connection, user: int, shown: Shown, sealed: bytes | None, now: int, expected: int | None) -> int:
    known = _same_account(conn, user, shown) if BACKENDS[shown.kind].remote else None
    if expected is not None and (known is None or known.id != expected):
        reason = f"{shown.displayname} is another account than the one to be signed in again; nothing was changed"
        raise OtherAccount(reason, shown.displayname, known=known is not None)
    settings = dict(shown.settings) | ({} if shown.primary is None else {"primary": shown.primary.id})
    if known is None:
        account = accounts.add(conn, user, shown.kind, shown.displayname, settings, sealed, now)
        outside = principals.by_id(conn, user).is_outside  # of them nothing else is asked than when they are busy
        for calendar in shown.calendars:
            accounts.add_calendar(conn, user, account, replace(calendar, busy=calendar.busy or outside))
    else:
        account = known.id
        _renew(conn, known, shown, settings, sealed, now)
    _share_key(conn, account, shown, sealed, now)
    _learn_addresses(conn, user, account, shown)
    if BACKENDS[shown.kind].remote:
        jobs.add(conn, PULL, f"account {account}", {"account": account, "listed": 0.0}, due=now, user=user)
    return account


def _renew(
    conn: Connection, known: AccountRow, shown: Shown, settings: Mapping[str, str], sealed: bytes | None, now: int
) -> None:
    """A new sign-in of the same account. What it may do counts at once, its calendars' names with the next listing."""
    kept = {key: value for key, value in known.settings.items() if key not in OF_SIGN_IN}
    values = {"state": "ok", "trouble": "", "error": "", "failures": 0}
    accounts.change(conn, known.id, settings={**kept, **settings}, secret=sealed, **values)
    writable = {calendar.id: calendar.writable for calendar in shown.calendars}
    for row in accounts.account_calendars(conn, known.id):
        if writable.get(row.remote_id, row.writable) != row.writable:
            accounts.change_calendar(conn, row.id, writable=not row.writable)
    jobs.hasten(conn, PUSH, known.user_id, due=now)


def _share_key(conn: Connection, account: int, shown: Shown, sealed: bytes | None, now: int) -> None:
    """What a service account opens has no secret of its own."""
    if shown.settings.get("sign_in") == SERVICE_ACCOUNT and sealed is not None:
        key = service_keys.put(conn, shown.settings["service_account"], sealed, now)
        accounts.change(conn, account, secret=None, service_key=key)
    else:
        accounts.change(conn, account, service_key=None)
    service_keys.drop_unused(conn)


def _learn_addresses(conn: Connection, user: int, account: int, shown: Shown) -> None:
    primary = shown.primary
    if shown.kind == "google" and primary is not None and "@" in primary.id:  # the sign-in proves that it is theirs
        principals.add_address(conn, user, primary.id)
    if shown.kind != "outlook":
        return
    if shown.settings.get("email"):  # told by the sign-in, or by the admin
        principals.add_address(conn, user, shown.settings["email"])
    # Whoever organizes under another address of theirs is still the owner.
    row = accounts.get(conn, account)
    if row is not None:
        mine = " ".join(sorted(principals.addresses(conn, user)))
        accounts.change(conn, account, settings={**row.settings, "addresses": mine})


def _same_account(conn: Connection, user: int, shown: Shown) -> AccountRow | None:
    """At a cloud the one with the same primary calendar; of addresses and folders, the one with the same settings.

    That a calendar is merely among those of an account says nothing: another person's own may be shared with it.
    """
    named = not shown.settings.keys().isdisjoint({"url", "folder", "through"})
    for row in accounts.of_user(conn, user):
        if row.kind != shown.kind:
            continue
        if named and all(row.settings.get(key) == value for key, value in shown.settings.items()):
            return row
        if not named and shown.primary is not None and row.settings.get("primary") == shown.primary.id:
            return row
    return None


def _name(kind: str, settings: Mapping[str, str], found: Sequence[RemoteCalendar]) -> str:
    primary = next((calendar for calendar in found if calendar.primary), found[0])
    if kind == "google" and "@" in primary.id:
        return primary.id
    return settings.get("email") or settings.get("username") or primary.displayname


async def revoke(db: Database, sealer: Sealer, outside: Outside, row: AccountRow) -> bool:
    """Ends the sign-in at the provider as well, once the account is removed here; whether it is ended there.

    Left alone where the same account is connected by somebody else here: at Google, all sign-ins of one person with
    one client end together.
    """
    if row.kind != "google" or row.secret is None or await db.read(_also_elsewhere, row):
        return False
    return await asyncio.to_thread(google_sign_in.revoke, outside.google, sealer.open(row.secret))


def _also_elsewhere(conn: Connection, row: AccountRow) -> bool:
    mine = row.settings.get("primary")
    return any(
        other.id != row.id and other.kind == row.kind and other.settings.get("primary") == mine
        for other in accounts.everyone(conn)
    )
